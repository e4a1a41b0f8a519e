package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/unit"
)

// reserveView is a settlement for programs; amounts are text with all their
// decimals, energies joules as text.
type reserveView struct {
	With       string               `json:"counterparty"`
	Site       string               `json:"site,omitempty"`
	From       time.Time            `json:"from"`
	To         time.Time            `json:"to"` // first instant after the period
	Zone       string               `json:"time_zone"`
	Currency   unit.Currency        `json:"currency"`
	Products   []reserveProductView `json:"products"`
	Awards     []reserveAwardView   `json:"awards"`
	Gaps       []reserveGapView     `json:"gaps"`
	Statement  *reserveStateView    `json:"statement,omitempty"`
	Papers     []reservePaperView   `json:"papers"`
	Notes      []string             `json:"notes"`
	BookedNow  *reserveDone         `json:"booked_now,omitempty"`
	Settlement string               `json:"net"`
}

type reserveFigures struct {
	Held         string `json:"held_j"` // award times time, without gaps
	Asked        string `json:"asked_j"`
	Delivered    string `json:"delivered_j"`
	Short        string `json:"short_j"`
	Availability string `json:"availability,omitempty"` // empty: no meter knows
	Performance  string `json:"performance,omitempty"`  // empty: nothing was called
	Gross        string `json:"gross"`
	Penalty      string `json:"penalty"`
	Shed         string `json:"shed"`
	Net          string `json:"net"`
}

type reserveProductView struct {
	Product string `json:"product"`
	Rule    string `json:"rule"` // in words
	Awards  int    `json:"awards"`
	reserveFigures
}

