package room

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// History keeps what intervals came to; store/room is one.
type History interface {
	SaveIntervals(ctx context.Context, site string, all []keep.Interval) error
	Intervals(ctx context.Context, site string, from, to time.Time, limit int) ([]keep.Interval, error)
}

// The paces of asking for turns.
const (
	turnsPace  = 2 * time.Second
	turnsAgain = 30 * time.Second // also when nothing seems to have changed
	turnsBack  = 24 * time.Hour   // so far back an interval may still be settled
	turnsKept  = 3000             // rows at hand
)

// past is what the intervals of one site came to, and the newest plan.
type past struct {
	mu     sync.RWMutex
	rows   []live.TurnRow // oldest first
	papers *live.PlanPapers
}

// plan are the papers of the newest plan; nil: there is none.
func (p *past) plan() *live.PlanPapers {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.papers
}

func (p *past) publish(x live.PlanPapers) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.papers = &x
}

// take fits rows in; a newer one of the same interval takes the place of the older.
// It returns those that are new or changed.
func (p *past) take(all []live.TurnRow) []live.TurnRow {
	p.mu.Lock()
	defer p.mu.Unlock()
	var fresh []live.TurnRow
	for _, t := range all {
		i, found := slices.BinarySearchFunc(p.rows, t.Start, func(x live.TurnRow, at time.Time) int { return x.Start.Compare(at) })
		switch {
		case !found:
			p.rows = slices.Insert(p.rows, i, t)
		case saysSame(p.rows[i], t):
			continue
		default:
			p.rows[i] = t
		}
		fresh = append(fresh, t)
	}
	if over := len(p.rows) - turnsKept; over > 0 {
		p.rows = slices.Delete(p.rows, 0, over)
	}
	return fresh
}

// saysSame reports whether two rows of an interval say the same, as far as papers are kept.
func saysSame(a, b live.TurnRow) bool {
	return a.Planned == b.Planned && a.Shadow == b.Shadow && a.Metered == b.Metered && a.Settled == b.Settled && a.Priced == b.Priced &&
		a.Import == b.Import && a.Margin == b.Margin && a.Price == b.Price && len(a.Uses) == len(b.Uses)
}

// open is from when on intervals may still change.
func (p *past) open(now time.Time) time.Time {
	p.mu.RLock()
	defer p.mu.RUnlock()
	from := now.Add(-turnsBack)
	for _, t := range p.rows {
		if t.Start.After(from) && (!t.Settled || !t.Priced) {
			return t.Start
		}
	}
	if n := len(p.rows); n > 0 && p.rows[n-1].Start.After(from) {
		return p.rows[n-1].Start
	}
	return from
}

// between are the rows that begin in a stretch.
func (p *past) between(from, to time.Time) []live.TurnRow {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := []live.TurnRow{}
	for _, t := range p.rows {
		if !t.Start.Before(from) && t.Start.Before(to) {
			out = append(out, t)
		}
	}
	return out
}

// stretch is a stretch of time, and how many intervals of it are wanted.
type stretch struct {
	from, to time.Time
	limit    int
}

// intervals are the rows of a stretch, oldest first, and where the next page begins.
func (r *Room) intervals(ctx context.Context, a *attached, s stretch) ([]live.TurnRow, *time.Time, error) {
	all := map[int64]live.TurnRow{}
	if r.cfg.History != nil {
		stored, err := r.cfg.History.Intervals(ctx, a.name, s.from, s.to, s.limit+1)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range stored {
			var t live.TurnRow
			if err := json.Unmarshal(x.Body, &t); err != nil {
				return nil, nil, fmt.Errorf("read the interval of %s at %s: %w", a.name, x.Start, err)
			}
			all[t.Start.Unix()] = t
		}
	}
	for _, t := range a.past.between(s.from, s.to) {
		all[t.Start.Unix()] = t
	}
	out := make([]live.TurnRow, 0, len(all))
	for _, t := range all {
		t.Uses = filled(t.Uses)
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b live.TurnRow) int { return a.Start.Compare(b.Start) })
	if len(out) > s.limit {
		return out[:s.limit], new(out[s.limit].Start), nil
	}
	return out, nil, nil
}

// followTurns keeps plan and intervals of a site up to date until ctx ends.
func (r *Room) followTurns(ctx context.Context, a *attached) {
	papers, can := a.link.(Turns)
	if !can {
		return
	}
	tick := time.NewTicker(turnsPace)
	defer tick.Stop()
	var planned, asked time.Time
	for {
		s := a.mirror.last()
		if now := r.cfg.Clock(); !s.At.IsZero() && (s.Plan != nil && !s.Plan.At.Equal(planned) || now.Sub(asked) > turnsAgain) {
			if err := r.askTurns(ctx, a, papers, s.At); err != nil && ctx.Err() == nil {
				r.cfg.Log.DebugContext(ctx, "turns of a site could not be read", "site", a.name, "cause", err)
			} else if s.Plan != nil {
				planned = s.Plan.At
			}
			asked = now
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// askTurns asks for the newest plan, and for the intervals that may have changed.
func (r *Room) askTurns(ctx context.Context, a *attached, papers Turns, now time.Time) error {
	ctx, stop := context.WithTimeout(ctx, 4*askMost)
	defer stop()
	known := int64(0)
	if p := a.past.plan(); p != nil {
		known = p.Rev
	}
	p, fresh, err := papers.Plan(ctx, known)
	if err == nil && fresh {
		a.past.publish(p)
	}
	list, err := papers.Turns(ctx, a.past.open(now), now.Add(time.Nanosecond), turnsKept-24)
	if err != nil {
		return err
	}
	changed := a.past.take(list.Turns)
	if len(changed) == 0 && !fresh {
		return nil
	}
	at, _ := json.Marshal(map[string]any{"site": a.name, "at": now.UTC()}) // of texts: it cannot fail
	r.hub.tell(Event{Kind: turnEvent, Site: a.name, Verb: people.Look, Data: at})
	return r.save(ctx, a.name, changed)
}

// save keeps rows.
func (r *Room) save(ctx context.Context, site string, rows []live.TurnRow) error {
	if r.cfg.History == nil || len(rows) == 0 {
		return nil
	}
	all := make([]keep.Interval, 0, len(rows))
	for _, t := range rows {
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		all = append(all, keep.Interval{Start: t.Start, Length: time.Duration(t.Seconds) * time.Second, Body: text})
	}
	return r.cfg.History.SaveIntervals(ctx, site, all)
}
