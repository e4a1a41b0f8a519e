package revenue_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/revenue"
	"sluice/unit"
)

const (
	entity = "Sluice Power LLC"
	dollar = unit.Unit
)

func on(month time.Month, day int) time.Time {
	return time.Date(2025, month, day, 0, 0, 0, 0, time.UTC)
}

func chart() books.Chart {
	return books.Standard(entity, "USD", "UTC").With(books.Customer("tenant"))
}

// plan is a year: two months free, then 70,000 a month, and 30,000 for setting up.
func plan() revenue.Plan {
	return revenue.Plan{Start: on(1, 1), Months: 12, Monthly: 70_000 * dollar, Free: 2, Setup: 30_000 * dollar}
}

func term(m revenue.Method, p revenue.Plan) revenue.Term {
	bills, err := p.Bills()
	if err != nil {
		panic(err)
	}
	return revenue.Term{
		Contract: "c1", Version: 1, Start: p.Start, End: p.End(), Method: m, Bills: bills, Capacity: p.Capacity(10 * unit.Megawatt),
		Account: books.Reservation, Tags: books.Tags{Site: "houston", Contract: "c1"},
	}
}

func span(to time.Time) revenue.Span { return revenue.Span{Entity: entity, To: to, Booked: to} }

// TestEarned: every method, by hand.
func TestEarned(t *testing.T) {
	t.Parallel()
	ramped := plan()
	ramped.Free, ramped.Setup, ramped.Ramp = 0, 0, []unit.Ratio{250_000, 500_000}
	for sentence, c := range map[string]struct {
		method revenue.Method
		plan   revenue.Plan
		at     time.Time
		want   unit.Amount
	}{
		"nothing at the begin":             {revenue.StraightLine, plan(), on(1, 1), 0},
		"2,000 a day":                      {revenue.StraightLine, plan(), on(2, 1), 62_000 * dollar},
		"half a day":                       {revenue.StraightLine, plan(), on(1, 1).Add(12 * time.Hour), 1_000 * dollar},
		"all at the end":                   {revenue.StraightLine, plan(), on(13, 1), 730_000 * dollar},
		"no more later":                    {revenue.StraightLine, plan(), on(24, 1), 730_000 * dollar},
		"free months earn only the setup":  {revenue.AsBilled, plan(), on(3, 1), 4_849_315_068}, // 30,000 * 59 / 365
		"half of a bill":                   {revenue.AsBilled, plan(), on(4, 16), 70_000*dollar + 35_000*dollar + 8_630_136_986},
		"a quarter, then half":             {revenue.AsBilled, ramped, on(3, 1), 52_500 * dollar},
		"as the ramp delivers":             {revenue.ByCapacity, ramped, on(2, 1), 17793668955}, // of 752,500: 31 days at a quarter, 28 at a half, 306 at all
		"as all of it is delivered at end": {revenue.ByCapacity, ramped, on(13, 1), 752_500 * dollar},
	} {
		got, err := term(c.method, c.plan).Earned(c.at)
		if err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", sentence, got, err, c.want)
		}
	}
}

// TestTies: half a millionth goes to the even one.
func TestTies(t *testing.T) {
	t.Parallel()
	for amount, want := range map[unit.Amount]unit.Amount{1: 0, 3: 2, 5: 2, -1: 0, -3: -2} {
		c := revenue.Term{
			Contract: "c1", Version: 1, Start: on(1, 1), End: on(1, 3), Method: revenue.StraightLine, Account: books.Reservation, Tags: books.Tags{Contract: "c1"},
			Bills: []revenue.Bill{{From: on(1, 1), To: on(1, 3), Amount: amount}},
		}
		if got, err := c.Earned(on(1, 2)); err != nil || got != want {
			t.Errorf("half of %d is %d, %v, want %d", amount, got, err, want)
		}
	}
}

