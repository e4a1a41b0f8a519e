package room

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/books/invoice"
)

// Invoice is an invoice or a note in the list.
type Invoice struct {
	Number   string    `json:"number"`
	Kind     string    `json:"kind" enum:"invoice,credit note,debit note"`
	RefersTo string    `json:"refers_to,omitempty" doc:"The invoice, of notes."`
	Customer string    `json:"customer" doc:"Its id."`
	Name     string    `json:"name" doc:"Of the customer, for people."`
	Issued   time.Time `json:"issued"`
	From     time.Time `json:"from" doc:"Of the period that is billed."`
	To       time.Time `json:"to"`
	Currency string    `json:"currency"`
	Total    Micro     `json:"total" doc:"Payable; of a credit note not positive."`
	Open     Micro     `json:"open" doc:"Still to be paid; negative: a credit that was not used yet."`
	State    string    `json:"state" enum:"issued,partly paid,paid,credited,written off"`
	Days     int       `json:"age_days" doc:"Since it was issued."`
}

// Invoices are those that were issued.
type Invoices struct {
	Currency string    `json:"currency"`
	Owed     Micro     `json:"owed" doc:"Open of all documents, whatever is listed."`
	Invoices []Invoice `json:"invoices" doc:"By series and number."`
}

type invoicesIn struct {
	BookIn

	Customer string `query:"customer" maxLength:"200" doc:"Its id."`
	Contract string `query:"contract" maxLength:"200"`
	State    string `query:"state" enum:"issued,partly paid,paid,credited,written off"`
	Open     bool   `query:"open" doc:"Only what is open."`
}

func (r *Room) invoices(ctx context.Context, v Visit, in *invoicesIn) (Invoices, error) {
	d, err := r.desk(ctx, v, in.BookIn)
	if err != nil {
		return Invoices{}, err
	}
	out := Invoices{Currency: string(d.chart.Currency), Owed: Micro(d.history.Outstanding()), Invoices: []Invoice{}}
	for _, x := range d.history.Documents {
		of := func(l invoice.Line) bool { return l.Contract == in.Contract }
		switch {
		case in.Customer != "" && x.Customer.ID != in.Customer, in.Open && d.history.Open(x) == 0,
			in.Contract != "" && !slices.ContainsFunc(x.Lines, of), in.State != "" && string(d.history.State(x)) != in.State:
			continue
		}
		out.Invoices = append(out.Invoices, d.listed(x, v.at))
	}
	return out, nil
}

