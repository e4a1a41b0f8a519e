package forecast

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/series"
	"sluice/unit"
)

// restart is the share of an hour that a machine draws power without hashing
// after it was switched on.
const restart = 10. / 60

// ahead is how many intervals the decision looks ahead.
const ahead = 16

// mine is one MW of machines of some efficiency on a recorded market of
// 15-minute intervals.
type mine struct {
	r record
	e float64 // J/TH
}

// value is what a MWh of hashing earns in interval t.
func (m mine) value(t int) float64 { return m.r.hashprice[t] / 24 * 1000 / m.e }

// earn is the margin and the revenue per interval under a rule, less the
// restarts that it causes.
func (m mine) earn(on func(t int) bool) (margin, revenue []float64) {
	margin, revenue = make([]float64, len(m.r.at)), make([]float64, len(m.r.at))
	before := true
	for t := range m.r.at {
		b, now := m.value(t), on(t)
		if now {
			margin[t], revenue[t] = (b-number(m.r.price[t]))/4, b/4
			if !before {
				margin[t] -= b * restart
			}
		}
		before = now
	}
	return margin, revenue
}

func (m mine) always(int) bool { return true }

// lag runs while the last price was below the value.
func (m mine) lag(t int) bool { return t == 0 || number(m.r.price[t-1]) < m.value(t) }

// planned follows a plan over the expected prices.
func (m mine) planned(expected []float64) func(t int) bool {
	before := true
	return func(t int) bool {
		if t > 0 {
			before = plan(m.value(t), expected[t*ahead:(t+1)*ahead], before)
		}
		return before
	}
}

// plan decides the first interval by a dynamic programme over the expected
// prices of the next ones; ending off costs a restart later.
func plan(b float64, expected []float64, before bool) bool {
	off, on := -b*restart, 0.0
	for h := len(expected) - 1; h > 0; h-- {
		gain := (b - expected[h]) / 4
		off, on = max(off, on+gain-b*restart), max(off, on+gain)
	}
	gain := (b - expected[0]) / 4
	if before {
		return on+gain >= off
	}
	return on+gain-b*restart > off
}

// foresight is the best that could have been done.
func (m mine) foresight() func(t int) bool {
	n := len(m.r.at)
	stay, start := make([]bool, n), make([]bool, n)
	off, on := 0.0, 0.0
	for t := n - 1; t >= 0; t-- {
		b := m.value(t)
		gain := (b - number(m.r.price[t])) / 4
		stay[t], start[t] = on+gain >= off, on+gain-b*restart > off
		off, on = max(off, on+gain-b*restart), max(off, on+gain)
	}
	before := true
	return func(t int) bool {
		before = (before && stay[t]) || (!before && start[t])
		return before
	}
}

// expectations are the points of every turn's Outlook, ahead per turn, when
// the last published price is one interval old.
func expectations(tb testing.TB, r record, cfg Config) ([]float64, *Desk) {
	tb.Helper()
	d := desk(tb, cfg)
	out := make([]float64, len(r.at)*ahead)
	mesh := series.Mesh{Lengths: slices.Repeat([]time.Duration{cfg.Step}, ahead)}
	for t := 1; t < len(r.at); t++ {
		if err := d.Publish(r.at[t-1], r.price[t-1]); err != nil {
			tb.Fatal(err)
		}
		mesh.Start = r.at[t]
		o, err := d.Outlook(r.at[t], mesh)
		if err != nil {
			tb.Fatal(err)
		}
		for h, p := range o.Point {
			out[t*ahead+h] = number(p)
		}
	}
	return out, d
}

