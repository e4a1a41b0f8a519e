package trust

import (
	"slices"

	"sluice/unit"
)

// Stage is how far a site is trusted.
type Stage string

// The stages, from the lowest. From ClosedRack on the loop is closed: plans act
// without being asked for.
const (
	Observe       Stage = "observe"     // reads only
	Shadow        Stage = "shadow"      // plans are made and kept, nothing is sent
	Advisory      Stage = "advisory"    // a person accepts or declines each recommendation
	ClosedRack    Stage = "closed_rack" // named machines, or one small block
	ClosedFive    Stage = "closed_5"    // and 5 % of every group
	ClosedQuarter Stage = "closed_25"   // and 25 % of every group
	ClosedAll     Stage = "closed_all"  // every machine
)

// Stages are all stages, from the lowest.
func Stages() []Stage {
	return []Stage{Observe, Shadow, Advisory, ClosedRack, ClosedFive, ClosedQuarter, ClosedAll}
}

// rank is the place of a stage from the lowest, 0; -1 for what is no stage.
func (s Stage) rank() int { return slices.Index(Stages(), s) }

// Known reports whether s is a stage.
func (s Stage) Known() bool { return s.rank() >= 0 }

// Closed reports whether plans act without being asked for.
func (s Stage) Closed() bool { return s.rank() >= ClosedRack.rank() }

// Below reports whether s is a lower stage than t.
func (s Stage) Below(t Stage) bool { return s.rank() < t.rank() }

// Next is the stage above s; false for the highest and for what is no stage.
func (s Stage) Next() (Stage, bool) {
	all, r := Stages(), s.rank()
	if r < 0 || r+1 == len(all) {
		return "", false
	}
	return all[r+1], true
}

// fallback is where one click takes a site that names no stage.
func (s Stage) fallback() Stage {
	if s.Closed() {
		return Advisory
	}
	return Stages()[max(0, s.rank()-1)]
}

// share is the part of every group that a stage entrusts.
func (s Stage) share() unit.Ratio {
	switch s {
	case ClosedFive:
		return unit.One / 20
	case ClosedQuarter:
		return unit.One / 4
	case ClosedAll:
		return unit.One
	case Observe, Shadow, Advisory, ClosedRack:
	}
	return 0
}
