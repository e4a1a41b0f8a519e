package power

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/series"
	"sluice/site"
	"sluice/unit"
)

func mesh(start time.Time, n int, step time.Duration) series.Mesh {
	m := series.Mesh{Start: start, Lengths: make([]time.Duration, n)}
	for i := range m.Lengths {
		m.Lengths[i] = step
	}
	return m
}

func demand(interval time.Duration) DemandCharge {
	return DemandCharge{Name: "d", Rate: 9_000_000_000, Interval: interval, Period: Monthly}
}

func planOf(m series.Mesh, z *time.Location) Input {
	return Input{Mesh: m, Zone: z, Connection: site.Connection{Import: 60 * mw, Export: 20 * mw, Rating: 70 * mw}, Prices: series.Flat(unit.Price(40_000_000))}
}

func chargesOf(tb testing.TB, c Contracts, in Input) Charges {
	tb.Helper()
	_, charges, err := c.Offers(in)
	if err != nil {
		tb.Fatal(err)
	}
	return charges
}

// TestOpenMeasurementInterval is the example of the formula page: 30 minutes in
// steps of 5, realised 2000, 4000, 0, 6000 W, planned 3000 and 1000 W.
func TestOpenMeasurementInterval(t *testing.T) {
	t.Parallel()
	c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{demand(30 * time.Minute)}}
	b := newBill(t, c, time.UTC)
	start := time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)
	for i, p := range []unit.Power{2000, 4000, 0, 6000} {
		at := start.Add(time.Duration(i) * 5 * time.Minute)
		feed(t, b, run{at, at.Add(5 * time.Minute), 5 * time.Minute, p, 0})
	}
	state := b.Peaks()
	if len(state) != 1 || state[0].Highest != 0 || !state[0].Open.Equal(start) || state[0].Energy != 3_600_000 {
		t.Fatalf("state %+v, want an open interval of 3.6 MJ that is no peak yet", state)
	}
	in := planOf(mesh(start.Add(20*time.Minute), 2, 5*time.Minute), time.UTC)
	in.Peaks = state
	peaks := chargesOf(t, c, in).Peaks
	if len(peaks) != 1 || len(peaks[0].Measures) != 1 {
		t.Fatalf("peaks %+v, want one of one measurement interval", peaks)
	}
	if got := peaks[0].Measures[0].Average([]unit.Power{3000, 1000}); got != 2667 {
		t.Errorf("average %v, want 2,666.7 W rounded to 2667", got)
	}
	feed(t, b, run{start.Add(20 * time.Minute), start.Add(25 * time.Minute), 5 * time.Minute, 3000, 0})
	feed(t, b, run{start.Add(25 * time.Minute), start.Add(30 * time.Minute), 5 * time.Minute, 1000, 0})
	if got := b.Peaks()[0]; got.Highest != 2667 || !got.Open.IsZero() {
		t.Errorf("metered %+v, want the same 2667 W in a closed interval", got)
	}
}

func TestRatchetBillsEarlierMonths(t *testing.T) {
	t.Parallel()
	d := demand(15 * time.Minute)
	d.Ratchet, d.Lookback, d.MinimumBilled = 800_000, 2, 3*mw
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}, time.UTC)
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range []unit.Power{10 * mw, 5 * mw, mw, mw} {
		feed(t, b, run{at, at.AddDate(0, 1, 0), time.Hour, p, 0})
		at = at.AddDate(0, 1, 0)
	}
	state := b.Peaks()[0]
	if state.Ratchet != 4*mw || state.Next != 3*mw || state.Last != mw {
		t.Errorf("state %+v, want ratchet 0.8 * 5 MW now and the minimum next", state)
	}
	var billed []unit.Power
	for _, l := range pick(b.Lines(), LineDemand) {
		billed = append(billed, l.Peak)
		if l.Amount != -d.Rate.Of(l.Peak) {
			t.Errorf("%v billed at %v, want 9,000 per MW", l.Peak, l.Amount)
		}
	}
	// January's 10 MW hold February and March at 8; April looks back on 5 and 1.
	if want := []unit.Power{10 * mw, 8 * mw, 8 * mw, 4 * mw}; !cmp.Equal(billed, want) {
		t.Errorf("billed %v, want %v", billed, want)
	}
}

