package lot_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/lot"
	"sluice/unit"
)

const (
	entity = "Sluice Power LLC"
	dollar = unit.Unit
)

var (
	hot, cold = books.Wallet("hot"), books.Wallet("cold")
	bank      = books.Bank("main")
)

func chart() books.Chart {
	return books.Standard(entity, "USD", "UTC").With(bank, hot, cold, books.FairValue(hot), books.FairValue(cold), books.Vendor("utility"))
}

func event(id string, day int) lot.Event {
	at := time.Date(2025, 9, day, 0, 0, 0, 0, time.UTC)
	return lot.Event{ID: id, Entity: entity, Currency: "USD", At: at, Booked: at, Source: "test"}
}

// ledger is the simplest books there are.
type ledger struct {
	t    interface{ Fatalf(string, ...any) }
	c    books.Chart
	h    books.Holdings
	all  []books.Transaction
	held map[string]int64
}

func (b *ledger) post(x books.Transaction, err error) {
	if err == nil {
		err = x.Validate(b.c)
	}
	if err == nil {
		err = b.h.Apply(b.c, x)
	}
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	b.all = append(b.all, x)
	for _, l := range x.Lines {
		b.held[l.Account] += l.Amount
	}
}

func (b *ledger) fifo(account string, q unit.Satoshi) []books.Pick {
	picks, err := b.h.FIFO(account, q)
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	return picks
}

func (b *ledger) out(account string, picks []books.Pick) lot.Out {
	return lot.Out{Held: &b.h, Account: account, Picks: picks}
}

// worked books the seven transactions of the worked example.
func worked(t *testing.T) *ledger {
	t.Helper()
	b := &ledger{t: t, c: chart(), held: map[string]int64{}}
	plain := func(id, kind string, day int, from, to string, amount unit.Amount) books.Transaction {
		e := event(id, day)
		return books.Transaction{ID: id, Entity: entity, Kind: kind, Standing: books.Posted, At: e.At, Booked: e.Booked, Source: "test", Lines: []books.Line{
			{Account: to, Amount: int64(amount)}, {Account: from, Amount: -int64(amount)},
		}}
	}
	b.post(plain("t1", "capital", 1, books.Opening, bank, 1_000_000*dollar), nil)
	b.post(lot.Earn(event("t2", 2), lot.Earning{Account: hot, Lot: "L1", Quantity: 50_000_000, Subsidy: 55_550 * dollar, PoolFee: 550 * dollar}))
	b.post(lot.Earn(event("t3", 10), lot.Earning{Account: hot, Lot: "L2", Quantity: 33_333_333, Subsidy: 37_448_556_292}))
	b.post(lot.Sell(event("t4", 15), b.out(hot, b.fifo(hot, 60_000_000)), bank, 69_000*dollar))
	b.post(plain("t5", "utility invoice", 30, books.Vendor("utility"), books.PowerEnergy, 41_234_560_000), nil)
	price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: event("", 30).At, Value: 114_000 * dollar, Source: "test", Policy: "1"}
	x, changed, err := lot.Revalue(event("t6", 30), &b.h, hot, price, 0)
	if !changed {
		t.Fatal("nothing was revalued")
	}
	b.post(x, err)
	b.post(lot.Move(event("t7", 30), b.out(hot, b.fifo(hot, 13_333_333)), cold))
	return b
}

