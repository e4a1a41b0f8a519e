package mining

import (
	"sluice/unit"
)

// Hashrate is what the group hashes from the IT power that it draws with every
// machine available: along its hull, the sweet-spot step first. Power that is
// not positive hashes nothing; more than Capacity hashes no more.
//
// Formula: H(P) = sum over steps of dH * part of the step that P fills.
// Source: docs/formula/mining.md.
func (r *Rig) Hashrate(draw unit.Power) unit.Hashrate { return r.HashrateAt(draw, unit.One) }

// HashrateAt is Hashrate with only a share of every step available.
func (r *Rig) HashrateAt(draw unit.Power, available unit.Ratio) unit.Hashrate {
	var sum unit.Hashrate
	for _, s := range r.steps {
		room := r.room(s, available)
		take := min(max(draw, 0), room)
		sum += unit.Hashrate(unit.MulDiv(int64(take), int64(s.Hashrate), int64(s.Power)))
		draw -= take
	}
	return sum
}

// room is the power of step s over the whole group.
func (r *Rig) room(s Step, available unit.Ratio) unit.Power {
	return (s.Power * unit.Power(r.group.Count)).Scale(available)
}

// Setting is a number of machines at one operating point; the zero point is off.
type Setting struct {
	Point    Point
	Machines int
}

// Settings splits an IT power over whole machines so that together they draw at
// most that much and hash most: all stand at one of two neighbouring points of
// the hull. Which machines they are is for others to choose. The settings add
// up to the machines that are available, the higher point first.
func (r *Rig) Settings(draw unit.Power, available unit.Ratio) []Setting {
	machines := int(int64(r.group.Count) * int64(min(max(available, 0), unit.One)) / int64(unit.One)) // a part of a machine does not run
	at := Point{}
	for _, s := range r.steps {
		if all := s.Power * unit.Power(machines); draw >= all && draw > 0 {
			draw, at = draw-all, s.To
			continue
		}
		up := int(max(draw, 0) / s.Power)
		return present(Setting{s.To, up}, Setting{at, machines - up})
	}
	return present(Setting{at, machines})
}

// present leaves out settings without machines.
func present(all ...Setting) []Setting {
	var out []Setting
	for _, s := range all {
		if s.Machines > 0 {
			out = append(out, s)
		}
	}
	return out
}
