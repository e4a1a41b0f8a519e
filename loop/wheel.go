package loop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/forecast"
	"sluice/loop/observe"
	"sluice/loop/settle"
	"sluice/loop/verify"
	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use/export"
	"sluice/use/hosting"
	"sluice/use/mining"
)

// Config is what a wheel is made of.
type Config struct {
	Site      site.Site
	Contracts power.Contracts
	Rigs      []*mining.Rig
	Tenancies []*hosting.Tenancy
	Step      time.Duration // settlement interval and length of a turn
	Horizon   time.Duration // how far a plan looks; 36 h when zero
	Fine      time.Duration // how far it looks in single steps, hours beyond; 12 h when zero
	Desk      *forecast.Desk
	Market    *dispatch.Market
	Bill      *power.Bill
	Orders    []export.Instruction // instructions of the grid in force
}

// WithDefaults returns the config with its undeclared values filled in.
func (c Config) WithDefaults() Config {
	if c.Horizon == 0 {
		c.Horizon = 36 * time.Hour
	}
	if c.Fine == 0 {
		c.Fine = 12 * time.Hour
	}
	c.Fine = min(c.Fine, c.Horizon)
	return c
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	if !series.Settles(c.Step) {
		faults = append(faults, fmt.Errorf("turn of %v: %w: use 5m, 15m, 30m or 1h", c.Step, series.ErrGrid))
	}
	if c.Horizon < c.Step {
		faults = append(faults, fmt.Errorf("a plan over %v is shorter than a turn of %v", c.Horizon, c.Step))
	}
	if c.Desk == nil || c.Market == nil || c.Bill == nil {
		faults = append(faults, errors.New("a wheel needs a forecast desk, a market and a bill"))
	}
	faults = append(faults, c.Site.Validate())
	return errors.Join(faults...)
}

// Wheel turns one site. One goroutine owns it.
type Wheel struct {
	c        Config
	branches []power.Branch

	planDay time.Time             // local day for which peaks are planned
	peaks   map[string]unit.Power // planned peak of each demand charge
}

// New returns a wheel that has not turned yet.
func New(c Config) (*Wheel, error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("loop of site %s: %w", c.Site.Name, err)
	}
	return &Wheel{c: c, branches: Branches(c.Site, c.Rigs, c.Tenancies)}, nil
}

// Facts is what the caller gathered for a turn: what observe writes down, and
// the records that forecasts may look back into. Nothing in it may be later
// than the turn.
type Facts struct {
	observe.Facts
	Ahead  []Priced                              // prices of intervals from now on that are published already, in order
	Record func(time.Time) (int64, bool)         // past ambient temperature, for instants up to now
	Own    map[string]series.Profile[unit.Power] // expected generation per plant behind the meter, by name

	Odds       map[string]series.Profile[unit.Ratio] // chance of a counted interval, by coincident peak
	Load       []power.DayLoad                       // expected peaks of the whole grid
	Instructed series.Profile[bool]                  // the utility's interruption holds; empty: never
	Loads      map[string]series.Profile[unit.Power] // expected IT load of each contract over the mesh of the plan, by use; see Mesh
	Firm       unit.Power                            // at the meter: what draws whatever the plan says, beside the site's must-run load
	Apart      map[string]bool                       // contracts, by use, that nothing steers now: they do not bid, and what they draw stands in Firm
}

// Open decides the interval that begins at now and returns its papers up to the
// orders. The orders are not carried out yet.
func (w *Wheel) Open(ctx context.Context, now time.Time, f Facts) (*cycle.Turn, error) {
	t := &cycle.Turn{}
	head := cycle.Head{Version: cycle.Version, Site: w.c.Site.Name, Turn: now.Unix() / int64(w.c.Step/time.Second), At: now}
	t.Snapshot = observe.Take(head, f.Facts)
	t.Snapshot.Peaks = w.c.Bill.Peaks()
	outlook, err := w.outlook(head, f)
	if err != nil {
		return nil, err
	}
	t.Outlook = outlook
	t.Snapshot.Limit = w.limit(outlook.Mesh)
	in, err := w.input(t, f)
	if err != nil {
		return nil, err
	}
	if t.Plan, err = w.c.Market.Clear(ctx, in); err != nil {
		return nil, err
	}
	if t.Plan.Calls, err = w.calls(t, f); err != nil {
		return nil, err
	}
	t.Plan.Today = settle.Expect(t.Plan, series.DayOf(now, w.c.Site.Zone).End())
	t.Orders = actuate.Orders(t.Plan, draws(f.Uses), w.c.Step)
	w.free(t, f)
	return t, nil
}

