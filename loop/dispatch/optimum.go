package dispatch

import (
	"context"
	"fmt"

	"sluice/loop/cycle"
	"sluice/unit"
)

// Schedule is a decision for every interval, by bid and by offer.
type Schedule struct {
	On     [][]unit.Power // by bid and interval: IT watts of step 0 switched on
	Draw   [][]unit.Power // by bid and interval: IT watts drawn
	Supply [][]unit.Power // by offer and interval
	Worth  unit.Amount    // of the whole schedule
	Status cycle.Solver
}

// Optimum solves the whole of in as one program and returns all of its
// intervals instead of the first. With prices that really came about it is what
// perfect foresight would have done: a yardstick, never a plan. Here a solver
// that fails is an error, because a yardstick may not be replaced silently.
func (m *Market) Optimum(ctx context.Context, in Input) (Schedule, error) {
	if err := in.Validate(); err != nil {
		return Schedule{}, err
	}
	m.Forget()
	a, err := m.bySolver(ctx, in)
	m.Forget()
	if err != nil {
		return Schedule{}, fmt.Errorf("optimum of %s: %w", in.Head.Site, err)
	}
	s := Schedule{Supply: a.supply, Worth: a.worth, Status: a.solver}
	for i := range in.Bids {
		on, draw := make([]unit.Power, in.Mesh.Len()), make([]unit.Power, in.Mesh.Len())
		for t := range on {
			on[t], draw[t] = a.on[i][0][t], a.total(in, i, t)
		}
		s.On, s.Draw = append(s.On, on), append(s.Draw, draw)
	}
	return s, nil
}
