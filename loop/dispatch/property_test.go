package dispatch

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// randomMarket draws a site with everything that the bid language can say.
func randomMarket(t *rapid.T) Input {
	n := rapid.IntRange(1, 7).Draw(t, "intervals")
	in := Input{Head: cycle.Head{Version: cycle.Version, Site: "test", At: at}, Mesh: series.Mesh{Start: at}}
	for range n {
		in.Mesh.Lengths = append(in.Mesh.Lengths, rapid.SampledFrom([]time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}).Draw(t, "length"))
	}
	in.MustRun = watt(t, "house", 0, 3)
	in.Offers = randomOffers(t, n)
	for i := range rapid.IntRange(0, 3).Draw(t, "bids") {
		in.Bids = append(in.Bids, randomBid(t, fmt.Sprintf("use/%d", i), n))
	}
	in.Limit = power.Limit{Import: powers(t, "limit", n, 0, 25)}
	if rapid.Bool().Draw(t, "rated") {
		in.Limit.Rating, in.Limit.Ordered = watt(t, "rating", 0, 30), rapid.Bool().Draw(t, "ordered")
	}
	if len(in.Bids) > 0 && rapid.Bool().Draw(t, "branched") {
		in.Limit.Branches = []power.Branch{{Name: "hall/a", Max: watt(t, "hall", 0, 12), Uses: []string{"use/0", "use/2"}}}
	}
	if rapid.Bool().Draw(t, "feeds in") {
		in.Charges.ExportMax = watt(t, "export", 0, 12)
		in.Bids = append(in.Bids, use.Bid{
			Use: "export/test", Feed: true, Steps: []use.Step{{Power: 10 * mw, Worth: worths(t, "feed", n, -30, 120)}},
			PUE: series.Flat(unit.One), Available: series.Flat(unit.One),
		})
	}
	randomCharges(t, &in)
	return in
}

// watt draws whole kilowatts between from and to megawatts, so that what
// rounding explains is never the whole of a quantity.
func watt(t *rapid.T, what string, from, to int64) unit.Power {
	return unit.Kilowatt * unit.Power(rapid.Int64Range(from*1000, to*1000).Draw(t, what))
}

func powers(t *rapid.T, what string, n int, from, to int64) series.Profile[unit.Power] {
	out := series.Profile[unit.Power]{watt(t, what, from, to)}
	for len(out) > 0 && len(out) < n && rapid.IntRange(0, 3).Draw(t, "varies") > 0 {
		out = append(out, watt(t, what, from, to))
	}
	if len(out) < n {
		return out[:1]
	}
	return out
}

func worths(t *rapid.T, what string, n int, from, to int) series.Profile[unit.Price] {
	var out series.Profile[unit.Price]
	for range n {
		out = append(out, unit.Price(rapid.IntRange(from, to).Draw(t, what))*unit.PerMWh)
	}
	return out
}

func randomOffers(t *rapid.T, n int) []power.Offer {
	offers := []power.Offer{{Source: "spot", Kind: power.KindSpot, Curtailable: true, Max: series.Flat(watt(t, "spot", 0, 30)), Price: worths(t, "price", n, -60, 200), Carbon: 400}}
	if rapid.Bool().Draw(t, "block") {
		b := power.Offer{Source: "ppa/block", Kind: power.KindBlock, Curtailable: true, Sunk: true, Max: series.Flat(watt(t, "block", 1, 12)), Price: prices(0)}
		if rapid.Bool().Draw(t, "sells back") {
			b.SellBack = offers[0].Price
		}
		offers = append(offers, b)
	}
	if rapid.Bool().Draw(t, "wind") {
		offers = append(offers, power.Offer{Source: "wind", Kind: power.KindGeneration, BehindMeter: true, Curtailable: rapid.Bool().Draw(t, "curtailable"), Max: powers(t, "wind", n, 0, 12), Price: prices(1)})
	}
	return offers
}

