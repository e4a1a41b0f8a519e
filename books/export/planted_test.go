package export_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/export"
	"sluice/books/invoice"
	"sluice/books/lot"
	"sluice/books/match"
	"sluice/books/rate"
	"sluice/books/statement"
	"sluice/unit"
)

// planted is one error, made where the books are made, and the books are right in
// every other way: whatever sums, sums.
type planted struct {
	priceOf  int          // the day whose price is taken for the coins of the fourth
	valued   int          // the day whose price is taken for the valuation of the tenth
	left     string       // a day of which nothing is booked
	site     string       // to which the coins of the fourth are booked
	more     unit.Satoshi // coins of the fourth that nobody mined
	newest   bool         // the newest lot is sold
	standing bool         // what was booked by mistake is not taken back
	swapped  bool         // one line of a booking has the other sign
	changed  bool         // two lines are changed after they were booked
	cut      bool         // a transaction is taken out of the middle of the books
	number   bool         // an invoice is missing
	rated    bool         // a rated line was changed before it was invoiced
	short    bool         // the pool credits a percent too little for the sixth
	unpaid   bool         // what the pool owes for the seventh never arrives
}

// office is the books of ten days, and all that they were made from.
type office struct {
	*shelf
	posted   error // what the books refused
	prices   []books.Price
	days     []statement.Day
	work     []match.Work
	credits  []match.Credit
	receipts []match.Receipt
	numbers  []invoice.Number
	rating   rate.Input
	invoiced []rate.Line
	sealed   []books.Sealed
}

const mined = unit.Satoshi(50_000_000)

func dated(n int) string { return event("", n).At.Format(time.DateOnly) }

