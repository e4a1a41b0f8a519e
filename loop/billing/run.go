package billing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/unit"
)

// Input is everything that a run of one contract and month is made of.
type Input struct {
	Contract    Contract
	Period      rate.Span // a calendar month, see Contract.Month
	Readings    []Reading // all that are known, of every contract, in any order and however often
	Outages     []Outage
	Exclusions  []Exclusion
	Known       []string            // the other contracts of the books: their readings are not ours to judge
	Dropped     []string            // ids of readings that a person decided not to count
	Waiting     []string            // ids of what is parked in the books and open
	Documents   []invoice.Document  // all that was issued
	Prepaid     unit.Amount         // what is left of what the customer paid in advance, positive
	Accrued     []books.Transaction // what the clerks of sites accrued of the contract, and what took any of it back; others are passed over
	Provisional bool                // bill what is known where readings are missing
	At          time.Time           // date of the document, whole seconds
	Open        time.Time           // nothing that happened before is booked any more
	Booked      time.Time           // whole seconds
	Reason      string              // of a note; empty: what changed
}

// Result is what a run comes to.
type Result struct {
	Lines        []invoice.Line // of the month as it is known now, the credit with them
	Taxes        []invoice.Tax
	Availability *rate.Statement // nil: no level of service is agreed
	Gaps         []rate.Gap
	Parked       []Parked
	Settled      []string            // of Waiting: what is billed now, or came to a contract that is known
	Documents    []invoice.Document  // of the month, as issued
	Cleared      []books.Transaction // take back what sites accrued of the month, to be posted first, with a draft or without
	Draft        *invoice.Document   // the next document; nil: nothing is new
	Transactions []books.Transaction // to be posted with it
}

// Run makes the next document of a month. Errors wrap ErrPeriod, ErrEarly,
// ErrLate, an error of package rate, or invoice.ErrDocument. One that wraps
// ErrGaps comes with the result but for its draft.
//
// Source: docs/formula/billing.md.
func Run(in Input) (Result, error) {
	m, err := in.month()
	if err != nil {
		return Result{}, fmt.Errorf("contract %q, %s: %w", in.Contract.ID, in.Contract.name(in.Period), err)
	}
	d, err := m.next()
	if err == nil && d != nil {
		err = m.finish(*d)
	}
	if err == nil {
		m.Cleared, err = m.clear()
	}
	if err != nil {
		return m.Result, fmt.Errorf("contract %q, %s: %w", in.Contract.ID, in.Contract.name(in.Period), err)
	}
	return m.Result, nil
}

// month is a run on its way.
type month struct {
	Result
	in     Input
	input  rate.Input // of the rating
	rating rate.Rating
	fresh  []rate.Line // what is charged, without taxes and without the credit
	credit []rate.Line // the SLA credit, or none
}

// month rates what is known.
func (in Input) month() (*month, error) {
	m := &month{in: in}
	if in.Period != in.Contract.Month(time.Unix(in.Period.From, 0)) {
		return nil, fmt.Errorf("from %s to before %s: %w", in.instant(in.Period.From), in.instant(in.Period.To), ErrPeriod)
	}
	m.Documents = in.issued()
	mine, all := m.judge()
	m.input = rate.Input{Contracts: in.Contract.Versions, Intervals: all, Prices: in.Contract.Prices, Period: in.Period, Prepaid: m.available()}
	r, err := rate.Rate(m.input)
	if err != nil {
		return nil, err
	}
	m.rating, m.Gaps = r, r.Gaps
	m.park(mine)
	m.provisional()
	m.fresh = worthy(m.rating.Lines)
	if err := errors.Join(bounded(m.rating.Lines), m.assess()); err != nil {
		return nil, err
	}
	m.Taxes = m.taxes(true)
	m.Lines = m.fromRate(slices.Concat(m.fresh, m.credit))
	return m, nil
}

// issued is the documents of the contract and month.
func (in *Input) issued() (out []invoice.Document) {
	for _, d := range in.Documents {
		if d.From == in.Period.From && d.To == in.Period.To && slices.ContainsFunc(d.Lines, func(l invoice.Line) bool { return l.Contract == in.Contract.ID }) {
			out = append(out, d)
		}
	}
	return out
}

// available is the prepayment from which a month may draw: what is left, or, once
// it was invoiced, what it drew.
func (m *month) available() unit.Amount {
	if len(m.Documents) == 0 {
		return m.in.Prepaid
	}
	var drawn unit.Amount
	for _, d := range m.Documents {
		for _, l := range d.Lines {
			if l.Kind == invoice.Prepayment {
				drawn -= l.Amount
			}
		}
	}
	return max(0, drawn)
}

// judge parks the readings that cannot be handed on, and returns those of the
// contract and what rating is given: all of them, so that two that contradict
// each other are found before they are filed.
func (m *month) judge() (mine []Reading, all []rate.Interval) {
	dropped := set(m.in.Dropped)
	for _, r := range m.in.Readings {
		if len(dropped) > 0 && dropped[r.ID()] {
			continue
		}
		if r.Contract == m.in.Contract.ID {
			mine = append(mine, r)
			if !m.counted(r) {
				m.Parked = append(m.Parked, m.in.parked(r, OtherUnit))
				continue
			}
		}
		all = append(all, r.Interval)
	}
	return mine, all
}

// counted reports whether the contract counts a component in the unit of a reading.
func (m *month) counted(r Reading) bool {
	for _, v := range m.in.Contract.Versions {
		for _, t := range v.Terms {
			if want := measure(t); (t.Component == r.Component || t.IT == r.Component && t.IT != "") && want != Any && want != r.Measure {
				return false
			}
		}
	}
	return true
}