// TestHighestLooksBackTwelveMonths: an interruption refers to the open month and the eleven before.
func TestHighestLooksBackTwelveMonths(t *testing.T) {
	t.Parallel()
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{demand(time.Hour)}}, time.UTC)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var got []unit.Power
	for month := range 13 {
		p := 5 * mw
		if month == 0 {
			p = 30 * mw
		}
		feed(t, b, run{at, at.AddDate(0, 1, 0), time.Hour, p, 0})
		at = at.AddDate(0, 1, 0)
		got = append(got, b.Highest()["d"])
	}
	for month, p := range got {
		if want := 30 * mw; month < 12 && p != want {
			t.Errorf("month %d: highest %v, want %v of the first month", month+1, p, want)
		}
	}
	if got[12] != 5*mw {
		t.Errorf("month 13: highest %v, want 5 MW: the first month is out of the twelve", got[12])
	}
}

func TestDailyRatchetRefersToWholeMonths(t *testing.T) {
	t.Parallel()
	d := DemandCharge{Name: "d", Rate: 1_000_000, Interval: time.Hour, Period: Daily, Ratchet: 500_000, Lookback: 1}
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}, time.UTC)
	jan := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	feed(t, b, run{jan, jan.AddDate(0, 0, 1), time.Hour, 20 * mw, 0})
	feed(t, b, run{jan.AddDate(0, 0, 1), jan.AddDate(0, 0, 30), time.Hour, 2 * mw, 0})
	if s := b.Peaks()[0]; s.Ratchet != 0 || s.Next != 0 {
		t.Errorf("state %+v on January 30, want no ratchet before the month is over", s)
	}
	feed(t, b, run{jan.AddDate(0, 0, 30), jan.AddDate(0, 0, 31), time.Hour, 2 * mw, 0})
	if s := b.Peaks()[0]; s.Next != 10*mw {
		t.Errorf("state %+v on January 31, want half of the month's 20 MW next", s)
	}
	feed(t, b, run{jan.AddDate(0, 0, 31), jan.AddDate(0, 0, 33), time.Hour, 2 * mw, 0})
	lines := pick(b.Lines(), LineDemand)
	if len(lines) != 2 || lines[0].Amount != -80_000_000 || lines[1].Amount != -20_000_000 {
		t.Errorf("lines %+v, want 20 + 30 * 2 in January and two days at 10 MW", lines)
	}
}

func TestDailyPeaksFollowTheLocalDay(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	d := DemandCharge{Name: "d", Rate: 100_000_000, Interval: time.Hour, Period: Daily}
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}, z)
	day := func(n int) time.Time { return time.Date(2025, 3, n, 0, 0, 0, 0, z) }
	feed(t, b, run{day(8), day(9), time.Hour, 4 * mw, 0})
	feed(t, b, run{day(9), day(10), time.Hour, 7 * mw, 0}) // 23 hours
	feed(t, b, run{day(10), day(10).Add(2 * time.Hour), time.Hour, 2 * mw, 0})
	lines := pick(b.Lines(), LineDemand)
	if len(lines) != 1 || lines[0].Amount != -1_300_000_000 || lines[0].Peak != 7*mw || !lines[0].Open {
		t.Errorf("lines %+v, want 4 + 7 + 2 MW days at 100 on one open line", lines)
	}
	if s := b.Peaks()[0]; s.Highest != 2*mw || s.Last != 7*mw || !s.Period.Start.Equal(day(10)) {
		t.Errorf("state %+v, want 2 MW today and 7 MW the day before", s)
	}
}

