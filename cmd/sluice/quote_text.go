package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"sluice/books"
	"sluice/capital/quote"
	"sluice/driver/quotefile"
	"sluice/loop/billing"
	"sluice/unit"
)

// shown is an amount to so many decimals, half to even.
func shown(a unit.Amount, decimals int) string {
	step := int64(unit.Unit)
	for range decimals {
		step /= 10
	}
	text := books.Asset("").Text(unit.MulDiv(int64(a), 1, step) * step)
	whole, fraction, _ := strings.Cut(text, ".")
	if decimals == 0 {
		return commas(whole)
	}
	return commas(whole + "." + (fraction + "000000")[:decimals])
}

// points is a share as a percentage with one decimal.
func points(r unit.Ratio) string { return shown(unit.Amount(r)*100, 1) + " %" }

// hundredths is a share as a percentage with two decimals.
func hundredths(r unit.Ratio) string { return shown(unit.Amount(r)*100, 2) + " %" }

// assumed is a source, or that there is none.
func assumed(source string) string {
	if source == "" {
		return "assumed"
	}
	return harmless(source)
}

// printPrice shows the least price, the asked one and the parts.
func (j judged) printPrice(w io.Writer, what string, decimals int) {
	p := j.price
	fmt.Fprintf(w, "\nLeast price %s USD for a %s; %s where no mining is forgone\n", shown(p.Least, decimals), what, shown(p.Bare, decimals))
	if j.asked > 0 {
		says := "too little: mining earns more"
		if j.beats() {
			says = "more than mining needs to be beaten"
		}
		fmt.Fprintf(w, "Asked       %s USD: %s %s\n", shown(j.asked, decimals), shown(max(j.asked-p.Least, p.Least-j.asked), decimals), says)
	}
	fmt.Fprintf(w, "\nWhat it is made of  %12s  %8s  %16s\n", "USD/"+p.Unit, "share", "USD a MW and year")
	step := unit.Unit
	for range decimals {
		step /= 10
	}
	var parts []unit.Amount
	for _, x := range p.Parts {
		parts = append(parts, x.Of)
	}
	var yearly unit.Amount
	for i, v := range quote.Apportion(parts, step) {
		x := p.Parts[i]
		yearly += x.Yearly
		fmt.Fprintf(w, "  %-18s%12s  %8s  %16s\n", x.Name, shown(v, decimals), partOf(x.Of, p.Least), shown(x.Yearly, 0))
	}
	fmt.Fprintf(w, "  %-18s%12s  %8s  %16s\n", "sum", shown(p.Least, decimals), "", shown(yearly, 0))
}

// partOf is a part as a percentage of a whole.
func partOf(part, whole unit.Amount) string {
	if v, ok := unit.TryMulDiv(int64(part), int64(unit.One), int64(whole)); ok && whole != 0 {
		return points(unit.Ratio(v))
	}
	return "-"
}

// printPrices shows the three prices that people mix up.
func (a *assessment) printPrices(w io.Writer) {
	t, f := a.file.Terms, a.floor
	fmt.Fprintf(w, "\nThree prices that differ, USD/GPU-hour\n")
	fmt.Fprintf(w, "  to build  %8s  GPUs that are still to be bought: below it mining earns more with the megawatt\n", shown(a.gpu.price.Least, 4))
	fmt.Fprintf(w, "  to run    %8s  GPUs that are there: below it spare ones are better switched off,\n", shown(f.Least, 4))
	fmt.Fprintf(w, "            %8s  since mining brings %s USD/MWh after its other cost (%s: %s before it),\n", "", perMWh(f.Mining), shown(f.AgainstGross, 4), perMWh(f.Gross))
	fmt.Fprintf(w, "            %8s  and power costs %s USD/MWh, which alone is %s\n", "", perMWh(f.Power), shown(f.AgainstPower, 4))
	if a.file.Idle > 0 {
		fmt.Fprintf(w, "            %8s  the same where they are left on and idle at %s kW each\n", shown(a.idling.Least, 4), shown(unit.Amount(a.file.Idle)*1000, 2))
	}
	if len(a.file.Market) == 0 {
		fmt.Fprintf(w, "  to sell   %8s  no price of the market is given\n", "-")
		return
	}
	fmt.Fprintf(w, "  to sell   %8s  what others ask or pay, as somebody wrote it down; no price of today\n", "")
	for _, m := range a.file.Market {
		fmt.Fprintf(w, "            %8s  %s, %s USD/MWh: %s\n", shown(m.Price, 4), harmless(m.Name), perMWh(quote.Worth(m.Price, m.Power, t.PUE)), harmless(m.Source))
	}
}

