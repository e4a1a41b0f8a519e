package power

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests need named zones on every machine

	"github.com/google/go-cmp/cmp"

	"sluice/series"
	"sluice/unit"
)

const mw = unit.Megawatt

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// money reads whole units exactly; tests state prices and amounts with it.
func money(tb testing.TB, text string) int64 {
	tb.Helper()
	v, err := unit.ParseMicro(text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func price(tb testing.TB, text string) unit.Price {
	tb.Helper()
	return unit.Price(money(tb, text))
}

func newBill(tb testing.TB, c Contracts, z *time.Location) *Bill {
	tb.Helper()
	b, err := NewBill(c, z)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// run is a constant import between two instants, read every step.
type run struct {
	from, to time.Time
	step     time.Duration
	power    unit.Power
	market   unit.Price
}

// feed adds the readings of r and returns the sum of the interval amounts.
func feed(tb testing.TB, b *Bill, r run) unit.Amount {
	tb.Helper()
	sum := unit.Amount(0)
	for at := r.from; at.Before(r.to); at = at.Add(r.step) {
		a, err := b.Add(Reading{Interval: series.Interval{Start: at, Length: r.step}, Import: r.power.Over(r.step), Price: r.market, Priced: true})
		if err != nil {
			tb.Fatal(err)
		}
		sum += a
	}
	return sum
}

func pick(lines []Line, kind LineKind) (out []Line) {
	for _, l := range lines {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

func quebec() Contracts {
	return Contracts{
		Energy: []EnergyCharge{{
			Name: "cb", Supply: true, Price: 40_250_000, Authorised: 20 * mw, Beyond: 174_500_000,
			Interruption: &Interruption{Demand: "cb", Share: 50_000, Price: 581_680_000, Hours: 300},
		}},
		Demand: []DemandCharge{{Name: "cb", Rate: 15_426_000_000, RateDays: 30, Interval: 15 * time.Minute, Period: Monthly}},
	}
}

func TestHydroQuebecRateCB(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Toronto")
	from, to := time.Date(2024, 4, 1, 0, 0, 0, 0, z), time.Date(2024, 5, 1, 0, 0, 0, 0, z)
	b := newBill(t, quebec(), z)
	feed(t, b, run{from, to, 15 * time.Minute, 10 * mw, 0})
	if got, want := b.Total(), -unit.Amount(money(t, "444060")); got != want {
		t.Errorf("10 MW flat for 30 days cost %v, want %v", got, want)
	}
	want := []Line{
		{Source: "energy/cb", Kind: LineEnergy, Period: series.MonthOf(from, z), Energy: 7200 * unit.MegawattHour, Amount: -unit.Amount(money(t, "289800"))},
		{Source: "demand/cb", Kind: LineDemand, Period: series.MonthOf(from, z), Peak: 10 * mw, Amount: -unit.Amount(money(t, "154260"))},
	}
	if d := cmp.Diff(want, b.Lines()); d != "" {
		t.Error(d)
	}
}

func TestMonthOf31DaysPaysTheRateByItsDays(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Toronto")
	b := newBill(t, quebec(), z)
	feed(t, b, run{time.Date(2024, 3, 1, 0, 0, 0, 0, z), time.Date(2024, 4, 1, 0, 0, 0, 0, z), time.Hour, 10 * mw, 0})
	demand := pick(b.Lines(), LineDemand)
	if want := -unit.Amount(money(t, "159402")); len(demand) != 1 || demand[0].Amount != want {
		t.Errorf("demand lines %+v, want 154,260 * 31/30 = %v although March has 743 hours", demand, want)
	}
	if e := pick(b.Lines(), LineEnergy)[0].Energy; e != 7430*unit.MegawattHour {
		t.Errorf("March 2024 billed %v MWh, want 7430: one hour is skipped", e.MWh())
	}
}

func TestInterruptionAndBeyondAuthorised(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Toronto")
	start := time.Date(2024, 1, 10, 6, 0, 0, 0, z)
	cases := map[string]struct {
		draw       unit.Power
		instructed bool
		want       string
	}{
		"all within the authorised power":                    {20 * mw, false, "805"},
		"5 MW beyond it":                                     {25 * mw, false, "1677.5"},
		"interrupted at 5 percent of the 20 MW maximum":      {1 * mw, true, "40.25"},
		"interrupted and drawing 10 MW, 9 of them at 581.68": {10 * mw, true, "5275.37"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBill(t, quebec(), z)
			feed(t, b, run{start, start.Add(time.Hour), time.Hour, 20 * mw, 0})
			got, err := b.Add(Reading{Interval: series.Interval{Start: start.Add(time.Hour), Length: time.Hour}, Import: c.draw.Over(time.Hour), Instructed: c.instructed})
			if err != nil {
				t.Fatal(err)
			}
			if want := -unit.Amount(money(t, c.want)); got != want {
				t.Errorf("hour cost %v, want %v", got, want)
			}
		})
	}
}

func riot(fee unit.Price) Contracts {
	return Contracts{
		Spot: &Spot{Zone: "LZ_WEST"},
		PPAs: []PPA{{Name: "a", Power: 10 * mw, Price: 30_000_000, TakeOrPay: true, SellBack: true, Fee: fee}},
	}
}

// TestSellBack reproduces the check of the formula page: block of 10 MW at 30, use worth 70.
func TestSellBack(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		lmp    string
		draw   unit.Power
		profit string // with 70 per MWh earned by what is drawn
		credit string
	}{
		"at 80 selling back earns 500":                   {"80", 0, "500", "800"},
		"at 80 consuming earns 400":                      {"80", 10 * mw, "400", "0"},
		"at 50 consuming earns 400":                      {"50", 10 * mw, "400", "0"},
		"at 50 selling back earns 200":                   {"50", 0, "200", "500"},
		"at -20 not drawing costs the block and 20 more": {"-20", 0, "-500", "-200"},
		"at 80 drawing 15 buys 5 on the spot market":     {"80", 15 * mw, "350", "0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBill(t, riot(0), time.UTC)
			at := time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC)
			cost := feed(t, b, run{at, at.Add(time.Hour), time.Hour, c.draw, price(t, c.lmp)})
			earned := unit.Price(70_000_000).Of(c.draw.Over(time.Hour))
			if got := earned + cost; got != unit.Amount(money(t, c.profit)) {
				t.Errorf("profit %v, want %s", got, c.profit)
			}
			credit := unit.Amount(0)
			for _, l := range pick(b.Lines(), LineSellBack) {
				credit += l.Amount
			}
			if credit != unit.Amount(money(t, c.credit)) {
				t.Errorf("sell-back line %v, want %s", credit, c.credit)
			}
			if paid := pick(b.Lines(), LineBlock); len(paid) != 1 || paid[0].Amount != -300_000_000 {
				t.Errorf("block lines %+v, want one of -300 whatever is drawn", paid)
			}
		})
	}
}

func TestSourcesAndSigns(t *testing.T) {
	t.Parallel()
	at := series.Interval{Start: time.Date(2025, 1, 6, 12, 0, 0, 0, time.UTC), Length: time.Hour}
	spot := &Spot{Zone: "Z", Adders: Adders{Import: 500_000, Export: 1_000_000}, Export: true}
	block := PPA{Name: "b", Power: 10 * mw, Price: 40_000_000}
	forfeited := PPA{Name: "b", Power: 10 * mw, Price: 40_000_000, TakeOrPay: true}
	mwh := unit.MegawattHour
	cases := map[string]struct {
		c    Contracts
		r    Reading
		want string
	}{
		"a negative price pays the buyer, less the adder":         {Contracts{Spot: spot}, Reading{Import: 2 * mwh, Price: -31_250_000}, "61.5"},
		"feed-in earns the price less its adder":                  {Contracts{Spot: spot}, Reading{Export: 2 * mwh, Price: 50_000_000}, "98"},
		"feed-in at a negative price costs":                       {Contracts{Spot: spot}, Reading{Export: 2 * mwh, Price: -10_000_000}, "-22"},
		"feed-in without the right earns nothing":                 {Contracts{Spot: &Spot{Zone: "Z"}}, Reading{Export: 2 * mwh, Price: 50_000_000}, "0"},
		"losses of 2 percent make 50 into 51":                     {Contracts{Spot: &Spot{Zone: "Z", Adders: Adders{Losses: 20_000}}}, Reading{Import: mwh, Price: 50_000_000}, "-51"},
		"an optional block below the market is drawn":             {Contracts{Spot: spot, PPAs: []PPA{block}}, Reading{Import: 5 * mwh, Price: 60_000_000}, "-200"},
		"an optional block above the market is left":              {Contracts{Spot: spot, PPAs: []PPA{block}}, Reading{Import: 5 * mwh, Price: 20_000_000}, "-102.5"},
		"a forfeited block is paid in full":                       {Contracts{Spot: spot, PPAs: []PPA{forfeited}}, Reading{Import: 5 * mwh, Price: 60_000_000}, "-400"},
		"a plant costs its operation":                             {Contracts{Plants: []Plant{{Name: "r", Kind: Hydro, Power: mw, Price: 3_000_000}}}, Reading{Generated: []unit.Energy{mwh}}, "-3"},
		"carbon of 400 g/kWh at 50 a tonne costs 20 per MWh":      {Contracts{Spot: &Spot{Zone: "Z", Carbon: 400}, Carbon: Carbon{PerTonne: 50_000_000}}, Reading{Import: mwh}, "-20"},
		"the carbon of an agreement is its own":                   {Contracts{PPAs: []PPA{{Name: "b", Power: mw, Price: 1_000_000, Carbon: 100}}, Carbon: Carbon{PerTonne: 50_000_000}}, Reading{Import: mwh}, "-6"},
		"the carbon of a plant is its own":                        {Contracts{Plants: []Plant{{Name: "r", Kind: Geothermal, Power: mw, Carbon: 38}}, Carbon: Carbon{PerTonne: 50_000_000}}, Reading{Generated: []unit.Energy{mwh}}, "-1.9"},
		"the carbon of a utility is its own":                      {Contracts{Energy: []EnergyCharge{{Name: "u", Supply: true, Price: 1_000_000, Carbon: 200}}, Carbon: Carbon{PerTonne: 50_000_000}}, Reading{Import: mwh}, "-11"},
		"carbon makes the cheaper agreement the dearer":           {Contracts{PPAs: []PPA{{Name: "coal", Power: mw, Price: 30_000_000, Carbon: 900}, {Name: "wind", Power: mw, Price: 50_000_000}}, Carbon: Carbon{PerTonne: 50_000_000}}, Reading{Import: mwh}, "-50"},
		"delivery is paid on every import, agreement or not":      {Contracts{PPAs: []PPA{block}, Energy: []EnergyCharge{{Name: "d", Price: 5_000_000}}}, Reading{Import: 2 * mwh}, "-90"},
		"the cheaper of two agreements is drawn first":            {Contracts{Spot: spot, PPAs: []PPA{{Name: "dear", Power: mw, Price: 40_000_000}, {Name: "cheap", Power: mw, Price: 30_000_000}}}, Reading{Import: mwh, Price: 60_000_000}, "-30"},
		"below zero the market is drawn and a sunk block is left": {Contracts{Spot: &Spot{Zone: "Z"}, PPAs: []PPA{forfeited}}, Reading{Import: mwh, Price: -50_000_000}, "-350"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBill(t, c.c, time.UTC)
			c.r.Interval, c.r.Priced = at, true
			got, err := b.Add(c.r)
			if err != nil {
				t.Fatal(err)
			}
			if got != unit.Amount(money(t, c.want)) || b.Total() != got {
				t.Errorf("interval %v, total %v, want %s", got, b.Total(), c.want)
			}
		})
	}
}