func TestDailyPeaksAddUpOverMonths(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	d := DemandCharge{Name: "d", Rate: 1_000_000, Interval: 15 * time.Minute, Period: Daily}
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}, z)
	feed(t, b, run{time.Date(2025, 10, 1, 0, 0, 0, 0, z), time.Date(2025, 12, 1, 0, 0, 0, 0, z), time.Hour, 3 * mw, 0})
	var got []unit.Amount
	for _, l := range pick(b.Lines(), LineDemand) {
		got = append(got, l.Amount)
		if l.Open {
			t.Errorf("%s is marked open although its last reading is in", l.Period.Start)
		}
	}
	if want := []unit.Amount{-93_000_000, -90_000_000}; !cmp.Equal(got, want) {
		t.Errorf("billed %v, want 31 and 30 days of 3 MW", got)
	}
}

func TestOnlyTheWindowCounts(t *testing.T) {
	t.Parallel()
	d := demand(15 * time.Minute)
	d.Window = Window{Hours: []Hours{{16 * time.Hour, 17 * time.Hour}}}
	c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}
	at := time.Date(2025, 7, 1, 15, 0, 0, 0, time.UTC)
	for name, step := range map[string]time.Duration{"in 5 minutes": 5 * time.Minute, "in 15": 15 * time.Minute, "in an hour": time.Hour} {
		b := newBill(t, c, time.UTC)
		feed(t, b, run{at, at.Add(time.Hour), step, 20 * mw, 0})
		feed(t, b, run{at.Add(time.Hour), at.Add(2 * time.Hour), step, 6 * mw, 0})
		feed(t, b, run{at.Add(2 * time.Hour), at.Add(3 * time.Hour), step, 30 * mw, 0})
		if got := b.Peaks()[0].Highest; got != 6*mw {
			t.Errorf("%s: highest %v, want 6 MW of the counted hour", name, got)
		}
	}
}

// TestPlanSeesWhatTheBillWillSay plans a day on a mixed mesh, draws what was
// planned, and finds the planned peak on the statement.
func TestPlanSeesWhatTheBillWillSay(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	d := demand(15 * time.Minute)
	d.Window = Window{Hours: []Hours{{12 * time.Hour, 20 * time.Hour}}}
	c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}
	start := time.Date(2025, 7, 1, 11, 20, 0, 0, z)
	m := mesh(start, 8, 5*time.Minute)
	m.Lengths = append(m.Lengths, 15*time.Minute, 15*time.Minute, 30*time.Minute, time.Hour, time.Hour)
	imports := []unit.Power{90, 10, 20, 30, 40, 50, 60, 5, 80, 20, 70, 30, 75}
	for i := range imports {
		imports[i] *= mw
	}
	p := chargesOf(t, c, planOf(m, z)).Peaks
	b := newBill(t, c, z)
	for i, at := range m.Intervals() {
		feed(t, b, run{at.Start, at.End(), min(at.Length, 15*time.Minute), imports[i], 0})
	}
	if got, want := p[0].Over(imports), b.Peaks()[0].Highest; got != want || got != 80*mw {
		t.Errorf("planned peak %v, metered %v, want both 80 MW", got, want)
	}
}

