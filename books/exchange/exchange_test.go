package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/exchange"
	"sluice/books/statement"
	"sluice/unit"
)

const (
	entity = "Sluice Power LLC"
	dollar = unit.Unit
	euro   = int64(unit.Unit)
)

var (
	bank      = books.Bank("main")
	frankfurt = books.Bank("frankfurt")
	paris     = books.Bank("paris")
	london    = books.Bank("london")
	supplier  = books.Vendor("umspannwerk")
	tenant    = books.Customer("rechner")
)

func chart() books.Chart {
	c := books.Standard(entity, "USD", "UTC").With(bank)
	return exchange.Open(exchange.Open(c, "EUR", frankfurt, paris, supplier, tenant), "GBP", london)
}

func event(id string, day int) exchange.Event {
	at := time.Date(2025, 9, 0, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	return exchange.Event{ID: id, Entity: entity, Currency: "USD", At: at, Booked: at, Source: "test"}
}

// rate is the rate of an asset on a day.
func rate(a books.Asset, day int, value unit.Amount) books.Price {
	return books.Price{Asset: a, Quote: "USD", At: event("", day).At, Value: value, Source: "reference rates", Policy: "1"}
}

// ledger is the simplest books there are.
type ledger struct {
	t    interface{ Fatalf(string, ...any) }
	c    books.Chart
	all  []books.Transaction
	held map[string]int64
}

func open(t interface{ Fatalf(string, ...any) }) *ledger {
	return &ledger{t: t, c: chart(), held: map[string]int64{}}
}

func (b *ledger) post(x books.Transaction, err error) {
	if err == nil {
		err = x.Validate(b.c)
	}
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	b.all = append(b.all, x)
	for _, l := range x.Lines {
		b.held[l.Account] += l.Amount
	}
}

func (b *ledger) balances() []books.Balance {
	out, err := books.Tally(b.all)
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	return out
}

// at is where an account stands; the books must tie.
func (b *ledger) at(account string) exchange.Position {
	all, err := exchange.Positions(b.c, b.balances())
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	i := slices.IndexFunc(all, func(p exchange.Position) bool { return p.Account == account })
	if i < 0 {
		return exchange.Position{Account: account, Asset: "USD"}
	}
	return all[i]
}

func (b *ledger) leg(account string, amount int64) exchange.Leg {
	return exchange.Leg{Position: b.at(account), Amount: amount}
}

func (b *ledger) remeasure(day int, rates map[books.Asset]unit.Amount) {
	for _, name := range []string{frankfurt, paris, london, supplier, tenant} {
		p := b.at(name)
		x, some, err := exchange.Remeasure(event(fmt.Sprintf("m/%d/%s/%d", day, p.Account, len(b.all)), day), p, rate(p.Asset, day, rates[p.Asset]))
		if some || err != nil {
			b.post(x, err)
		}
	}
}

// worked books a month with euros.
func worked(t *testing.T) *ledger {
	t.Helper()
	b := open(t)
	b.post(books.Transaction{ID: "t0", Entity: entity, Kind: "capital", Standing: books.Posted, At: event("", 1).At, Booked: event("", 1).At, Lines: []books.Line{
		{Account: bank, Amount: int64(100_000 * dollar)}, {Account: "Equity:Capital", Amount: -int64(100_000 * dollar)},
	}}, nil)
	b.post(exchange.Convert(event("t1", 1), b.leg(bank, int64(11_000*dollar)), b.leg(frankfurt, 10_000*euro), books.Price{}))
	b.post(exchange.Document(event("t2", 5), b.at(supplier), []exchange.Part{
		{Account: books.PowerEnergy, Amount: 4_000 * euro, Tags: books.Tags{Site: "houston", Use: "mining"}},
	}, rate("EUR", 5, 1_120_000)))
	b.post(exchange.Settle(event("t3", 20), b.at(frankfurt), b.at(supplier), 4_000*euro, rate("EUR", 20, 1_150_000)))
	b.remeasure(30, map[books.Asset]unit.Amount{"EUR": 1_130_000, "GBP": 1_300_000})
	b.post(exchange.Convert(event("t5", 31), b.leg(frankfurt, 6_000*euro), b.leg(bank, int64(6_900*dollar)), books.Price{}))
	return b
}

// TestWorkedExample: every figure of the worked example, to the millionth, and the
// statements tie.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	b := worked(t)
	for account, want := range map[string]int64{
		bank: int64(95_900 * dollar), frankfurt: 0, supplier: 0, books.Carrying(frankfurt): 0, books.Carrying(supplier): 0,
		books.PowerEnergy:               int64(4_480 * dollar),
		books.ExchangeGain:              -int64(80*dollar + 120*dollar), // 4,480 - 4,400 at the settlement, 6,900 - 6,780 at the sale
		books.ExchangeOpen:              -int64(180 * dollar),           // 6,000 at 1.13, carried at 6,600
		books.Conversion("EUR"):         0,
		books.Conversion("USD"):         0,
		books.Carrying(london):          0,
		"Equity:Capital":                -int64(100_000 * dollar),
		books.Conversion(books.Bitcoin): 0,
	} {
		if got := b.held[account]; got != want {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
	if text := b.all[2].Narration; !strings.Contains(text, "price/EUR/USD/2025-09-05") {
		t.Errorf("the document does not say its rate: %q", text)
	}
	sheet, err := statement.BalanceSheet(b.c, b.balances(), &books.Holdings{})
	if err != nil || sheet.Gap() != 0 {
		t.Errorf("%+v, %v", sheet, err)
	}
}

// TestPositions: what a foreign account is carried at, and books that do not tie.
func TestPositions(t *testing.T) {
	t.Parallel()
	b := worked(t)
	b.post(exchange.Document(event("t6", 31), b.at(tenant), []exchange.Part{
		{Account: books.Hosting, Amount: -3 * euro}, {Account: books.TaxOwed, Amount: -1},
	}, rate("EUR", 31, 1_333_333)))
	if p := b.at(tenant); p.Quantity != 3*euro+1 || p.Carrying != 4_000_000 { // 3.000001 at 1.333333 is 4.000000333333
		t.Errorf("%+v", p)
	}
	if b.held[books.Hosting] != -3_999_999 || b.held[books.TaxOwed] != -1 {
		t.Errorf("earned %d, owed %d", b.held[books.Hosting], b.held[books.TaxOwed])
	}
	for sentence, extra := range map[string][]books.Balance{
		"euros that were never converted":   {{Account: paris, Amount: 5}},
		"a value without anything for it":   {{Account: books.Carrying(london), Amount: 5}},
		"a sum that is beyond every ledger": {{Account: paris, Amount: 1<<63 - 1}, {Account: paris, Amount: 1}},
	} {
		_, err := exchange.Positions(b.c, append(b.balances(), extra...))
		if !errors.Is(err, exchange.ErrTie) && !errors.Is(err, books.ErrOverflow) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestOverdrawn: what goes beyond zero leaves nothing of the old carrying value.
func TestOverdrawn(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post(exchange.Convert(event("a", 1), b.leg(bank, int64(110*dollar)), b.leg(frankfurt, 100*euro), books.Price{}))
	b.post(exchange.Convert(event("b", 2), b.leg(frankfurt, 150*euro), b.leg(bank, int64(180*dollar)), books.Price{}))
	if p := b.at(frankfurt); p.Quantity != -50*euro || p.Carrying != -60*dollar || b.held[books.ExchangeGain] != -int64(10*dollar) {
		t.Errorf("%+v, gained %d", p, -b.held[books.ExchangeGain])
	}
}

// TestMove: between our own banks nothing is gained.
func TestMove(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post(exchange.Convert(event("a", 1), b.leg(bank, 100_000_001), b.leg(frankfurt, 3), books.Price{}))
	b.post(exchange.Move(event("b", 2), b.at(frankfurt), b.at(paris), 1))
	if p, q := b.at(frankfurt), b.at(paris); p.Carrying+q.Carrying != 100_000_001 || q.Quantity != 1 || q.Carrying != 33_333_334 || b.held[books.ExchangeGain] != 0 {
		t.Errorf("%+v, %+v", p, q)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	b := worked(t)
	b.post(exchange.Convert(event("more", 31), b.leg(bank, int64(110*dollar)), b.leg(frankfurt, 100*euro), books.Price{}))
	here, there := b.at(frankfurt), b.at(paris)
	try := func(_ books.Transaction, err error) error { return err }
	remeasure := func(r books.Price) error {
		_, _, err := exchange.Remeasure(event("x", 30), here, r)
		return err
	}
	reverse := rate("USD", 30, 900_000)
	reverse.Quote = "EUR"
	late := event("x", 30)
	late.Zone = time.FixedZone("east", 13*3600) // noon in UTC is the next day there, and so is the rate's
	for sentence, c := range map[string]struct{ got, want error }{
		"no rate":                                 {remeasure(books.Price{}), books.ErrNoPrice},
		"the rate of the day before":              {remeasure(rate("EUR", 29, dollar)), books.ErrNoPrice},
		"the rate of another currency":            {remeasure(rate("GBP", 30, dollar)), books.ErrNoPrice},
		"the reverse of the rate":                 {remeasure(reverse), books.ErrNoPrice},
		"a rate of zero":                          {remeasure(rate("EUR", 30, 0)), books.ErrNoPrice},
		"two foreign currencies without a rate":   {try(exchange.Convert(event("x", 31), b.leg(frankfurt, euro), b.leg(london, euro), books.Price{})), books.ErrNoPrice},
		"the rate of what went, not of what came": {try(exchange.Convert(event("x", 31), b.leg(frankfurt, euro), b.leg(london, euro), rate("EUR", 31, dollar))), books.ErrNoPrice},
		"an exchange of nothing":                  {try(exchange.Convert(event("x", 31), b.leg(frankfurt, 0), b.leg(bank, euro), books.Price{})), exchange.ErrEvent},
		"an exchange into the same":               {try(exchange.Convert(event("x", 31), b.leg(frankfurt, 1), b.leg(paris, 1), books.Price{})), exchange.ErrEvent},
		"a transfer of more than there is":        {try(exchange.Move(event("x", 31), here, there, 100*euro+1)), exchange.ErrEvent},
		"a transfer to another currency":          {try(exchange.Move(event("x", 31), here, b.at(london), 1)), exchange.ErrEvent},
		"a settlement without a rate":             {try(exchange.Settle(event("x", 31), here, b.at(supplier), 1, books.Price{})), books.ErrNoPrice},
		"a settlement with itself":                {try(exchange.Settle(event("x", 31), here, here, 1, rate("EUR", 31, dollar))), exchange.ErrEvent},
		"a document about nothing":                {try(exchange.Document(event("x", 31), here, nil, rate("EUR", 31, dollar))), exchange.ErrEvent},
		"a document beyond every ledger":          {try(exchange.Document(event("x", 31), here, []exchange.Part{{Account: books.Overhead, Amount: 1<<63 - 1}, {Account: books.Overhead, Amount: 1}}, rate("EUR", 31, dollar))), books.ErrOverflow},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", sentence, c.got, c.want)
		}
	}
	if _, _, err := exchange.Remeasure(late, here, rate("EUR", 30, dollar)); err != nil {
		t.Errorf("both are of one day where the entity is: %v", err)
	}
}

// TestFind: one rate of a day and policy, or none.
func TestFind(t *testing.T) {
	t.Parallel()
	other := rate("EUR", 3, 1_200_000)
	other.Source = "somebody else"
	all := []books.Price{rate("EUR", 1, 1_100_000), rate("GBP", 2, 1_300_000), rate("EUR", 3, 1_110_000), rate("EUR", 1, 1_100_000), other}
	for sentence, c := range map[string]struct {
		asset  books.Asset
		day    int
		policy string
		want   unit.Amount
	}{
		"a rate that stands twice": {"EUR", 1, "1", 1_100_000},
		"a missing day":            {"EUR", 2, "1", 0},
		"another policy":           {"EUR", 1, "2", 0},
		"two that differ":          {"EUR", 3, "1", 0},
		"pounds":                   {"GBP", 2, "1", 1_300_000},
	} {
		for range 2 {
			got, err := exchange.Find(all, c.asset, "USD", c.policy, event("", c.day).At)
			if got.Value != c.want || errors.Is(err, books.ErrNoPrice) != (c.want == 0) {
				t.Errorf("%s: %v, %v", sentence, got.Value, err)
			}
			slices.Reverse(all)
		}
	}
}

// step is one event of a random month.
type step struct {
	what, from, to int
	amount         int64
	worth          int64
}

// take books a step where it can happen.
func (b *ledger) take(day int, s step, rates map[books.Asset]unit.Amount) {
	names := []string{bank, frankfurt, paris, london, supplier, tenant}
	from, to := b.at(names[s.from]), b.at(names[s.to])
	e := event(fmt.Sprintf("s/%d", day), day)
	of := func(a books.Asset) books.Price { return rate(a, day, rates[a]) }
	var x books.Transaction
	var err error
	switch s.what {
	case 0:
		x, err = exchange.Convert(e, exchange.Leg{Position: from, Amount: s.amount}, exchange.Leg{Position: to, Amount: s.worth}, of(to.Asset))
	case 1:
		x, err = exchange.Move(e, from, to, s.amount)
	case 2:
		x, err = exchange.Settle(e, from, to, s.amount, of(from.Asset))
	default:
		x, err = exchange.Document(e, to, []exchange.Part{{Account: books.Overhead, Amount: s.amount}, {Account: books.Hosting, Amount: -s.worth}}, of(to.Asset))
	}
	if errors.Is(err, exchange.ErrEvent) || errors.Is(err, books.ErrNoPrice) && (from.Asset == "USD" || to.Asset == "USD") {
		return
	}
	b.post(x, err)
}

// TestGains: whatever happens in a month, every currency sums to zero, what is
// carried ties to what is held, and all gains together do not depend on how often
// was remeasured on the way.
func TestGains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		often, once := open(t), open(t)
		rates := map[books.Asset]unit.Amount{}
		days := rapid.IntRange(1, 12).Draw(t, "days")
		for day := 1; day <= days; day++ {
			for _, a := range []books.Asset{"EUR", "GBP"} {
				rates[a] = unit.Amount(rapid.Int64Range(1, 3_000_000).Draw(t, "rate"))
			}
			s := step{
				rapid.IntRange(0, 3).Draw(t, "what"), rapid.IntRange(0, 5).Draw(t, "from"), rapid.IntRange(0, 5).Draw(t, "to"),
				rapid.Int64Range(1, 1e12).Draw(t, "amount"), rapid.Int64Range(1, 1e12).Draw(t, "worth"),
			}
			once.take(day, s, rates)
			often.take(day, s, rates)
			often.remeasure(day, rates)
			n := len(often.all)
			if often.remeasure(day, rates); len(often.all) != n {
				t.Fatal("remeasured twice, and something was booked again")
			}
		}
		once.remeasure(days, rates)
		for _, name := range []string{bank, frankfurt, paris, london, supplier, tenant} {
			if p, q := once.at(name), often.at(name); p != q || once.held[name] != often.held[name] {
				t.Fatalf("%+v, remeasured every day %+v", p, q)
			}
		}
		gain := func(b *ledger) int64 { return b.held[books.ExchangeGain] + b.held[books.ExchangeOpen] }
		if gain(once) != gain(often) {
			t.Fatalf("gained %d, remeasured every day %d", gain(once), gain(often))
		}
	})
}

// TestThereAndBack: what is bought and sold again at one price gains nothing beside
// what the average of what was held before moves.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := open(t)
		if rapid.Bool().Draw(t, "held before") {
			b.post(exchange.Convert(event("before", 1), b.leg(bank, rapid.Int64Range(1, 1e12).Draw(t, "paid")), b.leg(frankfurt, rapid.Int64Range(1, 1e12).Draw(t, "euros")), books.Price{}))
		}
		was, spent := b.at(frankfurt), b.held[bank]
		q, v := rapid.Int64Range(1, 1e12).Draw(t, "quantity"), rapid.Int64Range(1, 1e12).Draw(t, "price")
		b.post(exchange.Convert(event("there", 2), b.leg(bank, v), b.leg(frankfurt, q), books.Price{}))
		b.post(exchange.Convert(event("back", 3), b.leg(frankfurt, q), b.leg(bank, v), books.Price{}))
		is := b.at(frankfurt)
		if is.Quantity != was.Quantity || b.held[bank] != spent || int64(is.Carrying-was.Carrying) != -b.held[books.ExchangeGain] {
			t.Fatalf("%+v became %+v, gained %d", was, is, -b.held[books.ExchangeGain])
		}
		if was.Quantity == 0 && b.held[books.ExchangeGain] != 0 {
			t.Fatalf("gained %d out of nothing", -b.held[books.ExchangeGain])
		}
	})
}

// TestOrder: purchases and documents of several days, booked in any order, are
// carried at the same.
func TestOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type day struct {
			n      int
			amount int64
			rate   unit.Amount
		}
		var days []day
		for n := range rapid.IntRange(1, 6).Draw(t, "days") {
			days = append(days, day{n + 1, rapid.Int64Range(1, 1e12).Draw(t, "amount"), unit.Amount(rapid.Int64Range(1, 3_000_000).Draw(t, "rate"))})
		}
		carried := func(days []day) exchange.Position {
			b := open(t)
			for _, d := range days {
				b.post(exchange.Document(event(fmt.Sprint("d", d.n), d.n), b.at(supplier), []exchange.Part{{Account: books.Overhead, Amount: d.amount}}, rate("EUR", d.n, d.rate)))
			}
			return b.at(supplier)
		}
		if a, b := carried(days), carried(rapid.Permutation(days).Draw(t, "order")); a != b {
			t.Fatalf("%+v, in another order %+v", a, b)
		}
	})
}
