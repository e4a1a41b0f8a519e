package reserve_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/unit"
)

const (
	entity = "Sluice Power LLC"
	dollar = unit.Unit
	mw     = unit.Megawatt
)

// noon of the event's day, a Wednesday.
var noon = time.Date(2025, 7, 16, 12, 0, 0, 0, time.UTC).Unix()

func chart() books.Chart {
	return books.Standard(entity, "USD", "UTC").With(books.Grid("ercot"))
}

// minutes is a stretch in minutes after noon.
func minutes(from, to int64) reserve.Span {
	return reserve.Span{From: noon + from*60, To: noon + to*60}
}

// settled settles an award from readings.
func settled(p reserve.Programme, a reserve.Award, all []reserve.Deployment, readings []reserve.Reading) (reserve.Settlement, error) {
	m, err := reserve.Read(readings)
	if err != nil {
		return reserve.Settlement{}, err
	}
	return reserve.Settle(p, a, all, m)
}

func programme() reserve.Programme {
	return reserve.Programme{Product: "ecrs", Income: books.AncillaryIncome, Baseline: reserve.Baseline{Method: reserve.DropTo}, Rule: reserve.ProRata}
}

func award() reserve.Award {
	return reserve.Award{ID: "a1", Span: minutes(0, 60), Product: "ecrs", Power: 10 * mw, Price: 8 * unit.PerMWh}
}

// draws are readings of quarters of an hour, from noon on.
func draws(power ...unit.Power) (out []reserve.Reading) {
	for i, p := range power {
		out = append(out, reserve.Reading{Span: minutes(int64(i)*15, int64(i+1)*15), Energy: p.Over(15 * time.Minute), Revision: 1})
	}
	return out
}

func instruction(from, to int64, p unit.Power) reserve.Deployment {
	return reserve.Deployment{Span: minutes(from, to), Product: "ecrs", Power: p}
}

