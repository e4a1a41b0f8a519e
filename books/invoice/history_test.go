package invoice_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/unit"
)

// histories are random documents, payments, write-offs and recoveries of one customer.
func histories(tb testing.TB) *rapid.Generator[invoice.History] {
	tb.Helper()
	return rapid.Custom(func(t *rapid.T) invoice.History {
		var h invoice.History
		for i, a := range rapid.SliceOfN(rapid.Int64Range(-1<<40, 1<<40), 1, 8).Draw(t, "amounts") {
			d := note(invoice.DebitNote, line(invoice.Usage, unit.Amount(a)))
			if a < 0 {
				d.Kind = invoice.CreditNote
			}
			h.Documents = append(h.Documents, made(tb, d, int64(i)+100))
		}
		for i := range rapid.IntRange(0, 6).Draw(t, "events") {
			d := rapid.SampledFrom(h.Documents).Draw(t, "document")
			if w, err := h.WriteOff(d, event(int64(i))); err == nil && rapid.Bool().Draw(t, "it is given up") {
				h.WriteOffs = append(h.WriteOffs, w)
				continue
			}
			p := payment(t, h.Documents, int64(i))
			h.WriteOffs = append(h.WriteOffs, h.Recoveries(p)...)
			h.Payments = append(h.Payments, p)
		}
		return h
	})
}

// payment gives something to some documents.
func payment(t *rapid.T, documents []invoice.Document, day int64) invoice.Payment {
	p := invoice.Payment{Event: event(day), Bank: "main"}
	for _, d := range documents {
		if rapid.Bool().Draw(t, "for this one") {
			if part := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "part"); part != 0 {
				p.Allocations = append(p.Allocations, invoice.Allocation{Document: d.Number, Amount: unit.Amount(part)})
				p.Amount += unit.Amount(part)
			}
		}
	}
	p.Amount += unit.Amount(rapid.Int64Range(1, 1<<30).Draw(t, "more than is allocated"))
	return p
}

// poster makes transactions of what happened; a bug may be planted in it.
type poster struct {
	pay     func(invoice.Payment) (books.Transaction, error)
	giveUp  func(invoice.WriteOff) (books.Transaction, error)
	rebuild func(invoice.History) invoice.History
}

func sound() poster {
	return poster{invoice.Payment.Post, invoice.WriteOff.Post, func(h invoice.History) invoice.History { return h }}
}

// tiesOut posts a history and compares the receivable with what is open.
func tiesOut(tb testing.TB, h invoice.History, by poster) error {
	tb.Helper()
	l := ledger{}
	for _, d := range h.Documents {
		if d.Payable() == 0 && d.Rounding == 0 {
			continue
		}
		x, err := d.Post(booked)
		l.post(tb, x, err)
	}
	for _, p := range h.Payments {
		x, err := by.pay(p)
		l.post(tb, x, err)
	}
	var lost unit.Amount
	for _, w := range h.WriteOffs {
		x, err := by.giveUp(w)
		l.post(tb, x, err)
		lost += w.Amount
	}
	if got, want := l[books.Customer("acme")], int64(by.rebuild(h).Outstanding()); got != want {
		return fmt.Errorf("the receivable is %d, open are %d", got, want)
	}
	if got := l[books.BadDebt]; got != int64(lost) || got < 0 {
		return fmt.Errorf("bad debt is %d, given up were %d", got, lost)
	}
	return nil
}

