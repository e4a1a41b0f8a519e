package match_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books/match"
	"sluice/unit"
)

// history is a few days of one yield, and another from the fifth on.
func history(a, b unit.HashYield) (out []match.Yield) {
	for n := 1; n <= 9; n++ {
		y := a
		if n >= 5 {
			y = b
		}
		out = append(out, match.Yield{Day: at(n, 0), HashYield: y})
	}
	return out
}

// exahashDay is a day of one EH/s.
const exahashDay unit.Work = 86_400 * 1_000_000_000

// TestValue: what a day is worth is cut at the instant of a change where it is
// known, and between two bounds where it is not.
func TestValue(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		day              int
		changes          []time.Time
		worth, low, high unit.Satoshi
	}{
		"far from a change":                       {2, nil, 980, 980, 980},
		"the day before a change of unknown hour": {4, nil, 980, 980, 1470},
		"the day of a change of unknown hour":     {5, nil, 1960, 1470, 1960},
		"a change at six in the morning":          {5, []time.Time{at(5, 6)}, 1715, 1715, 1715},
		"a change at three in the morning":        {5, []time.Time{at(5, 3)}, 1838, 1838, 1838},
		"a change at nine in the evening before":  {4, []time.Time{at(4, 21)}, 1102, 1102, 1102},
		"and the day before is whole":             {4, []time.Time{at(5, 6)}, 980, 980, 980},
		"a change in the evening before":          {4, []time.Time{at(4, 18)}, 1225, 1225, 1225},
		"and the day after is whole":              {5, []time.Time{at(4, 18)}, 1960, 1960, 1960},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := match.Value(match.Day{Day: day(c.day), Accepted: exahashDay}, at(c.day, 0), at(c.day+1, 0), match.Pieces(history(1000, 2000), c.changes), 20_000)
			if err != nil || got.Worth != c.worth || got.Low != c.low || got.High != c.high {
				t.Errorf("%+v, %v, want %d within %d and %d", got, err, c.worth, c.low, c.high)
			}
		})
	}
}

// TestHalvingDay: a day whose yield is a mean of two is cut at the block.
func TestHalvingDay(t *testing.T) {
	t.Parallel()
	days := []match.Yield{{Day: at(1, 0), HashYield: 2000}, {Day: at(2, 0), HashYield: 1100}, {Day: at(3, 0), HashYield: 1000}}
	got, err := match.Value(match.Day{Day: day(2), Accepted: exahashDay}, at(2, 0), at(3, 0), match.Pieces(days, []time.Time{at(2, 3)}), 0)
	if err != nil || got.Worth != 1125 || got.Low != got.High {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestValueRefuses(t *testing.T) {
	t.Parallel()
	pieces := match.Pieces(history(1000, 1000), nil)
	for sentence, c := range map[string]struct {
		day  int
		work unit.Work
		fee  unit.Ratio
		want error
	}{
		"a day outside the history": {15, exahashDay, 0, match.ErrHistory},
		"a day on its border":       {10, exahashDay, 0, match.ErrHistory},
		"a fee above all":           {2, exahashDay, 1_000_001, match.ErrHistory},
		"more than there is":        {2, 1 << 62, 0, nil},
	} {
		if _, err := match.Value(match.Day{Day: day(c.day), Accepted: c.work}, at(c.day, 0), at(c.day+1, 0), pieces, c.fee); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := match.Value(match.Day{Accepted: 1 << 62}, at(2, 0), at(3, 0), match.Pieces(history(1<<60, 1<<60), nil), 0); !errors.Is(err, match.ErrInput) {
		t.Errorf("more than all bitcoin: %v", err)
	}
}

// TestPiecesCover: whatever the history and the changes, the pieces of a day cover
// it once, and its worth lies within its bounds.
func TestPiecesCover(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var days []match.Yield
		for n := range 9 {
			days = append(days, match.Yield{Day: at(n+1, 0), HashYield: unit.HashYield(rapid.Int64Range(1, 3).Draw(t, "yield") * 1000)})
		}
		var changes []time.Time
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			changes = append(changes, at(1, 0).Add(time.Duration(rapid.IntRange(0, 9*24).Draw(t, "hour"))*time.Hour))
		}
		slices.SortFunc(changes, time.Time.Compare)
		pieces := match.Pieces(days, changes)
		for i, p := range pieces {
			if i > 0 && !p.From.Equal(pieces[i-1].To) || p.Low > p.Yield || p.High < p.Yield {
				t.Fatalf("piece %d: %+v after %+v", i, p, pieces[max(i-1, 0)])
			}
		}
		if !pieces[0].From.Equal(at(1, 0)) || !pieces[len(pieces)-1].To.Equal(at(10, 0)) {
			t.Fatal("the pieces do not cover the history")
		}
	})
}