// TestPlan: bills with a ramp and an escalator, and months that a calendar does not
// have.
func TestPlan(t *testing.T) {
	t.Parallel()
	p := revenue.Plan{Start: time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC), Months: 26, Monthly: 100 * dollar, Ramp: []unit.Ratio{0, 500_000}, Escalator: 30_000}
	bills, err := p.Bills()
	if err != nil || len(bills) != 25 || bills[0].Amount != 50*dollar || !bills[0].From.Equal(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)) ||
		bills[10].Amount != 100*dollar || bills[11].Amount != 103*dollar || bills[24].Amount != 106_090_000 || !bills[24].To.Equal(p.End()) {
		t.Errorf("%+v, %v", bills, err)
	}
	for sentence, change := range map[string]func(*revenue.Plan){
		"no month":             func(p *revenue.Plan) { p.Months = 0 },
		"more free than all":   func(p *revenue.Plan) { p.Free = 27 },
		"a share above all":    func(p *revenue.Plan) { p.Ramp[1] = unit.One + 1 },
		"a price that falls":   func(p *revenue.Plan) { p.Escalator = -1 },
		"a price beyond books": func(p *revenue.Plan) { p.Monthly, p.Escalator = math.MaxInt64, unit.One },
	} {
		q := p
		q.Ramp = slices.Clone(p.Ramp)
		change(&q)
		if _, err := q.Bills(); !errors.Is(err, revenue.ErrTerm) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// ledger is the simplest books there are.
type ledger struct {
	t    interface{ Fatalf(string, ...any) }
	all  []books.Transaction
	held map[string]int64
}

func open(t interface{ Fatalf(string, ...any) }) *ledger {
	return &ledger{t: t, held: map[string]int64{}}
}

func (b *ledger) post(x books.Transaction) {
	if err := x.Validate(chart()); err != nil {
		b.t.Fatalf("%v", err)
	}
	b.all = append(b.all, x)
	for _, l := range x.Lines {
		b.held[l.Account] += l.Amount
	}
}

// bill books what rating books of a bill: income, not invoiced yet.
func (b *ledger) bill(at time.Time, amount unit.Amount) {
	if amount == 0 {
		return
	}
	tags := books.Tags{Contract: "c1", Counterparty: "tenant"}
	b.post(books.Transaction{
		ID: "bill" + strconv.Itoa(len(b.all)), Entity: entity, Kind: "usage", Standing: books.Posted, At: at, Booked: at,
		Lines: []books.Line{{Account: books.Unbilled, Amount: int64(amount), Tags: tags}, {Account: books.Reservation, Amount: -int64(amount), Tags: tags}},
	})
}

// recognise closes a period; doing it again must change nothing.
func (b *ledger) recognise(t revenue.Term, to time.Time) {
	for i := range 2 {
		s, err := revenue.StandingOf(b.all, t, to)
		if err != nil {
			b.t.Fatalf("%v", err)
		}
		x, some, err := revenue.Recognise(span(to), t, s)
		if err != nil || i > 0 && some {
			b.t.Fatalf("%+v, %v", x, err)
		}
		if some {
			b.post(x)
		}
	}
	earned, err := t.Earned(to)
	asset, deferred := b.held[books.ContractAsset], b.held[books.Deferred]
	if err != nil || -b.held[books.Reservation] != int64(earned) || asset < 0 || deferred > 0 || asset != 0 && deferred != 0 {
		b.t.Fatalf("at %s %d are earned and %d booked, contract asset %d, deferred %d, %v", to, earned, -b.held[books.Reservation], asset, deferred, err)
	}
}

// TestWorkedExample: the year, month by month.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	b, c := open(t), term(revenue.StraightLine, plan())
	b.bill(on(1, 1), 30_000*dollar)
	for month, want := range []unit.Amount{32_000, 88_000, 80_000, 70_000, 62_000, 52_000, 44_000, 36_000, 26_000, 18_000, 8_000, 0} {
		if month >= 2 {
			b.bill(on(time.Month(month+1), 1), 70_000*dollar)
		}
		b.recognise(c, on(time.Month(month+2), 1))
		if got := b.held[books.ContractAsset]; got != int64(want*dollar) {
			t.Errorf("after month %d: %d, want %d", month+1, got, want*dollar)
		}
	}
	if b.held[books.Reservation] != -int64(730_000*dollar) {
		t.Errorf("earned %d", -b.held[books.Reservation])
	}
}

