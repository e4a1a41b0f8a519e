package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/forecast"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/world"
)

// leg is one local month of the period. Every leg starts the solver cold, so its
// papers do not depend on how the legs before it were computed.
type leg struct {
	month       string
	first, last int // intervals first to before last
}

// legs cuts the period at local months.
func (m *market) legs() []leg {
	var out []leg
	for i := 0; i < m.grid.Len(); {
		t := m.grid.Start(i)
		end := series.MonthOf(t, m.s.Site.Zone).End()
		last := m.grid.Len()
		if j, inside := m.grid.Index(end); inside {
			last = j
		}
		out = append(out, leg{month: t.In(m.s.Site.Zone).Format("2006-01"), first: i, last: last})
		i = last
	}
	return out
}

// record is what is kept of a turn to carry it out again.
type record struct {
	Orders   []cycle.Order
	Delivery cycle.Delivery
	Plan     struct {
		Price  []unit.Price
		Solver cycle.Solver
		Flags  []cycle.Flag
		Today  cycle.Expected
		Calls  []cycle.Call
	}
}

// feeds are the forecast desks at the start of each leg, each told all that was
// published by then and nothing later, and the desk of the whole period.
func (m *market) feeds(legs []leg) ([]*feed, *forecast.Desk, error) {
	f, err := m.newFeed()
	if err != nil {
		return nil, nil, err
	}
	var out []*feed
	for _, g := range legs {
		if err := f.upTo(g.first); err != nil {
			return nil, nil, err
		}
		out = append(out, f.clone())
	}
	return out, f.desk, f.upTo(m.grid.Len() - 1)
}

// turner plays legs with a solver of its own.
type turner struct {
	m       *market
	planner *Setup // what the wheel plans with; nil: the site that is replayed
	around  world.Conditions
	solver  dispatch.Solver
	limits  solve.Options
	book    book
}

// play turns the wheel over one leg from where l stands, and writes the papers.
// l is used up. The records allow the leg to be carried out again.
func (t *turner) play(ctx context.Context, g leg, l *line, f *feed, tick func()) ([]record, seal, error) {
	w, err := t.wheel(l.bill, f.desk)
	if err != nil {
		return nil, seal{}, err
	}
	p, err := t.book.open(g.month)
	if err != nil {
		return nil, seal{}, err
	}
	s := seal{Digest: t.m.s.Digest, Month: g.month, Standing: l.plant.Standing()}
	var records []record
	for i := g.first; i < g.last; i++ {
		if err = f.upTo(i); err != nil {
			break
		}
		var done *cycle.Turn
		if done, err = t.turn(ctx, w, l, i); err != nil {
			break
		}
		if err = p.write(done); err != nil {
			break
		}
		records = append(records, keep(done))
		tick()
	}
	if err != nil {
		p.drop()
		return nil, seal{}, err
	}
	s, err = t.book.finish(p, s)
	return records, s, err
}

func keep(t *cycle.Turn) record {
	r := record{Orders: t.Orders, Delivery: t.Delivery}
	r.Plan.Price, r.Plan.Solver, r.Plan.Flags, r.Plan.Today = t.Plan.Price[:1], t.Plan.Solver, t.Plan.Flags, t.Plan.Today
	r.Plan.Calls = t.Plan.Calls
	return r
}

// plans is what the wheel plans with.
func (t *turner) plans() *Setup {
	if t.planner != nil {
		return t.planner
	}
	return t.m.s
}

func (t *turner) wheel(bill *power.Bill, d *forecast.Desk) (*loop.Wheel, error) {
	s := t.plans()
	return loop.New(loop.Config{
		Site: s.Site, Contracts: s.Contracts, Rigs: s.Rigs, Tenancies: s.Tenancies, Step: s.Step, Horizon: s.Horizon, Fine: s.Fine,
		Desk: d, Market: dispatch.New(t.solver, t.limits), Bill: bill,
	})
}

// turn is one whole turn of the wheel.
func (t *turner) turn(ctx context.Context, w *loop.Wheel, l *line, i int) (*cycle.Turn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	uses, err := l.states(ctx)
	if err != nil {
		return nil, err
	}
	f := t.m.facts(i, uses)
	if s := t.plans(); len(s.Halls) > 0 {
		f.Loads, f.Firm = l.loads(s.Tenancies, uses, w.Mesh(t.m.grid.Start(i)))
	}
	f.Load = t.m.dayLoads(t.m.grid.Start(i))
	done, err := w.Open(ctx, t.m.grid.Start(i), f)
	if err != nil {
		return nil, err
	}
	if err := l.announce(done.Snapshot.At, done.Plan.Calls); err != nil {
		return nil, err
	}
	receipts, after, err := l.carry(ctx, done.Snapshot.At, done.Orders)
	if err != nil {
		return nil, err
	}
	done.Receipts = receipts
	p, err := l.prices(i)
	if err != nil {
		return nil, err
	}
	if err := w.Close(done, l.before, after, p); err != nil {
		return nil, err
	}
	l.before = after
	return done, ctx.Err()
}

// follow carries a leg out again on the one line of time that counts, and
// checks that the plant does what the papers say. It tells the diary every interval.
func (l *line) follow(ctx context.Context, g leg, records []record, diary func(cycle.Expected, cycle.Delivery, cycle.Entry)) error {
	if len(records) != g.last-g.first {
		return fmt.Errorf("papers of %s hold %d turns, the month has %d", g.month, len(records), g.last-g.first)
	}
	for k, r := range records {
		i := g.first + k
		was := l.before
		d, e, err := l.pass(ctx, i, r.Orders, r.Plan.Calls...)
		if err != nil {
			return err
		}
		diary(r.Plan.Today, d, e)
		if err := l.metering.read(l); err != nil { //nolint:contextcheck // halls in memory wait for nothing
			return err
		}
		if got := l.before.Import - was.Import; got != r.Delivery.Import {
			return fmt.Errorf("papers of %s turn %d: the plant draws %.6f MWh, the papers say %.6f: they belong to another world", g.month, r.Delivery.Turn, got.MWh(), r.Delivery.Import.MWh())
		}
		l.tally.plan(cycle.Plan{Price: r.Plan.Price, Solver: r.Plan.Solver, Flags: r.Plan.Flags})
	}
	return nil
}

// recall reads the records of a sealed leg.
func (b book) recall(s seal) ([]record, error) {
	var out []record
	err := b.read(s, func(line []byte) error {
		var r record
		if err := json.NewDecoder(bytes.NewReader(line)).Decode(&r); err != nil {
			return fmt.Errorf("papers of %s line %d: %w", s.Month, len(out)+1, err)
		}
		r.Plan.Price = r.Plan.Price[:1:1]
		out = append(out, r)
		return nil
	})
	return out, err
}
