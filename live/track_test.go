package live

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// follow is what dispatch says when the site shall draw so much at its meter: the
// slices of every curve in the order of what they earn, as many as fit.
func (h *hall) follow(target unit.Power, number int64) cycle.Plan {
	p := cycle.Plan{Head: cycle.Head{Version: cycle.Version, Site: "virtual", Turn: number, At: h.now}}
	type slice struct {
		group int
		power unit.Power // of all machines of the group
		worth float64    // hash for a watt
		first bool
	}
	var all []slice
	for g, r := range h.config.Rigs {
		p.Uses = append(p.Uses, cycle.UsePlan{Use: r.Use(), Draw: []unit.Power{0}})
		for k, s := range r.Steps() {
			all = append(all, slice{g, s.Power * unit.Power(r.Group().Count), float64(s.Hashrate) / float64(s.Power), k == 0})
		}
	}
	left := float64(target-h.config.Site.MustRun-h.core.Firm(func(int) bool { return true })) / h.pue
	for len(all) > 0 && left > 0 {
		best := 0
		for i := range all {
			if all[i].worth > all[best].worth {
				best = i
			}
		}
		s := all[best]
		all = append(all[:best], all[best+1:]...)
		got := min(s.power, unit.Power(left))
		u := &p.Uses[s.group]
		u.Draw[0] += got
		if s.first {
			u.On = got
		}
		left -= float64(got)
	}
	return p
}

// steer plans every five minutes for a target, as the wheel would.
func (h *hall) steer(target func() unit.Power, every time.Duration) {
	number := int64(0)
	var turn func()
	turn = func() {
		number++
		p := h.follow(target(), number)
		all := func(int) bool { return true }
		h.tell(Wished{Number: number << 16, Until: h.now.Add(2 * every), Target: h.core.Targets(p, all)})
		h.in(every, turn)
	}
	h.in(time.Second, turn)
}

// settled is the mean of what is drawn at the meter over a while.
func (h *hall) settled(over time.Duration) unit.Power {
	var sum unit.Power
	n := over / (20 * time.Second)
	for range n {
		h.pass(20 * time.Second)
		sum += h.site()
	}
	return sum / unit.Power(n)
}

// trackers is the site of 20 MW, or a small one of the same kind.
func trackers(t *testing.T) (plot, unit.Power) {
	t.Helper()
	p := plot{
		seed: 1, each: []int{1000, 1000, 1000, 800, 800, 700, 700}, limit: 23 * unit.Megawatt, rest: 300_000, pue: 1.03, wire: calm(), bias: 0.04,
		change: func(c *Config) { c.Poll = 20 * time.Second },
	}
	if !testing.Short() {
		return p, 1
	}
	const scale = 20
	for i := range p.each {
		p.each[i] /= scale
	}
	p.limit, p.rest = p.limit/scale, p.rest/scale
	return p, scale
}

// TestFollowsATarget: a virtual site of 20 MW comes to each target within 1 % or
// one machine at the meter, and underclocks where the curves say that it pays.
func TestFollowsATarget(t *testing.T) {
	t.Parallel()
	p, scale := trackers(t)
	h := p.build(t)
	h.pulse = 15
	var target unit.Power
	h.steer(func() unit.Power { return target }, 5*time.Minute)
	const largest = 3510
	for _, mw := range []float64{20, 14, 9.5, 17, 3, 20} {
		target = unit.Power(mw*1e6) / scale
		h.pass(20 * time.Minute)
		got := h.settled(5 * time.Minute)
		miss, hash, plain := got-target, h.hash(), h.onOff(got)
		t.Logf("target %7.3f MW: meter %7.3f MW, off by %+6.1f kW (%+.2f %%); %s; %d TH/s, on and off alone %d", float64(target)/1e6, float64(got)/1e6,
			float64(miss)/1e3, 100*float64(miss)/float64(target), h.stand(), hash/1000, plain/1000)
		if max(miss, -miss) > max(target/100, unit.Power(largest*h.pue)) {
			t.Errorf("target %v: the meter shows %v", target, got)
		}
		if hash < plain {
			t.Errorf("target %v: %d GH/s, and switching alone would make %d of the same power", target, hash, plain)
		}
	}
}

// hash is what all machines make now.
func (h *hall) hash() unit.Hashrate {
	var sum unit.Hashrate
	for _, u := range h.units {
		sum += u.State(h.now).Hash
	}
	return sum
}

// onOff is the most that could be made of a draw if machines ran at full power
// or not at all.
func (h *hall) onOff(target unit.Power) unit.Hashrate {
	all := slices.SortedFunc(slices.Values(h.units), func(a, b *dummy) int {
		return cmp.Compare(float64(b.top().Hashrate)/float64(b.top().Power), float64(a.top().Hashrate)/float64(a.top().Power))
	})
	var sum unit.Hashrate
	draw := float64(h.rest)
	for _, u := range all {
		draw += float64(u.standby) * h.pue
	}
	for _, u := range all {
		if more := float64(u.top().Power-u.standby) * h.pue; draw+more <= float64(target) {
			draw, sum = draw+more, sum+u.top().Hashrate
		}
	}
	return sum
}

// stand counts the machines by how they stand.
func (h *hall) stand() string {
	asleep, middle, full := 0, 0, 0
	for i, u := range h.units {
		switch p := h.core.stands(i); {
		case p == 0:
			asleep++
		case p < u.top().Power*97/100:
			middle++
		default:
			full++
		}
	}
	return fmt.Sprintf("%d asleep, %d underclocked, %d at full power", asleep, middle, full)
}
