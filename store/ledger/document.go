package ledger

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/invoice"
	"sluice/store/file"
)

// paperOfDocument is the kind of the paper that is a document in its canonical bytes.
const paperOfDocument = "invoice"

// Issue gives a draft the next number of a series, posts it (invoice.Document.Post)
// and keeps its canonical bytes as a paper of kind "invoice", together with what
// else the batch holds, in one commit; the transactions of the batch come before
// that of the document. The batch may leave its entity open.
//
// The same draft again, by the hash of its canonical bytes, returns the document as
// it was issued, whatever series and time are given now, and keeps nothing, not
// even the batch: that stands since the document does. The numbers of a series have
// no holes, whatever is killed when, and begin with 1.
//
// An error wraps what Book says, invoice.ErrDocument, invoice.ErrNumber, or
// invoice.ErrNothing where the document moves no money. No number was taken then.
func (s *Store) Issue(ctx context.Context, series string, draft invoice.Document, at, booked time.Time, with Batch) (d invoice.Document, err error) { //nolint:revive // six plain values read better than a struct that is used once
	if with.Entity == "" {
		with.Entity = draft.Entity.Name
	}
	err = with.validate()
	if err == nil && (with.Entity != draft.Entity.Name || !onSecond(at)) {
		err = fmt.Errorf("%w: the batch is of %q, and the document is issued at %v: it is of the entity of the document, and issued on a whole second", ErrInvalid, with.Entity, at)
	}
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			d, err = p.issue(ctx, series, draft, [2]time.Time{at, booked}, with)
			return err
		})
	}
	if err != nil {
		return invoice.Document{}, fmt.Errorf("issue a document of %q in series %q: %w", draft.Entity.Name, series, err)
	}
	return d, nil
}

// issue issues a draft at the first of two times and books it at the second.
func (p *pen) issue(ctx context.Context, series string, draft invoice.Document, times [2]time.Time, with Batch) (invoice.Document, error) {
	number := p.index.entity(with.Entity)
	hash, err := draft.Hash()
	if err != nil {
		return invoice.Document{}, err
	}
	if d, ok, err := p.issued(ctx, number, hash); ok || err != nil {
		return d, err
	}
	last, err := p.lastOf(ctx, number, series)
	if err != nil {
		return invoice.Document{}, err
	}
	n, err := invoice.Next(series, last)
	if err != nil {
		return invoice.Document{}, err
	}
	d, err := draft.Issue(n, times[0].Unix())
	if err != nil {
		return invoice.Document{}, err
	}
	return d, p.keepDocument(ctx, d, hash, times[1], with)
}

// keepDocument books an issued document and what comes with it.
func (p *pen) keepDocument(ctx context.Context, d invoice.Document, draft books.Hash, booked time.Time, with Batch) error {
	body, err := d.Canonical()
	if err != nil {
		return err
	}
	t, err := d.Post(booked)
	if err != nil {
		return err
	}
	with.Papers = append([]Paper{{paperOfDocument, d.Number.String(), body}}, with.Papers...)
	with.Transactions = append(slices.Clip(with.Transactions), t)
	if err := with.validate(); err != nil {
		return err
	}
	if _, err := p.book(ctx, with); err != nil {
		return err
	}
	entity := p.index.entity(with.Entity)
	number, err := p.count(ctx, "document", entity)
	if err != nil {
		return err
	}
	x := filed{d.Number, draft, sha256.Sum256(body), t.ID}
	if err := p.insert(ctx, "document (entity, number, series, serial, draft, paper, txn)", 7,
		[]any{entity, number + 1, x.Series, x.Serial, x.draft[:], x.paper[:], x.transaction}); err != nil {
		return err
	}
	return p.file(ctx, entity, x.filing(number+1))
}

// filed is a document as it is stored.
type filed struct {
	invoice.Number
	draft, paper books.Hash
	transaction  string
}

func (x filed) filing(number int64) filing {
	b := putNumber(putText(nil, x.Series), x.Serial)
	b = append(append(b, x.draft[:]...), x.paper[:]...)
	return filing{filedDocument, number, sha256.Sum256(putText(b, x.transaction))}
}

