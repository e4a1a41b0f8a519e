package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"sluice/capital"
	"sluice/capital/treasury"
)

// inMillions is an amount in millions with two decimals.
func inMillions(v float64) string {
	return commas(planSign(strconv.FormatFloat(v/1e6, 'f', 2, 64)))
}

// inWhole is a number without decimals.
func inWhole(v float64) string { return commas(planSign(strconv.FormatFloat(v, 'f', 0, 64))) }

// inTenths is a number with one decimal.
func inTenths(v float64) string { return commas(planSign(strconv.FormatFloat(v, 'f', 1, 64))) }

// inPercent is a share as a percentage with one decimal.
func inPercent(v float64) string { return planSign(strconv.FormatFloat(100*v, 'f', 1, 64)) + " %" }

// signed is a share as a percentage with its sign.
func signed(v float64) string {
	text := inPercent(v)
	if v > 0 && text != "0.0 %" {
		return "+" + text
	}
	return text
}

// print shows the report for people.
func (s *treasuryReport) print(w io.Writer) {
	p := s.plan.plan
	whole := s.windows[0].path
	fmt.Fprintf(w, "%s: its coins under %d policies, on %d weeks from %s to %s, in %s\n", harmless(p.Name), len(s.choices), len(whole.Price), mondayOf(whole, 0), lastDay(whole), harmless(p.Currency))
	for _, x := range s.warns {
		fmt.Fprintf(w, "WARNING: %s\n", x)
	}
	s.printMiner(w)
	for i := range s.windows {
		s.printWindow(w, &s.windows[i])
	}
	s.printCalls(w)
	s.printPledges(w)
	s.printHeld(w)
	s.printHedges(w)
	s.printFutures(w)
}

// mondayOf is the first day of a week.
func mondayOf(p treasury.Path, week int) string { return p.Begin[week].Format(time.DateOnly) }

func lastDay(p treasury.Path) string {
	return p.Begin[len(p.Begin)-1].AddDate(0, 0, 6).Format(time.DateOnly)
}

// printMiner shows whose treasury it is.
func (s *treasuryReport) printMiner(w io.Writer) {
	m, p := s.miner, s.plan.plan
	fmt.Fprintf(w, "\nThe miner: all sites of the plan together in its first year, where nothing is converted\n")
	fmt.Fprintf(w, "  machines       %s MW at the meter, %s PH/s at %s J/TH, PUE %.2f, pool fee %s\n", inTenths(m.mw), inWhole(m.PH), inTenths(m.Efficiency), m.PUE, inPercent(m.Fee))
	fmt.Fprintf(w, "  running        %s of the time: uptime %s, of that the %s of the hours that cost less than they earn\n", inPercent(m.Uptime), inPercent(m.standby), inPercent(m.runs))
	fmt.Fprintf(w, "  power          %s a MWh in those hours, other cost of mining in it; it stops in weeks that earn less\n", commas(fmt.Sprintf("%.2f", m.Power)))
	fmt.Fprintf(w, "  a week costs   %s: power %s, operations and company %s, debt service %s\n", inWhole(m.bills()), inWhole(m.bills()-m.Opex-m.Service), inWhole(m.Opex), inWhole(m.Service))
	fmt.Fprintf(w, "  at the begin   %s in cash, %s BTC; each window begins anew with them\n", inWhole(m.Cash), inTenths(m.BTC))
	if s.in.efficiency > 0 {
		old := m.older(s.in.efficiency)
		fmt.Fprintf(w, "  on recorded weeks the same power runs machines of %s J/TH: %s PH/s (--j-per-th)\n", inTenths(old.Efficiency), inWhole(old.PH))
	}
	says := []string{"projects, rents, taxes, growth of costs and renewal of machines"}
	if len(p.Rounds) > 0 {
		says = append(says, "money paid in later")
	}
	if m.project > 0 {
		says = append(says, fmt.Sprintf("loans that belong to projects or are drawn later: %d", m.project))
	}
	fmt.Fprintf(w, "  left out       %s\n", strings.Join(says, "; "))
	s.printChoices(w)
}

// printChoices says what each policy does.
func (s *treasuryReport) printChoices(w io.Writer) {
	fmt.Fprintf(w, "\nThe policies. All sell what bills lack; a week mines, pays, sells, and then meets its lenders.\n")
	for _, c := range s.choices {
		fmt.Fprintf(w, "  %-16s %s\n", c.Name, policyText(c.Policy))
	}
}

