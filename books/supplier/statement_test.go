package supplier_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/supplier"
	"sluice/unit"
)

const dollar = unit.Unit

func bill(id string, lines ...supplier.Line) supplier.Statement {
	at := time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	return supplier.Statement{ID: id, From: at, To: at.AddDate(0, 1, 0), Currency: "USD", Lines: lines}
}

func line(item string, mwh, amount int64) supplier.Line {
	return supplier.Line{Item: item, Energy: unit.Energy(mwh) * unit.MegawattHour, Amount: unit.Amount(amount) * dollar}
}

// TestCompare: every difference is split into quantity and price, and what stands
// on one side only is told.
func TestCompare(t *testing.T) {
	t.Parallel()
	estimated := bill("", line("energy", 1000, 40_000), line("demand", 0, 9_000), line("credit", 0, -50))
	final := bill("INV-7", line("energy", 600, 24_600), line("energy", 420, 17_220), line("demand", 0, 9_500), line("late fee", 0, 12))
	got, err := supplier.Compare(estimated, final)
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, want := range []struct {
		item                 string
		off, quantity, price int64
		says                 bool
	}{
		{"credit", 50, 0, 50, true},
		{"demand", 500, 0, 500, false},
		{"energy", 1_820, 800, 1_020, false}, // 20 MWh more at 40, and one dollar more for 1,020 MWh
		{"late fee", 12, 0, 12, true},
	} {
		d := got[i]
		if d.Item != want.item || d.Off != unit.Amount(want.off)*dollar || d.Quantity != unit.Amount(want.quantity)*dollar || d.Price != unit.Amount(want.price)*dollar || (d.Says != "") != want.says {
			t.Errorf("%+v, want %+v", d, want)
		}
	}
	b := supplier.Booking{
		Entity: "Firm", Vendor: books.Vendor("retailer"), At: final.To, Booked: final.To, Tags: books.Tags{Site: "houston", Use: "mining"},
		Accounts: map[string]string{"energy": books.PowerEnergy, "demand": books.PowerDemand, "credit": books.PowerFees},
	}
	x, some := supplier.Book(b, final, got)
	if err := x.Validate(books.Standard("Firm", "USD", "UTC").With(books.Vendor("retailer"))); err != nil || !some {
		t.Fatal(err)
	}
	if last := x.Lines[len(x.Lines)-1]; last.Amount != -2_382*int64(dollar) || x.Lines[3].Account != books.Suspense || x.Belongs != "2025-09" {
		t.Errorf("%+v", x)
	}
	if again, _ := supplier.Book(b, final, got); again.Input() != x.Input() {
		t.Error("the same statement is booked otherwise the second time")
	}
	if _, some := supplier.Book(b, final, nil); some {
		t.Error("something is booked for no difference")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*supplier.Statement)
		want   error
	}{
		"another month":    {func(s *supplier.Statement) { s.From = s.From.AddDate(0, 1, 0) }, supplier.ErrPeriod},
		"another currency": {func(s *supplier.Statement) { s.Currency = "EUR" }, supplier.ErrStatement},
		"no number":        {func(s *supplier.Statement) { s.ID = "" }, supplier.ErrStatement},
		"too much": {func(s *supplier.Statement) {
			s.Lines = append(s.Lines, supplier.Line{Item: "a", Amount: 1 << 62}, supplier.Line{Item: "a", Amount: 1 << 62})
		}, books.ErrOverflow},
	} {
		final := bill("INV-7", line("energy", 1, 1))
		c.change(&final)
		if _, err := supplier.Compare(bill("", line("energy", 1, 1)), final); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := supplier.Read(strings.NewReader("item,energy_mwh,amount\nenergy,1020.5, 41820.00\ndemand,,9500\n"), "USD")
	if err != nil || len(got) != 2 || got[0].Energy != 1020*unit.MegawattHour+unit.MegawattHour/2 || got[1].Amount != 9_500*dollar {
		t.Errorf("%+v, %v", got, err)
	}
	for text, want := range map[string]string{
		"":                                        "item,energy_mwh,amount",
		"a,b,c\n":                                 "item,energy_mwh,amount",
		"item,energy_mwh,amount\nx,1\n":           "wrong number of fields",
		"item,energy_mwh,amount\n,1,1\n":          "line 2: the item has no name",
		"item,energy_mwh,amount\nx,-1,1\n":        "line 2: energy_mwh",
		"item,energy_mwh,amount\nx,1,ten\n":       "line 2: amount",
		"item,energy_mwh,amount\nx,1,0.0000001\n": "decimals",
	} {
		if _, err := supplier.Read(strings.NewReader(text), "USD"); !errors.Is(err, supplier.ErrStatement) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestExplained: quantity and price are all of a difference, and the differences
// all of what the two sides are apart.
func TestExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		side := func(name string) (s supplier.Statement, sum unit.Amount) {
			s = bill(name)
			for range rapid.IntRange(0, 6).Draw(t, name) {
				l := supplier.Line{
					Item:   rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "item"),
					Energy: unit.Energy(rapid.Int64Range(0, 1e15).Draw(t, "energy")), Amount: unit.Amount(rapid.Int64Range(-1e14, 1e14).Draw(t, "amount")),
				}
				s.Lines, sum = append(s.Lines, l), sum+l.Amount
			}
			return s, sum
		}
		e, estimated := side("estimated")
		f, final := side("final")
		got, err := supplier.Compare(e, f)
		if errors.Is(err, books.ErrOverflow) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var off unit.Amount
		for _, d := range got {
			if d.Off != d.Quantity+d.Price {
				t.Fatalf("%+v", d)
			}
			off += d.Off
		}
		if off != final-estimated {
			t.Fatalf("explained %d of %d", off, final-estimated)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("item,energy_mwh,amount\nenergy,1020.5,41820.00\ndemand,,9500\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := supplier.Read(strings.NewReader(text), "USD")
		if err != nil && lines != nil {
			t.Fatal("lines beside an error")
		}
		for _, l := range lines {
			if l.Item == "" || l.Energy < 0 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
