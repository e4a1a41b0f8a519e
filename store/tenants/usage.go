package tenants

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"sluice/books"
	"sluice/books/rate"
	"sluice/store/file"
	"sluice/use/hosting/meter"
)

// Query says which usage is wanted. What is empty does not narrow.
type Query struct {
	Contract  string
	Component string
	From, To  time.Time // whatever has a second in it, To left out
	All       bool      // corrected revisions too
	After     int       // how many to leave out, for the next page
	Limit     int       // 0: 10,000, which is also the most
}

// PutUsage keeps usage and the papers it was made of. The same again changes nothing;
// the same interval and revision with other content wraps ErrConflict, a contract that
// no tenant has ErrUnknown. Whose it is follows from the contract.
func (o Office) PutUsage(ctx context.Context, all []meter.Usage, papers ...[]byte) error {
	err := o.s.write(ctx, func(ctx context.Context, p pen) error {
		for _, paper := range papers {
			hash := sha256.Sum256(paper)
			small, err := packed(paper)
			if err != nil {
				return err
			}
			if _, err := p.Exec(ctx, "INSERT INTO paper (hash, body) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", hash[:], small); err != nil {
				return err
			}
		}
		for _, u := range all {
			if err := p.use(ctx, u); err != nil {
				return fmt.Errorf("%s of contract %.60q from %d: %w", u.Component, u.Contract, u.Span.From, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %d usages: %w", len(all), err)
	}
	return nil
}

// use writes one usage, unless it is there.
func (p pen) use(ctx context.Context, u meter.Usage) error {
	var f faults
	f.name("component", u.Component)
	f.name("meter", u.Meter)
	f.When(u.Span.Empty() || u.Quantity < 0 || u.Revision < 1 || u.Revision > math.MaxInt32, "from %d to %d, %d in revision %d: it ends after it begins, is not negative, and its revisions count from 1", u.Span.From, u.Span.To, u.Quantity, u.Revision)
	f.When(u.Measure != meter.Joules && u.Measure != meter.GPUSeconds, "measure %.40q is not known", u.Measure)
	f.When(u.Evidence == books.Hash{}, "it has no evidence")
	if err := errors.Join(f.Err(), known(ctx, p, u.Contract)); err != nil {
		return err
	}
	key := []any{u.Contract, u.Component, u.Meter, u.Span.From, u.Span.To, u.Revision}
	n, err := p.Exec(ctx, "INSERT INTO usage (contract, component, meter, from_s, to_s, revision, quantity, measure, estimated, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		append(key, u.Quantity, string(u.Measure), u.Estimated, u.Evidence[:])...)
	if err != nil || n > 0 {
		return err
	}
	had, err := file.Gather(ctx, p, scanUsage, usages+" WHERE u.contract = ? AND u.component = ? AND u.meter = ? AND u.from_s = ? AND u.to_s = ? AND u.revision = ?", key...)
	if err == nil && (len(had) != 1 || !same(had[0], u)) {
		err = fmt.Errorf("%w: revision %d says %d: give the new figure a higher revision", ErrConflict, u.Revision, had[0].Quantity)
	}
	return err
}

// same reports usage that says the same; whose it is follows from the contract.
func same(a, b meter.Usage) bool {
	a.Tenant, b.Tenant = "", ""
	return a == b
}

const usages = `SELECT c.tenant, u.contract, u.meter, u.component, u.from_s, u.to_s, u.quantity, u.measure, u.revision, u.estimated, u.evidence
	FROM usage u JOIN contract c ON c.name = u.contract`

func scanUsage(scan file.Scanner) (u meter.Usage, err error) {
	var evidence []byte
	err = scan(&u.Tenant, &u.Contract, &u.Meter, &u.Component, &u.Span.From, &u.Span.To, &u.Quantity, &u.Measure, &u.Revision, &u.Estimated, &evidence)
	copy(u.Evidence[:], evidence)
	return u, err
}

// Usage is the tenant's, by contract, meter, component and time.
func (d Desk) Usage(ctx context.Context, t Tenant, q Query) ([]meter.Usage, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	where, args := q.where()
	return q.counts(file.Gather(ctx, d.s.file, scanUsage, usages+" WHERE c.tenant = ?"+where, append([]any{t.name}, args...)...))
}

// Usage is that of all tenants, for bills and corrections.
func (o Office) Usage(ctx context.Context, q Query) ([]meter.Usage, error) {
	where, args := q.where()
	return q.counts(file.Gather(ctx, o.s.file, scanUsage, usages+" WHERE TRUE"+where, args...))
}

// counts leaves out what later revisions cut otherwise, unless all is wanted.
func (q Query) counts(all []meter.Usage, err error) ([]meter.Usage, error) {
	if q.All || err != nil {
		return all, err
	}
	return meter.Current(all), nil
}

// where is a query as conditions and their values.
func (q Query) where() (text string, args []any) {
	add := func(wanted bool, condition string, value any) {
		if wanted {
			text, args = text+" AND "+condition, append(args, value)
		}
	}
	add(q.Contract != "", "u.contract = ?", q.Contract)
	add(q.Component != "", "u.component = ?", q.Component)
	add(!q.From.IsZero(), "u.to_s > ?", q.From.Unix())
	add(!q.To.IsZero(), "u.from_s < ?", q.To.Unix())
	if !q.All {
		text += ` AND u.revision = (SELECT max(v.revision) FROM usage v WHERE v.contract = u.contract AND v.component = u.component
			AND v.meter = u.meter AND v.from_s = u.from_s AND v.to_s = u.to_s)`
	}
	limit := q.Limit
	if limit <= 0 || limit > mostRows {
		limit = mostRows
	}
	return text + " ORDER BY u.contract, u.meter, u.component, u.from_s, u.to_s, u.revision LIMIT ? OFFSET ?", append(args, limit, max(0, q.After))
}

// Paper is what usage or service was made of. It names other tenants and is shown to
// none. An error wraps ErrUnknown or ErrCorrupt.
func (o Office) Paper(ctx context.Context, hash books.Hash) ([]byte, error) {
	found, err := file.Gather(ctx, o.s.file, func(scan file.Scanner) (b []byte, err error) { return b, scan(&b) }, "SELECT body FROM paper WHERE hash = ?", hash[:])
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("paper %x: %w", hash[:6], err)
	}
	body, err := unpacked(found[0])
	if sum := sha256.Sum256(body); err != nil || !bytes.Equal(sum[:], hash[:]) {
		return nil, fmt.Errorf("paper %x: %w: restore a backup, the disk changed what was written", hash[:6], ErrCorrupt)
	}
	return body, nil
}

// mostPaper bounds a paper, bytes.
const mostPaper = 256 << 20

// packed is a paper as it is stored: the readings of a hall are alike.
func packed(paper []byte) ([]byte, error) {
	if len(paper) > mostPaper {
		return nil, fmt.Errorf("a paper of %d bytes: %w: cut the interval, or the hall", len(paper), ErrInvalid)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(paper)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

func unpacked(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, mostPaper+1))
}

// Held is a component that is not billed yet, and why.
type Held struct {
	Number int64
	meter.Hold
	At       time.Time
	Released *Release // nil: it is held
}

// Release says who let a component go, when and why.
type Release struct {
	At      time.Time
	By, Why string
}

// Hold keeps what is held back. The same again changes nothing. A hold of no contract
// is one of every contract named.
func (o Office) Hold(ctx context.Context, all []meter.Hold, at time.Time, every ...string) error {
	err := o.s.write(ctx, func(ctx context.Context, p pen) error {
		for _, h := range all {
			contracts := []string{h.Contract}
			if h.Contract == "" {
				contracts = every
			}
			for _, c := range contracts {
				if err := known(ctx, p, c); err != nil {
					return err
				}
				if _, err := p.Exec(ctx, "INSERT INTO held (contract, component, from_s, to_s, why, engine, witness, source, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
					c, h.Component, h.Span.From, h.Span.To, h.Why, h.Engine, h.Witness, h.Source, at.UnixMicro()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("hold %d lines: %w", len(all), err)
	}
	return nil
}

// Release lets go what a tenant's contract had held back. What was released stays so.
func (o Office) Release(ctx context.Context, t Tenant, held int64, r Release) error {
	var f faults
	f.name("who", r.By)
	f.name("why", r.Why)
	f.moment("at", r.At)
	err := errors.Join(t.check(), f.Err())
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM held h JOIN contract c ON c.name = h.contract WHERE c.tenant = ? AND h.number = ?", t.name, held)
			if err == nil && n[0] == 0 {
				err = ErrUnknown
			}
			if err == nil {
				_, err = p.Exec(ctx, "INSERT INTO held_release (held, at_us, person, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", held, r.At.UnixMicro(), r.By, r.Why)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("release line %d of tenant %q: %w", held, t.name, err)
	}
	return nil
}

// Held is what of the tenant's is held back, and what was, with both figures.
func (d Desk) Held(ctx context.Context, t Tenant) ([]Held, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, scanHeld, `SELECT h.number, h.contract, h.component, h.from_s, h.to_s, h.why, h.engine, h.witness, h.source, h.at_us, r.at_us, r.person, r.why
		FROM held h JOIN contract c ON c.name = h.contract LEFT JOIN held_release r ON r.held = h.number WHERE c.tenant = ? ORDER BY h.number LIMIT ?`, t.name, mostRows)
}

func scanHeld(scan file.Scanner) (h Held, err error) {
	var at, released nullTime
	var by, why nullText
	var span rate.Span
	err = scan(&h.Number, &h.Contract, &h.Component, &span.From, &span.To, &h.Why, &h.Engine, &h.Witness, &h.Source, &at, &released, &by, &why)
	h.Span, h.At = span, file.Instant(at)
	if released.Valid {
		h.Released = &Release{file.Instant(released), by.String, why.String}
	}
	return h, err
}