// policyText says in words what a policy does.
func policyText(p treasury.Policy) string {
	var says string
	switch p.Kind {
	case treasury.Hold:
		says = "sells nothing of its own"
	case treasury.SellAll:
		says = "sells every coin that is not pledged"
	case treasury.Part:
		says = fmt.Sprintf("sells %s of what was mined in the week", inPercent(p.Share))
	case treasury.Cover:
		says = fmt.Sprintf("sells what the bills of %g days lack in cash", p.Cover)
	case treasury.Threshold:
		says = fmt.Sprintf("fills cash to %s M, keeps BTC between %s and %s of the treasury", inMillions(p.Floor), inPercent(p.Least), inPercent(p.Share))
		if p.Ceiling > 0 {
			says += fmt.Sprintf(" while cash is below %s M", inMillions(p.Ceiling))
		}
	case treasury.Average:
		says = fmt.Sprintf("sells %s of the free coins every %d weeks", inPercent(p.Share), p.Every)
		if p.Evenly {
			says += ", in even parts over them"
		}
	}
	if p.Keep > 0 {
		says += fmt.Sprintf("; leaves %s BTC alone", inTenths(p.Keep))
	}
	return says
}

// printWindow shows what each policy came to.
func (s *treasuryReport) printWindow(w io.Writer, x *treasuryWindow) {
	p := x.path
	first, last := p.Price[0], p.Price[len(p.Price)-1]
	fmt.Fprintf(w, "\n%s: %d weeks from %s, a coin from %s to %s (%s)\n", sentence(x.name), len(p.Price), mondayOf(p, 0), inWhole(first), inWhole(last), signed(last/first-1))
	for i, l := range s.plan.plan.Pledges {
		s.printLent(w, l, x.lent[i])
	}
	fmt.Fprintf(w, "  %-16s%10s%10s%10s%10s  %-9s%10s%10s%10s%7s\n", "million", "end cash", "end BTC", "net", "least", "cash out", "BTC sold", "at mean", "seized", "calls")
	for i, c := range s.choices {
		r := x.reports[i]
		out, mean := "never", "-"
		if r.Out >= 0 {
			out = p.Begin[r.Out].Format("2006-01")
		}
		if r.Sold > 0 {
			mean = inWhole(r.Mean)
		}
		fmt.Fprintf(w, "  %-16s%10s%10s%10s%10s  %-9s%10s%10s%10s%7d\n", c.Name, inMillions(r.Cash), inTenths(r.BTC), inMillions(r.Net), inMillions(r.Least), out, inTenths(r.Sold), mean, inTenths(r.Seized), r.Called)
	}
	if off := x.reports[0].Off; off > 0 {
		fmt.Fprintf(w, "  The machines stood still in %d of the weeks.\n", off)
	}
}

// printLent says how much of a pledge the coins carry.
func (s *treasuryReport) printLent(w io.Writer, l capital.Pledge, lent float64) {
	if lent < l.Amount-1 {
		fmt.Fprintf(w, "  %s: %s M of %s M are lent, since the coins at the begin carry no more\n", harmless(l.Name), inMillions(lent), inMillions(l.Amount))
	}
}

// sentence is a text with a capital letter.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// callsMost is how many rows of the table of calls are printed.
const callsMost = 24

// printCalls shows what lenders did under the plan's own policy.
func (s *treasuryReport) printCalls(w io.Writer) {
	if len(s.plan.plan.Pledges) == 0 {
		return
	}
	own := len(s.choices) - 1
	fmt.Fprintf(w, "\nCalls of the lenders under the plan's own policy; a call that is not met in its week ends in a sale\n")
	for i := range s.windows {
		x := &s.windows[i]
		rows := callsOf(x.reports[own])
		if len(rows) == 0 {
			fmt.Fprintf(w, "  %s: none\n", sentence(x.name))
			continue
		}
		fmt.Fprintf(w, "  %s\n  %-12s%-14s%10s%9s%9s%12s%11s%10s%10s\n", sentence(x.name), "week of", "loan", "price", "LTV", "after", "pledged BTC", "repaid M", "sold BTC", "due M")
		for k, c := range rows {
			if k == callsMost {
				fmt.Fprintf(w, "  and %d more: see --json\n", len(rows)-k)
				break
			}
			fmt.Fprintf(w, "  %-12s%-14s%10s%9s%9s%12s%11s%10s%10s\n", mondayOf(x.path, c.Week), clip(harmless(x.loans[c.Loan].Name), 13), inWhole(c.Price), inPercent(c.Before), inPercent(c.After), inTenths(c.Coins), inMillions(c.Cash), inTenths(c.Sold), inMillions(c.Due))
		}
	}
}

