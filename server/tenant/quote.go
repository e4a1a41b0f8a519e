package tenant

import (
	"errors"
	"fmt"
	"time"

	"sluice/capital/quote"
	"sluice/unit"
	"sluice/use/hosting"
)

const inquiryExample = `{"kind": "reserved", "model": "H100 SXM", "gpus": 64, "from": "2026-12-01T00:00:00Z", "until": "2027-03-01T00:00:00Z"}`

// Inquiry is what a tenant wants to know the price of.
type Inquiry struct {
	Kind  string     `json:"kind" doc:"reserved, flexible, on-demand, spot or batch."`
	Hall  string     `json:"hall,omitempty" doc:"Left out: any that has the model."`
	Model string     `json:"model,omitempty" doc:"Of GPU; left out: the only one there is."`
	GPUs  int        `json:"gpus"`
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty" doc:"Left out: without end."`
}

// Quote is what it would cost, and whether it can be had. It binds nobody.
type Quote struct {
	Kind      string     `json:"kind"`
	Hall      string     `json:"hall"`
	Model     string     `json:"model"`
	GPUs      int        `json:"gpus"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`
	Available bool       `json:"available" doc:"It can be had from the instant that was asked for, for the whole term."`
	Sure      bool       `json:"sure" doc:"false: the operator has to look at the calendar first."`
	Why       string     `json:"why" doc:"What stands against it."`
	Soonest   *time.Time `json:"soonest" doc:"From when it can be had for as long; null: not as far as is known."`
	Price     *string    `json:"price" doc:"Of a GPU-hour; null: see priced."`
	Currency  string     `json:"currency"`
	Priced    string     `json:"priced" doc:"How the price counts, or why there is none."`
	Total     *string    `json:"total" doc:"Of the whole term with every hour paid; null: it has no end, or is paid by use."`
}

// Price is what a GPU-hour is offered for.
type Price struct {
	Amount   unit.Amount
	Currency string
	Says     string // how it counts, for the tenant
}

// ErrNoPrice is what the operator alone can price.
var ErrNoPrice = errors.New("the operator says the price when it is asked for")

func quoted(c call) (any, error) {
	in := c.body.(*Inquiry)
	d := demand{kind: hosting.Kind(in.Kind), hall: in.Hall, model: in.Model, gpus: in.GPUs, from: in.From}
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
	out := Quote{Kind: in.Kind, Hall: where.hall, Model: where.model, GPUs: in.GPUs, From: d.from.UTC(), Until: some(d.until), Available: conflict == nil, Sure: cal.doubt == nil}
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
	return c.server.price(out, d)
}

// price adds the price to a quote.
func (s *Server) price(q Quote, d demand) (any, error) {
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
	if d.kind.Commits() && !d.until.IsZero() {
		hours, ok := unit.TryMulDiv(int64(d.gpus), int64(d.until.Sub(d.from)/time.Second), 1)
		total, fine := unit.TryMulDiv(hours, int64(p.Amount), 3600)
		if ok && fine {
			text := money(unit.Amount(total))
			q.Total = &text
		}
	}
	return q, nil
}

// Tariff is the operator's terms of one model of GPU.
type Tariff struct {
	Model       string // empty: of every model
	Terms       quote.Terms
	Asked       unit.Amount        // USD a GPU-hour; 0: the least price
	Flexibility *quote.Flexibility // nil: flexible contracts are not priced
}

// Tariffs are prices by the operator's terms; they are Prices.
type Tariffs []Tariff

// Price is what is asked, or the least price at which serving beats mining: of what
// is paid whether it is used or not with every hour paid, less the rational discount
// where power is let go. Spot and batch have no price of their own.
func (all Tariffs) Price(kind hosting.Kind, model string) (Price, error) {
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
