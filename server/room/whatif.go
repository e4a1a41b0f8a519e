package room

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// Solvers makes a solver for one question; nil: merit order answers.
type Solvers func(ctx context.Context) (dispatch.Solver, error)

// solvedAtOnce bounds the questions that are solved at once: each takes a processor.
const solvedAtOnce = 1

// WhatIf is what is changed. What is absent stays.
type WhatIf struct {
	Spot    *Micro   `json:"spot_micro_per_mwh,omitempty" doc:"Price of spot power for the hours below, its adders staying."`
	Shift   *Micro   `json:"shift_micro_per_mwh,omitempty" doc:"Added to the price of spot power for the hours below."`
	Hours   int      `json:"hours,omitempty" minimum:"0" maximum:"72" doc:"From the first interval on; 0: the whole plan."`
	Limit   *int64   `json:"limit_w,omitempty" minimum:"0" doc:"Import limit of the whole plan."`
	Without []string `json:"without,omitempty" maxItems:"100" doc:"Uses that are left out, such as a contract."`
}

// Compared is a plan beside the one that stands.
type Compared struct {
	Stands  *PlanView  `json:"stands"`
	Would   *PlanView  `json:"would"`
	Worth   Micro      `json:"worth_micro" doc:"Expected margin over the horizon: of what would be less what stands."`
	Moved   []MovedUse `json:"moved" doc:"Uses that would draw something else in the first interval."`
	Assumed []string   `json:"assumed" doc:"What the comparison stands on, as keys."`
}

// MovedUse is a use that would draw something else, at the meter.
type MovedUse struct {
	Use    string `json:"use"`
	Stands int64  `json:"stands_w"`
	Would  int64  `json:"would_w"`
	Code   string `json:"code" doc:"Why it would."`
}

func (r *Room) whatIf(ctx context.Context, _ Visit, in *struct {
	InSite
	Body WhatIf
},
) (Compared, error) {
	a := r.at(in.Site)
	if a == nil {
		return Compared{}, missing("site", in.Site)
	}
	p := a.past.plan()
	if p == nil {
		return Compared{}, problem(http.StatusConflict, "no-plan", "the site has no plan yet", "wait until it has turned once")
	}
	t := &cycle.Turn{Snapshot: p.Snapshot, Outlook: p.Outlook, Plan: p.Plan}
	changed := in.Body.change(dispatch.InputOf(t))
	if err := changed.Validate(); err != nil {
		return Compared{}, wrong(err.Error(), "change something else; nothing was done")
	}
	select {
	case r.solving <- struct{}{}:
		defer func() { <-r.solving }()
	case <-ctx.Done():
		return Compared{}, context.Cause(ctx)
	}
	plan, err := r.clear(ctx, changed)
	if err != nil {
		return Compared{}, err
	}
	stands, err := r.clear(ctx, dispatch.InputOf(t)) // both by the same solver, so that they compare
	if err != nil {
		return Compared{}, err
	}
	return compared(t, stands, plan, changed), nil
}

// clear decides once.
func (r *Room) clear(ctx context.Context, in dispatch.Input) (cycle.Plan, error) {
	const most = 20 * time.Second
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	var s dispatch.Solver
	if r.cfg.Solvers != nil {
		var err error
		if s, err = r.cfg.Solvers(ctx); err != nil {
			return cycle.Plan{}, err
		}
		if c, is := s.(interface {
			Close(ctx context.Context) error
		}); is {
			defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its memory is given back
		}
	}
	return dispatch.New(s, solve.Options{TimeLimit: most / 2}).Clear(ctx, in)
}

// change is the input with what is changed. The input's own lists stay as they are.
func (w WhatIf) change(in dispatch.Input) dispatch.Input {
	n := in.Mesh.Len()
	in.Bids = slices.DeleteFunc(slices.Clone(in.Bids), func(b use.Bid) bool { return slices.Contains(w.Without, b.Use) })
	if w.Limit != nil {
		in.Limit.Import = series.Flat(unit.Power(*w.Limit))
	}
	in.Offers = slices.Clone(in.Offers)
	reached, until := 0, in.Mesh.Start.Add(time.Duration(w.Hours)*time.Hour)
	for i, x := range in.Mesh.Intervals() {
		if w.Hours == 0 || x.Start.Before(until) {
			reached = i + 1
		}
	}
	for i, o := range in.Offers {
		if o.Kind == power.KindSpot {
			in.Offers[i].Price = w.price(o.Price, n, reached)
		}
	}
	return in
}

// price is the price of spot power with what is changed in the first intervals.
func (w WhatIf) price(p series.Profile[unit.Price], n, reached int) series.Profile[unit.Price] {
	out := make(series.Profile[unit.Price], n)
	for i := range out {
		out[i] = p.At(i)
		if i < reached && w.Spot != nil {
			out[i] = unit.Price(*w.Spot)
		}
		if i < reached && w.Shift != nil {
			out[i] += unit.Price(*w.Shift)
		}
	}
	return out
}

// compared is one plan beside the other.
func compared(t *cycle.Turn, stands, would cycle.Plan, in dispatch.Input) Compared {
	limited := t.Snapshot
	limited.Limit = in.Limit
	out := Compared{
		Stands: planView(stands, t.Outlook, t.Snapshot, false), Would: planView(would, t.Outlook, limited, false), Worth: Micro(would.Worth - stands.Worth),
		Moved: []MovedUse{}, Assumed: []string{"forecast_stays", "states_of_now"},
	}
	for _, u := range stands.Uses {
		before, after := first(u.Meter), int64(0)
		for _, x := range would.Uses {
			if x.Use == u.Use {
				after = first(x.Meter)
			}
		}
		if before != after {
			out.Moved = append(out.Moved, MovedUse{u.Use, before, after, reasonOf(would, u.Use)})
		}
	}
	return out
}

func first(all []unit.Power) int64 {
	if len(all) == 0 {
		return 0
	}
	return int64(all[0])
}

// reasonOf is why a use draws what it draws; left_out where it is not there.
func reasonOf(p cycle.Plan, use string) string {
	for _, r := range p.Reasons {
		if r.Use == use {
			return string(r.Code)
		}
	}
	return "left_out"
}
