package dispatch

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// stub is a solver made of a function.
type stub func(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error)

func (s stub) Solve(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error) {
	return s(ctx, p, o)
}

// answering is a solver that returns the columns that fill makes, at their true cost.
func answering(fill func(p *solve.Problem, j int) float64) stub {
	return func(_ context.Context, p *solve.Problem, _ solve.Options) (*solve.Solution, error) {
		s := &solve.Solution{Status: solve.Optimal, Column: make([]float64, len(p.Cost)), RowDual: make([]float64, len(p.RowLower))}
		for j := range s.Column {
			s.Column[j] = fill(p, j)
		}
		return priced(p, s), nil
	}
}

// priced states the true cost of a solution.
func priced(p *solve.Problem, s *solve.Solution) *solve.Solution {
	s.Objective = p.Offset
	for j, x := range s.Column {
		s.Objective += p.Cost[j] * x
	}
	return s
}

// busySite has a bit of everything, so that a wrong answer has much to break.
func busySite() Input {
	a, b := bid("mine/a", 6*mw, 97), bid("mine/b", 4*mw, 77)
	a.Steps = append(a.Steps, use.Step{Power: 2 * mw, Worth: prices(80)})
	a.Wear, a.Now = 5*unit.Unit, use.State{On: 6 * mw, Draw: 8 * mw}
	b.Floor, b.Penalty = series.Flat(1*mw), 900*unit.PerMWh
	oven := bid("oven", 3*mw, 90)
	oven.Whole = true
	in := input(6, 12*mw, []power.Offer{
		spot(100*mw, 40, 60, 85, 200, 70, 30),
		{Source: "wind", Kind: power.KindGeneration, BehindMeter: true, Curtailable: true, Max: series.Flat(2 * mw), Price: prices(0)},
	}, a, b, oven)
	in.MustRun = 1 * mw
	in.Limit.Branches = []power.Branch{{Name: "hall/1", Max: 7 * mw, Uses: []string{"mine/a"}}}
	return in
}

