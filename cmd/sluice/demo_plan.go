package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/driver/objectfile"
	"sluice/driver/planfile"
	"sluice/object"
	"sluice/server/room"
	records "sluice/store/room"
)

// demoPlan is the shipped plan that the demonstration has, and demoFutures on how many it
// is run.
const (
	demoPlan    = "operator"
	demoFutures = 2000
	// demoFirst is how long the first page has the processors to itself before they draw
	// the futures.
	demoFirst = 20 * time.Second
)

// demoActual is a month of a project in fact. It is made up, as the plan is.
type demoActual struct {
	Month string  `json:"month"`
	Phase string  `json:"phase"`
	Paid  float64 `json:"paid"`
	Done  float64 `json:"done"`
}

// demoActuals are the first months of both projects: one is late and dear, one goes as
// it was meant to.
func demoActuals() map[string][]demoActual {
	return map[string][]demoActual{
		"fjord colocation": {
			{"2026-04", "study", 700_000, 0.3},
			{"2026-05", "study", 900_000, 0.6},
			{"2026-06", "study", 600_000, 0.85},
			{"2026-07", "study", 350_000, 1},
			{"2026-07", "orders", 1_900_000, 0.04},
			{"2026-08", "orders", 7_400_000, 0.19},
			{"2026-09", "orders", 9_600_000, 0.42},
		},
		"gpu cloud": {{"2026-07", "fit-out", 1_100_000, 0.08}, {"2026-08", "fit-out", 3_200_000, 0.27}, {"2026-09", "fit-out", 3_700_000, 0.5}},
	}
}

// tellPlan keeps the plan of the demonstration as it was made and as it stands with its
// first months, and runs it on some futures.
func (h *house) tellPlan(ctx context.Context) error {
	text, err := planfile.Example(demoPlan)
	if err != nil {
		return err
	}
	reader, err := objectfile.New(room.CheckSpec)
	if err != nil {
		return err
	}
	all, err := reader.Read(demoPlan, []byte(room.PlanObject(demoPlan, text)))
	if err != nil {
		return err
	}
	spec, err := json.Marshal(all[0].Spec)
	if err != nil {
		return err
	}
	now := time.Now()
	if err := h.keepPlan(ctx, spec, 0, now.Add(-48*time.Hour)); err != nil {
		return err
	}
	if spec, err = withActuals(spec, demoActuals()); err != nil {
		return err
	}
	if err := h.keepPlan(ctx, spec, 1, now.Add(-time.Hour)); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(demoFirst):
		return h.riskPlan(ctx, spec)
	}
}

// keepPlan keeps a version of the plan.
func (h *house) keepPlan(ctx context.Context, spec json.RawMessage, stands int64, at time.Time) error {
	put := records.Put{Object: records.Object{Kind: string(object.CapitalPlan), Name: demoPlan, Spec: spec}, Expect: stands}
	_, err := h.records.Apply(ctx, []records.Put{put}, "anna", at)
	return err
}

// riskPlan runs the plan on some futures, and keeps what came of it.
func (h *house) riskPlan(ctx context.Context, spec json.RawMessage) error {
	var v object.Value
	if err := json.Unmarshal(spec, &v); err != nil {
		return err
	}
	ask := room.CapitalRiskAsk{Paths: demoFutures, Seed: 1}
	found, err := h.planner.Risk(ctx, demoPlan, objectfile.Plain(v), ask, func(int, int) {})
	if err != nil {
		return err
	}
	return h.risks.Keep(room.CapitalRisk{ID: "story-" + demoPlan, Plan: demoPlan, Version: 2, Paths: ask.Paths, Seed: ask.Seed}, found, time.Now())
}

// withActuals is a plan with months of its projects.
func withActuals(spec json.RawMessage, actuals map[string][]demoActual) (json.RawMessage, error) {
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(spec))
	d.UseNumber() // every digit stays
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	projects, _ := tree["projects"].([]any)
	found := 0
	for _, p := range projects {
		project, _ := p.(map[string]any)
		name, _ := project["name"].(string)
		if a, is := actuals[name]; is {
			project["actuals"] = a
			found++
		}
	}
	if found != len(actuals) {
		return nil, fmt.Errorf("%d of %d projects are in the plan: %w", found, len(actuals), errors.ErrUnsupported)
	}
	return json.Marshal(tree)
}
