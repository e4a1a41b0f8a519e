package verify

import (
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

func TestReconcile(t *testing.T) {
	t.Parallel()
	const ph = unit.Petahash
	is := func(h unit.Hashrate) Way { return Way{h, true} }
	for sentence, c := range map[string]struct {
		device, pool, energy Way
		shares, target       int64
		want                 Code
	}{
		"all agree":                               {is(100 * ph), is(99 * ph), is(101 * ph), 20_000, 0, ""},
		"the device states more than both":        {is(110 * ph), is(100 * ph), is(101 * ph), 20_000, 0, LyingMiner},
		"the pool credits less than both":         {is(100 * ph), is(95 * ph), is(101 * ph), 20_000, 0, Redirected},
		"the pool credits more than both":         {is(100 * ph), is(106 * ph), is(101 * ph), 20_000, 0, Overpaid},
		"the meter is off":                        {is(100 * ph), is(99 * ph), is(80 * ph), 20_000, 0, EnergyOdd},
		"no two agree":                            {is(100 * ph), is(80 * ph), is(60 * ph), 20_000, 0, NoTwoAgree},
		"5 % with few shares is luck":             {is(100 * ph), is(95 * ph), is(100 * ph), 1000, 0, ""},
		"20 % with a thousand shares is not":      {is(100 * ph), is(80 * ph), is(100 * ph), 1000, 0, Redirected},
		"only device and energy, they differ":     {is(110 * ph), Way{}, is(100 * ph), 0, 0, LyingMiner},
		"only energy and pool":                    {Way{}, is(90 * ph), is(100 * ph), 20_000, 0, Redirected},
		"one way tells nothing":                   {is(100 * ph), Way{}, Way{}, 0, 0, ""},
		"a dev fee of 2.8 % is within three":      {is(1000 * ph), is(972 * ph), is(1000 * ph), 200_000, 0, ""},
		"all work goes elsewhere":                 {is(100 * ph), is(0), is(100 * ph), 0, 0, PoolSilent},
		"the same, shares are known":              {is(100 * ph), is(0), is(100 * ph), 0, 4_000_000, PoolSilent},
		"none yet, at a difficulty that explains": {is(100_000), is(0), is(100_000), 0, 1 << 40, ""},
		"asleep": {is(0), is(0), is(0), 0, 0, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m, err := Reconcile(Ways{Window: time.Hour, Device: c.device, Pool: c.pool, Energy: c.energy, Shares: c.shares, Target: c.target})
			if err != nil {
				t.Fatal(err)
			}
			var got Code
			if len(m.Findings) > 0 {
				got = m.Findings[0].Code
			}
			if got != c.want {
				t.Errorf("found %q in %+v, want %q", got, m.Pairs, c.want)
			}
		})
	}
	for _, x := range []Ways{{}, {Window: time.Hour, Shares: -1}, {Window: time.Hour, Device: is(-1)}} {
		if _, err := Reconcile(x); err == nil {
			t.Errorf("%+v is taken", x)
		}
	}
}

// TestWorkedWays recomputes docs/formula/verify.md.
func TestWorkedWays(t *testing.T) {
	t.Parallel()
	if h, err := Credited(83_819_032, time.Hour); err != nil || h != 100_000 {
		t.Errorf("%d GH/s, %v", h, err)
	}
	if h, err := FromEnergy(3500, 17_500); err != nil || h != 200_000 {
		t.Errorf("%d GH/s, %v", h, err)
	}
	for n, want := range map[int64]unit.Ratio{17_778: 30_000, 20_000: 30_000, 1000: 126_492, 100: 400_000, 0: noLimit} {
		x := Ways{Window: time.Hour, Shares: n}
		if got := x.limit(Way{}); got != want {
			t.Errorf("%d shares may differ by %d, want %d", n, got, want)
		}
	}
	for _, bad := range []func() error{
		func() error { _, err := Credited(1, 0); return err },
		func() error { _, err := Credited(-1, time.Hour); return err },
		func() error { _, err := FromEnergy(1, 0); return err },
	} {
		if bad() == nil {
			t.Error("no error")
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		cause          cycle.Cause
		planned, drawn unit.Power
		odd            unit.Power
		want           cycle.Cause
	}{
		"more, and load is hidden":       {cycle.RampingDown, 3 * mw, 4 * mw, 900_000, cycle.Unexplained},
		"more, a little is hidden":       {cycle.RampingDown, 3 * mw, 4 * mw, 300_000, cycle.RampingDown},
		"less, and load is missing":      {cycle.EquipmentOut, 4 * mw, 3 * mw, -mw, cycle.Unexplained},
		"less, and load is hidden":       {cycle.EquipmentOut, 4 * mw, 3 * mw, mw, cycle.EquipmentOut},
		"an order not taken explains it": {cycle.OrderNotTaken, 3 * mw, 4 * mw, mw, cycle.OrderNotTaken},
		"as planned stays as planned":    {cycle.AsPlanned, 4 * mw, 4 * mw, mw, cycle.AsPlanned},
		"within the class of the meters": {cycle.RampingDown, 4 * mw, 4_030_000, 30_000, cycle.RampingDown},
		"of another use":                 {cycle.RampingDown, 3 * mw, 4 * mw, 0, cycle.RampingDown},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			d := cycle.Delivery{Length: quarter, Uses: []cycle.UseDelivery{{Use: "a", Planned: c.planned.Over(quarter), IT: c.drawn.Over(quarter), Cause: c.cause}}}
			got := Explain(d, []Doubt{{Use: "b", Unexplained: mw}, {Use: "a", Unexplained: c.odd}})
			if got.Uses[0].Cause != c.want || d.Uses[0].Cause != c.cause {
				t.Errorf("cause %q, want %q; the paper given says %q", got.Uses[0].Cause, c.want, d.Uses[0].Cause)
			}
		})
	}
}