func randomBid(t *rapid.T, name string, n int) use.Bid {
	b := use.Bid{
		Use: name, PUE: series.Flat(unit.Ratio(rapid.Int64Range(1_000_000, 1_400_000).Draw(t, "pue"))),
		Available: series.Flat(unit.One), Whole: rapid.IntRange(0, 3).Draw(t, "whole") == 0,
	}
	if rapid.Bool().Draw(t, "derated") {
		b.Available = nil
		for range n {
			b.Available = append(b.Available, unit.Ratio(rapid.SampledFrom([]int64{0, 333_333, 900_000, 1_000_000}).Draw(t, "available")))
		}
	}
	top := worths(t, "worth", n, -20, 300)
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		b.Steps = append(b.Steps, use.Step{Power: watt(t, "step", 1, 8), Worth: top})
		lower := slices.Clone(top)
		for k := range lower {
			lower[k] -= unit.Price(rapid.IntRange(0, 40).Draw(t, "less")) * unit.PerMWh
		}
		top = lower
	}
	couple(t, &b, n)
	return b
}

// couple ties the intervals of a bid together.
func couple(t *rapid.T, b *use.Bid, n int) {
	maybe := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	first := b.Steps[0].Power
	b.Now.On = rapid.SampledFrom([]unit.Power{0, first / 3, first}).Draw(t, "on")
	if b.Whole && b.Now.On > 0 {
		b.Now.On = first
	}
	b.Now.Draw = b.Now.On.Scale(b.Available.At(0))
	if maybe("starts cost") {
		b.Restart, b.Wear = 10*time.Minute, unit.Amount(rapid.IntRange(0, 30).Draw(t, "wear"))*unit.Unit
	}
	if maybe("minimum times") {
		b.MinOn, b.MinOff = 30*time.Minute, 20*time.Minute
		b.Now.Since = at.Add(-time.Duration(rapid.IntRange(0, 40).Draw(t, "age")) * time.Minute)
		if rapid.Bool().Draw(t, "held") {
			b.Now.Held = b.Now.On
		} else {
			b.Now.Rest = first - b.Now.On
		}
	}
	if maybe("ramp") {
		b.Ramp = watt(t, "ramp", 0, 1) / 2
	}
	if maybe("floor") {
		b.Floor, b.Penalty = powers(t, "floor", n, 0, 6), unit.Price(rapid.IntRange(0, 2500).Draw(t, "penalty"))*unit.PerMWh
	}
	for k := range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "dues") {
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		b.Due = append(b.Due, use.Due{
			ID: fmt.Sprint("job", k), From: from, Before: rapid.IntRange(from+1, n).Draw(t, "before"),
			Energy: watt(t, "due", 1, 5).Over(time.Hour), Penalty: unit.Price(rapid.IntRange(0, 900).Draw(t, "missed")) * unit.PerMWh,
		})
	}
}

func randomCharges(t *rapid.T, in *Input) {
	n := in.Mesh.Len()
	in.Charges.Import = series.Flat(unit.Price(rapid.IntRange(0, 10).Draw(t, "adder")) * unit.PerMWh)
	if rapid.IntRange(0, 2).Draw(t, "demand charge") == 0 {
		p := power.Peak{Rule: "demand", Rate: unit.DemandRate(rapid.Int64Range(0, 9000).Draw(t, "rate")) * unit.DemandRate(unit.Unit), Incurred: watt(t, "incurred", 0, 12)}
		for k, i := range in.Mesh.Intervals() {
			m := power.Measure{Start: i.Start, Length: i.Length, Parts: []power.Part{{Interval: k, Length: i.Length}}}
			if k == 0 {
				m.Length, m.Realised = 2*i.Length, watt(t, "realised", 0, 12).Over(i.Length)
			}
			p.Measures = append(p.Measures, m)
		}
		in.Charges.Peaks = []power.Peak{p}
	}
	if rapid.IntRange(0, 3).Draw(t, "coincident") == 0 {
		cost := make(series.Profile[unit.DemandRate], n)
		cost[n-1] = 30 * unit.DemandRate(unit.Unit)
		in.Charges.Coincident = []power.Coincident{{Rule: "4cp", Cost: cost}}
	}
	if rapid.IntRange(0, 3).Draw(t, "carbon") == 0 {
		in.Charges.Carbon = power.Carbon{PerTonne: 20 * unit.Unit, Cap: rapid.Int64Range(0, 8_000_000).Draw(t, "cap")}
	}
}