// Close takes the receipts and what the meters read before and after the
// interval, and finishes the turn's papers.
func (w *Wheel) Close(t *cycle.Turn, before, after cycle.Registers, p settle.Prices) error {
	t.Delivery = verify.Deliver(t.Plan, before, after, t.Snapshot.Limit.Import.At(0), t.Receipts)
	entry, err := settle.Post(t.Delivery, p, w.c.Bill)
	if err != nil {
		return fmt.Errorf("settle %s turn %d: %w", t.Plan.Site, t.Plan.Turn, err)
	}
	t.Entry = entry
	return nil
}

// Mesh is the time axis of a plan from now on: single steps, then hours.
func (w *Wheel) Mesh(now time.Time) series.Mesh {
	m := series.Mesh{Start: now}
	for at := time.Duration(0); at < w.c.Horizon; {
		d := w.c.Step
		if at >= w.c.Fine {
			d = min(time.Hour, w.c.Horizon-at)
		}
		m.Lengths = append(m.Lengths, d)
		at += d
	}
	return m
}

// outlook takes the prices that are published already and asks the forecast
// desk for the others.
func (w *Wheel) outlook(head cycle.Head, f Facts) (cycle.Outlook, error) {
	mesh := w.Mesh(head.At)
	o := cycle.Outlook{Head: head, Mesh: mesh, Air: forecast.Air(head.At, mesh, record(f)), Model: "published"}
	p := publishedOn(mesh, f.Ahead)
	if p.rest.Len() == 0 {
		o.Spot = p.merge(nil)
		o.Quantile = cycle.Quantiles{Q05: o.Spot, Q25: o.Spot, Q50: o.Spot, Q75: o.Spot, Q95: o.Spot}
		return o, nil
	}
	e, err := w.c.Desk.Outlook(p.rest.Start, p.rest)
	if err != nil {
		return o, fmt.Errorf("forecast %s turn %d: %w", head.Site, head.Turn, err)
	}
	o.Model, o.Degraded, o.Spot = e.Model, e.Degraded, p.merge(e.Point)
	o.Quantile = cycle.Quantiles{Q05: p.merge(e.Q05), Q25: p.merge(e.Q25), Q50: p.merge(e.Q50), Q75: p.merge(e.Q75), Q95: p.merge(e.Q95)}
	return o, nil
}

func record(f Facts) func(time.Time) (int64, bool) {
	if f.Record == nil {
		return func(time.Time) (int64, bool) { return 0, false }
	}
	return f.Record
}

// limit is what the connection and the instructions in force allow, and what
// halls and feeders bear.
func (w *Wheel) limit(mesh series.Mesh) power.Limit {
	l := power.Limit{
		Import: series.Flat(w.c.Site.Connection.Ceiling()), Export: series.Flat(w.c.Site.Connection.Outlet()),
		Branches: w.branches,
	}
	if len(w.c.Orders) > 0 {
		o := export.LimitsOver(mesh, w.c.Site.Connection, w.c.Orders)
		l.Import, l.Export, l.Ordered = o.Import, o.Export, len(o.Ordered) > 0
		l.Rating = w.c.Site.Connection.Rating
	}
	return l
}

// input gathers what dispatch needs: offers from the contracts, bids from the uses.
func (w *Wheel) input(t *cycle.Turn, f Facts) (dispatch.Input, error) {
	head := t.Snapshot.Head
	offers, charges, err := w.c.Contracts.Offers(power.Input{
		Mesh: t.Outlook.Mesh, Zone: w.c.Site.Zone, Connection: w.c.Site.Connection,
		Prices: t.Outlook.Spot, Generation: f.Own, Peaks: t.Snapshot.Peaks, Instructed: f.Instructed,
		Odds: f.Odds, Load: f.Load,
		Planned: w.planned(t, f), Volume: w.c.Bill.Volume(), Highest: w.c.Bill.Highest(),
	})
	if err != nil {
		return dispatch.Input{}, fmt.Errorf("offers of %s turn %d: %w", head.Site, head.Turn, err)
	}
	bids, err := w.bids(t, f, offers, charges)
	if err != nil {
		return dispatch.Input{}, fmt.Errorf("bids of %s turn %d: %w", head.Site, head.Turn, err)
	}
	return dispatch.Input{
		Head: head, Mesh: t.Outlook.Mesh, Bids: bids, Offers: offers, Charges: charges,
		Limit: t.Snapshot.Limit, MustRun: w.c.Site.MustRun + f.Firm,
	}, nil
}

func draws(uses []cycle.UseState) map[string]unit.Power {
	out := make(map[string]unit.Power, len(uses))
	for _, u := range uses {
		out[u.Use] = u.State.Draw
	}
	return out
}
