package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/capital/peer"
)

// peerNumber is a number to so many decimals, by thousands.
func peerNumber(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return commas(text)
}

// peerChange is a share with its sign, as a percentage with one decimal.
func peerChange(v float64) string {
	text := peerNumber(100*v, 1) + " %"
	if v > 0 && text != "0.0 %" {
		return "+" + text
	}
	return text
}

// peerText is a figure in a unit of its own size; a dash where there is none.
func peerText(f peer.Figure, size float64, decimals int) string {
	if !f.OK {
		return "-"
	}
	return peerNumber(f.Value/size, decimals)
}

// peerColumn is a column of a table of companies.
type peerColumn struct {
	key, head, unit string
	width           int
	size            float64 // of the unit that is shown
	decimals        int
}

func (s *peerReport) print(w io.Writer) {
	which := ""
	if s.chosen {
		which = ", the period that most of them report"
	}
	fmt.Fprintf(w, "Companies side by side: %s%s\n", s.period, which)
	if s.invented {
		fmt.Fprintln(w, "MADE UP: this is the shipped example. No such company exists, and nothing follows from its figures.")
	}
	if n := s.btc; n != nil {
		fmt.Fprintf(w, "Bitcoin: %s USD in the mean, %s on %s%s; the network paid %s USD/PH/day\n", peerNumber(n.Mean, 0), peerNumber(n.Last, 0), s.period.Last.Format(time.DateOnly), peerEstimated(n.Estimated), peerNumber(n.Hashprice, 2))
	} else {
		fmt.Fprintf(w, "Bitcoin: not every day of %s is in %s, so what needs its price or the network is missing\n", s.period, harmless(s.network.Name))
	}
	s.printSides(w, "Mining", []peerColumn{
		{"avg_operating_hashrate", "mean", "EH/s", 8, 1, 2},
		{"fleet_efficiency", "fleet", "J/TH", 7, 1, 1},
		{"btc_produced", "mined", "BTC", 9, 1, 0},
		{"hashprice_earned", "earned", "USD/PH/day", 12, 1, 2},
		{"cash_cost_per_btc", "cash cost", "USD/BTC", 11, 1, 0},
		{"all_in_cost_per_btc", "all-in cost", "USD/BTC", 12, 1, 0},
		{"energy_per_btc", "energy", "MWh/BTC", 9, 1, 0},
	})
	s.printSides(w, "Worth", []peerColumn{
		{"market_cap", "market cap", "million", 11, 1e6, 1},
		{"debt", "debt", "million", 9, 1e6, 1},
		{"cash", "cash", "million", 9, 1e6, 1},
		{"btc_held", "owned", "BTC", 9, 1, 0},
		{"ev", "EV", "million", 10, 1e6, 1},
		{"ev_per_gross_mw", "EV/MW", "M gross", 9, 1e6, 2},
		{"ev_per_critical_mw", "EV/MW", "M critical", 11, 1e6, 2},
		{"ev_per_ehs", "EV", "M/(EH/s)", 10, 1e6, 1},
		{"sat_per_share", "BTC", "sat/share", 10, 1, 0},
		{"debt_per_btc", "debt", "USD/BTC", 12, 1, 0},
	})
	s.printSides(w, "As told", []peerColumn{
		{"revenue", "revenue", "million", 10, 1e6, 1},
		{"adjusted_ebitda", "EBITDA", "adjusted, M", 13, 1e6, 1},
		{"gross_mining_margin", "margin", "mining, %", 11, 0.01, 1},
		{"hashcost", "hashcost", "USD/PH/day", 12, 1, 2},
		{"hashprice_published", "hashprice", "USD/PH/day", 12, 1, 2},
		{"all_in_power_cost", "power", "USD/MWh", 9, 1, 1},
		{"total_power_credits", "credits", "million", 9, 1e6, 1},
		{"power_utilised", "used", "MW", 8, 1, 0},
		{"power_contracted", "contracted", "MW", 12, 1, 0},
	})
	s.printContracts(w)
	s.printProjects(w)
	s.printKept(w)
	s.printChecks(w)
	s.printBaskets(w)
	s.printReasons(w, "Made of", func(f peer.Figure) string { return f.How })
	s.printReasons(w, "Missing", func(f peer.Figure) string { return f.Why })
	s.printDoubts(w)
	s.printAssumptions(w)
	s.printSources(w)
}

func peerEstimated(days int) string {
	if days == 0 {
		return ""
	}
	return fmt.Sprintf(" (prices of %d days are estimated)", days)
}

