package hall

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/series"
	"sluice/service"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
	"sluice/use/hosting/shed"
)

// serving records how each contract was served, from one view of the engine to the next.
type serving struct {
	kept keptService
	told map[string]int // acts of the running event by contract, as its tenant knows them
}

// keptService is what of it outlives a restart.
type keptService struct {
	Level   map[string]hosting.LevelState
	Runs    map[string][]run          // of the local day under way
	Takings map[string][]meter.Taking // of the year, by contract
	Capped  map[string]capped
	Day     time.Time // that is under way
}

// run is a stretch in which a contract stood the same way.
type run struct {
	Span  rate.Span
	Short int // committed GPUs for which there are no servers
	Taken int // committed GPUs that we took
	Event string
	Told  time.Time // the tenant
	Fair  bool      // what was taken lies within the terms
	Slow  unit.Ratio
	Proof [32]byte
}

// same reports whether a contract still stands the same way.
func (r run) same(o run) bool {
	o.Span, o.Proof = r.Span, r.Proof
	return r == o
}

// capped is for how long power limits slowed a contract in a month.
type capped struct {
	Month time.Time
	Used  time.Duration
}

// see takes how every contract stands that was promised something.
func (s *serving) see(h *Hall, v engine.View) {
	if s.kept.Runs == nil {
		s.kept = keptService{Level: map[string]hosting.LevelState{}, Runs: map[string][]run{}, Takings: map[string][]meter.Taking{}, Capped: map[string]capped{}, Day: v.At}
	}
	for _, t := range h.cfg.Tenancies {
		c := t.Contract()
		if !c.Kind.Commits() || c.Kind == hosting.Colocation || !c.InTerm(v.At) {
			continue
		}
		now := h.stands(t, v)
		all := s.kept.Runs[c.Name]
		at := v.At.Unix()
		now.Span = rate.Span{From: at, To: at}
		if n := len(all) - 1; n >= 0 && at >= all[n].Span.To && at-all[n].Span.To <= int64(h.cfg.Timing.Fresh/time.Second) {
			last := &all[n]
			s.count(h, t, *last, time.Unix(last.Span.To, 0), v.At)
			last.Span.To = at
			if last.same(now) {
				continue
			}
		}
		s.kept.Runs[c.Name] = append(all, now)
	}
}

// stands is how a contract stands in a view.
func (h *Hall) stands(t *hosting.Tenancy, v engine.View) run {
	c := t.Contract()
	sold := int(c.CommittedAt(v.At, h.cfg.Zone))
	var r run
	used, away, kept := 0, 0, 0
	held := ""
	for _, q := range v.Queues {
		if q.Name == h.cfg.queue(c.Name) {
			held = q.Event
		}
	}
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if o := h.ownerOf(j); o == nil || o.Contract().Name != c.Name {
			continue
		}
		switch {
		case j.State == engine.Running || j.State == engine.Stopping:
			used += j.GPUs
		case j.Evicted != "":
			away += j.GPUs
			r.Event = j.Evicted
		case held != "":
			kept += j.GPUs
			r.Event = held
		}
	}
	free := max(0, sold-used)
	r.Short = min(free, h.lacking(c, v))
	r.Taken = min(free-r.Short, away+kept)
	if r.Taken == 0 {
		r.Event = ""
	}
	r.Fair = r.Taken > 0 && c.Kind == hosting.Flexible
	for _, st := range []curtail.State{h.kernel.State(), h.follow.State()} {
		for _, a := range st.Acts {
			if a.Contract != c.Name {
				continue
			}
			if a.Lever == shed.Cap && a.Stage == curtail.Seen {
				r.Slow = max(r.Slow, unit.One-a.Speed)
				r.Event = cmp.Or(r.Event, st.Event)
			}
			r.Fair = r.Fair && !a.Firm
		}
		if r.Event != "" && r.Event == st.Event {
			r.Told = st.Order.At.UTC()
		}
	}
	if told, by := h.byPerson(r.Event); by {
		r.Fair, r.Told = false, told
	}
	return r
}

