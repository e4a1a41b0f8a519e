package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	counter "sluice/server/tenant"
	"sluice/unit"
)

// inColumns lines up what is written to it with tabs.
func inColumns(w io.Writer, write func(w io.Writer)) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write(t)
	_ = t.Flush()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

func stampOr(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return stamp(*t)
}

// text is what stands at a pointer, or what stands for nothing.
func text(p *string, none string) string {
	if p == nil {
		return none
	}
	return harmless(*p)
}

// cents is an amount with two decimals for people.
func cents(p *string) string {
	if p == nil {
		return "-"
	}
	v, err := unit.ParseMicro(*p)
	if err != nil {
		return harmless(*p)
	}
	return shown(unit.Amount(v), 2)
}

// sizeText is how much is asked for: GPUs of a model, or kilowatts.
func sizeText(gpus, kw int, model string) string {
	if kw > 0 {
		return fmt.Sprintf("%d kW", kw)
	}
	return fmt.Sprintf("%d %s", gpus, harmless(model))
}

func sayQuote(w io.Writer, q counter.Quote) {
	fmt.Fprintf(w, "%s in %s, %s, %s to %s\n", sizeText(q.GPUs, q.KW, q.Model), harmless(q.Hall), harmless(q.Kind), stamp(q.From), stampOr(q.Until, "open end"))
	says := "can be had"
	if !q.Available {
		says = "cannot be had then; from " + stampOr(q.Soonest, "no instant that is known") + " on it can"
		if q.Soonest == nil {
			says = "cannot be had: nothing that is known of lets it in later"
		}
	}
	fmt.Fprintln(w, "  "+says)
	if q.Why != "" {
		fmt.Fprintln(w, "  "+harmless(q.Why))
	}
	if !q.Sure {
		fmt.Fprintln(w, "  not sure: the operator has to look at the calendar first")
	}
	if q.Price == nil {
		fmt.Fprintln(w, "  no price: "+harmless(q.Priced))
		return
	}
	per := "GPU-hour"
	if q.KW > 0 {
		per = "kW and month"
	}
	fmt.Fprintf(w, "  %s %s a %s: %s\n", text(q.Price, ""), harmless(q.Currency), per, harmless(q.Priced))
	if q.Total != nil {
		fmt.Fprintf(w, "  %s %s for the whole term\n", cents(q.Total), harmless(q.Currency))
	}
}

func sayReservation(w io.Writer, r counter.Reservation) { sayReservations(w, []counter.Reservation{r}) }

func sayReservations(w io.Writer, all []counter.Reservation) {
	if len(all) == 0 {
		fmt.Fprintln(w, "nothing was asked for")
	}
	for _, r := range all {
		fmt.Fprintf(w, "%s  %s  %s: %s, %s, %s to %s\n", r.ID, harmless(r.Key), stateText(r), sizeText(r.GPUs, r.KW, r.Model), harmless(r.Kind), stamp(r.From), stampOr(r.Until, "open end"))
		if r.Why != "" {
			fmt.Fprintf(w, "  %s\n", harmless(r.Why))
		}
		if r.Contract != "" {
			fmt.Fprintf(w, "  contract %s\n", harmless(r.Contract))
		}
	}
}

func stateText(r counter.Reservation) string {
	if r.State == "asked" {
		return "waits for the operator"
	}
	return harmless(r.State) + " by " + harmless(r.By)
}

