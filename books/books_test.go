package books_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/unit"
)

// noon is a second of 2025.
func noon(day int) time.Time { return time.Date(2025, 9, day, 12, 0, 0, 0, time.UTC) }

func chart() books.Chart {
	return books.Standard("Sluice Power LLC", "USD", "America/Chicago").
		With(books.Bank("main"), books.Wallet("hot"), books.Wallet("cold"), books.Pool("foundry"), books.Vendor("utility"))
}

// power is a power invoice, which every case changes a little.
func power() books.Transaction {
	return books.Transaction{
		ID: "t5", Entity: "Sluice Power LLC", Kind: "utility invoice", Standing: books.Posted, At: noon(30), Booked: noon(30), Source: "invoice 7",
		Lines: []books.Line{
			{Account: books.PowerEnergy, Amount: 41_234_560_000, Tags: books.Tags{Site: "houston", Use: "mining"}},
			{Account: books.Vendor("utility"), Amount: -41_234_560_000},
		},
	}
}

// payout is half a bitcoin that came in.
func payout() books.Transaction {
	t := power()
	t.ID, t.Kind = "t2", "pool credit"
	t.Lines = []books.Line{
		{Account: books.Wallet("hot"), Amount: 50_000_000, Lot: books.Lot{ID: "L1", Acquired: noon(2), Cost: 55_000_000_000}},
		{Account: books.Conversion(books.Bitcoin), Amount: -50_000_000},
		{Account: books.Conversion("USD"), Amount: 55_000_000_000},
		{Account: books.PoolFee, Amount: 550_000_000},
		{Account: books.MiningSubsidy, Amount: -55_550_000_000},
	}
	return t
}

