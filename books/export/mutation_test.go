package export_test

import (
	"bytes"
	"strings"
	"testing"

	"sluice/books"
	"sluice/books/export"
	"sluice/books/lot"
)

// block is the text of the transaction of that id, from its date to the blank line.
func block(text, id string) string {
	at := strings.Index(text, id)
	from := strings.LastIndex(text[:at], "\n\n") + 2
	return text[from : at+strings.Index(text[at:], "\n\n")+2]
}

// TestPlantedErrors: which program finds which error. What neither finds is found
// by our own checks, and the test of those is beside them.
func TestPlantedErrors(t *testing.T) {
	t.Parallel()
	p := september(t)
	once := func(from, to string) func(string) string {
		return func(s string) string { return strings.Replace(s, from, to, 1) }
	}
	both := func(f func(string) string) [2]func(string) string { return [2]func(string) string{f, f} }
	for sentence, c := range map[string]struct {
		change        [2]func(string) string // of hledger's text, of beancount's
		hledger, bean bool                   // who finds it
	}{
		"a millionth of a dollar":   {both(once("  550.000000 USD", "  550.000001 USD")), true, true},
		"a hundred millionths":      {both(once("  550.000000 USD", "  550.000100 USD")), true, true},
		"a cent":                    {both(once("  550.000000 USD", "  550.010000 USD")), true, true},
		"a satoshi in a new lot":    {both(once("  0.33333333 BTC", "  0.33333334 BTC")), true, true},
		"a satoshi at the end":      {[2]func(string) string{once("= 0.11234567 BTC", "= 0.11234568 BTC"), once(" 0.11234567 ~", " 0.11234568 ~")}, true, true},
		"a sign swapped":            {both(once("  -41234.560000 USD", "  41234.560000 USD")), true, true},
		"an account nobody opened":  {both(once("Expenses:Power:Energy  41234", "Expenses:Power:Enrgy  41234")), true, true},
		"a reversal left out":       {[2]func(string) string{func(s string) string { return strings.Replace(s, block(s, "id:t5c"), "", 1) }, func(s string) string { return strings.Replace(s, block(s, `id: "t5c"`), "", 1) }}, true, true},
		"a booking twice":           {[2]func(string) string{func(s string) string { b := block(s, "id:t5\n"); return strings.Replace(s, b, b+b, 1) }, func(s string) string { b := block(s, `id: "t5"`); return strings.Replace(s, b, b+b, 1) }}, true, true},
		"a date out of order":       {[2]func(string) string{once("2025-09-15 * sale", "2025-09-01 * sale"), once("2025-09-15 * \"sale", "2025-09-01 * \"sale")}, true, true},
		"a sale at another price":   {[2]func(string) string{once("", ""), once("@ 113887.5", "@ 113987.5")}, false, true},
		"a sale out of another lot": {[2]func(string) string{once("", ""), once(`-0.50000000 BTC {"L1"}`, `-0.50000000 BTC {"L2"}`)}, false, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h, b := string(journal(t, p)), string(strict(t, p))
			hm, bm := c.change[0](h), c.change[1](b)
			if hm == h && c.hledger || bm == b {
				t.Fatal("nothing was changed")
			}
			if said := hledger(t, []byte(hm)); (said != "") != c.hledger {
				t.Errorf("hledger said %q", said)
			}
			if said := beanCheck(t, []byte(bm)); (said != "") != c.bean {
				t.Errorf("bean-check said %q", said)
			}
		})
	}
}

// TestNotTheOldest: lots that were chosen otherwise, and booked without any other
// fault, are found where beancount chooses.
func TestNotTheOldest(t *testing.T) {
	t.Parallel()
	p := september(t)
	s := &shelf{t: t, p: p}
	s.p.Transactions, s.p.Opening, s.p.Lots = nil, nil, nil
	s.post(lot.Earn(event("a", 2), lot.Earning{Account: hot, Lot: "A", Quantity: 1_000_000, Subsidy: 1_000 * dollar}))
	s.post(lot.Earn(event("b", 3), lot.Earning{Account: hot, Lot: "B", Quantity: 1_000_000, Subsidy: 1_100 * dollar}))
	s.post(lot.Sell(event("c", 4), lot.Out{Held: &s.h, Account: hot, Picks: []books.Pick{{Lot: "B", Quantity: 500_000}}}, bank, 600*dollar))
	var err error
	if s.p.Closing, err = export.Balances(nil, s.p.Transactions); err != nil {
		t.Fatal(err)
	}
	if said := beanCheck(t, strict(t, s.p)); said != "" {
		t.Errorf("by name it is right, and bean-check said %q", said)
	}
	if said := beanCheck(t, fifo(t, s.p)); said == "" {
		t.Error("the newer lot went first, and nobody noticed")
	}
	if bytes.Equal(strict(t, s.p), fifo(t, s.p)) {
		t.Error("both ways are written alike")
	}
}
