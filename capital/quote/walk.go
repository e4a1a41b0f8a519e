package quote

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"sluice/unit"
)

// Walk is how the markets stray from the curves of a scenario: the hashprice by a
// geometric walk whose mean is the curve, the power price by deviations that die out
// by half in HalfLife.
type Walk struct {
	Around          Scenario
	HashVolatility  unit.Ratio // of the logarithm, for the root of a year
	PowerVolatility unit.Price // USD/MWh for the root of a year
	HalfLife        Months
	Correlation     unit.Ratio // of the shocks, -1 to 1
	Paths           int
	Seed            uint64
}

// pathsMost bounds what one run computes.
const pathsMost = 1_000_000

// Validate reports everything that is wrong with a walk over a term.
func (w Walk) Validate(term Months) error {
	faults := []error{}
	if err := CheckScenarios([]Scenario{{Name: w.Around.Name, Probability: unit.One, Energy: w.Around.Energy, Hashprice: w.Around.Hashprice}}, term); err != nil {
		faults = append(faults, err)
	}
	fault := func(wrong bool, says string) {
		if wrong {
			faults = append(faults, fmt.Errorf("%w: %s", ErrScenario, says))
		}
	}
	fault(w.HashVolatility < 0 || w.HashVolatility > 3*unit.One, "the volatility of the hashprice is 0 % to 300 % for a year")
	fault(w.PowerVolatility < 0 || w.PowerVolatility > 1000*unit.PerMWh, "the volatility of the power price is 0 to 1000 USD/MWh for a year")
	fault(w.HalfLife < 1 || w.HalfLife > termMost, "deviations of the power price die out by half in 1 to 720 months")
	fault(w.Correlation < -unit.One || w.Correlation > unit.One, "the correlation is -100 % to 100 %")
	fault(w.Paths < 100 || w.Paths > pathsMost, "the paths are 100 to 1000000: 10000 give a share to about one point")
	return errors.Join(faults...)
}

// Spread is an offer over many walks.
type Spread struct {
	Paths int
	Seed  uint64
	// Wins is on how many paths the asked price is at least the least; Share is that of
	// all, and Low and High hold the true share of this model in 95 of 100 runs.
	Wins             int
	Share, Low, High unit.Ratio
	Least            Quantiles   // least price, USD a unit
	Net              Quantiles   // net of the asked price beyond mining, discounted, USD a megawatt
	NetMean, NetHalf unit.Amount // mean of the net values; 95 of 100 runs lie within NetHalf of it
	// Forgone is the mean of what mining would leave in a year, USD a megawatt; Idle the
	// share of months in which it would have stopped.
	Forgone unit.Amount
	Idle    unit.Ratio
}

// Quantiles are values that 5, 50 and 95 of 100 paths do not pass.
type Quantiles struct{ P5, P50, P95 unit.Amount }

// Simulate walks the markets as often as the walk says. The same walk gives the
// same result to the last digit; it ends early with the error of ctx.
//
// Formula: H_m = F_m * exp(sum sigma*z/sqrt(12) - sigma^2*m/24); x_m = r*x_(m-1) +
// sigma_c*sqrt((1-r^2)/(2*kappa))*y, c_m = G_m + x_m, kappa = 12*ln2/half-life, r = exp(-kappa/12).
// Source: docs/formula/quote.md.
func (o Offer) Simulate(ctx context.Context, asked unit.Amount, term Months, w Walk) (Spread, error) {
	if err := w.Validate(term); err != nil {
		return Spread{}, err
	}
	s := tally{o: o, asked: asked, d: discounts(o.Terms.Capital.Float(), term), step: w.step()}
	s.annuity = sum(s.d)
	for path := range w.Paths {
		if err := ctx.Err(); err != nil {
			return Spread{}, fmt.Errorf("walk %d of %d: %w", path, w.Paths, err)
		}
		if err := s.walk(w, path); err != nil {
			return Spread{}, err
		}
	}
	return s.spread(w)
}

// step is what a month does, in floats.
type step struct{ hash, drift, keep, power, with, alone float64 }

