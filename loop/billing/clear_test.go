package billing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/invoice"
	"sluice/loop/billing"
)

// served is what the clerk of a site accrues of a contract on a day of September.
func served(contract, kind string, n, amount int64) books.Transaction {
	tags := books.Tags{Site: "creek", Use: "hosting", Contract: contract}
	debit, credit := books.Unbilled, books.Hosting
	if kind == accrual.Credits {
		debit, credit = books.CreditsGranted, books.CreditsOwed
	}
	then := at(from + (n+1)*day - 1)
	return books.Transaction{
		ID: books.DerivedID(kind, contract, then.Format(time.DateOnly)), Entity: entity, Kind: kind, Standing: books.Posted, At: then, Booked: then, Source: "creek",
		Lines: []books.Line{{Account: debit, Amount: amount, Tags: tags}, {Account: credit, Amount: -amount, Tags: tags}},
	}
}

// season is a month that a site accrues in part, in any order with its bill.
type season struct {
	history
	accrued [][]books.Transaction // before each delivery
}

func seasons() *rapid.Generator[season] {
	return rapid.Custom(func(t *rapid.T) season {
		s := season{history: histories().Draw(t, "history")}
		s.in.Open = at(rapid.SampledFrom([]int64{0, from + 12*day, to}).Draw(t, "open"))
		days := rapid.Permutation(indices(30)).Draw(t, "days")[:rapid.IntRange(0, 30).Draw(t, "how many")]
		s.accrued = make([][]books.Transaction, len(s.deliveries))
		for _, n := range days {
			i := rapid.IntRange(0, len(s.deliveries)-1).Draw(t, "before")
			s.accrued[i] = append(s.accrued[i], served("c1", accrual.Service, int64(n), rapid.Int64Range(1, 1<<40).Draw(t, "amount")))
			if n == 29 {
				s.accrued[i] = append(s.accrued[i], served("c1", accrual.Credits, 29, rapid.Int64Range(1, 1<<40).Draw(t, "credit")))
			}
		}
		return s
	})
}

// holds accrues and bills, and checks after each run that the month is earned once.
func (s season) holds(d *desk) error {
	in := s.in
	for i, delivery := range s.deliveries {
		in.Readings, in.Outages = append(in.Readings, delivery...), append(in.Outages, s.outages[i]...)
		in.At = in.At.AddDate(0, 0, 1)
		for _, t := range s.accrued[i] {
			if err := d.book(t); err != nil {
				return err
			}
		}
		if _, err := d.settle(in); err != nil {
			return err
		}
		if err := d.once(in); err != nil {
			return fmt.Errorf("after delivery %d: %w", i+1, err)
		}
		n := len(d.all)
		if _, err := d.settle(in); err != nil || len(d.all) != n {
			return fmt.Errorf("again: %w: %d transactions became %d, %w", errProperty, n, len(d.all), err)
		}
	}
	return nil
}

// once checks that income and credits are what the documents say, in the month where
// that is open, and that nothing of the contract is unbilled.
func (d *desk) once(in billing.Input) error {
	var invoiced int64
	for _, doc := range d.documents {
		for _, l := range doc.Lines {
			if l.Kind != invoice.Prepayment {
				invoiced += int64(l.Amount)
			}
		}
	}
	var income, within int64
	unbilled, sum := map[books.Tags]int64{}, int64(0)
	for _, t := range d.all {
		for _, l := range t.Lines {
			sum += l.Amount
			switch {
			case l.Account == books.Unbilled || l.Account == books.CreditsOwed:
				unbilled[l.Tags] += l.Amount
			case books.Account{Name: l.Account}.Kind() == books.Income:
				income -= l.Amount
				if !t.At.Before(at(from)) && t.At.Before(at(to)) {
					within -= l.Amount
				}
			}
		}
	}
	if sum != 0 || income != invoiced || in.Open.Equal(at(0)) && within != invoiced {
		return fmt.Errorf("%w: %d are invoiced, %d earned, %d of it in the month; the books are %d apart", errProperty, invoiced, income, within, sum)
	}
	for tags, left := range unbilled {
		if left != 0 {
			return fmt.Errorf("%w: %d are left about %+v", errProperty, left, tags)
		}
	}
	return nil
}

// TestEarnedOnce: whatever a site accrued of a month, before its bill or after, the
// income of the month is that of the documents, nothing of it is left unbilled, and a
// run without news books nothing.
func TestEarnedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		if err := seasons().Draw(r, "season").holds(newDesk()); err != nil {
			r.Fatal(err)
		}
	})
}

// TestEarnedTwice: a desk that takes nothing back is noticed.
func TestEarnedTwice(t *testing.T) {
	t.Parallel()
	caught := 0
	for seed := range 20 {
		d := newDesk()
		d.careless = true
		if errors.Is(seasons().Example(seed).holds(d), errProperty) {
			caught++
		}
	}
	if caught < 5 {
		t.Errorf("only %d of 20 months that were earned twice were noticed", caught)
	}
}

