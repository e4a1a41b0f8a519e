package main

import (
	"fmt"
	"strings"

	"sluice/books"
	"sluice/books/cost"
	"sluice/unit"
)

func (r *ledgerReport) printCost(p page) {
	if r.Cost == nil {
		return
	}
	p.title("Cost of a bitcoin: %s BTC earned, net of pool fees", books.Bitcoin.Text(int64(r.Cost.Earned)))
	p.levels(*r.Cost)
	p.keys(r.Cost.Keys)
	for _, x := range r.Cost.Left {
		fmt.Fprintf(p.w, "  in no level, since no key divides it: %s %s\n", x.Account, money(x.Amount))
	}
	for _, part := range r.CostCut.Parts {
		name := part.Name
		if name == "" {
			name = "(names no " + string(r.CostBy) + ")"
		}
		p.title("Cost of a bitcoin, %s %s: %s BTC", r.CostBy, harmless(name), books.Bitcoin.Text(int64(part.Earned)))
		p.levels(part.Statement)
	}
	p.keys(r.CostCut.Keys)
}

// levels prints the four levels; hashcost where work is known, and no cost of a
// bitcoin where none was earned.
func (p page) levels(s cost.Statement) {
	hashed := s.Levels[len(s.Levels)-1].Hashcost != 0
	more := func(text string) string {
		if !hashed {
			return ""
		}
		return fmt.Sprintf(" %18s", text)
	}
	fmt.Fprintf(p.w, "  %-28s %22s %18s %22s%s\n", "", "gross", "a BTC", "a BTC, net of power sold", more("a PH/s and day"))
	for _, l := range s.Levels {
		per, net := "- ", "- "
		if s.Earned > 0 {
			per, net = money(l.PerBTC), money(l.NetPerBTC)
		}
		fmt.Fprintf(p.w, "  %-28s %22s %18s %22s%s\n", levelName(l.Level), money(l.Gross), per, net, more(money(unit.Amount(l.Hashcost))))
	}
}

func (p page) keys(names []string) {
	for _, k := range names {
		fmt.Fprintf(p.w, "  shared costs are divided by: %s\n", harmless(k))
	}
}

// printMargins prints what each use earned, and the energy behind level 1.
func (r *ledgerReport) printMargins(p page) {
	if len(r.Margins.Uses) == 0 {
		return
	}
	p.title("%-38s %20s %16s %12s", "Margin by use", "net ", "MWh drawn", "a MWh ")
	for _, m := range r.Margins.Uses {
		drawn, per := "not known", "not known "
		if m.Known {
			drawn, per = hours(m.Drawn), money(unit.Amount(m.PerMWh))
		}
		fmt.Fprintf(p.w, "  %-36s %20s %16s %12s\n", harmless(m.Use), money(m.Net), drawn, per)
	}
	for _, x := range r.Margins.Left {
		fmt.Fprintf(p.w, "  of no use, since no key divides it: %s %s\n", x.Account, money(x.Amount))
	}
	switch {
	case r.Energy.Days > 0 && r.Energy.Missing > 0:
		fmt.Fprintf(p.w, "  energy is not known: of %d of %d days no paper of what was measured is filed\n", r.Energy.Missing, r.Energy.Days)
	case r.Cost != nil && r.Energy.Drawn[cost.Mining] > 0:
		drawn := r.Energy.Drawn[cost.Mining]
		per, _ := cost.Margin(r.Cost.Levels[0].Gross, drawn)
		each := unit.MulDiv(int64(drawn), int64(unit.Bitcoin), int64(r.Cost.Earned))
		fmt.Fprintf(p.w, "  level 1: mining drew %s MWh at %s a MWh, %s MWh a bitcoin\n", hours(drawn), strings.TrimSpace(money(unit.Amount(per))), hours(unit.Energy(each)))
	}
}

// hours is energy in megawatt-hours for people.
func hours(e unit.Energy) string {
	return strings.TrimSpace(money(unit.Amount(unit.MulDiv(int64(e), int64(unit.Unit), int64(unit.MegawattHour)))))
}

func levelName(l books.Level) string {
	switch l {
	case books.EnergyCost:
		return "1 energy"
	case books.DirectCost:
		return "2 direct"
	case books.CashCost:
		return "3 cash, all in"
	case books.FullyLoaded:
		return "4 fully loaded"
	case books.NoCost:
	}
	return "none"
}
