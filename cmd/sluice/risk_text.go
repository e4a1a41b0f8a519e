package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// million is an amount in millions with one decimal.
func million(x float64) string {
	if math.IsInf(x, 0) {
		return "never"
	}
	return fmt.Sprintf("%.1f", x/1e6)
}

// share is a part of one as a percentage.
func percents(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

// print shows the risk of a plan.
func (s *exposure) print(w io.Writer) {
	p := s.plan.plan
	fmt.Fprintf(w, "%s: %s futures of %d years by weeks, seed %d, all money in millions of %s\n", harmless(p.Name), commas(strconv.Itoa(s.result.Paths)), p.Years, s.seed, p.Currency)
	s.printGround(w)
	s.printWorth(w)
	s.printCash(w)
	s.printCovenants(w)
	s.printFans(w)
	s.printNamed(w)
	s.printMoves(w)
	s.printProof(w)
}

// printGround says what the futures rest on.
func (s *exposure) printGround(w io.Writer) {
	f := s.facts
	fmt.Fprintf(w, "Drawn from %d weeks of bitcoin, %s to %s, in blocks of 8 on one index with power;\n", f.Weeks, f.From.Format("2006-01-02"), f.To.Format("2006-01-02"))
	fmt.Fprintf(w, "the rise of the price in them (%s a year) is taken out; difficulty grows by %s a year on half the paths\n", percents(math.Expm1(f.Rise)), percents(math.Expm1(f.Used)))
	fmt.Fprintf(w, "and on the other half lets the network's break-even return from %.0f to %.0f USD/MWh.\n", f.Now, f.Level)
	if f.NoFees > 0 {
		fmt.Fprintf(w, "Fees are not known in %d of these weeks and stay as the plan says.\n", f.NoFees)
	}
	if n := s.days.Estimated; n > 0 {
		fmt.Fprintf(w, "%d days of the history are estimated by the file itself.\n", n)
	}
	for _, x := range s.result.Warnings {
		fmt.Fprintf(w, "WARNING: %s\n", x)
	}
}

func spreadRow(w io.Writer, name string, x capital.Spread, show func(float64) string) {
	fmt.Fprintf(w, "  %-26s%10s%10s%10s%10s%10s%10s  ± %s\n", name, show(x.P5), show(x.P10), show(x.P50), show(x.P90), show(x.P95), show(x.Mean), show(x.Error))
}

func (s *exposure) printWorth(w io.Writer) {
	r := s.result
	fmt.Fprintf(w, "\nWhat it is worth            %8s%10s%10s%10s%10s%10s\n", "P5", "P10", "P50", "P90", "P95", "mean")
	spreadRow(w, "net present value", r.NPV, million)
	spreadRow(w, "return of a year", r.IRR, percents)
	spreadRow(w, "payback, years", r.Payback, func(x float64) string { return fmt.Sprintf("%.1f", x) })
	spreadRow(w, "equity at the end", r.Equity, million)
	fmt.Fprintf(w, "  as planned: net present value %s, return %s; %s of the futures have no return, %s never pay back\n",
		million(r.Planned.NPV), percents(r.Planned.IRR), percents(r.NoReturn), percents(r.NeverBack))
	fmt.Fprintf(w, "  against the plan: %s is lost at 95 %%, %s on the mean of the worst 5 %%\n", million(r.AtRisk), million(r.CVaR))
}

func (s *exposure) printCash(w io.Writer) {
	r, p := s.result, s.plan.plan
	fmt.Fprintf(w, "\nCash\n")
	spreadRow(w, "least cash", r.Least, million)
	fmt.Fprintf(w, "  it runs out on %s ± %s of the futures", percents(r.Broke), percents(r.BrokeError))
	if math.IsInf(r.Runway, 1) {
		fmt.Fprintf(w, "; on 95 %% it lasts for the whole plan\n")
	} else {
		fmt.Fprintf(w, "; on the worst 5 %% by %s\n", p.Begin.Add(int(r.Runway)))
	}
	fmt.Fprintf(w, "  cash flow at risk: in twelve months 5 %% of the futures bring %s less than planned, or worse\n", million(r.CFaR))
	if len(p.Pledges) > 0 {
		fmt.Fprintf(w, "  pledged coins: %.2f calls on the mean, coins are sold for a lender on %s of the futures\n", r.Calls, percents(r.Liquidated))
	}
	for i, x := range r.Ready {
		fmt.Fprintf(w, "  %s is finished by %s on 10 %%, %s on half, %s on 90 %% of the futures\n", harmless(p.Projects[i].Name), when(p, x.P10), when(p, x.P50), when(p, x.P90))
	}
}

// when is the month that a time of a plan lies in.
func when(p capital.Plan, months float64) string {
	return p.Begin.Add(int(math.Ceil(months)) - 1).String()
}

func (s *exposure) printCovenants(w io.Writer) {
	p := s.plan.plan
	if len(s.result.Covenants) == 0 {
		fmt.Fprintf(w, "\nNo covenant stands in the plan.\n")
		return
	}
	fmt.Fprintf(w, "\nProbability that a covenant is broken at the end of a quarter, %%\n  %-24s", "")
	for y := range p.Years {
		fmt.Fprintf(w, "  %-11d", p.Begin.Add(12*y).Year())
	}
	fmt.Fprintln(w)
	for _, c := range s.result.Covenants {
		fmt.Fprintf(w, "  %-24s", fmt.Sprintf("%s, %s %s", harmless(c.Name), c.Kind, rateText(c.Limit)))
		for q, x := range c.Breach {
			if q%4 == 0 {
				fmt.Fprint(w, "  ")
			}
			fmt.Fprintf(w, "%2.0f ", 100*x)
		}
		fmt.Fprintf(w, "\n  %-24s  ever %s; the first breach most likely in %s\n", "", percents(c.Ever), s.likeliest(c))
	}
}

// likeliest is the quarter in which a first breach is most likely.
func (s *exposure) likeliest(c risk.Promise) string {
	best, at := 0.0, -1
	for q, x := range c.First {
		if x > best {
			best, at = x, q
		}
	}
	if at < 0 {
		return "no quarter"
	}
	return fmt.Sprintf("the quarter to %s (%s)", s.plan.plan.Begin.Add(3*at+2), percents(best))
}

func (s *exposure) printFans(w io.Writer) {
	p := s.plan.plan
	fmt.Fprintf(w, "\nBands by the end of each year. From a year on P5 to P95 stands for 80 %%: in the past P10 to P90 held less there.\n")
	fmt.Fprintf(w, "  %-24s%6s%10s%10s%10s%10s%10s\n", "", "", "P5", "P25", "P50", "P75", "P95")
	for _, f := range s.result.Fans {
		if f.Nothing() {
			fmt.Fprintf(w, "  %-24sis nought at every time on every future\n", f.Name)
			continue
		}
		show := million
		switch f.Name {
		case "BTC held":
			show = func(x float64) string { return fmt.Sprintf("%.0f", x) }
		case "DSCR":
			show = func(x float64) string { return fmt.Sprintf("%.2f", x) }
		}
		for y := range p.Years {
			x := f.At[4*y+3]
			if x.N == 0 {
				continue
			}
			name := ""
			if y == 0 {
				name = f.Name
			}
			fmt.Fprintf(w, "  %-24s%6d%10s%10s%10s%10s%10s\n", name, p.Begin.Add(12*y+11).Year(), show(x.P5), show(x.P25), show(x.P50), show(x.P75), show(x.P95))
		}
	}
}

func (s *exposure) printNamed(w io.Writer) {
	if len(s.named) == 0 {
		return
	}
	p := s.plan.plan
	fmt.Fprintf(w, "\nFutures with a name                                     NPV  least cash  first breach\n")
	for _, x := range s.named {
		if x.Void != "" {
			fmt.Fprintf(w, "  %-46s%9s  %s\n", x.Name, "-", x.Void)
			continue
		}
		breach := "none"
		if x.Quarter >= 0 {
			breach = harmless(x.Breach) + " in the quarter to " + p.Begin.Add(3*x.Quarter+2).String()
		}
		if x.Broke >= 0 {
			breach += "; cash runs out in " + p.Begin.Add(x.Broke).String()
		}
		fmt.Fprintf(w, "  %-46s%9s%12s  %s\n", x.Name, million(x.NPV), million(x.Least), breach)
	}
}

func (s *exposure) printMoves(w io.Writer) {
	if len(s.bars) == 0 {
		return
	}
	fmt.Fprintf(w, "\nOne input at a time                from        to     NPV from        to  the range is\n")
	for _, b := range s.bars {
		fmt.Fprintf(w, "  %-27s%10s%10s%13s%10s  %s\n", b.Name, rangeText(b, b.Low), rangeText(b, b.High), million(b.AtLow), million(b.AtHigh), b.From)
	}
	fmt.Fprintf(w, "\nWhose doing the spread is (first-order index of Sobol)\n")
	for _, x := range s.shares {
		fmt.Fprintf(w, "  %-27s%10s ± %s\n", x.Factor, percents(x.Index), percents(x.Error))
	}
	fmt.Fprintf(w, "\nWhat must happen for a promise to break, or cash to run out, within twelve months\n")
	if s.worst.Promise == "" {
		fmt.Fprintf(w, "  nothing that was tried: no joint move of six standard deviations does it\n")
		return
	}
	fmt.Fprintf(w, "  the smallest joint move, %.2f standard deviations: %s\n  breaks %s in %s\n", s.worst.Size, moveText(s.worst), harmless(s.worst.Promise), s.plan.plan.Begin.Add(s.worst.Month))
	for _, m := range s.alone {
		if m.Promise == "" {
			fmt.Fprintf(w, "  alone, %s: does not, not even at %s\n", onlyText(m), moveText(m))
			continue
		}
		fmt.Fprintf(w, "  alone, %s: breaks %s in %s\n", moveText(m), harmless(m.Promise), s.plan.plan.Begin.Add(m.Month))
	}
}

// rangeText is one end of the range of an input.
func rangeText(b risk.Bar, x float64) string {
	if b.Added {
		return fmt.Sprintf("%+.1f pt", 100*x)
	}
	if b.From == "planning range" {
		return percents(x)
	}
	return fmt.Sprintf("x %.2f", x)
}

// moveText says a joint move in words.
func moveText(m risk.Move) string {
	var parts []string
	for _, x := range []struct {
		what string
		move float64
	}{{"bitcoin", m.Price}, {"bitcoin per hash", m.Hash}, {"power", m.Power}} {
		if math.Abs(x.move) > 0.0005 {
			parts = append(parts, fmt.Sprintf("%s %+.0f %%", x.what, 100*x.move))
		}
	}
	if m.Delay > 0.05 {
		parts = append(parts, fmt.Sprintf("all projects %.1f months late", m.Delay))
	}
	if len(parts) == 0 {
		return "none is needed: it breaks as planned"
	}
	return strings.Join(parts, ", ")
}

// onlyText is the one input of a move.
func onlyText(m risk.Move) string {
	return []string{"bitcoin", "bitcoin per hash", "power", "delay"}[largest(m.Mix)]
}

func largest(mix [4]float64) (at int) {
	for i, x := range mix {
		if x > mix[at] {
			at = i
		}
	}
	return at
}

// printProof shows how far the figures can be trusted.
func (s *exposure) printProof(w io.Writer) {
	fmt.Fprintf(w, "\nNet present value after more and more futures\n")
	for _, c := range s.result.Converges {
		fmt.Fprintf(w, "  %8s  %10s ± %s\n", commas(strconv.Itoa(c.Paths)), million(c.Mean), million(c.Error))
	}
	if len(s.coverage) == 0 {
		return
	}
	fmt.Fprintf(w, "\nHow the bands of ln hashprice held in the past, from every fourth week (claim 80 %% and 90 %%)\n")
	fmt.Fprintf(w, "  %8s  %8s  %10s  %10s  %10s  %10s\n", "weeks", "origins", "P10 to P90", "P5 to P95", "above P95", "below P5")
	for _, c := range s.coverage {
		if c.Model == path.Joint {
			fmt.Fprintf(w, "  %8d  %8d  %10s  %10s  %10s  %10s\n", c.Weeks, c.Origins, percents(c.Inner), percents(c.Outer), percents(c.Above), percents(c.Below))
		}
	}
}