// TestValidate: what the books take, and what they refuse and why.
func TestValidate(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		of     func() books.Transaction
		change func(*books.Transaction)
		want   error
	}{
		"a power invoice":                    {power, func(*books.Transaction) {}, nil},
		"a payout":                           {payout, func(*books.Transaction) {}, nil},
		"a millionth of a dollar too much":   {power, func(x *books.Transaction) { x.Lines[0].Amount++ }, books.ErrUnbalanced},
		"a satoshi too much":                 {payout, func(x *books.Transaction) { x.Lines[0].Amount++ }, books.ErrUnbalanced},
		"a sign swapped":                     {power, func(x *books.Transaction) { x.Lines[1].Amount *= -1 }, books.ErrUnbalanced},
		"an unknown account":                 {power, func(x *books.Transaction) { x.Lines[0].Account = "Expenses:Lunch" }, books.ErrAccount},
		"one line":                           {power, func(x *books.Transaction) { x.Lines = x.Lines[:1] }, books.ErrInvalid},
		"a line of nothing":                  {power, func(x *books.Transaction) { x.Lines = append(x.Lines, books.Line{Account: books.TaxOwed}) }, books.ErrInvalid},
		"the books of somebody else":         {power, func(x *books.Transaction) { x.Entity = "Other" }, books.ErrInvalid},
		"no id":                              {power, func(x *books.Transaction) { x.ID = "" }, books.ErrInvalid},
		"an id with a line break":            {power, func(x *books.Transaction) { x.ID = "a\nb" }, books.ErrInvalid},
		"no time":                            {power, func(x *books.Transaction) { x.At = time.Time{} }, books.ErrInvalid},
		"half a second":                      {power, func(x *books.Transaction) { x.At = x.At.Add(time.Second / 2) }, books.ErrInvalid},
		"no standing":                        {power, func(x *books.Transaction) { x.Standing = "" }, books.ErrInvalid},
		"a void with lines":                  {power, func(x *books.Transaction) { x.Standing, x.Settles = books.Void, "p" }, books.ErrInvalid},
		"a void of nothing":                  {power, func(x *books.Transaction) { x.Standing, x.Lines = books.Void, nil }, books.ErrInvalid},
		"a void":                             {power, func(x *books.Transaction) { x.Standing, x.Settles, x.Lines = books.Void, "p", nil }, nil},
		"a pending one that settles":         {power, func(x *books.Transaction) { x.Standing, x.Settles = books.Pending, "p" }, books.ErrInvalid},
		"a reversal of itself":               {power, func(x *books.Transaction) { x.Reverses = x.ID }, books.ErrInvalid},
		"bitcoin without a lot":              {payout, func(x *books.Transaction) { x.Lines[0].Lot = books.Lot{} }, books.ErrInvalid},
		"a lot that cost a millionth more":   {payout, func(x *books.Transaction) { x.Lines[0].Lot.Cost++ }, books.ErrInvalid},
		"a lot bought for less than nothing": {payout, func(x *books.Transaction) { x.Lines[0].Lot.Cost *= -1 }, books.ErrInvalid},
		"a lot of dollars":                   {power, func(x *books.Transaction) { x.Lines[0].Lot = payout().Lines[0].Lot }, books.ErrInvalid},
		"lines whose sum is beyond any books": {power, func(x *books.Transaction) {
			x.Lines = append(x.Lines, x.Lines...)
			x.Lines[0].Amount, x.Lines[2].Amount = math.MaxInt64, math.MaxInt64
		}, books.ErrOverflow},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := c.of()
			c.change(&x)
			if err := x.Validate(chart()); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// TestReverse: a reversal takes back all of it, lots and their cost too, and is
// not taken back itself.
func TestReverse(t *testing.T) {
	t.Parallel()
	x := payout()
	r, err := x.Reverse("r2", noon(3), noon(4), "booked twice")
	if err != nil || r.Validate(chart()) != nil {
		t.Fatal(err, r.Validate(chart()))
	}
	for i := range x.Lines {
		if r.Lines[i].Amount != -x.Lines[i].Amount || r.Lines[i].Lot.Cost != -x.Lines[i].Lot.Cost || r.Lines[i].Lot.ID != x.Lines[i].Lot.ID {
			t.Errorf("line %d: %+v of %+v", i+1, r.Lines[i], x.Lines[i])
		}
	}
	if _, err := r.Reverse("r3", noon(5), noon(5), "again"); !errors.Is(err, books.ErrInvalid) {
		t.Errorf("a reversal was reversed: %v", err)
	}
}

// TestChain: every byte of what was booked is under the hash, also when it was booked.
func TestChain(t *testing.T) {
	t.Parallel()
	var all []books.Sealed
	var last books.Sealed
	for i, x := range []books.Transaction{payout(), power()} {
		last = books.Seal(x, int64(i), last.Hash)
		all = append(all, last)
	}
	check := func(all []books.Sealed) error {
		var c books.Chain
		for _, s := range all {
			if err := c.Next(s); err != nil {
				return err
			}
		}
		return nil
	}
	if err := check(all); err != nil {
		t.Fatal(err)
	}
	if all[0].Input != payout().Input() {
		t.Error("the same request has another input hash")
	}
	for sentence, change := range map[string]func(*books.Sealed){
		"the id":             func(s *books.Sealed) { s.ID += "x" },
		"the kind":           func(s *books.Sealed) { s.Kind = "x" },
		"when it happened":   func(s *books.Sealed) { s.At = s.At.Add(time.Second) },
		"when it was booked": func(s *books.Sealed) { s.Booked = s.Booked.Add(time.Second) },
		"the source":         func(s *books.Sealed) { s.Source, s.Narration = s.Source[:1], s.Source[1:]+s.Narration },
		"the evidence":       func(s *books.Sealed) { s.Evidence[31]++ },
		"an amount":          func(s *books.Sealed) { s.Lines[0].Amount++ },
		"an account":         func(s *books.Sealed) { s.Lines[0].Account = books.Wallet("cold") },
		"a lot":              func(s *books.Sealed) { s.Lines[0].Lot.ID = "L2" },
		"the cost of a lot":  func(s *books.Sealed) { s.Lines[0].Lot.Cost++ },
		"the age of a lot":   func(s *books.Sealed) { s.Lines[0].Lot.Acquired = noon(1) },
		"a tag":              func(s *books.Sealed) { s.Lines[0].Tags.Site = "x" },
		"tags that move on": func(s *books.Sealed) {
			s.Lines[0].Tags.Use, s.Lines[0].Tags.Site = s.Lines[0].Tags.Site, s.Lines[0].Tags.Use+"x"
		},
		"the hash":       func(s *books.Sealed) { s.Hash[0]++ },
		"the one before": func(s *books.Sealed) { s.Previous[0]++ },
		"the place":      func(s *books.Sealed) { s.Sequence++ },
	} {
		first := books.Seal(payout(), 0, books.Hash{})
		change(&first)
		if err := check([]books.Sealed{first, all[1]}); !errors.Is(err, books.ErrChanged) {
			t.Errorf("%s was changed, and nobody noticed: %v", sentence, err)
		}
	}
	if err := check(all[1:]); !errors.Is(err, books.ErrChanged) {
		t.Errorf("the first was taken out, and nobody noticed: %v", err)
	}
}

// TestBalancedOnly: of any lines only those are taken that sum to zero.
func TestBalancedOnly(t *testing.T) {
	t.Parallel()
	c := chart()
	rapid.Check(t, func(t *rapid.T) {
		x := power()
		x.Lines = nil
		sum := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			a := rapid.Int64Range(-1<<40, 1<<40).Filter(func(v int64) bool { return v != 0 }).Draw(t, "amount")
			x.Lines, sum = append(x.Lines, books.Line{Account: books.Bank("main"), Amount: a}), sum+a
		}
		if err := x.Validate(c); (err == nil) != (sum == 0) {
			t.Fatalf("a sum of %d: %v", sum, err)
		}
		if sum != 0 {
			x.Lines = append(x.Lines, books.Line{Account: books.Suspense, Amount: -sum})
		}
		if err := x.Validate(c); err != nil {
			t.Fatal(err)
		}
	})
}

