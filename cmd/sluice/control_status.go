package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/live"
)

// tellStatus prints a status for people.
func tellStatus(w io.Writer, s live.Status) {
	fmt.Fprintf(w, "%s at %s\n", s.Site, s.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	switch {
	case s.Stopped:
		fmt.Fprintln(w, "STOPPED: everything sleeps until two people resume")
	case s.ShedOnly:
		fmt.Fprintln(w, "SHED ONLY: nothing is raised until the program was started again")
	case s.Halted != "":
		fmt.Fprintf(w, "nothing rises now: %s%s\n", s.Halted, untilText(s.Until))
	}
	tellMode(w, s)
	fmt.Fprintf(w, "%-20s %12s %12s %12s\n", "limit of", "at most", "reserved", "unexplained")
	for _, g := range s.Groups {
		stale := ""
		if g.StaleMeter {
			stale = "  its meter is stale: nothing rises"
		}
		fmt.Fprintf(w, "%-20s %12s %12s %12s%s\n", clean(g.Name), g.Limit, g.Reserved, g.Unmeasured, stale)
	}
	for _, m := range s.Meters {
		if m.Known {
			fmt.Fprintf(w, "meter %-14s %12s at %s\n", clean(m.Name), m.Power, m.At.UTC().Format(time.TimeOnly))
		} else {
			fmt.Fprintf(w, "meter %-14s      not heard yet\n", clean(m.Name))
		}
	}
	fmt.Fprintf(w, "\n%-24s %8s %8s %12s %12s\n", "use", "machines", "running", "stated", "ordered")
	for _, u := range s.Uses {
		fmt.Fprintf(w, "%-24s %8d %8d %12s %12s\n", clean(u.Use), u.Machines, u.Running, u.Draw, u.Target)
	}
	fmt.Fprintf(w, "machines: %d running, %d asleep, %d not known; %d orders wait for their proof\n", s.Machines.Running, s.Machines.Asleep, s.Machines.Unknown, s.Machines.Proving)
	tellHalls(w, s)
	tellWork(w, s)
	tellWays(w, s)
	tellTroubles(w, s)
}

// tellHalls prints the halls of GPUs that take budgets of the market.
func tellHalls(w io.Writer, s live.Status) {
	for _, h := range s.Halls {
		fmt.Fprintf(w, "hall %-18s draws %s, reserved %s%s\n", clean(h.Hall), h.Power, h.Most, hallState(h))
		for _, use := range slices.Sorted(maps.Keys(h.Budgets)) {
			fmt.Fprintf(w, "  budget of %-24s %12s\n", clean(use), h.Budgets[use])
		}
	}
}

// hallState says what is special about a hall.
func hallState(h live.HallStatus) string {
	out := ""
	switch {
	case h.Trouble != "":
		out = ": " + h.Trouble
	case !h.Steered:
		out = ": not steered before closed_all"
	case h.Waits:
		out = ": gets more as soon as machines have made room"
	}
	if h.Bound > 0 {
		out += fmt.Sprintf("; bound to %s at its meter", h.Bound)
	}
	return out
}

// tellMode prints how far the site may act by itself.
func tellMode(w io.Writer, s live.Status) {
	m := s.Mode
	if m == nil {
		fmt.Fprintf(w, "mode: every machine was entrusted at the start; %d of %d\n\n", s.Trusted, s.Machines.All)
		return
	}
	fmt.Fprintf(w, "mode: %s, %d of %d machines entrusted\n", m.Stage, s.Trusted, s.Machines.All)
	for _, x := range m.Missing {
		if m.Next == "" {
			break // the highest stage needs nothing more
		}
		fmt.Fprintf(w, "  %s still needs %s\n", m.Next, x)
	}
	if m.Ready && m.Next != "" {
		fmt.Fprintf(w, "  ready for %s: sluice control promote\n", m.Next)
	}
	for _, x := range m.Eased {
		fmt.Fprintf(w, "  asked less for than usual: %s\n", x)
	}
	for _, q := range m.Requests {
		fmt.Fprintf(w, "  request %d by %s: %s %s until %s\n", q.Number, clean(q.By), q.Kind, q.To, q.Until().UTC().Format(time.TimeOnly))
	}
	for _, r := range m.Advice {
		fmt.Fprintf(w, "  recommendation %d (%s): %s\n", r.Number, r.State, clean(r.What))
	}
	fmt.Fprintln(w)
}

// tellWays prints the last window of each group that a pool credited.
func tellWays(w io.Writer, s live.Status) {
	for _, x := range s.Ways {
		name, says := x.Group, "nothing found"
		if name == "" {
			name = "the site"
		}
		if x.Finding != "" {
			says = strings.ToUpper(string(x.Finding))
		}
		fmt.Fprintf(w, "three ways of %s: %s; %s\n", clean(name), says, x)
	}
}

func untilText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + t.UTC().Format("15:04:05 UTC")
}

// tellWork prints what was planned, ordered and earned.
func tellWork(w io.Writer, s live.Status) {
	for _, why := range slices.Sorted(maps.Keys(s.Why)) {
		fmt.Fprintf(w, "not raised, %s: %d machines\n", why, s.Why[why])
	}
	fmt.Fprintf(w, "orders: %d sent, %d of them raises; %d were already so; %d proofs; %d readings, %d of them lost\n",
		s.Orders.Orders, s.Orders.Raises, s.Orders.Already, s.Orders.Proofs, s.Orders.Reads, s.Orders.Lost)
	if s.Plan != nil {
		fmt.Fprintf(w, "\nplan from %s, power here is worth %.2f per MWh (%s)\n", s.Plan.At.UTC().Format("15:04 UTC"), s.Plan.Price.Float(), s.Plan.Solver)
		for _, u := range s.Plan.Uses {
			fmt.Fprintf(w, "  %-24s %12s  %s\n", clean(u.Use), u.Draw, u.Reason)
		}
	}
	tell := func(name string, e live.Earned) {
		fmt.Fprintf(w, "%-20s %14.2f in %d intervals, %.3f MWh bought", name, e.Margin.Float(), e.Intervals, e.Energy.MWh())
		if e.Unpriced > 0 {
			fmt.Fprintf(w, "; %d intervals wait for their price", e.Unpriced)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	tell("earned", s.Earned)
	tell("would have earned", s.Shadow)
}

// tellTroubles prints the machines that need somebody, by what they need.
func tellTroubles(w io.Writer, s live.Status) {
	if len(s.Troubles) == 0 {
		return
	}
	fmt.Fprintln(w)
	last := live.Trouble("")
	for _, t := range s.Troubles {
		if t.Code != last {
			fmt.Fprintf(w, "%s: %s\n", t.Code, t.Remedy)
			last = t.Code
		}
		fmt.Fprintf(w, "  %-15s %-10s since %s\n", t.Machine, t.Family, t.Since.UTC().Format(time.TimeOnly))
	}
}
