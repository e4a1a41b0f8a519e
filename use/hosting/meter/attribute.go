package meter

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
)

// Row is what one holder bears of an interval. Contract and job empty: the operator.
type Row struct {
	Contract, Tenant, Job string // a contract without job: idle GPUs that are its own

	GPUSeconds   int64
	SliceSeconds int64 // compute slices of shared GPUs times seconds

	GPU      unit.Energy // counted by the GPUs that it held
	Rest     unit.Energy // its part of what their nodes draw beside them
	Network  unit.Energy // its part of machines of nobody alone
	Overhead unit.Energy // its part of cooling and losses
	Residual unit.Energy // its part of the residual, where its contract bears it

	Marks []Mark // why some of it is estimated; none: all of it was read
}

// IT is the energy of machines.
func (r Row) IT() unit.Energy { return r.GPU + r.Rest + r.Network }

// Facility is IT with everything that serves it.
func (r Row) Facility() unit.Energy { return r.IT() + r.Overhead + r.Residual }

// Hold is a component that is not handed on, and why.
type Hold struct {
	Contract  string // empty: of every contract
	Component string
	Span      rate.Span
	Why       string
	Engine    int64  // GPU-seconds by the engine's word, where two sources disagree
	Witness   int64  // by the other's
	Source    string // who the other is
}

// Attribution is who bears what of one interval.
type Attribution struct {
	Boundary string
	Span     rate.Span
	Rows     []Row // contracts by name with their jobs, then jobs of nobody known, the operator last
	Nodes    []NodeEnergy
	Balances []Balance // of the racks
	Balance            // of the boundary

	IT       unit.Energy // all machines
	Overhead unit.Energy // of which Others bear OthersBear
	Others   unit.Energy // other loads behind the boundary

	OthersBear unit.Energy
	PUE        unit.Ratio // of the hall in this interval: facility energy by IT energy; 0: not known
	Holds      []Hold
	Faults     []Fault
	Evidence   books.Hash // of Paper
	Paper      []byte     // everything that this was made of
	Contracts  []Contract // in force
}

// The components of energy.
const (
	ITEnergy       = "it"       // of machines
	FacilityEnergy = "facility" // with what serves them
)

// Attribute divides what was metered in an interval among those who used it. An
// error wraps ErrInterval. Source: docs/formula/meter.md.
func Attribute(in Interval) (Attribution, error) {
	if err := in.Validate(); err != nil {
		return Attribution{}, err
	}
	in = in.ordered()
	a := Attribution{Boundary: in.Boundary, Span: in.Span}
	var err error
	if a.Paper, err = in.Paper(); err != nil {
		return Attribution{}, fmt.Errorf("interval of %s from %d: %w", in.Boundary, in.Span.From, err)
	}
	a.Evidence = evidence(a.Paper)
	b := bill{Interval: in, Attribution: a, rows: map[holder]*Row{}}
	b.machines()
	b.network()
	b.serving()
	b.balance()
	return b.finish(), nil
}

// bill is an attribution on its way.
type bill struct {
	Interval
	Attribution
	rows   map[holder]*Row
	racked map[string]unit.Energy // energy of the nodes of a rack
	vague  map[string]bool        // racks with a node whose energy is estimated or missing
}

func (b *bill) row(h holder) *Row {
	r := b.rows[h]
	if r == nil {
		r = &Row{Contract: h.contract, Job: h.job}
		b.rows[h] = r
	}
	return r
}

// machines divides the energy of servers.
func (b *bill) machines() {
	on, faults := b.stays()
	b.Faults = append(b.Faults, faults...)
	b.racked, b.vague = map[string]unit.Energy{}, map[string]bool{}
	for _, s := range b.servers(on) {
		b.server(s)
		delete(on, s.Name)
	}
	for _, stays := range on {
		for _, st := range stays {
			r := b.row(st.holder)
			r.GPUSeconds += st.gpus * st.span.Seconds()
			r.Marks = marked(r.Marks, Unplaced)
			if why := "job " + st.job + " runs where no meter is known: name its nodes, or meter them"; st.contract != "" {
				b.hold(st.contract, ITEnergy, why)
				b.hold(st.contract, FacilityEnergy, why)
			}
		}
	}
}

// server divides one node.
func (b *bill) server(s *server) {
	b.Attribution.Nodes = append(b.Attribution.Nodes, s.NodeEnergy)
	b.IT += s.Total
	b.racked[s.Rack] += s.Total
	b.vague[s.Rack] = b.vague[s.Rack] || s.State != Measured && s.State != SwitchOff
	var common []Mark // of all that is on the node
	if slices.Contains(s.Marks, NoMeter) {
		common = slices.Clone(s.Marks)
	} else if slices.ContainsFunc(s.cards, func(d drawn) bool { return !d.known }) {
		common = []Mark{CounterLost}
	}
	if s.over {
		common = append(common, Overbooked)
		b.Faults = append(b.Faults, Fault{"node " + s.Name, fmt.Sprintf("jobs hold more than its %d GPUs: ask the engine again, its records overlap", s.GPUs)})
	}
	if s.State == Unknown {
		b.unknown(s)
	}
	x := b.gpus(s)
	for h, e := range x.gpu {
		r := b.row(h)
		r.GPU += e
		r.Marks = marked(r.Marks, x.marks[h]...)
	}
	for _, all := range []map[holder]int64{s.busy, s.idle} {
		for h, n := range all {
			b.row(h).GPUSeconds += n
		}
	}
	for h, e := range b.rest(s) {
		r := b.row(h)
		r.Rest += e
		r.Marks = marked(r.Marks, common...)
	}
	b.sliceSeconds(s)
}