// TestWorkedExample: every figure of the worked example, to the millionth.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	b := worked(t)
	for account, want := range map[string]int64{
		bank: 1_069_000_000_000, hot: 10_000_000, cold: 13_333_333,
		books.Conversion("USD"): 26_213_989_292, books.Conversion(books.Bitcoin): -23_333_333,
		books.FairValue(hot): 386_010_328, books.RealisedGain: -2_765_433_000, books.UnrealisedGain: -386_010_328,
		books.MiningSubsidy: -92_998_556_292, books.PoolFee: 550_000_000, books.PowerEnergy: 41_234_560_000,
	} {
		if got := b.held[account]; got != want {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
	if q, cost := b.h.Total(""); q != 23_333_333 || cost != 26_213_989_292 {
		t.Errorf("open are %d that cost %d", q, cost)
	}
	if got := b.held[books.Conversion("USD")] + b.held[books.FairValue(hot)]; got != 26_599_999_620 {
		t.Errorf("the fair value is %d", got)
	}
	r, err := lot.Roll(hot, 0, 386_010_328+11_234_567_000, b.all)
	if err != nil || r.Additions != 92_448_556_292 || r.Dispositions != 69_000*dollar || r.Realised != 2_765_433_000 || r.Unrealised != 386_010_328 {
		t.Errorf("rolled forward as %+v, %v", r, err)
	}
}

// TestRefused: what cannot be taken out of a wallet is not.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := worked(t)
	sell := func(picks ...books.Pick) error {
		_, err := lot.Sell(event("x", 30), b.out(hot, picks), bank, dollar)
		return err
	}
	_, short := b.h.FIFO(hot, 10_000_001)
	_, none := b.h.FIFO(hot, 0)
	_, nowhere := lot.Move(event("x", 30), b.out(hot, []books.Pick{{Lot: "L2", Quantity: 1}}), hot)
	_, _, unpriced := lot.Revalue(event("x", 30), &b.h, hot, books.Price{Asset: books.Bitcoin, Quote: "USD"}, 0)
	twice := b.all[3]
	for sentence, c := range map[string]struct{ got, want error }{
		"more than there is":                {short, books.ErrShort},
		"nothing":                           {none, books.ErrShort},
		"a lot that is gone":                {sell(books.Pick{Lot: "L1", Quantity: 1}), books.ErrLot},
		"more of a lot than there is":       {sell(books.Pick{Lot: "L2", Quantity: 10_000_001}), books.ErrShort},
		"the same twice, together too much": {sell(books.Pick{Lot: "L2", Quantity: 6_000_000}, books.Pick{Lot: "L2", Quantity: 6_000_000}), books.ErrShort},
		"a move to where it is":             {nowhere, lot.ErrEvent},
		"a value without a price":           {unpriced, books.ErrNoPrice},
		"a sale applied twice":              {b.h.Apply(b.c, twice), books.ErrShort},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", sentence, c.got, c.want)
		}
	}
}

// TestConservation: whatever is bought, sold, moved and taken back, no satoshi and
// no millionth is lost or made, and the roll-forward of every account closes.
func TestConservation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := &ledger{t: t, c: chart(), held: map[string]int64{}}
		standing := func(a string) unit.Amount { return unit.Amount(b.held[books.FairValue(a)]) }
		for day := range rapid.IntRange(1, 28).Draw(t, "days") {
			e := event(string(rune('a'+day)), day+1)
			from, to := hot, cold
			if rapid.Bool().Draw(t, "back") {
				from, to = cold, hot
			}
			q, _ := b.h.Total(from)
			switch what := rapid.IntRange(0, 4).Draw(t, "event"); {
			case what == 0 || q == 0:
				n := unit.Satoshi(rapid.Int64Range(1, 1_000_000_000).Draw(t, "coins"))
				b.post(lot.Earn(e, lot.Earning{Account: from, Lot: e.ID, Quantity: n, Subsidy: unit.Amount(rapid.Int64Range(1, 1e12).Draw(t, "worth"))}))
			case what == 1:
				b.post(lot.Sell(e, b.out(from, b.fifo(from, unit.Satoshi(rapid.Int64Range(1, int64(q)).Draw(t, "sold")))), bank, unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "proceeds"))))
			case what == 2:
				b.post(lot.Move(e, b.out(from, b.fifo(from, unit.Satoshi(rapid.Int64Range(1, int64(q)).Draw(t, "moved")))), to))
			case what == 3:
				price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: e.At, Value: unit.Amount(rapid.Int64Range(1, 2e11).Draw(t, "price")), Source: "x", Policy: "1"}
				if x, changed, err := lot.Revalue(e, &b.h, from, price, standing(from)); changed || err != nil {
					b.post(x, err)
				}
			default:
				x, err := b.all[len(b.all)-1].Reverse(e.ID, e.At, e.Booked, "again")
				if err == nil {
					b.post(x, nil)
				}
			}
			b.check(t)
		}
		for _, a := range []string{hot, cold} {
			_, cost := b.h.Total(a)
			if _, err := lot.Roll(a, 0, cost+standing(a), b.all); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// check holds the lots against the accounts.
func (b *ledger) check(t *rapid.T) {
	for _, a := range []string{hot, cold} {
		if q, _ := b.h.Total(a); int64(q) != b.held[a] {
			t.Fatalf("%s holds %d in lots and %d in the books", a, q, b.held[a])
		}
	}
	q, cost := b.h.Total("")
	if int64(q) != -b.held[books.Conversion(books.Bitcoin)] || int64(cost) != b.held[books.Conversion("USD")] {
		t.Fatalf("lots of %d that cost %d; converted %d and %d", q, cost, b.held[books.Conversion(books.Bitcoin)], b.held[books.Conversion("USD")])
	}
}
