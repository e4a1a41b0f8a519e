package path

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrConfig is what every complaint about how futures are to be drawn is.
var ErrConfig = errors.New("no futures can be drawn so")

const (
	weeksMost    = 2600 // of a horizon: fifty years
	windowLeast  = 26
	historyLeast = 104
	heightMost   = 4_000_000 // the subsidy outlasts the longest horizon from here
	// yearsFew is below how many years of history a horizon of more than one is warned of.
	yearsFew = 7
	// timesMuch is from what growth of difficulty over the horizon on it is warned of.
	timesMuch = 10
	// the half-lives that were measured, months, by the year in which the data began.
	halfLifeLeast, halfLifeMost = 5, 22
)

// Config is how futures are drawn. Usual has the values of the reference; every
// field counts as it stands, none is filled in.
type Config struct {
	Seed   uint64
	Weeks  int     // of the horizon, 1 to 2600
	Window int     // last weeks of the history that are drawn from, at least 26
	Block  float64 // mean number of weeks that stay in their order, at least 1
	// Drift is the growth of the logarithm of the price, a year: of the median. The
	// mean price grows by half the variance more.
	Drift float64
	// Growth is that of the logarithm of difficulty, a year, on paths of the plain walk;
	// nil: as in the window. Facts says how much that is.
	Growth   *float64
	Start    Start
	Response Response
	// Power are the begins of the weeks of which power prices are known, oldest first;
	// none: futures have no power.
	Power []time.Time
}

// Response is how difficulty answers the hashprice. On a share of the paths it walks as it
// was drawn; on the others the efficiency-normalised hashprice, that is the price of
// power at which the network's average machine breaks even, returns to a level.
type Response struct {
	Share    float64 // of paths that return, 0 to 1
	HalfLife float64 // months in which half the distance is gone; 5 to 22 were measured
	Level    float64 // USD/MWh; 0: the mean of its logarithm over the window
	// Efficiency is the network's at the start, J/TH, and Trend by what part it falls in
	// a year. Both are assumptions: nobody measures the machines of others.
	Efficiency float64
	Trend      float64
}

// Usual is the model of the reference from a start on: ten years, drawn from the last
// three, blocks of eight weeks, no drift, half the paths returning with a half-life of
// a year. The network's 33 J/TH at the end of 2025, and their fall by 8.6 % a year
// since 2020, are those of a third party's estimate.
func Usual(start Start) Config {
	return Config{
		Weeks: 520, Window: 156, Block: 8, Start: start,
		Response: Response{Share: 0.5, HalfLife: 12, Efficiency: 33, Trend: 0.086},
	}
}

// Validate reports everything that is wrong. Its errors are ErrConfig.
func (c Config) Validate() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, a...)...))
		}
	}
	fault(c.Weeks < 1 || c.Weeks > weeksMost, "a horizon of %d weeks: take 1 to %d", c.Weeks, weeksMost)
	fault(c.Window < windowLeast, "a window of %d weeks: take at least %d, usually 156", c.Window, windowLeast)
	fault(!finite(c.Block) || c.Block < 1, "blocks of %v weeks: take at least 1, usually 8", c.Block)
	fault(!within(c.Drift, -5, 5), "a drift of %v a year of the logarithm of the price: take -5 to 5", c.Drift)
	fault(c.Growth != nil && !within(*c.Growth, -5, 5), "difficulty growing by another rate than -5 to 5 a year of its logarithm")
	s, r := c.Start, c.Response
	fault(s.At.IsZero() || s.Height < 0, "a start at %s and height %d: give both", date(s.At), s.Height)
	fault(s.Height > heightMost, "a start at height %d: the subsidy ends soon after, take at most %d", s.Height, heightMost)
	fault(!positive(s.Price) || !positive(s.Difficulty), "a start at price %v and difficulty %v: give numbers above nought", s.Price, s.Difficulty)
	fault(!within(r.Share, 0, 1), "a share of %v of paths that return: take 0 to 1", r.Share)
	fault(!within(r.HalfLife, 0.1, 1200), "a half-life of %v months: take 0.1 to 1200, usually 12", r.HalfLife)
	fault(r.Level != 0 && !positive(r.Level), "a level of %v USD/MWh: take one above nought, or 0 for that of the window", r.Level)
	fault(!positive(r.Efficiency), "an efficiency of the network of %v J/TH: take one above nought, such as 33", r.Efficiency)
	fault(!within(r.Trend, -1, 0.9), "an efficiency that falls by %v a year: take -1 to 0.9, usually 0.086", r.Trend)
	return errors.Join(faults...)
}

// within says that x is a number from least to most; NaN is not.
func within(x, least, most float64) bool { return x >= least && x <= most }

// Neutral is the growth of the logarithm of difficulty, a year, at which the
// efficiency-normalised hashprice stays where it is between halvings: what the price's
// drift and better machines bear. Paths that return have it; a plain walk has it where
// Growth is set to it.
//
// Formula: drift - ln(1 - trend). Source: docs/formula/path.md.
func (c Config) Neutral() float64 { return c.Drift + c.Response.falls()*yearWeeks }

// kappa is the part of the distance to its level that is gone after a week.
//
// Formula: 1 - 2^(-1/h), h the half-life in weeks. Source: docs/formula/path.md.
func (r Response) kappa() float64 { return -math.Expm1(-math.Ln2 / (r.HalfLife * yearWeeks / 12)) }

// falls is by how much the logarithm of the network's J/TH falls in a week.
func (r Response) falls() float64 { return -math.Log1p(-r.Trend) / yearWeeks }