// lacking is a contract's part of the GPUs that broken servers take from all that was
// sold of its model.
func (h *Hall) lacking(c hosting.Contract, v engine.View) int {
	usable, sold, own := 0, 0, int(c.CommittedAt(v.At, h.cfg.Zone))
	for _, n := range v.Nodes {
		if n.State == engine.NodeDown || n.State == engine.NodeDraining && n.Event == "" && n.Busy == 0 {
			continue
		}
		if n.Model == "" || n.Model == c.Model {
			usable += n.GPUs
		}
	}
	for _, t := range h.cfg.Tenancies {
		if t.Contract().Model == c.Model {
			sold += int(t.Contract().CommittedAt(v.At, h.cfg.Zone))
		}
	}
	if sold <= usable || sold == 0 {
		return 0
	}
	return ((sold-usable)*own + sold - 1) / sold
}

// count adds a stretch to the month of a contract.
func (s *serving) count(h *Hall, t *hosting.Tenancy, r run, from, to time.Time) {
	if !from.Before(to) {
		return
	}
	c := t.Contract()
	sold := c.CommittedAt(from, h.cfg.Zone)
	n := r.counts(sold, to.Sub(from))
	h.market.served(c.Name, r.counts(sold, to.Sub(maxTime(from, h.market.kept.At)))) // a restart sees what was told once again
	if r.Slow > 0 {
		month := series.MonthOf(from, h.cfg.Zone).Start
		had := s.kept.Capped[c.Name]
		if !had.Month.Equal(month) {
			had = capped{Month: month}
		}
		had.Used += to.Sub(from)
		s.kept.Capped[c.Name] = had
	}
	if level, _, err := s.kept.Level[c.Name].Add(hosting.Span{From: from, To: to, Counts: n, Evidence: r.proof(c.Name)}, h.cfg.Zone); err == nil {
		s.kept.Level[c.Name] = level
	} else {
		h.hush(ServiceUnknown, c.Name, err)
	}
}

// counts is what a stretch comes to in which so many GPUs were sold.
func (r run) counts(sold int64, d time.Duration) hosting.Counts {
	seconds := int64(max(0, d) / time.Second)
	n := hosting.Counts{Committed: sold * seconds, Down: int64(r.Short+r.Taken) * seconds}
	if r.Fair {
		n.Excused = int64(r.Taken) * seconds
	}
	n.Slowed = unit.MulDiv(sold*seconds, int64(r.Slow), int64(unit.One))
	return n
}

// proof is the hash of what was seen.
func (r run) proof(contract string) [32]byte {
	text, err := json.Marshal(struct {
		Contract string
		Run      run
	}{contract, r})
	if err != nil {
		return [32]byte{}
	}
	return sha256.Sum256(text)
}

// capping is how long power limits may still slow a contract this month; negative:
// without end.
func (s *serving) capping(t *hosting.Tenancy, now time.Time) time.Duration {
	c := t.Contract()
	if c.Capping.Hours == 0 {
		return -1
	}
	used := s.kept.Capped[c.Name]
	if !used.Month.Equal(series.MonthOf(now, t.Zone()).Start) {
		return c.Capping.Hours
	}
	return max(0, c.Capping.Hours-used.Used)
}

// outside reports whether a flexible contract's power may not be called now: its
// hours of the year or its calls of the month are used up.
func (s *serving) outside(t *hosting.Tenancy, now time.Time) bool {
	c := t.Contract()
	if c.Kind != hosting.Flexible {
		return false
	}
	var used time.Duration
	calls := map[string]bool{}
	month := series.MonthOf(now, t.Zone()).Start
	for _, x := range s.takings(c.Name) {
		at := time.Unix(x.Span.From, 0).In(t.Zone())
		if x.Slowdown > 0 || at.Year() != now.In(t.Zone()).Year() {
			continue
		}
		used += time.Duration(x.Span.Seconds()) * time.Second
		if !at.Before(month) {
			calls[x.Event] = true
		}
	}
	return used >= c.Flex.Hours || c.Flex.Events > 0 && len(calls) >= c.Flex.Events
}

