package actuate

import "sluice/unit"

// Layer says who narrows what a unit may draw, from the highest authority. The
// hard-wired protection above them is observed and never commanded.
type Layer int

// The layers.
const (
	LockedOut Layer = iota
	Instructed
	Equipment
	Contracted
	Economic
	layers
)

// Range is a band of power that is allowed, in watts.
type Range struct {
	Least, Most unit.Power
}

// Narrow is what is left of r when a lower authority asks for by: never more
// than r. Where the two do not meet, the bound of r that is nearer to by stands.
func (r Range) Narrow(by Range) Range {
	clip := func(p unit.Power) unit.Power { return max(r.Least, min(r.Most, p)) }
	n := Range{Least: clip(by.Least), Most: clip(by.Most)}
	n.Least = min(n.Least, n.Most)
	return n
}

// Resolve narrows from the highest authority down and returns what is left.
func Resolve(full Range, by [layers]Range) Range {
	for _, r := range by {
		full = full.Narrow(r)
	}
	return full
}