// callsOf is the calls of a report without what only gave coins back.
func callsOf(r treasury.Report) (out []treasury.Call) {
	for _, c := range r.Calls {
		if c.Released == 0 {
			out = append(out, c)
		}
	}
	return out
}

// printPledges shows what a loan against coins may cost before it is made.
func (s *treasuryReport) printPledges(w io.Writer) {
	if len(s.pledges) == 0 {
		return
	}
	x := s.pledges[0]
	fmt.Fprintf(w, "\nBefore coins are pledged: at %s a coin, and how likely each level is touched within a year\n", inWhole(x.price))
	fmt.Fprintf(w, "  %-16s%8s%10s%10s  %-12s%8s%10s%10s%10s\n", "", "LTV", "lent M", "BTC", "", "at LTV", "price", "formula", "history")
	for _, x := range s.pledges {
		l := x.pledge
		told := func(k int) string {
			if x.begins == 0 {
				return "-"
			}
			return inPercent(x.recorded[k])
		}
		fmt.Fprintf(w, "  %-16s%8s%10s%10s  %-12s%8s%10s%10s%10s\n", clip(harmless(l.Name), 15), inPercent(l.LTV), inMillions(x.lent), inTenths(x.coins), "call", inPercent(l.Call), inWhole(x.call), inPercent(x.formula[0]), told(0))
		fmt.Fprintf(w, "  %-16s%8s%10s%10s  %-12s%8s%10s%10s%10s\n", "", "", "", "", "liquidation", inPercent(l.Liquidate), inWhole(x.sold), inPercent(x.formula[1]), told(1))
		s.printLent(w, l, x.lent)
	}
	fmt.Fprintf(w, "  The formula is that of a random walk watched at every moment, at %s of volatility a year and no drift; these days had %s.\n", inPercent(s.in.volatility), inPercent(x.moved))
	if x.begins == 0 {
		fmt.Fprintf(w, "  The history is shorter than a year, so it has no share to tell: give a longer one.\n")
		return
	}
	fmt.Fprintf(w, "  The history is the share of %s days on which a loan could begin; their years overlap, and are about %s cases of their own.\n", inWhole(float64(x.begins)), inWhole(max(math.Floor(float64(x.begins)/yearDays), 1)))
}

// printHeld shows holding against selling.
func (s *treasuryReport) printHeld(w io.Writer) {
	if len(s.held) == 0 {
		return
	}
	fmt.Fprintf(w, "\nHolding what is mined in some weeks to their end, against selling each week and lending the money at %s\n", inPercent(s.in.rate))
	fmt.Fprintf(w, "  %7s%10s%14s%14s%12s%10s%10s\n", "weeks", "windows", "apart", "holding won", "ahead: P5", "P50", "P95")
	for _, h := range s.held {
		fmt.Fprintf(w, "  %7d%10s%14s%14s%12s%10s%10s\n", h.Weeks, inWhole(float64(h.Ratio.N)), inWhole(float64(s.apart(h))), inPercent(h.Won), signed(h.Ratio.P5), signed(h.Ratio.P50), signed(h.Ratio.P95))
	}
	fmt.Fprintf(w, "  Windows overlap: one a week is no new draw. \"apart\" is how many of them share no week, and so many cases there are.\n")
}

// apart is how many windows fit beside each other.
func (s *treasuryReport) apart(h treasury.Held) int { return len(s.windows[0].path.Price) / h.Weeks }

// printHedges shows what the hedges of the plan moved, and cost.
func (s *treasuryReport) printHedges(w io.Writer) {
	p := s.plan.plan
	if len(p.Hedges) == 0 {
		return
	}
	fmt.Fprintf(w, "\nHedges of the plan, under its own policy\n")
	for _, h := range p.Hedges {
		market, of := p.Market.Price, "the price"
		if h.Kind == capital.HashForward {
			market, of = market*s.plan.model.Base().Hash[0], "the hashprice"
		}
		fmt.Fprintf(w, "  %s: %s, %s to %s, %g a month at %s (%s of %s at the begin), cost %s\n", harmless(h.Name), h.Kind, h.From, h.To.Add(-1), h.Size, commas(fmt.Sprintf("%g", h.Strike)), inPercent(h.Strike/market), of, commas(fmt.Sprintf("%g", h.Cost)))
	}
	for _, x := range s.hedged {
		if x.years != nil {
			s.printHedgedPast(w, x)
			continue
		}
		s.printHedgedFutures(w, x)
	}
}

