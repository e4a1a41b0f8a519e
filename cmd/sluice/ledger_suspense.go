package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/store/ledger"
)

func newLedgerSuspense(f *ledgerFlags) *cobra.Command {
	var all bool
	var id string
	var r ledger.Released
	c := &cobra.Command{
		Use: "suspense --books FOLDER [--all] [--release ID --by NAME --why TEXT]", Args: cobra.NoArgs,
		Short: "What could not be booked, why, and the paper that it came from",
		Long: `Lists what is parked: facts that could not be booked without a guess, each with a
reason and the hash of its evidence, which 'sluice ledger paper HASH' shows. It
stays until a later fact settles it or a person releases it with --release; both
stay in the books. --all lists what was released too.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				if id != "" {
					r.At = now()
					return input(s.store.Release(ctx, s.chart.Entity, id, r))
				}
				list, err := s.store.Suspense(ctx, s.chart.Entity, all)
				if err != nil {
					return err
				}
				return printSuspense(w, list, f.json)
			})
		},
	}
	p := c.Flags()
	p.BoolVar(&all, "all", false, "what was released too")
	p.StringVar(&id, "release", "", "id of what is taken out of suspense")
	p.StringVar(&r.By, "by", "", "who releases it")
	p.StringVar(&r.Why, "why", "", "what became of it")
	c.MarkFlagsRequiredTogether("release", "by", "why")
	return c
}

// parkedJSON is one parked case for programs.
type parkedJSON struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	Reason   string        `json:"reason"`
	Says     string        `json:"says"`
	At       time.Time     `json:"at"`
	Booked   time.Time     `json:"parked"`
	Paper    string        `json:"evidence_sha256,omitempty"`
	Released *releasedJSON `json:"released,omitempty"`
}

type releasedJSON struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Why string    `json:"why"`
}

func parkedOf(p ledger.Parked) parkedJSON {
	out := parkedJSON{ID: p.ID, Kind: p.Kind, Reason: p.Reason, Says: p.Says, At: p.At, Booked: p.Booked, Paper: hashText(p.Paper)}
	if p.Released != nil {
		out.Released = &releasedJSON{p.Released.At, p.Released.By, p.Released.Why}
	}
	return out
}

// hashText is a hash in digits; nothing where it is zero.
func hashText(h books.Hash) string {
	if h == (books.Hash{}) {
		return ""
	}
	return hex.EncodeToString(h[:])
}

func printSuspense(w io.Writer, list []ledger.Parked, asJSON bool) error {
	out := []parkedJSON{}
	for _, p := range list {
		out = append(out, parkedOf(p))
	}
	if asJSON {
		return printJSON(w, out)
	}
	for _, p := range out {
		fmt.Fprintf(w, "%s  %s, %s\n   %s\n   id %s, parked %s\n", p.At.UTC().Format(time.DateOnly), harmless(p.Kind), harmless(p.Reason), harmless(p.Says), harmless(p.ID), p.Booked.UTC().Format("2006-01-02 15:04 UTC"))
		if p.Paper != "" {
			fmt.Fprintf(w, "   evidence SHA-256 %s\n", p.Paper)
		}
		if r := p.Released; r != nil {
			fmt.Fprintf(w, "   released %s by %s: %s\n", r.At.UTC().Format("2006-01-02 15:04 UTC"), harmless(r.By), harmless(r.Why))
		}
	}
	if len(out) == 0 {
		fmt.Fprintln(w, "nothing is parked")
	}
	return nil
}

func newLedgerPaper(f *ledgerFlags) *cobra.Command {
	var raw bool
	return withRaw(&raw, &cobra.Command{
		Use: "paper --books FOLDER HASH", Args: cobra.ExactArgs(1), Short: "Show the paper behind an entry, by the SHA-256 that the entry names",
		Long: `Shows what a transaction was made from: a statement, an invoice, a receipt on the
chain, a price. The hash is the evidence that 'sluice ledger entries' and 'sluice
ledger suspense' print; its first twelve digits are enough where they name one paper.
--raw writes the paper as it was filed, to the byte.
` + exitHelp,
		RunE: func(c *cobra.Command, args []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				p, err := s.paper(ctx, args[0])
				if err != nil {
					return err
				}
				return printPaper(w, p, raw, f.json)
			})
		},
	})
}

func withRaw(raw *bool, c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(raw, "raw", false, "write the body alone, as it was filed")
	return c
}

// shortest is how many digits of a hash name a paper at least.
const shortest = 12

// paper finds a paper by its hash, or by the beginning of it.
func (s *shelf) paper(ctx context.Context, text string) (ledger.Paper, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) < shortest || len(text) > 64 || strings.Trim(text, "0123456789abcdef") != "" {
		return ledger.Paper{}, input(fmt.Errorf("%q: a hash is 64 hexadecimal digits, or the first %d at least", clean(text), shortest))
	}
	if len(text) == 64 {
		var h books.Hash
		if _, err := hex.Decode(h[:], []byte(text)); err != nil {
			return ledger.Paper{}, input(err)
		}
		p, err := s.store.Paper(ctx, s.chart.Entity, h)
		if errors.Is(err, ledger.ErrUnknown) {
			err = input(err)
		}
		return p, err
	}
	var found []ledger.Paper
	for p, err := range s.store.Papers(ctx, s.chart.Entity, "") {
		if err != nil {
			return ledger.Paper{}, err
		}
		if h := p.Hash(); strings.HasPrefix(hashText(h), text) && (len(found) == 0 || found[0].Hash() != h) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return ledger.Paper{}, input(fmt.Errorf("%d papers begin with %s: write the whole hash: %w", len(found), text, ledger.ErrUnknown))
	}
	return found[0], nil
}

// paperJSON is a paper for programs.
type paperJSON struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Hash string `json:"sha256"`
	Size int    `json:"bytes"`
	Text string `json:"text,omitempty"` // empty where it is no text
}

func printPaper(w io.Writer, p ledger.Paper, raw, asJSON bool) error {
	if raw {
		_, err := w.Write(p.Body)
		return err
	}
	out := paperJSON{Kind: p.Kind, Name: p.Name, Hash: hashText(p.Hash()), Size: len(p.Body)}
	if readable(p.Body) {
		out.Text = string(p.Body)
	}
	if asJSON {
		return printJSON(w, out)
	}
	fmt.Fprintf(w, "%s  %s\n   SHA-256 %s, %d bytes\n\n", harmless(out.Kind), harmless(out.Name), out.Hash, out.Size)
	if price, err := books.ParsePrice(p.Body); err == nil {
		fmt.Fprintf(w, "%s: %s %s, %s\n", harmless(price.Name()), books.Asset(price.Quote).Text(int64(price.Value)), price.Quote, harmless(price.Source))
		return nil
	}
	if out.Text == "" {
		fmt.Fprintln(w, "(no text: --raw writes it)")
		return nil
	}
	for line := range strings.Lines(out.Text) {
		fmt.Fprintln(w, harmless(strings.TrimRight(line, "\r\n")))
	}
	return nil
}

// readable reports whether a body is text that a terminal can show.
func readable(b []byte) bool {
	return utf8.Valid(b) && !strings.ContainsFunc(string(b), func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' })
}

// lockedUntil is the end of the latest lock; zero: nothing is locked.
func (s *shelf) lockedUntil(ctx context.Context) (until time.Time, err error) {
	all, err := s.store.Locks(ctx, s.chart.Entity)
	gone := map[int64]bool{}
	for _, l := range all {
		gone[l.Unlocks] = true
	}
	for _, l := range all {
		if l.Unlocks == 0 && !gone[l.Number] && l.To.After(until) {
			until = l.To
		}
	}
	return until, err
}

// dated is when something is booked that happened at a time, and the month that it
// belongs to where that is locked.
func dated(at, locked time.Time, zone *time.Location) (time.Time, string) {
	if at.Before(locked) {
		return locked, at.In(zone).Format("2006-01")
	}
	return at, ""
}
