package billing_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/loop/billing"
	"sluice/unit"
)

// history is a month and what becomes known of it, delivery by delivery.
type history struct {
	in         billing.Input
	deliveries [][]billing.Reading
	outages    [][]billing.Outage
	order      []int
}

func histories() *rapid.Generator[history] {
	return rapid.Custom(func(t *rapid.T) history {
		h := history{in: run(rapid.SampledFrom([]billing.CreditOn{billing.OnInvoice, billing.OnNote}).Draw(t, "credit"))}
		h.in.Provisional, h.in.Readings = true, nil
		h.in.Prepaid = unit.Amount(rapid.Int64Range(0, 1<<36).Draw(t, "prepaid"))
		for i := range h.in.Contract.Prices {
			h.in.Contract.Prices[i].Value = rapid.Int64Range(0, 90_000_000).Draw(t, "price")
		}
		h.in.Contract.Prices[0].Value -= 30_000_000 // energy may be paid for
		for n := range rapid.IntRange(1, 4).Draw(t, "deliveries") {
			var d []billing.Reading
			for range rapid.IntRange(0, 12).Draw(t, "readings") {
				component := rapid.SampledFrom([]string{"energy", "h100", "steam"}).Draw(t, "component")
				at := rapid.Int64Range(0, 29).Draw(t, "day")
				r := read(component, at, rapid.Int64Range(-3, 1<<37).Draw(t, "quantity"), n+1)
				if !slices.ContainsFunc(d, func(x billing.Reading) bool { return x.Component == r.Component && x.From == r.From }) {
					d = append(d, r)
				}
			}
			h.deliveries = append(h.deliveries, d)
			var o []billing.Outage
			if rapid.Bool().Draw(t, "down") {
				o = append(o, down(rapid.Int64Range(1, 80_000).Draw(t, "seconds")))
			}
			h.outages = append(h.outages, o)
		}
		var all int
		for _, d := range h.deliveries {
			all += len(d)
		}
		if all > 0 {
			h.order = rapid.SliceOfN(rapid.IntRange(0, all-1), 0, 20).Draw(t, "again")
			h.order = append(h.order, rapid.Permutation(indices(all)).Draw(t, "order")...)
		}
		return h
	})
}

func indices(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

var errProperty = errors.New("a property does not hold")

// holds bills a month after every delivery and checks what must be true then.
func (h history) holds(settle func(*desk, billing.Input) (billing.Result, error)) error {
	d, in := newDesk(), h.in
	for i, delivery := range h.deliveries {
		in.Readings, in.Outages = append(in.Readings, delivery...), append(in.Outages, h.outages[i]...)
		in.At = in.At.AddDate(0, 0, 1)
		r, err := settle(d, in)
		if err != nil {
			return err
		}
		if err := d.ties(r, in); err != nil {
			return fmt.Errorf("after delivery %d: %w", i+1, err)
		}
		n := len(d.documents)
		if again, err := settle(d, in); err != nil || again.Draft != nil || len(d.documents) != n {
			return fmt.Errorf("again: %w: %d documents became %d, %w", errProperty, n, len(d.documents), err)
		}
	}
	return h.anyOrder(in)
}

// ties checks documents, books and a fresh rating against each other.
func (d *desk) ties(r billing.Result, in billing.Input) error {
	var lines, base, tax, want, income unit.Amount
	for _, doc := range d.documents {
		for _, l := range doc.Lines {
			lines += l.Amount
		}
		for _, t := range doc.Taxes {
			base, tax = base+t.Base, tax+t.Amount
		}
	}
	for _, l := range r.Lines {
		want += l.Amount
		if l.Kind != invoice.Credit && l.Kind != invoice.Prepayment {
			income += l.Amount
		}
	}
	if len(d.documents) == 0 {
		return nil
	}
	if lines != want {
		return fmt.Errorf("%w: documents come to %d, a fresh rating to %d", errProperty, lines, want)
	}
	if int64(tax) != unit.MulDiv(int64(base), 82_500, 1_000_000) {
		return fmt.Errorf("%w: the tax on %d is %d", errProperty, base, tax)
	}
	if got := -(d.balances[books.Hosting] + d.balances[books.PassThrough] + d.balances[books.Reservation]); got != int64(income) {
		return fmt.Errorf("%w: income is %d, rated %d", errProperty, got, income)
	}
	open := int64(invoice.History{Documents: d.documents}.Outstanding())
	if d.balances[books.Customer("acme")] != open || d.balances[books.Unbilled] != 0 || d.balances[books.CreditsOwed] != 0 {
		return fmt.Errorf("%w: open are %d: %v", errProperty, open, d.balances)
	}
	if drawn := d.balances[books.Deferred]; drawn < 0 || drawn > int64(in.Prepaid) {
		return fmt.Errorf("%w: %d was drawn of %d", errProperty, drawn, in.Prepaid)
	}
	return nil
}

// anyOrder gives everything at once, in any order and with repetitions: the first
// draft is the same, byte by byte.
func (h history) anyOrder(in billing.Input) error {
	in.Documents = nil
	straight, err := billing.Run(in)
	if err != nil || straight.Draft == nil {
		return err
	}
	other := in
	other.Readings = nil
	for _, i := range h.order {
		r := in.Readings[i]
		r.Paper = books.Hash{99} // it came on another paper
		other.Readings = append(other.Readings, r)
	}
	crooked, err := billing.Run(other)
	if err != nil || crooked.Draft == nil {
		return fmt.Errorf("in another order: %w: no draft, %w", errProperty, err)
	}
	a, err := straight.Draft.Canonical()
	b, also := crooked.Draft.Canonical()
	if err != nil || also != nil || !bytes.Equal(a, b) {
		return fmt.Errorf("in another order: %w: %s\n%s", errProperty, a, b)
	}
	return nil
}

// TestProperties: whatever is delivered in whatever order, documents, books and
// rating tie after every run, and a run without news makes nothing.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		if err := histories().Draw(r, "history").holds((*desk).settle); err != nil {
			r.Fatal(err)
		}
	})
}

// TestPlantedBugs: the properties notice a desk that forgets a document, and one
// that posts no income.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	for sentence, settle := range map[string]func(*desk, billing.Input) (billing.Result, error){
		"a forgotten note": func(d *desk, in billing.Input) (billing.Result, error) {
			r, err := d.settle(in)
			d.documents = d.documents[:min(1, len(d.documents))]
			return r, err
		},
		"a line that is changed": func(d *desk, in billing.Input) (billing.Result, error) {
			r, err := d.settle(in)
			if len(r.Lines) > 0 {
				r.Lines[0].Amount++
			}
			return r, err
		},
		"income that is lost": func(d *desk, in billing.Input) (billing.Result, error) {
			r, err := d.settle(in)
			d.balances[books.Hosting]++
			return r, err
		},
	} {
		caught := false
		for seed := range 60 {
			caught = caught || histories().Example(seed).holds(settle) != nil
		}
		if !caught {
			t.Errorf("%s, and nobody noticed", sentence)
		}
	}
}
