package forecast

import (
	"fmt"
	"math"
	"time"

	"sluice/series"
	"sluice/unit"
)

// recentPrices is how many last prices are looked at one by one.
const recentPrices = 4

// Desk keeps what has been published and forecasts from it. It is fed strictly
// in order of publication; nothing later than the turn's clock is reachable
// because it has never been handed in. One goroutine owns a desk.
type Desk struct {
	cfg     Config
	clock   clock
	stake   stake
	enters  [contenders]bool
	lead    [bands]int // the lead at which each band is judged
	keep    float64    // what recent regret retains per price
	decay   []float64  // per lead: what a residual retains
	season  season
	learner learner
	curve   curve

	at     int64 // the last published interval
	turns  int64 // prices published
	first  int64 // the first published interval
	recent [recentPrices]published
	drift  float64 // weighted residual of the recent prices from the season
	basis  float64 // the last price's residual from the day-ahead curve

	wait   [bands]waiting
	tally  [bands][contenders]tally
	errors [bands][contenders]residuals
	rank   [bands][contenders]int // best first
	label  label

	// peek lets a test plant a model that sees the future; nil otherwise.
	peek func(interval int64, f float64) float64
}

// published is one published price and its residual from the season before it.
type published struct {
	interval        int64
	price, residual float64
}

// The memories of the competition and of the simple models.
const (
	judged   = 60 * 24 * time.Hour // e-folding time of the regret that chooses
	halfLife = time.Hour           // of a residual in the blend and day-ahead models
	heir     = 0.5                 // weight of each recent residual relative to the next younger
)

// New returns a desk that knows nothing yet.
func New(cfg Config) (*Desk, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := newClock(cfg.Zone, cfg.Step)
	low, high := number(cfg.ValueLow), number(cfg.ValueHigh)
	d := &Desk{
		cfg: cfg, clock: c, stake: newStake(low, high, float64(cfg.Restart)/float64(cfg.Step)), enters: cfg.enters(),
		keep: 1 - float64(cfg.Step)/float64(judged), season: newSeason(&c, low/4), learner: newLearner(&c),
	}
	span := c.steps(cfg.Horizon, 1) + 2
	d.decay = decays(span, math.Pow(0.5, float64(cfg.Step)/float64(halfLife)))
	d.curve = newCurve(span + c.slots)
	for b, lead := range []time.Duration{cfg.Step, time.Hour, 4 * time.Hour, 24 * time.Hour} {
		d.lead[b] = c.steps(lead, 1)
		d.wait[b] = newWaiting(d.lead[b] + 1)
		for m := range contenders {
			d.errors[b][m] = newResiduals()
			d.rank[b][m] = m
		}
	}
	for i := range d.recent {
		d.recent[i].interval = math.MinInt64
	}
	return d, nil
}

// decays lists the powers of one from zero on.
func decays(n int, one float64) []float64 {
	out := make([]float64, n)
	out[0] = 1
	for i := 1; i < n; i++ {
		out[i] = out[i-1] * one
	}
	return out
}

// Publish tells the desk the settled real-time price of the interval that
// starts at at. Prices come in order of time: one that is not later than the
// last is ErrOrder, one that starts off the market's grid is series.ErrGrid,
// and both change nothing. Intervals may be missing; they are never guessed.
func (d *Desk) Publish(at time.Time, p unit.Price) error {
	k := d.clock.interval(at)
	if !d.clock.start(k).Equal(at) {
		return fmt.Errorf("publish price of %s: %w: a %v interval does not start there", stamp(at), series.ErrGrid, d.cfg.Step)
	}
	if d.turns > 0 && k <= d.at {
		return fmt.Errorf("publish price of %s: %w: %s is known already", stamp(at), ErrOrder, stamp(d.clock.start(d.at)))
	}
	if d.turns == 0 {
		d.first = k
	}
	d.learn(k, number(p))
	return nil
}

// learn compares what was forecast with the price of interval k, learns from
// it, and forecasts anew.
func (d *Desk) learn(k int64, y float64) {
	d.clock.turn(k)
	d.compare(k, y)
	d.learner.settle(k, y)
	slot := d.clock.slot(k)
	d.recent[floorMod(k, recentPrices)] = published{interval: k, price: y, residual: y - d.season.mean.smooth[slot]}
	d.season.learn(slot, y)
	d.at, d.turns = k, d.turns+1
	d.look(y)
	d.issue()
}

// PublishDayAhead tells the desk a day-ahead price for [at, at+length). It may
// be told before or after real-time prices; a later word on the same time
// replaces an earlier one. The desk keeps one horizon and a day of it. A length
// below one interval or beyond what is kept is series.ErrGrid.
func (d *Desk) PublishDayAhead(at time.Time, length time.Duration, p unit.Price) error {
	from, to := d.clock.interval(at), d.clock.interval(at.Add(length))
	if length < d.cfg.Step || to-from > int64(len(d.curve.price)) {
		return fmt.Errorf("publish day-ahead price of %s for %v: %w: use one to %d intervals of %v", stamp(at), length, series.ErrGrid, len(d.curve.price), d.cfg.Step)
	}
	for k := from; k < to; k++ {
		d.curve.set(k, number(p))
	}
	return nil
}

// Errors lists how each model did in each band, by model and then by band.
func (d *Desk) Errors() []Score {
	var out []Score
	for m, name := range Models() {
		for b := range bands {
			if d.enters[m] {
				out = append(out, d.tally[b][m].score(name, b, float64(d.turns)))
			}
		}
	}
	return out
}

// stamp is how this package writes an instant.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
