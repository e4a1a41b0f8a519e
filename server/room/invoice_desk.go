package room

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/driver/contractfile"
	"sluice/loop/billing"
)

// The kinds under which papers of tenants' bills are filed.
const (
	paperContract = "contract"
	paperUsage    = "usage"
	paperPayment  = "payment"
	paperWriteOff = "write-off"
)

// terms are a contract as it was filed last.
type terms struct {
	file  *contractfile.File
	paper books.Hash
}

// desk is everything that was issued, and what became of it.
type desk struct {
	*shelf

	history invoice.History
	terms   map[string]terms // by contract
}

// desk lays out what was issued, of books that the visitor may see.
func (r *Room) desk(ctx context.Context, v Visit, in BookIn) (*desk, error) {
	s, err := r.shelf(ctx, v, PeriodIn{BookIn: in})
	if err != nil {
		return nil, err
	}
	d := &desk{shelf: s, terms: map[string]terms{}}
	return d, s.ofBooks(d.load(ctx))
}

func (d *desk) load(ctx context.Context) error {
	for x, err := range d.Ledger.Documents(ctx, d.Entity) {
		if err != nil {
			return err
		}
		d.history.Documents = append(d.history.Documents, x)
	}
	err := d.papers(ctx, paperPayment, func(body []byte) error {
		x, err := invoice.ParsePayment(body)
		d.history.Payments = append(d.history.Payments, x)
		return err
	})
	if err != nil {
		return err
	}
	err = d.papers(ctx, paperWriteOff, func(body []byte) error {
		x, err := invoice.ParseWriteOff(body)
		d.history.WriteOffs = append(d.history.WriteOffs, x)
		return err
	})
	if err != nil {
		return err
	}
	for p, err := range d.Ledger.Papers(ctx, d.Entity, paperContract) {
		var f *contractfile.File
		if err == nil {
			f, err = contractfile.Read(bytes.NewReader(p.Body), p.Name)
		}
		if err != nil {
			return fmt.Errorf("contract %q as it is filed: %w", p.Name, err)
		}
		d.terms[f.ID] = terms{f, p.Hash()}
	}
	return nil
}

// document finds a document by its number.
func (d *desk) document(text string) (invoice.Document, error) {
	n, err := invoice.ParseNumber(text)
	if err != nil {
		return invoice.Document{}, wrong(fmt.Sprintf("%.60q is no number of an invoice", text), "write it as HOU-2025-000001")
	}
	for _, x := range d.history.Documents {
		if x.Number == n {
			return x, nil
		}
	}
	return invoice.Document{}, missing("invoice", text)
}

// readings are those that lie under a line of a document, with the paper of each.
func (d *desk) readings(ctx context.Context, l invoice.Line) (out []billing.Reading, err error) {
	counts := d.measured(l)
	for p, err := range d.Ledger.Papers(ctx, d.Entity, paperUsage) {
		var all []billing.Reading
		if err == nil {
			all, err = contractfile.Usage(bytes.NewReader(p.Body), p.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("usage %q as it is filed: %w", p.Name, err)
		}
		for _, x := range all {
			if x.Contract == l.Contract && counts(x.Component) && of(l.Meter, x.Meter) && x.From < l.To && x.To > l.From {
				x.Paper = p.Hash()
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// measured says which components of readings a line is rated from, by the terms as they
// were filed last; without terms, all of them.
func (d *desk) measured(l invoice.Line) func(component string) bool {
	k, filed := d.terms[l.Contract]
	if !filed {
		return func(string) bool { return true }
	}
	names := map[string]bool{}
	for _, v := range k.file.Versions {
		for _, t := range v.Terms {
			if t.Name == l.Component {
				names[t.Component], names[t.IT] = true, true
			}
		}
	}
	return func(component string) bool { return component != "" && names[component] }
}

// of reports whether a meter is one of those that a line names, with commas.
func of(meters, meter string) bool {
	return meters == "" || slices.Contains(strings.Split(meters, ","), meter)
}
