package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	gpuhall "sluice/live/hall"
	"sluice/loop/curtail"
	"sluice/unit"
	levers "sluice/use/hosting/shed"
)

// most who are printed of one step.
const mostWho = 6

// tellHall prints a status for people.
func tellHall(w io.Writer, s gpuhall.Status) {
	fmt.Fprintf(w, "hall %s of %s at %s, engine %s\n", clean(s.Hall), clean(s.Site), s.At.UTC().Format("2006-01-02 15:04:05 UTC"), clean(s.Engine))
	switch {
	case !s.Known:
		fmt.Fprintln(w, "power: nobody says")
	case s.Metered:
		fmt.Fprintf(w, "power: %s at the hall's meter", megawatts(s.Power))
	default:
		fmt.Fprintf(w, "power: %s by the GPUs' own sensors: no meter, no proof", megawatts(s.Power))
	}
	if s.AtSite != nil {
		fmt.Fprintf(w, ", %s at the site's", megawatts(*s.AtSite))
	}
	fmt.Fprintln(w)
	var nodes []string
	for _, state := range slices.Sorted(maps.Keys(s.Nodes)) {
		nodes = append(nodes, fmt.Sprintf("%d %s", s.Nodes[state], state))
	}
	fmt.Fprintf(w, "nodes: %s; %d of %d GPUs held; jobs: %d run, %d wait, %d stopped by us\n", strings.Join(nodes, ", "), s.Busy, s.GPUs, s.Running, s.Waiting, s.Stopped)
	if s.Watts.Known {
		fmt.Fprintf(w, "planning power: %s admitted and %s withheld of %s\n", megawatts(s.Watts.Admitted), megawatts(s.Watts.Withheld), megawatts(s.Watts.Budget))
	}
	tellMarket(w, s)
	tellContracts(w, s)
	if s.Event != nil {
		fmt.Fprintln(w)
		tellCurtailment(w, s)
	}
	last := ""
	for i, t := range s.Troubles {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if t.Code != last {
			fmt.Fprintf(w, "%s: %s\n", t.Code, t.Remedy)
			last = t.Code
		}
		row(w, "  %-20s since %s %s", clean(t.Subject), t.Since.UTC().Format(time.TimeOnly), clean(t.Why))
	}
}

// tellMarket prints what the market of the site gave the hall.
func tellMarket(w io.Writer, s gpuhall.Status) {
	if s.Until.IsZero() && s.Bound == 0 {
		return
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.Budgets)) {
		parts = append(parts, clean(name)+" "+megawatts(s.Budgets[name]))
	}
	if s.Bound > 0 {
		parts = append(parts, "at most "+megawatts(s.Bound)+" at the hall's meter")
	}
	fmt.Fprintf(w, "market: %s, until %s\n", strings.Join(parts, ", "), s.Until.UTC().Format("15:04:05 UTC"))
}

func tellContracts(w io.Writer, s gpuhall.Status) {
	fmt.Fprintf(w, "\n%-12s %-10s %6s %8s %8s %8s %10s %10s  %s\n", "contract", "kind", "GPUs", "running", "waiting", "stopped", "GPUs draw", "expected", "available")
	for _, c := range s.Contracts {
		draw, level, expected := "not known", "", ""
		if c.Draw != nil {
			draw = megawatts(*c.Draw)
		}
		if c.Level != nil {
			level = fmt.Sprintf("%.3f %%", 100*c.Level.Float())
		}
		if c.Expected > 0 {
			expected = megawatts(c.Expected)
		}
		if c.Held != "" {
			level = strings.TrimSpace(level + "  queue held by " + clean(c.Held))
		}
		row(w, "%-12s %-10s %6d %8d %8d %8d %10s %10s  %s", clean(c.Contract), c.Kind, c.Sold, c.Running, c.Waiting, c.Stopped, draw, expected, level)
	}
}