// TestFailingSolver shows that every way in which a solver can fail ends in the
// plan of merit order, which says so and why.
func TestFailingSolver(t *testing.T) {
	in := busySite()
	merit := clearing(t, New(nil, solve.Options{}), in)
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the turn is over"))
	status := func(s solve.Status) stub {
		return func(context.Context, *solve.Problem, solve.Options) (*solve.Solution, error) {
			return &solve.Solution{Status: s, Detail: "for a reason"}, nil
		}
	}
	for name, c := range map[string]struct {
		solver stub
		late   bool
		why    string
	}{
		"an error": {solver: func(context.Context, *solve.Problem, solve.Options) (*solve.Solution, error) {
			return nil, solve.ErrEngine
		}, why: "engine failed"},
		"failed":         {solver: status(solve.Failed), why: "failed: for a reason"},
		"infeasible":     {solver: status(solve.Infeasible), why: "infeasible"},
		"unbounded":      {solver: status(solve.Unbounded), why: "unbounded"},
		"unknown status": {solver: status(solve.Status(77)), why: "status 77"},
		"nothing":        {solver: func(context.Context, *solve.Problem, solve.Options) (*solve.Solution, error) { return nil, nil }, why: "returned nothing"},
		"empty columns": {solver: func(context.Context, *solve.Problem, solve.Options) (*solve.Solution, error) {
			return &solve.Solution{Status: solve.Optimal}, nil
		}, why: "0 of"},
		"too few duals": {solver: func(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error) {
			s, err := answering(func(*solve.Problem, int) float64 { return 0 })(ctx, p, o)
			s.RowDual = s.RowDual[1:]
			return s, err
		}, why: "row duals"},
		"NaN":                  {solver: answering(func(*solve.Problem, int) float64 { return math.NaN() }), why: "NaN"},
		"infinity":             {solver: answering(func(*solve.Problem, int) float64 { return math.Inf(1) }), why: "Inf"},
		"nothing runs at all":  {solver: answering(func(*solve.Problem, int) float64 { return 0 }), why: "demand exceeds supply"},
		"everything at bounds": {solver: answering(func(p *solve.Problem, j int) float64 { return math.Min(p.Upper[j], 50) }), why: "recount"},
		"garbage":              {solver: answering(func(_ *solve.Problem, j int) float64 { return float64(j*7919%13) - 3 }), why: "recount"},
		"a negative answer":    {solver: answering(func(*solve.Problem, int) float64 { return -4 }), why: "recount"},
		"another cost than it says": {solver: func(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error) {
			s, err := answering(func(*solve.Problem, int) float64 { return 0 })(ctx, p, o)
			s.Objective = -1e6
			return s, err
		}, why: "as reported"},
		"a late answer": {solver: answering(func(*solve.Problem, int) float64 { return 0 }), late: true, why: "too late: the turn is over"},
		"a solver that minds the deadline": {solver: func(ctx context.Context, _ *solve.Problem, _ solve.Options) (*solve.Solution, error) {
			return nil, context.Cause(ctx)
		}, late: true, why: "the turn is over"},
	} {
		ctx := t.Context()
		if c.late {
			ctx = ended
		}
		p, err := New(c.solver, solve.Options{}).Clear(ctx, in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(p.Solver.Fallback, c.why) || p.Solver.Status != "merit order" {
			t.Errorf("%s: solver %+v, want %q", name, p.Solver, c.why)
		}
		if diff := cmp.Diff(merit, p, cmpopts.IgnoreFields(cycle.Solver{}, "Fallback")); diff != "" {
			t.Errorf("%s: not the plan of merit order: %s", name, diff)
		}
		if p.Reasons[0].Code != cycle.MeritOrder {
			t.Errorf("%s: reason %s", name, p.Reasons[0].Code)
		}
	}
}

// TestRealSolverEnds shows that a context that ends during a real solve ends in
// a plan, and that the market works again in the next turn.
func TestRealSolverEnds(t *testing.T) {
	m := newTestMarket(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := m.Clear(ended, busySite())
	if err != nil || p.Solver.Fallback == "" {
		t.Errorf("a cancelled turn gave %+v, %v", p.Solver, err)
	}
	if p = clearing(t, m, busySite()); p.Solver.Fallback != "" {
		t.Errorf("the turn after: %s", p.Solver.Fallback)
	}
}

// TestRecountCatchesPlantedBugs changes one number of a right answer, as a bug
// in the solver, the model or the reading of it would. Each is caught.
func TestRecountCatchesPlantedBugs(t *testing.T) {
	m := newTestMarket(t)
	in := busySite()
	feed := bid("export", 2*mw, 20)
	feed.Feed = true
	in.Bids, in.Charges.ExportMax = append(in.Bids, feed), 5*mw
	in.Bids[0].Now.Rest, in.Bids[0].MinOff = 0, 0
	b := build(newMarket(in))
	s, err := m.solver.Solve(t.Context(), &b.problem, solve.Options{})
	if err != nil || !s.Status.Usable() {
		t.Fatal(s, err)
	}
	if _, err := b.read(in, s); err != nil {
		t.Fatalf("the right answer is refused: %v", err)
	}
	at := func(t, column int) int { return t*b.columns + column }
	for name, plant := range map[string]func(x []float64){
		"1 MW more of a step":                 func(x []float64) { x[at(3, b.seats[0].step)]++ },
		"1 MW less of a step":                 func(x []float64) { x[at(0, b.seats[0].step)]-- },
		"1 kW more of a step":                 func(x []float64) { x[at(3, b.seats[1].step)] += 1e-3 },
		"1 MW more from the market":           func(x []float64) { x[at(1, b.supply[0])]++ },
		"1 MW less from the wind":             func(x []float64) { x[at(1, b.supply[1])]-- },
		"house load not served for no reason": func(x []float64) { x[at(2, b.unmet)] = 0.5 },
		"half a breaker load": func(x []float64) {
			x[at(0, b.seats[2].step)] /= 2
			x[at(0, b.supply[0])] -= x[at(0, b.seats[2].step)]
		},
		"a balanced plan above the connection": func(x []float64) {
			for t := range 6 {
				x[at(t, b.seats[0].step)], x[at(t, b.seats[1].step)], x[at(t, b.seats[2].step)], x[at(t, b.seats[2].on)] = 6, 4, 3, 1
				x[at(t, b.seats[0].step+1)], x[at(t, b.supply[1])] = 0, 0
				x[at(t, b.supply[0])] = 14
			}
		},
		"a balanced plan above the hall": func(x []float64) {
			x[at(5, b.seats[0].step)], x[at(5, b.seats[0].step+1)] = 6, 2
			x[at(5, b.seats[1].step)], x[at(5, b.seats[2].step)], x[at(5, b.seats[2].on)] = 1, 0, 0
			x[at(5, b.supply[0])], x[at(5, b.supply[1])] = 8, 2
		},
		"an upper step without machines": func(x []float64) {
			x[at(3, b.seats[0].step)], x[at(3, b.seats[0].step+1)] = 0, 2
			x[at(3, b.seats[1].step)], x[at(3, b.seats[2].step)], x[at(3, b.seats[2].on)] = 1, 0, 0
			x[at(3, b.supply[0])], x[at(3, b.supply[1])] = 2, 2
		},
	} {
		wrong := &solve.Solution{Status: solve.Optimal, Column: append([]float64(nil), s.Column...), RowDual: s.RowDual}
		plant(wrong.Column)
		if _, err := b.read(in, priced(&b.problem, wrong)); !errors.Is(err, errRecount) {
			t.Errorf("%s is not caught: %v", name, err)
		}
	}
}

// TestSharpRecount shows the limits that only the integers can hold: what must
// rest, deadlines that nobody admits to miss, and importing in order to export.
func TestSharpRecount(t *testing.T) {
	resting := input(1, 20*mw, []power.Offer{spot(20*mw, 30)}, bid("mine", 10*mw, 60))
	resting.Bids[0].Now.Rest, resting.Bids[0].MinOff = 4*mw, 3600e9
	owing := input(1, 20*mw, []power.Offer{spot(20*mw, 30)}, bid("mine", 10*mw, 60))
	owing.Bids[0].Due = []use.Due{{ID: "job", Before: 1, Energy: 12 * unit.MegawattHour}}
	through := input(1, 20*mw, []power.Offer{spot(20*mw, 30)}, bid("export", 10*mw, 60))
	through.Bids[0].Feed, through.Charges.ExportMax = true, 20*mw
	for name, c := range map[string]struct {
		in   Input
		want string
	}{
		"what must rest starts":               {resting, "must rest"},
		"a deadline is missed without a word": {owing, "of 12.000000 MWh due"},
		"the grid is fed from the grid":       {through, "at once"},
	} {
		a := newAnswer(c.in)
		a.on[0][0][0], a.supply[0][0] = 10*mw, 10*mw
		if err := a.recount(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFaultyInput lists what Validate refuses, all of it at once.
func TestFaultyInput(t *testing.T) {
	in := input(2, -1*mw, []power.Offer{spot(20*mw, 30, 30, 30), {}}, bid("a", 10*mw, 60), bid("a", 10*mw, 60))
	in.Mesh.Lengths[1] = 0
	in.MustRun = -1
	in.Bids[0].Available = nil
	in.Limit.Import, in.Limit.Export = in.Limit.Import[:1], series.Profile[unit.Power]{1, 2, 3}
	in.Limit.Branches = []power.Branch{{Name: "hall", Max: -1}}
	in.Charges = power.Charges{
		Import: prices(1, 2, 3), Carbon: power.Carbon{Cap: -1}, Coincident: []power.Coincident{{Rule: "4cp"}},
		Peaks: []power.Peak{{Rule: "p", Rate: -1}, {Rule: "q", Measures: []power.Measure{{Length: 1, Parts: []power.Part{{Interval: 9, Length: 1}}}}}, {Rule: "r", Measures: []power.Measure{{}}}},
	}
	_, err := New(nil, solve.Options{}).Clear(t.Context(), in)
	if err == nil {
		t.Fatal("a senseless input cleared")
	}
	for _, want := range []string{
		"interval 1 lasts", "house load", "bid \"a\" is there twice", "no availability", "has no name", "states 1 powers",
		"must not be negative", "export limit does not cover", "branch hall", "charge on imports", "carbon must not",
		"coincident peak \"4cp\"", "demand charge \"p\"", "of interval 9", "measures over 0s",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if _, err := New(nil, solve.Options{}).Clear(t.Context(), Input{}); err == nil {
		t.Error("a plan without intervals cleared")
	}
	if _, err := New(nil, solve.Options{}).Optimum(t.Context(), busySite()); !errors.Is(err, solve.ErrNoSolver) {
		t.Errorf("a yardstick without a solver: %v", err)
	}
	if _, err := New(nil, solve.Options{}).Optimum(t.Context(), in); err == nil {
		t.Error("a yardstick of a senseless input")
	}
}
