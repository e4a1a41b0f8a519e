package hall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/series"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// ledger meters what tenants use, interval by interval.
type ledger struct {
	kept    keptLedger
	marking time.Time       // boundary for which readings are awaited; zero: none
	closing bool            // the engine is asked for the interval's jobs
	touched map[string]bool // contracts that something held back since the last boundary
	awake   map[string]awake
	seen    time.Time // view up to which awake counts
}

// keptLedger is what of it outlives a restart.
type keptLedger struct {
	First    mark // where the interval under way began
	Balances []meter.Balance
}

// mark is everything that was read at a boundary.
type mark struct {
	At      time.Time
	Cards   []gpu.Reading
	Nodes   []engine.Node
	Samples map[string]Sample // by place and name
}

// awake is for how long a server was on since the last boundary.
type awake struct {
	On   time.Duration
	Busy bool // at some time
}

// longest interval: after more than that without any record, metering begins anew.
const longestInterval = 24 * time.Hour

// enrol makes the tenants and contracts of the site file known to the store.
func (h *Hall) enrol(ctx context.Context) error {
	office := h.plant.Store.Office()
	for _, t := range h.cfg.Tenancies {
		c := t.Contract()
		who, err := office.Enrol(ctx, tenants.Profile{Name: c.Tenant, Label: c.Tenant, Since: c.Start})
		if err == nil {
			err = office.Bind(ctx, who, c.Name, h.now())
		}
		if err != nil {
			return fmt.Errorf("hall %s: contract %q: %w", h.cfg.Hall.Name, c.Name, err)
		}
	}
	return nil
}

// account cuts the time into intervals: at each boundary it waits until everything
// was read after it, and then asks the engine what ran.
func (h *Hall) account(ctx context.Context, now time.Time) {
	l := &h.ledger
	h.touch()
	if l.closing || h.view.At.IsZero() {
		return
	}
	if l.marking.IsZero() {
		if l.marking = h.boundary(now); l.marking.IsZero() {
			return
		}
	}
	if !h.readSince(l.marking) && now.Sub(l.marking) < time.Minute {
		return
	}
	last := h.mark(l.marking)
	l.marking = time.Time{}
	if l.kept.First.At.IsZero() || !l.kept.First.At.Before(last.At) || last.At.Sub(l.kept.First.At) > longestInterval {
		if !l.kept.First.At.IsZero() {
			h.note("hole", "nothing was metered from %s to %s", l.kept.First.At.UTC().Format(time.RFC3339), last.At.UTC().Format(time.RFC3339))
		}
		l.kept.First = last
		h.hush(DiskRefuses, recordFile, h.keepRecords())
		return
	}
	h.close(ctx, l.kept.First, last)
}

// boundary is where the interval under way ends, once it has: the last edge of the
// grid, and no later than the next begin or end of a contract; zero: it goes on.
func (h *Hall) boundary(now time.Time) time.Time {
	first := h.ledger.kept.First.At
	if first.IsZero() || first.After(now) { // the clock of another run was ahead
		return now.Truncate(time.Second)
	}
	end := now.Truncate(h.cfg.Interval)
	for _, t := range h.cfg.Tenancies {
		for _, edge := range []time.Time{t.Contract().Start, t.Contract().End} {
			if edge = edge.Truncate(time.Second); edge.After(first) && !edge.After(now) && (edge.Before(end) || !end.After(first)) {
				end = edge
			}
		}
	}
	if !end.After(first) {
		return time.Time{}
	}
	return end
}

// readSince reports whether every agent and meter was asked after an instant.
func (h *Hall) readSince(at time.Time) bool {
	for _, l := range slices.Concat(h.agents, h.gauges) {
		if l.began.Before(at) {
			return false
		}
	}
	return true
}

// mark is what was read last.
func (h *Hall) mark(at time.Time) mark {
	m := mark{At: at, Cards: slices.Clone(h.all()), Nodes: slices.Clone(h.view.Nodes), Samples: map[string]Sample{}}
	for i, g := range h.plant.Gauges {
		m.Samples[key(g.Place, g.Name)] = h.samples[i]
	}
	return m
}

func key(p Place, name string) string { return string(p) + " " + name }

// touch remembers which contracts are held back: what they draw then says nothing of
// their load.
func (h *Hall) touch() {
	if h.ledger.touched == nil {
		h.ledger.touched = map[string]bool{}
	}
	for _, st := range []curtail.State{h.kernel.State(), h.follow.State()} {
		for _, a := range st.Acts {
			h.ledger.touched[a.Contract] = true
		}
		for _, t := range h.cfg.Tenancies {
			_, held := st.Held[h.cfg.queue(t.Contract().Name)]
			if held || st.Withheld > 0 {
				h.ledger.touched[t.Contract().Name] = true
			}
		}
	}
}

