package main

import (
	"fmt"
	"io"

	"sluice/capital/quote"
	"sluice/unit"
)

// printColocation shows the hall as sold by the kW.
func (a *assessment) printColocation(w io.Writer) {
	c := a.file.Colocation
	pays := "the tenant pays energy by the meter"
	if c.Energy {
		pays = "energy is in the price"
	}
	fmt.Fprintf(w, "\n--- Colocation: the same hall for tenants with their own GPUs; %s; %s of it billed (%s)\n", pays, points(c.Occupancy), assumed(c.Source))
	a.colo.printPrice(w, "kW of IT and month", 2)
	a.colo.printTurns(w, 2)
	a.colo.printVerdict(w, a.file, 2)
	a.colo.printSpread(w, a.file, 2)
}

// printClause shows what a clause on reduced power is worth.
func (a *assessment) printClause(w io.Writer) {
	x := a.file.Flexibility
	if x == nil {
		return
	}
	fmt.Fprintf(w, "\nFlexibility: %d hours a year at %s USD/MWh", x.Hours, perMWh(x.Value))
	if x.Peak > 0 {
		fmt.Fprintf(w, ", and peaks of %s USD/MW-year avoided", shown(x.Peak, 0))
	}
	fmt.Fprintf(w, " (%s)\n", assumed(x.Source))
	fmt.Fprintf(w, "  worth %s USD for a GPU and year: at most %s off a price of %s\n", shown(a.gain, 2), shown(unit.Amount(a.discount)*100, 3)+" %", shown(a.reference(), 4))
	fmt.Fprintln(w, "  Its real worth is an earlier or larger connection, which is not in this figure.")
}

// printHeadline shows what a deal returns by what is left of it.
func (a *assessment) printHeadline(w io.Writer) {
	h := a.file.Headline
	if h == nil {
		return
	}
	fmt.Fprintf(w, "\nHeadline: %s (%s)\n", harmless(h.Name), assumed(h.Source))
	for i, left := range h.Left {
		fmt.Fprintf(w, "  %8s a year  %s\n", points(a.returns[i]), harmless(left.Name))
	}
}

// printInputs shows every input with its source.
func (a *assessment) printInputs(w io.Writer) {
	fmt.Fprintln(w, "\nInputs")
	for _, x := range quote.Fields() {
		fmt.Fprintf(w, "  %-28s %14s  %s\n", x.Key, valueText(x, x.Of(a.file.Terms)), assumed(a.file.Sources[x.Key]))
	}
	if c := a.file.Colocation; c != nil {
		fmt.Fprintf(w, "  %-28s %14s  %s\n", "operations of colocation", shown(c.Operations, 0), assumed(c.Source))
	}
}