// row prints a line without blanks at its end.
func row(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// megawatts is a power for people who think in megawatts; small ones in kilowatts.
func megawatts(p unit.Power) string {
	if p > -unit.Megawatt && p < unit.Megawatt {
		return fmt.Sprintf("%.1f kW", float64(p)/float64(unit.Kilowatt))
	}
	return fmt.Sprintf("%.3f MW", float64(p)/float64(unit.Megawatt))
}

// tellProposal prints a plan with its price.
func tellProposal(w io.Writer, p gpuhall.Proposal) {
	by, hold := "the hall's meter", "until it is released, priced as an hour"
	if !p.Metered {
		by = "the GPUs' own sensors, which is no proof"
	}
	if p.Hold > 0 {
		hold = "for " + p.Hold.String()
	}
	fmt.Fprintf(w, "hall %s: from %s to %s within %s, %s, by %s\n", clean(p.Hall), megawatts(p.From), megawatts(p.To), p.Within, hold, by)
	fmt.Fprintf(w, "\n%-28s %6s %10s %8s %12s\n", "lever", "items", "saves", "shown in", strings.TrimSpace("costs "+string(p.Currency)))
	for _, s := range p.Steps {
		fmt.Fprintf(w, "%-28s %6d %10s %8s %12.2f\n", leverText(s.Lever, s.Firm), len(s.Who), megawatts(s.Saved), s.Ready, s.Cost.Float())
		for i, t := range s.Who {
			if i == mostWho {
				fmt.Fprintf(w, "    and %d more\n", len(s.Who)-i)
				break
			}
			fmt.Fprintf(w, "    %s\n", takenText(t))
		}
	}
	fmt.Fprintf(w, "%-28s %6s %10s %8s %12.2f   no choice within the terms costs less than %.2f\n", "together", "", megawatts(p.Saved), "", p.Cost.Float(), p.Bound.Float())
	fmt.Fprintf(w, "the meter should come to %s\n", megawatts(p.Lands))
	if p.Short > 0 {
		fmt.Fprintf(w, "NOT ENOUGH: %s are missing; nothing within the terms and the time gives them\n", megawatts(p.Short))
	}
	for i, t := range p.Next {
		if i == 0 {
			fmt.Fprintln(w, "next on the list:")
		}
		if i == 3 {
			break
		}
		fmt.Fprintf(w, "    %s\n", takenText(t))
	}
	if n := len(p.Unread); n > 0 {
		fmt.Fprintf(w, "%d jobs run on nodes that do not say what they draw: nothing is claimed for them\n", n)
	}
}

func leverText(l levers.Lever, firm bool) string {
	switch l {
	case levers.Hold:
		return "admit nothing more"
	case levers.Cap:
		return "lower power limits"
	case levers.Off:
		return "switch empty nodes off"
	case levers.Evict:
		if firm {
			return "evict firm tenants"
		}
		return "evict preemptible jobs"
	}
	return string(l)
}

// takenText is what one job or node gives.
func takenText(t gpuhall.Taken) string {
	what := string(t.Lever)
	switch t.Lever {
	case levers.Cap:
		what = fmt.Sprintf("%s a GPU, %.1f %% slower", t.Limit, 100*t.Slow.Float())
	case levers.Evict:
		what = "evicted"
	case levers.Off:
		what = "switched off"
	case levers.Hold:
	}
	who := t.Contract
	if t.Firm {
		who += ", firm"
	}
	if t.GPUs == 0 {
		return fmt.Sprintf("%-20s %s, %s for %.2f", clean(t.Item), what, megawatts(t.Saved), t.Cost.Float())
	}
	return fmt.Sprintf("%-20s (%s, %d GPUs) %s: %s for %.2f", clean(t.Item), clean(who), t.GPUs, what, megawatts(t.Saved), t.Cost.Float())
}

// progressLine is how far an event is, in a line.
func progressLine(s gpuhall.Status) string {
	e := s.Event
	stages := map[curtail.Stage]int{}
	for _, a := range e.Acts {
		stages[a.Stage]++
	}
	power := "nobody says what the hall draws"
	if s.Known {
		power = "the hall draws " + megawatts(s.Power)
	}
	return fmt.Sprintf("%s  %s, %s to come to; %d acts, %d of them seen", s.At.UTC().Format(time.TimeOnly), power, megawatts(e.Order.To), len(e.Acts), stages[curtail.Seen])
}

// tellCurtailment prints an event as the meters show it.
func tellCurtailment(w io.Writer, s gpuhall.Status) {
	e := s.Event
	proven := "no meter proves it"
	if e.Proven {
		proven = "proven by the hall's meter"
	}
	if e.Phase == curtail.Done {
		proven = "what was reached:"
	}
	fmt.Fprintf(w, "curtailment %s is %s since %s: %s\n", e.Order.Event, e.Phase, e.Since.UTC().Format(time.TimeOnly), proven)
	fmt.Fprintf(w, "ordered: %s by %s; planned damage %.2f\n", megawatts(e.Order.To), e.By.UTC().Format("15:04:05 UTC"), e.Cost.Float())
	fmt.Fprintf(w, "%-18s %10s %10s %10s %10s\n", "meter", "before", "now", "fell", "planned")
	if s.Metered {
		tellFall(w, "hall "+s.Hall, e.Outcome.Hall)
	} else {
		tellFall(w, "(sum of GPUs)", e.Outcome.Hall)
	}
	if e.Outcome.Site.Known {
		tellFall(w, "site", e.Outcome.Site)
	}
	tellRacks(w, e.Outcome.Racks)
	if len(e.Held) > 0 {
		fmt.Fprintf(w, "held queues: %s; withheld: %s\n", strings.Join(e.Held, ", "), megawatts(e.Kept))
	}
}

// mostRacks are printed of an outcome.
const mostRacks = 8

// tellRacks prints the racks that fell most.
func tellRacks(w io.Writer, racks map[string]curtail.Fall) {
	var names []string
	for name, r := range racks {
		if r.Planned > 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(racks[b].Planned, racks[a].Planned), cmp.Compare(a, b))
	})
	for i, name := range names {
		if i == mostRacks {
			fmt.Fprintf(w, "and %d racks more\n", len(names)-i)
			break
		}
		tellFall(w, name, racks[name])
	}
}

