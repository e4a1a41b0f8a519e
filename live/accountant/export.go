package accountant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/export"
	"sluice/store/whole"
)

// The forms in which other programs read books.
const (
	Hledger   = "hledger"
	Beancount = "beancount"
	FIFO      = "beancount-fifo" // beancount chooses the lots itself
)

// ErrForm is a form in which nothing is written.
var ErrForm = errors.New("there is no such form")

// Exporter writes a period in a form. An error wraps ErrForm.
func Exporter(form string, p export.Period) (func(io.Writer) error, error) {
	switch form {
	case Hledger:
		return func(w io.Writer) error { return export.Hledger(w, p) }, nil
	case Beancount:
		return func(w io.Writer) error { return export.Beancount(w, p, export.Strict) }, nil
	case FIFO:
		return func(w io.Writer) error { return export.Beancount(w, p, export.FIFO) }, nil
	}
	return nil, fmt.Errorf("%w: use %s, %s or %s", ErrForm, Hledger, Beancount, FIFO)
}

// Export is the period as other programs are given it.
func (s *Shelf) Export(ctx context.Context) (p export.Period, err error) {
	p = export.Period{Chart: s.Chart, Zone: s.Zone, From: s.From, To: s.To}
	if p.Opening, err = s.sums(ctx, s.From); err != nil {
		return p, err
	}
	if p.Closing, err = s.sums(ctx, s.To); err != nil {
		return p, err
	}
	if p.Lots, err = s.Lots(ctx, s.From); err != nil {
		return p, err
	}
	all, err := s.plain(ctx, s.From, s.To)
	if err != nil {
		return p, err
	}
	for _, t := range all {
		if t.Standing == books.Posted {
			p.Transactions = append(p.Transactions, t)
		}
	}
	p.Prices, err = s.Prices(ctx)
	return p, err
}

// sums are what stands in each account before a time.
func (s *Shelf) sums(ctx context.Context, to time.Time) (map[string]int64, error) {
	all, err := s.Balances(ctx, time.Time{}, to)
	out := map[string]int64{}
	for _, b := range all {
		out[b.Account] += b.Amount
	}
	return out, err
}

// Others is a program that is not ours, and what it says of a period.
type Others struct {
	Program string `json:"program"`
	Form    string `json:"form"`
	Says    string `json:"says"` // empty: nothing, as it must be
}

// ErrInstall is a program of others that is not there.
var ErrInstall = errors.New("it is not installed, so the books are not proved by it: on Debian, apt install hledger beancount")

// ask lets a program of others read a period.
func ask(ctx context.Context, form string, p export.Period) (Others, error) {
	write, err := Exporter(form, p)
	if err != nil {
		return Others{}, err
	}
	dir, err := os.MkdirTemp("", "sluice-ledger-")
	if err != nil {
		return Others{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	name := filepath.Join(dir, form+".beancount")
	args := []string{"bean-check", name}
	if form == Hledger {
		name = filepath.Join(dir, "period.journal")
		args = []string{"hledger", "-f", name, "check", "--strict", "ordereddates"}
	}
	if err := whole.Replace(name, whole.Private, write); err != nil {
		return Others{}, err
	}
	if _, err := exec.LookPath(args[0]); err != nil {
		return Others{}, fmt.Errorf("%s: %w", args[0], ErrInstall)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // two fixed programs
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	err = cmd.Run()
	o := Others{Program: args[0], Form: form, Says: strings.TrimSpace(bounded(said.String()))}
	if err != nil && o.Says == "" {
		o.Says = err.Error()
	}
	return o, ctx.Err()
}

// bounded cuts what a program said to a length that a person reads.
func bounded(s string) string { return s[:min(len(s), 4000)] }
