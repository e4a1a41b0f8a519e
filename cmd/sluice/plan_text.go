package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/driver/planfile"
)

// print shows the plan for people.
func (s *planReport) print(w io.Writer) {
	p := s.plan
	fmt.Fprintf(w, "%s: %d years from %s, in %s, discounted at %s\n", harmless(p.Name), p.Years, p.Begin, harmless(p.Currency), planPercent(p.Discount, 1))
	if s.left != "" {
		fmt.Fprintf(w, "Without the project %s and what is borrowed for it.\n", harmless(s.left))
	}
	s.printFigures(w)
	s.printAnswer(w)
	for i := range s.projects {
		s.projects[i].print(w, s)
	}
	s.printStatements(w)
	s.printCovenants(w)
	s.printClaims(w)
}

// figure is a row of the assumptions.
type planFigureRow struct {
	place, value string
	count        planfile.Count
	source       capital.Source
	assumed      bool
}

// figures are all figures of the plan; those of a list stand in one row.
func (s *planReport) figures() (out []planFigureRow) {
	lists := map[string]int{}
	for _, f := range s.plan.Figures() {
		place, part := planListed(f.Place)
		c, _ := planfile.Unit(f.Place, s.plan.Currency)
		if i, ok := lists[place]; ok && part {
			out[i].value += ", " + planFigure(f.Value, c)
			continue
		}
		if part {
			lists[place] = len(out)
		}
		for i := range s.plan.Projects {
			if f.Place == "projects."+s.plan.Projects[i].Name+".contract.rate" {
				c.Unit = planfile.RentUnit(s.plan.Projects[i].Contract, s.plan.Currency)
			}
		}
		out = append(out, planFigureRow{place, planFigure(f.Value, c), c, f.Source, f.Source.Standing == capital.Assumed})
	}
	return out
}

// planListed is a place without its number in a list of numbers.
func planListed(place string) (string, bool) {
	i := strings.LastIndexByte(place, '.')
	if i < 0 || strings.Trim(place[i+1:], "0123456789") != "" {
		return place, false
	}
	return place[:i], true
}

// planFigure is a figure for people.
func planFigure(v float64, c planfile.Count) string {
	switch {
	case c.Month:
		return capital.Month(v).String()
	case c.Share:
		return strconv.FormatFloat(math.Round(v*1e8)/1e6, 'f', -1, 64) + " %"
	}
	return commas(strconv.FormatFloat(v, 'f', -1, 64))
}

