package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sluice/live"
	"sluice/loop/cycle"
	"sluice/loop/trust"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// plant is a site whose answers the test makes up; it keeps what it was told.
type plant struct {
	mu     sync.Mutex
	status live.Status
	list   live.MachineList
	plan   live.PlanPapers
	turns  []live.TurnRow
	told   []deedTold
	away   bool
	no     string // why it refuses; empty: it obeys
}

// deedTold is one deed that the site was told.
type deedTold struct {
	deed string
	q    live.Request
}

func newPlant(at time.Time) *plant {
	return &plant{status: live.Status{
		Site: "houston", At: at, About: live.About{Zone: "America/Chicago", Currency: "USD", Interval: 900, Speed: 1},
		Groups: []live.GroupStatus{{Name: "houston", Limit: 10 * unit.Megawatt, Reserved: 8 * unit.Megawatt}},
		Meters: []live.MeterStatus{{Name: "revenue", Power: 7 * unit.Megawatt, Known: true, At: at}},
		Mode:   &live.ModeStatus{Stage: "shadow", Next: "advisory"},
	}}
}

func (p *plant) change(do func(p *plant)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do(p)
}

// Status implements Link.
func (p *plant) Status(context.Context) (live.Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return live.Status{}, live.ErrAway
	}
	s := p.status
	mode := *s.Mode
	mode.Requests = slices.Clone(mode.Requests)
	s.Mode = &mode
	return s, nil
}

// Act implements Link.
func (p *plant) Act(_ context.Context, deed string, q live.Request) (live.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return live.Answer{}, live.ErrAway
	}
	if p.no != "" {
		return live.Answer{}, fmt.Errorf("%w: %s", live.ErrNo, p.no)
	}
	p.told = append(p.told, deedTold{deed, q})
	switch deed {
	case "stop":
		p.status.Stopped = true
	case "resume":
		if q.By == "" || q.And == "" || q.By == q.And {
			return live.Answer{}, fmt.Errorf("%w: it takes two", live.ErrNo)
		}
		p.status.Stopped = false
	case "promote":
		p.status.Mode.Requests = append(p.status.Mode.Requests, trust.Request{Number: int64(len(p.status.Mode.Requests) + 1), By: q.By})
	case "approve":
		p.status.Mode.Stage = "advisory"
	}
	return live.Answer{Done: "done: " + deed}, nil
}

// Machines implements Machines.
func (p *plant) Machines(_ context.Context, after int64) (live.MachineList, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if after == p.list.Rev {
		return live.MachineList{Rev: after}, nil
	}
	return p.list, nil
}

// Machine implements Machines.
func (p *plant) Machine(_ context.Context, name string) (live.MachinePage, error) {
	return live.MachinePage{}, fmt.Errorf("%w: no machine %s", live.ErrNo, name)
}

// Turns implements Turns.
func (p *plant) Turns(context.Context, time.Time, time.Time, int) (live.TurnList, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return live.TurnList{Turns: slices.Clone(p.turns)}, nil
}

// Turn implements Turns.
func (p *plant) Turn(context.Context, time.Time) (cycle.Turn, error) {
	return cycle.Turn{}, fmt.Errorf("%w: no such turn", live.ErrNo)
}

// Plan implements Turns.
func (p *plant) Plan(_ context.Context, after int64) (live.PlanPapers, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plan, p.plan.Rev != after, nil
}

// heard is a room with one site that was heard.
func heard(tb testing.TB) (*world, *plant) {
	tb.Helper()
	w := newWorld(tb)
	p := newPlant(noon)
	w.must(w.room.Attach("houston", p))
	w.hear()
	return w, p
}

// hear asks every site now, in the place of the clock.
func (w *world) hear() {
	w.Helper()
	for _, a := range w.room.all() {
		w.room.ask(w.Context(), a)
		if m, can := a.link.(Machines); can {
			l, err := m.Machines(w.Context(), a.fleet.since())
			w.must(err)
			a.fleet.take(l, w.clock())
		}
		if t, can := a.link.(Turns); can {
			if err := w.room.askTurns(w.Context(), a, t, a.mirror.last().At); err != nil && !errors.Is(err, live.ErrNo) {
				w.Fatal(err)
			}
		}
	}
}

// fourQuarters is a plan of four quarters in which spot power is bought by one mining group.
func fourQuarters(at time.Time, price unit.Price) live.PlanPapers {
	const n = 4
	mesh := series.Mesh{Start: at}
	for range n {
		mesh.Lengths = append(mesh.Lengths, 15*time.Minute)
	}
	head := cycle.Head{Site: "houston", At: at, Turn: at.Unix() / 900}
	bid := use.Bid{
		Use: "mining/s21", PUE: series.Flat(unit.One), Available: series.Flat(unit.One),
		Steps: []use.Step{{Power: 5 * unit.Megawatt, Worth: series.Flat(80 * unit.PerMWh)}},
	}
	return live.PlanPapers{
		Rev: 1, Snapshot: cycle.Snapshot{Head: head, Limit: power.Limit{Import: series.Flat(10 * unit.Megawatt)}},
		Outlook: cycle.Outlook{Head: head, Mesh: mesh, Spot: slices.Repeat([]unit.Price{price}, n)},
		Plan: cycle.Plan{
			Head: head, Mesh: mesh, Bids: []use.Bid{bid}, Price: slices.Repeat([]unit.Price{price}, n),
			Offers:  []power.Offer{{Source: "spot", Kind: power.KindSpot, Max: series.Flat(20 * unit.Megawatt), Price: series.Flat(price)}},
			Charges: power.Charges{Import: series.Flat(unit.Price(0)), Export: series.Flat(unit.Price(0))},
			Uses:    []cycle.UsePlan{{Use: "mining/s21", Meter: slices.Repeat([]unit.Power{5 * unit.Megawatt}, n), Draw: slices.Repeat([]unit.Power{5 * unit.Megawatt}, n)}},
		},
	}
}
