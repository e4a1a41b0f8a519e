package dispatch

import (
	"context"
	"sync"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

const mw = unit.Megawatt

// at is the start of every plan in these tests.
var at = time.Date(2025, 1, 6, 6, 0, 0, 0, time.UTC)

// hourly is a plan of n hours.
func hourly(n int) series.Mesh {
	m := series.Mesh{Start: at}
	for range n {
		m.Lengths = append(m.Lengths, time.Hour)
	}
	return m
}

func dollars(f float64) unit.Price { return unit.Price(unit.FromFloat(f)) }

func prices(fs ...float64) series.Profile[unit.Price] {
	var out series.Profile[unit.Price]
	for _, f := range fs {
		out = append(out, dollars(f))
	}
	return out
}

// bid wants p megawatts at a worth, at PUE 1, all available.
func bid(name string, p unit.Power, worth float64) use.Bid {
	return use.Bid{
		Use: name, Steps: []use.Step{{Power: p, Worth: prices(worth)}},
		PUE: series.Flat(unit.One), Available: series.Flat(unit.One),
	}
}

func spot(most unit.Power, ps ...float64) power.Offer {
	return power.Offer{Source: "spot", Kind: power.KindSpot, Max: series.Flat(most), Price: prices(ps...)}
}

func input(n int, limit unit.Power, offers []power.Offer, bids ...use.Bid) Input {
	return Input{
		Head: cycle.Head{Version: cycle.Version, Site: "test", At: at}, Mesh: hourly(n), Offers: offers, Bids: bids,
		Limit: power.Limit{Import: series.Flat(limit)},
	}
}

// engine is compiled once for all tests of the package.
var engine = sync.OnceValues(func() (*solve.Engine, error) {
	start := time.Now()
	return solve.New(context.Background(), solve.Config{Now: func() time.Duration { return time.Since(start) }})
})

// newTestMarket returns a market on the real solver.
func newTestMarket(t *testing.T) *Market {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	i, err := e.Instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return New(i, solve.Options{})
}

func clearing(t *testing.T, m *Market, in Input) cycle.Plan {
	t.Helper()
	p, err := m.Clear(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMeritAndPrice is vector V1: the bids are served by worth and the first
// refused bid sets the site's price.
func TestMeritAndPrice(t *testing.T) {
	m := newTestMarket(t)
	for name, m := range map[string]*Market{"solver": m, "merit order": New(nil, solve.Options{})} {
		in := input(1, 10*mw, []power.Offer{spot(10*mw, 50)}, bid("a", 6*mw, 97), bid("b", 4*mw, 77), bid("c", 2*mw, 60), bid("g", 3*mw, 300))
		p := clearing(t, m, in)
		for i, want := range []unit.Power{6 * mw, 1 * mw, 0, 3 * mw} {
			if got := p.Uses[i].Draw[0]; got != want {
				t.Errorf("%s: %s draws %v, want %v", name, p.Uses[i].Use, got, want)
			}
		}
		if name == "solver" {
			if p.Price[0] < dollars(76.99) || p.Price[0] > dollars(77.01) {
				t.Errorf("site price %v, want 77", p.Price[0])
			}
			if p.Reasons[2].Code != cycle.ConnectionLimit || p.Reasons[3].Code != cycle.Worthwhile {
				t.Errorf("reasons %s and %s", p.Reasons[2].Code, p.Reasons[3].Code)
			}
		} else if p.Solver.Fallback == "" {
			t.Error("merit order does not say that it stood in")
		}
	}
}

// TestIncurredPeak is vector V2: the peak already incurred decides whether a
// day's margin is weighed against a whole month's charge.
func TestIncurredPeak(t *testing.T) {
	m := newTestMarket(t)
	for _, c := range []struct{ incurred, draw unit.Power }{{0, 0}, {4 * mw, 4 * mw}, {10 * mw, 10 * mw}} {
		in := input(24, 10*mw, []power.Offer{spot(10*mw, 20)}, bid("mine", 10*mw, 60))
		k := power.Peak{Rule: "demand", Rate: unit.DemandRate(9000 * int64(unit.Unit)), Incurred: c.incurred}
		for t := range 24 {
			k.Measures = append(k.Measures, power.Measure{Start: at.Add(time.Duration(t) * time.Hour), Length: time.Hour, Parts: []power.Part{{Interval: t, Length: time.Hour}}})
		}
		in.Charges.Peaks = []power.Peak{k}
		m.Forget()
		p := clearing(t, m, in)
		if p.Uses[0].Draw[0] != c.draw {
			t.Errorf("incurred %v: draws %v, want %v", c.incurred, p.Uses[0].Draw[0], c.draw)
		}
		if c.draw < 10*mw && p.Reasons[0].Code != cycle.PeakCharge {
			t.Errorf("incurred %v: reason %s", c.incurred, p.Reasons[0].Code)
		}
	}
}

// TestRestart is vector V7: margins +20 -5 -5 +20 +20 +20 on 10 MW; a start at
// 80 is worth stopping for, one at 120 is not. The share of machines and the
// whole block decide alike.
func TestRestart(t *testing.T) {
	m := newTestMarket(t)
	for name, c := range map[string]struct {
		wear  float64
		whole bool
		off   unit.Power
	}{
		"cheap start":                {8, false, 0},
		"dear start":                 {12, false, 10 * mw},
		"cheap start of whole block": {8, true, 0},
		"dear start of whole block":  {12, true, 10 * mw},
	} {
		b := bid("mine", 10*mw, 60)
		b.Wear, b.Whole = unit.Amount(unit.FromFloat(c.wear)), c.whole
		b.Now = use.State{On: 10 * mw, Draw: 10 * mw, Since: at.Add(-48 * time.Hour)}
		m.Forget()
		p := clearing(t, m, input(6, 20*mw, []power.Offer{spot(20*mw, 40, 65, 65, 40, 40, 40)}, b))
		want := []unit.Power{10 * mw, c.off, c.off, 10 * mw, 10 * mw, 10 * mw}
		for i, w := range want {
			if p.Uses[0].Draw[i] != w {
				t.Errorf("%s: interval %d draws %v, want %v", name, i, p.Uses[0].Draw[i], w)
			}
		}
		if p.Solver.Fallback != "" {
			t.Errorf("%s: %s", name, p.Solver.Fallback)
		}
	}
}

// TestSellBack is the check of docs/formula/tariff.md: a bought block is sold
// when the market pays more than the use, whatever the block cost.
func TestSellBack(t *testing.T) {
	m := newTestMarket(t)
	for lmp, want := range map[float64]unit.Power{80: 0, 50: 10 * mw} {
		block := power.Offer{Source: "ppa/block", Kind: power.KindBlock, Max: series.Flat(10 * mw), Price: prices(0), SellBack: prices(lmp), Sunk: true}
		m.Forget()
		p := clearing(t, m, input(1, 20*mw, []power.Offer{spot(20*mw, lmp), block}, bid("mine", 10*mw, 70)))
		if p.Uses[0].Draw[0] != want || p.Supply[1].Sold[0] != 10*mw-p.Supply[1].Power[0] {
			t.Errorf("at %v: draws %v, sells %v", lmp, p.Uses[0].Draw[0], p.Supply[1].Sold[0])
		}
	}
}

// TestMustRunBeyondInstruction shows that an instruction below the house load
// is missed by name, not by failure, and that the fleet is off.
func TestMustRunBeyondInstruction(t *testing.T) {
	m := newTestMarket(t)
	in := input(1, 1*mw, []power.Offer{spot(20*mw, 30)}, bid("mine", 10*mw, 70))
	in.MustRun, in.Limit.Rating, in.Limit.Ordered = 2*mw, 20*mw, true
	p := clearing(t, m, in)
	if len(p.Flags) != 1 || p.Flags[0].Code != cycle.OrderMiss || p.Flags[0].Power != 1*mw {
		t.Errorf("flags %+v", p.Flags)
	}
	if p.Uses[0].Draw[0] != 0 || p.Supply[0].Power[0] != 2*mw {
		t.Errorf("draws %v, imports %v", p.Uses[0].Draw[0], p.Supply[0].Power[0])
	}
}