func perMWh(p unit.Price) string { return shown(unit.Amount(p), 2) }

// printTurns shows how far each input may go.
func (j judged) printTurns(w io.Writer, decimals int) {
	if j.asked == 0 {
		return
	}
	fmt.Fprintf(w, "\nWhere it turns: %s beats mining as long as one input is so, and the others as they stand\n", shown(j.asked, decimals))
	never := 0
	for _, r := range j.turns {
		if r.Never {
			never++
			continue
		}
		is := "at most"
		if r.Above {
			is = "at least"
		}
		fmt.Fprintf(w, "  %-28s %14s  %-8s %14s\n", r.Field.Key, valueText(r.Field, r.Base), is, valueText(r.Field, coarse(r)))
	}
	if never > 0 {
		fmt.Fprintln(w, "  No other input turns it by itself within its bounds.")
	}
}

// valueText is the value of an input for people.
func valueText(f quote.Field, v int64) string {
	text, sign := strings.CutSuffix(f.Text(v), " %")
	if sign {
		return text + " %"
	}
	return commas(text)
}

// coarse rounds the value of a row to five digits, towards where the price beats mining.
func coarse(r quote.BreakEven) int64 {
	if r.Field.Unit == "years" {
		return r.Value
	}
	step := int64(1)
	for v := max(r.Value, -r.Value); v/step >= 100_000; step *= 10 {
	}
	down := r.Value - ((r.Value%step)+step)%step
	if r.Above && down != r.Value {
		return down + step
	}
	return down
}

// printCompared shows how the price moves, of both ways to sell beside each other.
func (a *assessment) printCompared(w io.Writer) {
	if len(a.gpu.compared) == 0 {
		return
	}
	row := func(name, gpu, versus, colo, coloVersus string) {
		line := fmt.Sprintf("  %-34s %10s %9s  %10s %9s", clip(harmless(name), 34), gpu, versus, colo, coloVersus)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	fmt.Fprintln(w)
	colo := judged{}
	if a.colo != nil {
		colo = *a.colo
		fmt.Fprintf(w, "%-36s %10s %9s  %12s\n", "Sensitivities", "USD/GPU-h", "", "USD/kW-month")
		row("as it stands", shown(a.gpu.price.Least, 4), "", shown(colo.price.Least, 2), "")
	} else {
		fmt.Fprintf(w, "%-36s %10s\n", "Sensitivities", "USD/GPU-h")
		row("as it stands", shown(a.gpu.price.Least, 4), "", "", "")
	}
	for i, c := range a.gpu.compared {
		name := c.Change.Name
		if !c.Mining {
			name += " (mining stops)"
		}
		if a.colo == nil {
			row(name, shown(c.Least, 4), plus(c.Versus), "", "")
			continue
		}
		row(name, shown(c.Least, 4), plus(c.Versus), shown(colo.compared[i].Least, 2), plus(colo.compared[i].Versus))
	}
}

// plus is a change with its sign.
func plus(r unit.Ratio) string {
	text := points(r)
	if r > 0 && text != "0.0 %" {
		return "+" + text
	}
	return strings.Replace(text, "-0.0 %", "0.0 %", 1)
}

// printVerdict shows the offer in each scenario.
func (j judged) printVerdict(w io.Writer, f *quotefile.File, decimals int) {
	if j.verdict == nil {
		return
	}
	fmt.Fprintf(w, "\nScenarios over %s years, discounted at %s\n", yearsText(f.Term), billing.Percent(f.Terms.Capital))
	fmt.Fprintf(w, "  %-24s %6s %10s  %14s  %-12s mining forgone in each year, thousand USD/MW\n", "", "", "least", "beyond mining", "")
	fmt.Fprintf(w, "  %-24s %6s %10s  %14s  %-12s (it stops in months in which it would lose)\n", "", "", "USD", "USD/MW", "")
	for i, o := range j.verdict.Outcomes {
		net, beats := "-", ""
		if j.asked > 0 {
			net, beats = shown(o.Net, 0), "mining wins"
		}
		if j.asked > 0 && o.Beats {
			beats = "beats it"
		}
		fmt.Fprintf(w, "  %-24s %6s %10s  %14s  %-12s %s\n", clip(harmless(o.Name), 24), billing.Percent(o.Probability), shown(o.Least, decimals), net, beats, forgoneText(o))
		if f.Outlook[i] != "" {
			fmt.Fprintf(w, "  %-24s (%s)\n", "", harmless(f.Outlook[i]))
		}
	}
	if j.asked > 0 {
		fmt.Fprintf(w, "  The asked price beats mining with a probability of %s; the mean beyond mining is %s USD/MW%s\n", billing.Percent(j.verdict.Share), shown(j.verdict.Net, 0), ofAll(j.verdict.Net, f.Size))
	}
	fmt.Fprintln(w, "  Probabilities and curves are assumed where no source stands beside them.")
}

// ofAll is an amount for all megawatts, where their number is known.
func ofAll(perMW unit.Amount, size unit.Power) string {
	if v, ok := unit.TryMulDiv(int64(perMW), int64(size), int64(unit.Megawatt)); ok && size > 0 {
		return fmt.Sprintf(", %s USD for %s", shown(unit.Amount(v), 0), size)
	}
	return ""
}

func yearsText(m quote.Months) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(m)/12, 'f', 4, 64), "0"), ".")
}