type reserveAwardView struct {
	Award   string    `json:"award"`
	Product string    `json:"product"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	Power   string    `json:"mw"`
	Price   string    `json:"price"`
	reserveFigures
	Booked string `json:"booked_before"`
	Source string `json:"source"` // of its transactions
	Inputs string `json:"inputs_sha256"`
}

type reserveGapView struct {
	Product string         `json:"product"`
	Start   time.Time      `json:"start"`
	End     time.Time      `json:"end"`
	Reason  reserve.Reason `json:"reason"`
	Awards  int            `json:"awards"`
	Open    string         `json:"open"` // what being there would be paid
}

type reserveStateView struct {
	Name        string                  `json:"name"`
	Lines       int                     `json:"lines"`
	Agreed      int                     `json:"awards_agreed"`
	Ours        string                  `json:"worked_out"`
	Theirs      string                  `json:"statement"`
	Rounding    string                  `json:"rounding"`
	Differences []reserveDifferenceView `json:"differences"`
}

type reserveDifferenceView struct {
	Code   reserveCode `json:"code"`
	Award  string      `json:"award"`
	Ours   string      `json:"worked_out"`
	Theirs string      `json:"statement"`
	Off    string      `json:"off"`
	Says   string      `json:"says"`
}

type reservePaperView struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Hash string `json:"sha256"`
}

// total adds settlements up; what is asked of the sum is no longer of one award.
func (r *reserveRun) total(product string) (sum reserve.Settlement, n int) {
	for _, i := range r.items {
		if product != "" && i.Award.Product != product {
			continue
		}
		n++
		sum.Held, sum.Asked, sum.Delivered, sum.Short = sum.Held+i.Held, sum.Asked+i.Asked, sum.Delivered+i.Delivered, sum.Short+i.Short
		sum.Gross, sum.Penalty, sum.Shed = sum.Gross+i.Gross, sum.Penalty+i.Penalty, sum.Shed+i.Shed
	}
	return sum, n
}

// figures are those of a settlement for programs.
func (r *reserveRun) figures(s reserve.Settlement) reserveFigures {
	own := books.Asset(r.s.chart.Currency)
	text := func(a unit.Amount) string { return own.Text(int64(a)) }
	joules := func(e unit.Energy) string { return strconv.FormatInt(int64(e), 10) }
	out := reserveFigures{
		Held: joules(s.Held), Asked: joules(s.Asked), Delivered: joules(s.Delivered), Short: joules(s.Short),
		Gross: text(s.Gross), Penalty: text(s.Penalty), Shed: text(s.Shed), Net: text(s.Net()),
	}
	if v, known := s.Availability(); known {
		out.Availability = books.Asset("").Text(int64(v))
	}
	if v, known := s.Performance(); known {
		out.Performance = books.Asset("").Text(int64(v))
	}
	return out
}

// view is the settlement for programs.
func (r *reserveRun) view() reserveView {
	own := books.Asset(r.s.chart.Currency)
	text := func(a unit.Amount) string { return own.Text(int64(a)) }
	all, _ := r.total("")
	v := reserveView{
		With: r.with, Site: r.x.site, From: r.from, To: r.to, Zone: r.zone.String(), Currency: r.s.chart.Currency, Products: []reserveProductView{},
		Awards: []reserveAwardView{}, Gaps: []reserveGapView{}, Papers: []reservePaperView{}, Notes: append([]string{}, r.notes...), Settlement: text(all.Net()),
	}
	for _, product := range r.order {
		sum, n := r.total(product)
		v.Products = append(v.Products, reserveProductView{product, ruleOf(r.programmes[product].Programme), n, r.figures(sum)})
	}
	at := func(unix int64) time.Time { return time.Unix(unix, 0).In(r.zone) }
	for _, i := range r.items {
		v.Awards = append(v.Awards, reserveAwardView{
			i.name, i.Award.Product, at(i.Award.From), at(i.Award.To), books.Asset("").Text(int64(i.Award.Power)), text(unit.Amount(i.Award.Price)), r.figures(i.Settlement),
			text(i.paid()), sourceOf(i.Award.ID), hashText(i.Inputs),
		})
	}
	for _, g := range r.gaps {
		v.Gaps = append(v.Gaps, reserveGapView{g.product, at(g.From), at(g.To), g.Reason, g.awards, text(unit.Amount(g.open))})
	}
	for _, p := range r.papers {
		v.Papers = append(v.Papers, reservePaperView{p.Kind, p.Name, hashText(p.Hash())})
	}
	if s := r.statement; s != nil {
		v.Statement = &reserveStateView{s.name, s.lines, s.agreed, text(s.ours), text(s.theirs), text(s.rounding), []reserveDifferenceView{}}
		for _, d := range s.differences {
			v.Statement.Differences = append(v.Statement.Differences, reserveDifferenceView{d.code, d.award, text(d.ours), text(d.theirs), text(d.off), d.says})
		}
	}
	if r.x.book && r.done.Amount != "" {
		v.BookedNow = &r.done
	}
	return v
}

// paid is what the books said of an award before.
func (i reserveItem) paid() (sum unit.Amount) {
	for _, a := range i.is {
		sum += a
	}
	return sum
}

// ruleOf is a programme in words.
func ruleOf(p reserve.Programme) string {
	b := p.Baseline
	words := []string{string(b.Method)}
	switch b.Method {
	case reserve.DropTo:
	case reserve.SameDay:
		words = append(words, fmt.Sprintf("%s to %s before", b.Begin, b.End))
	case reserve.High, reserve.Middle:
		words = append(words, fmt.Sprintf("%d of %d days", b.Keep, b.Of))
		if b.Adjust != reserve.NoAdjustment {
			words = append(words, fmt.Sprintf("%s up to %s", b.Adjust, percent(b.Limit)))
		}
	}
	words[0] = strings.Join(words, " ")
	out := fmt.Sprintf("%s, level %s MW, tolerance %s, shortfall %s", words[0], decimals(int64(b.Level)), percent(p.Tolerance), p.Rule)
	if p.Rule == reserve.NoPenalty {
		return strings.TrimSuffix(out, string(p.Rule)) + "costs nothing"
	}
	if p.Rule == reserve.Multiple {
		out += " " + decimals(int64(p.Times))
	}
	return out
}

// decimals are millionths without zeros at the end.
func decimals(v int64) string {
	return strings.TrimSuffix(strings.TrimRight(books.Asset("").Text(v), "0"), ".")
}

// priceText is a price with two decimals, and more where it has more.
func priceText(p unit.Price) string {
	text := books.Asset("").Text(int64(p))
	two := strings.Index(text, ".") + 3
	return text[:two] + strings.TrimRight(text[two:], "0")
}

// print writes the settlement for people.
func (r *reserveRun) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s to before %s (%s), in %s", harmless(r.with), r.from.Format(time.DateOnly), r.to.Format(time.DateOnly), r.zone, r.s.chart.Currency)
	if r.x.site != "" {
		fmt.Fprintf(w, ", site %s", harmless(r.x.site))
	}
	fmt.Fprintln(w)
	for _, product := range r.order {
		fmt.Fprintf(w, "  %s: %s\n", harmless(product), ruleOf(r.programmes[product].Programme))
	}
	fmt.Fprintf(w, "%-14s %-22s %8s %8s %9s %8s %8s %9s %8s %8s %12s %12s %12s %12s\n", "award", "when", "MW", "price", "MW hours", "called", "shed", "short", "avail.", "perform.", "gross", "shortfall", "shed paid", "net")
	for _, product := range r.order {
		r.printProduct(w, product)
	}
	if sum, n := r.total(""); len(r.order) > 1 {
		r.row(w, "all", "in all, "+counted(n, "award"), "", "", sum)
	}
	r.printRest(w)
}

// printProduct writes the awards of a product that have something to say, or all,
// and their sum.
func (r *reserveRun) printProduct(w io.Writer, product string) {
	quiet := 0
	for _, i := range r.items {
		if i.Award.Product != product {
			continue
		}
		off := i.Net() - i.paid()
		changed := len(i.is) > 0 && off != 0
		if !r.x.all && i.Asked == 0 && i.Short == 0 && len(i.Gaps) == 0 && !changed {
			quiet++
			continue
		}
		r.row(w, i.name, r.when(i.Award.Span), decimals(int64(i.Award.Power)), priceText(i.Award.Price), i.Settlement)
		if changed {
			fmt.Fprintf(w, "  %s was booked with %s: off by %s\n", clean(i.name), strings.TrimSpace(money(i.paid())), strings.TrimSpace(money(off)))
		}
	}
	sum, n := r.total(product)
	if quiet > 0 {
		fmt.Fprintf(w, "  and %s of %s held in full, not called: --all shows them\n", counted(quiet, "award"), harmless(product))
	}
	r.row(w, product, "in all, "+counted(n, "award"), "", "", sum)
}

// when is a stretch for people; one day is named once.
func (r *reserveRun) when(s reserve.Span) string {
	from, last := time.Unix(s.From, 0).In(r.zone), time.Unix(s.To-1, 0).In(r.zone)
	end := time.Unix(s.To, 0).In(r.zone)
	switch {
	case from.YearDay() != last.YearDay() || from.Year() != last.Year():
		return from.Format("2006-01-02 15:04") + " to " + end.Format("01-02 15:04")
	case end.YearDay() != last.YearDay():
		return from.Format("2006-01-02 15:04") + "-24:00"
	}
	return from.Format("2006-01-02 15:04") + end.Format("-15:04")
}

// row writes one award, or the sum of some.
func (r *reserveRun) row(w io.Writer, name, when, power, price string, s reserve.Settlement) { //nolint:revive // the cells of a row in their order
	held, shed := "-", "-"
	if v, known := s.Availability(); known {
		held = percent(v)
	}
	if v, known := s.Performance(); known {
		shed = percent(v)
	}
	mwh := func(e unit.Energy) string { return fmt.Sprintf("%.3f", e.MWh()) }
	fmt.Fprintf(w, "%-14s %-22s %8s %8s %9s %8s %8s %9s %8s %8s %12s %12s %12s %12s\n", clean(name), when, power, price,
		mwh(s.Held), mwh(s.Asked), mwh(s.Delivered), mwh(s.Short), held, shed, money(s.Gross), money(-s.Penalty), money(s.Shed), money(s.Net()))
}

// printRest writes gaps, the statement, notes and what was booked.
func (r *reserveRun) printRest(w io.Writer) {
	for _, g := range r.gaps {
		fmt.Fprintf(w, "gap, %s, %s\n", harmless(g.product), r.says(g))
	}
	if s := r.statement; s != nil {
		fmt.Fprintf(w, "statement %s: %s, worked out %s, off %s; %s in agreement", harmless(s.name), strings.TrimSpace(money(s.theirs)), strings.TrimSpace(money(s.ours)),
			strings.TrimSpace(money(s.theirs-s.ours)), counted(s.agreed, "award"))
		if s.rounding != 0 {
			fmt.Fprintf(w, ", but for %s of rounding", decimals(int64(s.rounding)))
		}
		fmt.Fprintln(w)
		for _, d := range s.differences {
			fmt.Fprintf(w, "  %-15s %-14s %12s %12s %12s  %s\n", d.code, clean(d.award), money(d.ours), money(d.theirs), money(d.off), d.says)
		}
	}
	for _, n := range r.notes {
		fmt.Fprintf(w, "note: %s\n", harmless(n))
	}
	r.printBooked(w)
}

// printBooked says what was booked now.
func (r *reserveRun) printBooked(w io.Writer) {
	d := r.done
	switch {
	case !r.x.book:
		fmt.Fprintln(w, "nothing was booked: --book books it")
		return
	case d.Awards+d.Parked+d.Released+d.Papers == 0:
		fmt.Fprintln(w, "booked now: nothing new")
		return
	}
	fmt.Fprintf(w, "booked now: %s, %s on %s; %s filed, %s parked, %d released\n", counted(d.Awards, "award"), strings.TrimSpace(money(d.moved)), books.Grid(r.with), counted(d.Papers, "paper"), counted(d.Parked, "case"), d.Released)
}