// unknown holds the energy lines of an interval in which a node's energy is missing:
// of those who used it, and of all where overhead is shared with it.
func (b *bill) unknown(s *server) {
	why := "node " + s.Name + " reports no power and nothing is declared of it: declare its model, or send its readings"
	b.Faults = append(b.Faults, Fault{"node " + s.Name, why})
	users := map[string]bool{}
	for h := range s.busy {
		users[h.contract] = true
	}
	for h := range s.idle {
		users[h.contract] = true
	}
	for c := range users {
		if c != "" {
			b.hold(c, ITEnergy, why)
		}
	}
	b.hold("", FacilityEnergy, why)
}

func (b *bill) hold(contract, component, why string) {
	b.Holds = append(b.Holds, Hold{Contract: contract, Component: component, Span: b.Interval.Span, Why: why})
}

// sliceSeconds counts what was held of shared GPUs.
func (b *bill) sliceSeconds(s *server) {
	known := b.contracts()
	for _, sl := range b.Slices {
		if sl.Node != s.Name {
			continue
		}
		h := holder{sl.Contract, sl.Job}
		if !known[h.contract] {
			h.contract = ""
			b.Faults = append(b.Faults, Fault{"job " + sl.Job, "contract " + quote(sl.Contract) + " is not metered here: its use is the operator's until the contract is named"})
		}
		b.row(h).SliceSeconds += int64(sl.Parts) * seconds(sl.From, sl.To, b.Interval.Span).Seconds()
	}
}

// energies are what every holder bears of machines.
func (b *bill) energies() map[holder]int64 {
	out := map[holder]int64{}
	for h, r := range b.rows {
		out[h] = int64(r.IT())
	}
	return out
}

// network divides the machines of nobody alone by the energy of servers.
func (b *bill) network() {
	p := portionsOf(b.energies())
	for _, c := range b.Network {
		e, known := c.Energy()
		if !known {
			b.lacks(c.Name, ITEnergy, FacilityEnergy)
			continue
		}
		b.IT += e
		for h, part := range p.share(e) {
			r := b.row(h)
			r.Network += part
			if c.Estimated {
				r.Marks = marked(r.Marks, Substituted)
			}
		}
	}
}

// others is the name under which other loads bear overhead; no job has it.
func others() holder { return holder{job: "\x00"} }

// serving divides what serves the machines by their energy, idle ones too.
func (b *bill) serving() {
	lost := b.other()
	inside := b.energies()
	for _, c := range b.Interval.Overhead {
		e, known := c.Energy()
		switch {
		case !known:
			b.lacks(c.Name, FacilityEnergy)
			continue
		case c.All && lost != "":
			b.lacks(lost, FacilityEnergy)
			continue
		}
		b.Attribution.Overhead += e
		delete(inside, others())
		if c.All {
			inside[others()] = int64(b.Attribution.Others)
		}
		for h, part := range portionsOf(inside).share(e) {
			if h == others() {
				b.OthersBear += part
				continue
			}
			r := b.row(h)
			r.Overhead += part
			if c.Estimated {
				r.Marks = marked(r.Marks, Substituted)
			}
		}
	}
}

// other adds up the other loads, and names one that is not known.
func (b *bill) other() (lost string) {
	for _, c := range b.Interval.Others {
		e, known := c.Energy()
		if !known {
			lost = c.Name
			b.lacks(c.Name)
			continue
		}
		b.Attribution.Others += e
	}
	return lost
}

// lacks tells of a meter that was not read, and holds what cannot be known without it.
func (b *bill) lacks(meter string, components ...string) {
	why := "meter " + meter + " was not read, or its counter fell: send its readings, or an estimate that says so"
	b.Faults = append(b.Faults, Fault{"meter " + meter, why})
	for _, c := range components {
		b.hold("", c, why)
	}
}

// finish puts the rows in order.
func (b *bill) finish() Attribution {
	a := b.Attribution
	for _, c := range b.Interval.Contracts {
		if !c.Serves.Common(a.Span).Empty() {
			a.Contracts = append(a.Contracts, c)
		}
	}
	for _, r := range b.rows {
		i := slices.IndexFunc(a.Contracts, func(c Contract) bool { return c.Name == r.Contract })
		if i >= 0 {
			r.Tenant = a.Contracts[i].Tenant
		}
		a.Rows = append(a.Rows, *r)
	}
	slices.SortFunc(a.Rows, func(x, y Row) int {
		return compareHolders(holder{x.Contract, x.Job}, holder{y.Contract, y.Job})
	})
	slices.SortFunc(a.Faults, compareFaults)
	a.Faults = slices.Compact(a.Faults)
	slices.SortFunc(a.Holds, func(x, y Hold) int {
		return cmp.Or(cmp.Compare(x.Contract, y.Contract), cmp.Compare(x.Component, y.Component), cmp.Compare(x.Why, y.Why))
	})
	a.Holds = slices.Compact(a.Holds)
	return a
}