// lastOf is the last serial of a series, 0 for none.
func (p *pen) lastOf(ctx context.Context, entity int64, series string) (last int64, err error) {
	err = file.Each(ctx, p, p.dialect.text("SELECT coalesce(max(serial), 0) FROM document WHERE entity = $1 AND series = $2"), []any{entity, series}, func(scan file.Scanner) error {
		return scan(&last)
	})
	return last, err
}

// The columns of a document with its paper, as decoded by folio.
const (
	documentColumns = "SELECT d.series, d.serial, p.name, p.hash, p.packed, p.body"
	documentTables  = " FROM document d JOIN paper p ON p.entity = d.entity AND p.hash = d.paper AND p.kind = '" + paperOfDocument + "' WHERE d.entity = $1"
)

// folio reads a document.
func folio(scan file.Scanner) (invoice.Document, error) {
	var n invoice.Number
	x := sheet{kind: paperOfDocument}
	if err := scan(&n.Series, &n.Serial, &x.name, (*bytes)(&x.hash), &x.packed, &x.body); err != nil {
		return invoice.Document{}, err
	}
	return x.document(n)
}

// document is the document of that number on a paper.
func (x sheet) document(n invoice.Number) (invoice.Document, error) {
	p, err := x.paper()
	if err != nil {
		return invoice.Document{}, err
	}
	d, err := invoice.Parse(p.Body)
	if err == nil && d.Number != n {
		err = fmt.Errorf("it has the number %s", d.Number)
	}
	if err != nil {
		return invoice.Document{}, fmt.Errorf("document %s: %w: %w", n, books.ErrChanged, err)
	}
	return d, nil
}

// issued is the document that was made of a draft.
func (p *pen) issued(ctx context.Context, entity int64, draft books.Hash) (d invoice.Document, ok bool, err error) {
	err = file.Each(ctx, p, p.dialect.text(documentColumns+documentTables+" AND d.draft = $2"), []any{entity, draft[:]}, func(scan file.Scanner) error {
		ok = true
		d, err = folio(scan)
		return err
	})
	return d, ok, err
}

// Document is the document of an entity that has that number. The error wraps
// ErrUnknown where there is none.
func (s *Store) Document(ctx context.Context, entity string, n invoice.Number) (d invoice.Document, err error) {
	found := false
	err = s.documents(ctx, entity, " AND d.series = $2 AND d.serial = $3", []any{n.Series, n.Serial}, func(x invoice.Document) error {
		d, found = x, true
		return nil
	})
	if err == nil && !found {
		err = ErrUnknown
	}
	if err != nil {
		return invoice.Document{}, fmt.Errorf("document %s of %q: %w", n, entity, err)
	}
	return d, nil
}

// Documents are all of an entity, by series and serial. An error ends them.
func (s *Store) Documents(ctx context.Context, entity string) iter.Seq2[invoice.Document, error] {
	return func(yield func(invoice.Document, error) bool) {
		err := s.documents(ctx, entity, " ORDER BY d.series, d.serial", nil, func(d invoice.Document) error {
			if !yield(d, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(invoice.Document{}, fmt.Errorf("read documents of %q: %w", entity, err))
		}
	}
}

// Invoiced are the months of contracts of which an invoice was issued, cut in the zone
// of the entity. What the clerk of a site accrues of them is earned already.
func (s *Store) Invoiced(ctx context.Context, entity string) (out []accrual.Period, err error) {
	chart, err := s.Chart(ctx, entity)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(chart.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of %q: %w", entity, err)
	}
	for d, err := range s.Documents(ctx, entity) {
		if err != nil {
			return nil, err
		}
		for _, l := range d.Lines {
			p := accrual.Period{Contract: l.Contract, From: time.Unix(d.From, 0).In(zone), To: time.Unix(d.To, 0).In(zone)}
			if d.Kind == invoice.Invoice && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// documents gives do the documents of an entity that a condition narrows.
func (s *Store) documents(ctx context.Context, entity, which string, args []any, do func(invoice.Document) error) error {
	return s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		return file.Each(ctx, r.tx, r.text(documentColumns+documentTables+which), append([]any{number}, args...), func(scan file.Scanner) error {
			d, err := folio(scan)
			if err != nil {
				return err
			}
			return do(d)
		})
	})
}