func desk(tb testing.TB, cfg Config) *Desk {
	tb.Helper()
	d, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// outcome is what the rules earned per period, in currency units per MW.
type outcome struct {
	period                           []int
	always, lag, fore, best, revenue map[int]float64
}

func (m mine) outcome(expected []float64, period func(t int) int) outcome {
	total := func(v []float64) map[int]float64 {
		out := map[int]float64{}
		for t, x := range v {
			out[period(t)] += x
		}
		return out
	}
	always, _ := m.earn(m.always)
	lag, _ := m.earn(m.lag)
	fore, revenue := m.earn(m.planned(expected))
	best, _ := m.earn(m.foresight())
	o := outcome{always: total(always), lag: total(lag), fore: total(fore), best: total(best), revenue: total(revenue)}
	for t := range m.r.at {
		if k := period(t); len(o.period) == 0 || o.period[len(o.period)-1] != k {
			o.period = append(o.period, k)
		}
	}
	return o
}

// worst is the period in which a rule lost most against never stopping, in per
// cent of revenue, and in how many it lost more than 0.1 %.
func (o outcome) worst(rule map[int]float64) (share float64, when, bad int) {
	share = math.Inf(1)
	for _, k := range o.period {
		q := 100 * (rule[k] - o.always[k]) / o.revenue[k]
		if q < share {
			share, when = q, k
		}
		if q < -0.1 {
			bad++
		}
	}
	return share, when, bad
}

func monthOf(r record, zone *time.Location) func(t int) int {
	month := make([]int, len(r.at))
	for t, at := range r.at {
		l := at.In(zone)
		month[t] = l.Year()*100 + int(l.Month())
	}
	return func(t int) int { return month[t] }
}

// TestHouston is the money test. On every year of the record and for every
// machine the rule driven by the forecast earns at least what the
// one-interval-lag rule earns, and in no local month does it lose more than
// 0.1 % of revenue against never stopping. Every rule pays for its restarts.
func TestHouston(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED in short mode: reads five years of prices")
	}
	r, zone := houston(t), chicago(t)
	expected, d := expectations(t, r, Config{Step: 15 * time.Minute, Zone: zone})
	t.Run("earns", func(t *testing.T) { t.Parallel(); earns(t, r, zone, expected) })
	t.Run("covers", func(t *testing.T) { t.Parallel(); covers(t, d) })
}

func earns(t *testing.T, r record, zone *time.Location, expected []float64) {
	t.Helper()
	var table strings.Builder
	captured, cells := 0.0, 0.0
	for _, e := range []float64{17.5, 21.5, 30} {
		m := mine{r: r, e: e}
		y := m.outcome(expected, func(t int) int { return r.at[t].Year() })
		for _, k := range y.period {
			a := y.always[k]
			lag, fore, best := y.lag[k]-a, y.fore[k]-a, y.best[k]-a
			fmt.Fprintf(&table, "%6.1f %d always %9.0f  gain: lag %7.0f (%4.1f%%)  forecast %7.0f (%4.1f%%)  foresight %7.0f\n",
				e, k, a, lag, 100*lag/best, fore, 100*fore/best, best)
			if fore < lag {
				t.Errorf("%.1f J/TH in %d: the forecast gains %.0f, the lag rule %.0f", e, k, fore, lag)
			}
			if k > 2021 {
				captured, cells = captured+fore/best, cells+1
			}
		}
		months := m.outcome(expected, monthOf(r, zone))
		share, when, bad := months.worst(months.fore)
		lagShare, _, lagBad := months.worst(months.lag)
		fmt.Fprintf(&table, "%6.1f months below -0.1 %% of revenue: %d, worst %.3f %% in %d (lag rule: %d, worst %.3f %%)\n", e, bad, share, when, lagBad, lagShare)
		if bad > 0 {
			t.Errorf("%.1f J/TH: %d months lose more than 0.1 %% of revenue against never stopping, %d loses %.3f %%", e, bad, when, -share)
		}
	}
	t.Logf("USD per MW\n%smean share of foresight 2022-2025: %.2f %%", table.String(), 100*captured/cells)
	if captured/cells < 0.84 {
		t.Errorf("the forecast captures %.2f %% of foresight, want 84 %% or more", 100*captured/cells)
	}
}

