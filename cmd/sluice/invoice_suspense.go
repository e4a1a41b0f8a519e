package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/store/ledger"
)

func newInvoiceSuspense(f *invoiceFlags) *cobra.Command {
	var all bool
	var id string
	var by, why string
	c := &cobra.Command{
		Use: "suspense --books FOLDER [--release ID --by NAME --why TEXT]", Short: "What could not be billed, why, and what settles it", Args: cobra.NoArgs,
		Long: `Lists what was delivered and is not billed, each with its reason. Most of it is
settled by a later delivery: a higher revision, a contract, a price. Then 'issue'
takes it out. A reading that is wrong and stays so - one of two that overlap - is
released by a person: it does not count from then on, and who said so and why is
kept with it. The beginning of an id is enough.
` + exitHelp,
		Example: `  sluice invoice suspense --books books
  sluice invoice suspense --books books --release usage/4f8a --by anna --why "meter was read twice"`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error {
				if id != "" {
					return d.release(ctx, w, id, by, why)
				}
				out := []waitingJSON{}
				for _, p := range d.parked {
					if all || p.Released == nil {
						out = append(out, waitingOf(p))
					}
				}
				if f.json {
					return printJSON(w, out)
				}
				printWaiting(w, out, d.zone)
				return nil
			})
		},
	}
	p := c.Flags()
	p.BoolVar(&all, "all", false, "what was released too")
	p.StringVar(&id, "release", "", "id of what does not count")
	p.StringVar(&by, "by", "", "who says so")
	p.StringVar(&why, "why", "", "why")
	c.MarkFlagsRequiredTogether("release", "by", "why")
	return c
}

// waitingJSON is something in suspense.
type waitingJSON struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Reason   string    `json:"reason"`
	Says     string    `json:"says"`
	At       time.Time `json:"at"`
	Paper    string    `json:"paper_sha256,omitempty"`
	Released string    `json:"released,omitempty"`
}

func waitingOf(p ledger.Parked) waitingJSON {
	out := waitingJSON{ID: p.ID, Kind: p.Kind, Reason: p.Reason, Says: p.Says, At: p.At}
	if p.Paper != (books.Hash{}) {
		out.Paper = hex.EncodeToString(p.Paper[:])
	}
	if r := p.Released; r != nil {
		out.Released = fmt.Sprintf("on %s by %s: %s", r.At.UTC().Format(time.DateOnly), r.By, r.Why)
	}
	return out
}

func printWaiting(w io.Writer, all []waitingJSON, zone *time.Location) {
	if len(all) == 0 {
		fmt.Fprintln(w, "Nothing is in suspense.")
	}
	for _, x := range all {
		fmt.Fprintf(w, "%s  %s, %s\n   %s\n", x.At.In(zone).Format("2006-01-02 15:04 MST"), harmless(x.ID), harmless(x.Reason), harmless(x.Says))
		if x.Released != "" {
			fmt.Fprintf(w, "   released %s\n", harmless(x.Released))
		}
	}
}

// release takes out what a person decided not to count.
func (d *desk) release(ctx context.Context, w io.Writer, id, by, why string) error {
	if strings.TrimSpace(by) == issuedBy {
		return input(errors.New("--by: name a person"))
	}
	var found []ledger.Parked
	for _, p := range d.parked {
		if p.ID == id || p.Released == nil && strings.HasPrefix(p.ID, id) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return input(fmt.Errorf("--release %q: %d in suspense have an id that begins so: 'sluice invoice suspense' lists them", id, len(found)))
	}
	if r := found[0].Released; r != nil {
		return input(fmt.Errorf("--release %q: it was released by %q: %s", id, r.By, r.Why))
	}
	if err := d.store.Release(ctx, d.chart.Entity, found[0].ID, ledger.Released{At: d.booked, By: by, Why: why}); err != nil {
		if errors.Is(err, ledger.ErrInvalid) || errors.Is(err, ledger.ErrConflict) {
			return input(err)
		}
		return err
	}
	fmt.Fprintf(w, "%s: released by %s\n   %s\n", found[0].ID, harmless(by), harmless(found[0].Says))
	return nil
}
