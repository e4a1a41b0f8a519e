package main

import (
	"strconv"
	"time"
)

// compare writes the table of the peers.
func compare(ours []cleared, theirs []peerAnswer, year int) *table {
	t := newTable("peers")
	n := float64(len(ours))
	var worst, drift float64
	var warm, cold lap
	var peer peerAnswer
	refused, dearest := 0, 0.0
	for i, c := range ours {
		a := theirs[i]
		if a.Name != c.problem.Name || a.Status != "ok, optimal" {
			refused++
		}
		worst, drift = max(worst, apart(c.objective, a.Objective)), max(drift, apart(c.objective, c.stored))
		dearest = max(dearest, c.seen)
		warm, cold = plus(warm, c.warm), plus(cold, c.cold)
		peer.Network, peer.Model, peer.Solve = peer.Network+a.Network, peer.Model+a.Model, peer.Solve+a.Solve
		peer.Wall, peer.CPU, peer.HiGHS = peer.Wall+a.Wall, peer.CPU+a.CPU, peer.HiGHS+a.HiGHS
		peer.Columns, peer.Rows = a.Columns, a.Rows
	}
	each := func(d time.Duration) float64 { return 1000 * d.Seconds() / n }
	ms := func(name string, v float64, how string) figure {
		return figure{Name: name, Value: v, Unit: "ms a turn", How: how}
	}
	wall, cpu := 1000*peer.Wall/n, 1000*peer.CPU/n
	t.add(
		figure{Name: "turns compared", Value: n, Unit: "", How: "two thirds evenly over the year, one third right after the peaks of its dearest days"}.promised(">= 24", len(ours) >= 24),
		figure{Name: "turns the peer did not solve", Value: float64(refused), How: "status of PyPSA"}.atMost(0),
		figure{Name: "objectives, largest difference", Value: worst, Unit: "relative", How: "Sluice against PyPSA, by turn"}.atMost(tolerance),
		figure{Name: "cleared again, largest difference", Value: drift, Unit: "relative", How: "objective against the stored papers, by turn"}.atMost(tolerance),
		ms("Sluice, as it runs", each(warm.wall), "wall; build, solve from the turn before, read, recount and reasons; one thread, median of 5"),
		ms("Sluice, as it runs, processor", each(warm.cpu), "processor time of the same"),
		ms("Sluice, from nothing", each(cold.wall), "wall; the same without the turn before"),
		ms("PyPSA: network", 1000*peer.Network/n, "wall; components and series"),
		ms("PyPSA: model", 1000*peer.Model/n, "wall; linopy variables, rows and the extra rows"),
		ms("PyPSA: solve", 1000*peer.Solve/n, "wall; handing over in memory, native HiGHS, reading back"),
		ms("PyPSA: HiGHS alone", 1000*peer.HiGHS/n, "as HiGHS itself counts; native code, from nothing").above("Sluice, as it runs", each(warm.wall)),
		ms("PyPSA in all", wall, "wall; one thread"),
		ms("PyPSA in all, processor", cpu, "processor time"),
		times("times faster", each(warm.wall), wall, "wall").promised(">= "+strconv.Itoa(faster), wall >= faster*each(warm.wall)),
		times("times faster, processor", each(warm.cpu), cpu, "processor time"),
		times("times faster, from nothing", each(cold.wall), wall, "wall, Sluice without the turn before"),
		times("times faster, without building the network", each(warm.wall), wall-1000*peer.Network/n, "wall, PyPSA's network taken as given"),
	)
	t.note("Turns of %d on the shipped Houston site; the dearest had just seen %.2f USD/MWh.", year, dearest)
	t.note("PyPSA's model of one turn has %d columns and %d rows. It solves the same program, penalties included, written down a second time; the worth of our plan is compared, in which the tie-break has no part.", peer.Columns, peer.Rows)
	return t
}

// times is how many times faster ours is.
func times(name string, ours, theirs float64, how string) figure {
	f := figure{Name: name, Value: theirs / ours, Unit: "times", How: how}
	f.Yardstick, f.Against = "PyPSA, ms a turn", theirs
	return f
}

func plus(a, b lap) lap { return lap{wall: a.wall + b.wall, cpu: a.cpu + b.cpu} }
