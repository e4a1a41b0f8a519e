package statement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/lot"
	"sluice/books/statement"
	"sluice/unit"
)

// price is that of a bitcoin on a day of September.
func price(n int, value unit.Amount) books.Price {
	return books.Price{Asset: books.Bitcoin, Quote: "USD", At: day(n), Value: value, Source: "test", Policy: "1"}
}

// mines is a firm that mined on three days, each with its price and paper, and
// valued what it holds.
func mines(t *testing.T) (*firm, []books.Price, []statement.Day) {
	t.Helper()
	f := &firm{t: t, c: books.Standard("Firm", "USD", "UTC").With(bank, hot, books.FairValue(hot))}
	var prices []books.Price
	var papers []statement.Day
	for n := 3; n <= 5; n++ {
		q := unit.Satoshi(50_000_000 + n)
		p := price(n, unit.Amount(100_000+n*1_000)*dollar)
		worth, err := p.Of(int64(q))
		if err != nil {
			t.Fatal(err)
		}
		d := measuredDay(p.At.Format(time.DateOnly), q)
		hash, err := d.Hash()
		if err != nil {
			t.Fatal(err)
		}
		name := p.At.Format(time.DateOnly)
		e := f.event("credit-"+name, n, "mining")
		e.Evidence = hash
		f.post(lot.Earn(e, lot.Earning{Account: hot, Lot: name, Quantity: q, Subsidy: worth + 550, PoolFee: 550}))
		f.power("power-"+name, n, hash)
		prices, papers = append(prices, p), append(papers, d)
	}
	x, _, err := lot.Revalue(f.event("value", 5, "mining"), &f.h, hot, prices[2], 0)
	f.post(x, err)
	return f, prices, papers
}

func (f *firm) power(id string, n int, evidence books.Hash) {
	f.t.Helper()
	tags := books.Tags{Site: "houston", Use: "mining"}
	f.post(books.Transaction{ID: id, Entity: "Firm", Kind: "power metered", Standing: books.Posted, At: day(n), Booked: day(n), Source: "test", Evidence: evidence, Lines: []books.Line{
		{Account: books.PowerEnergy, Amount: 7, Tags: tags}, {Account: books.AccruedPower, Amount: -7, Tags: tags},
	}}, nil)
}

// found are the codes of differences with what they are on; uncertain ones are in brackets.
func found(all []statement.Difference) (out []string) {
	for _, d := range all {
		text := string(d.Code) + " " + d.On
		if !d.Certain {
			text = "(" + text + ")"
		}
		if d.Says == "" {
			text += " without a sentence"
		}
		out = append(out, text)
	}
	return out
}

// at is the index of a transaction.
func (f *firm) at(id string) int {
	f.t.Helper()
	i := slices.IndexFunc(f.all, func(x books.Transaction) bool { return x.ID == id })
	if i < 0 {
		f.t.Fatalf("no transaction %s", id)
	}
	return i
}

