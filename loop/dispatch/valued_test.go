package dispatch

import (
	"math"
	"slices"

	"sluice/unit"
	"sluice/use"
)

// valued is what an answer is worth in the market's own currency, violations at
// the penalties of the ladder included, counted from the integers alone.
func valued(in Input, a *answer) float64 {
	sum := 0.0
	n := in.Mesh.Len()
	small := tolerance(in)
	imports := make([]float64, n)
	over := func(w unit.Power) float64 { return math.Max(0, float64(w-small)/1e6) }
	tonnes := 0.0
	for t, d := range in.Mesh.Lengths {
		h := d.Hours()
		for o, offer := range in.Offers {
			p := a.supply[o][t].MW()
			cost := offer.Price.At(t).Float() + in.Charges.Carbon.PerTonne.Float()*float64(offer.Carbon)/1000
			if len(offer.SellBack) > 0 {
				cost += offer.SellBack.At(t).Float()
			}
			if !offer.BehindMeter {
				imports[t] += p
				cost += in.Charges.Import.At(t).Float()
				for _, k := range in.Charges.Coincident {
					sum -= p * k.Cost.At(t).Float()
				}
			}
			tonnes += p * h * float64(offer.Carbon) / 1000
			sum -= p * h * cost
		}
		penalty := penaltyImport
		if orderedAt(in.Limit, t, n) {
			penalty = penaltyOrder
		}
		sum -= h * (penaltyNode*(over(a.unmet[t])+over(a.spill[t])) + penalty*over(unit.Power(imports[t]*1e6)-importLimit(in, t)))
		for i, b := range in.Bids {
			sum += h * bidValue(in, a, i, t, b)
		}
	}
	for _, p := range in.Charges.Peaks {
		peak := 0.0
		for _, m := range p.Measures {
			avg := m.Realised.MWh()
			for _, part := range m.Parts {
				avg += imports[part.Interval] * part.Length.Hours()
			}
			peak = math.Max(peak, avg/m.Length.Hours()-p.Incurred.MW())
		}
		sum -= p.Rate.Float() * peak
	}
	for i, b := range in.Bids {
		sum -= missedCost(in, a, i, b)
	}
	if limit := float64(in.Charges.Carbon.Cap) / 1e6; limit > 0 {
		sum -= penaltyCarbon * math.Max(0, tonnes-limit)
	}
	return sum
}

// bidValue is what one bid earns per hour of interval t, less violations and starts.
func bidValue(in Input, a *answer, i, t int, b use.Bid) float64 {
	sum, on := 0.0, unit.Power(0)
	share := b.Available.At(t).Float()
	for k, s := range b.Steps {
		on += a.on[i][k][t]
		sum += s.Worth.At(t).Float() * a.on[i][k][t].MW() * share
	}
	draw := on.MW() * share
	first, before, drew := a.on[i][0][t], b.Now.On, b.Now.Draw.MW()
	if t > 0 {
		before, drew = a.on[i][0][t-1], a.total(in, i, t-1).MW()
	}
	h := in.Mesh.Lengths[t].Hours()
	if first > before {
		sum -= (first - before).MW() * (b.Wear.Float() + b.Restart.Hours()*share*math.Max(0, b.Steps[0].Worth.At(t).Float())) / h
	}
	eps := tolerance(in).MW()
	if len(b.Floor) > 0 {
		sum -= b.Penalty.Float() * math.Max(0, b.Floor.At(t).MW()-draw)
	}
	if b.Ramp > 0 {
		sum -= penaltyRamp * math.Max(0, math.Abs(draw-drew)-b.Ramp.MW()*60*h-2*eps)
	}
	if b.Now.Held > 0 && (t == 0 || in.Mesh.Intervals()[t].Start.Before(b.Now.Since.Add(b.MinOn))) {
		sum -= penaltyHold * math.Max(0, (b.Now.Held-first).MW()-eps)
	}
	return sum
}

// missedCost is the least penalty for the energy that was not served: of any
// two deadlines the cheaper is missed where one of them must be.
func missedCost(in Input, a *answer, i int, b use.Bid) float64 {
	if len(b.Due) == 0 {
		return 0
	}
	best := math.Inf(1)
	order := make([]int, len(b.Due))
	for j := range order {
		order[j] = j
	}
	for range 2 {
		cost := 0.0
		left := make([]float64, in.Mesh.Len())
		for t, d := range in.Mesh.Lengths {
			left[t] = a.total(in, i, t).MW() * d.Hours()
		}
		for _, j := range order {
			d := b.Due[j]
			owed := d.Energy.MWh()
			for _, t := range outsideFirst(b.Due, j) {
				n := math.Min(owed, left[t])
				owed, left[t] = owed-n, left[t]-n
			}
			cost += d.Penalty.Float() * owed
		}
		best = math.Min(best, cost)
		slices.Reverse(order)
	}
	return best
}

// outsideFirst lists the intervals of due j, those first that no other due can use.
func outsideFirst(dues []use.Due, j int) []int {
	var alone, shared []int
	for t := dues[j].From; t < dues[j].Before; t++ {
		if slices.ContainsFunc(dues, func(d use.Due) bool { return d.ID != dues[j].ID && t >= d.From && t < d.Before }) {
			shared = append(shared, t)
		} else {
			alone = append(alone, t)
		}
	}
	return append(alone, shared...)
}
