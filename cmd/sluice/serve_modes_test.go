package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/live"
	"sluice/loop/trust"
)

// swinging is a market whose price changes every twenty minutes between one at
// which every machine earns and one at which none does.
func swinging() string {
	var b strings.Builder
	b.WriteString("time,price\n")
	begin := time.Date(2025, 7, 20, 0, 0, 0, 0, time.UTC)
	for i := range 20 * 288 {
		price := 10
		if i/4%2 == 1 {
			price = 900
		}
		fmt.Fprintf(&b, "%s,%d\n", begin.Add(time.Duration(i)*5*time.Minute).Format(time.RFC3339), price)
	}
	return b.String()
}

// serveThroughModes takes a site through all stages of trust, two people a step, on a
// trial whose waits are a twenty-thousandth; and down again by one. Until a stage
// may move machines none is moved.
func serveThroughModes(t *testing.T) {
	t.Helper()
	y := newYard(t, lot{network: 74, miners: 24, limit: 200_000, speed: 2000, change: map[string]string{"poll_seconds: 10": "poll_seconds: 60", "shed_seconds: 60": "shed_seconds: 600"}})
	s := y.serve(t, 120, "--trial", "20000", "--prices", write(t, "prices.csv", swinging()), "--currency", "USD")
	y.no(t, "sluice control status shows", "approve", "1", "--by", "ben")
	y.no(t, "has not shown enough yet", "promote", "--by", "ann", "--reason", "a try")
	for _, stage := range []trust.Stage{trust.Shadow, trust.Advisory, trust.ClosedRack, trust.ClosedFive, trust.ClosedQuarter, trust.ClosedAll} {
		y.promoted(t, stage)
		if stage == trust.Advisory {
			y.advised(t)
		}
	}
	st := y.until(t, "everything is entrusted", 10*time.Second, func(s live.Status) bool { return s.Trusted == 24 })
	if len(st.Mode.Eased) == 0 || st.Shadow.Intervals == 0 || st.Shadow.Margin == 0 {
		t.Errorf("eased %v, shadow %+v", st.Mode.Eased, st.Shadow)
	}
	code, out, _ := call(t, "control", "status", "--data", y.data)
	for _, want := range []string{"mode: closed_all, 24 of 24", "asked less for than usual", "would have earned"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	y.say(t, "demote", "--by", "ann")
	y.until(t, "one person takes it down", 2*time.Second, func(s live.Status) bool { return s.Mode.Stage == trust.Advisory && s.Trusted == 0 })
	y.no(t, "not below", "demote", "--by", "ann", "--stage", "closed_25")
	y.say(t, "demote", "--by", "ann", "--stage", "observe")
	if code := s.end(); code != exitOK {
		t.Errorf("ended with %d", code)
	}
	s = y.serve(t, 120, "--trial", "20000", "--prices", write(t, "prices.csv", swinging()), "--currency", "USD")
	if st := y.status(t); st.Mode.Stage != trust.Observe || st.Trusted != 0 {
		t.Errorf("after a restart the stage is %s, %d machines are entrusted", st.Mode.Stage, st.Trusted)
	}
	if code := s.end(); code != exitOK {
		t.Errorf("ended with %d", code)
	}
}

// promoted waits until a stage may be entered, and lets two people do it.
func (y *yard) promoted(t *testing.T, to trust.Stage) {
	t.Helper()
	st := y.until(t, "ready for "+string(to), time.Minute, func(s live.Status) bool { return s.Mode.Next == to && s.Mode.Ready })
	if !to.Closed() && st.Orders.Orders > 0 {
		t.Errorf("%d orders were sent before %s", st.Orders.Orders, to)
	}
	y.no(t, "--reason", "promote", "--by", "ann")
	y.say(t, "promote", "--by", "ann", "--reason", "it has shown enough")
	n := y.status(t).Mode.Requests
	if len(n) != 1 {
		t.Fatalf("%d requests are open: %+v", len(n), n)
	}
	number := strconv.FormatInt(n[0].Number, 10)
	y.no(t, "somebody else", "approve", number, "--by", "Ann ")
	y.say(t, "approve", number, "--by", "ben")
	if got := y.status(t).Mode.Stage; got != to {
		t.Fatalf("the stage is %s, want %s", got, to)
	}
}

// advised accepts the first recommendation.
func (y *yard) advised(t *testing.T) {
	t.Helper()
	var number int64
	y.until(t, "a recommendation", time.Minute, func(s live.Status) bool {
		for _, r := range s.Mode.Advice {
			if r.State == trust.Open {
				number = r.Number
				return true
			}
		}
		return false
	})
	y.say(t, "accept", strconv.FormatInt(number, 10), "--by", "ann")
	y.until(t, "a recommendation is followed", 20*time.Second, func(s live.Status) bool { return s.Orders.Orders > 0 })
}