func (w Walk) step() step {
	kappa := years * math.Ln2 / float64(w.HalfLife)
	keep := math.Exp(-kappa / years)
	hash, with := w.HashVolatility.Float()/math.Sqrt(years), w.Correlation.Float()
	return step{
		hash: hash, drift: -hash * hash / 2,
		keep: keep, power: w.PowerVolatility.Float() * math.Sqrt((1-keep*keep)/(2*kappa)),
		with: with, alone: math.Sqrt(1 - with*with),
	}
}

// tally gathers paths.
type tally struct {
	o       Offer
	asked   unit.Amount
	d       []float64
	annuity float64
	step    step

	wins, idle int
	least, net []float64
	forgone    float64
}

// walk adds one path. Its shocks depend on the seed and its number alone.
func (s *tally) walk(w Walk, path int) error {
	source := rand.NewPCG(w.Seed, uint64(path)) //nolint:gosec // a path's number is not negative
	level, deviation, markets := 0.0, 0.0, 0.0
	for m, factor := range s.d {
		z, y := normal(source), normal(source)
		level += s.step.drift + s.step.hash*z
		deviation = s.step.keep*deviation + s.step.power*(s.step.with*z+s.step.alone*y)
		mining, energy := s.o.month(w.Around.Hashprice[m].Float()*math.Exp(level), w.Around.Energy[m].Float()+deviation)
		if mining == 0 {
			s.idle++
		}
		s.forgone += mining
		markets += factor * (mining + energy)
	}
	least := s.o.level(markets, s.annuity)
	a, err := money(least)
	if err != nil {
		return err
	}
	if a <= s.asked {
		s.wins++
	}
	s.least, s.net = append(s.least, least), append(s.net, s.o.net(s.asked, least, s.annuity))
	return nil
}

// normal is a standard normal number made of the upper 53 bits of a random one.
func normal(source *rand.PCG) float64 {
	u := (float64(source.Uint64()>>11) + 0.5) / (1 << 53)
	return math.Sqrt2 * math.Erfinv(2*u-1)
}

// spread sums up.
func (s *tally) spread(w Walk) (out Spread, err error) {
	n := float64(w.Paths)
	out = Spread{Paths: w.Paths, Seed: w.Seed, Wins: s.wins, Share: unit.Ratio(unit.FromFloat(float64(s.wins) / n))}
	low, high := wilson(float64(s.wins), n)
	out.Low, out.High = unit.Ratio(unit.FromFloat(low)), unit.Ratio(unit.FromFloat(high))
	mean := sum(s.net) / n
	variance := 0.0
	for _, v := range s.net {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	months := n * float64(len(s.d))
	out.Idle = unit.Ratio(unit.FromFloat(float64(s.idle) / months))
	for _, x := range []struct {
		into *unit.Amount
		usd  float64
	}{{&out.NetMean, mean}, {&out.NetHalf, sure * math.Sqrt(variance/n)}, {&out.Forgone, years * s.forgone / months}} {
		var e error
		*x.into, e = money(x.usd)
		err = errors.Join(err, e)
	}
	var more error
	out.Least, more = quantiles(s.least)
	err = errors.Join(err, more)
	out.Net, more = quantiles(s.net)
	return out, errors.Join(err, more)
}

// sure is the number of standard deviations that 95 of 100 normal numbers lie within.
const sure = 1.959963984540054

// wilson is the interval in which a share lies that was seen k times of n.
//
// Formula: (k + z^2/2 -+ z*sqrt(k*(n-k)/n + z^2/4)) / (n + z^2). Source: docs/formula/quote.md.
func wilson(k, n float64) (low, high float64) {
	z2 := sure * sure
	half := sure * math.Sqrt(k*(n-k)/n+z2/4)
	return max(0, (k+z2/2-half)/(n+z2)), min(1, (k+z2/2+half)/(n+z2))
}

// quantiles are the nearest ranks.
func quantiles(all []float64) (q Quantiles, err error) {
	slices.Sort(all)
	at := func(p int) unit.Amount {
		a, e := money(all[(p*len(all)+99)/100-1])
		err = errors.Join(err, e)
		return a
	}
	return Quantiles{P5: at(5), P50: at(50), P95: at(95)}, err
}
