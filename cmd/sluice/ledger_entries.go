package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
)

func newLedgerEntries(f *ledgerFlags) *cobra.Command {
	var account, id string
	c := &cobra.Command{
		Use: "entries --books FOLDER --account NAME | --id ID", Short: "What stands behind a figure: transactions, their source and evidence", Args: cobra.NoArgs,
		Long: `Lists the transactions of a period that touch an account, or one transaction by
its id: when it happened and was booked, what it was made from, the hash of that
evidence, and its place in the chain.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				all, err := s.entries(ctx, account, id)
				if err != nil {
					return err
				}
				if f.json {
					return printJSON(w, all)
				}
				for _, e := range all {
					e.print(w)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&account, "account", "", "account, such as Expenses:Power:Energy")
	c.Flags().StringVar(&id, "id", "", "one transaction")
	c.MarkFlagsOneRequired("account", "id")
	c.MarkFlagsMutuallyExclusive("account", "id")
	return c
}

// entryJSON is a transaction for people and programs.
type entryJSON struct {
	Sequence  int64      `json:"sequence"`
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Standing  string     `json:"standing"`
	At        time.Time  `json:"at"`
	Booked    time.Time  `json:"booked"`
	Source    string     `json:"source"`
	Evidence  string     `json:"evidence_sha256,omitempty"`
	Reverses  string     `json:"reverses,omitempty"`
	Settles   string     `json:"settles,omitempty"`
	Belongs   string     `json:"belongs_to,omitempty"`
	Narration string     `json:"narration,omitempty"`
	Hash      string     `json:"hash"`
	Lines     []lineJSON `json:"lines"`
}

type lineJSON struct {
	Account string      `json:"account"`
	Asset   books.Asset `json:"asset"`
	Amount  string      `json:"amount"` // text: programs lose digits of large numbers
	Lot     string      `json:"lot,omitempty"`
	Cost    string      `json:"cost,omitempty"`
	Site    string      `json:"site,omitempty"`
	Use     string      `json:"use,omitempty"`
	Model   string      `json:"model,omitempty"`

	Contract     string `json:"contract,omitempty"`
	Counterparty string `json:"counterparty,omitempty"`
	Project      string `json:"project,omitempty"`
}

func (s *shelf) entries(ctx context.Context, account, id string) ([]entryJSON, error) {
	if id != "" {
		t, err := s.store.Find(ctx, s.chart.Entity, id)
		return []entryJSON{s.entry(t)}, input(err)
	}
	if _, ok := s.chart.Find(account); !ok {
		return nil, input(fmt.Errorf("%w: %s", books.ErrAccount, account))
	}
	all, err := s.transactions(ctx, s.from, s.to)
	out := []entryJSON{}
	for _, t := range all {
		for _, l := range t.Lines {
			if l.Account == account {
				out = append(out, s.entry(t))
				break
			}
		}
	}
	return out, err
}

func (s *shelf) entry(t books.Sealed) entryJSON {
	e := entryJSON{
		Sequence: t.Sequence, ID: t.ID, Kind: t.Kind, Standing: string(t.Standing), At: t.At.In(s.zone), Booked: t.Booked.In(s.zone),
		Source: t.Source, Reverses: t.Reverses, Settles: t.Settles, Belongs: t.Belongs, Narration: t.Narration, Hash: hex.EncodeToString(t.Hash[:]),
	}
	if t.Evidence != (books.Hash{}) {
		e.Evidence = hex.EncodeToString(t.Evidence[:])
	}
	own := books.Asset(s.chart.Currency)
	for _, l := range t.Lines {
		a, _ := s.chart.Find(l.Account)
		j := lineJSON{
			Account: l.Account, Asset: a.Asset, Amount: a.Asset.Text(l.Amount), Lot: l.Lot.ID, Site: l.Tags.Site, Use: l.Tags.Use,
			Model: l.Tags.Model, Contract: l.Tags.Contract, Counterparty: l.Tags.Counterparty, Project: l.Tags.Project,
		}
		if l.Lot.ID != "" {
			j.Cost = own.Text(int64(l.Lot.Cost))
		}
		e.Lines = append(e.Lines, j)
	}
	return e
}

// about is what a line says beside its account.
func (l lineJSON) about() string {
	said := slices.DeleteFunc([]string{l.Site, l.Use, l.Model, l.Contract, l.Counterparty, l.Project}, func(s string) bool { return s == "" })
	return strings.Join(said, ", ")
}

func (e entryJSON) print(w io.Writer) {
	fmt.Fprintf(w, "%d  %s  %s  %s\n   id %s\n   from %s, booked %s\n", e.Sequence, e.At.Format("2006-01-02 15:04 MST"), harmless(e.Kind), e.Standing, harmless(e.ID), harmless(e.Source), e.Booked.Format("2006-01-02 15:04 MST"))
	if e.Evidence != "" {
		fmt.Fprintf(w, "   evidence SHA-256 %s\n", e.Evidence)
	}
	for _, x := range [][2]string{{"takes back", e.Reverses}, {"settles", e.Settles}, {"belongs to", e.Belongs}, {"says", e.Narration}} {
		if x[1] != "" {
			fmt.Fprintf(w, "   %s %s\n", x[0], harmless(x[1]))
		}
	}
	for _, l := range e.Lines {
		fmt.Fprintf(w, "   %-48s %24s %s", l.Account, l.Amount, l.Asset)
		if about := l.about(); about != "" {
			fmt.Fprintf(w, "  %s", harmless(about))
		}
		if l.Lot != "" {
			fmt.Fprintf(w, "  lot %s, cost %s", harmless(l.Lot), l.Cost)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}