// month is the week of the other tests with its payouts announced, and booked.
func month() match.Facts {
	w, c, r := week()
	f := match.Facts{From: day(1), To: day(8), Start: at(1, 0), End: at(8, 0), Work: w, Credits: c, Chain: true, At: at(8, 12)}
	r[0].ID, r[1].ID, r[1].At = "aa:0", "bb:0", at(7, 6)
	f.Receipts = r
	f.Claims = []match.Claim{{ID: "p1", At: at(5, 5), Amount: 300_000_000, Tx: "aa"}, {ID: "p2", At: at(7, 5), Amount: 400_000_000, Fee: 10_000, Tx: "bb"}}
	for _, x := range c {
		f.Booked = append(f.Booked, match.Booked{Day: x.Day, Amount: x.Amount})
	}
	return f
}

// TestMonth: each planted difference between statement, chain and books is named.
func TestMonth(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*match.Facts)
		want   string
		open   unit.Satoshi
	}{
		"all agree":                             {func(*match.Facts) {}, "", 0},
		"a payout to others":                    {func(f *match.Facts) { f.Claims[1].Foreign, f.Receipts = true, f.Receipts[:1] }, "payout_elsewhere", 0},
		"a payout that the chain does not have": {func(f *match.Facts) { f.Receipts, f.At = f.Receipts[:1], at(20, 0) }, "payout_not_received", 0},
		"a payout that is still on its way":     {func(f *match.Facts) { f.Receipts = f.Receipts[:1] }, "", 0},
		"a payout that is not confirmed":        {func(f *match.Facts) { f.Receipts[1].Confirmations = 1 }, "receipt_unconfirmed", 0},
		"a payout of another amount":            {func(f *match.Facts) { f.Receipts[1].Amount++ }, "payout_amount", 0},
		"a payout that is short":                {func(f *match.Facts) { f.Receipts[1].Amount-- }, "payout_amount", 0},
		"a credit of the next week": {func(f *match.Facts) {
			f.Credits = append(f.Credits, match.Credit{ID: "next", Day: day(8), At: at(9, 0), Amount: 9})
		}, "", 0},
		"a payout in two outputs": {func(f *match.Facts) {
			f.Receipts[1].Amount -= 5
			f.Receipts = append(f.Receipts, match.Receipt{ID: "bb:1", At: at(7, 6), Amount: 5, Confirmations: 9})
		}, "", 0},
		"two payouts in one transaction": {func(f *match.Facts) {
			f.Claims[1].Amount -= 7
			f.Claims = append(f.Claims, match.Claim{ID: "p3", At: at(7, 5), Amount: 7, Tx: "bb"})
		}, "", 0},
		"a receipt that is not announced": {func(f *match.Facts) {
			f.Receipts = append(f.Receipts, match.Receipt{ID: "cc:0", At: at(7, 6), Amount: 5, Confirmations: 9})
		}, "receipt_without_payout", 0},
		"a payout line that changed": {func(f *match.Facts) {
			x := f.Claims[0]
			x.Amount++
			f.Claims = append(f.Claims, x)
		}, "line_changed", 0},
		"a credit that is not booked":        {func(f *match.Facts) { f.Booked = f.Booked[1:] }, "credit_not_booked", 0},
		"a credit that is booked otherwise":  {func(f *match.Facts) { f.Booked[0].Amount-- }, "credit_booked_otherwise", 0},
		"a day that is booked and not owed":  {func(f *match.Facts) { f.Booked = append(f.Booked, match.Booked{Day: "2025-09-07x", Amount: 1}) }, "booked_without_credit", 0},
		"the last payout is of another week": {func(f *match.Facts) { f.Claims[1].At, f.Receipts[1].At = at(8, 1), at(8, 2) }, "", 400_000_000},
		"an earlier month stays out of it": {func(f *match.Facts) {
			f.Credits = append(f.Credits, match.Credit{ID: "aug", Day: "2025-08-31", At: at(1, 0), Amount: 9})
		}, "", 9},
		"the chain is not asked": {func(f *match.Facts) { f.Chain, f.Receipts = false, nil }, "", 0},
		"neither statement nor chain tells of payouts": {func(f *match.Facts) {
			f.Chain, f.Receipts, f.Claims = false, nil, nil
		}, "", 700_000_000},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			f := month()
			c.change(&f)
			a, err := match.Month(match.Usual("x", match.Expected), f)
			var codes []string
			for _, d := range a.Differences {
				codes = append(codes, string(d.Code))
			}
			if got := strings.Join(codes, " "); err != nil || got != c.want || a.Open != c.open {
				t.Errorf("%s, open %d: %v: %+v", got, a.Open, err, a.Differences)
			}
		})
	}
}

