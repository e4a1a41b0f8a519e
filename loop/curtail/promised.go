package curtail

import "sluice/engine"

// promised is how many nodes must stay on, empty, for GPUs that were sold whether
// used or not: a tenant that begins work on them waits for no boot. Their time down
// would cost a credit, a server switched off saves cents.
func (h *Hall) promised() int {
	used := make([]int64, len(h.cfg.Tenancies))
	for k := range h.sv.jobs {
		if g := &h.sv.jobs[k]; g.tenancy >= 0 && g.State == engine.Running {
			used[g.tenancy] += int64(g.GPUs)
		}
	}
	nodes := 0
	for i := range h.cfg.Tenancies {
		c := &h.cfg.Tenancies[i].Contract
		g := h.cfg.group(c.Model)
		if g == nil || g.Model.PerNode == 0 {
			continue
		}
		per := int64(g.Model.PerNode)
		nodes += int((max(0, c.CommittedAt(h.now, nil)-used[i]) + per - 1) / per)
	}
	return nodes
}