func TestTiersSplitTheIntervalThatCrossesThem(t *testing.T) {
	t.Parallel()
	c := Contracts{Energy: []EnergyCharge{{Name: "e", Supply: true, Price: 40_000_000, Tiers: []Tier{{UpTo: 15 * unit.MegawattHour}, {Price: 10_000_000}}}}}
	b := newBill(t, c, time.UTC)
	from := time.Date(2025, 1, 31, 21, 0, 0, 0, time.UTC)
	if got := feed(t, b, run{from, from.Add(2 * time.Hour), time.Hour, 10 * mw, 0}); got != -850_000_000 {
		t.Errorf("20 MWh cost %v, want -850: 15 at 40 and 5 at 50", got)
	}
	if got := b.Volume()["e"]; got != 20*unit.MegawattHour {
		t.Errorf("volume %v MWh, want 20", got.MWh())
	}
	feed(t, b, run{from.Add(2 * time.Hour), from.Add(3 * time.Hour), time.Hour, 0, 0})
	if got := feed(t, b, run{from.Add(3 * time.Hour), from.Add(4 * time.Hour), time.Hour, 10 * mw, 0}); got != -400_000_000 {
		t.Errorf("10 MWh in the new month cost %v, want -400: tiers begin anew", got)
	}
}

func TestMinimumBillAndFixedCharges(t *testing.T) {
	t.Parallel()
	c := Contracts{
		Spot:  &Spot{Zone: "Z"},
		Fixed: []FixedCharge{{Name: "meter", PerMonth: 100_000_000}}, MinimumBill: 1_000_000_000,
		Demand: []DemandCharge{{Name: "d", Rate: 50_000_000, Interval: time.Hour, Period: Monthly}},
	}
	b := newBill(t, c, time.UTC)
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	feed(t, b, run{from, from.AddDate(0, 2, 0), time.Hour, 2 * mw, 0})
	var got []string
	for _, l := range b.Lines() {
		got = append(got, l.Period.Start.Format("Jan ")+string(l.Kind)+" "+l.Amount.String())
	}
	want := []string{
		"Jan spot 0.00", "Jan demand -100.00", "Jan fixed -100.00", "Jan minimum -800.00",
		"Feb spot 0.00", "Feb demand -100.00", "Feb fixed -100.00", "Feb minimum -800.00",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b.Total() != -2_000_000_000 {
		t.Errorf("two months cost %v, want the minimum twice", b.Total())
	}
}

func TestReadingsAreRefused(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 1, 1, 1, 0, 0, 0, time.UTC)
	hour := func(s time.Time) series.Interval { return series.Interval{Start: s, Length: time.Hour} }
	spot := Contracts{Spot: &Spot{Zone: "Z"}}
	cases := map[string]struct {
		c    Contracts
		r    Reading
		want error
	}{
		"a hole":              {spot, Reading{Interval: hour(at.Add(time.Hour)), Priced: true}, ErrReading},
		"a repeat":            {spot, Reading{Interval: hour(at.Add(-time.Hour)), Priced: true}, ErrReading},
		"an odd length":       {spot, Reading{Interval: series.Interval{Start: at, Length: 7 * time.Minute}, Priced: true}, ErrReading},
		"a negative register": {spot, Reading{Interval: hour(at), Import: -1, Priced: true}, ErrReading},
		"a missing plant":     {Contracts{Spot: &Spot{Zone: "Z"}}, Reading{Interval: hour(at), Generated: []unit.Energy{1}, Priced: true}, ErrReading},
		"no price":            {spot, Reading{Interval: hour(at)}, ErrNoPrice},
		"no supplier":         {Contracts{PPAs: []PPA{{Name: "a", Power: mw, Price: 1}}}, Reading{Interval: hour(at), Import: 2 * unit.MegawattHour}, ErrUncovered},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBill(t, c.c, time.UTC)
			feed(t, b, run{at.Add(-time.Hour), at, time.Hour, mw, 1_000_000})
			before := b.Lines()
			_, err := b.Add(c.r)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "reading of 2025-01-01T") {
				t.Errorf("got %v, want %v with the interval", err, c.want)
			}
			if d := cmp.Diff(before, b.Lines()); d != "" {
				t.Errorf("the refused reading left a trace: %s", d)
			}
		})
	}
}

