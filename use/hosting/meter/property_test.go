package meter_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// anyInterval draws an interval of anything: nodes with and without meters, counters
// that fell or are missing, jobs over each other, slices, meters that say too little.
func anyInterval(t *rapid.T) meter.Interval {
	energy := rapid.Int64Range(0, 2_000_000)
	count := func(name string) meter.Count {
		return meter.Count{
			Name: name, First: unit.Energy(energy.Draw(t, name)), Last: unit.Energy(energy.Draw(t, name+"'") * 2),
			Read: rapid.IntRange(0, 9).Draw(t, name+" read") > 0,
		}
	}
	in := meter.Interval{Boundary: "h", Span: span(0, rapid.Int64Range(1, 3600).Draw(t, "length")), Meter: count("site")}
	names := []string{"A", "B", "C"}
	for _, c := range names[:rapid.IntRange(1, 3).Draw(t, "contracts")] {
		x := contract(c)
		x.Nodes, x.Residual = rapid.Bool().Draw(t, "whole"), rapid.Bool().Draw(t, "bears")
		in.Contracts = append(in.Contracts, x)
	}
	var nodes []string
	for i := range rapid.IntRange(0, 4).Draw(t, "nodes") {
		n := meter.Node{Name: fmt.Sprint("n", i), GPUs: rapid.IntRange(0, 8).Draw(t, "GPUs"), Labels: rapid.Bool().Draw(t, "labels"), Meter: count("node")}
		n.Off = rapid.IntRange(0, 9).Draw(t, "off") == 0
		if rapid.Bool().Draw(t, "declared") {
			n.Model = h100()
		}
		for j := range rapid.IntRange(0, n.GPUs).Draw(t, "cards") {
			n.Cards = append(n.Cards, anyCard(t, n.Name, j))
			if rapid.IntRange(0, 5).Draw(t, "slice") == 0 {
				in.Slices = append(in.Slices, meter.Slice{
					Node: n.Name, UUID: n.Cards[j].UUID, Contract: rapid.SampledFrom(names).Draw(t, "of"), Job: "s", Parts: 3, Of: 7, From: at(-5), To: at(rapid.Int64Range(0, 4000).Draw(t, "end")),
				})
			}
		}
		in.Nodes, nodes = append(in.Nodes, n), append(nodes, n.Name)
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "jobs") {
		on := rapid.SliceOfNDistinct(rapid.SampledFrom(append(nodes, "elsewhere")), 0, 2, rapid.ID[string]).Draw(t, "on")
		in.Jobs = append(in.Jobs, anyRun(t, fmt.Sprint("j", i), names, on))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "overheads") {
		in.Overhead = append(in.Overhead, meter.Overhead{Count: count("cooling"), All: i == 1})
		in.Network = append(in.Network, count("switch"))
		in.Others = append(in.Others, count("miners"))
	}
	return in
}

func anyCard(t *rapid.T, node string, i int) meter.Card {
	c := card(node, i, rapid.SampledFrom([]string{"", "j0", "j1", "j2"}).Draw(t, "first"), unit.Energy(rapid.Int64Range(0, 300_000).Draw(t, "counted")))
	c.Last.Job = rapid.SampledFrom([]string{c.First.Job, "j3"}).Draw(t, "last")
	switch rapid.IntRange(0, 9).Draw(t, "fault") {
	case 0:
		c.Last.Energy = 7
	case 1:
		c.First = gpu.Reading{}
	case 2:
		c.Last.Has.Energy = false
		c.Last.Draw, c.Last.Has.Draw = unit.Power(rapid.Int64Range(0, 900).Draw(t, "draw")), true
	}
	return c
}

func anyRun(t *rapid.T, job string, contracts, on []string) engine.Usage {
	from := rapid.Int64Range(-600, 3700).Draw(t, "from")
	u := run(rapid.SampledFrom(contracts).Draw(t, "contract"), job, rapid.IntRange(0, 10).Draw(t, "held"), from, from+rapid.Int64Range(0, 4000).Draw(t, "long"), on...)
	if rapid.Bool().Draw(t, "runs") {
		u.To = time.Time{}
	}
	return u
}

// TestPartsSumToTheMeter: whatever is read, nothing is lost, made up or negative.
func TestPartsSumToTheMeter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, err := meter.Attribute(anyInterval(t))
		if err != nil {
			t.Fatal(err)
		}
		conserved(t, a)
	})
}

// TestGPUSecondsMayBeCutAnywhere: GPU-seconds of two halves are those of the whole,
// to the second, for every holder and wherever the cut is.
func TestGPUSecondsMayBeCutAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInterval(t)
		if in.Span.Seconds() < 2 {
			return
		}
		cut := in.Span.From + rapid.Int64Range(1, in.Span.Seconds()-1).Draw(t, "cut")
		left, right := in, in
		left.Span.To, right.Span.From = cut, cut
		got := map[string][2]int64{}
		for _, half := range []meter.Interval{left, right} {
			for k, v := range secondsOf(t, half) {
				got[k] = [2]int64{got[k][0] + v[0], got[k][1] + v[1]}
			}
		}
		maps.DeleteFunc(got, func(_ string, v [2]int64) bool { return v == [2]int64{} })
		if want := secondsOf(t, in); !maps.Equal(got, want) {
			t.Fatalf("whole %v, halves %v", want, got)
		}
	})
}

func secondsOf(t *rapid.T, in meter.Interval) map[string][2]int64 {
	a, err := meter.Attribute(in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]int64{}
	for _, r := range a.Rows {
		if r.GPUSeconds+r.SliceSeconds > 0 {
			out[r.Contract+"/"+r.Job] = [2]int64{r.GPUSeconds, r.SliceSeconds}
		}
	}
	return out
}

