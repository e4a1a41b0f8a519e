package live

import (
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

// TestIntervalsAfterAHole: an interval that cannot be settled does not keep those
// after it from being settled.
func TestIntervalsAfterAHole(t *testing.T) {
	t.Parallel()
	bill, err := power.NewBill(power.Contracts{Spot: &power.Spot{Zone: "Z"}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	const step = 15 * time.Minute
	for _, x := range []struct {
		after  int // intervals
		length time.Duration
		says   string
	}{{0, step, ""}, {1, 2 * step, "tell of 30m0s together"}, {3, step, ""}, {4, step, ""}, {3, step, "up to which it is settled"}} {
		d := cycle.Delivery{Head: cycle.Head{At: at.Add(time.Duration(x.after) * step)}, Length: x.length, Import: unit.MegawattHour}
		e, err := post(d, settle.Prices{Currency: "USD", Spot: 40 * unit.PerMWh, Priced: true}, bill, step)
		switch {
		case x.says != "":
			if err == nil || !strings.Contains(err.Error(), x.says) {
				t.Errorf("interval %d: %v, want %q", x.after, err, x.says)
			}
		case err != nil || settle.Sum(e, books.PowerEnergy) != 40*unit.Unit:
			t.Errorf("interval %d: %+v, %v", x.after, e, err)
		}
	}
	if got := bill.Total(); got != -120*unit.Unit || bill.Lines()[0].Period != series.MonthOf(at, time.UTC) {
		t.Errorf("billed %v", got)
	}
}
