package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/settle"
	"sluice/solve"
	"sluice/unit"
)

// ErrDiffers marks a turn that, decided again from its own papers, is decided otherwise.
var ErrDiffers = errors.New("decided again, the turn differs from its papers")

// Repeat is a stored turn and the plan that its own papers lead to again.
type Repeat struct {
	Stored, Plan cycle.Plan
	Moved        []string // uses that draw otherwise in the interval decided
	Worth        unit.Amount
}

// Again decides a stored turn once more, from its papers alone and from a cold
// start. A turn that merit order decided is decided by merit order again.
//
// A turn of a long run was solved from where the turn before it stood, so where
// several plans are worth the same a cold start may meet another one of them:
// then the worth is equal and only Moved says so. Papers whose turns are all
// decided again in order, each from the one before, agree to the bit.
func Again(ctx context.Context, t *cycle.Turn, s dispatch.Solver, limits solve.Options) (Repeat, error) {
	if t.Plan.Solver.Fallback != "" {
		s = nil
	}
	plan, err := dispatch.New(s, limits).Clear(ctx, dispatch.InputOf(t))
	if err != nil {
		return Repeat{}, err
	}
	plan.Today = settle.Expect(plan, t.Plan.Today.Until)
	r := Repeat{Stored: t.Plan, Plan: plan, Worth: plan.Worth - t.Plan.Worth}
	for i, u := range t.Plan.Uses {
		if again := plan.Uses[i]; again.Draw[0] != u.Draw[0] || again.On != u.On {
			r.Moved = append(r.Moved, u.Use)
		}
	}
	return r, ctx.Err()
}

// worthShare is by which share of the worth two optima may differ: the
// tolerance of the solver.
const worthShare = 1_000_000

// Err is an ErrDiffers when the turn decided again is worth another amount.
func (r Repeat) Err() error {
	if off := max(r.Worth, -r.Worth); off > max(r.Stored.Worth, -r.Stored.Worth)/worthShare+unit.Unit/100 {
		return fmt.Errorf("turn %d of %s: %w: it is worth %.2f over its horizon, the papers say %.2f", r.Stored.Turn, r.Stored.Site, ErrDiffers, r.Plan.Worth.Float(), r.Stored.Worth.Float())
	}
	return nil
}

// Tell says how the two plans compare.
func (r Repeat) Tell(w io.Writer) error {
	if err := r.Err(); err != nil {
		return err
	}
	how := r.Plan.Solver.Status
	if len(r.Moved) == 0 {
		_, err := fmt.Fprintf(w, "Again      decided again from the papers alone (%s): every use draws the same to the watt.\n", how)
		return err
	}
	_, err := fmt.Fprintf(w, "Again      decided again from the papers alone (%s): another plan of equal worth; %v differ in this interval.\n", how, r.Moved)
	return err
}