// TestAnyMarketClears is the promise of the package on random sites: the
// solver's plan withstands the recount, both plans keep every hard limit by an
// independent count, the solver's is worth at least as much as merit order's by
// an independent valuation, and the same input gives the same plan.
func TestAnyMarketClears(t *testing.T) {
	m := newTestMarket(t)
	rapid.Check(t, func(t *rapid.T) {
		in := randomMarket(t)
		if err := in.Validate(); err != nil {
			t.Fatal(err)
		}
		m.Forget()
		best, err := m.bySolver(t.Context(), in)
		if err != nil {
			t.Fatalf("the solver's answer is refused: %v", err)
		}
		merit := byMerit(in)
		for name, a := range map[string]*answer{"solver": best, "merit order": merit} {
			for _, fault := range faultsOf(in, a) {
				t.Errorf("%s: %s", name, fault)
			}
		}
		if b, o := valued(in, best), valued(in, merit); b < o-slack(in, best, merit) && !stopsOwnStart(in, merit) {
			t.Errorf("the solver's plan is worth %.4f, merit order's %.4f", b, o)
		}
		m.Forget()
		again, err := m.Clear(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(best.plan(in), again); diff != "" {
			t.Errorf("the same input gives another plan: %s", diff)
		}
	})
}

// stopsOwnStart reports whether a plan stops a whole bid that it started itself
// before its minimum time is over. Merit order may have to, by name, because it
// does not see a limit fall later; the solver never does, whatever it costs.
func stopsOwnStart(in Input, a *answer) bool {
	for i, b := range in.Bids {
		for t := range in.Mesh.Lengths {
			if !b.Whole || a.on[i][0][t] > 0 || a.firstBefore(b, i, t) == 0 {
				continue
			}
			for z := t - 1; z >= 0 && span(in, z, t) < b.MinOn; z-- {
				if a.firstBefore(b, i, z) == 0 {
					return true
				}
			}
		}
	}
	return false
}

// slack is what rounding to watts and breaking ties may cost, in currency; where
// a commitment is broken, those watts are paid at its penalty.
func slack(in Input, answers ...*answer) float64 {
	sum := 0.05
	for _, a := range answers {
		for _, f := range a.flags {
			sum += tolerance(in).MW() * in.Mesh.Lengths[f.Interval].Hours() * penaltyNode
		}
	}
	for _, d := range in.Mesh.Lengths {
		for _, b := range in.Bids {
			sum += d.Hours() * b.Capacity().MW() * tie * float64(2+len(in.Bids))
		}
	}
	return sum + 1e-3*float64(tolerance(in)) // 1,000 per MWh on watts
}

// faultsOf counts an answer afresh and says what it breaks that may not be broken.
func faultsOf(in Input, a *answer) []string {
	var out []string
	say := func(t int, format string, args ...any) {
		out = append(out, fmt.Sprintf("interval %d: ", t)+fmt.Sprintf(format, args...))
	}
	small := float64(tolerance(in))
	for t := range in.Mesh.Lengths {
		demand, imports, feed := float64(in.MustRun), 0.0, 0.0
		halls := map[string]float64{}
		for i, b := range in.Bids {
			on := 0.0
			for k, s := range b.Steps {
				p := a.on[i][k][t]
				on += float64(p)
				if p < 0 || p > s.Power {
					say(t, "%s runs %d W of %d W", b.Use, p, s.Power)
				}
				if share := float64(a.on[i][0][t]) / float64(b.Steps[0].Power); tied(b) && float64(p) > share*float64(s.Power)+small {
					say(t, "%s runs %d W of step %d on %.3f of its machines", b.Use, p, k, share)
				}
			}
			if p := a.on[i][0][t]; b.Whole && p != 0 && p != b.Steps[0].Power {
				say(t, "%s runs %d W of a whole step", b.Use, p)
			}
			if rest := b.Now.Rest; rest > 0 && (t == 0 || in.Mesh.Intervals()[t].Start.Before(b.Now.Since.Add(b.MinOff))) && a.on[i][0][t] > b.Steps[0].Power-rest {
				say(t, "%s starts %d W while %d W must rest", b.Use, a.on[i][0][t], rest)
			}
			drawn := on * b.Available.At(t).Float() * b.PUE.At(t).Float()
			demand += drawn
			halls[b.Use] = drawn
			if b.Feed {
				feed += drawn
			}
		}
		for o, offer := range in.Offers {
			p := a.supply[o][t]
			demand -= float64(p)
			if p < 0 || p > offer.Max.At(t) {
				say(t, "%s supplies %d W of %d W", offer.Source, p, offer.Max.At(t))
			}
			if !offer.BehindMeter {
				imports += float64(p)
			} else if !offer.Curtailable && p != offer.Max.At(t) {
				say(t, "%s cannot be turned down to %d W", offer.Source, p)
			}
		}
		demand += float64(a.spill[t]) - float64(a.unmet[t])
		if math.Abs(demand) > float64(2*len(in.Bids)+1) {
			say(t, "demand exceeds supply by %.1f W", demand)
		}
		if a.gap(in, t) != 0 {
			say(t, "the integers do not balance: %d W", a.gap(in, t))
		}
		limit := float64(in.Limit.Import.At(t))
		named := slices.ContainsFunc(a.flags, func(f cycle.Flag) bool {
			return f.Interval == t && (f.Code == cycle.ImportOver || f.Code == cycle.OrderMiss)
		})
		if hard := math.Max(limit, float64(in.Limit.Rating)); imports > hard || imports > limit && !named && imports > limit+small {
			say(t, "imports %.0f W of %.0f W", imports, limit)
		}
		if in.Limit.Rating > 0 && imports > float64(in.Limit.Rating) {
			say(t, "imports %.0f W above the rating", imports)
		}
		if imports > small && feed > small {
			say(t, "imports %.0f W and feeds in %.0f W", imports, feed)
		}
		if feed > float64(in.Charges.ExportMax)+small {
			say(t, "feeds in %.0f W of %.0f W", feed, float64(in.Charges.ExportMax))
		}
		for _, l := range in.Limit.Branches {
			sum := 0.0
			for _, u := range l.Uses {
				sum += halls[u]
			}
			if sum > float64(l.Max)+small {
				say(t, "%s draws %.0f W of %.0f W", l.Name, sum, float64(l.Max))
			}
		}
	}
	return append(out, minimumTimes(in, a)...)
}

// minimumTimes checks that a whole bid that the plan itself starts or stops
// keeps its minimum times, or says that it does not.
func minimumTimes(in Input, a *answer) []string {
	var out []string
	spans := in.Mesh.Intervals()
	for i, b := range in.Bids {
		if !b.Whole {
			continue
		}
		was := b.Now.On > 0
		for t, s := range spans {
			is := a.on[i][0][t] > 0
			if is != was {
				least := map[bool]time.Duration{true: b.MinOn, false: b.MinOff}[is]
				for z := t; z < len(spans) && spans[z].Start.Before(s.Start.Add(least)); z++ {
					broken := slices.ContainsFunc(a.flags, func(f cycle.Flag) bool {
						return f.Code == cycle.MinRunBreak && f.Interval == z && f.Subject == b.Use
					})
					if (a.on[i][0][z] > 0) != is && (!is || !broken) {
						out = append(out, fmt.Sprintf("interval %d: %s changed at %d and may not change yet", z, b.Use, t))
					}
				}
			}
			was = is
		}
	}
	return out
}

// TestTwoMarketsAgree shows that a market that remembers its last turn and one
// that does not find plans of the same worth.
func TestTwoMarketsAgree(t *testing.T) {
	warm, cold := newTestMarket(t), newTestMarket(t)
	rapid.Check(t, func(t *rapid.T) {
		in := randomMarket(t)
		cold.Forget()
		a, err := warm.bySolver(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		b, err := cold.bySolver(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := valued(in, a), valued(in, b); math.Abs(x-y) > slack(in, a, b) {
			t.Errorf("worth %.4f warm and %.4f cold", x, y)
		}
	})
}
