package curtail

import (
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// large is a hall with so many nodes, one job on each.
func large(b *testing.B, nodes int, change func(*plant)) (*plant, *Hall) {
	b.Helper()
	p := newPlant(b, nodes, 1)
	p.cfg.Volatile = true
	if change != nil {
		change(p)
	}
	h, err := New(p.cfg)
	if err != nil {
		b.Fatal(err)
	}
	return p, h
}

func BenchmarkFollow(b *testing.B) {
	full := func(p *plant) map[string]unit.Power {
		out := map[string]unit.Power{}
		for i := range p.cfg.Tenancies {
			out[p.cfg.Tenancies[i].Contract.Name] = p.cfg.full(i)
		}
		return out
	}
	run := func(b *testing.B, p *plant, h *Hall, budget map[string]unit.Power) {
		b.Helper()
		v, r := p.view(), p.readings()
		now := p.now
		views := func() engine.View { v.At = now; return v }
		reads := func() []gpu.Reading { return r }
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			h.Follow(now, budget, views, reads)
		}
	}
	b.Run("everything allowed, 1000 nodes", func(b *testing.B) {
		p, h := large(b, 1000, nil)
		run(b, p, h, full(p))
	})
	b.Run("limited, sums kept elsewhere, 1000 nodes", func(b *testing.B) {
		p, h := large(b, 1000, func(p *plant) {
			p.cfg.Draw = func(string) (unit.Power, bool) { return unit.Megawatt, true }
			p.cfg.Timing.Look = time.Hour
		})
		budget := full(p)
		budget["spot-a"] = 2 * unit.Megawatt
		run(b, p, h, budget)
	})
	b.Run("limited, a full look, 1000 nodes", func(b *testing.B) {
		p, h := large(b, 1000, nil)
		budget := full(p)
		budget["spot-a"] = 2 * unit.Megawatt
		run(b, p, h, budget)
	})
	b.Run("a cut of a third, 1000 nodes", func(b *testing.B) {
		p, _ := large(b, 1000, nil)
		budget := full(p)
		budget["spot-a"] = unit.Megawatt
		v, r := p.view(), p.readings()
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			b.StopTimer()
			h, err := New(p.cfg)
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			h.Follow(p.now, budget, func() engine.View { return v }, func() []gpu.Reading { return r })
		}
	})
}
