package jobs

import (
	"math/rand/v2"
	"time"

	"sluice/unit"
)

// Profile is the load of a tenant with hardware of its own, hour by hour, as a
// share of the power that it committed to. It is never changed once made.
type Profile struct {
	name string
	load unit.Ratio
	seed uint64
}

// NewProfile is a load around a mean share. Others than the operator run it, so
// nothing is known of its work: an assumed share that strays by up to a tenth of
// itself from day to day and as much from hour to hour.
//
// Source: docs/formula/hall.md.
func NewProfile(contract string, mean unit.Ratio, seed uint64) *Profile {
	return &Profile{name: contract, load: mean, seed: seed ^ Hash(contract)}
}

// sway is how far a load strays from its mean, in millionths, by days and by hours.
const sway = 100_000

// At is the share at an instant; it holds for the hour in UTC that the instant is in.
func (p *Profile) At(t time.Time) unit.Ratio {
	hour := t.Unix() / 3600
	stray := p.dice(hour/24, 1) + p.dice(hour, 2)
	return min(unit.One, max(0, p.load+unit.Ratio(unit.MulDiv(int64(p.load), stray, int64(unit.One)))))
}

// dice is between minus and plus sway.
func (p *Profile) dice(n int64, salt uint64) int64 {
	r := rand.New(rand.NewPCG(p.seed+salt, uint64(n))) //nolint:gosec // dice of a simulation, fixed by the seed
	return r.Int64N(2*sway+1) - sway
}