// covers holds the quantiles of every model to what they promise over the record.
func covers(t *testing.T, d *Desk) {
	t.Helper()
	for _, s := range d.Errors() {
		t.Logf("%-11s %-4s n %6d MAE %6.2f RMSE %6.2f bias %6.2f regret %6.3f pinball %6.3f covered %.3f chosen %.3f",
			s.Model, s.Band, s.N, s.MAE, s.RMSE, s.Bias, s.Regret, s.Pinball, s.Covered, s.Chosen)
		for j, want := range wanted() {
			if s.N > 0 && math.Abs(s.Covered[j]-want) > 0.01 {
				t.Errorf("%s %s: %.3f of prices at or below q%02.0f", s.Model, s.Band, s.Covered[j], 100*want)
			}
		}
	}
}

// TestOtherHubs runs the same rule on hubs that no parameter was looked at
// with: it must not fall more than 1 % behind the lag rule over the record.
func TestOtherHubs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED in short mode: reads nine months of prices")
	}
	zone := chicago(t)
	for column, hub := range []string{"HB_NORTH", "HB_SOUTH", "HB_WEST"} {
		t.Run(hub, func(t *testing.T) {
			t.Parallel()
			r := market(t, "ercot_4hubs_rt15_9months_2024-2025.csv.gz", column+2)
			expected, _ := expectations(t, r, Config{Step: 15 * time.Minute, Zone: zone})
			for _, e := range []float64{17.5, 21.5, 30} {
				m := mine{r: r, e: e}
				o := m.outcome(expected, func(int) int { return 0 })
				lag, fore, best := o.lag[0]-o.always[0], o.fore[0]-o.always[0], o.best[0]-o.always[0]
				months := m.outcome(expected, monthOf(r, zone))
				share, when, _ := months.worst(months.fore)
				t.Logf("%.1f J/TH gain: lag %.0f (%.1f%%) forecast %.0f (%.1f%%) foresight %.0f, worst month %.3f %% in %d", e, lag, 100*lag/best, fore, 100*fore/best, best, share, when)
				if fore < 0.99*lag || share < -0.1 {
					t.Errorf("%.1f J/TH: the forecast gains %.0f, the lag rule %.0f; worst month %.3f %% in %d", e, fore, lag, share, when)
				}
			}
		})
	}
}

// BenchmarkSiteYear is a year of one site: publish, score, and 35,040 Outlooks
// of 36 h, 12 h in quarters and 24 h in hours.
func BenchmarkSiteYear(b *testing.B) {
	prices := wild(35_040)
	mesh := series.Mesh{Lengths: append(slices.Repeat([]time.Duration{15 * time.Minute}, 48), slices.Repeat([]time.Duration{time.Hour}, 24)...)}
	b.ReportAllocs()
	for b.Loop() {
		d := desk(b, Config{Step: 15 * time.Minute, Zone: chicago(b)})
		for i, p := range prices {
			at := morning.Add(time.Duration(i) * 15 * time.Minute)
			if err := d.Publish(at, p); err != nil {
				b.Fatal(err)
			}
			mesh.Start = at.Add(15 * time.Minute)
			if _, err := d.Outlook(mesh.Start, mesh); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// morning is 1 March 2024, 06:00 UTC, midnight in Texas.
var morning = time.Date(2024, 3, 1, 6, 0, 0, 0, time.UTC)

// wild is a market of n quarter hours with a daily shape, noise that stays for
// a while, and spikes, some of which last.
func wild(n int) []unit.Price {
	out := make([]unit.Price, n)
	seed, noise, spike := uint64(1), 0.0, 0.0
	draw := func() float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return float64(seed>>11) / (1 << 53)
	}
	for i := range out {
		noise = 0.9*noise + 4*(draw()-0.5)
		spike *= []float64{0.1, 0.9}[int(2*draw())]
		if draw() < 0.01 {
			spike = 2000 * draw() * draw()
		}
		out[i] = price(30 + 12*math.Sin(float64(i%96)/96*2*math.Pi) + noise + spike)
	}
	return out
}