// TestSettle: awards of 10 MW for an hour at 8 a MW and hour, by hand.
func TestSettle(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change   func(*reserve.Programme)
		calls    []reserve.Deployment
		readings []reserve.Reading
		gross    unit.Amount
		penalty  unit.Amount
		shed     unit.Amount
		gaps     int
	}{
		"all was there":                           {nil, nil, draws(30*mw, 10*mw, 10*mw, 12*mw), 80 * dollar, 0, 0, 0},
		"a quarter with 6 MW on":                  {nil, nil, draws(30*mw, 10*mw, 6*mw, 12*mw), 80 * dollar, 8 * dollar, 0, 0},
		"nothing on, and nothing less than that":  {nil, nil, draws(30*mw, 10*mw, -6*mw, 12*mw), 80 * dollar, 20 * dollar, 0, 0},
		"load that never goes off does not count": {func(p *reserve.Programme) { p.Baseline.Level = 2 * mw }, nil, draws(30*mw, 11*mw, 12*mw, 12*mw), 80 * dollar, 2 * dollar, 0, 0},
		"nothing is taken back":                   {func(p *reserve.Programme) { p.Rule = reserve.NoPenalty }, nil, draws(0, 0, 0, 0), 80 * dollar, 0, 0, 0},
		"three times the price":                   {func(p *reserve.Programme) { p.Rule, p.Times = reserve.Multiple, 3_000_000 }, nil, draws(30*mw, 10*mw, 6*mw, 12*mw), 80 * dollar, 24 * dollar, 0, 0},
		"within the tolerance":                    {func(p *reserve.Programme) { p.Tolerance = 50_000 }, nil, draws(30*mw, 9_500*unit.Kilowatt, 9_400*unit.Kilowatt, 12*mw), 80 * dollar, 1_200_000, 0, 0},
		"a quarter without a meter":               {nil, nil, draws(30*mw, 10*mw, 0, 12*mw)[:2], 40 * dollar, 0, 0, 1},
		"no meter at all":                         {nil, nil, nil, 0, 0, 0, 1},
		"shed to the firm level":                  {func(p *reserve.Programme) { p.Baseline.Level = 2 * mw }, []reserve.Deployment{instruction(15, 30, 10*mw)}, draws(30*mw, 2*mw, 12*mw, 12*mw), 80 * dollar, 0, 0, 0},
		"above the firm level":                    {func(p *reserve.Programme) { p.Baseline.Level = 2 * mw }, []reserve.Deployment{instruction(15, 30, 10*mw)}, draws(30*mw, 5*mw, 12*mw, 12*mw), 80 * dollar, 6 * dollar, 0, 0},
		"half was called, the rest is still on":   {nil, []reserve.Deployment{instruction(15, 30, 5*mw)}, draws(10*mw, 0, 10*mw, 10*mw), 80 * dollar, 10 * dollar, 0, 0},
		"more was called than was sold":           {nil, []reserve.Deployment{instruction(15, 30, 50*mw)}, draws(10*mw, 0, 10*mw, 10*mw), 80 * dollar, 0, 0, 0},
		"within a reading":                        {func(p *reserve.Programme) { p.Baseline.Level = 2 * mw }, []reserve.Deployment{instruction(20, 25, 10*mw)}, draws(12*mw, 12*mw, 12*mw, 12*mw), 80 * dollar, 6_666_667, 0, 0},
		"what is shed is paid too": {
			nil,
			[]reserve.Deployment{{Span: minutes(15, 30), Product: "ecrs", Power: 10 * mw, Price: 400 * unit.PerMWh}},
			draws(10*mw, 4*mw, 10*mw, 10*mw), 80 * dollar, 8 * dollar, 600 * dollar, 0,
		},
		"like the quarter before": {func(p *reserve.Programme) {
			p.Baseline = reserve.Baseline{Method: reserve.SameDay, Begin: 15 * time.Minute}
		}, []reserve.Deployment{instruction(15, 30, 10*mw)}, draws(30*mw, 24*mw, 10*mw, 10*mw), 80 * dollar, 8 * dollar, 0, 0},
		"nothing known of the quarter before": {func(p *reserve.Programme) {
			p.Baseline = reserve.Baseline{Method: reserve.SameDay, Begin: 30 * time.Minute, End: 15 * time.Minute}
		}, []reserve.Deployment{instruction(15, 30, 10*mw)}, draws(30*mw, 24*mw, 10*mw, 10*mw), 60 * dollar, 0, 0, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := programme()
			if c.change != nil {
				c.change(&p)
			}
			s, err := settled(p, award(), c.calls, c.readings)
			if err != nil || s.Gross != c.gross || s.Penalty != c.penalty || s.Shed != c.shed || len(s.Gaps) != c.gaps {
				t.Errorf("gross %d, penalty %d, shed %d, gaps %v, %v\nwant %d, %d, %d, %d", s.Gross, s.Penalty, s.Shed, s.Gaps, err, c.gross, c.penalty, c.shed, c.gaps)
			}
		})
	}
}

// TestTies: half a millionth goes to the even one.
func TestTies(t *testing.T) {
	t.Parallel()
	for price, want := range map[unit.Price]unit.Amount{1: 0, 3: 2, 5: 2, 7: 4, -1: 0, -3: -2} {
		a := award()
		a.Power, a.Price = 500*unit.Kilowatt, price
		if s, err := settled(programme(), a, nil, draws(mw, mw, mw, mw)); err != nil || s.Gross != want {
			t.Errorf("half of %d is %d, %v, want %d", price, s.Gross, err, want)
		}
	}
}