// peerRow writes a line of a table without blanks at its end.
func peerRow(w io.Writer, cells ...string) {
	fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, ""), " "))
}

// peerCell is a cell with its text at the right.
func peerCell(text string, width int) string { return fmt.Sprintf(" %*s", width-1, text) }

// peerName is the first cell of a line.
func peerName(name string) string { return fmt.Sprintf("  %-22s", clip(harmless(name), 22)) }

// printSides shows some columns of all companies of which anything is known.
func (s *peerReport) printSides(w io.Writer, title string, columns []peerColumn) {
	heads, units := []string{fmt.Sprintf("%-24s%-9s", title, "class")}, []string{strings.Repeat(" ", 33)}
	for _, c := range columns {
		heads, units = append(heads, peerCell(c.head, c.width)), append(units, peerCell(c.unit, c.width))
	}
	var lines [][]string
	for _, x := range s.sides {
		cells, known := []string{peerName(x.Company), fmt.Sprintf("%-9s", x.Class)}, false
		for _, c := range columns {
			f := x.Figure(c.key)
			known = known || f.OK
			cells = append(cells, peerCell(peerText(f, c.size, c.decimals), c.width))
		}
		if known {
			lines = append(lines, cells)
		}
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(w)
	for _, cells := range append([][]string{heads, units}, lines...) {
		peerRow(w, cells...)
	}
}

// printContracts shows what was let.
func (s *peerReport) printContracts(w io.Writer) {
	if len(s.lets) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s%-16s%12s%14s%8s%20s%12s\n", "Contracts", "", "critical MW", "million/yr", "years", "M/critical MW-yr", "whole, M")
	for _, c := range s.lets {
		peerRow(w, peerName(c.Company), fmt.Sprintf("%-16s", clip(harmless(c.Name), 15)), peerCell(peerText(c.Power, 1, 1), 12), peerCell(peerText(c.Yearly, 1e6, 1), 14), peerCell(peerText(c.Years, 1, 1), 8),
			peerCell(peerText(c.PerMW, 1e6, 2), 20), peerCell(peerText(c.Whole, 1e6, 0), 12))
	}
}

// printProjects shows what is built.
func (s *peerReport) printProjects(w io.Writer) {
	if len(s.builds) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s%-16s%12s%10s%12s%12s%16s\n", "Projects", "", "million", "gross MW", "critical MW", "M/gross MW", "M/critical MW")
	for _, x := range s.builds {
		peerRow(w, peerName(x.Company), fmt.Sprintf("%-16s", clip(harmless(x.Name), 15)), peerCell(peerText(x.Cost, 1e6, 2), 12), peerCell(peerText(x.Gross, 1, 1), 10), peerCell(peerText(x.Critical, 1, 1), 12),
			peerCell(peerText(x.PerGross, 1e6, 2), 12), peerCell(peerText(x.PerCritical, 1e6, 2), 16))
	}
}

// printKept shows held bitcoin beside the alternative of selling it.
func (s *peerReport) printKept(w io.Writer) {
	if len(s.kept) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s%9s%9s%12s%9s%16s%14s%12s\n", "Held or sold", "mined", "sold", "at, USD", "kept", "at the mean, M", "at the end, M", "holding, M")
	for _, k := range s.kept {
		if k.Why != "" {
			fmt.Fprintf(w, "%s%s   %s\n", peerName(k.Company), peerCell(peerNumber(k.Produced, 0), 9), harmless(k.Why))
			continue
		}
		price := "-"
		if k.Price > 0 {
			price = peerNumber(k.Price, 0)
		}
		peerRow(w, peerName(k.Company), peerCell(peerNumber(k.Produced, 0), 9), peerCell(peerNumber(k.Sold, 0), 9), peerCell(price, 12), peerCell(peerNumber(k.Kept, 0), 9),
			peerCell(peerNumber(k.AtMean/1e6, 2), 16), peerCell(peerNumber(k.AtLast/1e6, 2), 14), peerCell(peerNumber(k.Gained/1e6, 2), 12))
	}
	fmt.Fprintln(w, "  Holding a mined bitcoin is a position like buying one: the last column is what it brought against selling at the mean price.")
}

// printChecks shows production held against the network.
func (s *peerReport) printChecks(w io.Writer) {
	if len(s.checks) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s%-12s%10s%14s%12s%12s%9s\n", "Production check", "period", "mean EH/s", "BTC per PH/s", "model BTC", "published", "off")
	for _, c := range s.checks {
		begin := peerName(c.Company) + fmt.Sprintf("%-12s", clip(c.Period.String(), 12))
		if c.Why != "" {
			fmt.Fprintf(w, "%s  %s\n", begin, harmless(c.Why))
			continue
		}
		says := ""
		if !c.Within {
			says = "  beyond " + peerNumber(100*peer.CheckWithin, 1) + " %"
		}
		peerRow(w, begin, peerCell(peerNumber(c.Hashrate, 2), 10), peerCell(peerNumber(c.Expected, 9), 14), peerCell(peerNumber(c.Model, 1), 12), peerCell(peerNumber(c.Published, 0), 12), peerCell(peerChange(c.Off), 9), says)
	}
	fmt.Fprintln(w, "  A consistency check, not an independent proof: a hashrate may be derived from the shares that a pool counts.")
}

// printBaskets shows shares against bitcoin.
func (s *peerReport) printBaskets(w io.Writer) {
	if s.prices == nil {
		return
	}
	fmt.Fprintf(w, "\nBaskets against bitcoin, %s to %s\n", s.window.First.Format(time.DateOnly), s.window.Last.Format(time.DateOnly))
	if len(s.classes) == 0 {
		fmt.Fprintf(w, "  None: no company has a class on %s. Add rows of the metric class: pure, hybrid or ai-first.\n", s.window.First.Format(time.DateOnly))
		return
	}
	fmt.Fprintf(w, "  %-26s%10s%12s%11s%13s%7s%10s%10s\n", "", "return", "volatility", "worst fall", "correlation", "beta", "tracking", "ahead")
	for _, x := range s.classes {
		x.print(w)
	}
}

// print shows the baskets of a class, and bitcoin on the days of the first of them
// that has figures: they are the same for all.
func (x classOf) print(w io.Writer) {
	for i, b := range x.baskets {
		if i == 0 {
			fmt.Fprintf(w, "  %s: %s\n", x.name, harmless(b.basket.Names()))
		}
	}
	if len(x.apart) > 0 {
		fmt.Fprintf(w, "  %s, without closes: %s\n", x.name, harmless(strings.Join(x.apart, ", ")))
	}
	var whole *peer.Result
	for _, b := range x.baskets {
		if b.why != "" {
			fmt.Fprintf(w, "    %s\n", harmless(b.why))
			continue
		}
		r := b.result
		whole = &r
		peerTrack(w, b.basket.Weights.String(), r.Basket, peerCell(peerNumber(r.Correlation, 2), 13)+peerCell(peerNumber(r.Beta, 2), 7)+peerCell(peerNumber(100*r.Tracking, 1)+" %", 10)+peerCell(peerChange(r.Ahead), 10))
	}
	if whole == nil {
		return
	}
	peerTrack(w, "bitcoin", whole.BTC, "")
	if whole.Carried > 0 {
		fmt.Fprintf(w, "    closes that a share had not, and its last one was taken: %d, %d days old at most\n", whole.Carried, whole.Oldest)
	}
	if whole.Estimated > 0 {
		fmt.Fprintf(w, "    the price of bitcoin is estimated on %d of %d days\n", whole.Estimated, whole.Closes)
	}
	for _, j := range whole.Jumps {
		fmt.Fprintf(w, "    hard to believe: %s\n", harmless(j))
	}
}

func peerTrack(w io.Writer, name string, t peer.Track, rest string) {
	peerRow(w, fmt.Sprintf("    %-24s", name), peerCell(peerChange(t.Return), 10), peerCell(peerNumber(100*t.Volatility, 1)+" %", 12), peerCell(peerNumber(100*t.Drawdown, 1)+" %", 11), rest)
}

// printReasons groups what figures say of themselves.
func (s *peerReport) printReasons(w io.Writer, title string, of func(peer.Figure) string) {
	columns := peer.Columns()
	printed := false
	for _, x := range s.sides {
		if x.Empty() {
			continue
		}
		var order []string
		keys := map[string][]string{}
		for i, f := range x.Figures {
			// What is only shown as it was told need not be there.
			if says := of(f); says != "" && (f.OK || !columns[i].Told) {
				if keys[says] == nil {
					order = append(order, says)
				}
				keys[says] = append(keys[says], columns[i].Key)
			}
		}
		for _, says := range order {
			if !printed {
				fmt.Fprintf(w, "\n%s\n", title)
				printed = true
			}
			fmt.Fprintf(w, "%s  %s: %s\n", peerName(x.Company), someOf(keys[says], 3), harmless(says))
		}
	}
}

// someOf are the first few of many.
func someOf(all []string, n int) string {
	if len(all) <= n+1 {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:n], ", "), len(all)-n)
}