func sayJobs(w io.Writer, all []counter.Job) {
	if len(all) == 0 {
		fmt.Fprintln(w, "no jobs of yours are known: see 'sluice tenant access' for your accounts")
		return
	}
	inColumns(w, func(w io.Writer) {
		fmt.Fprintln(w, "JOB\tSTATE\tGPUS\tPLACE\tCONTRACT\tWHY")
		for _, j := range all {
			place, why := "", ""
			if j.Position != nil {
				place = strconv.Itoa(*j.Position)
			}
			if j.Reason != nil {
				why = string(j.Reason.Cause) + ": " + j.Reason.Says
				if j.Reason.Remedy != "" {
					why += "; " + j.Reason.Remedy
				}
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", harmless(j.ID), harmless(j.State), j.GPUs, place, harmless(j.Contract), harmless(why))
		}
	})
}

func sayUsage(w io.Writer, u counter.Usages) {
	fmt.Fprintf(w, "%s to %s, %d intervals\n", stamp(u.From), stamp(u.To), len(u.Rows))
	inColumns(w, func(w io.Writer) {
		for _, s := range u.Sums {
			in, mark := "GPU-hours", ""
			if s.Measure == "J" {
				in = "kWh"
			}
			if s.Estimated {
				mark = "some of it estimated"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", harmless(s.Contract), harmless(s.Component), harmless(s.In), in, mark)
		}
	})
	if u.Next != nil {
		fmt.Fprintln(w, "there is more: ask for a shorter stretch")
	}
	for _, h := range u.Held {
		fmt.Fprintf(w, "not billed yet: %s of %s, %s to %s: %s\n", harmless(h.Component), harmless(h.Contract), stamp(h.From), stamp(h.To), harmless(h.Why))
	}
}

func sayJobUse(w io.Writer, answer json.RawMessage) {
	var all []counter.JobUse
	if json.Unmarshal(answer, &all) != nil || len(all) == 0 {
		fmt.Fprintln(w, "no job of yours used anything")
		return
	}
	inColumns(w, func(w io.Writer) {
		fmt.Fprintln(w, "JOB\tCONTRACT\tGPU-HOURS\tKWH\tREAD")
		for _, j := range all {
			read := "all of it"
			if j.Estimated {
				read = "some of it estimated"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", harmless(j.Job), harmless(j.Contract), harmless(j.GPUHours), harmless(j.AllKWh), read)
		}
	})
}

func sayLevel(w io.Writer, all []counter.Level) {
	for _, l := range all {
		if !l.Seen.After(l.From) {
			fmt.Fprintf(w, "%s, %s to %s: nothing is recorded\n", harmless(l.Contract), stamp(l.From), stamp(l.To))
			continue
		}
		fmt.Fprintf(w, "%s, %s to %s, recorded until %s\n", harmless(l.Contract), stamp(l.From), stamp(l.To), stamp(l.Seen))
		inColumns(w, func(w io.Writer) {
			fmt.Fprintf(w, "  availability so far\t%s\n", text(l.Available, "-"))
			fmt.Fprintf(w, "  of the month, if nothing more goes wrong\t%s\n", text(l.Month, "-"))
			for _, x := range [][2]string{{"recorded", l.Counted.Recorded}, {"down", l.Counted.Down}, {"excused", l.Counted.Excused}, {"degraded", l.Counted.Degraded}, {"unseen", l.Counted.Unseen}} {
				fmt.Fprintf(w, "  %s\t%s GPU-minutes\n", x[0], commas(harmless(x[1])))
			}
			if l.Left != nil {
				fmt.Fprintf(w, "  left until the next tier\t%s GPU-minutes\n", commas(text(l.Left, "")))
			}
			fmt.Fprintf(w, "  credit as it stands\t%s of %s\n", cents(l.Credit), cents(l.Fee))
		})
		for _, x := range l.Against {
			fmt.Fprintf(w, "  %s %s, %d GPUs, %s to %s %s (%s)\n", harmless(x.Condition), harmless(x.Part), x.GPUs, stamp(x.From), stamp(x.To), harmless(x.Why), clip(harmless(x.Evidence), 12))
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(w, "you have no contract")
	}
}

func sayNotices(w io.Writer, all []counter.Curtailment) {
	if len(all) == 0 {
		fmt.Fprintln(w, "no curtailments")
	}
	for _, n := range all {
		fmt.Fprintf(w, "%-9s  %s to %s  %s of %d GPUs of %s (told %s, %s ahead)\n", harmless(n.State), stamp(n.From), stamp(n.Until), harmless(n.Measure), n.GPUs, harmless(n.Contract), stamp(n.Given), time.Duration(n.NoticeS)*time.Second)
		if n.Says != "" {
			fmt.Fprintf(w, "           %s\n", harmless(n.Says))
		}
	}
}

func sayAccess(w io.Writer, issued bool, answer json.RawMessage) {
	var all []counter.Account
	secret := ""
	if issued {
		var a counter.Access
		if json.Unmarshal(answer, &a) == nil {
			all, secret = []counter.Account{a.Account}, a.Secret
		}
	} else if json.Unmarshal(answer, &all) != nil || len(all) == 0 {
		fmt.Fprintln(w, "no account: 'sluice tenant access --issue' makes one")
	}
	for _, a := range all {
		fmt.Fprintf(w, "%s: account %s, queue %s\n", harmless(a.Engine), harmless(a.Account), harmless(a.Queue))
		for _, x := range [][2]string{{"at", a.Endpoint}, {"try", a.Hint}, {"ended", stampOr(a.Ended, "")}} {
			if x[1] != "" {
				fmt.Fprintf(w, "  %-6s %s\n", x[0], harmless(x[1]))
			}
		}
	}
	if secret != "" {
		fmt.Fprintf(w, "  secret %s\n  It is shown this once.\n", harmless(secret))
	}
}