// TestEnergyOfHalves: an interval in which nobody comes or goes and everything draws
// evenly may be cut in two. Sums are exact; each holder's share moves by what was
// rounded, less than a joule for each split of either half and of the whole: of
// machines by 2 J for a node, of overhead by 2 J and by what that rounding of IT energy
// is worth, overhead over IT energy for each joule.
func TestEnergyOfHalves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.Int64Range(2, 3600).Draw(t, "length")
		cut := rapid.Int64Range(1, length-1).Draw(t, "cut")
		watts := func(what string) unit.Energy { return unit.Energy(rapid.Int64Range(0, 3000).Draw(t, what)) }
		cards := []unit.Energy{watts("a"), watts("b"), watts("c")}
		rest, cooling, more := watts("rest"), watts("cooling"), watts("residual")
		of := func(from, to int64) meter.Attribution {
			s := unit.Energy(to - from)
			n := meter.Node{Name: "n", GPUs: 3, Labels: true}
			total := rest
			for i, w := range cards {
				n.Cards = append(n.Cards, card("n", i, []string{"a", "b", ""}[i], w*s))
				total += w
			}
			n.Meter = counted("n", total*s)
			in := meter.Interval{
				Boundary: "h", Span: span(from, to), Nodes: []meter.Node{n}, Contracts: []meter.Contract{contract("A"), contract("B")},
				Jobs:     []engine.Usage{run("A", "a", 1, -9, 9999, "n"), run("B", "b", 1, -9, 9999, "n")},
				Overhead: []meter.Overhead{{Count: counted("c", cooling*s)}}, Meter: counted("s", (total+cooling+more)*s),
			}
			a, err := meter.Attribute(in)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		all, one, two := of(0, length), of(0, cut), of(cut, length)
		if all.IT != one.IT+two.IT || all.Overhead != one.Overhead+two.Overhead || all.Residual != one.Residual+two.Residual {
			t.Fatalf("%+v\n%+v\n%+v", all.Balance, one.Balance, two.Balance)
		}
		for i, r := range all.Rows {
			it := r.IT() - one.Rows[i].IT() - two.Rows[i].IT()
			over := r.Overhead - one.Rows[i].Overhead - two.Rows[i].Overhead
			most := 2 + 3*(all.Overhead/max(1, all.IT)+1)
			if r.GPU != one.Rows[i].GPU+two.Rows[i].GPU || max(it, -it) > 2 || max(over, -over) > most {
				t.Fatalf("%d and %d J: %+v\n%+v\n%+v", it, over, r, one.Rows[i], two.Rows[i])
			}
		}
	})
}

// TestRevisions: what Revise delivers makes of what was delivered what is known now,
// and delivering again brings nothing.
func TestRevisions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(parts int64) (out []meter.Usage) {
			for i := range parts {
				out = append(out, meter.Usage{
					Contract: "A", Meter: "h", Component: "it", Span: span(i*3600/parts, (i+1)*3600/parts), Quantity: rapid.Int64Range(0, 3).Draw(t, "q"), Measure: meter.Joules, Revision: 1,
				})
			}
			return out
		}
		var delivered []meter.Usage
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			now := draw(rapid.SampledFrom([]int64{1, 2, 4}).Draw(t, "parts"))
			more, err := meter.Revise(delivered, now)
			if err != nil {
				t.Fatal(err)
			}
			delivered = append(delivered, more...)
			if again, err := meter.Revise(delivered, now); err != nil || len(again) > 0 {
				t.Fatalf("again: %+v, %v", again, err)
			}
			if got, want := rated(t, delivered), rated(t, now); got != want {
				t.Fatalf("rated %d, want %d: %+v", got, want, delivered)
			}
		}
	})
}

// rated is the quantity that billing would charge for an hour.
func rated(t *rapid.T, all []meter.Usage) int64 {
	var in []rate.Interval
	for _, u := range all {
		in = append(in, u.Interval())
	}
	c := rate.Contract{ID: "A", Version: 1, Valid: span(0, 3600), Start: zero, Currency: "USD", Terms: []rate.Term{{Name: "it", Kind: rate.Usage, Component: "it", Unit: rate.MegawattHour}}}
	r, err := rate.Rate(rate.Input{Contracts: []rate.Contract{c}, Intervals: in, Period: span(0, 3600), Prices: []rate.PriceVersion{{Component: "it", From: zero, To: zero + 3600, Value: 1}}})
	if err != nil || len(r.Suspense)+len(r.Gaps) > 0 {
		t.Fatalf("%v %+v", err, r)
	}
	return r.Lines[0].Quantity
}

// TestRevisionOfAPart: a correction that would leave a part of an interval without a
// value is refused.
func TestRevisionOfAPart(t *testing.T) {
	t.Parallel()
	hour := meter.Usage{Contract: "A", Meter: "h", Component: "it", Span: span(0, 3600), Quantity: 5, Revision: 1}
	half := hour
	half.Span.To -= 1800
	if _, err := meter.Revise([]meter.Usage{hour}, []meter.Usage{half}); err == nil {
		t.Error("half an hour replaced an hour")
	}
	if out, err := meter.Revise(nil, []meter.Usage{hour}); err != nil || len(out) != 1 || out[0].Revision != 1 {
		t.Errorf("%+v %v", out, err)
	}
	if out, err := meter.Revise([]meter.Usage{hour}, nil); err != nil || len(out) > 0 {
		t.Errorf("nothing was said, and %v %v came of it", out, err)
	}
	other := hour
	other.Quantity = 6
	out, err := meter.Revise([]meter.Usage{hour}, slices.Repeat([]meter.Usage{other}, 1))
	if err != nil || len(out) != 1 || out[0].Revision != 2 {
		t.Errorf("%+v %v", out, err)
	}
}