// park turns what rating refused into what is kept, and says what of the waiting is settled.
func (m *month) park(mine []Reading) {
	refused := map[rate.Interval]rate.Reason{}
	for _, p := range m.rating.Suspense {
		if p.Reason != rate.Unknown || !slices.Contains(m.in.Known, p.Interval.Contract) {
			refused[p.Interval] = p.Reason
		}
	}
	var unknown []Reading
	for _, r := range m.in.Readings {
		why, bad := refused[r.Interval]
		switch {
		case len(refused) == 0 || !bad:
		case why == rate.Unknown:
			unknown = append(unknown, r)
		default:
			m.Parked = append(m.Parked, m.in.parked(r, why))
		}
	}
	m.Parked = append(m.Parked, m.in.unknown(unknown)...)
	m.strays()
	m.Parked = ordered(m.Parked)
	m.settle(mine)
}

// strays parks outages and exclusions of contracts that nobody knows.
func (m *month) strays() {
	known := set(append(slices.Clone(m.in.Known), m.in.Contract.ID))
	for _, o := range m.in.Outages {
		if !known[o.Contract] {
			p := m.in.stray("outage", o.Contract, o.Part, rate.Span{From: o.From, To: o.To})
			p.Paper = o.Paper
			m.Parked = append(m.Parked, p)
		}
	}
	for _, x := range m.in.Exclusions {
		if !known[x.Contract] {
			p := m.in.stray("exclusion", x.Contract, x.Part, rate.Span{From: x.From, To: x.To})
			p.Paper = x.Paper
			m.Parked = append(m.Parked, p)
		}
	}
}

// settle says what of the waiting is parked no more.
func (m *month) settle(mine []Reading) {
	if len(m.in.Waiting) == 0 {
		return
	}
	ours := map[string]bool{}
	for _, r := range mine {
		ours[r.ID()], ours[foreign(r)] = true, true
	}
	for _, o := range m.in.Outages {
		ours[m.in.stray("outage", o.Contract, o.Part, rate.Span{From: o.From, To: o.To}).ID] = o.Contract == m.in.Contract.ID
	}
	for _, x := range m.in.Exclusions {
		ours[m.in.stray("exclusion", x.Contract, x.Part, rate.Span{From: x.From, To: x.To}).ID] = x.Contract == m.in.Contract.ID
	}
	for _, id := range m.in.Waiting {
		still := slices.ContainsFunc(m.Parked, func(p Parked) bool { return p.ID == id })
		if !still && (ours[id] || ours[Subject(id)]) {
			m.Settled = append(m.Settled, id)
		}
	}
}

// provisional marks the lines in which a reading is missing.
func (m *month) provisional() {
	open := map[string]bool{}
	for _, g := range m.Gaps {
		open[g.Component] = true
	}
	missing := map[string]bool{} // names of terms
	for i, l := range m.rating.Lines {
		t, _ := m.term(l)
		covers := slices.ContainsFunc(t.Of, func(name string) bool { return missing[name] }) || len(t.Of) == 0 && len(missing) > 0
		derived := t.Kind == rate.Minimum || t.Kind == rate.Percentage || t.Kind == rate.Prepayment
		if measured(t) && (open[t.Component] || t.IT != "" && open[t.IT]) || derived && covers {
			m.rating.Lines[i].Estimated = true
			missing[l.Component] = true
		}
	}
}

func measured(t rate.Term) bool {
	return t.Kind == rate.Usage || t.Kind == rate.PassThrough || t.Kind == rate.Overage || t.Kind == rate.Shortfall
}

// term is what a line was made by.
func (m *month) term(l rate.Line) (rate.Term, bool) {
	for _, v := range m.in.Contract.Versions {
		for _, t := range v.Terms {
			if v.Version == l.Version && t.Name == l.Component {
				return t, true
			}
		}
	}
	return rate.Term{}, false
}

// next is the next document of the month, or nil.
func (m *month) next() (*invoice.Document, error) {
	if len(m.Documents) == 0 {
		return m.invoice()
	}
	return m.note()
}

// finish checks whether a draft may go out, and makes what is posted with it.
func (m *month) finish(d invoice.Document) error {
	v, late := m.in.Contract.late(m.in.Period, m.in.At)
	switch dated := m.in.instant(m.in.At.Unix()); {
	case m.in.At.Unix() < m.in.Period.To:
		return fmt.Errorf("dated %s: %w: wait for its end, or date it later", dated, ErrEarly)
	case d.Kind != invoice.Invoice && late:
		return fmt.Errorf("dated %s, %s: %w: it is corrected for %d months: agree on something else, and give goodwill", dated, d.Payable(), ErrLate, v.Back)
	case len(m.Gaps) > 0 && !m.in.Provisional:
		return fmt.Errorf("%d stretches of the month: %w", len(m.Gaps), ErrGaps)
	}
	var err error
	if m.Transactions, err = m.postings(d); err == nil {
		m.Draft = &d
	}
	return err
}

// late is the version by which a month is no longer corrected at an instant.
func (c Contract) late(p rate.Span, at time.Time) (rate.Contract, bool) {
	for _, v := range c.Versions {
		if !v.Valid.Common(p).Empty() && v.Late(p.To, at.Unix()) {
			return v, true
		}
	}
	return rate.Contract{}, false
}

// Subject is the id of the reading that something parked is about.
func Subject(id string) string {
	cut := 0
	for i, r := range id {
		if r != '/' {
			continue
		}
		if cut++; cut == 2 {
			return id[:i]
		}
	}
	return id
}

func set(all []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range all {
		out[s] = true
	}
	return out
}

// nothing reports an error of a posting that moves no money.
func nothing(err error) bool { return errors.Is(err, invoice.ErrNothing) }
