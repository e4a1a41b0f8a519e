package main

import (
	"fmt"
	"io"
	"strings"

	"sluice/books"
	"sluice/books/match"
	"sluice/unit"
)

// poolView is an audit for programs; amounts are text.
type poolView struct {
	Pool         string           `json:"pool"`
	From         string           `json:"from"`
	To           string           `json:"to"` // first day after the period
	Scheme       string           `json:"scheme"`
	Fee          string           `json:"fee"`
	Days         int              `json:"days_of_work"`
	Accepted     string           `json:"accepted_ph_days"`
	Stale        string           `json:"stale_share"`
	Rejected     string           `json:"rejected_share"`
	Expected     string           `json:"expected_btc"`
	Credited     string           `json:"credited_btc"`
	EffectiveFee string           `json:"effective_fee,omitempty"`
	Luck         string           `json:"luck,omitempty"`
	Received     string           `json:"received_btc,omitempty"` // empty: the chain was not asked
	PayoutFees   string           `json:"payout_cost_btc,omitempty"`
	Open         string           `json:"open_at_the_pool_btc,omitempty"`
	Booked       string           `json:"booked_btc"`
	Height       int64            `json:"height,omitempty"`
	Statement    string           `json:"statement_sha256"`
	Filed        bool             `json:"statement_filed"`
	Differences  []differenceView `json:"differences"`
	Parked       []parkedJSON     `json:"parked"`
	Done         poolDone         `json:"booked_now"`
	Notes        []string         `json:"notes"`
}

type differenceView struct {
	Code   match.Code `json:"code"`
	On     string     `json:"on"`
	Amount string     `json:"amount_btc"`
	Says   string     `json:"says"`
}

func btc(s unit.Satoshi) string { return books.Bitcoin.Text(int64(s)) }

// percent prints a ratio for people.
func percent(r unit.Ratio) string { return fmt.Sprintf("%.2f %%", r.Float()*100) }

// view is the audit for programs.
func (r *poolAudit) view() poolView {
	v := poolView{
		Pool: r.x.pool, From: r.facts.From, To: r.facts.To, Scheme: r.x.scheme, Fee: r.x.fee, Days: len(r.facts.Work),
		Expected: btc(r.Expected), Credited: btc(r.Credited), Booked: btc(r.Booked), Statement: fmt.Sprintf("%x", r.paper.Hash()), Filed: r.filed,
		Differences: []differenceView{}, Parked: []parkedJSON{}, Done: r.done, Notes: append([]string{}, r.market.notes...),
	}
	v.Accepted, v.Stale, v.Rejected = r.hashed()
	if fee, ok := r.EffectiveFee(); ok {
		v.EffectiveFee = percent(fee)
	}
	if luck, ok := r.Luck(); ok && r.x.terms.Scheme == match.Found {
		v.Luck = percent(luck)
	}
	if r.chain.asked {
		v.Received, v.PayoutFees, v.Height = btc(r.Received), btc(r.PayoutFees), r.chain.tip.Height
	}
	if r.chain.asked || len(r.facts.Claims) > 0 {
		v.Open = btc(r.Open)
	}
	for _, d := range r.Differences {
		v.Differences = append(v.Differences, differenceView{d.Code, d.On, btc(d.Amount), d.Says})
	}
	for _, p := range r.open {
		v.Parked = append(v.Parked, parkedOf(p))
	}
	return v
}

// hashed is the accepted work of the period, and what share was stale and rejected.
func (r *poolAudit) hashed() (accepted, stale, rejected string) {
	var sum [3]float64
	for _, d := range r.work {
		if d.Day >= r.facts.From && d.Day < r.facts.To {
			sum[0], sum[1], sum[2] = sum[0]+float64(d.Accepted), sum[1]+float64(d.Stale), sum[2]+float64(d.Rejected)
		}
	}
	const perPHDay = 86_400 * 1e6 // gigahashes
	all := max(sum[0]+sum[1]+sum[2], 1)
	return fmt.Sprintf("%.1f", sum[0]/perPHDay), fmt.Sprintf("%.2f %%", sum[1]/all*100), fmt.Sprintf("%.2f %%", sum[2]/all*100)
}

// print writes the audit for people.
func (r *poolAudit) print(w io.Writer) {
	v := r.view()
	fmt.Fprintf(w, "Pool %s, %s to before %s, %s, days in %s\n", harmless(v.Pool), v.From, v.To, v.Scheme, r.x.zone)
	row := func(what, format string, a ...any) {
		fmt.Fprintf(w, "  %-16s "+format+"\n", append([]any{what}, a...)...)
	}
	row("work", "%d days, %s PH-days accepted; stale %s, rejected %s", v.Days, v.Accepted, v.Stale, v.Rejected)
	row("expected", "%14s BTC, net of %s", v.Expected, percent(r.x.ratio))
	row("credited", "%14s BTC in %d lines", v.Credited, len(r.Lines))
	if v.EffectiveFee != "" {
		row("effective fee", "%14s", v.EffectiveFee)
	}
	if v.Luck != "" {
		row("luck", "%14s of what was expected", v.Luck)
	}
	if r.chain.asked {
		row("received", "%14s BTC, at block %d of %s", v.Received, v.Height, r.chain.tip.Time.UTC().Format("2006-01-02 15:04 UTC"))
		row("payout cost", "%14s BTC", v.PayoutFees)
	} else {
		row("received", "%14s the chain was not asked: --watch", "-")
	}
	if v.Open != "" {
		row("open at the pool", "%14s BTC at the end of the period", v.Open)
	}
	row("booked", "%14s BTC", v.Booked)
	r.printBooked(w)
	for _, n := range r.market.notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
	if n := r.estimatedDays(); n > 0 {
		fmt.Fprintf(w, "  note: the price of %d of these days is an estimate of the history\n", n)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "%-26s %14s BTC  %s: %s\n", d.Code, btc(d.Amount), clean(d.On), clean(d.Says))
	}
	for _, p := range r.open {
		fmt.Fprintf(w, "parked %s, %s: %s\n", harmless(p.Kind), harmless(p.Reason), clean(strings.TrimPrefix(p.Says, r.x.pool+": ")))
	}
}

// printBooked says what was booked now.
func (r *poolAudit) printBooked(w io.Writer) {
	if !r.x.book {
		return
	}
	d := r.done
	if d == (poolDone{}) {
		fmt.Fprintf(w, "  nothing new to book; statement %x\n", r.paper.Hash())
		return
	}
	var words []string
	for _, x := range []struct {
		n    int
		what string
	}{{d.Credits, "credits"}, {d.Corrections, "corrections"}, {d.Payouts, "payouts"}, {d.Reversed, "taken back"}, {d.Parked, "cases parked"}, {d.Released, "cases released"}} {
		if x.n > 0 {
			words = append(words, fmt.Sprintf("%s %d", x.what, x.n))
		}
	}
	fmt.Fprintf(w, "  booked now: %s; statement %x\n", strings.Join(words, ", "), r.paper.Hash())
}

// estimatedDays counts the days with a line whose price is an estimate.
func (r *poolAudit) estimatedDays() int {
	days := map[string]bool{}
	for _, l := range r.Lines {
		if r.market.estimated[l.Day] {
			days[l.Day] = true
		}
	}
	return len(days)
}