// TestPaidAhead: what is billed before it is earned is deferred, and what takes a
// recognition back gives it back.
func TestPaidAhead(t *testing.T) {
	t.Parallel()
	b, c := open(t), term(revenue.StraightLine, plan())
	b.bill(on(1, 1), 730_000*dollar)
	b.recognise(c, on(2, 1))
	if b.held[books.Deferred] != -int64(668_000*dollar) {
		t.Errorf("deferred %d", -b.held[books.Deferred])
	}
	x, err := b.all[1].Reverse("back", on(2, 1).Add(-time.Second), on(2, 2), "again")
	if err != nil {
		t.Fatal(err)
	}
	b.post(x)
	pending := x
	pending.Standing = books.Pending
	b.all = append(b.all, pending)
	if s, err := revenue.StandingOf(b.all, c, on(2, 1)); err != nil || s != (revenue.Standing{Billed: 730_000 * dollar}) {
		t.Errorf("%+v, %v", s, err)
	}
	b.all = append(b.all[:1:1], b.all[1:3]...)
	b.bill(on(1, 20), -10_000*dollar) // a bill was too high, as is known now
	s, err := revenue.StandingOf(b.all, c, on(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	if x, some, err := revenue.Recognise(span(on(2, 1)), c, s); err != nil || !some || x.Lines[0].Account != books.Deferred || x.Lines[0].Amount != -int64(658_000*dollar) {
		t.Errorf("%+v, %v", x, err)
	}
}

// TestModify: what is earned stays, and what is open is earned over what is left.
func TestModify(t *testing.T) {
	t.Parallel()
	c := term(revenue.StraightLine, plan())
	half := revenue.Plan{Start: on(7, 1), Months: 12, Monthly: 35_000 * dollar}
	bills, err := half.Bills()
	if err != nil {
		t.Fatal(err)
	}
	next, err := revenue.Modify(c, on(7, 1), revenue.Term{End: half.End(), Method: revenue.StraightLine, Bills: bills})
	// 181 days of 2,000 are earned, of 30,000 + 4 * 70,000; 52,000 less are earned over what is left
	if err != nil || next.Past != (revenue.Past{Earned: 362_000 * dollar, Open: -52_000 * dollar}) || next.Version != 2 || next.Tags != c.Tags {
		t.Errorf("%+v, %v", next, err)
	}
	for at, want := range map[time.Time]unit.Amount{on(7, 1): 362_000 * dollar, on(19, 1): 730_000 * dollar, on(7, 1).AddDate(0, 0, 73): 362_000*dollar + 73_600*dollar} {
		if got, err := next.Earned(at); err != nil || got != want {
			t.Errorf("on %s: %v, %v, want %v", at, got, err, want)
		}
	}
	ended, err := revenue.Terminate(c, on(7, 1), 100_000*dollar)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ended.Earned(on(7, 1)); err != nil || got != 410_000*dollar { // 30,000 + 280,000 billed, and the fee
		t.Errorf("ended at %v, %v", got, err)
	}
	billed := term(revenue.AsBilled, plan())
	if ended, err = revenue.Terminate(billed, on(4, 16), 0); err != nil || ended.Past.Open+ended.Past.Earned != 135_000*dollar {
		t.Errorf("%+v, %v", ended.Past, err)
	}
	again := next
	again.Method = revenue.AsBilled // 16 of 365 days of what is open, and half of a bill
	if got, err := again.Earned(on(7, 17)); err != nil || got != 362_000*dollar-2_279_452_055+18_064_516_129 {
		t.Errorf("as billed after a change: %d, %v", got, err)
	}
	if ended, err = revenue.Terminate(next, on(7, 1).AddDate(0, 0, 73), 0); err != nil || ended.Past.Earned != 435_600*dollar || ended.Past.Open != 310_000*dollar+82_833_333_333-435_600*dollar {
		t.Errorf("changed and then ended: %+v, %v", ended.Past, err) // two bills, and 11 of 30 days of a third
	}
	if _, err := revenue.Modify(c, on(13, 2), revenue.Term{}); !errors.Is(err, revenue.ErrTerm) {
		t.Errorf("changed after its end: %v", err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*revenue.Term){
		"no contract":               func(c *revenue.Term) { c.Contract = "" },
		"a tag of another contract": func(c *revenue.Term) { c.Tags.Contract = "c2" },
		"no account of income":      func(c *revenue.Term) { c.Account = books.Unbilled },
		"no term":                   func(c *revenue.Term) { c.End, c.Bills = c.Start, nil },
		"no method":                 func(c *revenue.Term) { c.Method = "as we like" },
		"service before the term":   func(c *revenue.Term) { c.Bills[0].From = on(1, 1).Add(-1) },
		"service after the term":    func(c *revenue.Term) { c.Bills[0].To = on(13, 2) },
		"service of no time":        func(c *revenue.Term) { c.Bills[0].To = c.Bills[0].From },
		"beyond every ledger":       func(c *revenue.Term) { c.Bills[0].Amount, c.Bills[1].Amount = math.MaxInt64, -math.MaxInt64 },
		"nothing is delivered":      func(c *revenue.Term) { c.Method, c.Capacity = revenue.ByCapacity, nil },
		"less than nothing":         func(c *revenue.Term) { c.Method, c.Capacity[0].Power = revenue.ByCapacity, -1 },
		"capacity without order":    func(c *revenue.Term) { c.Method, c.Capacity = revenue.ByCapacity, append(c.Capacity, c.Capacity[0]) },
	} {
		c := term(revenue.StraightLine, plan())
		change(&c)
		if _, _, err := revenue.Recognise(span(on(2, 1)), c, revenue.Standing{}); !errors.Is(err, revenue.ErrTerm) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, _, err := revenue.Recognise(span(on(2, 1)), term(revenue.AsBilled, plan()), revenue.Standing{Billed: math.MinInt64 + 1}); !errors.Is(err, books.ErrOverflow) {
		t.Errorf("a standing beyond every ledger: %v", err)
	}
}

// TestCuts: whatever the method, however the term is cut, whatever is billed when,
// and also when the contract is changed or ended on the way: in the end all
// consideration is earned, to the millionth, and nothing is an asset or deferred.
func TestCuts(t *testing.T) {
	t.Parallel()
	methods := []revenue.Method{revenue.StraightLine, revenue.AsBilled, revenue.ByCapacity}
	rapid.Check(t, func(t *rapid.T) {
		p := revenue.Plan{
			Start: on(1, rapid.IntRange(1, 31).Draw(t, "day")), Months: rapid.IntRange(2, 14).Draw(t, "months"), Monthly: unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "monthly")),
			Free: rapid.IntRange(0, 2).Draw(t, "free"), Escalator: unit.Ratio(rapid.Int64Range(0, 100_000).Draw(t, "escalator")), Setup: unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "setup")),
		}
		for range rapid.IntRange(0, 2).Draw(t, "ramp") {
			p.Ramp = append(p.Ramp, unit.Ratio(rapid.Int64Range(0, 1_000_000).Draw(t, "share")))
		}
		c := term(rapid.SampledFrom(methods).Draw(t, "method"), p)
		days := int(c.End.Sub(c.Start) / (24 * time.Hour))
		cuts := []time.Time{c.End, c.End.AddDate(0, 1, 0)}
		for range rapid.IntRange(0, 8).Draw(t, "cuts") {
			cuts = append(cuts, c.Start.AddDate(0, 0, rapid.IntRange(1, days).Draw(t, "cut")))
		}
		slices.SortFunc(cuts, time.Time.Compare)
		change, how := cuts[rapid.IntRange(0, len(cuts)-2).Draw(t, "change")], rapid.IntRange(0, 2).Draw(t, "how")
		b, total := open(t), unit.Amount(0)
		for _, x := range c.Bills {
			total += x.Amount
		}
		for _, cut := range cuts {
			if cut.Equal(change) && how > 0 && c.Version == 1 {
				fee := unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "fee"))
				next, err := revenue.Terminate(c, cut, fee)
				if how == 1 && cut.Before(c.End) {
					next, err = revenue.Modify(c, cut, revenue.Term{End: c.End, Method: revenue.StraightLine, Bills: []revenue.Bill{{From: cut, To: c.End, Amount: fee}}})
				}
				if err != nil {
					t.Fatal(err)
				}
				c = next
				if total, err = c.Total(); err != nil {
					t.Fatal(err)
				}
				want := fee
				for _, x := range term(revenue.AsBilled, p).Bills {
					switch {
					case x.Kept || !x.To.After(cut):
						want += x.Amount
					case x.From.Before(cut):
						want += unit.Amount(unit.MulDiv(int64(x.Amount), cut.Unix()-x.From.Unix(), x.To.Unix()-x.From.Unix()))
					}
				}
				if total != want {
					t.Fatalf("changed, %d are to be earned in all, want %d", total, want)
				}
			}
			bill := unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "billed"))
			if cut.Equal(cuts[len(cuts)-1]) {
				bill = total - unit.Amount(b.held[books.Unbilled])
			}
			b.bill(cut.Add(-time.Second), bill)
			b.recognise(c, cut)
		}
		if b.held[books.Reservation] != -int64(total) || b.held[books.ContractAsset] != 0 || b.held[books.Deferred] != 0 {
			t.Fatalf("%v, want %d", b.held, total)
		}
	})
}
