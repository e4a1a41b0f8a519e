package fleet

import "sluice/unit"

// The servers of the hall of GPUs: eight H100 each.
const (
	gpuHall     = "hall-gpu"
	gpusPerNode = 8
	mostGPUs    = 4096
	nodePower   = 10_200 * unit.Watt
	gpuPUE      = 1_200_000
)

// hallPower is what the hall of GPUs draws at the most, at the feeder's meter.
func (g Grid) hallPower() unit.Power {
	return (nodePower * unit.Power(g.GPUs/gpusPerNode)).ScaleUp(gpuPUE)
}

// hosting writes the hall of GPUs with two contracts: one that is firm, and one so
// cheap that machines outbid it while the connection is full, so that the market is
// seen at work.
func (w *writer) hosting() {
	n := w.site.grid.GPUs
	if n == 0 {
		return
	}
	nodes := n / gpusPerNode
	firm := nodes / 2 * gpusPerNode
	w.line(`hosting:
  models:
    - {name: H100 SXM, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: %d, empty_node_w: 1800, cooling: air, source: sluice world}
  halls:
    - hall: %s
      pue: %s
      spare_nodes: 1
      servers:
        - {name: h100, model: H100 SXM, nodes: %d, nodes_per_rack: 4, boot_minutes: 5}
  contracts:`, int64(nodePower), gpuHall, decimal(gpuPUE, 6), nodes)
	if firm > 0 {
		w.line(`    - name: firm
      kind: reserved
      from: 2024-01-01
      work: training
      gpus: %d
      price_per_gpu_hour: 2.40
      grace_seconds: 60
      restart_minutes: 6
      saves_every_minutes: 60
      max_slowdown_percent: 5
      service_level: {scope: fleet, tiers: [{below_percent: 99.9, credit_percent: 10}, {below_percent: 99.0, credit_percent: 25}]}`, firm)
	}
	w.line(`    - name: spot
      kind: spot
      from: 2024-01-01
      work: training
      gpus: %d
      price_per_gpu_hour: 0.06 # less than machines pay for the power
      grace_seconds: 30
      restart_minutes: 6
      saves_every_minutes: 60
      max_slowdown_percent: 20
  load: {seed: %d, utilisation_percent: 80}
  engine: {kind: virtual}`, n-firm, w.site.fleet.config.Seed)
}