func TestChart(t *testing.T) {
	t.Parallel()
	if err := chart().Validate(); err != nil {
		t.Fatal(err)
	}
	for sentence, change := range map[string]func(*books.Chart){
		"no entity":                      func(c *books.Chart) { c.Entity = " " },
		"no currency":                    func(c *books.Chart) { c.Currency = "dollars" },
		"an account twice":               func(c *books.Chart) { c.Accounts = append(c.Accounts, c.Accounts[0]) },
		"no conversion of bitcoin":       func(c *books.Chart) { c.Accounts = c.Accounts[:len(c.Accounts)-6] },
		"a name of no kind":              func(c *books.Chart) { c.Accounts[0].Name = "Lunch:Today" },
		"a name that breaks exports":     func(c *books.Chart) { c.Accounts[0].Name = "Assets:two  words" },
		"a cost level of an asset":       func(c *books.Chart) { c.Accounts[0].Level = 1 },
		"a cost level that is not known": func(c *books.Chart) { c.Accounts[len(c.Accounts)-8].Level = 9 },
	} {
		c := chart()
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: the chart was taken", sentence)
		}
	}
}

// TestText: amounts read back as they were written, whatever they are.
func TestText(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		asset  books.Asset
		amount int64
	}{
		"0.00000001":            {books.Bitcoin, 1},
		"-41234.560000":         {"USD", -41_234_560_000},
		"-9223372036854.775807": {"USD", -math.MaxInt64},
		"21000000.00000000":     {books.Bitcoin, int64(21_000_000 * unit.Bitcoin)},
		"0.000000":              {"USD", 0},
	} {
		if got := c.asset.Text(c.amount); got != text {
			t.Errorf("%d is written %s, want %s", c.amount, got, text)
		}
		if got, err := c.asset.Parse(text); err != nil || got != c.amount {
			t.Errorf("%s is read as %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"1.0000001", "", "1,5", "NaN", "9223372036854775808"} {
		if got, err := books.Asset("USD").Parse(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "amount")
		if got, err := books.Bitcoin.Parse(books.Bitcoin.Text(n)); err != nil || got != n {
			t.Fatalf("%d came back as %d, %v", n, got, err)
		}
	})
}

// TestPart: any text makes a part of a name that a chart takes.
func TestPart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := books.Account{Code: "1", Name: books.Bank(rapid.String().Draw(t, "text")), Asset: "USD"}
		if err := a.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
