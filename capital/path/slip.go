package path

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"sluice/capital"
)

// ErrDelay is what every complaint about delays and overruns is.
var ErrDelay = errors.New("no distribution of delays")

// recordLeast is from how many finished phases on the own record counts.
const recordLeast = 5

// Multiplier is by what a planned duration or cost is multiplied, lognormal.
type Multiplier struct {
	Mu, Sigma float64 // of the logarithm
}

// Slip is the multiplier with a mean, at least 1, and a probability to come out at 1 or
// less, above 0 and below 1. The reference class of data-centre projects has a mean
// of 1.34 and is on time in one of ten; as press reported it.
//
// Formula: mu = z sigma, sigma = sqrt(z^2 + 2 ln mean) - z, z = -N^-1(onTime).
// Source: docs/formula/path.md. Errors are ErrDelay.
func Slip(mean, onTime float64) (Multiplier, error) {
	if !finite(mean) || mean < 1 || !(onTime > 0 && onTime < 1) {
		return Multiplier{}, fmt.Errorf("a mean of %v and a probability of %v to be on time: take a mean of at least 1 and a probability between 0 and 1: %w", mean, onTime, ErrDelay)
	}
	z := -normalQuantile(onTime)
	sigma := math.Sqrt(z*z+2*math.Log(mean)) - z
	if sigma <= 0 {
		return Multiplier{}, fmt.Errorf("a mean of %v and a probability of %v to be on time: no spread has both, ask for a higher mean: %w", mean, onTime, ErrDelay)
	}
	return Multiplier{Mu: z * sigma, Sigma: sigma}, nil
}

// normalQuantile is the value that a standard normal does not pass with probability p.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// Mean is the mean multiplier.
func (m Multiplier) Mean() float64 { return math.Exp(m.Mu + m.Sigma*m.Sigma/2) }

// Quantile is the multiplier that is not passed with probability p.
func (m Multiplier) Quantile(p float64) float64 { return m.at(normalQuantile(p)) }

// Within is the probability of x or less.
func (m Multiplier) Within(x float64) float64 {
	if m.Sigma == 0 {
		if x < math.Exp(m.Mu) {
			return 0
		}
		return 1
	}
	return capital.Normal((math.Log(x) - m.Mu) / m.Sigma)
}

// at is the multiplier at a standard normal.
func (m Multiplier) at(z float64) float64 { return math.Exp(m.Mu + m.Sigma*z) }

func (m Multiplier) valid() bool { return finite(m.Mu) && within(m.Sigma, 0, 5) }

// Learned is a multiplier after what an operator's own projects did.
type Learned struct {
	Multiplier
	Phases int     // in the record
	Used   bool    // false: too few, the multiplier is as it was
	Doubt  float64 // standard deviation of Mu itself, in the reference class or after the record
}

// Learn moves Mu towards an own record of finished phases, each by what its duration
// was over its plan, once there are five. Sigma stays. The reference class counts
// as much as weight phases, above nought.
//
// Formula: mu = (weight mu + sum of ln x) / (weight + n), doubt = sigma / sqrt(weight + n).
// Source: docs/formula/path.md. Errors are ErrDelay.
func (m Multiplier) Learn(record []float64, weight float64) (Learned, error) {
	if !m.valid() || !positive(weight) {
		return Learned{}, fmt.Errorf("a multiplier of mu %v, sigma %v that counts as %v phases: give numbers, and a weight above nought: %w", m.Mu, m.Sigma, weight, ErrDelay)
	}
	sum := weight * m.Mu
	for i, x := range record {
		if !positive(x) {
			return Learned{}, fmt.Errorf("phase %d took %v times its plan: give a number above nought: %w", i, x, ErrDelay)
		}
		sum += math.Log(x)
	}
	n := float64(len(record))
	if len(record) < recordLeast {
		return Learned{Multiplier: m, Phases: len(record), Doubt: m.Sigma / math.Sqrt(weight)}, nil
	}
	return Learned{Multiplier: Multiplier{Mu: sum / (weight + n), Sigma: m.Sigma}, Phases: len(record), Used: true, Doubt: m.Sigma / math.Sqrt(weight+n)}, nil
}

// Phase is how late and how dear one phase of a project may become.
type Phase struct{ Slip, Cost Multiplier }

// Delays are the phases of one project. Common is the correlation of the slips of two
// phases, by a factor of the whole project; Pair that of slip and cost of one
// phase. Both are assumptions, usually 0.5.
type Delays struct {
	Phases       []Phase
	Common, Pair float64
}

// Validate reports everything that is wrong. Its errors are ErrDelay.
func (d Delays) Validate() error {
	var faults []error
	if !within(d.Common, 0, 1) || !within(d.Pair, -1, 1) {
		faults = append(faults, fmt.Errorf("a correlation of %v between phases and of %v between slip and cost: take 0 to 1 and -1 to 1: %w", d.Common, d.Pair, ErrDelay))
	}
	for i, p := range d.Phases {
		if !p.Slip.valid() || !p.Cost.valid() {
			faults = append(faults, fmt.Errorf("phase %d: mu and sigma of slip %v and cost %v are numbers, sigma from 0 to 5: %w", i, p.Slip, p.Cost, ErrDelay))
		}
	}
	return errors.Join(faults...)
}

// Draw writes by what each phase's duration and cost are multiplied; both slices have as
// many places as there are phases. A path takes the same chance whatever the
// multipliers are, so that alternatives can be compared.
//
// Formula: docs/formula/path.md.
func (d Delays) Draw(r *rand.Rand, slips, costs []float64) {
	project := r.NormFloat64()
	common, own := math.Sqrt(d.Common), math.Sqrt(1-d.Common)
	pair, rest := d.Pair, math.Sqrt(1-d.Pair*d.Pair)
	for i, p := range d.Phases {
		late := common*project + own*r.NormFloat64()
		slips[i] = p.Slip.at(late)
		costs[i] = p.Cost.at(pair*late + rest*r.NormFloat64())
	}
}
