package slurm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
)

// Code names a state of a cluster for which a person should look at it.
type Code string

// The codes. Each has its remedy in docs/slurm.md.
const (
	BudgetLowered Code = "budget_lowered" // there are fewer licenses than the hall should have
	BudgetMissing Code = "budget_missing" // the license is not configured: no watts can be withheld
	WithheldShort Code = "withheld_short" // Slurm counts fewer reserved licenses than our reservations name
	WithheldEnds  Code = "withheld_ends"  // a reservation of ours ends within sixty days
	JobDeaf       Code = "job_deaf"       // it was told to stop, and does not
	JobReleased   Code = "job_released"   // somebody else let a job go that we stopped
	QueueOpened   Code = "queue_opened"   // somebody else opened a partition that we hold
	NodeWoken     Code = "node_woken"     // a node that we switched off is up
	NodePowerless Code = "node_powerless" // it reports no power, where nodes should
	NodeLost      Code = "node_lost"      // it is down or not heard
	QueueForeign  Code = "queue_foreign"  // held by somebody else
)

// Trouble is one such state.
type Trouble struct {
	Code    Code
	Subject string // license, job, partition or node
	Event   string // of ours that it touches; empty: none
	Text    string // what was seen
}

// Troubles lists what is wrong with a cluster now, in order of code and subject.
func (s *Slurm) Troubles(ctx context.Context) ([]Trouble, error) {
	x, err := s.load(ctx, allNodes, allPartitions, allLicenses, allReservations, allJobs)
	if err != nil {
		return nil, err
	}
	now := s.c.Now()
	out := slices.Concat(s.budgetTroubles(x, now), s.jobTroubles(x.jobs, now), queueTroubles(x.partitions), s.nodeTroubles(x))
	slices.SortFunc(out, func(a, b Trouble) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject)) })
	return slices.Compact(out), nil
}

func (s *Slurm) budgetTroubles(x state, now time.Time) []Trouble {
	i := slices.IndexFunc(x.licenses, func(l license) bool { return l.name == s.c.License })
	if i < 0 {
		return []Trouble{{Code: BudgetMissing, Subject: s.c.License, Text: "slurm.conf names no such license"}}
	}
	var out []Trouble
	l, reserved := x.licenses[i], int64(0)
	if has := times(s.c.Granule, l.total); has < s.c.Budget {
		out = append(out, Trouble{Code: BudgetLowered, Subject: l.name, Text: fmt.Sprintf("%v, and the hall should have %v", has, s.c.Budget)})
	}
	for _, r := range x.reservations {
		if !r.active(now) {
			continue
		}
		reserved += r.licenses[l.name]
		o, ours := readName(r.name)
		if ours && o.verb == engine.Withhold && r.until.Sub(now) < 60*24*time.Hour {
			out = append(out, Trouble{Code: WithheldEnds, Subject: r.name, Event: o.event, Text: "it ends " + r.until.Format(time.RFC3339)})
		}
	}
	if l.reserved < reserved {
		out = append(out, Trouble{Code: WithheldShort, Subject: l.name, Text: fmt.Sprintf("%d are counted as reserved, and reservations name %d", l.reserved, reserved)})
	}
	return out
}

func (s *Slurm) jobTroubles(jobs []job, now time.Time) []Trouble {
	var out []Trouble
	for _, j := range jobs {
		m, _, marked := jobMark(j.admin)
		if !marked || m.verb != engine.Evict {
			continue
		}
		_, at, ok := readStopped(m.rest)
		seen, there := s.seen(j)
		switch {
		case !ok || !there:
		case seen.State == engine.Stopping && now.Sub(at) > s.c.Kill:
			out = append(out, Trouble{Code: JobDeaf, Subject: j.id, Event: m.event, Text: fmt.Sprintf("told to stop %v ago and still on %v", now.Sub(at).Round(time.Second), j.nodes)})
		case seen.State == engine.Running && now.Sub(at) > s.c.Kill || seen.State == engine.Waiting:
			out = append(out, Trouble{Code: JobReleased, Subject: j.id, Event: m.event, Text: "we stopped it, and it is " + string(seen.State)})
		}
	}
	return out
}

func queueTroubles(partitions []partition) []Trouble {
	var out []Trouble
	for _, p := range partitions {
		h := p.holders()
		switch {
		case len(h) > 0 && p.state == "UP":
			out = append(out, Trouble{Code: QueueOpened, Subject: p.name, Event: h[0].event, Text: "we hold it, and its state is UP"})
		case len(h) == 0 && p.state != "UP":
			out = append(out, Trouble{Code: QueueForeign, Subject: p.name, Text: "somebody else holds it: its state is " + p.state})
		}
	}
	return out
}

func (s *Slurm) nodeTroubles(x state) []Trouble {
	var out []Trouble
	for _, n := range x.nodes {
		e := seenNode(n, x.reservations, 0)
		awake := !hasAny(n.states, "POWERED_DOWN", "POWERING_DOWN", "POWER_DOWN", "POWERING_UP")
		switch {
		case e.State == engine.NodeDown:
			out = append(out, Trouble{Code: NodeLost, Subject: n.name, Event: e.Event, Text: "it is down: " + n.reason})
		case e.Event != "" && awake:
			out = append(out, Trouble{Code: NodeWoken, Subject: n.name, Event: e.Event, Text: "we switched it off, and it is up"})
		case s.c.Meters && !n.metered && awake:
			out = append(out, Trouble{Code: NodePowerless, Subject: n.name, Text: "it states no watts: its power is not known, and not zero"})
		}
	}
	return out
}
