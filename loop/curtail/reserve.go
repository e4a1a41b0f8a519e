package curtail

import (
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// Reserved is the IT power that a hall may draw in the worst case. A node counts at
// the highest of what it last drew, the highest limit in force or in flight, and
// what it draws after a boot; limits that software set do not survive one. Only
// fresh readings of all of its GPUs at a limit, with nothing in flight above, let it
// count lower: at that limit. flying is the highest limit in flight for each GPU
// of a node, or missing; a limit of 0 in flight is the default one.
//
// Source: docs/formula/shed.md.
func Reserved(c Config, v engine.View, r []gpu.Reading, flying map[string]unit.Power, fresh func(gpu.Reading) bool) unit.Power {
	type sum struct {
		draw, limit unit.Power
		proven      int
	}
	nodes := make(map[string]sum, len(v.Nodes))
	for i := range r {
		s := nodes[r[i].Node]
		if r[i].Has.Draw {
			s.draw += r[i].Draw // even an old one: the highest of all counts
		}
		if fresh(r[i]) && r[i].Has.Draw && r[i].Has.Limit {
			s.limit += max(r[i].Limit, r[i].Draw)
			s.proven++
		}
		nodes[r[i].Node] = s
	}
	var total unit.Power
	for i := range v.Nodes {
		n := &v.Nodes[i]
		g := c.group(n.Model)
		if g == nil {
			continue
		}
		gpus := unit.Power(g.Model.PerNode)
		boot := max(g.Model.TDP*gpus, g.Model.Node-(g.Model.Empty-g.Model.Idle*gpus))
		rest := max(0, g.Model.Empty-g.Model.Idle*gpus)
		s := nodes[n.Name]
		bound := max(boot, s.draw)
		if s.proven == g.Model.PerNode {
			bound = max(s.limit, s.draw)
		}
		if p, flies := flying[n.Name]; flies {
			if p == 0 {
				p = g.Model.TDP
			}
			bound = max(bound, p*gpus)
		}
		total += bound + rest
	}
	return total
}
