package ledger

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"sluice/books"
	"sluice/store/file"
)

// Verified is what a whole chain was found to be.
type Verified struct {
	Transactions int64
	Lines        int64
	Papers       int64
	Documents    int64
	Parked       int64      // released or not
	Last         books.Hash // compare it with a copy kept elsewhere: nothing in the books shows that their end was cut off
	Filed        books.Hash // the same of charts, locks, papers, documents and what is parked
}

// section is a part of a chain, checked by itself.
type section struct {
	first, last int64 // sequences
	begins      books.Hash
	ends        books.Hash
	lines       int64
	err         error
}

// sectionMost transactions are checked at once.
const sectionMost = 2048

// Verify reads all the books of an entity and checks the chain, that every
// transaction sums to zero in every asset, and that what was locked is as it was
// locked. Beside the journal it checks that charts, locks, papers, documents and
// what is parked are what was filed, that every paper has the hash it is filed
// under, that the numbers of documents have no holes, and that each document has
// its paper and its posting. An error wraps books.ErrChanged and names the first
// place that is not as it was written.
func (s *Store) Verify(ctx context.Context, entity string) (v Verified, err error) {
	err = s.read(ctx, func(r reading) error {
		r.dictionary = dictionary{} // nothing is believed that was read before
		if err := r.follow(ctx, r.tx, r.text); err != nil {
			return err
		}
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		sections, err := r.sections(ctx, number)
		if err != nil {
			return err
		}
		if v, err = s.chain(ctx, r, number, sections); err != nil {
			return err
		}
		return errors.Join(r.locks(ctx, number), r.kept(ctx, number, &v))
	})
	if err != nil {
		return Verified{}, fmt.Errorf("verify the books of %q: %w", entity, err)
	}
	return v, nil
}

// sections cuts the chain of an entity.
func (r reading) sections(ctx context.Context, number int64) ([]section, error) {
	var last, count, stray int64
	err := file.Each(ctx, r.tx, r.text(`SELECT coalesce(max(seq), 0), count(*),
		(SELECT count(*) FROM entry WHERE entity = $1 AND seq > (SELECT coalesce(max(seq), 0) FROM txn WHERE entity = $1)) FROM txn WHERE entity = $1`),
		[]any{number}, func(scan file.Scanner) error { return scan(&last, &count, &stray) })
	if err == nil && (last != count || stray > 0) {
		err = fmt.Errorf("%d transactions reach number %d, %d lines belong to none: %w", count, last, stray, books.ErrChanged)
	}
	var out []section
	for first := int64(1); first <= last; first += sectionMost {
		out = append(out, section{first: first, last: min(first+sectionMost-1, last)})
	}
	return out, err
}

// chain checks all sections, several at a time, and that each goes on where the
// one before ended. What is booked never changes, so that it does not matter that
// they are read in different transactions of the database.
func (s *Store) chain(ctx context.Context, r reading, number int64, all []section) (Verified, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan *section)
	var crew sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		crew.Go(func() { s.checkSections(ctx, r.dictionary, number, work) })
	}
	for i := range all {
		work <- &all[i]
	}
	close(work)
	crew.Wait()
	var v Verified
	for _, x := range all {
		if x.err == nil && x.begins != v.Last {
			x.err = fmt.Errorf("transaction %d does not follow on the one before: %w", x.first, books.ErrChanged)
		}
		if x.err != nil {
			return v, x.err
		}
		v.Transactions, v.Lines, v.Last = x.last, v.Lines+x.lines, x.ends
	}
	return v, nil
}

// checkSections checks sections until there are no more.
func (s *Store) checkSections(ctx context.Context, d dictionary, number int64, work <-chan *section) {
	for x := range work {
		if x.err = ctx.Err(); x.err == nil {
			x.err = x.check(ctx, s.reader, s.dialect.text, &d, number)
		}
	}
}

func (x *section) check(ctx context.Context, a file.Asker, text func(string) string, d *dictionary, number int64) error {
	args := []any{number, x.first, x.last}
	all, err := d.heads(ctx, a, text(headColumns+` FROM txn t WHERE t.entity = $1 AND t.seq BETWEEN $2 AND $3 ORDER BY t.seq`), args, sectionMost)
	if err == nil {
		err = d.bodies(ctx, a, text(lineColumns+` FROM entry e WHERE e.entity = $1 AND e.seq BETWEEN $2 AND $3 ORDER BY e.seq, e.line`), args, all)
	}
	if err != nil {
		return err
	}
	if int64(len(all)) != x.last-x.first+1 {
		return fmt.Errorf("%d transactions are left of those from %d to %d: %w", len(all), x.first, x.last, books.ErrChanged)
	}
	x.begins = all[0].Previous
	c := books.Chain{Sequence: x.first - 1, Last: x.begins}
	sums := d.summer(number)
	for _, s := range all {
		if err := errors.Join(c.Next(s), sums(s)); err != nil {
			return err
		}
		x.lines += int64(len(s.Lines))
	}
	x.ends = c.Last
	return nil
}

// summer returns what checks the sums of a transaction of an entity: the asset of an
// account is under no hash.
func (d *dictionary) summer(number int64) func(books.Sealed) error {
	assets := map[string]int64{}
	for _, a := range d.accounts {
		if a.entity == number {
			assets[a.Name] = a.asset
		}
	}
	sums := make([]int64, len(d.assets)+1)
	return func(s books.Sealed) error {
		clear(sums)
		for _, l := range s.Lines {
			sums[assets[l.Account]] += l.Amount
		}
		for i, sum := range sums {
			if sum != 0 {
				return fmt.Errorf("transaction %d, %q is %d of asset %d apart: %w", s.Sequence, s.ID, sum, i, books.ErrChanged)
			}
		}
		return nil
	}
}

// locks checks that what was locked is as it was locked.
func (r reading) locks(ctx context.Context, number int64) error {
	all, err := lockings(ctx, r.tx, r.text, number, "")
	if err != nil {
		return err
	}
	var faults []error
	for _, l := range standing(all) {
		root, balance, err := r.roots(ctx, r.tx, r.text, number, l.Period)
		if err == nil && (root != l.Root || balance != l.Balance) {
			err = fmt.Errorf("the period of lock %d is not as it was locked: %w", l.Number, books.ErrChanged)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