// printFigures shows every figure with where it comes from.
func (s *planReport) printFigures(w io.Writer) {
	rows := s.figures()
	count := map[capital.Standing]int{}
	for _, r := range rows {
		count[r.source.Standing]++
	}
	fmt.Fprintf(w, "\nAssumptions: %d figures, of which %d are assumed (*), %d measured, %d from contracts, %d published by a company, %d by the press\n",
		len(rows), count[capital.Assumed], count[capital.Measured], count[capital.Signed], count[capital.PublicFig], count[capital.Press])
	section := ""
	for _, r := range rows {
		head, key := r.place[:max(strings.LastIndexByte(r.place, '.'), 0)], r.place[strings.LastIndexByte(r.place, '.')+1:]
		if head != section && head != "" {
			fmt.Fprintf(w, "  %s\n", harmless(head))
		}
		section = head
		mark := " "
		if r.assumed {
			mark = "*"
		}
		unit := r.count.Unit
		if r.count.Month || unit == "share" {
			unit = ""
		}
		says := harmless(r.source.From)
		if !r.assumed {
			says = string(r.source.Standing) + ": " + says
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %s %-26s %22s %-24s %s", mark, key, r.value, unit, clip(says, 90)), " "))
	}
	for _, t := range s.told {
		made := ""
		if t.synthetic {
			made = ", MADE UP: a record of no market"
		}
		fmt.Fprintf(w, "  history %s: %s, %d weeks of %d hours, mean %.2f %s/MWh, %d intervals filled, %d left over%s\n",
			harmless(t.name), harmless(t.file), t.weeks.Hours.Weeks(), 168, t.weeks.Hours.Mean(), s.plan.Currency, t.source.Filled, t.weeks.Left, made)
	}
	s.printFlat(w)
}

// printFlat says what the plan leaves at nought.
func (s *planReport) printFlat(w io.Writer) {
	var flat []string
	for _, x := range []struct {
		is   bool
		says string
	}{
		{s.plan.Tax.Rate == 0, "taxes"},
		{s.plan.Market.Drift == 0, "growth of the price of bitcoin"},
		{s.plan.Market.Growth == 0, "growth of difficulty"},
		{s.plan.Inflation == 0, "growth of costs"},
		{s.plan.Overhead == 0, "overhead of the company"},
	} {
		if x.is {
			flat = append(flat, x.says)
		}
	}
	if len(flat) > 0 {
		fmt.Fprintf(w, "  Counted as nought, since the plan does not say: %s.\n", strings.Join(flat, ", "))
	}
}

// npvText is a present value in millions.
func (s *planReport) npvText(v float64) string {
	return planMillions(v) + " M"
}

// planIRR is a rate of return.
func planIRR(x worth) string {
	switch {
	case x.why != "":
		return "no IRR"
	case x.several:
		return planPercent(x.irr, 2) + " (one of several)"
	}
	return planPercent(x.irr, 2)
}

// printAnswer shows what the plan comes to.
func (s *planReport) printAnswer(w io.Writer) {
	a := s.answer
	fmt.Fprintf(w, "\nThe answer, on the path that the plan expects: cash before anything is financed, million %s\n", s.plan.Currency)
	s.printThree(w, "  ", a.worth)
	if a.pays {
		fmt.Fprintf(w, "  payback                    %s: after %.1f years\n", s.plan.Begin.Add(int(math.Ceil(a.payback))-1), a.payback/12)
	} else {
		fmt.Fprintln(w, "  payback                    not within the plan")
	}
	if a.peak > 0 {
		fmt.Fprintf(w, "  peak funding need          %s by %s\n", planMillions(a.peak), a.peakAt)
	} else {
		fmt.Fprintln(w, "  peak funding need          none: cash comes in from the first month on")
	}
	if a.broke == 0 {
		fmt.Fprintf(w, "  first month without cash   none; the least at a month's end is %s in %s\n", planMillions(a.lowest), a.lowestAt)
	} else {
		fmt.Fprintf(w, "! first month without cash   %s; up to %s are missing: raise more, borrow more, or build later\n", a.broke, planMillions(a.unfunded))
	}
	if a.liquidated > 0 {
		fmt.Fprintf(w, "! pledged coins sold         %d times: pledge less, or at a lower ltv\n", a.liquidated)
	}
}

// printThree shows a worth without what is left at the end, and with it.
func (s *planReport) printThree(w io.Writer, pad string, t planWorths) {
	fmt.Fprintf(w, "%s%-27s%12s   %s\n", pad, "NPV and IRR", s.npvText(t.bare.npv), planIRR(t.bare))
	if t.residual.left != 0 {
		fmt.Fprintf(w, "%s%-27s%12s   %s   (%s at the end)\n", pad, "  with residual values", s.npvText(t.residual.npv), planIRR(t.residual), planMillions(t.residual.left))
	}
	if t.multiple.left != 0 {
		fmt.Fprintf(w, "%s%-27s%12s   %s   (%s at the end)\n", pad, fmt.Sprintf("  with %g x last EBITDA", s.plan.Terminal), s.npvText(t.multiple.npv), planIRR(t.multiple), planMillions(t.multiple.left))
	}
}

// print shows a project.
func (x *planProject) print(w io.Writer, s *planReport) {
	p := x.project
	facility, equipment := planCapex(p)
	fmt.Fprintf(w, "\nProject %s: %g MW gross, %.2f MW critical, power from %s\n", harmless(p.Name), p.Gross, p.Gross/p.PUE, s.plan.Begin.Add(int(math.Ceil(x.ready))))
	fmt.Fprintf(w, "  facility %s M: %s M a gross MW, %s M a critical MW", planMillions(facility), planMillions(facility/p.Gross), planMillions(facility/p.Gross*p.PUE))
	if equipment > 0 {
		fmt.Fprintf(w, "; equipment %s M: %s M a critical MW", planMillions(equipment), planMillions(equipment/p.Gross*p.PUE))
	}
	fmt.Fprintln(w)
	if x.rent > 0 {
		all := facility + equipment
		fmt.Fprintf(w, "  first year of rent (from %s): rent %s M, EBITDA %s M: %s of what it cost\n", x.first, planMillions(x.rent), planMillions(x.earns), planPercent(x.earns/all, 1))
	}
	fmt.Fprintln(w, "  alone, without loans")
	s.printThree(w, "    ", x.alone)
	says := "the plan with it less the plan without it"
	if p.Displaces && x.mining > 0 {
		says = "against the mining it displaces: " + says
	}
	fmt.Fprintf(w, "  %s\n", says)
	s.printThree(w, "    ", x.against)
	if c := x.cost; c.delivers > 0 {
		fmt.Fprintf(w, "  levelised cost of a %s    %s %s, with the mining forgone %s; it brings %s (%s sold)\n", c.unit, planRate(c.cost), s.plan.Currency, planRate(c.whole), planRate(c.rent), commas(strconv.FormatFloat(c.delivers, 'f', 0, 64)))
		if c.unit == "critical MWh" {
			fmt.Fprintf(w, "  %-34s  %s %s, with the mining forgone %s; it brings %s\n", "levelised cost of a kW-month", planRate(c.cost*0.73), s.plan.Currency, planRate(c.whole*0.73), planRate(c.rent*0.73))
		}
	}
	x.printDelays(w, s)
}

// planRate is a price with about four digits.
func planRate(v float64) string {
	decimals := 2
	if math.Abs(v) < 10 {
		decimals = 4
	}
	return commas(planSign(strconv.FormatFloat(v, 'f', decimals, 64)))
}

// planCapex is what the hall and what stands in it cost.
func planCapex(p capital.Project) (facility, equipment float64) {
	for _, f := range p.Phases {
		facility += f.Cost
	}
	for _, e := range p.Equipment {
		equipment += e.Cost
	}
	return facility, equipment
}

func (x *planProject) printDelays(w io.Writer, s *planReport) {
	if len(x.delays) == 0 {
		return
	}
	fmt.Fprintf(w, "  %-22s%12s%14s%14s%14s%16s\n", "a delay, thousand "+s.plan.Currency, "rent", "operations", "mining kept", "interest", "NPV a month")
	for _, d := range x.delays {
		name := fmt.Sprintf("  %d months", d.months)
		if d.months == 1 {
			name = "  1 month"
		}
		fmt.Fprintf(w, "  %-22s%12s%14s%14s%14s%16s\n", name, planThousands(d.rent), planThousands(d.opex), planThousands(d.mining), planThousands(d.interest), planThousands(d.npv/float64(d.months)))
	}
}

// printCovenants shows how near the plan comes to its covenants.
func (s *planReport) printCovenants(w io.Writer) {
	if len(s.kept) == 0 {
		return
	}
	fmt.Fprintln(w, "\nCovenants, tested at the end of each quarter")
	for _, k := range s.kept {
		c, is := k.covenant, "at most"
		if planLeast(c.Kind) {
			is = "at least"
		}
		if k.at == 0 {
			fmt.Fprintf(w, "  %-20s %s %s %s: not tested within the plan\n", clip(harmless(c.Name), 20), c.Kind, is, planLimit(c, c.Limit))
			continue
		}
		mark, says := " ", "kept"
		if k.breach != 0 {
			mark, says = "!", "broken first in "+k.breach.String()
		}
		fmt.Fprintf(w, "%s %-20s %s %s %s: %s; the worst is %s in %s\n", mark, clip(harmless(c.Name), 20), c.Kind, is, planLimit(c, c.Limit), says, planLimit(c, k.worst), k.at)
	}
}

// planLimit is a value of a covenant.
func planLimit(c capital.Covenant, v float64) string {
	switch {
	case math.IsInf(v, 0):
		return "without bound"
	case c.Kind == capital.CoverLiquidity:
		return planMillions(v) + " M"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
