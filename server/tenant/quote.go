package tenant

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/capital/quote"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

const (
	inquiryExample    = `{"kind": "reserved", "model": "H100 SXM", "gpus": 64, "from": "2026-12-01T00:00:00Z", "until": "2027-03-01T00:00:00Z"}`
	colocationExample = `{"kind": "colocation", "kw": 120, "from": "2026-12-01T00:00:00Z", "until": "2027-03-01T00:00:00Z"}`
)

// Inquiry is what a tenant wants to know the price of.
type Inquiry struct {
	Kind  string     `json:"kind" doc:"reserved, flexible, on-demand, spot, batch, or colocation."`
	Hall  string     `json:"hall,omitempty" doc:"Left out: any that has the model, or the power."`
	Model string     `json:"model,omitempty" doc:"Of GPU; left out: the only one there is. Not of colocation."`
	GPUs  int        `json:"gpus,omitempty" doc:"Of all kinds but colocation."`
	KW    int        `json:"kw,omitempty" doc:"Of colocation: critical IT power for hardware of your own, in place of gpus."`
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty" doc:"Left out: without end."`
}

// Quote is what it would cost, and whether it can be had. It binds nobody.
type Quote struct {
	Kind      string     `json:"kind"`
	Hall      string     `json:"hall"`
	Model     string     `json:"model" doc:"Of GPU; empty: colocation."`
	GPUs      int        `json:"gpus"`
	KW        int        `json:"kw" doc:"Critical IT power, of colocation."`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`
	Available bool       `json:"available" doc:"It can be had from the instant that was asked for, for the whole term."`
	Sure      bool       `json:"sure" doc:"false: the operator has to look at the calendar first."`
	Why       string     `json:"why" doc:"What stands against it."`
	Soonest   *time.Time `json:"soonest" doc:"From when it can be had for as long; null: not as far as is known."`
	Price     *string    `json:"price" doc:"Of what per says; null: see priced."`
	Per       string     `json:"per" doc:"GPU-hour; of colocation kW-month: a kilowatt of IT power and a month."`
	Currency  string     `json:"currency"`
	Priced    string     `json:"priced" doc:"How the price counts, or why there is none."`
	Total     *string    `json:"total" doc:"Of the whole term with every hour paid; null: it has no end, or is paid by use."`
}

// Price is what a GPU-hour, or a kW of colocation and month, is offered for.
type Price struct {
	Amount   unit.Amount
	Currency string
	Says     string // how it counts, for the tenant
}

// ErrNoPrice is what the operator alone can price.
var ErrNoPrice = errors.New("the operator says the price when it is asked for")

func quoted(c call) (any, error) {
	in := c.body.(*Inquiry)
	d := demand{kind: hosting.Kind(in.Kind), hall: in.Hall, model: in.Model, gpus: in.GPUs, kw: in.KW, from: in.From}
	if in.Until != nil {
		d.until = *in.Until
	}
	if err := d.check(c.at); err != nil {
		return nil, err
	}
	cal, err := plan(c.ctx, c.server.c.Books, c.server.c.Clerk)
	if err != nil {
		return nil, err
	}
	all, err := d.places(cal.book)
	if err != nil {
		return nil, err
	}
	where, conflict, err := cal.choose(d, all)
	if err != nil {
		return nil, err
	}
	out := Quote{
		Kind: in.Kind, Hall: where.hall, Model: where.model, GPUs: in.GPUs, KW: in.KW, From: d.from.UTC(), Until: some(d.until),
		Available: conflict == nil, Sure: cal.doubt == nil, Per: per(d.kind),
	}
	if conflict == nil {
		out.Soonest = some(d.from)
	} else {
		out.Why = conflictText(conflict)
		at, err := cal.soonest(c.ctx, d, all)
		if err != nil {
			return nil, err
		}
		out.Soonest = some(at)
	}
	if !d.kind.Commits() {
		out.Why = "GPUs are had while there are any: nothing is kept for this kind"
	}
	return c.server.price(out, d, cal)
}

// per is what the price of a kind is of.
func per(k hosting.Kind) string {
	if k == hosting.Colocation {
		return "kW-month"
	}
	return "GPU-hour"
}

// price adds the price to a quote.
func (s *Server) price(q Quote, d demand, cal calendar) (any, error) {
	if s.c.Prices == nil {
		q.Priced = ErrNoPrice.Error()
		return q, nil
	}
	p, err := s.c.Prices.Price(d.kind, q.Model)
	if errors.Is(err, ErrNoPrice) {
		q.Priced = ErrNoPrice.Error()
		return q, nil
	}
	if err != nil {
		return nil, err
	}
	text := money(p.Amount)
	q.Price, q.Currency, q.Priced = &text, p.Currency, p.Says
	if total, ok := d.total(p.Amount, q.Hall, cal.book); ok {
		text := money(total)
		q.Total = &text
	}
	return q, nil
}

// total is what the whole term comes to. There is none of what is paid by use, has no
// end, or comes to more than can be counted.
func (d demand) total(price unit.Amount, hall string, book hosting.Book) (unit.Amount, bool) {
	if !d.kind.Commits() || d.until.IsZero() {
		return 0, false
	}
	if d.kind == hosting.Colocation {
		return d.rent(price, hall, book)
	}
	seconds, ok := unit.TryMulDiv(int64(d.gpus), int64(d.until.Sub(d.from)/time.Second), 1)
	total, fine := unit.TryMulDiv(seconds, int64(price), 3600)
	return unit.Amount(total), ok && fine
}

// mostRent is the longest term of which the rent is told: until there no sum overflows.
const mostRent = 100 * 366 * day

// rent is what colocation comes to over its term, as the contract of it charges: by
// months of the site, part of one by its seconds.
func (d demand) rent(price unit.Amount, hall string, book hosting.Book) (unit.Amount, bool) {
	i := slices.IndexFunc(book.Halls, func(h hosting.Hall) bool { return h.Name == hall })
	if i < 0 || d.until.Sub(d.from) > mostRent {
		return 0, false
	}
	x := d.contract("quote", place{hall: hall}, d.from, d.until)
	x.Tenant, x.Price = "quote", price
	t, err := hosting.Compile(x, book.Halls[i], gpu.Curves{}, book.Zone)
	if err != nil {
		return 0, false // it is beyond what a contract can say
	}
	total, _ := t.Earned(d.from, d.until, hosting.Counts{}, hosting.Counts{})
	return total, true
}

// Tariff is the operator's terms of one model of GPU, and of kilowatts in its hall.
type Tariff struct {
	Model       string // empty: of every model
	Terms       quote.Terms
	Asked       unit.Amount        // USD a GPU-hour; 0: the least price
	Flexibility *quote.Flexibility // nil: flexible contracts are not priced
	Colocation  *quote.Colocation  // nil: kilowatts are not priced
	AskedMonth  unit.Amount        // USD a kW of colocation and month; 0: the least price
}

// Tariffs are prices by the operator's terms; they are Prices.
type Tariffs []Tariff

// Price is what is asked, or the least price at which serving beats mining: of what
// is paid whether it is used or not with every hour paid, less the rational discount
// where power is let go. Spot and batch have no price of their own. Colocation, which
// has no model, has the one price on which all that price it agree.
func (all Tariffs) Price(kind hosting.Kind, model string) (Price, error) {
	if kind == hosting.Colocation {
		return all.kilowatt()
	}
	for _, t := range all {
		if t.Model == "" || sameModel(t.Model, model) {
			return t.price(kind)
		}
	}
	return Price{}, fmt.Errorf("%s of %q: %w", kind, model, ErrNoPrice)
}

func (t Tariff) price(kind hosting.Kind) (Price, error) {
	terms, says := t.Terms, "paid by use"
	if kind.Commits() {
		terms.Utilisation, says = unit.One, "every hour of the term is paid, used or not"
	}
	if kind != hosting.Reserved && kind != hosting.Flexible && kind != hosting.OnDemand || kind == hosting.Flexible && t.Flexibility == nil {
		return Price{}, fmt.Errorf("%s: %w", kind, ErrNoPrice)
	}
	o, err := quote.GPUHours(terms)
	if err != nil {
		return Price{}, err
	}
	p, err := o.Price()
	if err != nil {
		return Price{}, err
	}
	amount := p.Least
	if t.Asked > 0 {
		amount = t.Asked
	}
	if kind == hosting.Flexible {
		gain, err := t.Flexibility.Gain(terms.GPU, terms.PUE)
		if err != nil {
			return Price{}, err
		}
		off, err := quote.Discount(gain, amount, terms.Utilisation)
		if err != nil {
			return Price{}, err
		}
		amount -= unit.Amount(unit.MulDiv(int64(amount), int64(min(off, unit.One)), int64(unit.One)))
		says += fmt.Sprintf("; cheaper because power may be called back for %d hours a year", t.Flexibility.Hours)
	}
	return Price{Amount: amount, Currency: "USD", Says: says}, nil
}

// kilowatt is the price of a kW of colocation and month.
func (all Tariffs) kilowatt() (out Price, err error) {
	err = fmt.Errorf("%s: %w", hosting.Colocation, ErrNoPrice)
	for _, t := range all {
		if t.Colocation == nil {
			continue
		}
		p, bad := t.month()
		if bad != nil {
			return Price{}, bad
		}
		if err == nil && p != out {
			return Price{}, fmt.Errorf("%s is priced twice, and not alike: %w", hosting.Colocation, ErrNoPrice)
		}
		out, err = p, nil
	}
	return out, err
}

// month is what is asked for a kW and month, or the least price at which renting the
// hall out beats mining.
func (t Tariff) month() (Price, error) {
	o, err := quote.KilowattMonths(t.Terms, *t.Colocation)
	if err != nil {
		return Price{}, err
	}
	p, err := o.Price()
	if err != nil {
		return Price{}, err
	}
	amount, says := p.Least, "every month of the term is paid, used or not; energy is paid on top, by the meter"
	if t.AskedMonth > 0 {
		amount = t.AskedMonth
	}
	if t.Colocation.Energy {
		says = "every month of the term is paid, used or not; energy is included"
	}
	return Price{Amount: amount, Currency: "USD", Says: says}, nil
}