// TestRatios: performance and availability.
func TestRatios(t *testing.T) {
	t.Parallel()
	p := programme()
	p.Baseline.Level = 2 * mw
	s, err := settled(p, award(), []reserve.Deployment{instruction(15, 30, 10*mw)}, draws(12*mw, 5*mw, 8*mw, 12*mw))
	if err != nil {
		t.Fatal(err)
	}
	if r, some := s.Performance(); !some || r != 700_000 {
		t.Errorf("performance %d", r)
	}
	if r, some := s.Availability(); !some || r != 825_000 { // 3 of 10 and 4 of 10 missing for a quarter each
		t.Errorf("availability %d", r)
	}
	if s, err = settled(p, award(), nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, some := s.Performance(); some {
		t.Error("performed when nothing was asked")
	}
	if _, some := s.Availability(); some || s.Gaps[0] != (reserve.Gap{Span: minutes(0, 60), Reason: reserve.NoMeter}) {
		t.Errorf("%+v", s)
	}
}

// month is readings of hours over the weeks before the event, each day at its own
// power, and the day of the event.
func month(today unit.Power, days ...unit.Power) (out []reserve.Reading) {
	for back, p := range append([]unit.Power{today}, days...) {
		for hour := int64(-12); hour < 12; hour++ {
			s := minutes(hour*60, hour*60+60)
			out = append(out, reserve.Reading{Span: reserve.Span{From: s.From - int64(back)*86_400, To: s.To - int64(back)*86_400}, Energy: p.Over(time.Hour)})
		}
	}
	return out
}

// TestBaseline: what load would have been, told from what was shed of 10 MW when
// the meter says 20 MW.
func TestBaseline(t *testing.T) {
	t.Parallel()
	days := []unit.Power{30 * mw, 31 * mw, 22 * mw, 1 * mw, 1 * mw, 23 * mw, 24 * mw, 25 * mw, 26 * mw, 27 * mw, 1 * mw, 1 * mw, 28 * mw, 29 * mw} // Tuesday back to Wednesday
	high := reserve.Baseline{Method: reserve.High, Keep: 3, Of: 5, Within: 14, Like: true}
	for sentence, c := range map[string]struct {
		base    reserve.Baseline
		change  func(*reserve.Programme)
		earlier []reserve.Deployment
		today   unit.Power // before the event
		want    unit.Power
		gap     bool
	}{
		"the high 3 of 5 working days":        {base: high, want: 28_333_333}, // 31, 30 and 24
		"weekends too":                        {base: reserve.Baseline{Method: reserve.High, Keep: 4, Of: 5, Within: 14}, want: 21 * mw},
		"the middle 3 of 5":                   {base: reserve.Baseline{Method: reserve.Middle, Keep: 3, Of: 5, Within: 14, Like: true}, want: 25_666_667}, // 30, 24, 23
		"a holiday counts as no day":          {base: high, change: func(p *reserve.Programme) { p.Unlike = []string{"2025-07-15"} }, want: 26_666_667},   // 31, 25, 24
		"a day with an instruction is none":   {base: high, earlier: []reserve.Deployment{instruction(-24*60, -23*60, mw)}, want: 26_666_667},
		"too few days":                        {base: reserve.Baseline{Method: reserve.High, Keep: 3, Of: 11, Within: 14, Like: true}, gap: true},
		"too few days back":                   {base: reserve.Baseline{Method: reserve.High, Keep: 3, Of: 5, Within: 6, Like: true}, gap: true},
		"adjusted upwards, as much as it may": {base: with(high, reserve.Additive, 100_000), today: 60 * mw, want: 31_166_667},
		"adjusted upwards":                    {base: with(high, reserve.Additive, 200_000), today: 30 * mw, want: 30 * mw},
		"adjusted downwards by a share":       {base: with(high, reserve.Scalar, 200_000), today: 25_500_000, want: 25_500_000},
		"adjusted downwards, as it may":       {base: with(high, reserve.Scalar, 50_000), today: 10 * mw, want: 26_916_667},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := programme()
			p.Baseline = c.base
			if c.change != nil {
				c.change(&p)
			}
			s, err := settled(p, award(), append(c.earlier, instruction(0, 60, 10*mw)), append(month(c.today, days...)[:12], append(draws(20*mw, 20*mw, 20*mw, 20*mw), month(c.today, days...)[24:]...)...))
			if err != nil {
				t.Fatal(err)
			}
			if c.gap {
				if len(s.Gaps) != 1 || s.Gaps[0].Reason != reserve.NoBaseline || s.Net() != 0 {
					t.Errorf("%+v", s)
				}
				return
			}
			var base, delivered unit.Energy
			for _, x := range s.Intervals {
				base, delivered = base+x.Baseline, delivered+x.Delivered
			}
			if off := base - c.want.Over(time.Hour); off > 3600 || off < -3600 {
				t.Errorf("a baseline of %d, want %d", base.Mean(time.Hour), c.want)
			}
			if want := min(max(0, base-(20*mw).Over(time.Hour)), (10 * mw).Over(time.Hour)); delivered != want || s.Delivered != want {
				t.Errorf("shed %d, want %d", delivered, want)
			}
		})
	}
}

func with(b reserve.Baseline, a reserve.Adjustment, limit unit.Ratio) reserve.Baseline {
	b.Adjust, b.Limit, b.Begin, b.End = a, limit, 4*time.Hour, 2*time.Hour
	return b
}

