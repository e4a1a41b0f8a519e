package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/capital"
	"sluice/capital/model"
)

// planBooks says which plan is held against which books.
type planBooks struct {
	ledgerFlags
	file string
}

func newPlanBooks() *cobra.Command {
	in := planBooks{}
	c := &cobra.Command{
		Use: "books --file PLAN.yaml --books FOLDER", Short: "Hold a plan against the books: each line, month by month", Args: cobra.NoArgs,
		Long: `Gathers the accounts of the books by the lines of a plan, for every month of the plan
in which something was booked, and shows by how much it differs. What no line gathers
is listed, so that nothing is lost. Balances are those at the end of the last such
month.
` + exitHelp,
		Example: `  sluice plan books --file plan.yaml --books books`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, &in.ledgerFlags, func(ctx context.Context, s *shelf, w io.Writer) error { return in.run(ctx, s, w) })
		},
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.dir, "books", "", "folder of the books")
	f.StringVar(&in.dsn, "postgres", "", "the books are in PostgreSQL: its connection string")
	f.StringVar(&in.entity, "entity", "", "legal entity (default: the only one)")
	f.BoolVar(&in.json, "json", false, "print JSON")
	return c
}

// keptMonth is a month of the plan with what the books say of it.
type keptMonth struct {
	at    capital.Month
	plan  [model.LineCount]float64
	books [model.LineCount]float64
	other map[string]float64 // accounts of the result that no line gathers
}

func (in planBooks) run(ctx context.Context, s *shelf, w io.Writer) error {
	p, err := planFlags{file: in.file}.load()
	if err != nil {
		return input(err)
	}
	if string(s.chart.Currency) != p.plan.Currency {
		return input(fmt.Errorf("the books of %s are in %s and the plan is in %s: write the plan in the currency of the books", s.chart.Entity, s.chart.Currency, p.plan.Currency))
	}
	months, err := in.months(ctx, s, p)
	if err != nil {
		return err
	}
	if len(months) == 0 {
		return input(fmt.Errorf("the books of %s hold nothing from %s to %s: is it the plan of this company?", s.chart.Entity, p.plan.Begin, p.plan.End().Add(-1)))
	}
	if in.json {
		return printJSON(w, viewBooked(p, months))
	}
	printBooked(w, p, months)
	return nil
}

// months are those of the plan of which the books say something.
func (in planBooks) months(ctx context.Context, s *shelf, p *planReport) (out []keptMonth, err error) {
	begin := func(m capital.Month) time.Time {
		t := m.Begin()
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, s.zone)
	}
	for k := range p.run.Months {
		at := p.plan.Begin.Add(k)
		if !begin(at).Before(s.to) {
			break
		}
		moved, err := s.balances(ctx, begin(at), begin(at.Add(1)))
		if err != nil {
			return nil, err
		}
		if len(moved) == 0 {
			continue
		}
		held, err := s.balances(ctx, time.Time{}, begin(at.Add(1)))
		if err != nil {
			return nil, err
		}
		out = append(out, gather(at, p.run.Months[k], moved, held))
	}
	return out, nil
}

// gather sums accounts up by the lines of a plan.
func gather(at capital.Month, plan [model.LineCount]float64, moved, held []books.Balance) keptMonth {
	b := keptMonth{at: at, plan: plan, other: map[string]float64{}}
	for _, x := range moved {
		money := -float64(x.Amount) / 1e6
		if l, ok := model.LineOf(x.Account); ok {
			b.books[l] += money
		} else if strings.HasPrefix(x.Account, "Income:") || strings.HasPrefix(x.Account, "Expenses:") {
			b.other[x.Account] += money
		}
	}
	for _, l := range model.BalanceLines() {
		for _, a := range model.Accounts(l) {
			for _, x := range held {
				if x.Account == a || strings.HasPrefix(x.Account, a+":") {
					sign := 1.0
					if strings.HasPrefix(a, "Liabilities:") {
						sign = -1
					}
					b.books[l] += sign * float64(x.Amount) / 1e6
				}
			}
		}
	}
	return b
}

func printBooked(w io.Writer, p *planReport, months []keptMonth) {
	fmt.Fprintf(w, "%s and its books, %s to %s (%d months), %s\n", harmless(p.plan.Name), months[0].at, months[len(months)-1].at, len(months), p.plan.Currency)
	fmt.Fprintf(w, "  %-26s%16s%16s%16s\n", "", "plan", "books", "difference")
	row := func(name string, plan, books float64) {
		if plan != 0 || books != 0 {
			fmt.Fprintf(w, "  %-26s%16s%16s%16s\n", name, commas(fmt.Sprintf("%.2f", plan)), commas(fmt.Sprintf("%.2f", books)), commas(fmt.Sprintf("%+.2f", books-plan)))
		}
	}
	var plan, kept [model.LineCount]float64
	other := map[string]float64{}
	for _, m := range months {
		for _, l := range model.ProfitLines() {
			plan[l] += m.plan[l]
			kept[l] += m.books[l]
		}
		for a, x := range m.other {
			other[a] += x
		}
	}
	for _, l := range model.ProfitLines() {
		row(model.Names()[l], plan[l], kept[l])
	}
	for a, x := range other {
		row(a+" (no line)", 0, x)
	}
	row("profit", model.Profit(&plan), model.Profit(&kept))
	last := months[len(months)-1]
	fmt.Fprintf(w, "  at the end of %s\n", last.at)
	for _, l := range model.BalanceLines() {
		if model.Accounts(l) != nil {
			row(model.Names()[l], last.plan[l], last.books[l])
		}
	}
}

func viewBooked(p *planReport, months []keptMonth) map[string]any {
	rows := []map[string]any{}
	for _, m := range months {
		lines := map[string]any{}
		for _, l := range append(model.ProfitLines(), model.BalanceLines()...) {
			if model.Accounts(l) != nil {
				lines[model.Names()[l]] = map[string]float64{"plan": m.plan[l], "books": m.books[l]}
			}
		}
		rows = append(rows, map[string]any{"month": m.at.String(), "lines": lines, "gathered_by_no_line": m.other})
	}
	return map[string]any{"plan": p.plan.Name, "currency": p.plan.Currency, "months": rows}
}
