package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/file"
)

// cabinet is what the filings of an entity say that there is.
type cabinet struct {
	contents map[string][]books.Hash // by kind, in the order of their numbers
	found    map[string]int64        // how many of them were read
	charts   []filing
	last     books.Hash
}

// next compares what is read of a kind, in the order of its numbers, with what was filed.
func (c *cabinet) next(f filing) error {
	filed, n := c.contents[f.what], c.found[f.what]
	if n == int64(len(filed)) || f.subject != n+1 || f.content != filed[n] {
		return fmt.Errorf("%s %d is not what was filed: %w", f.what, f.subject, books.ErrChanged)
	}
	c.found[f.what]++
	return nil
}

// kept checks everything beside the journal: that the filings are a chain, that
// each says what its row says, and that papers, documents and what is parked are whole.
func (r reading) kept(ctx context.Context, number int64, v *Verified) error {
	c, err := r.cabinet(ctx, number)
	if err != nil {
		return err
	}
	v.Filed = c.last
	for _, check := range []func(context.Context, int64, *cabinet, *Verified) error{r.checkCharts, r.checkLocks, r.checkPapers, r.checkDocuments, r.checkParked, r.checkReleased} {
		if err := check(ctx, number, c, v); err != nil {
			return err
		}
	}
	for what, filed := range c.contents {
		if n := c.found[what]; n != int64(len(filed)) {
			return fmt.Errorf("%d of kind %s were filed, and %d are there: %w", len(filed), what, n, books.ErrChanged)
		}
	}
	return nil
}

// cabinet reads the filings of an entity and checks their chain.
func (r reading) cabinet(ctx context.Context, number int64) (*cabinet, error) {
	c := &cabinet{contents: map[string][]books.Hash{}, found: map[string]int64{}}
	at := int64(0)
	return c, file.Each(ctx, r.tx, r.text("SELECT number, what, subject, content, hash FROM filing WHERE entity = $1 ORDER BY number"), []any{number}, func(scan file.Scanner) error {
		var n int64
		var f filing
		var hash books.Hash
		if err := scan(&n, &f.what, &f.subject, (*bytes)(&f.content), (*bytes)(&hash)); err != nil {
			return err
		}
		if n != at+1 || hash != f.after(at, c.last) {
			return fmt.Errorf("filing %d follows on %d: %w", n, at, books.ErrChanged)
		}
		at, c.last = n, hash
		if f.what == filedChart {
			c.charts = append(c.charts, f)
			return nil
		}
		if c.contents[f.what] = append(c.contents[f.what], f.content); f.subject != int64(len(c.contents[f.what])) {
			return fmt.Errorf("filing %d is of %s %d, the one before of %d: %w", n, f.what, f.subject, len(c.contents[f.what])-1, books.ErrChanged)
		}
		return nil
	})
}

// checkCharts checks that the chart is what it was at every filing, and filed whole.
func (r reading) checkCharts(_ context.Context, number int64, c *cabinet, _ *Verified) error {
	whole := r.chart(number)
	for i, f := range c.charts {
		then := whole
		if f.subject > int64(len(whole.Accounts)) {
			return fmt.Errorf("the chart had %d accounts, and has %d: %w", f.subject, len(whole.Accounts), books.ErrChanged)
		}
		then.Accounts = whole.Accounts[:f.subject]
		if chartFiling(then) != f || i == len(c.charts)-1 && len(then.Accounts) != len(whole.Accounts) {
			return fmt.Errorf("the chart is not what it was with %d accounts: %w", f.subject, books.ErrChanged)
		}
	}
	if len(c.charts) == 0 {
		return fmt.Errorf("the chart was never filed: %w", books.ErrChanged)
	}
	return nil
}

func (r reading) checkLocks(ctx context.Context, number int64, c *cabinet, _ *Verified) error {
	all, err := lockings(ctx, r.tx, r.text, number, "")
	for _, l := range all {
		if err == nil {
			err = c.next(lockFiling(l))
		}
	}
	return err
}

func (r reading) checkPapers(ctx context.Context, number int64, c *cabinet, v *Verified) error {
	return r.sheets(ctx, " ORDER BY p.number", []any{number}, func(n int64, x sheet) error {
		if _, err := x.paper(); err != nil {
			return err
		}
		v.Papers++
		return c.next(x.filing(n))
	})
}

// checkDocuments checks that every document has its paper and its posting, and that
// the numbers of each series have no holes.
func (r reading) checkDocuments(ctx context.Context, number int64, c *cabinet, v *Verified) error {
	series := map[string][]invoice.Number{}
	err := file.Each(ctx, r.tx, r.text(`SELECT d.number, d.series, d.serial, d.draft, d.paper, d.txn, t.evidence, p.name, p.hash, coalesce(p.packed, 0), p.body
		FROM document d LEFT JOIN paper p ON p.entity = d.entity AND p.hash = d.paper AND p.kind = '`+paperOfDocument+`'
		LEFT JOIN txn t ON t.entity = d.entity AND t.id = d.txn
		WHERE d.entity = $1 ORDER BY d.number`), []any{number}, func(scan file.Scanner) error {
		var n int64
		var x filed
		var s sheet
		var evidence books.Hash
		var name sql.NullString
		if err := scan(&n, &x.Series, &x.Serial, (*bytes)(&x.draft), (*bytes)(&x.paper), &x.transaction, (*bytes)(&evidence), &name, (*bytes)(&s.hash), &s.packed, &s.body); err != nil {
			return err
		}
		v.Documents++
		series[x.Series] = append(series[x.Series], x.Number)
		return errors.Join(c.next(x.filing(n)), x.check(s, name.Valid, evidence))
	})
	for _, numbers := range series {
		gap := invoice.Gapless(append([]invoice.Number{{Series: numbers[0].Series}}, numbers...))
		if gap != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", books.ErrChanged, gap))
		}
	}
	return err
}

// check holds a document against its paper and the evidence of its posting.
func (x filed) check(s sheet, there bool, evidence books.Hash) error {
	if !there {
		return fmt.Errorf("document %s has no paper: %w", x.Number, books.ErrChanged)
	}
	if evidence != x.paper {
		return fmt.Errorf("document %s is not in the books: %w", x.Number, books.ErrChanged)
	}
	d, err := s.document(x.Number)
	if err != nil {
		return err
	}
	d.Number, d.Issued = invoice.Number{}, 0
	if h, err := d.Hash(); err != nil || h != x.draft {
		return fmt.Errorf("document %s was made of another draft: %w", x.Number, errors.Join(books.ErrChanged, err))
	}
	return nil
}

func (r reading) checkParked(ctx context.Context, number int64, c *cabinet, v *Verified) error {
	return r.parked(ctx, number, func(n int64, x Parked, evident bool) error {
		v.Parked++
		if !evident {
			return fmt.Errorf("parked %q has no paper: %w", x.ID, books.ErrChanged)
		}
		return c.next(x.filing(n))
	})
}

func (r reading) checkReleased(ctx context.Context, number int64, c *cabinet, _ *Verified) error {
	return file.Each(ctx, r.tx, r.text("SELECT number, parked, at, person, why FROM released WHERE entity = $1 ORDER BY number"), []any{number}, func(scan file.Scanner) error {
		var n, parked, at int64
		var x Released
		if err := scan(&n, &parked, &at, &x.By, &x.Why); err != nil {
			return err
		}
		x.At = instant(at)
		return c.next(x.filing(n, parked))
	})
}
