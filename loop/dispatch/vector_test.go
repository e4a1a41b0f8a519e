package dispatch

import (
	"context"
	"math"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// TestWorthOfVectors compares the worth of whole plans with the vectors of
// docs/formula/dispatch.md.
func TestWorthOfVectors(t *testing.T) {
	m := newTestMarket(t)
	v1 := input(1, 10*mw, []power.Offer{spot(10*mw, 50)}, bid("a", 6*mw, 97), bid("b", 4*mw, 77), bid("c", 2*mw, 60), bid("g", 3*mw, 300))
	v2 := func(incurred unit.Power) Input {
		in := input(24, 10*mw, []power.Offer{spot(10*mw, 20)}, bid("mine", 10*mw, 60))
		p := power.Peak{Rule: "demand", Rate: unit.DemandRate(9000 * int64(unit.Unit)), Incurred: incurred}
		for t, i := range in.Mesh.Intervals() {
			p.Measures = append(p.Measures, power.Measure{Start: i.Start, Length: i.Length, Parts: []power.Part{{Interval: t, Length: i.Length}}})
		}
		in.Charges.Peaks = []power.Peak{p}
		return in
	}
	v7 := func(wear float64, whole bool) Input {
		b := bid("mine", 10*mw, 60)
		b.Wear, b.Whole, b.Now = unit.Amount(unit.FromFloat(wear)), whole, use.State{On: 10 * mw, Draw: 10 * mw}
		return input(6, 20*mw, []power.Offer{spot(20*mw, 40, 65, 65, 40, 40, 40)}, b)
	}
	// A process of 2 to 10 MW or nothing: 2 MW that run whole, 8 more on top.
	v8 := func(worth float64) Input {
		b := bid("electrolyser", 2*mw, worth)
		b.Steps = append(b.Steps, use.Step{Power: 8 * mw, Worth: prices(worth)})
		b.Whole = true
		return input(1, 20*mw, []power.Offer{spot(20*mw, 50)}, b)
	}
	for name, c := range map[string]struct {
		in   Input
		want float64
	}{
		"V1 merit order":        {v1, 1059},
		"V2 nothing incurred":   {v2(0), 0},
		"V2 4 MW incurred":      {v2(4 * mw), 3840},
		"V2 10 MW incurred":     {v2(10 * mw), 9600},
		"V7 cheap start":        {v7(8, false), 720},
		"V7 dear start":         {v7(12, false), 700},
		"V7 cheap start, whole": {v7(8, true), 720},
		"V7 dear start, whole":  {v7(12, true), 700},
		"V8 not worth it":       {v8(45), 0},
		"V8 worth it":           {v8(55), 50},
	} {
		m.Forget()
		p := clearing(t, m, c.in)
		if p.Solver.Fallback != "" || math.Abs(p.Worth.Float()-c.want) > 1e-3 {
			t.Errorf("%s: worth %.6f, want %v (%s)", name, p.Worth.Float(), c.want, p.Solver.Fallback)
		}
	}
}

// bigDay is the reference site R1 without its battery and reserves, which no
// bid expresses: miners with a PUE that follows the day, a GPU contract,
// on-demand and two jobs in one hall, wind, feed-in, a demand charge and a
// coincident peak over 96 quarter hours.
type bigDay struct{ pue, wind, price [96]int64 }

func newBigDay() bigDay {
	var d bigDay
	for t := range 96 {
		x := 2 * math.Pi * float64(t) / 96
		d.price[t] = unit.FromFloat(40 + 30*math.Sin(x-2*math.Pi*36/96))
		switch {
		case t == 70 || t == 71:
			d.price[t] += 400e6
		case t >= 12 && t <= 15:
			d.price[t] = -60e6
		}
		d.wind[t] = unit.FromFloat(8 + 6*math.Sin(x))
		d.pue[t] = unit.FromFloat(1.10 + 0.05*math.Sin(x-2*math.Pi*32/96))
	}
	return d
}

func micro[T ~int64](xs [96]int64, add float64) series.Profile[T] {
	var out series.Profile[T]
	for _, x := range xs {
		out = append(out, T(x+unit.FromFloat(add)))
	}
	return out
}

// input is the day as a market.
func (d bigDay) input(incurred unit.Power) Input {
	in := input(0, 60*mw, []power.Offer{
		{Source: "spot", Kind: power.KindSpot, Curtailable: true, Max: series.Flat(60 * mw), Price: micro[unit.Price](d.price, 0)},
		{Source: "wind", Kind: power.KindGeneration, BehindMeter: true, Curtailable: true, Max: micro[unit.Power](d.wind, 0), Price: prices(0)},
	})
	for range 96 {
		in.Mesh.Lengths = append(in.Mesh.Lengths, 15*time.Minute)
	}
	asic := bid("asic", 24*mw, 97)
	asic.Steps = append(asic.Steps, use.Step{Power: 10 * mw, Worth: prices(77)}, use.Step{Power: 6 * mw, Worth: prices(60)})
	asic.PUE = micro[unit.Ratio](d.pue, 0)
	gpu := bid("gpu", 5*mw, 0)
	gpu.Floor, gpu.Penalty = series.Flat(5*mw), 2500*unit.PerMWh
	j0, j1 := bid("j0", 4*mw, 0), bid("j1", 3*mw, 0)
	j0.Due = []use.Due{{ID: "j0", From: 0, Before: 48, Energy: 30 * unit.MegawattHour, Penalty: 900 * unit.PerMWh}}
	j1.Due = []use.Due{{ID: "j1", From: 24, Before: 96, Energy: 20 * unit.MegawattHour, Penalty: 900 * unit.PerMWh}}
	j0.Available, j1.Available = nil, nil
	for t := range 96 {
		j0.Available = append(j0.Available, unit.Ratio(indicator(t < 48)*1e6))
		j1.Available = append(j1.Available, unit.Ratio(indicator(t >= 24)*1e6))
	}
	feed := bid("export", 20*mw, 0)
	feed.Feed, feed.Steps[0].Worth = true, micro[unit.Price](d.price, -1)
	in.Bids = []use.Bid{asic, gpu, bid("od", 3*mw, 600), j0, j1, feed}
	for i := 1; i <= 4; i++ {
		in.Bids[i].PUE = series.Flat(unit.Ratio(1_200_000))
	}
	in.Limit.Branches = []power.Branch{{Name: "hall/gpu", Max: 14_400_000, Uses: []string{"gpu", "od", "j0", "j1"}}}
	in.Charges.Import, in.Charges.ExportMax = prices(0.5), 20*mw
	peak := power.Peak{Rule: "demand", Rate: 9000 * unit.DemandRate(unit.Unit), Incurred: incurred}
	cp := power.Coincident{Rule: "4cp", Cost: make(series.Profile[unit.DemandRate], 96)}
	for t, i := range in.Mesh.Intervals() {
		peak.Measures = append(peak.Measures, power.Measure{Start: i.Start, Length: i.Length, Parts: []power.Part{{Interval: t, Length: i.Length}}})
		if t >= 64 && t <= 71 {
			cp.Cost[t] = 150 * unit.DemandRate(unit.Unit)
		}
	}
	in.Charges.Peaks, in.Charges.Coincident = []power.Peak{peak}, []power.Coincident{cp}
	return in
}

// problem is the same day written down as a program by hand, as section R1 of
// the reference states it.
func (d bigDay) problem(incurred float64) *solve.Problem {
	const h = 0.25
	var b solve.Builder
	col := func(cost, upper float64) int { return b.AddColumn(solve.Column{Cost: cost, Upper: upper}) }
	pk, m0, m1 := col(9000, math.Inf(1)), col(900, 30), col(900, 20)
	var t0, t1 []solve.Term
	for t := range 96 {
		p, cp := float64(d.price[t])/1e6, 150*indicator(t >= 64 && t <= 71)
		imp, exp := col((p+0.5)*h+cp, 60), col(-(p-1)*h, 20)
		x0, x1, x2 := col(-97*h, 24), col(-77*h, 10), col(-60*h, 6)
		y, sh, od := col(0, 5), col(2500*h, 5), col(-600*h, 3)
		b0, b1 := col(0, 4*indicator(t < 48)), col(0, 3*indicator(t >= 24))
		cu := col(0, float64(d.wind[t])/1e6)
		b.AddRow(5, 5, solve.Term{Column: y, Value: 1}, solve.Term{Column: sh, Value: 1})
		b.AddRow(math.Inf(-1), 12, solve.Term{Column: y, Value: 1}, solve.Term{Column: od, Value: 1}, solve.Term{Column: b0, Value: 1}, solve.Term{Column: b1, Value: 1})
		node := []solve.Term{{Column: imp, Value: 1}, {Column: exp, Value: -1}, {Column: cu, Value: -1}}
		for _, x := range []int{x0, x1, x2} {
			node = append(node, solve.Term{Column: x, Value: -float64(d.pue[t]) / 1e6})
		}
		for _, x := range []int{y, od, b0, b1} {
			node = append(node, solve.Term{Column: x, Value: -1.2})
		}
		b.AddRow(-float64(d.wind[t])/1e6, -float64(d.wind[t])/1e6, node...)
		b.AddRow(math.Inf(-1), incurred, solve.Term{Column: imp, Value: 1}, solve.Term{Column: pk, Value: -1})
		t0, t1 = append(t0, solve.Term{Column: b0, Value: h}), append(t1, solve.Term{Column: b1, Value: h})
	}
	b.AddRow(30, math.Inf(1), append(t0, solve.Term{Column: m0, Value: 1})...)
	b.AddRow(20, math.Inf(1), append(t1, solve.Term{Column: m1, Value: 1})...)
	return b.Problem()
}

// TestReferenceDay compares the market with the same day written down by hand.
func TestReferenceDay(t *testing.T) {
	m := newTestMarket(t)
	d := newBigDay()
	for _, incurred := range []unit.Power{45 * mw, 0} {
		s, err := m.solver.Solve(t.Context(), d.problem(incurred.MW()), solve.Options{})
		if err != nil || s.Status != solve.Optimal {
			t.Fatal(s, err)
		}
		m.Forget()
		p := clearing(t, m, d.input(incurred))
		if got, want := p.Worth.Float(), -s.Objective; p.Solver.Fallback != "" || math.Abs(got-want) > 0.5 {
			t.Errorf("incurred %v: worth %.4f, want %.4f (%s)", incurred, got, want, p.Solver.Fallback)
		}
		if incurred > 0 && len(p.Flags) > 0 {
			t.Errorf("incurred %v: flags %+v", incurred, p.Flags)
		}
	}
}

// listening is a solver that notes what another one reports.
type listening struct {
	Solver
	objective  float64
	iterations int
}

func (l *listening) Solve(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error) {
	s, err := l.Solver.Solve(ctx, p, o)
	if err == nil {
		l.objective, l.iterations = s.Objective, l.iterations+s.Iterations
	}
	return s, err
}

// TestFooting rolls a day of 96 turns: a market that starts from its last turn
// comes to the same objective as one that starts cold, with far fewer steps.
func TestFooting(t *testing.T) {
	d := newBigDay()
	whole := d.input(45 * mw)
	warm, cold := &listening{Solver: newTestMarket(t).solver}, &listening{Solver: newTestMarket(t).solver}
	mw, mc := New(warm, solve.Options{}), New(cold, solve.Options{})
	asic := use.State{}
	for turn := range 96 {
		in := turned(whole, turn, 40)
		in.Bids[0].Wear, in.Bids[0].Now = 10*unit.Unit, asic
		mc.Forget()
		p, q := clearing(t, mw, in), clearing(t, mc, in)
		if p.Solver.Fallback != "" || q.Solver.Fallback != "" {
			t.Fatal(p.Solver, q.Solver)
		}
		if math.Abs(warm.objective-cold.objective) > 1e-9*math.Abs(cold.objective) {
			t.Errorf("turn %d: objective %.9f warm, %.9f cold", turn, warm.objective, cold.objective)
		}
		asic = use.State{On: p.Uses[0].On, Draw: p.Uses[0].Draw[0]}
	}
	t.Logf("iterations: %d warm, %d cold", warm.iterations, cold.iterations)
	if warm.iterations*4 > cold.iterations {
		t.Errorf("%d iterations warm, %d cold", warm.iterations, cold.iterations)
	}
}

// turned is the market of n intervals from interval k on; the day repeats.
func turned(day Input, k, n int) Input {
	in := day
	in.Mesh = series.Mesh{Start: day.Mesh.Start.Add(time.Duration(k) * 15 * time.Minute), Lengths: day.Mesh.Lengths[:n]}
	in.Head.At, in.Head.Turn = in.Mesh.Start, int64(k)
	in.Offers = append([]power.Offer(nil), day.Offers...)
	for o := range in.Offers {
		in.Offers[o].Price, in.Offers[o].Max = around(in.Offers[o].Price, k, n), around(in.Offers[o].Max, k, n)
	}
	in.Bids = append([]use.Bid(nil), day.Bids...)
	for i := range in.Bids {
		b := &in.Bids[i]
		b.PUE, b.Available, b.Due = around(b.PUE, k, n), around(b.Available, k, n), nil
		b.Steps = append([]use.Step(nil), b.Steps...)
		for s := range b.Steps {
			b.Steps[s].Worth = around(b.Steps[s].Worth, k, n)
		}
	}
	peak := day.Charges.Peaks[0]
	peak.Measures = peak.Measures[:n]
	in.Charges.Peaks = []power.Peak{peak}
	in.Charges.Coincident = []power.Coincident{{Rule: "4cp", Cost: around(day.Charges.Coincident[0].Cost, k, n)}}
	return in
}

// around takes n values from k on, and begins again at the end.
func around[T any](p series.Profile[T], k, n int) series.Profile[T] {
	if len(p) == 1 {
		return p
	}
	var out series.Profile[T]
	for t := range n {
		out = append(out, p[(k+t)%len(p)])
	}
	return out
}

// TestMinimumTimesOverADay rolls 96 turns in which prices tempt a use to stop
// and start again. Whatever plan it follows, a minimum time is never broken.
func TestMinimumTimesOverADay(t *testing.T) {
	solver := newTestMarket(t)
	for name, m := range map[string]*Market{"solver": solver, "merit order": New(nil, solve.Options{})} {
		for _, whole := range []bool{true, false} {
			m.Forget()
			rollDay(t, name, m, whole)
		}
	}
}

func rollDay(t *testing.T, name string, m *Market, whole bool) {
	t.Helper()
	const step, minOn, minOff = 15 * time.Minute, 50 * time.Minute, 35 * time.Minute
	var on unit.Power
	changed := time.Time{}
	moves := 0
	for turn := range 96 {
		now := at.Add(time.Duration(turn) * step)
		b := bid("oven", 10*mw, 60)
		b.Whole, b.MinOn, b.MinOff = whole, minOn, minOff
		b.Now = use.State{On: on, Draw: on, Since: changed}
		if on > 0 && now.Sub(changed) < minOn {
			b.Now.Held = on
		}
		if on == 0 && !changed.IsZero() && now.Sub(changed) < minOff {
			b.Now.Rest = 10 * mw
		}
		var ps []float64
		for k := range 12 {
			ps = append(ps, 60+35*math.Sin(1.9*float64(turn+k))+8*math.Sin(0.7*float64(turn)))
		}
		in := input(0, 20*mw, []power.Offer{spot(20*mw, ps...)}, b)
		in.Head.At, in.Mesh.Start = now, now
		for range 12 {
			in.Mesh.Lengths = append(in.Mesh.Lengths, step)
		}
		p := clearing(t, m, in)
		next := p.Uses[0].On
		age := now.Sub(changed)
		if next != on {
			moves++
			if !changed.IsZero() && (on > 0 && age < minOn || on == 0 && age < minOff) {
				t.Errorf("%s, whole %v: turn %d moves from %v to %v after %v", name, whole, turn, on, next, age)
			}
			changed = now
		}
		if len(p.Flags) > 0 {
			t.Errorf("%s, whole %v: turn %d: %+v", name, whole, turn, p.Flags)
		}
		on = next
	}
	if moves < 6 {
		t.Errorf("%s, whole %v: only %d moves, so nothing was shown", name, whole, moves)
	}
}

// TestFlip changes the cost of the first interval alone to just above and just
// below the price at which a decision is said to turn; what follows is pinned by
// a worth that leaves no choice. The decision turns there and nowhere else.
func TestFlip(t *testing.T) {
	m := newTestMarket(t)
	for name, c := range map[string]struct {
		was, next bool // runs before, runs afterwards
		whole     bool
		flip      float64
	}{
		"ran, runs on":            {true, true, false, 60 + 12},
		"ran, stops afterwards":   {true, false, false, 60},
		"was off, starts anyhow":  {false, true, false, 60},
		"was off, stays off":      {false, false, false, 60 - 12},
		"whole, ran, runs on":     {true, true, true, 60 + 12},
		"whole, off, stays off":   {false, false, true, 60 - 12},
		"whole, off, then starts": {false, true, true, 60},
	} {
		for _, side := range []float64{-0.01, 0.01} {
			later := 1000.0
			if c.next {
				later = -1000
			}
			b := bid("mine", 10*mw, 60)
			b.Wear, b.Whole = 12*unit.Unit, c.whole
			if c.was {
				b.Now = use.State{On: 10 * mw, Draw: 10 * mw}
			}
			m.Forget()
			p := clearing(t, m, input(2, 20*mw, []power.Offer{spot(20*mw, c.flip+side, later)}, b))
			if runs := p.Uses[0].Draw[0] > 0; runs != (side < 0) {
				t.Errorf("%s: at %.2f it runs: %v", name, c.flip+side, runs)
			}
			if got := p.Reasons[0].Flip.Float(); math.Abs(got-c.flip) > 1e-3 {
				t.Errorf("%s: turns at %.3f, want %.3f", name, got, c.flip)
			}
		}
	}
}

// TestPricesStayQuoted shows that no penalty is ever shown as a price.
func TestPricesStayQuoted(t *testing.T) {
	m := newTestMarket(t)
	in := input(2, 1*mw, []power.Offer{spot(20*mw, 30)}, bid("mine", 10*mw, 70))
	in.MustRun, in.Limit.Rating, in.Limit.Ordered = 25*mw, 20*mw, true
	p := clearing(t, m, in)
	if len(p.Flags) != 4 || p.Flags[0].Code != cycle.NodeShort || p.Flags[1].Code != cycle.OrderMiss {
		t.Errorf("flags %+v", p.Flags)
	}
	for _, x := range p.Price {
		if x < dollars(30) || x > dollars(70) {
			t.Errorf("site price %.2f", x.Float())
		}
	}
}

func BenchmarkClear(b *testing.B) {
	e, err := engine()
	if err != nil {
		b.Fatal(err)
	}
	i, err := e.Instance(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	in := newBigDay().input(45 * mw)
	in.Bids[0].Wear = 10 * unit.Unit
	for name, m := range map[string]*Market{"solver cold": New(i, solve.Options{}), "merit order": New(nil, solve.Options{})} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m.Forget()
				if _, err := m.Clear(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