func tellFall(w io.Writer, name string, f curtail.Fall) {
	if !f.Known {
		fmt.Fprintf(w, "%-18s %10s %10s\n", clean(name), megawatts(f.Before), "silent")
		return
	}
	fmt.Fprintf(w, "%-18s %10s %10s %10s %10s\n", clean(name), megawatts(f.Before), megawatts(f.Now), megawatts(f.Fell()), megawatts(f.Planned))
}

// tellJobs prints the jobs.
func tellJobs(w io.Writer, all []gpuhall.Job) {
	fmt.Fprintf(w, "%-22s %-12s %-10s %-9s %5s %10s %8s  %s\n", "job", "contract", "tenant", "state", "GPUs", "GPUs draw", "limit", "why")
	for _, j := range all {
		draw, limit, why := "", "", j.Why
		if j.Draw != nil {
			draw = megawatts(*j.Draw)
		}
		if j.Capped > 0 {
			limit = j.Capped.String()
		}
		if j.Position > 0 {
			why = fmt.Sprintf("%d. in queue: %s", j.Position, why)
		}
		row(w, "%-22s %-12s %-10s %-9s %5d %10s %8s  %s", clean(j.ID), clean(j.Of), clean(j.Tenant), j.State, j.GPUs, draw, limit, clean(why))
	}
}

func tellWhy(w io.Writer, r gpuhall.Reason) {
	fmt.Fprintf(w, "%s of %s (%s, %d GPUs) is %s\n", clean(r.Job.ID), clean(r.Job.Of), clean(r.Job.Tenant), r.Job.GPUs, r.Job.State)
	for _, b := range r.Because {
		fmt.Fprintf(w, "  %s\n", clean(b))
	}
}

func tellUsage(w io.Writer, u gpuhall.Used) {
	fmt.Fprintf(w, "from %s, metered until %s\n", u.From.UTC().Format("2006-01-02 15:04 UTC"), u.Now.UTC().Format("2006-01-02 15:04 UTC"))
	fmt.Fprintf(w, "%-12s %-12s %12s %12s %14s\n", "contract", "tenant", "GPU-hours", "IT MWh", "with cooling")
	for _, l := range u.Lines {
		mark := ""
		if l.Estimated {
			mark = "energy estimated in part"
		}
		if l.Held > 0 {
			mark = strings.TrimSpace(fmt.Sprintf("%s; %d lines held", mark, l.Held))
		}
		row(w, "%-12s %-12s %12.2f %12.4f %14.4f  %s", clean(l.Contract), clean(l.Tenant), float64(l.GPUSeconds)/3600, l.IT.MWh(), l.Facility.MWh(), strings.TrimPrefix(mark, "; "))
	}
	tellWitness(w, u.Witness)
	for i, v := range u.Balances {
		if i == 0 {
			fmt.Fprintf(w, "\n%-18s %12s %14s %8s\n", "hour", "meter MWh", "unexplained", "share")
		}
		fmt.Fprintf(w, "%-18s %12.4f %14.4f %7.2f%%  %s\n", time.Unix(v.Stretch.From, 0).UTC().Format("2006-01-02 15:04"), v.Total.MWh(), v.Residual.MWh(), 100*v.Share().Float(), v.Standing)
	}
}

// tellWitness says how far somebody else confirms the GPU-seconds of the engine.
func tellWitness(w io.Writer, x gpuhall.Witnessed) {
	switch {
	case x.Agree+x.Disputed > 0:
		fmt.Fprintf(w, "second witness, by hour and contract: %d agree, %d disputed, %d not compared; last the hour from %s, %.1f %% of its GPU-seconds seen\n",
			x.Agree, x.Disputed, x.Open, x.Last.UTC().Format("15:04 UTC"), 100*x.Seen.Float())
	case x.Open > 0:
		fmt.Fprintln(w, "second witness: nothing was compared")
	default:
		fmt.Fprintln(w, "second witness: nothing to compare yet")
	}
	if x.Open > 0 {
		fmt.Fprintf(w, "  not compared: %s\n", clean(x.Why))
	}
}

func tellHallCurves(w io.Writer, all []gpuhall.Curve) {
	for _, c := range all {
		fmt.Fprintf(w, "%s on %s: %s, %s; %d observations here\n", clean(c.Contract), clean(c.Model), c.Curve.Standing, clean(c.Curve.Source), c.Seen)
		fmt.Fprintf(w, "  %10s %8s %8s %8s\n", "limit", "speed", "power", "careful")
		for _, p := range c.Levels {
			fmt.Fprintf(w, "  %10s %8.3f %8.3f %8.3f\n", p.Limit, p.Speed.Float(), p.Power.Float(), p.Low.Float())
		}
		if f := c.Forecast; !f.At.IsZero() {
			fmt.Fprintf(w, "  load: last %s IT, at most %s expected\n", megawatts(f.Last), megawatts(f.All.Most))
		}
	}
}