// TestMonthRatios: what the pool really kept, and its luck.
func TestMonthRatios(t *testing.T) {
	t.Parallel()
	f := month()
	for i := range f.Work {
		f.Work[i].Gross = 125_000_000
	}
	f.Receipts[1].Amount -= 5
	f.Receipts = append(f.Receipts, match.Receipt{ID: "bb:1", At: at(7, 6), Amount: 5, Confirmations: 9})
	a, err := match.Month(match.Usual("x", match.Expected), f)
	fee, ok := a.EffectiveFee()
	luck, also := a.Luck()
	if err != nil || !ok || !also || fee != 200_000 || luck != unit.One || a.PayoutFees != 10_000 || a.Received != 699_990_000 {
		t.Errorf("%+v, fee %d, luck %d: %v", a, fee, luck, err)
	}
	if _, ok := (match.Audit{}).EffectiveFee(); ok {
		t.Error("a fee of nothing")
	}
	for _, x := range []match.Credit{{ID: "a", Day: day(1), At: at(1, 0), Amount: 1 << 60}} {
		g := month()
		g.Credits = append(g.Credits, x)
		if _, err := match.Month(match.Usual("x", match.Expected), g); !errors.Is(err, match.ErrInput) {
			t.Errorf("more than all bitcoin: %v", err)
		}
	}
	f.Claims[0].Fee = f.Claims[0].Amount
	if _, err := match.Month(match.Usual("x", match.Expected), f); !errors.Is(err, match.ErrInput) {
		t.Errorf("a payout of nothing: %v", err)
	}
}

var aStatement = `kind,id,day,time,amount_btc,fee_btc,txid,address
credit,c1,2025-09-01,,0.5,0.01,,
credit,c2,2025-09-02,2025-09-03T00:10:00Z,0.6,,,
payout,p1,,2025-09-04T06:00:00Z,1.1,0.0001,` + strings.Repeat("ab", 32) + `,1BitcoinEaterAddressDontSendf59kuE
`

func TestReadStatement(t *testing.T) {
	t.Parallel()
	text := aStatement
	l, err := match.ReadStatement([]byte("\xef\xbb\xbf# of the pool\n"+text), time.UTC)
	if err != nil || len(l.Credits) != 2 || len(l.Claims) != 1 || l.Credits[0].Amount != 50_000_000 || !l.Credits[0].At.Equal(at(2, 0)) || l.Claims[0].Fee != 10_000 {
		t.Fatalf("%+v, %v", l, err)
	}
	for change, want := range map[string]string{
		"kind,id>kind;id": "first line", "credit,c1>bonus,c1": "credit or payout", "c1>c 1": "without blanks", "2025-09-01>2025-09-31": "day",
		"0.5>-0.5": "below zero", "0.5>21000001": "more than there are", "0.5>0.000000001": "decimals", "2025-09-03T00:10:00Z>soon": "time",
		"1.1>0.0001": "above its fee", "payout,p1,,>payout,p1,2025-09-04,": "no day", "abab>ABAB": "hexadecimal", "0.6,,,>0.6,,": "line 3",
	} {
		from, to, _ := strings.Cut(change, ">")
		got, err := match.ReadStatement([]byte(strings.Replace(text, from, to, 1)), time.UTC)
		if !errors.Is(err, match.ErrFile) || !strings.Contains(err.Error(), want) || got.Credits != nil {
			t.Errorf("%s: %v", change, err)
		}
	}
}