// takings are what was taken from a contract in the year, today's too.
func (s *serving) takings(contract string) []meter.Taking {
	out := slices.Clone(s.kept.Takings[contract])
	for _, r := range s.kept.Runs[contract] {
		out = append(out, r.takings(contract)...)
	}
	return out
}

// takings are what of a stretch we took.
func (r run) takings(contract string) []meter.Taking {
	var out []meter.Taking
	one := meter.Taking{Event: r.Event, Contract: contract, Announced: r.Told, Span: r.Span, Evidence: r.proof(contract)}
	if r.Span.Empty() || r.Event == "" {
		return nil
	}
	if r.Taken > 0 {
		out = append(out, one)
	}
	if r.Slow > 0 {
		one.Slowdown = r.Slow
		out = append(out, one)
	}
	return out
}

// credit is what falls due by the contract's level when so many GPUs are down for so long.
func (h *Hall) credit(contract string, gpus int, hold time.Duration) unit.Amount {
	t := h.cfg.tenancy(contract)
	if t == nil || len(t.Contract().Level.Tiers) == 0 {
		return 0
	}
	c, month := t.Contract(), series.MonthOf(h.now(), h.cfg.Zone)
	seconds := c.CommittedAt(h.now(), h.cfg.Zone) * int64(month.Length/time.Second)
	fee := unit.Amount(unit.MulDiv(int64(c.Price), seconds, 3600))
	so := service.Record{Committed: seconds}
	if l := h.service.kept.Level[contract]; l.Month.Start.Equal(month.Start) {
		so.Down, so.Excused = l.Down, l.Excused
	}
	return c.Level.Cost(fee, so, int64(gpus)*int64(hold/time.Second))
}

// day publishes the day that is over.
func (s *serving) day(ctx context.Context, h *Hall) {
	if s.kept.Day.IsZero() {
		return
	}
	day := series.DayOf(s.kept.Day, h.cfg.Zone)
	if h.now().Before(day.End()) {
		return
	}
	s.publish(ctx, h, rate.Span{From: day.Start.Unix(), To: day.End().Unix()})
	for name, all := range s.kept.Runs {
		for _, r := range all {
			s.kept.Takings[name] = append(s.kept.Takings[name], r.takings(name)...)
		}
		year := h.now().AddDate(-1, 0, 0).Unix()
		s.kept.Takings[name] = slices.DeleteFunc(s.kept.Takings[name], func(t meter.Taking) bool { return t.Span.To < year })
		if n := len(all) - 1; n >= 0 {
			all[n].Span.From = all[n].Span.To
			s.kept.Runs[name] = all[n:]
		}
	}
	s.kept.Day = h.now()
}

// publish stores how every contract was served in a period.
func (s *serving) publish(ctx context.Context, h *Hall, period rate.Span) {
	for _, t := range h.cfg.Tenancies {
		c := t.Contract()
		runs := s.kept.Runs[c.Name]
		if len(runs) == 0 {
			continue
		}
		p, r := promised(t, runs, period)
		all, err := meter.Service(p, r)
		if err == nil {
			err = h.plant.Store.Office().PutService(ctx, c.Name, period, all, h.now())
		}
		h.hush(ServiceUnknown, c.Name, err)
	}
}