// TestValued: coins stand at the price of their day, or it is told.
func TestValued(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(f *firm, prices []books.Price) []books.Price
		want   []string
	}{
		"all is right": {func(_ *firm, p []books.Price) []books.Price { return p }, nil},
		"the price of another day": {func(_ *firm, p []books.Price) []books.Price {
			p[0].Value, p[1].Value = p[1].Value, p[0].Value
			return p
		}, []string{"not_the_price_of_the_day credit-2025-09-03", "not_the_price_of_the_day credit-2025-09-04"}},
		"no price of a day": {func(_ *firm, p []books.Price) []books.Price { return p[1:] }, []string{"(no_price_of_the_day credit-2025-09-03)"}},
		"several prices of a day, with the coins between them": {func(_ *firm, p []books.Price) []books.Price {
			low, high := p[0], p[0]
			low.At, low.Value, high.Value = low.At.Add(-time.Hour), low.Value-dollar, high.Value+dollar
			return append(p[1:], low, high)
		}, nil},
		"a satoshi too much": {func(f *firm, p []books.Price) []books.Price {
			f.all[f.at("credit-2025-09-03")].Lines[0].Amount++
			return p
		}, []string{"not_the_price_of_the_day credit-2025-09-03"}},
		"coins valued in parts, each rounded": {func(f *firm, p []books.Price) []books.Price {
			f.all[f.at("credit-2025-09-03")].Lines[0].Lot.Cost += 400
			f.all[f.at("credit-2025-09-04")].Lines[0].Lot.Cost -= 400
			return p
		}, nil},
		"holdings at another day's price": {func(f *firm, p []books.Price) []books.Price {
			f.all[f.at("value")].At = day(6)
			return p
		}, []string{"not_the_price_of_the_day value"}},
		"holdings at a price that was filed otherwise": {func(_ *firm, p []books.Price) []books.Price {
			p[2].Value++
			return p
		}, []string{"not_the_price_of_the_day value"}},
		"holdings at a price that is not filed": {func(f *firm, p []books.Price) []books.Price {
			f.all[f.at("value")].Source = "price/BTC/USD/2025-09-05T12:00:00Z/2"
			return p
		}, []string{"(no_price_of_the_day value)"}},
		"a year that was closed": {func(f *firm, p []books.Price) []books.Price {
			f.closed(september())
			return p
		}, nil},
		"a credit that came late": {func(f *firm, p []books.Price) []books.Price {
			f.all[f.at("credit-2025-09-03")].Belongs = "2025-08"
			return p[1:]
		}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			f, prices, _ := mines(t)
			prices = c.change(f, prices)
			if got := found(statement.Valued(time.UTC, f.all, prices)); !cmp.Equal(got, c.want) {
				t.Error(cmp.Diff(c.want, got))
			}
		})
	}
}

// TestBooked: every day has its power and coins, and what was measured is what is
// booked, or it is told.
func TestBooked(t *testing.T) {
	t.Parallel()
	leave := func(f *firm, ids ...string) {
		f.all = slices.DeleteFunc(f.all, func(x books.Transaction) bool { return slices.Contains(ids, x.ID) })
	}
	for sentence, c := range map[string]struct {
		change func(f *firm, papers []statement.Day) []statement.Day
		want   []string
	}{
		"all is right":                     {func(_ *firm, d []statement.Day) []statement.Day { return d }, nil},
		"all is right, and no paper filed": {func(*firm, []statement.Day) []statement.Day { return nil }, nil},
		"a day left out": {func(f *firm, d []statement.Day) []statement.Day {
			leave(f, "credit-2025-09-04", "power-2025-09-04")
			return d
		}, []string{"day_without_coins 2025-09-04 houston", "day_without_power 2025-09-04 houston"}},
		"a day left out, and no paper filed": {func(f *firm, _ []statement.Day) []statement.Day {
			leave(f, "credit-2025-09-04", "power-2025-09-04")
			return nil
		}, []string{"(day_not_booked 2025-09-04 houston)"}},
		"coins left out, and no paper filed": {func(f *firm, _ []statement.Day) []statement.Day {
			leave(f, "credit-2025-09-04")
			return nil
		}, []string{"(day_without_coins 2025-09-04 houston)"}},
		"power left out, and no paper filed": {func(f *firm, _ []statement.Day) []statement.Day {
			leave(f, "power-2025-09-04")
			return nil
		}, []string{"(day_without_power 2025-09-04 houston)"}},
		"one satoshi": {func(f *firm, d []statement.Day) []statement.Day {
			f.all[f.at("credit-2025-09-04")].Lines[0].Amount++
			return d
		}, []string{"coins_not_as_measured 2025-09-04 houston"}},
		"another site": {func(f *firm, d []statement.Day) []statement.Day {
			f.all[f.at("credit-2025-09-04")].Lines[0].Tags.Site = "dallas"
			return d
		}, []string{"(day_without_power 2025-09-04 dallas)", "day_without_coins 2025-09-04 houston"}},
		"another paper": {func(f *firm, d []statement.Day) []statement.Day {
			f.all[f.at("power-2025-09-04")].Evidence[0]++
			return d
		}, []string{"booked_from_another_paper 2025-09-04 houston"}},
		"a paper that is missing": {func(_ *firm, d []statement.Day) []statement.Day { return d[1:] }, []string{"day_without_paper 2025-09-03 houston"}},
		"a day on which the site stood still": {func(f *firm, d []statement.Day) []statement.Day {
			leave(f, "credit-2025-09-04", "power-2025-09-04")
			d[1].Uses, d[1].Import = nil, 0
			return d
		}, nil},
		"a year that was closed": {func(f *firm, d []statement.Day) []statement.Day {
			f.closed(september())
			return d
		}, nil},
		"a credit that was taken back": {func(f *firm, d []statement.Day) []statement.Day {
			x, err := f.all[f.at("credit-2025-09-05")].Reverse("back", day(9), day(9), "twice")
			f.post(x, err)
			return d
		}, []string{"(coins_not_as_measured 2025-09-05 houston)"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			f, _, papers := mines(t)
			papers = c.change(f, papers)
			all, err := statement.Booked(time.UTC, f.all, papers)
			if got := found(all); err != nil || !cmp.Equal(got, c.want) {
				t.Error(err, cmp.Diff(c.want, got))
			}
		})
	}
}

