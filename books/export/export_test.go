package export_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/export"
	"sluice/books/lot"
	"sluice/unit"
)

const dollar = unit.Unit

var (
	hot, cold = books.Wallet("hot"), books.Wallet("cold")
	bank      = books.Bank("main")
)

// shelf is the books of a month as they are written.
type shelf struct {
	t *testing.T
	h books.Holdings
	p export.Period
}

func (s *shelf) post(x books.Transaction, err error) {
	s.t.Helper()
	if err == nil {
		err = errors.Join(x.Validate(s.p.Chart), s.h.Apply(s.p.Chart, x))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.p.Transactions = append(s.p.Transactions, x)
}

func event(id string, day int) lot.Event {
	at := time.Date(2025, 9, day, 15, 0, 0, 0, time.UTC)
	return lot.Event{ID: id, Entity: "Sluice \"Power\" LLC", Currency: "USD", At: at, Booked: at, Source: "test", Tags: books.Tags{Site: "houston", Use: "mining"}, Text: id + "; a | b"}
}

func (s *shelf) out(account string, q unit.Satoshi) lot.Out {
	s.t.Helper()
	picks, err := s.h.FIFO(account, q)
	if err != nil {
		s.t.Fatal(err)
	}
	return lot.Out{Held: &s.h, Account: account, Picks: picks}
}

func plain(id string, day int, from, to string, amount unit.Amount) books.Transaction {
	e := event(id, day)
	return books.Transaction{ID: id, Entity: e.Entity, Kind: "booking", Standing: books.Posted, At: e.At, Booked: e.Booked, Source: "test", Lines: []books.Line{
		{Account: to, Amount: int64(amount), Tags: e.Tags}, {Account: from, Amount: -int64(amount)},
	}}
}

// september is the worked example, with a lot from the month before, a second
// transfer of the same lot, a sale out of both, a fee in coins and a reversal.
func september(t *testing.T) export.Period {
	t.Helper()
	day := func(m time.Month) time.Time { return time.Date(2025, m, 1, 0, 0, 0, 0, time.UTC) }
	c := books.Standard(event("", 1).Entity, "USD", "UTC").With(bank, hot, cold, books.FairValue(hot), books.Vendor("utility"))
	s := &shelf{t: t, p: export.Period{Chart: c, Zone: time.UTC, From: day(9), To: day(10)}}
	before := event("t0", 1)
	before.At = before.At.AddDate(0, -1, 0)
	s.post(lot.Earn(before, lot.Earning{Account: hot, Lot: "L0", Quantity: 1_234_567, Subsidy: 1_300_000_001}))
	s.p.Opening, _ = export.Balances(nil, s.p.Transactions)
	s.p.Lots = map[string][]books.Parcel{hot: s.h.Of(hot)}
	s.p.Transactions = nil
	s.post(plain("t1", 1, books.Opening, bank, 1_000_000*dollar), nil)
	s.post(lot.Earn(event("t2", 2), lot.Earning{Account: hot, Lot: "L1", Quantity: 50_000_000, Subsidy: 55_550 * dollar, PoolFee: 550 * dollar}))
	s.post(lot.Earn(event("t3", 10), lot.Earning{Account: hot, Lot: "L2", Quantity: 33_333_333, Subsidy: 37_448_556_292}))
	s.post(lot.Sell(event("t4", 15), s.out(hot, 60_000_000), bank, 69_000*dollar))
	s.post(plain("t5", 30, books.Vendor("utility"), books.PowerEnergy, 41_234_560_000), nil)
	s.post(plain("t5b", 30, books.Vendor("utility"), books.PowerEnergy, 41_234_560_000), nil) // equal, and right
	wrong, err := s.p.Transactions[len(s.p.Transactions)-1].Reverse("t5c", event("", 30).At, event("", 30).At, "paid by the landlord")
	s.post(wrong, err)
	price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: event("", 30).At, Value: 114_000 * dollar, Source: "test", Policy: "1"}
	x, _, err := lot.Revalue(event("t6", 30), &s.h, hot, price, 0)
	s.post(x, err)
	s.post(lot.Move(event("t7", 30), s.out(hot, 7_000_001), cold))
	s.post(lot.Move(event("t8", 30), s.out(hot, 6_333_332), cold))
	s.post(lot.Sell(event("t9", 30), s.out(cold, 8_000_000), bank, 9_111*dollar))
	s.post(lot.Pay(event("t10", 30), s.out(cold, 1_500), books.NetworkFees, 1_710_000))
	s.p.Prices = []books.Price{price}
	if s.p.Closing, err = export.Balances(s.p.Opening, s.p.Transactions); err != nil {
		t.Fatal(err)
	}
	return s.p
}

// referee is a program of others, and the answer is what it says against a text;
// empty: nothing.
type referee func(t *testing.T, text []byte) string

// asked runs a program over a text and returns what it complains of.
func asked(t *testing.T, text []byte, suffix string, command ...string) string {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS CHECKED: %s is missing (make debian installs it)", command[0])
	}
	name := filepath.Join(t.TempDir(), "period"+suffix)
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, a := range command {
		command[i] = strings.ReplaceAll(a, "FILE", name)
	}
	out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error()
	}
	return string(out)
}

func hledger(t *testing.T, text []byte) string {
	t.Helper()
	return asked(t, text, ".journal", "hledger", "-f", "FILE", "check", "--strict", "ordereddates")
}

func beanCheck(t *testing.T, text []byte) string {
	t.Helper()
	return asked(t, text, ".beancount", "bean-check", "FILE")
}

func written(t *testing.T, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func journal(t *testing.T, p export.Period) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return export.Hledger(b, p) })
}

func strict(t *testing.T, p export.Period) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return export.Beancount(b, p, export.Strict) })
}

func fifo(t *testing.T, p export.Period) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return export.Beancount(b, p, export.FIFO) })
}

// TestOthersAgree: both programs take the month without a word, also when
// beancount chooses the lots itself.
func TestOthersAgree(t *testing.T) {
	t.Parallel()
	p := september(t)
	for name, c := range map[string]struct {
		text []byte
		ask  referee
	}{"hledger": {journal(t, p), hledger}, "lots by name": {strict(t, p), beanCheck}, "the oldest first": {fifo(t, p), beanCheck}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said := c.ask(t, c.text); said != "" {
				t.Errorf("%s\n%s", said, c.text)
			}
		})
	}
}

// TestRefused: what is no whole period is not written at all.
func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*export.Period){
		"a pending transaction":    func(p *export.Period) { p.Transactions[0].Standing = books.Pending },
		"one of another month":     func(p *export.Period) { p.Transactions[0].At = p.To },
		"one that does not sum":    func(p *export.Period) { p.Transactions[0].Lines[0].Amount++ },
		"a period that ends early": func(p *export.Period) { p.To = p.From },
		"no zone":                  func(p *export.Period) { p.Zone = nil },
		"an unknown account":       func(p *export.Period) { p.Opening["Assets:Nothing"] = 1 },
	} {
		p := september(t)
		change(&p)
		var b bytes.Buffer
		if err := export.Hledger(&b, p); !errors.Is(err, export.ErrPeriod) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", sentence, err, b.Len())
		}
		if err := export.Beancount(&b, p, export.Strict); !errors.Is(err, export.ErrPeriod) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", sentence, err, b.Len())
		}
	}
}
