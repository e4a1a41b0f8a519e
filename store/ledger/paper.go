package ledger

import (
	stdbytes "bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"sluice/books"
	"sluice/store/file"
)

// Paper is what transactions were made from, kept under the SHA-256 of its body.
type Paper struct {
	Kind string // such as "invoice", "payment", "usage", "outage", "price", "supplier statement", "pool statement", "contract"
	Name string // for people: a number, a file, a period
	Body []byte // not empty, at most 64 MiB
}

// Hash is the SHA-256 of the body.
func (p Paper) Hash() books.Hash { return sha256.Sum256(p.Body) }

// The most that papers may be, bytes.
const (
	mostBody = 64 << 20
	mostName = 1024
)

func (p Paper) validate() error {
	var faults []error
	if p.Kind == "" || len(p.Kind) > mostName || len(p.Name) > mostName || !storable(p.Kind+p.Name) {
		faults = append(faults, fmt.Errorf("its kind has 1 to %d bytes, its name up to as many, of UTF-8 without a zero byte", mostName))
	}
	if len(p.Body) == 0 || len(p.Body) > mostBody {
		faults = append(faults, fmt.Errorf("%d bytes, it has 1 to %d", len(p.Body), mostBody))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("paper %q of kind %q: %w: %w", p.Name, p.Kind, ErrInvalid, err)
	}
	return nil
}

// Paper is the paper of an entity whose body has that hash; of several kinds with
// the same body the one that was filed first. The error wraps ErrUnknown where
// there is none, and books.ErrChanged where the body is not what was filed.
func (s *Store) Paper(ctx context.Context, entity string, h books.Hash) (p Paper, err error) {
	found := false
	err = s.sheets(ctx, entity, " AND p.hash = $2 ORDER BY p.number LIMIT 1", []any{h[:]}, func(_ int64, x sheet) error {
		found = true
		p, err = x.paper()
		return err
	})
	if err == nil && !found {
		err = ErrUnknown
	}
	if err != nil {
		return Paper{}, fmt.Errorf("paper %x of %q: %w", h[:6], entity, err)
	}
	return p, nil
}

// Papers are those of one kind, or of all where kind is empty, in the order in
// which they were filed. An error ends them.
func (s *Store) Papers(ctx context.Context, entity, kind string) iter.Seq2[Paper, error] {
	return func(yield func(Paper, error) bool) {
		which, args := "", []any(nil)
		if kind != "" {
			which, args = " AND p.kind = $2", []any{kind}
		}
		err := s.sheets(ctx, entity, which+" ORDER BY p.number", args, func(_ int64, x sheet) error {
			p, err := x.paper()
			if err == nil && !yield(p, nil) {
				err = errEnough
			}
			return err
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Paper{}, fmt.Errorf("read papers %q of %q: %w", kind, entity, err))
		}
	}
}

// sheets gives do the papers of an entity that a condition narrows.
func (s *Store) sheets(ctx context.Context, entity, which string, args []any, do func(int64, sheet) error) error {
	return s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err != nil {
			return err
		}
		return r.sheets(ctx, which, append([]any{number}, args...), do)
	})
}

func (r reading) sheets(ctx context.Context, which string, args []any, do func(int64, sheet) error) error {
	return file.Each(ctx, r.tx, r.text("SELECT p.number, p.kind, p.name, p.hash, p.packed, p.body FROM paper p WHERE p.entity = $1"+which), args, func(scan file.Scanner) error {
		var number int64
		var x sheet
		if err := scan(&number, &x.kind, &x.name, (*bytes)(&x.hash), &x.packed, &x.body); err != nil {
			return err
		}
		return do(number, x)
	})
}

// sheet is a paper as it is stored.
type sheet struct {
	kind, name string
	hash       books.Hash
	packed     int64 // 1: the body is deflated
	body       []byte
}

// pack makes the stored form of a paper, the smaller of two.
func pack(p Paper) (sheet, error) {
	x := sheet{kind: p.Kind, name: p.Name, hash: p.Hash(), body: p.Body}
	var b stdbytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return x, err
	}
	if _, err := w.Write(p.Body); err != nil {
		return x, err
	}
	if err := w.Close(); err != nil {
		return x, err
	}
	if b.Len() < len(p.Body) {
		x.packed, x.body = 1, b.Bytes()
	}
	return x, nil
}

// paper unpacks a stored paper and checks that the body is what it is filed under.
func (x sheet) paper() (Paper, error) {
	p := Paper{x.kind, x.name, x.body}
	if x.packed == 1 {
		var err error
		if p.Body, err = io.ReadAll(io.LimitReader(flate.NewReader(stdbytes.NewReader(x.body)), mostBody+1)); err != nil {
			return Paper{}, fmt.Errorf("paper %q of kind %q cannot be unpacked: %w: %w", x.name, x.kind, books.ErrChanged, err)
		}
	}
	if p.Hash() != x.hash {
		return Paper{}, fmt.Errorf("paper %q of kind %q is not what was filed: %w", x.name, x.kind, books.ErrChanged)
	}
	return p, nil
}

// filing files a paper, with what is stored of it.
func (x sheet) filing(number int64) filing {
	b := putNumber(putText(putText(x.hash[:], x.kind), x.name), x.packed)
	stored := sha256.Sum256(x.body)
	return filing{filedPaper, number, sha256.Sum256(append(b, stored[:]...))}
}

// kept is what tells papers apart.
type kept struct {
	hash books.Hash
	kind string
}

// papers keeps those that are new.
func (p *pen) papers(ctx context.Context, entity int64, all []Paper) error {
	known, err := p.knownPapers(ctx, entity, all)
	if err != nil {
		return err
	}
	number, err := p.count(ctx, "paper", entity)
	if err != nil {
		return err
	}
	var rows []any
	var filings []filing
	for _, a := range all {
		me := kept{a.Hash(), a.Kind}
		if known[me] {
			continue
		}
		known[me] = true
		x, err := pack(a)
		if err != nil {
			return fmt.Errorf("pack paper %q: %w", a.Name, err)
		}
		number++
		rows = append(rows, entity, number, x.kind, x.name, x.hash[:], x.packed, x.body)
		filings = append(filings, x.filing(number))
	}
	if err := p.insert(ctx, "paper (entity, number, kind, name, hash, packed, body)", 7, rows); err != nil {
		return err
	}
	return p.file(ctx, entity, filings...)
}

// knownPapers are those that are kept already.
func (p *pen) knownPapers(ctx context.Context, entity int64, all []Paper) (map[kept]bool, error) {
	var hashes []books.Hash
	for _, a := range all {
		hashes = append(hashes, a.Hash())
	}
	known := map[kept]bool{}
	for len(hashes) > 0 {
		n := portion(len(hashes))
		args := []any{entity}
		for i := range hashes[:n] {
			args = append(args, slices.Clone(hashes[i][:]))
		}
		if err := file.Each(ctx, p, p.dialect.text("SELECT hash, kind FROM paper WHERE entity = $1 AND hash IN "+among(n)), args, func(scan file.Scanner) error {
			var x kept
			err := scan((*bytes)(&x.hash), &x.kind)
			known[x] = true
			return err
		}); err != nil {
			return nil, err
		}
		hashes = hashes[n:]
	}
	return known, nil
}
