package main

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"sluice/capital/decide"
	"sluice/capital/portfolio"
)

// print shows the decisions.
func (d *decision) print(w io.Writer) {
	p := d.plan.plan
	fmt.Fprintf(w, "%s: what to decide, on %s futures, seed %d; money in millions of %s\n", harmless(p.Name), commas(strconv.Itoa(d.in.paths)), d.in.seed, p.Currency)
	if len(p.Projects) == 0 {
		fmt.Fprintln(w, "The plan has no project: there is nothing to convert.")
		return
	}
	d.printHurdles(w)
	for _, s := range d.stages {
		d.printStage(w, s)
	}
	d.printChoice(w)
	if d.none == nil {
		d.printCorners(w)
	}
}

func (d *decision) printHurdles(w io.Writer) {
	if len(d.hurdles) == 0 {
		return
	}
	fmt.Fprintf(w, "\nThe rate at which a project is worth the mining that it displaces\n")
	fmt.Fprintf(w, "  %-24s%-10s%12s%12s%12s%12s   %s\n", "", "per", "asked", "planned", "on half", "on 80 %", "the asked one does on")
	for _, h := range d.hurdles {
		fmt.Fprintf(w, "  %-24s%-10s%12s%12s%12s%12s   %s ± %s\n", harmless(h.Project), h.Unit, rateText(h.Asked), rateText(h.Planned), rateText(h.Rates.P50), rateText(h.P80), percents(h.Beats), percents(h.BeatsError))
		if h.Never > 0 {
			fmt.Fprintf(w, "  %-24son %s of the futures no rate helps: nothing is let before the plan ends\n", "", percents(h.Never))
		}
	}
	fmt.Fprintf(w, "  In sluice quote these are the prices to be above: put the 80 %% one where the tenant asks for a firm offer.\n")
}

// rateText is a rate with as many digits as it needs.
func rateText(x float64) string {
	switch {
	case math.IsInf(x, 0):
		return "none"
	case math.Abs(x) < 100:
		return fmt.Sprintf("%.4f", x)
	case math.Abs(x) < 10_000:
		return fmt.Sprintf("%.2f", x)
	}
	return commas(fmt.Sprintf("%.0f", x))
}

func (d *decision) printStage(w io.Writer, s staged) {
	fmt.Fprintf(w, "\n%s as a staged option\n", harmless(s.name))
	if s.void != nil {
		fmt.Fprintf(w, "  not valued: %v\n", s.void)
		return
	}
	a, c := s.answer, s.conversion
	fmt.Fprintf(w, "  %.1f MW, and %.1f MW later; rent now %.2f a kW-month, capex %s a gross MW, built in %d quarters; mining at %.0f USD/MWh for the network's average machine\n",
		c.First, c.Second, c.Hall.Rent, million(c.Hall.Capex), c.Hall.Build, c.Mine.Hashprice)
	fmt.Fprintf(w, "  assumed: volatility of rents %s, of capex %s; of the hashprice %s from the futures\n", percents(c.Markets.RentVolatility), percents(c.Markets.CapexVolatility), percents(c.Markets.HashVolatility))
	fmt.Fprintf(w, "  convert at once          %10s ± %s\n", million(a.Now), million(a.NowError))
	fmt.Fprintf(w, "  mine on, never convert   %10s ± %s\n", million(a.Never), million(a.NeverError))
	fmt.Fprintf(w, "  with all rights          %10s ± %s\n", million(a.Value), million(a.Error))
	fmt.Fprintf(w, "  the option to wait       %10s ± %s\n", million(a.Wait), million(a.WaitError))
	for _, r := range a.Rights {
		fmt.Fprintf(w, "    the right to %-12s%10s ± %s\n", r.Name, million(r.Value), million(r.Error))
	}
	first := a.First
	if first == "" {
		first = "it depends on the path"
	}
	fmt.Fprintf(w, "  now: %s. Converting adds %s to mining on, keeping the option %s.\n", first, million(a.Plain), million(a.Hold))
	shown := 0
	for _, r := range a.Rule {
		if r.Date%4 == 0 && shown < 12 {
			fmt.Fprintf(w, "    year %d: %s\n", r.Date/4, r)
			shown++
		}
	}
}