// TestSkip: a bill goes on after a hole of which nothing is known, bills nothing of
// it, and still closes a month that ended in it.
func TestSkip(t *testing.T) {
	t.Parallel()
	d := demand(30 * time.Minute)
	d.Ratchet, d.Lookback = 500_000, 1
	bill := newBill(t, Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}, time.UTC)
	at := time.Date(2025, 1, 31, 20, 0, 0, 0, time.UTC)
	if err := bill.Skip(at); err != nil {
		t.Fatal(err)
	}
	feed(t, bill, run{at, at.Add(2 * time.Hour), 15 * time.Minute, 8 * mw, unit.PerMWh})
	feed(t, bill, run{at.Add(2 * time.Hour), at.Add(135 * time.Minute), 15 * time.Minute, 20 * mw, unit.PerMWh})
	again := at.Add(5 * time.Hour)
	if _, err := bill.Add(Reading{Interval: series.Interval{Start: again, Length: 15 * time.Minute}, Priced: true}); !errors.Is(err, ErrReading) {
		t.Errorf("a hole that nobody named passed: %v", err)
	}
	if err := bill.Skip(at); !errors.Is(err, ErrReading) {
		t.Errorf("went back: %v", err)
	}
	if err := bill.Skip(again); err != nil {
		t.Fatal(err)
	}
	feed(t, bill, run{again, again.Add(time.Hour), 15 * time.Minute, mw, unit.PerMWh})
	var got []unit.Power
	for _, l := range pick(bill.Lines(), LineDemand) {
		got = append(got, l.Peak)
	}
	// January's highest is the quarter before the hole, which is all that was read
	// of its half hour; February is billed at half of it.
	if want := []unit.Power{20 * mw, 10 * mw}; !cmp.Equal(got, want) {
		t.Errorf("billed %v, want %v", got, want)
	}
	if spot := pick(bill.Lines(), LineSpot); spot[0].Energy != 21*unit.MegawattHour || spot[1].Energy != unit.MegawattHour {
		t.Errorf("energy %v", spot)
	}
}

