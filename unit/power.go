package unit

import "time"

// Power is a rate of consumption in watts; positive consumes, negative feeds in.
type Power int64

// Kilowatt and Megawatt are the usual multiples.
const (
	Watt     Power = 1
	Kilowatt       = 1000 * Watt
	Megawatt       = 1000 * Kilowatt
)

// Energy is an amount of electricity in joules (watt-seconds), signed like Power.
type Energy int64

// KilowattHour and MegawattHour are the usual multiples.
const (
	Joule        Energy = 1
	KilowattHour        = 3_600_000 * Joule
	MegawattHour        = 1000 * KilowattHour
)

// Over returns the energy of p held for d. Fractions of a second are rounded
// half to even to a joule.
func (p Power) Over(d time.Duration) Energy {
	return Energy(MulDiv(int64(p), int64(d), int64(time.Second)))
}

// Mean returns the average power of e spread over d, d > 0.
func (e Energy) Mean(d time.Duration) Power {
	return Power(MulDiv(int64(e), int64(time.Second), int64(d)))
}

// Scale returns p times r, rounded half to even.
func (p Power) Scale(r Ratio) Power { return Power(MulDiv(int64(p), int64(r), int64(One))) }

// ScaleUp returns p times r rounded up to a watt: what a meter sees of p behind
// a factor, so that a limit is never passed by rounding. p and r are not negative.
func (p Power) ScaleUp(r Ratio) Power { return Power(mulDivUp(int64(p), int64(r), int64(One))) }

// Unscale returns p divided by r, r > 0, rounded half to even.
func (p Power) Unscale(r Ratio) Power { return Power(MulDiv(int64(p), int64(One), int64(r))) }

// MW returns p in megawatts, for the float rooms and for people.
func (p Power) MW() float64 { return float64(p) / float64(Megawatt) }

// MWh returns e in megawatt-hours, for the float rooms and for people.
func (e Energy) MWh() float64 { return float64(e) / float64(MegawattHour) }

// Ratio is a dimensionless factor in millionths: 1_000_000 is one.
type Ratio int64

// One is the ratio that changes nothing.
const One Ratio = 1_000_000

// Float returns r as a plain number, for the float rooms.
func (r Ratio) Float() float64 { return float64(r) / float64(One) }
