package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/books"
	"sluice/store/file"
)

// Parked is something that could not be booked or rated, kept with its evidence
// until a person or a later fact settles it.
type Parked struct {
	ID       string     // made of the content by the caller (books.DerivedID): the same again is no second one
	Kind     string     // such as "usage", "pool credit", "receipt", "supplier line"
	Reason   string     // stable name from the room that refused it, such as "overlaps"
	Says     string     // one sentence for people
	At       time.Time  // when it happened, whole seconds
	Booked   time.Time  // when it was parked, whole seconds
	Paper    books.Hash // evidence, which the books hold or the same batch brings; zero: none
	Released *Released  // nil: open
}

// Released says when, by whom and why something was taken out of suspense.
type Released struct {
	At      time.Time // whole seconds
	By, Why string
}

func (x Parked) validate() error {
	var faults []error
	if x.ID == "" || x.Kind == "" || x.Reason == "" || max(len(x.ID), len(x.Kind), len(x.Reason)) > mostName {
		faults = append(faults, fmt.Errorf("id, kind and reason have 1 to %d bytes", mostName))
	}
	if !storable(x.ID + x.Kind + x.Reason + x.Says) {
		faults = append(faults, errors.New("a text is not UTF-8 or has a zero byte"))
	}
	if !onSecond(x.At) || !onSecond(x.Booked) {
		faults = append(faults, fmt.Errorf("it happened at %v and was parked at %v: whole seconds are needed", x.At, x.Booked))
	}
	if x.Released != nil {
		faults = append(faults, errors.New("it is released already: park it first, then call Release"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("parked %q: %w: %w", x.ID, ErrInvalid, err)
	}
	return nil
}

func (r Released) validate() error {
	if !onSecond(r.At) || strings.TrimSpace(r.By) == "" || strings.TrimSpace(r.Why) == "" || !storable(r.By+r.Why) {
		return fmt.Errorf("%w: at %v by %q because of %q: a whole second, a name and a reason are needed", ErrInvalid, r.At, r.By, r.Why)
	}
	return nil
}

// Suspense is what is parked and open, the first one first; with all also what was
// released.
func (s *Store) Suspense(ctx context.Context, entity string, all bool) (out []Parked, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		return r.parked(ctx, number, func(_ int64, x Parked, _ bool) error {
			if all || x.Released == nil {
				out = append(out, x)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("suspense of %q: %w", entity, err)
	}
	return out, nil
}

// parked gives do all that is parked, with its number and whether its paper is there.
func (r reading) parked(ctx context.Context, entity int64, do func(int64, Parked, bool) error) error {
	return file.Each(ctx, r.tx, r.text(`SELECT k.number, k.id, k.kind, k.reason, k.says, k.at, k.booked, k.paper, f.at, f.person, f.why,
			(SELECT count(*) FROM paper p WHERE p.entity = k.entity AND p.hash = k.paper)
		FROM parked k LEFT JOIN released f ON f.entity = k.entity AND f.parked = k.number
		WHERE k.entity = $1 ORDER BY k.number`), []any{entity}, func(scan file.Scanner) error {
		var x Parked
		var number, at, booked, papers int64
		var released sql.NullInt64
		var by, why sql.NullString
		if err := scan(&number, &x.ID, &x.Kind, &x.Reason, &x.Says, &at, &booked, (*bytes)(&x.Paper), &released, &by, &why, &papers); err != nil {
			return err
		}
		x.At, x.Booked = instant(at), instant(booked)
		if released.Valid {
			x.Released = &Released{instant(released.Int64), by.String, why.String}
		}
		return do(number, x, x.Paper == books.Hash{} || papers > 0)
	})
}

// Release takes something out of suspense and says why; its row stays. The same
// release again changes nothing. An error wraps ErrUnknown where nothing of that id
// is parked, and ErrConflict where it was released otherwise.
func (s *Store) Release(ctx context.Context, entity, id string, r Released) error {
	err := r.validate()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error { return p.release(ctx, entity, id, r) })
	}
	if err != nil {
		return fmt.Errorf("release %q of %q: %w", id, entity, err)
	}
	return nil
}

func (p *pen) release(ctx context.Context, entity, id string, r Released) error {
	number := p.index.entity(entity)
	var parked int64
	var stands *Released
	if err := file.Each(ctx, p, p.dialect.text(`SELECT k.number, f.at, f.person, f.why FROM parked k LEFT JOIN released f ON f.entity = k.entity AND f.parked = k.number
		WHERE k.entity = $1 AND k.id = $2`), []any{number, id}, func(scan file.Scanner) error {
		var at sql.NullInt64
		var by, why sql.NullString
		err := scan(&parked, &at, &by, &why)
		if at.Valid {
			stands = &Released{instant(at.Int64), by.String, why.String}
		}
		return err
	}); err != nil {
		return err
	}
	if parked == 0 {
		return fmt.Errorf("%w: nothing of that id is parked", ErrUnknown)
	}
	r.At = r.At.UTC()
	if stands != nil {
		if *stands == r {
			return nil
		}
		return fmt.Errorf("%w: it was released on %v by %q: %s", ErrConflict, stands.At, stands.By, stands.Why)
	}
	n, err := p.count(ctx, "released", number)
	if err != nil {
		return err
	}
	if err := p.insert(ctx, "released (entity, number, parked, at, person, why)", 6, []any{number, n + 1, parked, r.At.Unix(), r.By, r.Why}); err != nil {
		return err
	}
	return p.file(ctx, number, r.filing(n+1, parked))
}

func (x Parked) filing(number int64) filing {
	b := putText(putText(putText(putText(nil, x.ID), x.Kind), x.Reason), x.Says)
	b = putNumber(putNumber(b, x.At.Unix()), x.Booked.Unix())
	return filing{filedParked, number, sha256.Sum256(append(b, x.Paper[:]...))}
}

func (r Released) filing(number, parked int64) filing {
	b := putText(putText(putNumber(putNumber(nil, parked), r.At.Unix()), r.By), r.Why)
	return filing{filedReleased, number, sha256.Sum256(b)}
}

// park keeps what is new.
func (p *pen) park(ctx context.Context, entity int64, all []Parked) error {
	if len(all) == 0 {
		return nil
	}
	number, err := p.count(ctx, "parked", entity)
	if err != nil {
		return err
	}
	var rows []any
	var filings []filing
	known := map[string]bool{}
	for _, x := range all {
		there, evident, err := p.standsParked(ctx, entity, x)
		if err != nil {
			return err
		}
		if there || known[x.ID] {
			continue
		}
		if !evident {
			return fmt.Errorf("parked %q: its paper %x: %w: put the paper into the same batch", x.ID, x.Paper[:6], ErrUnknown)
		}
		known[x.ID] = true
		number++
		rows = append(rows, entity, number, x.ID, x.Kind, x.Reason, x.Says, x.At.Unix(), x.Booked.Unix(), some(x.Paper))
		filings = append(filings, x.filing(number))
	}
	if err := p.insert(ctx, "parked (entity, number, id, kind, reason, says, at, booked, paper)", 9, rows); err != nil {
		return err
	}
	return p.file(ctx, entity, filings...)
}

// standsParked says whether something of that id is parked, and whether its paper is there.
func (p *pen) standsParked(ctx context.Context, entity int64, x Parked) (there, evident bool, err error) {
	err = file.Each(ctx, p, p.dialect.text("SELECT (SELECT count(*) FROM parked WHERE entity = $1 AND id = $2), (SELECT count(*) FROM paper WHERE entity = $1 AND hash = $3)"),
		[]any{entity, x.ID, some(x.Paper)}, func(scan file.Scanner) error {
			var parked, papers int64
			err := scan(&parked, &papers)
			there, evident = parked > 0, papers > 0 || x.Paper == books.Hash{}
			return err
		})
	return there, evident, err
}

// some is a hash as it is stored: nothing where it is zero.
func some(h books.Hash) []byte {
	if h == (books.Hash{}) {
		return []byte{}
	}
	return h[:]
}
