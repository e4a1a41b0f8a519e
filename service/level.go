package service

import "sluice/unit"

// Scope says what fails by itself.
type Scope string

// The scopes of a promise.
const (
	Fleet    Scope = "fleet"    // all units together, weighted
	Instance Scope = "instance" // each node by itself
)

// Tier is one tier of credits.
type Tier struct {
	Below  unit.Ratio // availability strictly below it; who reaches it has the better tier
	Credit unit.Ratio // of the fee
}

// Level is what a contract promises for a month.
type Level struct {
	Scope Scope
	Tiers []Tier     // availability falling, credit rising
	Cap   unit.Ratio // most of the fee that is credited; 0: all of it
}

// Promises reports whether anything is credited at all.
func (l Level) Promises() bool { return len(l.Tiers) > 0 }

// tiers are the tiers as they are credited: none above the cap.
func (l Level) tiers() []Tier {
	out := make([]Tier, 0, len(l.Tiers))
	for _, t := range l.Tiers {
		if l.Cap > 0 {
			t.Credit = min(t.Credit, l.Cap)
		}
		if n := len(out); n == 0 || t.Credit > out[n-1].Credit {
			out = append(out, t)
		}
	}
	return out
}
