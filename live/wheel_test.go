package live

import (
	"fmt"
	"testing"
	"time"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/forecast"
	"sluice/loop/observe"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use/mining"
)

// turner turns the real wheel for a hall, on prices that step.
type turner struct {
	h     *hall
	wheel *loop.Wheel
	price func(at time.Time) unit.Price
	last  *cycle.Plan
}

// step is how often it turns.
const wheelStep = 5 * time.Minute

func newTurner(t *testing.T, h *hall, price func(time.Time) unit.Price) *turner {
	t.Helper()
	contracts := power.Contracts{Spot: &power.Spot{Zone: "SE1"}}
	bill, err := power.NewBill(contracts, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := forecast.New(forecast.Config{Step: wheelStep, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	w, err := loop.New(loop.Config{
		Site: h.config.Site, Contracts: contracts, Rigs: h.config.Rigs, Step: wheelStep, Horizon: 2 * time.Hour, Fine: 2 * time.Hour,
		Desk: desk, Market: dispatch.New(nil, solve.Options{}), Bill: bill,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &turner{h: h, wheel: w, price: price}
}

// turn plans the interval that begins now and shares the plan out.
func (x *turner) turn(t *testing.T) {
	t.Helper()
	h := x.h
	all := func(int) bool { return true }
	network := mining.Network{Day: h.now, Price: 100_000 * unit.Unit, Difficulty: 120_000_000_000_000, Reward: 315_000_000}
	f := loop.Facts{Facts: observe.Facts{
		Spot:      cycle.Reading[unit.Price]{Value: x.price(h.now), Known: true, At: h.now.Add(-wheelStep), Source: "virtual"},
		Hashprice: cycle.Reading[unit.Hashprice]{Value: network.Hashprice(), Known: true, At: h.now, Source: "virtual"},
		Uses:      h.core.Uses(all),
	}, Firm: h.core.Firm(all)}
	for at := h.now; at.Before(h.now.Add(2 * time.Hour)); at = at.Add(wheelStep) {
		f.Ahead = append(f.Ahead, loop.Priced{At: series.Interval{Start: at, Length: wheelStep}, Price: x.price(at)})
	}
	done, err := x.wheel.Open(t.Context(), h.now, f)
	if err != nil {
		t.Fatal(err)
	}
	x.last = &done.Plan
	h.tell(Wished{Number: done.Plan.Turn << 16, Until: h.now.Add(2 * wheelStep), Target: h.core.Targets(done.Plan, all)})
}

// planned is what the plan expects at the meter now.
func (x *turner) planned() unit.Power {
	sum := x.last.MustRun
	for _, u := range x.last.Uses {
		sum += u.Meter[0]
	}
	return sum
}

// TestFollowsPrices: the wheel itself plans on prices that step, and the meter
// comes to what it planned within 1 % or one machine.
func TestFollowsPrices(t *testing.T) {
	t.Parallel()
	p, _ := trackers(t)
	if !testing.Short() {
		for i := range p.each {
			p.each[i] /= 4
		}
		p.limit, p.rest = p.limit/4, p.rest/4
	}
	h := p.build(t)
	h.pass(time.Minute)
	var price int64
	x := newTurner(t, h, func(time.Time) unit.Price { return unit.Price(price) * unit.PerMWh })
	run := func(d time.Duration) {
		for end := h.now.Add(d); h.now.Before(end); {
			h.now = h.now.Truncate(time.Second)
			h.passUntil(h.now.Truncate(wheelStep).Add(wheelStep))
			x.turn(t)
		}
	}
	levels := map[string]bool{}
	for _, price = range []int64{30, 62, 75, 95, 40, 500, 55} {
		run(30 * time.Minute)
		want, got := x.planned(), unit.Power(0)
		for range 10 {
			h.pass(20 * time.Second)
			got += h.site() / 10
		}
		miss := got - want
		t.Logf("at %3d per MWh: planned %6.3f MW, meter %6.3f MW, off by %+5.1f kW; %s", price, float64(want)/1e6, float64(got)/1e6, float64(miss)/1e3, h.stand())
		if max(miss, -miss) > max(want/100, unit.Power(3510*h.pue)) {
			t.Errorf("at %d the plan is %v and the meter shows %v", price, want, got)
		}
		levels[fmt.Sprintf("%.1f", float64(want)/float64(p.limit))] = true
	}
	if len(levels) < 4 {
		t.Errorf("prices from 30 to 500 led to %v of the limit only: the test shows nothing", levels)
	}
}