// priceOn is the price of a bitcoin on a day: each day another one.
func priceOn(n int) books.Price {
	return books.Price{Asset: books.Bitcoin, Quote: "USD", At: event("", n).At, Value: unit.Amount(100_000+n*1_000) * dollar, Source: "test", Policy: "1"}
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// take books a transaction, unless the books refuse it.
func (o *office) take(x books.Transaction) {
	if err := errors.Join(x.Validate(o.p.Chart), o.h.Apply(o.p.Chart, x)); err != nil {
		o.posted = errors.Join(o.posted, err)
		return
	}
	o.p.Transactions = append(o.p.Transactions, x)
}

// opened is ten days with an error in them.
func opened(t *testing.T, p planted) *office {
	t.Helper()
	at := func(n int) time.Time { return time.Date(2025, 9, n, 0, 0, 0, 0, time.UTC) }
	c := books.Standard(event("", 1).Entity, "USD", "UTC").With(bank, hot, books.FairValue(hot), books.Vendor("utility"))
	o := &office{shelf: &shelf{t: t, p: export.Period{Chart: c, Zone: time.UTC, From: at(1), To: at(11)}}}
	for n := 3; n <= 9; n++ {
		o.day(p, n)
	}
	o.tenth(p)
	o.pool(p)
	o.tenants(p)
	var err error
	o.p.Closing, err = export.Balances(nil, o.p.Transactions)
	o.must(err)
	for _, x := range o.p.Transactions {
		last := books.Sealed{}
		if n := len(o.sealed); n > 0 {
			last = o.sealed[n-1]
		}
		o.sealed = append(o.sealed, books.Seal(x, last.Sequence, last.Hash))
	}
	o.tampered(p)
	o.p.Prices = o.prices
	return o
}

// day books what was mined and drawn on a day, from its paper.
func (o *office) day(p planted, n int) {
	o.t.Helper()
	d := statement.Day{Day: dated(n), Site: "houston", Import: unit.MegawattHour, Uses: []statement.Use{{Use: "mining", IT: unit.MegawattHour, Meter: unit.MegawattHour, Work: 1, Mined: mined}}}
	hash, err := d.Hash()
	o.must(err)
	o.days, o.prices = append(o.days, d), append(o.prices, priceOn(n))
	if p.left == dated(n) {
		return
	}
	e := event("credit-"+dated(n), n)
	e.Evidence = hash
	q, price := mined, priceOn(n)
	if n == 4 {
		q += p.more
		if p.site != "" {
			e.Tags.Site = p.site
		}
		if p.priceOf != 0 {
			price = priceOn(p.priceOf)
		}
	}
	worth, err := price.Of(int64(q))
	o.must(err)
	x, err := lot.Earn(e, lot.Earning{Account: hot, Lot: dated(n), Quantity: q, Subsidy: worth})
	o.must(err)
	o.take(x)
	e.ID = "power-" + dated(n)
	o.take(books.Transaction{ID: e.ID, Entity: e.Entity, Kind: "power metered", Standing: books.Posted, At: e.At, Booked: e.Booked, Source: "test", Evidence: hash, Lines: []books.Line{
		{Account: books.PowerEnergy, Amount: int64(30_000 * dollar), Tags: e.Tags}, {Account: books.AccruedPower, Amount: -int64(30_000 * dollar), Tags: e.Tags},
	}})
	if n == 5 {
		o.twice(p, x)
	}
}

// twice books the coins of a day once more by mistake, and takes that back.
func (o *office) twice(p planted, x books.Transaction) {
	o.t.Helper()
	x.ID = "mistake"
	o.take(x)
	if !p.standing {
		back, err := x.Reverse("mistake-taken-back", x.At, x.Booked, "booked twice")
		o.must(err)
		o.take(back)
	}
}

// tenth books the last day: a sale, the value of what is left, and an invoice that
// is paid.
func (o *office) tenth(p planted) {
	o.t.Helper()
	picks, err := o.h.FIFO(hot, 20_000_000)
	o.must(err)
	if p.newest {
		picks = []books.Pick{{Lot: dated(9), Quantity: 20_000_000}}
	}
	x, err := lot.Sell(event("sale", 10), lot.Out{Held: &o.h, Account: hot, Picks: picks}, bank, 22_000*dollar)
	o.must(err)
	o.take(x)
	price := priceOn(10)
	o.prices = append(o.prices, price)
	if p.valued != 0 {
		price = priceOn(p.valued)
	}
	x, _, err = lot.Revalue(event("value", 10), &o.h, hot, price, 0)
	o.must(err)
	o.take(x)
	paid := plain("paid", 10, bank, books.AccruedPower, 1_000*dollar)
	if p.swapped {
		paid.Lines[0].Amount = -paid.Lines[0].Amount
	}
	o.take(paid)
}

// pool is what our own work was worth, what the pool says and what arrived.
func (o *office) pool(p planted) {
	for n := 3; n <= 9; n++ {
		credited := mined
		if p.short && n == 6 {
			credited -= mined / 100
		}
		o.work = append(o.work, match.Work{Day: dated(n), Worth: mined})
		o.credits = append(o.credits, match.Credit{ID: "line-" + dated(n), Day: dated(n), At: event("", n).At, Amount: credited})
		if !p.unpaid || n != 7 {
			o.receipts = append(o.receipts, match.Receipt{ID: "tx-" + dated(n), At: event("", n).At.Add(time.Hour), Amount: credited, Confirmations: 100})
		}
	}
}

// tenants are invoices, and what one was rated from.
func (o *office) tenants(p planted) {
	o.t.Helper()
	for n := int64(1); n <= 4; n++ {
		if !p.number || n != 3 {
			o.numbers = append(o.numbers, invoice.Number{Series: "A", Serial: n})
		}
	}
	from := event("", 1).At.Truncate(24 * time.Hour).Unix()
	span := rate.Span{From: from, To: from + 86_400}
	o.rating = rate.Input{
		Contracts: []rate.Contract{{ID: "c1", Version: 1, Valid: rate.Span{From: from - 1, To: from + 1e7}, Start: from - 1, Currency: "USD", Terms: []rate.Term{
			{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour},
		}}},
		Intervals: []rate.Interval{{Contract: "c1", Meter: "m1", Component: "energy", From: span.From, To: span.To, Quantity: int64(3 * unit.MegawattHour), Revision: 1, Evidence: books.Hash{9}}},
		Prices:    []rate.PriceVersion{{Component: "power", From: from - 1, To: from + 1e7, Value: int64(40 * dollar), Source: "test", Hash: books.Hash{1}}},
		Period:    span,
	}
	r, err := rate.Rate(o.rating)
	o.must(err)
	if o.invoiced = r.Lines; len(o.invoiced) != 1 {
		o.t.Fatalf("rated %+v", r)
	}
	if p.rated {
		o.invoiced[0].Amount++
	}
}

// tampered changes what stands in the books.
func (o *office) tampered(p planted) {
	if p.changed {
		i := slices.IndexFunc(o.sealed, func(x books.Sealed) bool { return x.ID == "paid" })
		o.sealed[i].Lines = slices.Clone(o.sealed[i].Lines)
		for j := range o.sealed[i].Lines {
			o.sealed[i].Lines[j].Amount *= 2
		}
		o.p.Transactions[i] = o.sealed[i].Transaction
		o.p.Closing, _ = export.Balances(nil, o.p.Transactions)
	}
	if p.cut {
		here := func(id string) bool { return id == "credit-"+dated(8) }
		o.sealed = slices.DeleteFunc(o.sealed, func(x books.Sealed) bool { return here(x.ID) })
		o.p.Transactions = slices.DeleteFunc(o.p.Transactions, func(x books.Transaction) bool { return here(x.ID) })
	}
}

// finders are all that look at the books, in the order in which they are told.
func (o *office) finders(said answers) []finder {
	return []finder{
		{"posting", func() bool { return o.posted != nil }},
		{"chain", o.chain},
		{"day paper", o.dayPaper},
		{"price check", func() bool { return len(statement.Valued(time.UTC, o.p.Transactions, o.prices)) > 0 }},
		{"roll-forward", o.roll},
		{"cost basis", o.basis},
		{"three-way match", o.match},
		{"gapless numbers", func() bool { return invoice.Gapless(o.numbers) != nil }},
		{"rated again", o.ratedAgain},
		{"hledger", func() bool { return said.by(o.t, hledger, journal(o.t, o.p)) }},
		{"bean-check", func() bool { return said.by(o.t, beanCheck, strict(o.t, o.p)) }},
		{"bean-check, oldest first", func() bool { return said.by(o.t, beanCheck, fifo(o.t, o.p)) }},
	}
}

type finder struct {
	name  string
	finds func() bool
}

// answers are what programs of others said of texts, so that none is asked twice.
type answers map[string]bool

func (a answers) by(t *testing.T, ask referee, text []byte) bool {
	t.Helper()
	if _, known := a[string(text)]; !known {
		a[string(text)] = ask(t, text) != ""
	}
	return a[string(text)]
}

func (o *office) chain() bool {
	var c books.Chain
	for _, x := range o.sealed {
		if c.Next(x) != nil {
			return true
		}
	}
	return false
}

func (o *office) dayPaper() bool {
	all, err := statement.Booked(time.UTC, o.p.Transactions, o.days)
	o.must(err)
	return len(all) > 0
}

// roll rolls the wallet forward from nothing to what balances and lots say.
func (o *office) roll() bool {
	_, cost := o.h.Total(hot)
	_, err := lot.Roll(hot, 0, cost+unit.Amount(o.p.Closing[books.FairValue(hot)]), o.p.Transactions)
	return err != nil
}

func (o *office) basis() bool {
	d, err := statement.Disclose(o.p.Chart, o.p.Transactions)
	return err != nil || d.Basis != statement.FIFO
}

func (o *office) match() bool {
	r, err := match.Pool(match.Usual("pool", match.Expected), o.work, o.credits, o.receipts, event("", 20).At)
	o.must(err)
	return len(r.Differences) > 0
}

func (o *office) ratedAgain() bool {
	r, err := rate.Rate(o.rating)
	o.must(err)
	n, err := rate.Delta(o.invoiced, r.Lines)
	o.must(err)
	return len(n.Credit)+len(n.Debit) > 0
}

// TestPlantedInTheBooks: an error that is made where the books are made is found by
// somebody, and here stands by whom. It prints the table that docs/books.md shows.
func TestPlantedInTheBooks(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED, NOTHING WAS CHECKED: %s is missing (make debian installs it)", p)
		}
	}
	said := answers{}
	table := []string{"| planted | who finds it |", "|---|---|"}
	for _, c := range []struct {
		what string
		planted
		who []string
	}{
		{"nothing", planted{}, nil},
		{"coins valued at the price of another day", planted{priceOf: 8}, []string{"price check"}},
		{"what is held valued at the price of another day", planted{valued: 9}, []string{"price check"}},
		{"a day left out", planted{left: dated(6)}, []string{"day paper"}},
		{"coins booked to another site", planted{site: "dallas"}, []string{"day paper"}},
		{"a satoshi that nobody mined", planted{more: 1}, []string{"day paper"}},
		{"coins booked twice, and the reversal left out", planted{standing: true}, []string{"day paper"}},
		{"a sign swapped in one line", planted{swapped: true}, []string{"posting"}},
		{"the newest lot sold, and booked without any other fault", planted{newest: true}, []string{"cost basis", "bean-check, oldest first"}},
		{"two lines changed after they were booked", planted{changed: true}, []string{"chain"}},
		{"a transaction cut out of the books", planted{cut: true}, []string{"chain", "day paper", "roll-forward", "hledger", "bean-check", "bean-check, oldest first"}},
		{"the pool credits a percent too little", planted{short: true}, []string{"three-way match"}},
		{"what the pool owes never arrives", planted{unpaid: true}, []string{"three-way match"}},
		{"an invoice number left out", planted{number: true}, []string{"gapless numbers"}},
		{"a rated line changed by a millionth", planted{rated: true}, []string{"rated again"}},
	} {
		var found []string
		for _, f := range opened(t, c.planted).finders(said) {
			if f.finds() {
				found = append(found, f.name)
			}
		}
		if !cmp.Equal(found, c.who) {
			t.Errorf("%s: found by %q, want %q", c.what, found, c.who)
		}
		table = append(table, fmt.Sprintf("| %s | %s |", c.what, strings.Join(found, ", ")))
	}
	t.Logf("\n%s", strings.Join(table, "\n"))
}
