package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/driver/awardfile"
	"sluice/store/ledger"
)

// reserveFlags say which awards are settled, by which rules and meters.
type reserveFlags struct {
	programmes, meters             []string
	awards, deployments, statement string
	site, by                       string
	net, book, all                 bool
}

func newLedgerReserve(f *ledgerFlags) *cobra.Command {
	var x reserveFlags
	c := &cobra.Command{
		Use:  "reserve --books FOLDER --programme FILE --awards FILE --meter FILE --period 2025-07 [--deployments FILE] [--statement FILE] [--book --by NAME]",
		Args: cobra.NoArgs, Short: "Settle reserves and demand response from interval meters, and hold the operator's statement against it",
		Long: `Settles every award of a period: what was sold, what the meter says was there and
was shed when called, what is paid for it and what a shortfall costs.

What a product asks for is written in a programme file, because market rules change;
none is built in. 'ancillary' and 'demand-response' name two examples of the form
that are inside the program: they are no market's rule. Name --programme once for
each product; all are of one counterparty, currency and zone, in which the period is
cut too.

Tables, with a header; times carry their zone, that of the programme or UTC:
  --awards       award,product,start,end,mw,price          price per MW and hour
  --deployments  product,start,end,mw[,price]              price per MWh that is shed
  --meter        start,end,quantity,unit[,meter][,revision]   Wh, kWh, MWh or J consumed
  --statement    award,amount                              several lines add up
The meter has to reach as far back as a baseline looks. The highest revision of a
reading counts; the same revision with two energies is refused.

Where no meter knows a stretch, or too few days are known for a baseline, nothing is
paid and nothing is taken: the stretch is shown, and parked with --book.

--statement holds what the operator pays against this, award by award. Each
difference has a name and fails the command; less than a cent is rounding. It is
filed with --book, and its differences are not booked: claim them, or correct an
input and settle again.

With --book what the books do not have yet is booked: what the counterparty owes,
the income and the shortfall, each award in the period or, where that is locked, in
the open one with the period that it belongs to. All files are kept as papers. Meters
and deployments that were filed before count too, so a later delivery may hold only
what is new, and then the difference is booked; deployments of the same period take
the place of the earlier ones. The same files again change nothing.
` + exitHelp,
		Example: `  sluice ledger reserve --books books --programme ancillary --awards 2025-07.csv --meter meter.csv --period 2025-07
  sluice ledger reserve --books books --programme ecrs.yaml --programme nonspin.yaml --awards 2025-07.csv \
    --deployments calls.csv --meter june.csv --meter july.csv --period 2025-07 --statement ercot.csv --book --by anna`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAnyBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error { return x.run(ctx, f, s, w) })
		},
	}
	x.flags(c)
	return c
}

func (x *reserveFlags) flags(c *cobra.Command) {
	p := c.Flags()
	p.StringArrayVar(&x.programmes, "programme", nil, "YAML file of a product, or ancillary or demand-response; may be repeated")
	p.StringVar(&x.awards, "awards", "", "CSV file of what was sold in the period")
	p.StringVar(&x.deployments, "deployments", "", "CSV file of what was called, earlier days too: they are no like days")
	p.StringArrayVar(&x.meters, "meter", nil, "CSV file of the interval meter; may be repeated")
	p.StringVar(&x.statement, "statement", "", "CSV file of what the operator says it pays")
	p.StringVar(&x.site, "site", "", "site that was sold, where the books have several")
	p.BoolVar(&x.net, "net", false, "the meter may go below zero, for what is fed in")
	p.BoolVar(&x.book, "book", false, "book what the books do not have")
	p.StringVar(&x.by, "by", "", "who books")
	p.BoolVar(&x.all, "all", false, "print every award, not only those with something to say")
}

// reserveRun is one settlement of a period.
type reserveRun struct {
	x          *reserveFlags
	s          *shelf
	with       string // counterparty
	zone       *time.Location
	from, to   time.Time
	order      []string // products, as named
	programmes map[string]*awardfile.Programme
	awards     []awardfile.Award
	calls      map[string][]reserve.Deployment // by product
	meter      reserve.Meter
	papers     []ledger.Paper
	awarded    books.Hash                     // paper of the awards
	booked     map[string][]books.Transaction // by source
	items      []reserveItem
	gaps       []reserveGap
	statement  *reserveStatement
	notes      []string
	done       reserveDone
}

// reserveItem is one award, settled.
type reserveItem struct {
	reserve.Settlement
	name string           // of the award in its file
	is   reserve.Standing // of the books, before
}

// errReserve fails a command whose statement does not agree.
var errReserve = errors.New("the statement of the operator does not agree")

// run reads, settles, books where that is asked for, and prints.
func (x *reserveFlags) run(ctx context.Context, f *ledgerFlags, s *shelf, w io.Writer) error {
	r, err := x.read(ctx, f.period, s)
	if err != nil {
		return err
	}
	if err := errors.Join(r.settle(), r.compare()); err != nil {
		return input(err)
	}
	if x.book {
		if err := r.book(ctx); err != nil {
			return err
		}
	}
	if f.json {
		err = printJSON(w, r.view())
	} else {
		r.print(w)
	}
	if r.statement != nil && len(r.statement.differences) > 0 {
		err = errors.Join(err, fmt.Errorf("%s, %s: %s: %w", r.with, r.period(), counted(len(r.statement.differences), "difference"), errReserve))
	}
	return err
}

// period is the stretch for people and papers; the end is left out.
func (r *reserveRun) period() string {
	return r.from.Format(time.DateOnly) + ".." + r.to.Format(time.DateOnly)
}

// place is the site, or a dash where none is named.
func (r *reserveRun) place() string {
	if r.x.site == "" {
		return "-"
	}
	return r.x.site
}

// id is an award among those of all markets and products.
func (r *reserveRun) id(product, award string) string {
	return strings.Join([]string{r.with, product, award}, "/")
}

// settle settles every award, and gathers what is not known.
func (r *reserveRun) settle() error {
	var faults []error
	for _, a := range r.awards {
		p := r.programmes[a.Product].Programme
		award := a.Award
		award.ID = r.id(a.Product, a.ID)
		settled, err := reserve.Settle(p, award, r.calls[a.Product], r.meter)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", a.Place, err))
			continue
		}
		is, err := reserve.StandingOf(r.booked[sourceOf(award.ID)], award.ID)
		if err != nil {
			return err
		}
		r.items = append(r.items, reserveItem{settled, a.ID, is})
		r.gather(settled)
	}
	return errors.Join(faults...)
}

// reserveGap is a stretch for which nothing is paid and nothing is taken, of one or
// several awards that follow each other.
type reserveGap struct {
	reserve.Gap
	product string
	awards  int
	open    int64 // what being there would be paid, millionths
}

// gather adds the gaps of an award to those before where they go on. Awards come in
// the order of products and times.
func (r *reserveRun) gather(s reserve.Settlement) {
	for _, g := range s.Gaps {
		open := int64(s.Award.Price.Of(s.Award.Power.Over(time.Duration(g.Seconds()) * time.Second)))
		if n := len(r.gaps); n > 0 {
			if last := &r.gaps[n-1]; last.product == s.Award.Product && last.Reason == g.Reason && last.To == g.From {
				if last.To, last.open = g.To, last.open+open; g.From == s.Award.From {
					last.awards++
				}
				continue
			}
		}
		r.gaps = append(r.gaps, reserveGap{g, s.Award.Product, 1, open})
	}
}

// sourceOf is what package reserve calls the source of an award's transactions.
func sourceOf(id string) string { return "award " + id }