func unixTime(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

func (d *desk) listed(x invoice.Document, now time.Time) Invoice {
	return Invoice{
		Number: x.Number.String(), Kind: string(x.Kind), RefersTo: x.RefersTo, Customer: x.Customer.ID, Name: x.Customer.Name, Issued: unixTime(x.Issued), From: unixTime(x.From), To: unixTime(x.To),
		Currency: string(x.Currency), Total: Micro(x.Payable()), Open: Micro(d.history.Open(x)), State: string(d.history.State(x)), Days: max(0, int((now.Unix()-x.Issued)/86_400)),
	}
}

// InvoiceTax is one tax of a document.
type InvoiceTax struct {
	Code   string `json:"code"`
	Rate   int64  `json:"rate_ppm"`
	Base   Micro  `json:"base"`
	Amount Micro  `json:"amount"`
}

// InvoiceLine is one line, with what it rests on.
type InvoiceLine struct {
	Line        int       `json:"line" doc:"Its place, from 1."`
	ID          string    `json:"id"`
	Contract    string    `json:"contract"`
	Component   string    `json:"component"`
	Kind        string    `json:"kind"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Quantity    string    `json:"quantity,omitempty" doc:"In base units, whole."`
	Base        string    `json:"base,omitempty" doc:"So many base units are one unit; absent: the line has no quantity."`
	Unit        string    `json:"unit"`
	Price       string    `json:"price" doc:"For people, of one unit."`
	Amount      Micro     `json:"amount"`
	Meter       string    `json:"meter,omitempty"`
	Revision    int       `json:"revision" doc:"Highest of the readings."`
	Apportioned bool      `json:"apportioned"`
	Estimated   bool      `json:"estimated"`
	Inputs      string    `json:"inputs,omitempty" doc:"Hash of all that the line was made of."`
	Terms       string    `json:"terms,omitempty" doc:"SHA-256 of the contract as it was filed last; absent: none is filed."`
	Outages     []string  `json:"outages" doc:"Of a credit: hashes of the records of its outages."`
	Readings    *int      `json:"readings,omitempty" doc:"How many lie under it; asked for by line alone."`
}

// InvoicePayment is what one payment or write-off gave a document.
type InvoicePayment struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind" enum:"payment,write-off,credit note,debit note"`
	Amount Micro     `json:"amount" doc:"By which less is open; of a note its total, which is negative where it credits."`
	Source string    `json:"source"`
}

// InvoiceDetail is one document with everything that it rests on.
type InvoiceDetail struct {
	Invoice
	Reason   string           `json:"reason,omitempty" doc:"Of notes."`
	Lines    []InvoiceLine    `json:"lines"`
	Taxes    []InvoiceTax     `json:"taxes"`
	Rounding Micro            `json:"rounding" doc:"By which the total is above the exact sum."`
	Evidence string           `json:"evidence" doc:"SHA-256 of what was issued: the paper of its transaction."`
	Became   []InvoicePayment `json:"became" doc:"What was paid, set off, given up, and the notes to it."`
}

// InvoiceIn names a document of a path.
type InvoiceIn struct {
	BookIn

	Number string `path:"number" maxLength:"60" example:"HOU-2025-000001"`
}

func (r *Room) invoice(ctx context.Context, v Visit, in *InvoiceIn) (InvoiceDetail, error) {
	d, err := r.desk(ctx, v, in.BookIn)
	if err != nil {
		return InvoiceDetail{}, err
	}
	x, err := d.document(in.Number)
	if err != nil {
		return InvoiceDetail{}, err
	}
	h, err := x.Hash()
	if err != nil {
		return InvoiceDetail{}, d.ofBooks(err)
	}
	out := InvoiceDetail{Invoice: d.listed(x, v.at), Reason: x.Reason, Lines: []InvoiceLine{}, Taxes: []InvoiceTax{}, Rounding: Micro(x.Rounding), Evidence: hashText(h), Became: d.became(x)}
	for i, l := range x.Lines {
		out.Lines = append(out.Lines, d.line(i+1, l))
	}
	for _, t := range x.Taxes {
		out.Taxes = append(out.Taxes, InvoiceTax{t.Code, int64(t.Rate), Micro(t.Base), Micro(t.Amount)})
	}
	return out, nil
}

func (d *desk) line(place int, l invoice.Line) InvoiceLine {
	out := InvoiceLine{
		Line: place, ID: l.ID, Contract: l.Contract, Component: l.Component, Kind: string(l.Kind), From: unixTime(l.From), To: unixTime(l.To), Unit: l.Unit, Price: l.Price,
		Amount: Micro(l.Amount), Meter: l.Meter, Revision: l.Revision, Apportioned: l.Apportioned, Estimated: l.Estimated, Inputs: l.Inputs, Outages: filled(l.Evidence),
	}
	if l.Base != 0 {
		out.Quantity, out.Base = strconv.FormatInt(l.Quantity, 10), strconv.FormatInt(l.Base, 10)
	}
	if k, filed := d.terms[l.Contract]; filed {
		out.Terms = hashText(k.paper)
	}
	return out
}

// became is what was paid, set off and given up of a document, and the notes to it.
func (d *desk) became(x invoice.Document) []InvoicePayment {
	out := []InvoicePayment{}
	for _, p := range d.history.Payments {
		for _, a := range p.Allocations {
			if a.Document == x.Number {
				out = append(out, InvoicePayment{p.At.UTC(), "payment", Micro(a.Amount), p.Source})
			}
		}
	}
	for _, o := range d.history.WriteOffs {
		if o.Document == x.Number {
			out = append(out, InvoicePayment{o.At.UTC(), "write-off", Micro(o.Amount), o.Source})
		}
	}
	for _, y := range d.history.Documents {
		if y.RefersTo == x.Number.String() {
			out = append(out, InvoicePayment{unixTime(y.Issued), string(y.Kind), Micro(y.Payable()), strings.TrimSpace(y.Number.String() + " " + y.Reason)})
		}
	}
	slices.SortStableFunc(out, func(a, b InvoicePayment) int { return a.At.Compare(b.At) })
	return out
}