// TestTieOut: the open documents are the balance of the receivable, at any time and
// whatever was given up and recovered; a bug in any of it is noticed.
func TestTieOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		if err := tiesOut(t, histories(t).Draw(r, "history"), sound()); err != nil {
			r.Fatal(err)
		}
	})
	receivable := func(x books.Transaction, err error, was string) (books.Transaction, error) {
		for i, l := range x.Lines {
			if l.Account == was {
				x.Lines[i].Account = books.Customer("acme")
			}
		}
		return x, err
	}
	for sentence, plant := range map[string]func(*poster){
		"what is left of payments goes to the receivable": func(p *poster) {
			p.pay = func(x invoice.Payment) (books.Transaction, error) {
				y, err := x.Post()
				return receivable(y, err, books.CustomerDeposit)
			}
		},
		"a write-off costs nothing": func(p *poster) {
			p.giveUp = func(w invoice.WriteOff) (books.Transaction, error) {
				y, err := w.Post()
				return receivable(y, err, books.BadDebt)
			}
		},
		"a recovery is forgotten": func(p *poster) {
			p.rebuild = func(h invoice.History) invoice.History {
				out := h
				out.WriteOffs = nil
				for _, w := range h.WriteOffs {
					if w.Amount > 0 {
						out.WriteOffs = append(out.WriteOffs, w)
					}
				}
				return out
			}
		},
	} {
		by, caught := sound(), false
		plant(&by)
		for seed := range 300 {
			caught = caught || tiesOut(t, histories(t).Example(seed), by) != nil
		}
		if !caught {
			t.Errorf("%s, and nobody noticed", sentence)
		}
	}
}

// TestState: how far a document has come.
func TestState(t *testing.T) {
	t.Parallel()
	bill := made(t, note(invoice.DebitNote, line(invoice.Usage, 5_000_000)), 7)
	other := made(t, note(invoice.DebitNote, line(invoice.Usage, 3_000_000)), 8)
	credit := made(t, note(invoice.CreditNote, line(invoice.Usage, -5_000_000)), 9)
	cash := func(a unit.Amount) invoice.Payment {
		return invoice.Payment{Event: event(1), Bank: "main", Amount: a, Allocations: []invoice.Allocation{{Document: bill.Number, Amount: a}}}
	}
	off := func(d invoice.Document, a, cash unit.Amount) invoice.Payment {
		return invoice.Payment{Event: event(2), Bank: "main", Amount: cash, Allocations: []invoice.Allocation{{Document: bill.Number, Amount: a}, {Document: d.Number, Amount: cash - a}}}
	}
	lost := func(a unit.Amount) invoice.WriteOff {
		return invoice.WriteOff{Event: event(3), Document: bill.Number, Amount: a}
	}
	for sentence, c := range map[string]struct {
		payments []invoice.Payment
		lost     []invoice.WriteOff
		want     invoice.State
	}{
		"nothing came":                        {nil, nil, invoice.Issued},
		"a part came":                         {[]invoice.Payment{cash(2_000_000)}, nil, invoice.PartlyPaid},
		"all came":                            {[]invoice.Payment{cash(2_000_000), cash(3_000_000)}, nil, invoice.Paid},
		"a credit note set all of it off":     {[]invoice.Payment{off(credit, 5_000_000, 0)}, nil, invoice.Credited},
		"two credits did":                     {[]invoice.Payment{off(credit, 2_000_000, 0), off(credit, 3_000_000, 0)}, nil, invoice.Credited},
		"a credit and cash did":               {[]invoice.Payment{off(credit, 2_000_000, 0), cash(3_000_000)}, nil, invoice.Paid},
		"a payment less a credit did":         {[]invoice.Payment{off(credit, 5_000_000, 3_000_000)}, nil, invoice.Paid},
		"cash of another document did":        {[]invoice.Payment{off(other, 5_000_000, 0)}, nil, invoice.Paid},
		"a credit set a part off":             {[]invoice.Payment{off(credit, 2_000_000, 0)}, nil, invoice.PartlyPaid},
		"it is given up":                      {nil, []invoice.WriteOff{lost(5_000_000)}, invoice.WrittenOff},
		"the rest of it is given up":          {[]invoice.Payment{cash(2_000_000)}, []invoice.WriteOff{lost(3_000_000)}, invoice.WrittenOff},
		"it was given up and came after all":  {[]invoice.Payment{cash(5_000_000)}, []invoice.WriteOff{lost(5_000_000), lost(-5_000_000)}, invoice.Paid},
		"a part of what was given up came":    {[]invoice.Payment{cash(2_000_000)}, []invoice.WriteOff{lost(5_000_000), lost(-2_000_000)}, invoice.WrittenOff},
		"what was given up is asked for anew": {nil, []invoice.WriteOff{lost(5_000_000), lost(-5_000_000)}, invoice.Issued},
	} {
		h := invoice.History{Documents: []invoice.Document{bill, other, credit}, Payments: c.payments, WriteOffs: c.lost}
		if got := h.State(bill); got != c.want {
			t.Errorf("%s: %v, want %v", sentence, got, c.want)
		}
	}
	h := invoice.History{Documents: []invoice.Document{bill, credit}, Payments: []invoice.Payment{off(credit, 5_000_000, 0)}}
	if got := h.State(credit); got != invoice.Paid {
		t.Errorf("a credit note that is used: %v", got)
	}
	if got := (invoice.History{}).State(invoice.Document{}); got != invoice.Drafted {
		t.Error(got)
	}
}