// close asks the engine what ran in an interval, and meters it.
func (h *Hall) close(ctx context.Context, first, last mark) {
	records, ok := h.plant.Engine.(engine.Recorder)
	if !ok {
		h.hush(NoRecords, h.cfg.Hall.Name, errors.New("its driver states no use"))
		h.ledger.kept.First = last
		return
	}
	h.ledger.closing = true
	h.engine.order(task{patience: 3 * h.cfg.Patience, ask: func(ctx context.Context) func(context.Context) {
		jobs, err := records.Usage(ctx, first.At, last.At)
		return func(ctx context.Context) {
			h.ledger.closing = false
			if h.skips {
				h.ledger.kept.First = last
			}
			if err == nil {
				err = h.book(ctx, first, last, jobs)
			}
			if errors.Is(err, meter.ErrRevision) { // another run cut this time otherwise: what it delivered stays
				h.ledger.kept.First = last
			}
			h.hush(Unmetered, h.cfg.Hall.Name, err)
		}
	}})
}

// book attributes an interval and stores it. Until that is done its beginning stays.
func (h *Hall) book(ctx context.Context, first, last mark, jobs []engine.Usage) error {
	in := h.interval(first, last, jobs)
	a, err := meter.Attribute(in)
	if err != nil {
		return err
	}
	if !h.plant.metered(CoolingMeter) {
		a.Holds = append(a.Holds, meter.Hold{Component: meter.FacilityEnergy, Span: a.Span, Why: "no meter of the cooling is declared: state it under hosting.meters, or sell energy without cooling"})
	}
	office := h.plant.Store.Office()
	delivered, err := office.Usage(ctx, tenants.Query{From: first.At, To: last.At})
	if err != nil {
		return err
	}
	delivered = slices.DeleteFunc(delivered, func(u meter.Usage) bool { return u.Meter != h.cfg.Hall.Name })
	lines, err := meter.Revise(delivered, a.Usage())
	if err == nil {
		err = office.PutUsage(ctx, lines, a.Paper)
	}
	if err == nil {
		err = office.Hold(ctx, a.Holds, h.now(), h.sold()...)
	}
	if err != nil {
		return err
	}
	h.teach(a, last.At.Sub(first.At))
	h.explain(ctx, a)
	h.witness.ran(in.Span, in.Jobs)
	h.witnessed(ctx, in.Span.To)
	l := &h.ledger
	l.kept.First, l.touched, l.awake = last, nil, nil
	h.service.day(ctx, h)
	h.refit(ctx)
	return h.keepRecords()
}

// sold are the contracts that are metered.
func (h *Hall) sold() []string {
	var out []string
	for _, t := range h.cfg.Tenancies {
		if t.Contract().Kind != hosting.Colocation {
			out = append(out, t.Contract().Name)
		}
	}
	return out
}

// interval is everything that was read over a stretch.
func (h *Hall) interval(first, last mark, jobs []engine.Usage) meter.Interval {
	in := meter.Interval{Boundary: h.cfg.Hall.Name, Span: rate.Span{From: first.At.Unix(), To: last.At.Unix()}, Jobs: slices.Clone(jobs)}
	for i := range in.Jobs {
		u := &in.Jobs[i]
		if t := h.ownerOf(&engine.Job{Contract: u.Contract, Queue: u.Queue}); t != nil {
			u.Contract = t.Contract().Name
		}
	}
	for _, t := range h.cfg.Tenancies {
		if t.Contract().Kind != hosting.Colocation {
			in.Contracts = append(in.Contracts, meter.Metered(t.Contract()))
		}
	}
	in.Nodes = h.metered(first, last)
	for _, g := range h.plant.Gauges {
		c := count(g, first, last)
		switch g.Place {
		case HallMeter:
			in.Meter = c
		case CoolingMeter:
			in.Overhead = append(in.Overhead, meter.Overhead{Count: c})
		case RackMeter:
			in.Racks = append(in.Racks, meter.Rack{Name: g.Name, Meter: c})
		case SiteMeter: // other loads stand behind it
		}
	}
	in.Meter.Name = h.cfg.Hall.Name
	return in
}

// count is what a meter counted between two marks.
func count(g Gauge, first, last mark) meter.Count {
	a, b := first.Samples[key(g.Place, g.Name)], last.Samples[key(g.Place, g.Name)]
	return meter.Count{Name: g.Name, First: a.Energy, Last: b.Energy, Read: a.Counted && b.Counted && a.At.Before(b.At)}
}

// metered are the servers with their GPUs at the two ends.
func (h *Hall) metered(first, last mark) []meter.Node {
	ends := meter.Paired(first.Cards, last.Cards)
	was := map[string]engine.NodeState{}
	for _, n := range first.Nodes {
		was[n.Name] = n.State
	}
	var out []meter.Node
	for _, n := range last.Nodes {
		x := meter.Node{Name: n.Name, Rack: h.cfg.Racks[n.Name], GPUs: max(n.GPUs, len(ends.Cards[n.Name])), Labels: ends.Labels[n.Name]}
		x.Off = n.State == engine.NodeOff && was[n.Name] == engine.NodeOff
		x.Model = h.modelOf(n.Model)
		for _, c := range ends.Cards[n.Name] {
			x.Cards = append(x.Cards, *c)
		}
		x.Meter = h.nap(n, x.Model, was[n.Name])
		out = append(out, x)
	}
	return out
}