// forgoneText are the margins of mining by year.
func forgoneText(o quote.Outcome) string {
	var out []string
	for _, a := range o.Forgone {
		out = append(out, shown(a/1000, 0))
	}
	text := strings.Join(out, " ")
	if o.Idle > 0 {
		text += fmt.Sprintf(", stopped in %d months", o.Idle)
	}
	return text
}

// printSpread shows what many walks make of the offer.
func (j judged) printSpread(w io.Writer, f *quotefile.File, decimals int) {
	s := j.spread
	if s == nil {
		return
	}
	x := f.Walk
	fmt.Fprintf(w, "\nMonte Carlo: %s paths around %q, seed %d\n", commas(strconv.Itoa(s.Paths)), harmless(x.Around.Name), s.Seed)
	fmt.Fprintf(w, "  hashprice strays by %s a year, power by %s USD/MWh a year, of which half is gone in %d months; correlation %s: %s\n",
		billing.Percent(x.HashVolatility), perMWh(x.PowerVolatility), x.HalfLife, billing.Percent(x.Correlation), assumed(x.Source))
	fmt.Fprintf(w, "  least price            %s, 90 of 100 paths from %s to %s USD\n", shown(s.Least.P50, decimals), shown(s.Least.P5, decimals), shown(s.Least.P95, decimals))
	fmt.Fprintf(w, "  mining forgone         %s USD/MW a year in the mean; it would have stopped in %s of the months\n", shown(s.Forgone, 0), points(s.Idle))
	if j.asked == 0 {
		return
	}
	fmt.Fprintf(w, "  the asked price beats mining on %s paths: %s, between %s and %s with 95 %% confidence\n", commas(strconv.Itoa(s.Wins)), hundredths(s.Share), hundredths(s.Low), hundredths(s.High))
	fmt.Fprintf(w, "  beyond mining          %s USD/MW in the mean, give or take %s; 90 of 100 paths from %s to %s\n", shown(s.NetMean, 0), shown(s.NetHalf, 0), shown(s.Net.P5, 0), shown(s.Net.P95, 0))
	fmt.Fprintln(w, "  The confidence is that of counting paths; it does not say whether the walk is like the world.")
}
