package shed_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"sluice/unit"
	"sluice/use/hosting/shed"
)

// Thousand random calls of five jobs: the fractional bound is below the program,
// the program equals enumeration, and merit order is not far above.
func TestMeritOrderIsCloseToTheOptimum(t *testing.T) {
	t.Parallel()
	in := solver(t)
	r := rand.New(rand.NewPCG(5, 2))
	var ratios []float64
	for n := range 1000 {
		items, a := random(r, 5, 0)
		p := shed.Choose(items, a)
		best, ok := enumerate(items, a)
		opt, err := shed.Optimum(t.Context(), in, items, a)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || p.Short != 0 || opt.Short != 0 {
			t.Fatalf("call %d: enumeration %v, merit order short of %d W, program of %d W", n, ok, p.Short, opt.Short)
		}
		if d := opt.Cost - best; d < 0 || d > 10 {
			t.Errorf("call %d: program %d, enumeration %d", n, opt.Cost, best)
		}
		if p.Bound > best || p.Cost < best || p.Bound != opt.Bound {
			t.Errorf("call %d: bound %d, optimum %d, merit order %d", n, p.Bound, best, p.Cost)
		}
		ratios = append(ratios, ratio(p.Cost, best))
	}
	slices.Sort(ratios)
	t.Logf("merit order / optimum: median %.4f, 95th %.4f, 99th %.4f, worst %.4f", ratios[500], ratios[950], ratios[990], ratios[999])
	if ratios[990] > 1.10 {
		t.Errorf("99th percentile %.3f, want at most 1.10", ratios[990])
	}
}

func ratio(a, b unit.Amount) float64 {
	if b == 0 {
		if a == 0 {
			return 1
		}
		return 100
	}
	return float64(a) / float64(b)
}

func TestFirmTenantsAreEvictedOnlyWhenNothingElseIsLeft(t *testing.T) {
	t.Parallel()
	in := solver(t)
	r := rand.New(rand.NewPCG(7, 3))
	broken := 0
	var lost, least unit.Amount // by firm tenants
	for n := range 120 {
		items, a := random(r, 5, 0.5)
		if n%2 == 0 {
			a.Power += a.Power/2 + 2000 // often more than the others can give
		}
		p := shed.Choose(items, a)
		best, ok := enumerate(items, a)
		if firmEvicted(items, p) {
			broken++
			if soft, _ := search(items, a, false); soft.cost != 0 {
				t.Errorf("call %d: a firm tenant is evicted and the others could give the watts", n)
			}
		}
		opt, err := shed.Optimum(t.Context(), in, items, a)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			if p.Short == 0 || opt.Short != p.Short {
				t.Errorf("call %d: short of %d W, program of %d W, and nothing can give it", n, p.Short, opt.Short)
			}
			continue
		}
		if d := opt.Cost - best; d < -10 || d > 10 {
			t.Errorf("call %d: program %d, enumeration %d", n, opt.Cost, best)
		}
		if p.Bound > best || p.Short != 0 {
			t.Errorf("call %d: bound %d, optimum %d, short %d W", n, p.Bound, best, p.Short)
		}
		lost, least = lost+firmLost(items, p), least+firmLost(items, opt)
		if kept := (shed.Ask{Power: a.Power, Within: a.Within, Hold: a.Hold, KeepFirm: true}); firmEvicted(items, shed.Choose(items, kept)) {
			t.Errorf("call %d: a firm tenant is evicted and the call keeps them", n)
		}
	}
	if lost < least || lost > least+least/20 {
		t.Errorf("firm tenants lose %v, at least %v: want at most a twentieth more", lost, least)
	}
	if broken < 20 {
		t.Errorf("only %d calls broke into a firm tenant: the test proves too little", broken)
	}
}

func firmEvicted(items []shed.Item, p shed.Plan) bool { return firmLost(items, p) > 0 }

// firmLost is what the evictions of firm tenants cost.
func firmLost(items []shed.Item, p shed.Plan) unit.Amount {
	var sum unit.Amount
	for _, c := range p.Choices {
		for _, it := range items {
			if it.ID == c.Item && it.Firm && c.Option.Lever == shed.Evict {
				sum += c.Option.Cost
			}
		}
	}
	return sum
}

// Every choice is one of the item's options, in time, at most one each, and the sums are right.
func TestPlansKeepTermsAndDeadline(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 9))
	for range 300 {
		items, a := random(r, 1+r.IntN(60), 0.3)
		a.Margin = a.Power / 20
		for by, choose := range map[string]func([]shed.Item, shed.Ask) shed.Plan{"merit order": shed.Choose, "newest": shed.Newest, "largest": shed.Largest} {
			p := choose(items, a)
			sound(t, by, items, a, p)
			if by == "merit order" && p.Short == 0 && p.Bound > p.Cost {
				t.Errorf("bound %d above cost %d", p.Bound, p.Cost)
			}
		}
	}
}

func sound(t *testing.T, by string, items []shed.Item, a shed.Ask, p shed.Plan) {
	t.Helper()
	seen := map[string]bool{}
	var saved unit.Power
	var cost unit.Amount
	for _, c := range p.Choices {
		i := slices.IndexFunc(items, func(it shed.Item) bool { return it.ID == c.Item })
		if i < 0 || !slices.Contains(items[i].Options, c.Option) || seen[c.Item] || c.Option.Ready > a.Within {
			t.Errorf("%s: %+v is no option of an item, is taken twice, or comes too late", by, c)
		}
		seen[c.Item] = true
		saved, cost = saved+c.Option.Saved, cost+c.Option.Cost
	}
	if saved != p.Saved || cost != p.Cost || p.Short != max(0, a.Power+a.Margin-saved) {
		t.Errorf("%s: saves %d W for %d, states %d W for %d, short of %d W", by, saved, cost, p.Saved, p.Cost, p.Short)
	}
}

// What the yardsticks cost against the choice, on one seed.
func TestLeastDamageBeatsTheYardsticks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var least, newest, largest unit.Amount
	for range 200 {
		items, a := random(r, 40, 0.2)
		n, l := shed.Newest(items, a), shed.Largest(items, a)
		if n.Short > 0 || l.Short > 0 {
			continue
		}
		least, newest, largest = least+shed.Choose(items, a).Cost, newest+n.Cost, largest+l.Cost
	}
	t.Logf("least damage %v, newest first %v, largest first %v", least, newest, largest)
	if least*2 > newest || least*2 > largest {
		t.Errorf("least damage %v against newest first %v and largest first %v: want less than half", least, newest, largest)
	}
}