// wake counts for how long servers are on, from one view to the next.
func (l *ledger) wake(v engine.View) {
	if l.awake == nil {
		l.awake = map[string]awake{}
	}
	d := v.At.Sub(l.seen)
	if l.seen.IsZero() || d < 0 || d > time.Hour {
		d = 0
	}
	l.seen = v.At
	for _, n := range v.Nodes {
		a := l.awake[n.Name]
		a.Busy = a.Busy || n.Busy > 0
		if on(n.State) {
			a.On += d
		}
		l.awake[n.Name] = a
	}
}

func on(s engine.NodeState) bool { return s != engine.NodeOff && s != engine.NodeDown }

// nap is what an empty server drew that was switched off or on within an interval, by
// what is declared of it and the time for which the engine showed it on.
func (h *Hall) nap(n engine.Node, m gpu.Model, was engine.NodeState) meter.Count {
	a, known := h.ledger.awake[n.Name]
	if !known || a.Busy || m.Empty <= 0 || on(n.State) == on(was) {
		return meter.Count{}
	}
	return meter.Count{Name: n.Name, Last: m.Empty.Over(a.On), Read: true, Estimated: true}
}

// modelOf is what is declared of the servers of a model.
func (h *Hall) modelOf(name string) gpu.Model {
	for _, g := range h.cfg.Hall.Groups {
		if g.Model.Name == name || name == "" && len(h.cfg.Hall.Groups) == 1 {
			return g.Model
		}
	}
	return gpu.Model{}
}

// explain keeps the balances of hall and racks, and judges the last hour and day.
func (h *Hall) explain(ctx context.Context, a meter.Attribution) {
	l := &h.ledger.kept
	l.Balances = append(append(l.Balances, a.Balance), a.Balances...)
	old := a.Span.To - int64(2*longestInterval/time.Second)
	l.Balances = slices.DeleteFunc(l.Balances, func(b meter.Balance) bool { return b.Stretch.To < old })
	beyond := map[string]string{}
	for name, of := range h.balances() {
		vague := slices.ContainsFunc(of, func(b meter.Balance) bool { return b.Vague })
		for _, v := range meter.Hours(of) {
			if v.Standing == meter.Warned && v.Stretch.To <= a.Span.To && v.Stretch.To > a.Span.To-3600 && (name == h.cfg.Hall.Name || !vague) {
				beyond[name] = fmt.Sprintf("%.1f %% of %.3f MWh in the hour from %s", 100*v.Share().Float(), v.Total.MWh(), time.Unix(v.Stretch.From, 0).UTC().Format("15:04"))
			}
		}
	}
	h.only(Unexplained, beyond)
	h.block(ctx, a.Span)
}

// balances are those of each meter.
func (h *Hall) balances() map[string][]meter.Balance {
	out := map[string][]meter.Balance{}
	for _, b := range h.ledger.kept.Balances {
		out[b.Name] = append(out[b.Name], b)
	}
	return out
}

// block holds the energy lines of a day that is over and not explained.
func (h *Hall) block(ctx context.Context, last rate.Span) {
	day := series.DayOf(time.Unix(last.From, 0), h.cfg.Zone)
	if last.To < day.End().Unix() {
		return
	}
	var of []meter.Verdict
	for _, v := range meter.Days(h.balances()[h.cfg.Hall.Name], h.cfg.Zone) {
		if v.Stretch.From == day.Start.Unix() {
			of = append(of, v)
		}
	}
	lines, err := h.lines(ctx, day.Start, day.End())
	if err == nil {
		_, held := meter.Block(lines, of)
		err = h.plant.Store.Office().Hold(ctx, held, h.now())
	}
	h.hush(DiskRefuses, "held lines", err)
}

// drawn is the mean IT power of each contract in an attribution, where it is known.
func drawn(a meter.Attribution, d time.Duration) map[string]unit.Power {
	out, vague := map[string]unit.Energy{}, map[string]bool{}
	for _, c := range a.Contracts {
		out[c.Name] = 0
	}
	for _, r := range a.Rows {
		out[r.Contract] += r.IT()
		vague[r.Contract] = vague[r.Contract] || slices.Contains(r.Marks, meter.NoPower) || slices.Contains(r.Marks, meter.CounterLost) || slices.Contains(r.Marks, meter.Unplaced)
	}
	mean := map[string]unit.Power{}
	for name, e := range out {
		if name != "" && !vague[name] {
			mean[name] = e.Mean(d)
		}
	}
	return mean
}
