package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/loop/billing"
	"sluice/unit"
)

// billJSON is a month for programs; amounts are texts with all their decimals.
type billJSON struct {
	Contract     string        `json:"contract"`
	Customer     string        `json:"customer"`
	Period       string        `json:"period"`
	Currency     unit.Currency `json:"currency"`
	Lines        []ratedJSON   `json:"lines"`
	Taxes        []taxJSON     `json:"taxes"`
	Availability string        `json:"availability_percent,omitempty"`
	Credit       string        `json:"credit,omitempty"`
	Refused      []string      `json:"exclusions_not_taken"`
	Gaps         []gapJSON     `json:"gaps"`
	Suspense     []waitingJSON `json:"suspense"`
	Before       []string      `json:"issued_before"`
	Issued       []string      `json:"issued_now"`
	Draft        *draftJSON    `json:"next_document"`                // null: nothing is new
	TakenBack    string        `json:"accrual_taken_back,omitempty"` // of sites, less credits
	Assumed      []string      `json:"assumed"`
}

// ratedJSON is a line; the quantity has three decimals, the amount six.
type ratedJSON struct {
	Component   string           `json:"component"`
	Kind        invoice.LineKind `json:"kind"`
	Quantity    string           `json:"quantity"`
	Unit        string           `json:"unit"`
	Price       string           `json:"price"`
	Amount      string           `json:"amount"`
	Meter       string           `json:"meter,omitempty"`
	Revision    int              `json:"revision,omitempty"`
	Apportioned bool             `json:"apportioned"`
	Estimated   bool             `json:"estimated"`
	Inputs      string           `json:"inputs_sha256"`
}

type taxJSON struct {
	Code   string `json:"code"`
	Rate   string `json:"rate"`
	Base   string `json:"base"`
	Amount string `json:"amount"`
}

type draftJSON struct {
	Kind   invoice.Kind `json:"kind"`
	Total  string       `json:"total"`
	Reason string       `json:"reason,omitempty"`
}

type gapJSON struct {
	Meter     string    `json:"meter"` // empty: whichever
	Component string    `json:"component"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
}

func (b *bill) view(r billing.Result, issued []invoice.Document) billJSON {
	out := billJSON{
		Contract: b.file.ID, Customer: b.file.Customer.ID, Period: b.month(), Currency: b.file.Currency, Lines: []ratedJSON{}, Taxes: []taxJSON{},
		Refused: []string{}, Gaps: []gapJSON{}, Suspense: []waitingJSON{}, Before: []string{}, Issued: []string{}, Assumed: slices.Concat([]string{}, b.file.Assumed),
	}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, ratedJSON{l.Component, l.Kind, strings.ReplaceAll(quantityText(l), ",", ""), l.Unit, l.Price, books.Asset("").Text(int64(l.Amount)), l.Meter, l.Revision, l.Apportioned, l.Estimated, l.Inputs})
	}
	for _, t := range r.Taxes {
		out.Taxes = append(out.Taxes, taxJSON{t.Code, billing.Percent(t.Rate), books.Asset("").Text(int64(t.Base)), books.Asset("").Text(int64(t.Amount))})
	}
	if s := r.Availability; s != nil {
		out.Availability, out.Credit = books.Asset("").Text(int64(s.Availability)*100), books.Asset("").Text(int64(s.Credit.Amount))
		for _, x := range s.Refused {
			out.Refused = append(out.Refused, fmt.Sprintf("%s of %q: %s", x.Exclusion.Cause, x.Exclusion.Part, x.Why))
		}
	}
	for _, g := range r.Gaps {
		out.Gaps = append(out.Gaps, gapJSON{g.Meter, g.Component, time.Unix(g.Span.From, 0).In(b.file.Zone), time.Unix(g.Span.To, 0).In(b.file.Zone)})
	}
	for _, p := range r.Parked {
		out.Suspense = append(out.Suspense, waitingJSON{ID: p.ID, Kind: p.Kind, Reason: p.Reason, Says: p.Says, At: p.At})
	}
	for _, x := range issued {
		out.Issued = append(out.Issued, x.Number.String())
	}
	for _, x := range r.Documents {
		if !slices.Contains(out.Issued, x.Number.String()) {
			out.Before = append(out.Before, x.Number.String())
		}
	}
	if len(b.cleared) > 0 {
		out.TakenBack = books.Asset("").Text(int64(b.takenBack()))
	}
	if d := r.Draft; d != nil {
		out.Draft = &draftJSON{d.Kind, amountText(d.Payable(), d.Currency), d.Reason}
	}
	return out
}