func (s *treasuryReport) printHedgedPast(w io.Writer, x treasuryHedged) {
	fmt.Fprintf(w, "  On the history they are made anew whenever they end, at the same part of the market and of the machines: %d months of hedges.\n", x.months)
	fmt.Fprintf(w, "  %-10s%13s%13s%20s%10s%19s%10s\n", "million", "hedges cost", "hedges net", "cash flow without", "with", "BTC held without", "with")
	for _, y := range x.years {
		fmt.Fprintf(w, "  %-10d%13s%13s%20s%10s%19s%10s\n", y.year, inMillions(y.paid), inMillions(y.net), inMillions(y.without), inMillions(y.with), inTenths(y.coins[0]), inTenths(y.coins[1]))
	}
	fmt.Fprintf(w, "  Where the policy sells what bills lack, what hedges bring is coins that need not be sold. They cost %s M, brought %s M%s.\n", inMillions(x.paid), inMillions(x.got), x.took())
	for _, o := range []struct {
		name string
		treasury.Outcome
	}{{"without", x.without}, {"with", x.with}} {
		out := "never ran out"
		if o.Out >= 0 {
			out = "ran out in " + x.path.Begin[o.Out].Format("2006-01")
		}
		fmt.Fprintf(w, "  %-8s end cash %s M, %s BTC, net %s M, least cash %s M, cash %s\n", o.name, inMillions(o.Cash), inTenths(o.BTC), inMillions(o.Net), inMillions(o.Least), out)
	}
}

// took says what hedges gave up.
func (h *treasuryHedged) took() string {
	if h.gave < 1 {
		return ""
	}
	return ", and took " + inMillions(h.gave) + " M where the market went the other way"
}

func (s *treasuryReport) printHedgedFutures(w io.Writer, x treasuryHedged) {
	fmt.Fprintf(w, "  On %s futures, in their own months (%d within the horizon): in the mean they cost %s M, brought %s M%s.\n", inWhole(float64(s.futures.paths)), x.months, inMillions(x.paid), inMillions(x.got), x.took())
	for i, name := range []string{"without", "with"} {
		r := x.ranked[i]
		fmt.Fprintf(w, "  %-8s cash runs out on %s ± %s, CFaR %s M ± %s, net assets %s M in the mean, %s M at P5\n", name, inPercent(r.Out), inPercent(r.OutError), inMillions(r.CFaR), inMillions(r.CFaRError), inMillions(r.Net.Mean), inMillions(r.Net.P5))
	}
}

// printFutures shows the ranking.
func (s *treasuryReport) printFutures(w io.Writer) {
	f := s.futures
	if f == nil {
		return
	}
	fmt.Fprintf(w, "\nOn %s futures of %.1f years, seed %d, best first: least likely to run out, then least cash flow at risk\n", inWhole(float64(f.paths)), float64(f.weeks)*7/365, s.in.seed)
	fmt.Fprintf(w, "  Drawn from %d weeks, %s to %s, in blocks; the rise of the price in them is taken out, and drift is the plan's.\n", f.facts.Weeks, f.facts.From.Format(time.DateOnly), f.facts.To.AddDate(0, 0, -1).Format(time.DateOnly))
	for i, l := range s.plan.plan.Pledges {
		s.printLent(w, l, f.lent[i])
	}
	fmt.Fprintf(w, "  %-16s%16s%19s%11s%20s%10s%10s%9s%9s\n", "million", "cash runs out", "CFaR, 52 weeks", "planned", "net assets, mean", "P5", "P95", "called", "seized")
	for _, r := range f.ranked {
		fmt.Fprintf(w, "  %-16s%16s%19s%11s%20s%10s%10s%9s%9s\n", r.Name, inPercent(r.Out)+" ± "+inTenths(100*r.OutError), inMillions(r.CFaR)+" ± "+inMillions(r.CFaRError), inMillions(r.Plan),
			inMillions(r.Net.Mean)+" ± "+inMillions(r.Net.Error), inMillions(r.Net.P5), inMillions(r.Net.P95), inPercent(r.Called), inTenths(r.SeizedMean))
	}
	fmt.Fprintf(w, "  CFaR is what the cash flow of the first 52 weeks falls short of the planned one in the worst 5 %%; sales are in it. Seized is BTC in the mean.\n")
}
