package debt_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/debt"
	"sluice/unit"
)

const (
	entity = "Sluice Power LLC"
	dollar = unit.Unit
)

var bank = books.Bank("main")

func chart() books.Chart {
	return books.Standard(entity, "USD", "UTC").With(bank, books.Debt("hall"), books.AccruedInterest("hall"), books.Restricted("dsra"))
}

func on(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// hall is a facility of a year at a fixed 9 %.
func hall() debt.Facility {
	return debt.Facility{
		Name: "hall", Limit: 10_000_000 * dollar, Basis: debt.Actual360, Rates: []debt.Reset{{From: on(2025, 1, 1), Rate: 90_000}},
		Start: on(2025, 1, 1), Maturity: on(2026, 1, 1), Fees: 365_000 * dollar, Tags: books.Tags{Site: "houston"},
	}
}

func event(id string, at time.Time) debt.Event {
	return debt.Event{ID: id, Entity: entity, At: at, Booked: at, Source: "test"}
}

func span(from, to time.Time) debt.Span {
	return debt.Span{Entity: entity, From: from, To: to, Booked: to}
}

// TestInterest: days, rates and what is not drawn, each by hand.
func TestInterest(t *testing.T) {
	t.Parallel()
	million := []debt.Move{{on(2025, 1, 1), 1_000_000 * dollar}}
	for sentence, c := range map[string]struct {
		change func(*debt.Facility)
		moves  []debt.Move
		until  time.Time
		want   unit.Amount
	}{
		"nothing at the begin":                        {nil, million, on(2025, 1, 1), 0},
		"one day of 360":                              {nil, million, on(2025, 1, 2), 250 * dollar},
		"a year of 365 days, of 360":                  {nil, million, on(2026, 1, 1), 91_250 * dollar},
		"a year of 365":                               {func(f *debt.Facility) { f.Basis = debt.Actual365 }, million, on(2026, 1, 1), 90_000 * dollar},
		"twelve months of 30 days":                    {func(f *debt.Facility) { f.Basis = debt.Thirty360 }, million, on(2026, 1, 1), 90_000 * dollar},
		"February has 30 days too":                    {func(f *debt.Facility) { f.Basis = debt.Thirty360 }, million, on(2025, 3, 1), 15_000 * dollar},
		"a 31st is no day of its own":                 {func(f *debt.Facility) { f.Basis = debt.Thirty360 }, million, on(2025, 1, 31), 7_250 * dollar},
		"half a millionth goes to the even one, down": {func(f *debt.Facility) { f.Basis, f.Rates[0].Rate = debt.Thirty360, 250_000 }, []debt.Move{{on(2025, 1, 1), 2}}, on(2026, 1, 1), 0},
		"half a millionth goes to the even one, up":   {func(f *debt.Facility) { f.Basis, f.Rates[0].Rate = debt.Thirty360, 250_000 }, []debt.Move{{on(2025, 1, 1), 6}}, on(2026, 1, 1), 2},
		"after a reset": {func(f *debt.Facility) {
			f.Rates = []debt.Reset{{on(2025, 1, 1), on(2025, 1, 11), 36_000}, {on(2025, 1, 11), on(2025, 4, 1), 72_000}}
		}, million, on(2025, 1, 21), 3_000 * dollar},
		"with a margin":                          {func(f *debt.Facility) { f.Margin = 18_000 }, million, on(2025, 1, 11), 3_000 * dollar},
		"a floor under the rate, and the margin": {func(f *debt.Facility) { f.Rates[0].Rate, f.Floor, f.Margin = -5_000, 18_000, 18_000 }, million, on(2025, 1, 11), 1_000 * dollar},
		"what is not drawn":                      {func(f *debt.Facility) { f.Unused = 4_000 }, million, on(2025, 1, 11), 3_500 * dollar},
		"what is not drawn, until it is closed":  {func(f *debt.Facility) { f.Unused, f.Closed = 4_000, on(2025, 1, 6) }, nil, on(2025, 2, 1), 555_555_556},
		"a repayment bears no interest that day": {nil, []debt.Move{{on(2025, 1, 1), 1_000_000 * dollar}, {on(2025, 1, 11), -600_000 * dollar}}, on(2025, 1, 21), 3_500 * dollar},
		"moves in any order":                     {nil, []debt.Move{{on(2025, 1, 11), -600_000 * dollar}, {on(2025, 1, 1), 1_000_000 * dollar}}, on(2025, 1, 21), 3_500 * dollar},
		"what is overdue goes on":                {nil, million, on(2026, 1, 2), 91_500 * dollar},
	} {
		f := hall()
		if c.change != nil {
			c.change(&f)
		}
		if err := f.Validate(); err != nil {
			t.Errorf("%s: %v", sentence, err)
		}
		if got, err := f.Interest(c.moves, c.until); err != nil || got.All != c.want {
			t.Errorf("%s: %d, %v, want %d", sentence, got.All, err, c.want)
		}
	}
}

// TestThirtyDays: a stretch has as many days as its parts.
func TestThirtyDays(t *testing.T) {
	t.Parallel()
	f := hall()
	f.Basis, f.Maturity = debt.Thirty360, on(2030, 1, 1)
	one := []debt.Move{{on(2025, 1, 1), 360 * dollar}}
	f.Rates[0].Rate = 1_000_000 // a dollar a day
	for sentence, c := range map[string]struct {
		until time.Time
		want  int64
	}{
		"the 30th": {on(2025, 1, 30), 29}, "the 31st": {on(2025, 1, 31), 29}, "the first": {on(2025, 2, 1), 30}, "the end of February": {on(2025, 2, 28), 57},
		"a year": {on(2026, 1, 1), 360}, "a leap day": {on(2028, 2, 29), 3*360 + 58},
	} {
		if got, err := f.Interest(one, c.until); err != nil || got.All != unit.Amount(c.want)*dollar {
			t.Errorf("%s: %v, %v, want %d", sentence, got.All, err, c.want)
		}
	}
}

// worked books the worked example.
func worked(t *testing.T) map[string]int64 {
	t.Helper()
	f := hall()
	f.Building = []debt.Building{{From: on(2025, 1, 1), To: on(2025, 1, 21), Share: 500_000, Project: "hall 2"}}
	var all []books.Transaction
	post := func(x books.Transaction, err error) {
		t.Helper()
		if err == nil {
			err = x.Validate(chart())
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	due := func() debt.Due {
		b, err := books.Tally(all)
		if err != nil {
			t.Fatal(err)
		}
		return debt.Owed(b, "hall")
	}
	post(debt.PayFees(event("fees", on(2025, 1, 1)), f, bank))
	post(debt.Draw(event("draw", on(2025, 1, 1)), f, due(), bank, 1_000_000*dollar))
	x, some, err := debt.Accrue(span(on(2025, 1, 1), on(2025, 2, 1)), f, debt.Moves(all, "hall", time.UTC))
	if !some {
		t.Fatal("nothing accrued")
	}
	post(x, err)
	post(debt.Repay(event("paid", on(2025, 2, 1)), f, due(), debt.Due{Principal: 250_000 * dollar, Interest: 7_750 * dollar}, bank))
	x, _, err = debt.Accrue(span(on(2025, 2, 1), on(2025, 3, 1)), f, debt.Moves(all, "hall", time.UTC))
	post(x, err)
	x, _, err = debt.Spread(span(on(2025, 1, 1), on(2025, 3, 1)), f)
	post(x, err)
	held := map[string]int64{}
	for _, x := range all {
		for _, l := range x.Lines {
			held[l.Account] += l.Amount
			if l.Account == books.Construction && l.Tags.Project != "hall 2" {
				t.Errorf("built for %q", l.Tags.Project)
			}
		}
	}
	return held
}

func TestWorkedExample(t *testing.T) {
	t.Parallel()
	held := worked(t)
	for account, want := range map[string]unit.Amount{
		bank:                          -365_000*dollar + 1_000_000*dollar - 257_750*dollar,
		books.Debt("hall"):            -750_000 * dollar,
		books.Construction:            2_500 * dollar, // half of 20 days at 250
		books.InterestPaid:            7_750*dollar - 2_500*dollar + 5_250*dollar,
		books.DebtCosts:               306_000 * dollar,
		books.FinanceNonCash:          59_000 * dollar,
		books.AccruedInterest("hall"): -5_250 * dollar,
	} {
		if got := held[account]; got != int64(want) {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
}

// TestLateReset: a rate that is known late is corrected once, and a reversal of an
// accrual is no payment.
func TestLateReset(t *testing.T) {
	t.Parallel()
	f := hall()
	f.Building = []debt.Building{{From: on(2025, 1, 1), To: on(2025, 1, 21), Share: 500_000, Project: "hall 2"}}
	moves := []debt.Move{{on(2025, 1, 1), 1_000_000 * dollar}}
	x, _, err := debt.Accrue(span(on(2025, 1, 1), on(2025, 2, 1)), f, moves)
	if err != nil {
		t.Fatal(err)
	}
	paid, err := debt.Repay(event("paid", on(2025, 2, 1)), f, debt.Due{Interest: 7_750 * dollar}, debt.Due{Interest: 7_750 * dollar}, bank)
	if err != nil {
		t.Fatal(err)
	}
	all := []books.Transaction{x, paid}
	f.Rates[0].Rate = 108_000 // 300 a day it was
	correct := func() (books.Transaction, bool) {
		x, some, err := debt.Correct(span(on(2025, 1, 1), on(2025, 2, 1)), f, moves, debt.Booked(all, f))
		if some && err == nil {
			err = x.Validate(chart())
		}
		if err != nil {
			t.Fatal(err)
		}
		return x, some
	}
	late, some := correct()
	if !some || len(late.Lines) != 3 || late.Lines[0].Amount != int64(500*dollar) || late.Lines[1].Amount != int64(1_050*dollar) || late.ID == x.ID {
		t.Errorf("%+v", late)
	}
	all = append(all, late)
	if x, some := correct(); some {
		t.Errorf("corrected twice: %+v", x)
	}
	for _, x := range []books.Transaction{all[0], late} {
		back, err := x.Reverse("back"+x.ID, on(2025, 2, 2), on(2025, 2, 2), "again")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, back)
	}
	pending := x
	pending.Standing = books.Pending
	if got := debt.Booked(append(all, pending), f); got.All != 0 || got.Built[0] != 0 {
		t.Errorf("all was taken back, and %+v is booked", got)
	}
	if _, _, err := debt.Correct(span(on(2025, 1, 1), on(2025, 2, 1)), f, moves, debt.Interest{}); !errors.Is(err, debt.ErrEvent) {
		t.Errorf("interest of another facility: %v", err)
	}
}

// cut draws days that cut a stretch into periods.
func cut(t *rapid.T, from, to time.Time) []time.Time {
	days := []time.Time{from, to}
	for range rapid.IntRange(0, 12).Draw(t, "cuts") {
		days = append(days, from.AddDate(0, 0, rapid.IntRange(0, int(to.Sub(from)/(24*time.Hour))).Draw(t, "cut")))
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// TestCuts: the interest and the fees of a life are the same however it is cut into
// periods, and the books take each of them.
func TestCuts(t *testing.T) {
	t.Parallel()
	c := chart()
	rapid.Check(t, func(t *rapid.T) {
		f := hall()
		f.Basis = rapid.SampledFrom([]debt.Basis{debt.Actual360, debt.Actual365, debt.Thirty360}).Draw(t, "basis")
		f.Rates = []debt.Reset{
			{on(2025, 1, 1), on(2025, 7, 1), unit.Ratio(rapid.Int64Range(-10_000, 300_000).Draw(t, "rate"))},
			{From: on(2025, 7, 1), Rate: unit.Ratio(rapid.Int64Range(0, 300_000).Draw(t, "rate"))},
		}
		f.Margin, f.Unused = unit.Ratio(rapid.Int64Range(0, 50_000).Draw(t, "margin")), unit.Ratio(rapid.Int64Range(0, 10_000).Draw(t, "unused"))
		f.Fees = unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "fees"))
		f.Building = []debt.Building{{on(2025, 2, 3), on(2025, 8, 9), unit.Ratio(rapid.Int64Range(1, 1_000_000).Draw(t, "share")), "hall 2"}}
		var moves []debt.Move
		for range rapid.IntRange(0, 5).Draw(t, "draws") {
			moves = append(moves, debt.Move{on(2025, 1, 1).AddDate(0, 0, rapid.IntRange(0, 364).Draw(t, "day")), unit.Amount(rapid.Int64Range(1, 2e12).Draw(t, "drawn"))})
		}
		var interest, built, fees int64
		days := cut(t, on(2024, 12, 1), on(2026, 2, 1))
		for i := 1; i < len(days); i++ {
			s := span(days[i-1], days[i])
			for _, charge := range []func() (books.Transaction, bool, error){
				func() (books.Transaction, bool, error) { return debt.Accrue(s, f, moves) },
				func() (books.Transaction, bool, error) { return debt.Spread(s, f) },
			} {
				x, some, err := charge()
				if some && err == nil {
					err = x.Validate(c)
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range x.Lines {
					switch l.Account {
					case books.AccruedInterest("hall"):
						interest -= l.Amount
					case books.Construction:
						built += l.Amount
					case books.FinanceNonCash:
						fees += l.Amount
					}
				}
			}
		}
		want, err := f.Interest(moves, on(2026, 2, 1))
		if err != nil || interest != int64(want.All) || built != int64(want.Built[0]) || fees != int64(f.Fees) {
			t.Fatalf("interest %d, built %d, fees %d, want %+v and %d, %v", interest, built, fees, want, f.Fees, err)
		}
		if built > interest {
			t.Fatalf("%d were built of %d", built, interest)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	million := []debt.Move{{on(2025, 1, 1), 1_000_000 * dollar}}
	for sentence, change := range map[string]func(*debt.Facility){
		"no name":            func(f *debt.Facility) { f.Name = " " },
		"no limit":           func(f *debt.Facility) { f.Limit = 0 },
		"an unknown basis":   func(f *debt.Facility) { f.Basis = "actual/366" },
		"no term":            func(f *debt.Facility) { f.Maturity = f.Start },
		"a negative margin":  func(f *debt.Facility) { f.Margin = -1 },
		"two rates at once":  func(f *debt.Facility) { f.Rates = append(f.Rates, f.Rates[0]) },
		"a share of nothing": func(f *debt.Facility) { f.Building = []debt.Building{{on(2025, 1, 1), on(2025, 2, 1), 0, ""}} },
		"two buildings at once": func(f *debt.Facility) {
			f.Building = []debt.Building{{on(2025, 1, 1), on(2025, 2, 1), 1, "a"}, {on(2025, 1, 31), on(2025, 2, 1), 1, "b"}}
		},
	} {
		f := hall()
		change(&f)
		if _, _, err := debt.Accrue(span(on(2025, 1, 1), on(2025, 2, 1)), f, million); !errors.Is(err, debt.ErrFacility) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	f, after := hall(), hall()
	f.Rates[0].To = on(2025, 1, 15)
	closed := hall()
	closed.Closed = on(2025, 1, 3)
	try := func(_ books.Transaction, err error) error { return err }
	accrue := func(f debt.Facility, moves ...debt.Move) error {
		_, _, err := debt.Accrue(span(on(2025, 1, 1), on(2025, 2, 1)), f, moves)
		return err
	}
	due := debt.Due{Principal: 9_000_000 * dollar, Interest: 5}
	for sentence, c := range map[string]struct{ got, want error }{
		"a day whose rate was not fixed":     {accrue(f, million...), debt.ErrRate},
		"nothing drawn, and no rate needed":  {accrue(f), nil},
		"more owed than the limit":           {accrue(after, debt.Move{on(2025, 1, 1), 11_000_000 * dollar}), debt.ErrEvent},
		"more repaid than was owed":          {accrue(after, debt.Move{on(2025, 1, 1), -1}), debt.ErrEvent},
		"a draw above the limit":             {try(debt.Draw(event("x", on(2025, 1, 5)), after, due, bank, 1_000_001*dollar)), debt.ErrEvent},
		"a draw up to the limit":             {try(debt.Draw(event("x", on(2025, 1, 5)), after, due, bank, 1_000_000*dollar)), nil},
		"a draw of nothing":                  {try(debt.Draw(event("x", on(2025, 1, 5)), after, due, bank, 0)), debt.ErrEvent},
		"a draw at maturity":                 {try(debt.Draw(event("x", on(2026, 1, 1)), after, due, bank, 1)), debt.ErrEvent},
		"a draw of what is closed":           {try(debt.Draw(event("x", on(2025, 1, 5)), closed, due, bank, 1)), debt.ErrEvent},
		"interest that was not accrued":      {try(debt.Repay(event("x", on(2025, 1, 5)), after, due, debt.Due{Interest: 6}, bank)), debt.ErrEvent},
		"more principal than there is":       {try(debt.Repay(event("x", on(2025, 1, 5)), after, due, debt.Due{Principal: 9_000_001 * dollar}, bank)), debt.ErrEvent},
		"a payment of nothing":               {try(debt.Repay(event("x", on(2025, 1, 5)), after, due, debt.Due{}, bank)), debt.ErrEvent},
		"a payment that takes back interest": {try(debt.Repay(event("x", on(2025, 1, 5)), after, due, debt.Due{Principal: 9, Interest: -1}, bank)), debt.ErrEvent},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", sentence, c.got, c.want)
		}
	}
	x, _, err := debt.Spread(span(on(2025, 1, 2), on(2025, 2, 1)), closed)
	if err != nil || x.Lines[0].Amount != int64(364_000*dollar) {
		t.Errorf("closed on the third day, %+v, %v", x.Lines, err)
	}
}

// TestMoves: what a facility did, read from the books.
func TestMoves(t *testing.T) {
	t.Parallel()
	var all []books.Transaction
	for i, amount := range []int64{-7, 3} {
		x := books.Transaction{ID: strconv.Itoa(i), Standing: books.Posted, At: time.Date(2025, 1, 1+i, 23, 0, 0, 0, time.UTC)}
		x.Lines = []books.Line{{Account: books.Debt("hall"), Amount: amount}, {Account: books.Debt("other"), Amount: -amount}}
		pending := x
		pending.Standing = books.Pending
		all = append(all, x, pending)
	}
	got := debt.Moves(all, "hall", time.FixedZone("east", 2*3600))
	if len(got) != 2 || got[0].Amount != 7 || got[1].Amount != -3 || got[0].Day.Day() != 2 {
		t.Errorf("%+v", got)
	}
}
