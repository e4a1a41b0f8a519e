package risk

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
)

// ErrFutures says that futures cannot be drawn.
var ErrFutures = errors.New("no futures")

// Factor is one of the things that make a future.
type Factor int

// The factors. Power goes with the bitcoin market: one index draws both.
const (
	Markets  Factor = iota // price, difficulty, fees and power
	Building               // delays and overruns
	Rents                  // of compute
	Tenants                // their failures
	FactorCount
)

// String is the factor as it is printed.
func (f Factor) String() string {
	return [...]string{"bitcoin and power market", "delays and overruns", "rents of compute", "failures of tenants"}[f]
}

// Futures draws the futures of a plan.
type Futures struct {
	seed     uint64
	model    *model.Model
	market   *path.Bootstrap
	delays   []path.Delays
	slow     float64 // logarithms of what is left of a rent after a year: P10 and P90 of the decay
	fast     float64
	names    []uint64  // of projects
	fails    []float64 // intensity of a month, by project
	Warnings []string
}

// Config is what futures are drawn with.
type Config struct {
	Seed uint64
	Path path.Config // its Seed, Weeks and Start are set by the plan
	// Slow and Fast are the decay of rents in a year that 10 % and 90 % of the paths
	// stay below.
	Slow, Fast float64
}

// Usual is the model of the reference: blocks of eight weeks of the last three years,
// half the paths returning, rents that lose 20 to 35 % a year.
func Usual(seed uint64) Config {
	return Config{Seed: seed, Path: path.Usual(path.Start{}), Slow: 0.20, Fast: 0.35}
}

// NewFutures joins what may change for a plan on weekly steps. Power is the begins of
// the weeks of its power histories, which all sites share.
func NewFutures(m *model.Model, h path.History, power []time.Time, c Config) (*Futures, error) {
	p := m.Plan()
	c.Path.Seed, c.Path.Weeks, c.Path.Power = c.Seed, m.Grid().Steps(), power
	c.Path.Drift = math.Log1p(p.Market.Drift)
	growth := math.Log1p(p.Market.Growth) // what the plan expects: the sample's own would end mining within years
	c.Path.Growth = &growth
	c.Path.Start = path.Start{At: p.Begin.Begin(), Height: p.Market.Height, Price: p.Market.Price, Difficulty: p.Market.Difficulty}
	if p.Market.Fleet > 0 {
		c.Path.Response.Efficiency, c.Path.Response.Trend = p.Market.Fleet, p.Market.Newer
	}
	b, err := path.New(c.Path, h)
	if err != nil {
		return nil, err
	}
	f := &Futures{seed: c.Seed, model: m, market: b, slow: math.Log(1 - c.Slow), fast: math.Log(1 - c.Fast)}
	if c.Slow < 0 || c.Fast >= 1 || c.Slow > c.Fast {
		return nil, fmt.Errorf("rents that lose %v to %v in a year: write shares of 0 to 1, the lower one first: %w", c.Slow, c.Fast, ErrFutures)
	}
	if w := b.Facts().Warning; w != "" {
		f.Warnings = append(f.Warnings, w)
	}
	for _, p := range p.Projects {
		d, err := delaysOf(p)
		if err != nil {
			return nil, fmt.Errorf("project %q: %w", p.Name, err)
		}
		f.delays = append(f.delays, d)
		f.names = append(f.names, nameOf(p.Name))
		f.fails = append(f.fails, p.Contract.Default/12)
	}
	return f, nil
}

// delaysOf is how late and dear a project's phases may be; what the plan does not say
// stays as planned.
func delaysOf(p capital.Project) (path.Delays, error) {
	var slip, cost path.Multiplier
	var err error
	if p.Slip.Mean > 0 {
		if slip, err = path.Slip(p.Slip.Mean, p.Slip.OnTime); err != nil {
			return path.Delays{}, err
		}
	}
	if p.Slip.Overrun > 0 {
		if cost, err = path.Slip(p.Slip.Overrun, p.Slip.OnBudget); err != nil {
			return path.Delays{}, err
		}
	}
	d := path.Delays{Common: p.Slip.Correlation, Pair: 0.5}
	for range p.Phases {
		d.Phases = append(d.Phases, path.Phase{Slip: slip, Cost: cost})
	}
	return d, d.Validate()
}

// Future is one future, with the memory that drawing another one uses again.
type Future struct {
	model.Path
	market path.Path
}

// New makes room for a future.
func (f *Futures) New() *Future {
	x := &Future{}
	n := f.model.Grid().Steps()
	x.Rent = make([]float64, n)
	x.Default = make([]float64, len(f.delays))
	for _, d := range f.delays {
		x.Slip = append(x.Slip, make([]float64, len(d.Phases)))
		x.Overrun = append(x.Overrun, make([]float64, len(d.Phases)))
	}
	return x
}

// Draw writes a future: its number alone says which.
func (f *Futures) Draw(number uint64, into *Future) { f.Mix(number, number, FactorCount, into) }

// Mix writes the future of a number in which one factor is that of another number.
func (f *Futures) Mix(number, other uint64, factor Factor, into *Future) {
	of := func(x Factor) uint64 {
		if x == factor {
			return other
		}
		return number
	}
	f.market.Draw(of(Markets), &into.market)
	into.Price, into.Hash, into.Power = into.market.Price, into.market.HashBTC, nil
	if len(into.market.Power) > 0 {
		into.Power = into.market.Power
	}
	for i, d := range f.delays {
		d.Draw(f.stream(of(Building), Building, f.names[i]), into.Slip[i], into.Overrun[i])
	}
	f.rents(f.stream(of(Rents), Rents, 0), into.Rent)
	for i, intensity := range f.fails {
		into.Default[i] = math.Inf(1)
		if intensity > 0 {
			into.Default[i] = f.stream(of(Tenants), Tenants, f.names[i]).ExpFloat64() / intensity
		}
	}
}

// stream is the chance of one factor, and of one project by its name, of one future:
// what one draws does not move what another one does, and a plan without a project
// meets the same chance in all others.
func (f *Futures) stream(number uint64, x Factor, name uint64) *rand.Rand {
	return capital.Stream(f.seed^(0x9e3779b97f4a7c15*uint64(x+1))^name, number)
}

// nameOf is a project's name as a number.
func nameOf(project string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(project))
	return h.Sum64()
}

// z90 is the standard normal that 90 % stay below.
const z90 = 1.2815515655446004

// rents lets the rent of compute fall at a rate that is drawn once for a future.
//
// Formula: ln rent falls evenly by a rate that is normal, with P10 and P90 as stated.
// Source: docs/formula/risk.md.
func (f *Futures) rents(r *rand.Rand, into []float64) {
	rate := (f.slow+f.fast)/2 + (f.fast-f.slow)/2/z90*r.NormFloat64()
	g := f.model.Grid()
	for j := range into {
		into[j] = math.Exp(rate * (g.From[j] + g.To[j]) / 24)
	}
}

// Facts is what the futures of the market rest on.
func (f *Futures) Facts() path.Facts { return f.market.Facts() }