// TestRecovery walks a document from its write-off to the payment that came after all.
func TestRecovery(t *testing.T) {
	t.Parallel()
	bill := made(t, note(invoice.DebitNote, line(invoice.Usage, 5_000_000)), 7)
	l := ledger{}
	x, err := bill.Post(booked)
	l.post(t, x, err)
	h := invoice.History{Documents: []invoice.Document{bill}}
	pay := func(a unit.Amount) invoice.Payment {
		return invoice.Payment{Event: event(50), Bank: "main", Amount: a, Allocations: []invoice.Allocation{{Document: bill.Number, Amount: a}}}
	}
	step := func(p invoice.Payment) {
		for _, w := range h.Recoveries(p) {
			x, err := w.Post()
			l.post(t, x, err)
			h.WriteOffs = append(h.WriteOffs, w)
		}
		x, err := p.Post()
		l.post(t, x, err)
		h.Payments = append(h.Payments, p)
	}
	step(pay(1_000_000))
	if len(h.WriteOffs) != 0 {
		t.Fatalf("a payment of what is open recovers %v", h.WriteOffs)
	}
	w, err := h.WriteOff(bill, event(45))
	if err != nil || w.Amount != 4_000_000 {
		t.Fatal(w, err)
	}
	x, err = w.Post()
	l.post(t, x, err)
	h.WriteOffs = append(h.WriteOffs, w)
	if l[books.BadDebt] != 4_000_000 || h.State(bill) != invoice.WrittenOff {
		t.Errorf("bad debt %d, %s", l[books.BadDebt], h.State(bill))
	}
	if _, err := h.WriteOff(bill, event(46)); !errors.Is(err, invoice.ErrWriteOff) {
		t.Errorf("given up twice: %v", err)
	}
	step(pay(3_000_000))
	if l[books.BadDebt] != 1_000_000 || h.State(bill) != invoice.WrittenOff || h.Open(bill) != 0 {
		t.Errorf("after a part of it: bad debt %d, %s, open %v", l[books.BadDebt], h.State(bill), h.Open(bill))
	}
	anew := invoice.WriteOff{Event: event(51), Document: bill.Number, Amount: -400_000}
	x, err = anew.Post()
	l.post(t, x, err)
	h.WriteOffs = append(h.WriteOffs, anew)
	if r := h.Recoveries(pay(400_000)); len(r) != 0 || h.State(bill) != invoice.PartlyPaid {
		t.Errorf("what is asked for anew is %s, and its payment recovers %v", h.State(bill), r)
	}
	step(pay(1_500_000)) // more than was owed
	want := ledger{books.Unbilled: -5_000_000, books.Bank("main"): 5_500_000, books.Customer("acme"): -500_000}
	if d := cmp.Diff(want, l.nonzero()); d != "" || h.Outstanding() != -500_000 {
		t.Error(d, h.Outstanding())
	}
	for sentence, bad := range map[string]invoice.WriteOff{
		"no document": {Event: event(1), Amount: 5},
		"no amount":   {Event: event(1), Document: bill.Number},
		"no customer": {Document: bill.Number, Amount: 5, Event: invoice.Event{Entity: entity, At: booked, Booked: booked}},
		"no time":     {Document: bill.Number, Amount: 5, Event: invoice.Event{Entity: entity, Customer: "acme"}},
	} {
		if _, err := bad.Post(); !errors.Is(err, invoice.ErrWriteOff) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestRecords: payments and write-offs come back as they were written, and nothing
// else is taken for them.
func TestRecords(t *testing.T) {
	t.Parallel()
	n := invoice.Number{Series: "HOU-2025", Serial: 42}
	rapid.Check(t, func(t *rapid.T) {
		e := event(rapid.Int64Range(0, 4000).Draw(t, "day"))
		e.Contract, e.Source = rapid.SampledFrom([]string{"", "c1", "<c> & \u2028"}).Draw(t, "contract"), rapid.SampledFrom([]string{"", "bank 7"}).Draw(t, "source")
		e.At = e.At.In(time.FixedZone("UTC-5", -5*3600))
		p := payment(t, []invoice.Document{{Number: n}, {Number: invoice.Number{Series: "B", Serial: 1}}}, 1)
		p.Event = e
		b, err := p.Canonical()
		back, err2 := invoice.ParsePayment(b)
		if err != nil || err2 != nil || !cmp.Equal(p, back) {
			t.Fatalf("%s: %v, %v, %s", b, err, err2, cmp.Diff(p, back))
		}
		w := invoice.WriteOff{Event: e, Document: n, Amount: unit.Amount(rapid.Int64Range(1, math.MaxInt64).Draw(t, "amount"))}
		b, err = w.Canonical()
		gone, err2 := invoice.ParseWriteOff(b)
		if err != nil || err2 != nil || !cmp.Equal(w, gone) {
			t.Fatalf("%s: %v, %v, %s", b, err, err2, cmp.Diff(w, gone))
		}
	})
	p := invoice.Payment{Event: event(1), Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Document: n, Amount: 5}}}
	b, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	was, _ := p.Hash()
	p.Amount++
	if is, err := p.Hash(); err != nil || is == was {
		t.Errorf("another amount has the same hash, %v", err)
	}
	for sentence, text := range map[string]string{
		"a blank":           " " + string(b),
		"something after":   string(b) + "{}",
		"an unknown field":  `{"x":1,` + string(b[1:]),
		"one in the event":  strings.Replace(string(b), `{"entity"`, `{"x":1,"entity"`, 1),
		"no evidence":       strings.Replace(string(b), `"evidence":"01`, `"evidence":"`, 1),
		"a number":          strings.Replace(string(b), `"5"`, `5`, 1),
		"more than came":    strings.Replace(string(b), `"amount":"5","alloc`, `"amount":"4","alloc`, 1),
		"a time in letters": strings.Replace(string(b), `"at":"`, `"at":"x`, 1),
		"nothing":           "",
		"a write-off":       `{"event":{},"document":"HOU-2025-000042","amount":"5"}`,
	} {
		if text == string(b) {
			t.Errorf("%s: nothing was changed", sentence)
		}
		if _, err := invoice.ParsePayment([]byte(text)); !errors.Is(err, invoice.ErrCanonical) && !errors.Is(err, invoice.ErrPayment) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// FuzzParsePayment: anything may be read; what is taken is what would be written.
func FuzzParsePayment(f *testing.F) {
	p := invoice.Payment{Event: event(1), Bank: "main", Amount: 5, Allocations: []invoice.Allocation{{Document: invoice.Number{Series: "A", Serial: 1}, Amount: 5}}}
	b, err := p.Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := invoice.ParsePayment(b); err == nil {
			if again, err := p.Canonical(); err != nil || string(again) != string(b) {
				t.Errorf("%s was taken and is written %s, %v", b, again, err)
			}
		}
	})
}

// FuzzParseWriteOff: anything may be read; what is taken is what would be written.
func FuzzParseWriteOff(f *testing.F) {
	b, err := invoice.WriteOff{Event: event(1), Document: invoice.Number{Series: "A", Serial: 1}, Amount: -5}.Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, err := invoice.ParseWriteOff(b); err == nil {
			if again, err := w.Canonical(); err != nil || string(again) != string(b) {
				t.Errorf("%s was taken and is written %s, %v", b, again, err)
			}
		}
	})
}