// printDoubts shows what is hard to believe and what is not known.
func (s *peerReport) printDoubts(w io.Writer) {
	if all := s.group.Warnings(); len(all) > 0 {
		fmt.Fprintln(w, "\nHard to believe, and kept as it is")
		for _, x := range all {
			fmt.Fprintf(w, "%s  %s (%s)\n", peerName(x.Company), harmless(x.Says), harmless(x.Place))
		}
	}
	if all := s.group.Unknown(); len(all) > 0 {
		fmt.Fprintln(w, "\nFigures that are not known here: kept, and in no formula")
		for _, x := range all {
			fmt.Fprintf(w, "%s  %s of %s: %s %s\n", peerName(x.Company), harmless(x.Metric), x.Row.Period, harmless(x.Row.Value), harmless(x.Row.Unit))
		}
	}
	var silent []string
	for _, x := range s.sides {
		if x.Empty() {
			silent = append(silent, x.Company)
		}
	}
	if len(silent) > 0 {
		fmt.Fprintf(w, "\nNothing is known for %s of: %s\n", s.period, harmless(strings.Join(silent, ", ")))
	}
}

// printAssumptions says what was assumed.
func (s *peerReport) printAssumptions(w io.Writer) {
	fmt.Fprintln(w, "\nAssumed")
	for _, line := range peerAssumptions(s.prices != nil) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	for _, line := range s.notes {
		fmt.Fprintf(w, "  %s: %s\n", harmless(s.network.Name), harmless(line))
	}
}

