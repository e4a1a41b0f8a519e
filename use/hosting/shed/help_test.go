package shed_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"sluice/solve"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// engine is the compiled solver, once for all tests: to compile takes seconds.
var engine = sync.OnceValues(func() (*solve.Engine, error) {
	begin := time.Now()
	return solve.New(context.Background(), solve.Config{CacheDir: os.TempDir() + "/sluice-solve-cache", Now: func() time.Duration { return time.Since(begin) }})
})

func solver(tb testing.TB) *solve.Instance {
	tb.Helper()
	e, err := engine()
	if err != nil {
		tb.Fatal(err)
	}
	in, err := e.Instance(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = in.Close(context.WithoutCancel(tb.Context())) })
	return in
}

// best is the order in which enumeration compares: what firm tenants lose, then everything.
type best struct {
	firm, cost unit.Amount
}

// enumerate tries every choice of items, and returns what the best one costs.
func enumerate(items []shed.Item, a shed.Ask) (unit.Amount, bool) {
	soft, ok := search(items, a, false)
	if ok || a.KeepFirm {
		return soft.cost, ok
	}
	all, ok := search(items, a, true)
	return all.cost, ok
}

func search(items []shed.Item, a shed.Ask, firm bool) (best, bool) {
	var out best
	found := false
	var walk func(i int, need unit.Power, b best)
	walk = func(i int, need unit.Power, b best) {
		if i == len(items) {
			if need <= 0 && (!found || b.firm < out.firm || b.firm == out.firm && b.cost < out.cost) {
				out, found = b, true
			}
			return
		}
		walk(i+1, need, b)
		for _, o := range items[i].Options {
			breaks := items[i].Firm && o.Lever == shed.Evict
			if o.Ready > a.Within || breaks && !firm {
				continue
			}
			c := best{b.firm, b.cost + o.Cost}
			if breaks {
				c.firm += o.Cost
			}
			walk(i+1, need-o.Saved, c)
		}
	}
	walk(0, a.Power+a.Margin, best{})
	return out, found
}

// random draws n jobs that look like those of a hall, and a call that they can answer.
func random(r *rand.Rand, n int, firm float64) ([]shed.Item, shed.Ask) {
	a := shed.Ask{Within: time.Duration(1+r.IntN(4)) * time.Minute, Hold: time.Duration(1+r.IntN(16)) * 15 * time.Minute}
	sizes := []int{1, 2, 4, 8, 8, 16, 32, 64}
	items := make([]shed.Item, n)
	var most unit.Power
	for i := range items {
		draw := unit.Power(200 + r.IntN(500))
		j := shed.Job{GPUs: sizes[r.IntN(len(sizes))], Draw: draw, Idle: 70, Ran: time.Duration(r.IntN(72*3600)) * time.Second, Unsaved: time.Duration(r.IntN(2*3600)) * time.Second}
		if r.IntN(5) == 0 {
			j.Unsaved = -1
			j.Ran = time.Duration(r.IntN(4*3600)) * time.Second
		}
		t := shed.Terms{
			Price: unit.Amount(500_000 + r.IntN(2_500_000)), Warn: time.Duration(r.IntN(90)) * time.Second, Grace: time.Duration(r.IntN(60)) * time.Second,
			Kill: 5 * time.Second, Limit: 3 * time.Second, Restart: time.Duration(r.IntN(1200)) * time.Second, Slowdown: unit.Ratio(r.IntN(3) * 100_000), Capping: -1,
		}
		it := shed.Item{ID: "job-" + strconv.Itoa(i), Tenant: "tenant-" + strconv.Itoa(r.IntN(4)), GPUs: j.GPUs, Started: time.Unix(int64(r.IntN(1e6)), 0)}
		if r.Float64() < firm {
			it.Firm = true
			t.Credit = unit.Amount(j.GPUs) * unit.Amount(50+r.IntN(200)) * unit.Unit
		}
		s1 := unit.Ratio(920_000 + r.IntN(70_000))
		s2 := s1 - unit.Ratio(20_000+r.IntN(90_000))
		levels := []shed.Limited{{Limit: draw * 8 / 10, Draw: draw * 8 / 10, Speed: s1, Least: s1}, {Limit: draw * 65 / 100, Draw: draw * 65 / 100, Speed: s2, Least: s2}}
		it.Options = shed.Options(j, t, levels, a)
		items[i] = it
		var top unit.Power
		for _, o := range it.Options {
			if !it.Firm || o.Lever != shed.Evict {
				top = max(top, o.Saved)
			}
		}
		most += top
	}
	a.Power = unit.Power(1 + r.Int64N(max(1, int64(most))))
	return items, a
}