// promised is a contract's promise with its parts, and what was seen of each: GPUs
// stand in parts of a server, and what lacks or was taken is counted from the last
// part on, because nobody's servers are his alone.
func promised(t *hosting.Tenancy, runs []run, period rate.Span) (meter.Promise, meter.Record) {
	c := t.Contract()
	m := meter.Metered(c)
	p := meter.Promise{Contract: c.Name, Tenant: c.Tenant, Zone: t.Zone(), Serves: m.Serves, Flex: c.Flex, Capping: c.Capping}
	per := max(1, t.Group().Model.PerNode)
	for left, i := c.GPUs, 1; left > 0; left, i = left-per, i+1 {
		name := fmt.Sprintf("%s-%04d", c.Name, i)
		p.Parts = append(p.Parts, meter.Part{Name: name, Node: name, GPUs: int64(min(per, left))})
	}
	r := meter.Record{Period: period}
	parts := func(gpus int) int { return min(len(p.Parts), (gpus+per-1)/per) }
	for _, x := range runs {
		short := parts(x.Short)
		for i, part := range p.Parts {
			s := meter.Sight{Node: part.Node, State: engine.NodeUp, Busy: true, Span: x.Span, Evidence: x.proof(c.Name)}
			if i >= len(p.Parts)-short {
				s.State = engine.NodeDown
			}
			if !s.Span.Empty() {
				r.Sights = append(r.Sights, s)
			}
		}
		for _, taking := range x.takings(c.Name) {
			if taking.Slowdown == 0 {
				n := len(p.Parts) - short
				for _, part := range p.Parts[max(0, n-parts(x.Taken)):n] {
					taking.Parts = append(taking.Parts, part.Name)
				}
			}
			r.Takings = append(r.Takings, taking)
		}
	}
	return p, r
}

// tell lets tenants know of what an event takes from them, and of its end.
func (s *serving) tell(ctx context.Context, h *Hall, r curtail.Report) {
	st := h.kernel.State()
	switch r.Phase {
	case curtail.Done, curtail.Stopped:
		for contract := range s.told {
			s.notify(ctx, h, st, contract, 0)
		}
		s.told = nil
	case curtail.Shedding, curtail.Holding, curtail.Releasing, curtail.Idle:
	}
}

// inform tells tenants of acts that they do not know yet.
func (s *serving) inform(ctx context.Context, h *Hall) {
	if !h.active() {
		return
	}
	st := h.kernel.State()
	gpus := map[string]int{}
	for _, a := range st.Acts {
		if a.Contract != "" {
			gpus[a.Contract] += a.GPUs
		}
	}
	for contract, n := range gpus {
		if s.told[contract] < n {
			s.notify(ctx, h, st, contract, n)
		}
	}
}

// notify keeps a notice for the tenant of a contract.
func (s *serving) notify(ctx context.Context, h *Hall, st curtail.State, contract string, gpus int) {
	t := h.cfg.tenancy(contract)
	if t == nil {
		return
	}
	if s.told == nil {
		s.told = map[string]int{}
	}
	office := h.plant.Store.Office()
	who, err := office.Owner(ctx, contract)
	if err == nil {
		o := st.Order
		hold := o.Hold
		if hold == 0 {
			hold = h.cfg.Timing.Expect
		}
		n := tenants.Notice{
			Contract: contract, Event: st.Event, Revision: s.revision(ctx, h, who, contract, st.Event), At: h.now(), From: o.At, Until: o.Deadline().Add(hold),
			Measure: "power is taken", GPUs: gpus, Says: cmp.Or(o.Why, "power is short"),
		}
		if gpus == 0 {
			n.Until, n.Measure = maxTime(h.now(), o.At.Add(time.Second)), "power is given back"
		}
		err = office.Notify(ctx, who, n)
		s.told[contract] = gpus
	}
	h.hush(DiskRefuses, "notices", err)
}

// revision is the next one of a notice.
func (s *serving) revision(ctx context.Context, h *Hall, who tenants.Tenant, contract, event string) int {
	all, err := h.plant.Store.Desk().Notices(ctx, who, time.Time{})
	if err != nil {
		return 1
	}
	for _, n := range all {
		if n.Contract == contract && n.Event == event {
			return n.Revision + 1
		}
	}
	return 1
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
