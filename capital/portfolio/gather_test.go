package portfolio

import (
	"testing"

	"sluice/capital"
)

// TestExchange: where a budget is full, no single change helps, and two at once do.
func TestExchange(t *testing.T) {
	t.Parallel()
	option := func(name string, cost, npv float64) Option {
		return Option{Name: name, Product: "hall", Build: 1, Capex: []float64{cost}, NPV: []float64{npv}}
	}
	p := Problem{
		Quarters: 1, Beta: 0.9, Scenarios: []Scenario{{"one", 1}}, Budget: &Budget{Money: []float64{10}},
		Sites: []Site{
			{Name: "a", Options: []Option{{Name: "wait", Product: None}, option("large", 6, 6), option("small", 4, 5)}},
			{Name: "b", Options: []Option{{Name: "wait", Product: None}, option("large", 6, 7), option("small", 4, 3)}},
		},
	}
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	s := newSearch(tb, Options{})
	stuck := []int{1, 5} // large and small
	if got := tb.weigh(tb.at(tb.climb(stuck, s.open))).objective; got != 9 {
		t.Fatalf("one change at a time comes to %v, so the case tries nothing", got)
	}
	s.near = [][]int{{0, 1, 2}, {3, 4, 5}}
	if w := tb.weigh(tb.at(s.exchanged(stuck))); w.objective != 12 || w.fault > 0 {
		t.Errorf("two changes at a time come to %v, want 12 (fault %v)", w.objective, w.fault)
	}
}

// TestGather: what is drawn and exchanged keeps all limits and is never worse, the
// slope is never less than what a change gains, and picks kept are the best, in order.
func TestGather(t *testing.T) {
	t.Parallel()
	p := company(4, shape{6, 14, 8, 24})
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	s := newSearch(tb, Options{Solver: solver(t), Gap: 1e-3})
	if s.share, err = s.relax(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.offer(tb.climb(tb.idle(), s.open))
	for i := range p.Sites {
		s.near = append(s.near, s.handy(i))
	}
	r, better := capital.Stream(3, 0), 0
	for n := range 12 {
		start := tb.climb(s.drawn(r, float64(n%3)*gatherWarmth), s.open)
		pick := s.exchanged(start)
		before, after := tb.weigh(tb.at(start)), tb.weigh(tb.at(pick))
		if after.fault > before.fault || after.fault == before.fault && after.objective < before.objective {
			t.Errorf("start %d: %v became %v", n, before.objective, after.objective)
		}
		if after.objective > before.objective {
			better++
		}
		s.keep(pick)
		slopeHolds(t, tb, start, &before)
	}
	if better == 0 || len(s.drafts) == 0 || len(s.drafts) > gatherKept || s.value < s.drafts[0].value {
		t.Errorf("%d exchanges helped; %d drafts, best %v", better, len(s.drafts), s.value)
	}
	for k := 1; k < len(s.drafts); k++ {
		if s.drafts[k].value > s.drafts[k-1].value {
			t.Errorf("draft %d is worth %v, the one before it %v", k, s.drafts[k].value, s.drafts[k-1].value)
		}
	}
}

// slopeHolds checks that no single change at a pick gains more than its slope says.
func slopeHolds(t *testing.T, tb *table, pick []int, w *worth) {
	t.Helper()
	all := make([]bool, len(tb.cols))
	for j := range all {
		all[j] = true
	}
	x := tb.at(pick)
	slope := tb.slope(x, w, all)
	for i, j := range pick {
		for k := tb.first[i]; k < tb.first[i+1]; k += 5 {
			tb.put(x, j, -1)
			tb.put(x, k, 1)
			if gain := tb.weigh(x).objective - w.objective; gain > slope[k]-slope[j]+1 {
				t.Errorf("site %d: column %d for %d gains %v, its slope says %v", i, k, j, gain, slope[k]-slope[j])
			}
			tb.put(x, k, -1)
			tb.put(x, j, 1)
		}
	}
}