// TestUnmeasured: energy is known where every booked day has its paper.
func TestUnmeasured(t *testing.T) {
	t.Parallel()
	f, _, papers := mines(t)
	if days, missing, err := statement.Unmeasured(time.UTC, f.all, papers); days != 3 || missing != 0 || err != nil {
		t.Errorf("%d days, %d without a paper, %v", days, missing, err)
	}
	if days, missing, err := statement.Unmeasured(time.UTC, f.all, papers[1:]); days != 3 || missing != 1 || err != nil {
		t.Errorf("%d days, %d without a paper, %v", days, missing, err)
	}
	// noon in Greenwich is another day in Kiribati; the paper says which one the site means
	if days, missing, err := statement.Unmeasured(time.FixedZone("Kiribati", 14*3600), f.all, papers); days != 3 || missing != 0 || err != nil {
		t.Errorf("in Kiribati %d days, %d without a paper, %v", days, missing, err)
	}
	papers[0].Day = "yesterday"
	if _, err := statement.Booked(time.UTC, f.all, papers); err == nil {
		t.Error("a paper without a date was taken")
	}
}

// TestDisclose: the basis of cost is found in the books, and gains and losses are
// told apart, without those that were taken back and whatever a year's end closed.
func TestDisclose(t *testing.T) {
	t.Parallel()
	sell := func(f *firm, id, lotID string, proceeds unit.Amount) {
		f.post(lot.Sell(f.event(id, 8, "mining"), lot.Out{Held: &f.h, Account: hot, Picks: []books.Pick{{Lot: lotID, Quantity: 10_000_000}}}, bank, proceeds))
	}
	disclosed := func(f *firm) statement.Disclosure {
		d, err := statement.Disclose(f.c, f.all)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	f, _, _ := mines(t)
	sell(f, "gain", "2025-09-03", 10_400*dollar)
	sell(f, "loss", "2025-09-03", 10_250*dollar)
	got := disclosed(f)
	if want := (statement.Disclosure{Basis: statement.FIFO, Gains: 100 * dollar, Losses: 50 * dollar}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	back, err := f.all[f.at("loss")].Reverse("back", day(9), day(9), "never paid")
	f.post(back, err)
	f.closed(september())
	if got := disclosed(f); got.Gains != 100*dollar || got.Losses != 0 || got.Basis != statement.FIFO {
		t.Errorf("taken back and closed: %+v", got)
	}
	sell(f, "newer", "2025-09-05", 10_500*dollar)
	if got := disclosed(f); got.Basis != statement.Identified {
		t.Errorf("the newest coins went first: %+v", got)
	}
	if _, err := statement.Disclose(f.c, f.all[1:]); err == nil {
		t.Error("a sale of what never came was disclosed")
	}
}