func (d *decision) printChoice(w io.Writer) {
	fmt.Fprintf(w, "\nWhich projects, and when: %d futures stand for all (%s of the spread), weight of the worst 5 %% %g\n", len(d.problem.Scenarios), percents(d.reduced.Kept), d.in.aversion)
	if d.none != nil {
		fmt.Fprintf(w, "  no choice: %v\n", d.none)
		return
	}
	for _, t := range d.choice.Taken {
		if t.Option == portfolio.None {
			fmt.Fprintf(w, "  %-24s not built\n", harmless(t.Site))
			continue
		}
		fmt.Fprintf(w, "  %-24s %-16s adds %s\n", harmless(t.Site), harmless(t.Option), million(t.NPV))
	}
	c := d.choice
	fmt.Fprintf(w, "  expected %s, mean of the worst 5 %% a loss of %s; proven to %.4f %%\n", million(c.Expected), million(c.CVaR), 100*c.Gap)
	for _, b := range c.Binding {
		fmt.Fprintf(w, "  %s binds: %s of %s; without it %s more\n", b.Name, plainText(b.Use), plainText(b.Most), million(b.Gain))
	}
	fmt.Fprintf(w, "  weight of risk    expected    worst 5 %%  projects built\n")
	for _, x := range d.frontier {
		built := 0
		for _, t := range x.Choice.Taken {
			if t.Option != portfolio.None {
				built++
			}
		}
		fmt.Fprintf(w, "  %14g%12s%12s  %d\n", x.Aversion, million(x.Choice.Expected), million(x.Choice.CVaR), built)
	}
}

// printCorners shows how one more dollar would be shared.
func (d *decision) printCorners(w io.Writer) {
	fmt.Fprintf(w, "\nOne more dollar of capital among mining, hosting and bitcoin held, over the whole plan, discounted\n")
	if d.unshared != nil {
		fmt.Fprintf(w, "  not shared: %v\n", d.unshared)
		return
	}
	fmt.Fprintf(w, "  %12s%14s%12s%12s%12s\n", "mean return", "worst 5 %", "mining", "hosting", "bitcoin")
	for _, c := range d.corners {
		fmt.Fprintf(w, "  %12s%14s%12s%12s%12s\n", percents(c.Mean), percents(-c.CVaR), percents(c.Share[0]), percents(c.Share[1]), percents(c.Share[2]))
	}
}

// plainText is an amount of whatever a limit counts.
func plainText(x float64) string { return commas(fmt.Sprintf("%.0f", x)) }

// view is the decisions as JSON.
func (d *decision) view() map[string]any {
	out := map[string]any{"plan": d.plan.plan.Name, "currency": d.plan.plan.Currency, "futures": d.in.paths, "seed": d.in.seed}
	hurdles := []map[string]any{}
	for _, h := range d.hurdles {
		hurdles = append(hurdles, hurdleView(h))
	}
	stages := []map[string]any{}
	for _, s := range d.stages {
		row := map[string]any{"project": s.name}
		if s.void != nil {
			row["void"] = s.void.Error()
		} else {
			a := s.answer
			row["value"], row["standard_error"], row["now"], row["never"], row["wait"], row["first"] = a.Value, a.Error, a.Now, a.Never, a.Wait, a.First
		}
		stages = append(stages, row)
	}
	out["hurdles"], out["options"] = hurdles, stages
	if d.none != nil {
		out["no_choice"] = d.none.Error()
		return out
	}
	taken := []map[string]any{}
	for _, t := range d.choice.Taken {
		taken = append(taken, map[string]any{"project": t.Site, "option": t.Option, "npv": t.NPV})
	}
	out["taken"], out["expected"], out["cvar"], out["gap"] = taken, d.choice.Expected, d.choice.CVaR, d.choice.Gap
	front := []map[string]any{}
	for _, x := range d.frontier {
		front = append(front, map[string]any{"aversion": x.Aversion, "expected": x.Choice.Expected, "cvar": x.Choice.CVaR})
	}
	out["frontier"] = front
	corners := []map[string]any{}
	for _, c := range d.corners {
		corners = append(corners, map[string]any{"mean": c.Mean, "cvar": c.CVaR, "mining": c.Share[0], "hosting": c.Share[1], "bitcoin": c.Share[2]})
	}
	out["capital"] = corners
	return out
}

func hurdleView(h decide.Hurdle) map[string]any {
	return map[string]any{
		"project": h.Project, "unit": h.Unit, "asked": h.Asked, "planned": finite(h.Planned), "rates": viewSpread(h.Rates), "p80": finite(h.P80),
		"beats": h.Beats, "beats_error": h.BeatsError, "never_let": h.Never, "gain": viewSpread(h.Gain),
	}
}