// TestClockChange: like days are at the same time of the clock.
func TestClockChange(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Skip("SKIPPED, the clock change: no zones are installed here")
	}
	p := programme()
	p.Zone, p.Baseline = zone, reserve.Baseline{Method: reserve.High, Keep: 1, Of: 1, Within: 1}
	start := func(day int) int64 { return time.Date(2025, 11, day, 15, 0, 0, 0, zone).Unix() }
	a := award()
	a.Span = reserve.Span{From: start(2), To: start(2) + 3600} // the clock went back that night
	readings := []reserve.Reading{
		{Span: reserve.Span{From: start(1), To: start(1) + 3600}, Energy: (30 * mw).Over(time.Hour)},
		{Span: reserve.Span{From: start(1) + 3600, To: start(1) + 7200}, Energy: (90 * mw).Over(time.Hour)},
		{Span: a.Span, Energy: (25 * mw).Over(time.Hour)},
	}
	s, err := settled(p, a, []reserve.Deployment{{Span: a.Span, Product: "ecrs", Power: 10 * mw}}, readings)
	if err != nil || s.Delivered != (5*mw).Over(time.Hour) {
		t.Errorf("%+v, %v", s, err)
	}
}

// input is all that a settlement is made from.
type input struct {
	p reserve.Programme
	a reserve.Award
	d []reserve.Deployment
	r []reserve.Reading
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*input){
		"another product":        func(in *input) { in.p.Product = "rrs" },
		"no account":             func(in *input) { in.p.Income = "" },
		"no rule":                func(in *input) { in.p.Rule = "" },
		"a multiple without one": func(in *input) { in.p.Rule = reserve.Multiple },
		"a negative tolerance":   func(in *input) { in.p.Tolerance = -1 },
		"a day that is none":     func(in *input) { in.p.Unlike = []string{"4 July"} },
		"no method":              func(in *input) { in.p.Baseline.Method = "" },
		"6 of 5 days":            func(in *input) { in.p.Baseline = reserve.Baseline{Method: reserve.High, Keep: 6, Of: 5, Within: 9} },
		"the middle 4 of 5":      func(in *input) { in.p.Baseline = reserve.Baseline{Method: reserve.Middle, Keep: 4, Of: 5, Within: 9} },
		"a stretch of no time":   func(in *input) { in.p.Baseline = reserve.Baseline{Method: reserve.SameDay} },
		"an adjustment of no limit": func(in *input) {
			in.p.Baseline = reserve.Baseline{Method: reserve.High, Keep: 1, Of: 1, Within: 1, Adjust: reserve.Scalar, Begin: time.Hour}
		},
		"no id":                        func(in *input) { in.a.ID = "" },
		"no time":                      func(in *input) { in.a.To = in.a.From },
		"no power":                     func(in *input) { in.a.Power = 0 },
		"two instructions at once":     func(in *input) { in.d = []reserve.Deployment{instruction(0, 9, mw), instruction(8, 10, mw)} },
		"an instruction of nothing":    func(in *input) { in.d = []reserve.Deployment{instruction(0, 9, 0)} },
		"a revision with two energies": func(in *input) { in.r = append(draws(mw), draws(2*mw)...) },
		"readings that overlap":        func(in *input) { in.r[1].From-- },
		"a reading of no time":         func(in *input) { in.r[1].To = in.r[1].From },
		"a reading of a sun":           func(in *input) { in.r[1].Energy = math.MinInt64 },
		"more power than anybody":      func(in *input) { in.a.Power = math.MaxInt64 },
		"a level beyond all":           func(in *input) { in.p.Baseline.Level = math.MaxInt64 },
		"beyond every ledger":          func(in *input) { in.a.Price = math.MaxInt64 },
	} {
		in := input{programme(), award(), nil, draws(10*mw, 10*mw, 10*mw, 10*mw)}
		change(&in)
		_, err := settled(in.p, in.a, in.d, in.r)
		if !errors.Is(err, reserve.ErrProgramme) && !errors.Is(err, reserve.ErrAward) && !errors.Is(err, reserve.ErrConflict) && !errors.Is(err, reserve.ErrReading) && !errors.Is(err, books.ErrOverflow) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// BenchmarkMonth settles every hour of a month, with readings of five minutes and an
// instruction a week.
func BenchmarkMonth(b *testing.B) {
	var readings []reserve.Reading
	for i := range int64(60 * 288) {
		readings = append(readings, reserve.Reading{Span: minutes((i-30*288)*5, (i+1-30*288)*5), Energy: (30 * mw).Over(5 * time.Minute)})
	}
	var calls []reserve.Deployment
	for week := range int64(4) {
		calls = append(calls, instruction(week*7*1440, week*7*1440+90, 10*mw))
	}
	p := programme()
	p.Baseline = with(reserve.Baseline{Method: reserve.High, Keep: 5, Of: 10, Within: 30, Like: true}, reserve.Additive, 200_000)
	for b.Loop() {
		m, err := reserve.Read(readings)
		if err != nil {
			b.Fatal(err)
		}
		for hour := range int64(720) {
			a := award()
			a.Span = minutes(hour*60, hour*60+60)
			if _, err := reserve.Settle(p, a, calls, m); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// ledger is the simplest books there are.
type ledger struct {
	t    interface{ Fatalf(string, ...any) }
	all  []books.Transaction
	held map[string]int64
}

func (b *ledger) book(p reserve.Programme, s reserve.Settlement) bool {
	at := time.Unix(s.Award.To, 0).UTC().Add(-time.Second)
	is, err := reserve.StandingOf(b.all, s.Award.ID)
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	x, some, err := reserve.Book(reserve.Booking{Entity: entity, Counterparty: "ercot", At: at, Booked: at, Tags: books.Tags{Site: "houston"}}, p, s, is)
	if some && err == nil {
		err = x.Validate(chart())
	}
	if err != nil {
		b.t.Fatalf("%v", err)
	}
	if some {
		b.all = append(b.all, x)
		for _, l := range x.Lines {
			b.held[l.Account] += l.Amount
		}
	}
	return some
}

// TestWorkedExample: an award, its deployment, and a meter that is corrected.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	p := programme()
	p.Baseline = reserve.Baseline{Method: reserve.SameDay, Begin: 15 * time.Minute}
	calls := []reserve.Deployment{{Span: minutes(15, 45), Product: "ecrs", Power: 10 * mw, Price: 400 * unit.PerMWh}}
	readings := draws(30*mw, 20*mw, 22*mw, 30*mw)
	b := &ledger{t: t, held: map[string]int64{}}
	settle := func() reserve.Settlement {
		s, err := settled(p, award(), calls, readings)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if !b.book(p, settle()) || b.book(p, settle()) {
		t.Error("booked never, or twice")
	}
	for account, want := range map[string]unit.Amount{books.Grid("ercot"): 1_876 * dollar, books.AncillaryIncome: -80 * dollar, books.DemandResponse: -1_800 * dollar, books.GridShortfall: 4 * dollar} {
		if got := b.held[account]; got != int64(want) {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
	late := readings[2]
	late.Revision, late.Energy = 2, (20 * mw).Over(15*time.Minute)
	readings = append(readings, late)
	if !b.book(p, settle()) || len(b.all[1].Lines) != 3 || b.all[0].ID == b.all[1].ID {
		t.Errorf("%+v", b.all[1])
	}
	if b.held[books.Grid("ercot")] != int64(2_080*dollar) || b.held[books.GridShortfall] != 0 {
		t.Errorf("%v", b.held)
	}
	p.Income = books.DemandResponse // it was the wrong account all along
	if !b.book(p, settle()) || b.held[books.AncillaryIncome] != 0 || b.held[books.DemandResponse] != -int64(2_080*dollar) || b.held[books.Grid("ercot")] != int64(2_080*dollar) {
		t.Errorf("%v", b.held)
	}
	x, err := b.all[2].Reverse("back", b.all[2].At, b.all[2].Booked, "again")
	if is, also := reserve.StandingOf(append(b.all, x), "a1"); err != nil || also != nil || is[books.AncillaryIncome] != 80*dollar {
		t.Errorf("%v, %v", is, err)
	}
}

// TestProperties: whatever is drawn, sold and called: the order of readings and
// instructions does not matter, nor how readings are cut, nor how often they come;
// an older revision does nothing; settlements of parts of an award sum to that of
// the whole; nothing that is held is paid above its price; and the books end where
// the last revision says.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := programme()
		p.Baseline.Level = unit.Power(rapid.Int64Range(0, 20).Draw(t, "level")) * mw
		p.Rule = rapid.SampledFrom([]reserve.Rule{reserve.NoPenalty, reserve.ProRata}).Draw(t, "rule")
		a := award()
		a.Price = unit.Price(rapid.Int64Range(-50, 500).Draw(t, "price")) * unit.PerMWh
		a.Power = unit.Power(rapid.Int64Range(1, 40).Draw(t, "sold")) * mw
		var powers []unit.Power
		for range 4 {
			powers = append(powers, unit.Power(rapid.Int64Range(-5, 60).Draw(t, "drawn"))*mw)
		}
		readings := draws(powers...)
		for i := range readings {
			if rapid.IntRange(0, 5).Draw(t, "lost") == 0 {
				readings = slices.Delete(readings, i, i+1)
				break
			}
		}
		var calls []reserve.Deployment
		if from := rapid.Int64Range(0, 80).Draw(t, "called"); from < 60 {
			calls = append(calls, instruction(from, from+rapid.Int64Range(1, 60).Draw(t, "for"), unit.Power(rapid.Int64Range(1, 40).Draw(t, "of"))*mw))
			calls = append(calls, instruction(-600, -500, mw))
			calls[0].Price = 100 * unit.PerMWh
		}
		settle := func(a reserve.Award, calls []reserve.Deployment, readings []reserve.Reading) reserve.Settlement {
			s, err := settled(p, a, calls, readings)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		whole := settle(a, calls, readings)
		if whole.Short < 0 || whole.Short > whole.Held || whole.Delivered > whole.Asked || a.Price > 0 && whole.Penalty > whole.Gross {
			t.Fatalf("%+v", whole)
		}
		seconds := int64(0)
		for _, x := range whole.Intervals {
			seconds += x.Seconds()
		}
		for _, g := range whole.Gaps {
			seconds += g.Seconds()
		}
		if seconds != 3600 {
			t.Fatalf("%d seconds are settled or gaps", seconds)
		}
		mixed := rapid.Permutation(append(slices.Clone(readings), readings...)).Draw(t, "order")
		if again := settle(a, backward(calls), mixed); cmp.Diff(again, whole) != "" {
			t.Fatalf("in another order, and twice: %s", cmp.Diff(again, whole))
		}
		var cut []reserve.Reading
		for _, r := range readings {
			mid := r.From + 60*rapid.Int64Range(1, 14).Draw(t, "cut")
			first := reserve.Reading{Span: reserve.Span{From: r.From, To: mid}, Energy: unit.Energy(int64(r.Energy) / 900 * (mid - r.From)), Revision: 1}
			cut = append(cut, first, reserve.Reading{Span: reserve.Span{From: mid, To: r.To}, Energy: r.Energy - first.Energy, Revision: 1})
		}
		if again := settle(a, calls, cut); again.Net() != whole.Net() || again.Short != whole.Short || again.Delivered != whole.Delivered {
			t.Fatalf("cut: %+v, whole: %+v", again, whole)
		}
		first, second := a, a
		first.To = noon + 60*rapid.Int64Range(1, 59).Draw(t, "part")
		second.From = first.To
		x, y := settle(first, calls, readings), settle(second, calls, readings)
		if x.Held+y.Held != whole.Held || x.Short+y.Short != whole.Short || x.Asked+y.Asked != whole.Asked || x.Delivered+y.Delivered != whole.Delivered {
			t.Fatalf("parts %+v and %+v, whole %+v", x, y, whole)
		}
		b := &ledger{t: t, held: map[string]int64{}}
		b.book(p, whole)
		old := append(slices.Clone(readings), reserve.Reading{Span: minutes(0, 15), Energy: 7, Revision: 0})
		if len(readings) > 0 && readings[0].From == noon && b.book(p, settle(a, calls, old)) {
			t.Fatal("an older revision was booked")
		}
		for i := range readings {
			readings[i].Revision, readings[i].Energy = 2, readings[i].Energy/2
		}
		last := settle(a, calls, readings)
		b.book(p, last)
		if b.held[books.Grid("ercot")] != int64(last.Net()) {
			t.Fatalf("%d are owed, the last settlement says %d", b.held[books.Grid("ercot")], last.Net())
		}
	})
}

func backward(in []reserve.Deployment) []reserve.Deployment {
	out := slices.Clone(in)
	slices.Reverse(out)
	return out
}
