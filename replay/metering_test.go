package replay

import (
	"testing"
	"time"

	"sluice/unit"
	"sluice/use/hosting/meter"
)

// TestHallsAreMetered: what the meters of a hall count is what its tenants were served and
// what the hall drew, without a hole, also over the end of a month.
func TestHallsAreMetered(t *testing.T) {
	t.Parallel()
	long(t)
	s := halled(t, "2025-04-30T23:00", "2025-05-01T01:00")
	o := options(t, 1)
	seconds, at := map[string]int64{}, s.From.Unix()
	var drawn, it unit.Energy
	o.Metering = Metering{Every: 30 * time.Minute, Take: func(in meter.Interval) error {
		if in.Span.From != at || in.Span.Seconds() != 1800 {
			t.Errorf("from %d to %d, want half an hour from %d", in.Span.From, in.Span.To, at)
		}
		at = in.Span.To
		a, err := meter.Attribute(in)
		for _, u := range a.Usage() {
			if u.Measure == meter.GPUSeconds {
				seconds[u.Contract] += u.Quantity
			}
		}
		e, _ := in.Meter.Energy()
		o, _ := in.Overhead[0].Energy()
		drawn, it = drawn+e, it+e-o
		return err
	}}
	played, _ := ran(t, s, o)
	if at != s.From.Add(2*time.Hour).Unix() {
		t.Errorf("metered until %d", at)
	}
	for use, one := range played.sluice.tenants {
		if got := seconds[use[len("hosting/"):]]; got != one.counts.Served {
			t.Errorf("%s: %d GPU-seconds were metered, %d were served", use, got, one.counts.Served)
		}
	}
	if seconds["train"] == 0 || seconds["serve"] == 0 {
		t.Errorf("metered: %v", seconds)
	}
	if it <= 0 || drawn <= it || drawn > it*2 {
		t.Errorf("the hall drew %d J, its machines %d", drawn, it)
	}
}

func TestMeteringThatDoesNotFit(t *testing.T) {
	t.Parallel()
	take := func(meter.Interval) error { return nil }
	for every, fits := range map[time.Duration]bool{15 * time.Minute: true, time.Hour: true, 24 * time.Hour: true, 0: false, 5 * time.Minute: false, 20 * time.Minute: false, 25 * time.Hour: false} {
		if err := (Metering{every, take}).validate(15 * time.Minute); (err == nil) != fits {
			t.Errorf("every %s: %v", every, err)
		}
	}
}
