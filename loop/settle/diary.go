package settle

import (
	"slices"
	"time"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
)

// Day is what a site did in one of its days, or in the part of it that it ran.
type Day struct {
	From, To  time.Time // half open
	Intervals int
	Plan      cycle.Expected // of the plan with which it began; zero: there was none
	Import    unit.Energy
	Export    unit.Energy
	Uses      []Done
	Postings  []cycle.Posting // sums by account and use, in the order in which they first came
	Coins     []cycle.Coins   // sums by use
	Prices    []Quote         // of a bitcoin, at which the coins were booked
}

// Quote is a price of a bitcoin and when it was first used in a day.
type Quote struct {
	At    time.Time
	Value unit.Amount
}

// Done is what one use did.
type Done struct {
	Use   string
	IT    unit.Energy
	Meter unit.Energy
	Work  unit.Work
}

// Diary gathers intervals into days.
type Diary struct {
	Zone *time.Location // of the site
	Days []Day          // in their order
}

// Add takes the next interval: what the meters saw, what was booked, and what the
// plan with which it began expected of the day.
func (y *Diary) Add(plan cycle.Expected, d cycle.Delivery, e cycle.Entry) {
	n := len(y.Days)
	if n == 0 || !d.At.Before(series.DayOf(y.Days[n-1].From, y.Zone).End()) {
		y.Days = append(y.Days, Day{From: d.At, Plan: plan})
		n++
	}
	y.Days[n-1].add(d, e)
}

func (x *Day) add(d cycle.Delivery, e cycle.Entry) {
	x.To, x.Intervals = d.At.Add(d.Length), x.Intervals+1
	x.Import, x.Export = x.Import+d.Import, x.Export+d.Export
	for _, u := range d.Uses {
		i := slices.IndexFunc(x.Uses, func(o Done) bool { return o.Use == u.Use })
		if i < 0 {
			i, x.Uses = len(x.Uses), append(x.Uses, Done{Use: u.Use})
		}
		o := &x.Uses[i]
		o.IT, o.Meter, o.Work = o.IT+u.IT, o.Meter+u.Meter, o.Work+u.Work
	}
	for _, p := range e.Postings {
		i := slices.IndexFunc(x.Postings, func(o cycle.Posting) bool { return o.Account == p.Account && o.Use == p.Use })
		if i < 0 {
			i, x.Postings = len(x.Postings), append(x.Postings, cycle.Posting{Account: p.Account, Use: p.Use})
		}
		x.Postings[i].Amount += p.Amount
	}
	if n := len(x.Prices); len(e.Coins) > 0 && (n == 0 || x.Prices[n-1].Value != e.Bitcoin) {
		x.Prices = append(x.Prices, Quote{d.At, e.Bitcoin})
	}
	for _, c := range e.Coins {
		i := slices.IndexFunc(x.Coins, func(o cycle.Coins) bool { return o.Use == c.Use })
		if i < 0 {
			i, x.Coins = len(x.Coins), append(x.Coins, cycle.Coins{Use: c.Use})
		}
		x.Coins[i].Mined, x.Coins[i].Fee = x.Coins[i].Mined+c.Mined, x.Coins[i].Fee+c.Fee
	}
}

// sum is what the day's postings to an account about one use come to.
func (x Day) sum(account, use string) (sum unit.Amount) {
	for _, p := range x.Postings {
		if p.Account == account && p.Use == use {
			sum += p.Amount
		}
	}
	return sum
}

// lines are the day's postings to any of the accounts, one for each set of tags.
func (x Day) lines(s Site, accounts ...string) (out []books.Line) {
	for _, p := range x.Postings {
		if !slices.Contains(accounts, p.Account) {
			continue
		}
		tags := s.tags(p.Use)
		i := slices.IndexFunc(out, func(l books.Line) bool { return l.Account == p.Account && l.Tags == tags })
		if i < 0 {
			i, out = len(out), append(out, books.Line{Account: p.Account, Tags: tags})
		}
		out[i].Amount += int64(p.Amount)
	}
	return slices.DeleteFunc(out, func(l books.Line) bool { return l.Amount == 0 })
}
