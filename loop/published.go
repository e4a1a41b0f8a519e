package loop

import (
	"time"

	"sluice/series"
	"sluice/unit"
)

// Priced is a published price of an interval that is still to come.
type Priced struct {
	At    series.Interval
	Price unit.Price
}

// published is what of a mesh has a published price: whole intervals first,
// perhaps the beginning of the next, and the rest that must be forecast.
type published struct {
	whole  []unit.Price
	part   int64 // price times seconds of the published beginning of the next interval
	begun  time.Duration
	length time.Duration // of that next interval
	rest   series.Mesh   // from the first unpublished instant on
}

// publishedOn lays prices that follow one another from the mesh's start on it.
func publishedOn(mesh series.Mesh, ahead []Priced) published {
	p := published{}
	at, next := mesh.Start, 0
	for i, d := range mesh.Lengths {
		sum, covered := int64(0), time.Duration(0)
		for covered < d && next < len(ahead) && !ahead[next].At.Start.After(at) {
			n := min(d-covered, ahead[next].At.End().Sub(at))
			sum += int64(ahead[next].Price) * int64(n/time.Second)
			at, covered = at.Add(n), covered+n
			if !ahead[next].At.End().After(at) {
				next++
			}
		}
		if covered < d {
			p.part, p.begun, p.length = sum, covered, d
			p.rest = series.Mesh{Start: at, Lengths: append([]time.Duration{d - covered}, mesh.Lengths[i+1:]...)}
			return p
		}
		p.whole = append(p.whole, unit.Price(unit.MulDiv(sum, 1, int64(d/time.Second))))
	}
	return p
}

// merge puts forecasts of the rest behind what is published.
func (p published) merge(rest []unit.Price) []unit.Price {
	out := append([]unit.Price(nil), p.whole...)
	for i, v := range rest {
		if i == 0 && p.begun > 0 {
			sum := p.part + int64(v)*int64((p.length-p.begun)/time.Second)
			v = unit.Price(unit.MulDiv(sum, 1, int64(p.length/time.Second)))
		}
		out = append(out, v)
	}
	return out
}