// TestCloneIsIndependent lets a bill and its clone live through different
// futures, turn by turn, and compares each with a bill that was never cloned.
func TestCloneIsIndependent(t *testing.T) {
	t.Parallel()
	c := riot(0)
	c.Energy = []EnergyCharge{{Name: "tdu", Price: 1_000_000, Tiers: []Tier{{UpTo: 3000 * unit.MegawattHour}, {Price: 500_000}}}}
	c.Demand = []DemandCharge{{Name: "d", Rate: 9_000_000_000, Interval: time.Hour, Period: Daily, Ratchet: 500_000, Lookback: 6}}
	c.Coincident = []CoincidentPeak{{Name: "4cp", Rate: 60_000_000_000, Counted: 4, Interval: time.Hour}}
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	mid, end := from.AddDate(0, 5, 3), from.AddDate(0, 11, 0)
	past := run{from, mid, time.Hour, 20 * mw, 50_000_000}
	low, high := run{step: time.Hour, power: 10 * mw, market: 40_000_000}, run{step: time.Hour, power: 90 * mw, market: -5_000_000}
	bills := map[string]*Bill{"straight low": newBill(t, c, time.UTC), "straight high": newBill(t, c, time.UTC), "forked": newBill(t, c, time.UTC)}
	for _, b := range bills {
		feed(t, b, past)
	}
	bills["clone"] = bills["forked"].Clone()
	for at := mid; at.Before(end); at = at.AddDate(0, 0, 1) {
		low.from, low.to, high.from, high.to = at, at.AddDate(0, 0, 1), at, at.AddDate(0, 0, 1)
		feed(t, bills["clone"], low)
		feed(t, bills["forked"], high)
		feed(t, bills["straight high"], high)
		feed(t, bills["straight low"], low)
	}
	for _, name := range []string{"forked", "clone", "straight high", "straight low"} {
		feed(t, bills[name], run{end, end.AddDate(0, 1, 0), time.Hour, mw, 40_000_000}) // now the ratchets bill
	}
	for _, b := range bills {
		for _, at := range []time.Time{mid.Add(-time.Hour), mid.Add(time.Hour), end.Add(-time.Hour)} {
			if _, err := b.Count("4cp", []time.Time{at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for future, pair := range map[string][2]*Bill{"low": {bills["straight low"], bills["clone"]}, "high": {bills["straight high"], bills["forked"]}} {
		if d := cmp.Diff(pair[0].Lines(), pair[1].Lines()); d != "" {
			t.Errorf("%s: %s", future, d)
		}
		if d := cmp.Diff(pair[0].Peaks(), pair[1].Peaks()); d != "" {
			t.Errorf("%s: %s", future, d)
		}
		if d := cmp.Diff(pair[0].Volume(), pair[1].Volume()); d != "" {
			t.Errorf("%s: %s", future, d)
		}
	}
}

func BenchmarkBillYear(b *testing.B) {
	z := zone(b, "America/Chicago")
	c := riot(1_000_000)
	c.Demand = []DemandCharge{
		{Name: "all", Rate: 9_000_000_000, Interval: 15 * time.Minute, Period: Monthly, Ratchet: 800_000, Lookback: 11},
		{Name: "peak", Rate: 4_000_000_000, Interval: 30 * time.Minute, Period: Daily, Window: Window{Weekdays: workdays(), Hours: []Hours{{12 * time.Hour, 20 * time.Hour}}}},
	}
	c.Coincident = []CoincidentPeak{{Name: "4cp", Rate: 60_000_000_000, Counted: 4, Interval: 15 * time.Minute, Window: Window{Months: []time.Month{6, 7, 8, 9}}}}
	c.Energy = []EnergyCharge{{Name: "tdu", Price: 2_000_000}}
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, z)
	b.ReportAllocs()
	for b.Loop() {
		bill := newBill(b, c, z)
		feed(b, bill, run{from, from.AddDate(1, 0, 0), 15 * time.Minute, 20 * mw, 35_000_000})
	}
}

func workdays() []time.Weekday { return []time.Weekday{1, 2, 3, 4, 5} }
