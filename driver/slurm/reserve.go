package slurm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// forever is how long a reservation of ours lasts: Slurm knows none without end.
// It is renewed by every Withhold that finds less than renewal left.
const (
	forever = 365 * 24 * time.Hour
	renewal = 300 * 24 * time.Hour
)

// granules is how many licenses keep that much power away: what is withheld is
// never less than what was asked.
func (s *Slurm) granules(p unit.Power) int64 {
	return (int64(p) + int64(s.c.Granule) - 1) / int64(s.c.Granule)
}

// withhold reserves licenses for this event. Slurm accepts it where running jobs
// hold more: they are not touched, and nothing else starts.
func (s *Slurm) withhold(ctx context.Context, c engine.Command) (outcome, error) {
	x, err := s.load(ctx, allReservations, allLicenses)
	if err != nil {
		return outcome{}, err
	}
	i := slices.IndexFunc(x.licenses, func(l license) bool { return l.name == s.c.License })
	if i < 0 {
		return outcome{}, fmt.Errorf("license %s: %w: write Licenses=%s:N into slurm.conf", s.c.License, engine.ErrUnknown, s.c.License)
	}
	name, now := withholdName(c.Event), s.c.Now()
	free := x.licenses[i].total
	var mine *reservation
	for k, r := range x.reservations {
		if r.name == name {
			mine = &x.reservations[k]
		} else if r.active(now) {
			free -= r.licenses[s.c.License]
		}
	}
	want := s.granules(c.Power)
	put := min(want, free)
	if put <= 0 {
		return undone("all %d %s are reserved by others", x.licenses[i].total, s.c.License), nil
	}
	short := outcome{}
	if put < want {
		short = undone("only %d of %d %s could be withheld: there are %d, and others reserve the rest", put, want, s.c.License, x.licenses[i].total)
	}
	if mine != nil && mine.licenses[s.c.License] == put && mine.until.Sub(now) > renewal && mine.active(now) {
		if short.why == "" {
			return already(""), nil
		}
		return short, nil
	}
	r := reservation{name: name, from: now, until: now.Add(forever), licenses: map[string]int64{s.c.License: put}, flags: []string{"ANY_NODES"}, users: "root"}
	if mine != nil { // the end counts from the old beginning
		r.from = mine.from
		r.until = mine.until
		if mine.until.Sub(now) <= renewal {
			r.until = now.Add(forever)
		}
	}
	return short, s.make(ctx, change{kind: putReservation, name: name, put: r, fresh: mine == nil})
}

// drop deletes a reservation of this event.
func (s *Slurm) drop(ctx context.Context, name string) (outcome, error) {
	x, err := s.load(ctx, allReservations)
	if err != nil {
		return outcome{}, err
	}
	if !slices.ContainsFunc(x.reservations, func(r reservation) bool { return r.name == name }) {
		return already(""), nil
	}
	return outcome{}, s.make(ctx, change{kind: dropReservation, name: name})
}

// window keeps nodes or licenses free for a stretch of time to come. Jobs that
// would reach into it wait; those that run are not touched.
func (s *Slurm) window(ctx context.Context, c engine.Command) (outcome, error) {
	x, err := s.load(ctx, allReservations, allNodes)
	if err != nil {
		return outcome{}, err
	}
	for _, n := range c.Nodes {
		if !slices.ContainsFunc(x.nodes, func(have node) bool { return have.name == n }) {
			return outcome{}, fmt.Errorf("node %s: %w", n, engine.ErrUnknown)
		}
	}
	nodes := slices.Sorted(slices.Values(c.Nodes))
	r := reservation{name: windowName(c.Event), from: c.From.Truncate(time.Minute), until: ceilMinute(c.Until), nodes: nodes, flags: []string{"MAINT", "IGNORE_JOBS", "OVERLAP"}, users: "root"}
	if len(nodes) == 0 {
		r.flags, r.licenses = []string{"ANY_NODES"}, map[string]int64{s.c.License: s.granules(c.Power)}
	}
	for _, have := range x.reservations {
		if have.name != r.name {
			continue
		}
		same := have.from.Sub(r.from).Abs() < time.Minute && have.until.Sub(r.until).Abs() < time.Minute &&
			slices.Equal(have.nodes, nodes) && have.licenses[s.c.License] == r.licenses[s.c.License]
		if same {
			return already(""), nil
		}
		return undone("this event has another window, from %s to %s: end it first", have.from.Format(time.RFC3339), have.until.Format(time.RFC3339)), nil
	}
	return outcome{}, s.make(ctx, change{kind: putReservation, name: r.name, put: r, fresh: true})
}

func ceilMinute(t time.Time) time.Time {
	return t.Add(time.Minute - time.Nanosecond).Truncate(time.Minute)
}