func TestPeriodsOfAPlan(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	d := demand(15 * time.Minute)
	d.RateDays = 30
	c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}
	start := time.Date(2025, 1, 31, 22, 0, 0, 0, z)
	in := planOf(mesh(start, 4, time.Hour), z)
	in.Peaks = []PeakState{{Rule: "d", Period: series.MonthOf(start, z), Highest: 12 * mw, Last: 15 * mw, Ratchet: 5 * mw, Next: 6 * mw}}
	peaks := chargesOf(t, c, in).Peaks
	if len(peaks) != 2 {
		t.Fatalf("%d peaks, want one for January and one for February", len(peaks))
	}
	if p := peaks[0]; p.Incurred != 12*mw || p.Ratchet != 5*mw || p.Planned != 15*mw || p.Rate != 9_300_000_000 || len(p.Measures) != 2 {
		t.Errorf("January %+v", p)
	}
	if p := peaks[1]; p.Incurred != 0 || p.Ratchet != 6*mw || p.Planned != 15*mw || p.Rate != 8_400_000_000 || len(p.Measures) != 2 {
		t.Errorf("February %+v", p)
	}
	if got := peaks[1].Cost([]unit.Power{40 * mw, 40 * mw, 20 * mw, 17 * mw}); got != 42_000_000_000 {
		t.Errorf("20 MW in February cost %v above the planned 15, want 5 * 8,400: January's draw is not February's", got)
	}
	in.Planned = map[string]unit.Power{"d": 40 * mw}
	if got := chargesOf(t, c, in).Peaks[1].Floor(); got != 40*mw {
		t.Errorf("floor %v, want the planned peak of 40 MW", got)
	}
	in.Planned["d"] = 0
	p := chargesOf(t, c, in).Peaks
	if p[0].Floor() != 12*mw || p[1].Floor() != 15*mw {
		t.Errorf("floors %v and %v with nothing planned for January, want its 12 MW, and February as January", p[0].Floor(), p[1].Floor())
	}
}

func TestPlannedPeakPays(t *testing.T) {
	t.Parallel()
	p := Peak{Rate: 9_000_000_000}
	if !p.Pays(40_000_000, 720*time.Hour) {
		t.Error("40 per MWh for 720 h is 28,800: it pays a charge of 9,000")
	}
	if p.Pays(12_500_000, 720*time.Hour) {
		t.Error("12.5 per MWh for 720 h is 9,000: it does not beat a charge of 9,000")
	}
}