func TestReadWork(t *testing.T) {
	t.Parallel()
	d, err := match.ReadWork([]byte("day,accepted_ph_days,stale_ph_days,rejected_ph_days\n2025-09-02,1000.5,1,0\n2025-09-01,1,0,0\n"))
	if err != nil || len(d) != 2 || d[0].Day != day(1) || d[1].Accepted != 1000*86_400_000_000+43_200_000_000 || d[1].Stale != 86_400_000_000 {
		t.Fatalf("%+v, %v", d, err)
	}
	if d, err = match.ReadWork([]byte("day,accepted_hashes\n2025-09-01,86400000000000000000000\n")); err != nil || d[0].Accepted != exahashDay {
		t.Fatalf("%+v, %v", d, err)
	}
	for text, want := range map[string]string{
		"": "first line", "day,work\n": "ph_days", "day,accepted_ph_days\n2025-09-01,1\n2025-09-01,2\n": "twice", "day,accepted_ph_days\n2025-09-01,\n": "plain digits",
		"day,accepted_ph_days\n2025-09-01,1e3\n": "plain digits", "day,accepted_ph_days\n2025-09-01,99999999999999\n": "anybody", "day,accepted_ph_days\n2025-09-01,1,2\n": "line 2",
		"day,accepted_ph_days\n1,1\n": "day", "day,accepted_ph_days,stale_ph_days\n": "first line", "day,accepted_ph_days\n2025-09-01," + strings.Repeat("9", 99) + "\n": "plain digits",
	} {
		if d, err := match.ReadWork([]byte(text)); !errors.Is(err, match.ErrFile) || !strings.Contains(err.Error(), want) || d != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestBank: lines go to the nearest entry of their amount, and everything is
// either paired or told.
func TestBank(t *testing.T) {
	t.Parallel()
	line := func(n int, amount unit.Amount) match.Money {
		return match.Money{Day: at(n, 0), Amount: amount, Reference: strconv.Itoa(n)}
	}
	r := match.Bank([]match.Money{line(1, 5), line(2, 5), line(9, 7)}, []match.Money{line(2, 5), line(3, 5), line(1, 7), line(4, 1)}, 18, 5)
	if len(r.Pairs) != 2 || r.Pairs[0].Books.Reference != "2" || r.Pairs[0].Bank.Reference != "2" || len(r.Bank) != 1 || len(r.Books) != 2 || !r.HasDifference || r.Closing != nil {
		t.Errorf("%+v", r)
	}
	rapid.Check(t, func(t *rapid.T) {
		side := func(name string) (out []match.Money, sum unit.Amount) {
			for range rapid.IntRange(0, 9).Draw(t, name) {
				out = append(out, line(rapid.IntRange(1, 28).Draw(t, "day"), unit.Amount(rapid.Int64Range(-2, 2).Draw(t, "amount"))))
				sum += out[len(out)-1].Amount
			}
			return out, sum
		}
		lines, of := side("bank")
		entries, booked := side("books")
		if n := len(lines); n > 0 {
			lines[n-1].Balance = &of
		}
		r := match.Bank(lines, entries, booked, 3)
		if len(r.Pairs)+len(r.Bank) != len(lines) || len(r.Pairs)+len(r.Books) != len(entries) || r.Unexplained != 0 {
			t.Fatalf("%+v of %d and %d", r, len(lines), len(entries))
		}
	})
}

func FuzzReadStatement(f *testing.F) {
	f.Add(aStatement)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := match.ReadStatement([]byte(text), time.UTC)
		if err != nil && (l.Credits != nil || l.Claims != nil) {
			t.Fatal("lines beside an error")
		}
		f := match.Facts{Credits: l.Credits, Claims: l.Claims, From: "2009", To: "9", Chain: true, At: at(1, 0)}
		if _, err := match.Month(match.Usual("x", match.Expected), f); err != nil && !errors.Is(err, match.ErrInput) {
			t.Fatalf("what was read cannot be audited: %v", err)
		}
	})
}

func FuzzReadWork(f *testing.F) {
	f.Add("day,accepted_ph_days,stale_ph_days,rejected_ph_days\n2025-09-02,1000.5,1,0\n")
	f.Add("day,accepted_hashes\n2025-09-01,86400000000000000000000\n")
	f.Fuzz(func(t *testing.T, text string) {
		days, err := match.ReadWork([]byte(text))
		for i, d := range days {
			if err != nil || d.Accepted < 0 || i > 0 && d.Day <= days[i-1].Day {
				t.Fatalf("%+v, %v", d, err)
			}
		}
	})
}

func FuzzReadBank(f *testing.F) {
	f.Add("date,amount,reference,balance\n2025-09-01,-12.5,charges,\n2025-09-02,1,,100\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := match.ReadBank([]byte(text), "USD")
		for _, l := range lines {
			if err != nil || l.Amount == 0 || l.Day.IsZero() {
				t.Fatalf("%+v, %v", l, err)
			}
		}
	})
}