// TestCleared: when a run takes back what was accrued, and of whom.
func TestCleared(t *testing.T) {
	t.Parallel()
	known := []books.Transaction{
		served("c1", accrual.Service, 3, 100), served("c2", accrual.Service, 3, 7), served("c1", accrual.Service, 30, 5), served("c1", accrual.Credits, 31, 9),
	}
	for sentence, c := range map[string]struct {
		change func(*billing.Input)
		fails  bool
		want   int // taken back: of the day, and of the credit that had to wait
	}{
		"with the invoice":               {func(*billing.Input) {}, false, 2},
		"not while readings are missing": {func(in *billing.Input) { in.Readings = in.Readings[2:] }, true, 0},
		"but where that is accepted":     {func(in *billing.Input) { in.Readings, in.Provisional = in.Readings[2:], true }, false, 2},
		"not before the month is over":   {func(in *billing.Input) { in.At = at(to - day) }, true, 0},
		"where nothing is owed":          {func(in *billing.Input) { free(in) }, false, 2},
		"not where that may change":      {func(in *billing.Input) { free(in); in.At = at(to - day) }, false, 0},
		"not once more":                  {func(in *billing.Input) { again(t, in) }, false, 0},
		"what came later, with nothing new": {func(in *billing.Input) {
			again(t, in)
			in.Accrued = append(in.Accrued, served("c1", accrual.Service, 9, 3))
		}, false, 1},
		"what came later, with a gap accepted": {func(in *billing.Input) { accepted(t, in) }, false, 1},
		"on the day of the bill, once closed":  {func(in *billing.Input) { in.Open = at(to) }, false, 2},
		"nothing where nobody accrued":         {func(in *billing.Input) { in.Accrued = nil }, false, 0},
		"nothing of a contract that it is not": {func(in *billing.Input) { in.Accrued = in.Accrued[1:2] }, false, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := run(billing.OnNote)
			in.Accrued = known
			c.change(&in)
			r, err := billing.Run(in)
			if (err != nil) != c.fails || len(r.Cleared) != c.want {
				t.Fatalf("%d are taken back, want %d: %v", len(r.Cleared), c.want, err)
			}
			for _, x := range r.Cleared {
				if in.Open.Equal(at(to)) && (x.Belongs != "2025-09" || !x.At.Equal(in.At)) && x.At.Before(at(to)) {
					t.Errorf("%s is dated %v and belongs to %q", x.ID, x.At, x.Belongs)
				}
			}
		})
	}
}

// free has a contract charge nothing.
func free(in *billing.Input) {
	in.Contract.Versions[0].Terms = in.Contract.Versions[0].Terms[1:2]
	in.Contract.Versions[0].Terms[0].Component, in.Contract.Versions[0].Terms[0].Sparse = "nothing", true
	in.Readings = nil
}

// again has the month billed and cleared before.
func again(t *testing.T, in *billing.Input) {
	t.Helper()
	d := newDesk()
	for _, x := range in.Accrued {
		if err := d.book(x); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.settle(*in); err != nil {
		t.Error(err)
	}
	in.Documents, in.Accrued = d.documents, d.all
}

// accepted has the month billed before with a gap, and one more day accrued.
func accepted(t *testing.T, in *billing.Input) {
	t.Helper()
	in.Readings, in.Provisional = in.Readings[2:], true
	again(t, in)
	in.Provisional, in.Accrued = false, append(in.Accrued, served("c1", accrual.Service, 9, 3))
}

// TestPlaceOfIncome: what the bill earns stands where the service was accrued, if that
// was one place.
func TestPlaceOfIncome(t *testing.T) {
	t.Parallel()
	elsewhere := served("c1", accrual.Service, 4, 100)
	for i := range elsewhere.Lines {
		elsewhere.Lines[i].Tags.Site = "hill"
	}
	for sentence, c := range map[string]struct {
		accrued []books.Transaction
		want    string
	}{
		"one site":  {[]books.Transaction{served("c1", accrual.Service, 3, 100), served("c1", accrual.Service, 4, 100)}, "creek"},
		"two sites": {[]books.Transaction{served("c1", accrual.Service, 3, 100), elsewhere}, ""},
		"no site":   {nil, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := run(billing.OnInvoice)
			in.Accrued, in.Outages = c.accrued, []billing.Outage{down(60_000)}
			r, err := billing.Run(in)
			if err != nil {
				t.Fatal(err)
			}
			lines := 0
			for _, x := range r.Transactions {
				for _, l := range x.Lines {
					want := books.Tags{Contract: "c1", Counterparty: "acme"}
					if (books.Account{Name: l.Account}).Kind() == books.Income {
						lines++
						want.Site = c.want
						if c.want != "" {
							want.Use = "hosting"
						}
					}
					if l.Tags != want {
						t.Errorf("%s of %s is about %+v", x.Kind, l.Account, l.Tags)
					}
				}
			}
			if lines < 60 {
				t.Errorf("%d lines of income", lines)
			}
		})
	}
}
