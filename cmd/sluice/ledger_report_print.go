package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sluice/books"
	coins "sluice/books/lot" // a test here has a type of that name
	"sluice/books/statement"
	"sluice/unit"
)

// money is an amount for people: grouped, to the cent, in brackets below zero.
func money(v unit.Amount) string {
	cents := (max(v, -v) + 5_000) / 10_000
	digits := fmt.Sprintf("%03d", int64(cents))
	whole, fraction := digits[:len(digits)-2], digits[len(digits)-2:]
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if v < 0 && cents > 0 {
		return "(" + b.String() + "." + fraction + ")"
	}
	return b.String() + "." + fraction + " "
}

// page writes a report.
type page struct{ w io.Writer }

func (p page) title(format string, a ...any) {
	fmt.Fprintf(p.w, "\n%s\n", fmt.Sprintf(format, a...))
}

func (p page) row(name string, v unit.Amount) { fmt.Fprintf(p.w, "  %-48s %22s\n", name, money(v)) }

func (p page) total(name string, v unit.Amount) {
	fmt.Fprintf(p.w, "  %-48s %22s\n", "", strings.Repeat("-", 20)+" ")
	p.row(name, v)
}

func (p page) rows(rows []statement.Row) {
	for _, r := range rows {
		p.row(r.Account.Code+" "+r.Account.Name, r.Amount)
	}
}

func (r *ledgerReport) print(w io.Writer) error {
	p := page{w}
	last := r.To.Add(-time.Second)
	fmt.Fprintf(w, "%s, %s to %s (%s), in %s\n%d transactions\n", harmless(r.Entity), r.From.Format(time.DateOnly), r.day(last), r.Zone, r.Currency, r.Entries)
	p.title("Profit and loss")
	p.income(r.Income)
	for _, c := range r.Cuts {
		name := c.Name
		if name == "" {
			name = "(belongs to none)"
		}
		p.title("Profit and loss: %s", harmless(name))
		p.income(c.Income)
	}
	p.title("Balance sheet, %s", r.day(last))
	p.rows(r.Sheet.Assets)
	p.total("assets", r.Sheet.Total())
	p.rows(r.Sheet.Liabilities)
	p.rows(r.Sheet.Equity)
	p.row("earned, and not closed into equity yet", r.Sheet.Earned)
	p.total("liabilities and equity", r.Sheet.Total())
	r.printAside(p)
	r.printCash(p)
	r.printBitcoin(p)
	r.printRolls(p)
	r.printCost(p)
	r.printMargins(p)
	if len(r.Receivables) > 0 {
		p.title("Receivables                                         30 days, 60, 90, older, paid too much")
	}
	for _, a := range r.Receivables {
		fmt.Fprintf(w, "  %-48s %s %s %s %s %s\n", a.Account, money(a.Days30), money(a.Days60), money(a.Days90), money(a.Older), money(a.Paid))
	}
	return nil
}

// day is the date of an instant in the zone of the report.
func (r *ledgerReport) day(t time.Time) string {
	return t.In(r.From.Location()).Format(time.DateOnly)
}

func (p page) income(in statement.Income) {
	p.rows(in.Income)
	for _, r := range in.Expenses {
		p.row(r.Account.Code+" "+r.Account.Name, -r.Amount)
	}
	p.total("net income", in.Net)
}

// printAside prints what is committed and in no balance.
func (r *ledgerReport) printAside(p page) {
	if len(r.Aside) == 0 {
		return
	}
	p.title("Set aside, not yet delivered")
	for _, x := range r.Aside {
		p.row(r.day(x.At)+" "+harmless(x.Kind), x.Amount)
		fmt.Fprintf(p.w, "    %s\n", harmless(x.ID))
		if x.Coins > 0 {
			fmt.Fprintf(p.w, "    and %s BTC\n", books.Bitcoin.Text(int64(x.Coins)))
		}
	}
}

func (r *ledgerReport) printCash(p page) {
	p.title("Cash flow")
	p.row("cash at the beginning", r.Cash.Opening)
	for _, a := range statement.Activities() {
		for _, f := range r.Cash.Flows {
			if f.Activity == a {
				p.row(string(a)+": "+f.What, f.Amount)
			}
		}
		if r.Cash.Net(a) != 0 {
			p.total(string(a), r.Cash.Net(a))
		}
	}
	p.row("cash at the end", r.Cash.Closing)
}

func (r *ledgerReport) printBitcoin(p page) {
	if len(r.Treasury) > 0 {
		p.title("%-50s %16s %22s %22s  lots", "Bitcoin held", "BTC", "cost", "fair value")
	}
	for _, x := range r.Treasury {
		fmt.Fprintf(p.w, "  %-48s %16s %22s %22s  %d\n", x.Account, books.Bitcoin.Text(int64(x.Quantity)), money(x.Cost), money(x.Value), x.Lots)
	}
}

// printRolls prints how the fair value of each account came about, and all together.
func (r *ledgerReport) printRolls(p page) {
	if len(r.Rolls) == 0 {
		return
	}
	p.title("Bitcoin at fair value, rolled forward (ASU 2023-08)")
	for _, x := range r.Rolls {
		fmt.Fprintf(p.w, "  %s\n", x.Account)
		p.roll(x.RollForward)
	}
	if len(r.Rolls) > 1 {
		fmt.Fprintln(p.w, "  all")
		p.roll(r.rolled())
	}
	fmt.Fprintf(p.w, "  cost basis: %s\n", r.Disclosure.Basis)
	fmt.Fprintf(p.w, "  realised since the books began: gains %s, losses %s\n", strings.TrimSpace(money(r.Disclosure.Gains)), strings.TrimSpace(money(r.Disclosure.Losses)))
}

func (p page) roll(f coins.RollForward) {
	for _, x := range []struct {
		name string
		v    unit.Amount
		must bool
	}{
		{"at the beginning", f.Opening, true},
		{"additions, at cost", f.Additions, false},
		{"dispositions, at what came for them", -f.Dispositions, false},
		{"moved between accounts, at cost", f.Transfers, false},
		{"realised", f.Realised, false},
		{"unrealised", f.Unrealised, false},
		{"at the end", f.Closing, true},
	} {
		if x.v != 0 || x.must {
			p.row("  "+x.name, x.v)
		}
	}
}

// rolled is the roll-forward of all accounts together.
func (r *ledgerReport) rolled() (sum coins.RollForward) {
	for _, x := range r.Rolls {
		sum.Opening, sum.Closing = sum.Opening+x.Opening, sum.Closing+x.Closing
		sum.Additions, sum.Dispositions = sum.Additions+x.Additions, sum.Dispositions+x.Dispositions
		sum.Transfers, sum.Realised, sum.Unrealised = sum.Transfers+x.Transfers, sum.Realised+x.Realised, sum.Unrealised+x.Unrealised
	}
	return sum
}