func TestPlannedPeaksOverTheRestOfThePeriod(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	peakHours := demand(15 * time.Minute)
	peakHours.Name, peakHours.Window = "peak", Window{Hours: []Hours{{16 * time.Hour, 20 * time.Hour}}}
	c := Contracts{Demand: []DemandCharge{demand(15 * time.Minute), peakHours}}
	cases := map[string]struct {
		day  int
		want map[string]unit.Power
	}{
		"720 h at 40 pay 9,000 per MW, 120 h do not": {1, map[string]unit.Power{"d": 50 * mw, "peak": 0}},
		"with five days to go neither pays":          {26, map[string]unit.Power{"d": 0, "peak": 0}},
	}
	for name, k := range cases {
		got := c.PlannedPeaks(time.Date(2025, 4, k.day, 0, 0, 0, 0, z), z, 40_000_000, 50*mw)
		if d := cmp.Diff(k.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestMeasurementIntervalBegunBeforeTheMeterCounts(t *testing.T) {
	t.Parallel()
	c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{demand(time.Hour)}}
	in := planOf(mesh(time.Date(2025, 1, 1, 12, 45, 0, 0, time.UTC), 3, 5*time.Minute), time.UTC)
	m := chargesOf(t, c, in).Peaks[0].Measures
	if len(m) != 1 || m[0].Length != 15*time.Minute || m[0].Average([]unit.Power{8, 8, 8}) != 8 {
		t.Errorf("measures %+v: what nobody measured must not dilute the average", m)
	}
}

func fourCP() CoincidentPeak {
	return CoincidentPeak{
		Name: "4cp", Rate: 60_000_000_000, Counted: 4, Interval: 15 * time.Minute,
		Window: Window{Months: []time.Month{6, 7, 8, 9}},
		Watch:  Watch{Ratio: 980_000, Hours: []Hours{{16 * time.Hour, 18 * time.Hour}}, Odds: 2_000},
	}
}

func TestCoincidentPeakThresholds(t *testing.T) {
	t.Parallel()
	for margin, want := range map[string]unit.Ratio{"80": 1_333, "900": 15_000} {
		if got := fourCP().Threshold(price(t, margin)); got != want {
			t.Errorf("a margin of %s is given up above %d millionths, want %d", margin, got, want)
		}
	}
}

func TestCoincidentPeakInAPlan(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	c := Contracts{Spot: &Spot{Zone: "Z"}, Coincident: []CoincidentPeak{fourCP()}}
	m := mesh(time.Date(2025, 8, 18, 15, 45, 0, 0, z), 3, 15*time.Minute)
	m.Lengths = append(m.Lengths, 5*time.Minute, 10*time.Minute, time.Hour)
	in := planOf(m, z)
	in.Load = []DayLoad{{Day: Date{2025, 8, 18}, Forecast: 84_000 * mw, MonthToDate: 85_000 * mw}}
	got := chargesOf(t, c, in).Coincident[0]
	if want := []unit.Ratio{0, 2_000, 2_000, 2_000, 2_000, 8_000}; !cmp.Equal([]unit.Ratio(got.Odds), want) {
		t.Errorf("odds %v, want %v: an hour may hold any of four", got.Odds, want)
	}
	if want := []unit.DemandRate{0, 30_000_000, 30_000_000, 10_000_000, 20_000_000, 120_000_000}; !cmp.Equal([]unit.DemandRate(got.Cost), want) {
		t.Errorf("cost per MW %v, want %v: 0.002 * 15,000, by share of a counted interval", got.Cost, want)
	}
	in.Load[0].Forecast = 83_000 * mw
	if got := chargesOf(t, c, in).Coincident[0].Cost[1]; got != 0 {
		t.Errorf("a day below 0.98 of the month costs %v, want nothing", got)
	}
	in.Odds = map[string]series.Profile[unit.Ratio]{"4cp": series.Flat(unit.Ratio(4_000))}
	if got := chargesOf(t, c, in).Coincident[0].Cost[0]; got != 60_000_000 {
		t.Errorf("a forecast of 0.004 costs %v per MW, want 60", got)
	}
}

func TestCountedIntervalsAreBilledAfterTheFact(t *testing.T) {
	t.Parallel()
	b := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Coincident: []CoincidentPeak{fourCP()}}, time.UTC)
	at := time.Date(2025, 5, 31, 23, 0, 0, 0, time.UTC)
	feed(t, b, run{at, at.Add(time.Hour), 5 * time.Minute, 50 * mw, 0})
	june := at.Add(time.Hour)
	feed(t, b, run{june, june.Add(time.Hour), 5 * time.Minute, 8 * mw, 0})
	feed(t, b, run{june.Add(time.Hour), june.Add(2 * time.Hour), 15 * time.Minute, 4 * mw, 0})
	got, err := b.Count("4cp", []time.Time{june.Add(30 * time.Minute), june.Add(time.Hour)})
	if err != nil || got != -180_000_000_000 {
		t.Fatalf("two counted intervals cost %v (%v), want 15,000 * (8 + 4)", got, err)
	}
	if l := pick(b.Lines(), LineCoincident); len(l) != 1 || l[0].Amount != got || l[0].Peak != 3*mw {
		t.Errorf("lines %+v, want the amount and 12/4 MW", l)
	}
	for name, starts := range map[string][]time.Time{
		"outside the window": {june.Add(-15 * time.Minute)},
		"without a reading":  {june.Add(3 * time.Hour)},
		"a second time":      {june.Add(15 * time.Minute), june.Add(time.Hour)},
	} {
		if _, err := b.Count("4cp", starts); !errors.Is(err, ErrCounted) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	if _, err := b.Count("5cp", nil); !errors.Is(err, ErrCounted) {
		t.Errorf("an unknown rule: got %v, want a refusal", err)
	}
	if pick(b.Lines(), LineCoincident)[0].Amount != got {
		t.Error("a refused count changed the bill")
	}
}
