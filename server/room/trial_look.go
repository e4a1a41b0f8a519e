package room

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"sluice/device"
	"sluice/live"
	"sluice/loop/commission"
	"sluice/people"
)

// lookTrials reads machines and says what trials of them would do.
func (r *Room) lookTrials(ctx context.Context, v Visit, in *trialIn) (TrialPlans, error) {
	a, y, err := r.yard(in.Site)
	if err != nil {
		return TrialPlans{}, err
	}
	if err := in.Body.check(y); err != nil {
		return TrialPlans{}, err
	}
	e := people.Entry{Site: in.Site, Subject: subjects(in.Body.Machines), Reason: in.Body.Reason, Effects: "reads machines before a trial"}
	if err := r.setUp(ctx, v, e); err != nil {
		return TrialPlans{}, err
	}
	ctx, stop := context.WithTimeout(ctx, lookMost)
	defer stop()
	plans := make([]TrialPlan, len(in.Body.Machines))
	var all sync.WaitGroup
	free := make(chan struct{}, lookAtOnce)
	for i, m := range in.Body.Machines {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			plans[i] = r.lookTrial(ctx, a, in.Body.of(in.Site, m))
		})
	}
	all.Wait()
	return sumPlans(plans), nil
}

// subjects are machines in a few words.
func subjects(all []string) string {
	if len(all) > 4 {
		return strings.Join(all[:4], ", ") + fmt.Sprintf(" and %d more", len(all)-4)
	}
	return strings.Join(all, ", ")
}

// lookTrial is what a trial of one machine would do.
func (r *Room) lookTrial(ctx context.Context, a *attached, q TrialOf) TrialPlan {
	out := TrialPlan{Machine: q.Machine, Steps: []TrialPlanStep{}}
	row, ours := a.fleet.row(q.Machine)
	out.Ours = ours
	if out.Why = cmp.Or(r.inTheWay(a, q.Machine, row, ours), r.unseen(q, row, ours)); out.Why != "" {
		out.Family, out.Model, out.Firmware = string(row.Family), row.Model, row.Firmware
		return out
	}
	p, err := r.cfg.Trials.Look(ctx, q)
	if err != nil {
		out.Why = line(err)
		return out
	}
	out.shows(p)
	return out
}

// inTheWay is why a machine is not tried, as far as the site says; empty: nothing is.
func (r *Room) inTheWay(a *attached, machine string, row live.MachineRow, ours bool) string {
	s := a.mirror.last()
	switch {
	case a.mirror.now(r.cfg.Clock()).Away:
		return "the site does not answer, so nobody knows who moves its machines"
	case s.Stopped:
		return "the site is stopped"
	case !ours:
		for _, b := range r.all() {
			if _, is := b.fleet.row(machine); is {
				return "it is a machine of site " + b.name + ": try it there"
			}
		}
		return ""
	case row.LockedBy != "":
		return row.LockedBy + " holds it: release it first"
	case row.LentTo != "":
		return row.LentTo + " tries it already"
	case row.State == live.MachineAsleep:
		return "it sleeps: only a machine that runs steadily can be tried"
	case row.State == live.MachineUnknown:
		return "the site does not hear it"
	case row.Trouble != "" && row.Trouble != live.Drifts:
		return "it has a trouble, " + string(row.Trouble) + ": " + row.Trouble.Remedy()
	}
	return ""
}

// unseen is why the chosen meter cannot see a machine of the site; empty: it can.
func (r *Room) unseen(q TrialOf, row live.MachineRow, ours bool) string {
	y, err := r.cfg.Trials.Yard(q.Site)
	if err != nil || !ours {
		return ""
	}
	for _, m := range y.Meters {
		at := map[string]string{"feeder": row.Feeder, "hall": row.Hall}[m.Kind]
		if m.Name == q.Meter && at != "" && m.Of != "" && m.Of != at {
			return fmt.Sprintf("meter %s stands before %s, and the machine behind %s: choose a meter that sees it", m.Name, m.Of, at)
		}
	}
	return ""
}

// shows fills in what a plan says.
func (t *TrialPlan) shows(p commission.Plan) {
	t.Ready, t.Family, t.Model, t.Firmware = true, string(p.Record.Family), p.Record.Model, p.Record.Firmware
	f := p.Found
	if f.Activity.Known {
		t.State = string(f.Activity.Value)
	}
	t.Mode, t.Longest = f.Mode.Value, p.Longest().Milliseconds()
	if f.Power.Known {
		t.Power = new(int64(f.Power.Value))
	}
	if f.Hash.Known {
		t.Hash = new(int64(f.Hash.Value))
	}
	for _, s := range p.Steps() {
		t.Steps = append(t.Steps, TrialPlanStep{string(s.Step), s.Level, s.Within.Milliseconds()})
	}
	if tried, why := p.Tried(); len(tried) == 0 {
		t.Levels = why
	}
	if f.Activity.Known && f.Activity.Value != device.Running {
		t.Ready, t.Why = false, "it does not run: only a machine that runs steadily can be tried"
	}
}

// sumPlans is what all of them cost.
func sumPlans(plans []TrialPlan) TrialPlans {
	out := TrialPlans{Plans: plans}
	most, told := int64(0), true
	for _, p := range plans {
		if !p.Ready {
			continue
		}
		out.Longest += p.Longest
		if told = told && p.Power != nil; p.Power != nil {
			most = max(most, *p.Power)
		}
	}
	if told && out.Longest > 0 {
		out.Moves = &most
	}
	return out
}

// row is one machine as it was told last.
func (f *fleet) row(name string) (live.MachineRow, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	i, is := f.index[name]
	if !is {
		return live.MachineRow{}, false
	}
	return f.rows[i], true
}