// peerAssumptions are what every report rests on.
func peerAssumptions(baskets bool) []string {
	out := []string{
		"What is not told is not nought: a figure that needs it is missing.",
		fmt.Sprintf("Balances and states of up to %d days before the end of the period count, and say of when they are.", peer.StaleMost),
		"EV/MW puts the whole EV on the megawatts that it names: the few critical MW of a hybrid miner do not earn it alone.",
		"EV is market cap and debt, less cash and all owned bitcoin at its price on the last day; costs are as each company defines them.",
	}
	if baskets {
		out = append(out,
			"Closes are as given; they have to be adjusted for splits. Dividends, if they are not in them, and the cost of trading are left out.",
			"A basket holds the companies that were of its class on the first day, and is set anew on the last close of each month.",
			fmt.Sprintf("A share without a close on a day counts with its last one, of up to %d days before, and no longer.", peer.CarryMost),
			"An exchange closes hours before the UTC day of bitcoin does, which takes something from correlation and beta.",
			"Shares of miners and bitcoin are not the same exposure: power, debt and new shares lie between them.")
	}
	return out
}

// printSources shows where all comes from.
func (s *peerReport) printSources(w io.Writer) {
	fmt.Fprintln(w, "\nSources")
	fmt.Fprintf(w, "  %s: %d figures, %d told twice, SHA-256 %x\n", harmless(s.companies.Name), len(s.group.Facts()), s.group.Repeated(), s.companies.Paper[:6])
	if s.prices != nil {
		fmt.Fprintf(w, "  %s: %d closes, SHA-256 %x%s\n", harmless(s.prices.Name), len(s.prices.All), s.prices.Paper[:6], closeSources(s.prices.All))
	}
	fmt.Fprintf(w, "  %s: %d days of bitcoin, SHA-256 %s\n", harmless(s.network.Name), s.network.Rows, s.network.SHA256[:12])
	for _, company := range s.group.Companies() {
		var order []string
		count := map[string]int{}
		for _, f := range s.group.Facts() {
			if f.Company != company {
				continue
			}
			source := f.Source
			if source == "" {
				source = "no source is named: assumed"
			}
			if count[source]++; count[source] == 1 {
				order = append(order, source)
			}
		}
		for _, source := range order {
			fmt.Fprintf(w, "%s  %d of %s\n", peerName(company), count[source], harmless(source))
		}
	}
}

// closeSources are the sources of closes.
func closeSources(all []peer.Close) string {
	var out []string
	for _, c := range all {
		if c.Source != "" && !slices.Contains(out, c.Source) {
			out = append(out, c.Source)
		}
	}
	if len(out) == 0 {
		return ", no source is named"
	}
	return ", " + harmless(someOf(out, 3))
}
