package room

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"sluice/object"
)

// The bounds of runs of risk.
const (
	riskPaths  = 20_000
	riskWithin = 30 * time.Minute
	risksKept  = 40 // of all plans; the oldest go first
	risksRun   = 2  // at once, of different people
)

type riskIn struct {
	InPlan
	ID string `path:"id" maxLength:"40"`
}

func (r *Room) serveCapitalRisks(of func(method, path, id, says string) route) {
	serve(r, of(http.MethodGet, "/{plan}/risks", "listRisks", "Runs of a plan on many futures."), r.risks)
	serve(r, of(http.MethodGet, "/{plan}/risks/{id}", "getRisk", "How a plan may end: spreads, fans, covenants by quarter, and what moves them."), r.risk)
	begin := of(http.MethodPost, "/{plan}/risks", "beginRisk", "Runs a plan on many futures. The plan is not changed.")
	begin.status = http.StatusAccepted
	serve(r, begin, r.beginRisk)
	raw(r, gone(of(http.MethodDelete, "/{plan}/risks/{id}", "endRisk", "Ends a run of yours.")), r.endRisk)
}

func (r *Room) risks(ctx context.Context, v Visit, in *InPlan) (CapitalRisks, error) {
	out := CapitalRisks{Plan: in.Plan, All: []CapitalRisk{}, Most: riskPaths, Within: int(riskWithin / time.Second)}
	if _, err := r.versions(ctx, v, objectIn{string(object.CapitalPlan), in.Plan}, 1); err != nil {
		return out, err
	}
	if r.cfg.Risks != nil {
		out.All, out.Busy = r.cfg.Risks.of(in.Plan, v.who.Actor().Person)
	}
	return out, nil
}

func (r *Room) risk(_ context.Context, _ Visit, in *riskIn) (CapitalRisk, error) {
	x, err := r.ranRisk(in.Plan, in.ID)
	return x.CapitalRisk, err
}

// ranRisk is a run with what a report of it is made of.
func (r *Room) ranRisk(plan, id string) (keptRisk, error) {
	if r.cfg.Risks != nil {
		if x, known := r.cfg.Risks.find(plan, id); known {
			return x, nil
		}
	}
	return keptRisk{}, missing("run", id)
}

// beginRisk starts a run; one at a time for each person, because it takes all there is of
// the computer for minutes.
func (r *Room) beginRisk(ctx context.Context, v Visit, in *struct { //nolint:contextcheck // it goes on after the answer
	InPlan
	Body CapitalRiskAsk
},
) (CapitalRisk, error) {
	if _, err := r.planner(); err != nil || r.cfg.Risks == nil {
		return CapitalRisk{}, problem(http.StatusConflict, "no_planner", "this control room runs no plans", "start it with sluice room")
	}
	all, err := r.versions(ctx, v, objectIn{string(object.CapitalPlan), in.Plan}, 1)
	if err != nil {
		return CapitalRisk{}, err
	}
	if all[0].Deleted {
		return CapitalRisk{}, missing("plan", in.Plan)
	}
	text, err := planText(all[0])
	if err != nil {
		return CapitalRisk{}, err
	}
	life, cancel := context.WithTimeout(r.life, riskWithin)
	x := CapitalRisk{Plan: in.Plan, Version: all[0].Version, State: "running", By: v.who.Actor().Person, Began: v.at.UTC(), Paths: in.Body.Paths, Seed: in.Body.Seed}
	x, free := r.cfg.Risks.begin(x, cancel)
	if !free {
		cancel()
		return CapitalRisk{}, problem(http.StatusConflict, "risk_runs", "a run of yours goes on, or as many of others as may", "wait for its end, or end it; one at a time is run for each person")
	}
	r.told.Go(func() {
		defer cancel()
		found, err := r.cfg.Planner.Risk(life, x.Plan, text, in.Body, func(done, total int) { r.cfg.Risks.step(x.ID, done, total) })
		if err := r.cfg.Risks.over(life, x, found, err, r.cfg.Clock()); err != nil {
			r.cfg.Log.WarnContext(life, "a run of a plan is not kept", "plan", x.Plan, "run", x.ID, "cause", err)
		}
	})
	return x, nil
}

func (r *Room) endRisk(_ context.Context, v Visit, in *riskIn) (*nothing, error) {
	if r.cfg.Risks == nil || !r.cfg.Risks.end(in.Plan, in.ID, v.who.Actor().Person) {
		return nil, missing("run", in.ID)
	}
	return &nothing{}, nil
}

// tooLong is why a run was ended by itself.
func tooLong() string {
	return fmt.Sprintf("it was not done within %v: take fewer futures", riskWithin)
}
