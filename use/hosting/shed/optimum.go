package shed

import (
	"context"
	"fmt"
	"math"

	"sluice/solve"
	"sluice/unit"
)

// Solver solves mixed-integer programs, as *solve.Instance does.
type Solver interface {
	Solve(ctx context.Context, p *solve.Problem, opt solve.Options) (*solve.Solution, error)
}

// Optimum chooses as Choose does, and proves that nothing costs less: one program
// with a whole number for every option. Where firm tenants must be evicted, first
// what they lose is made least and then the sum. It is meant for benches and for
// plans with time to spare; the solver's tolerance is about a millionth of a
// currency unit.
//
// Source: docs/formula/shed.md.
func Optimum(ctx context.Context, by Solver, items []Item, a Ask) (Plan, error) {
	soft := newSearch(items, a, false)
	if need := a.need(); need <= 0 || len(items) == 0 || len(soft.segs) == 0 && a.KeepFirm {
		return soft.plan(make([]int32, len(items)), 0), nil
	}
	if soft.most() >= a.need() || a.KeepFirm || !anyFirm(items) {
		pick, err := soft.program(ctx, by, min(a.need(), soft.most()), nil)
		if err != nil {
			return Plan{}, err
		}
		return soft.plan(pick, soft.bound(a.need())), nil
	}
	all := newSearch(items, a, true)
	need := min(a.need(), all.most())
	firm, err := all.program(ctx, by, need, &firmCost{})
	if err != nil {
		return Plan{}, err
	}
	pick, err := all.program(ctx, by, need, &firmCost{known: true, most: all.firmCost(firm)})
	if err != nil {
		return Plan{}, err
	}
	return all.plan(pick, all.bound(a.need())), nil
}

// firmCost makes the cost of firm evictions the aim of a program, or, once known, its limit.
type firmCost struct {
	known bool
	most  unit.Amount
}

// firmCost is what the firm evictions of a choice cost.
func (s *search) firmCost(pick []int32) unit.Amount {
	var sum unit.Amount
	for i, p := range pick {
		if s.isFirm(i, p) {
			sum += s.of(i)[p].cost
		}
	}
	return sum
}

// isFirm reports whether a point evicts a firm tenant.
func (s *search) isFirm(i int, p int32) bool {
	q := s.of(i)[p]
	return s.items[i].Firm && q.option >= 0 && s.items[i].Options[q.option].Lever == Evict
}

// The scales of the program: powers in kilowatts, money in whole currency units.
const kilo = 1000.0

func (s *search) program(ctx context.Context, by Solver, need unit.Power, f *firmCost) ([]int32, error) {
	var b solve.Builder
	var power, firm []solve.Term
	for i := range s.items {
		var one []solve.Term
		for p, q := range s.of(i) {
			if p == 0 {
				continue
			}
			cost := q.cost.Float()
			if f != nil && !f.known && !s.isFirm(i, int32(p)) {
				cost = 0
			}
			col := b.AddColumn(solve.Column{Cost: cost, Upper: 1, Kind: solve.Integer})
			one = append(one, solve.Term{Column: col, Value: 1})
			power = append(power, solve.Term{Column: col, Value: float64(q.saved) / kilo})
			if s.isFirm(i, int32(p)) {
				firm = append(firm, solve.Term{Column: col, Value: q.cost.Float()})
			}
		}
		if len(one) > 1 {
			b.AddRow(0, 1, one...)
		}
	}
	b.AddRow(float64(need)/kilo, math.Inf(1), power...)
	if f != nil && f.known && len(firm) > 0 {
		b.AddRow(math.Inf(-1), f.most.Float(), firm...)
	}
	sol, err := by.Solve(ctx, b.Problem(), solve.Options{NoDuals: true, NoBasis: true})
	if err != nil {
		return nil, fmt.Errorf("least damage of %d items: %w", len(s.items), err)
	}
	if sol.Status != solve.Optimal {
		return nil, fmt.Errorf("least damage of %d items: the solver ended %v: %s: use Choose", len(s.items), sol.Status, sol.Detail)
	}
	return s.decode(sol.Column, need)
}

// decode reads the whole numbers of a solution, and counts them once more.
func (s *search) decode(x []float64, need unit.Power) ([]int32, error) {
	pick := make([]int32, len(s.items))
	var saved unit.Power
	col := 0
	for i := range s.items {
		for p := 1; p < len(s.of(i)); p++ {
			if x[col] > 0.5 {
				pick[i] = int32(p)
				saved += s.of(i)[p].saved
			}
			col++
		}
	}
	if saved < need {
		return nil, fmt.Errorf("least damage of %d items: the program saves %d W of %d W: use Choose", len(s.items), saved, need)
	}
	return pick, nil
}
