package forecast

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/series"
	"sluice/unit"
)

// Model names one way to expect a price.
type Model string

// The competing models, from the simplest. The order breaks ties: the simpler wins.
const (
	Persistence Model = "persistence" // the last published price stays
	Seasonal    Model = "seasonal"    // what the same local time of recent days was
	Blend       Model = "blend"       // seasonal plus a decaying residual of the last hour
	Transition  Model = "transition"  // seasonal plus the learned part of the last residuals that stays
	DayAhead    Model = "day-ahead"   // day-ahead price plus a decaying residual, where a curve is published
)

// The places of the models in Models, and how many there are.
const (
	iPersistence = iota
	iSeasonal
	iBlend
	iTransition
	iDayAhead
	contenders
)

// Models lists every model in the order of the tie break.
func Models() []Model { return []Model{Persistence, Seasonal, Blend, Transition, DayAhead} }

// Config says how a desk forecasts one price. Step and Zone have no default.
type Config struct {
	// Step is the settlement interval of the market: 5, 15, 30 or 60 minutes.
	Step time.Duration
	// Zone is the clock that people and the sun keep where the power is used.
	Zone *time.Location
	// Models compete; empty means all. Persistence is always kept to fall back on.
	Models []Model
	// Horizon is how far beyond the turn's clock an Outlook may reach, give or
	// take one interval; 48 h by default.
	Horizon time.Duration
	// Stale is the age of the last published price, counted from the end of its
	// interval, above which an Outlook calls itself degraded; 1 h by default.
	Stale time.Duration
	// Restart is how long a use of power draws without earning after it was
	// stopped; models that stop it for nothing are charged for it. 10 minutes by
	// default, negative for none.
	Restart time.Duration
	// ValueLow and ValueHigh bound what the uses of power are worth per MWh.
	// Models are judged by what run-or-idle decisions at values in between would
	// have lost. Defaults: 20 and 1000 per MWh.
	ValueLow, ValueHigh unit.Price
}

// WithDefaults returns c with every unset field at its default.
func (c Config) WithDefaults() Config {
	if len(c.Models) == 0 {
		c.Models = Models()
	}
	if c.Horizon == 0 {
		c.Horizon = 48 * time.Hour
	}
	if c.Stale == 0 {
		c.Stale = time.Hour
	}
	if c.Restart == 0 {
		c.Restart = 10 * time.Minute
	}
	c.Restart = max(0, c.Restart)
	if c.ValueLow == 0 && c.ValueHigh == 0 {
		c.ValueLow, c.ValueHigh = 20*unit.PerMWh, 1000*unit.PerMWh
	}
	return c
}

// Validate reports every fault of c at once.
func (c Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("forecast: "+format, args...)) }
	if !series.Settles(c.Step) {
		fault("step %v: no market settles on it: use 5m, 15m, 30m or 1h", c.Step)
	}
	if c.Zone == nil {
		fault("zone is missing: name the zone whose clock people keep")
	}
	for _, m := range c.Models {
		if !slices.Contains(Models(), m) {
			fault("model %q is not known: use some of %v", string(m), Models())
		}
	}
	if c.Horizon < c.Step || c.Horizon > 14*24*time.Hour {
		fault("horizon %v: use one step to 14 days", c.Horizon)
	}
	if c.Stale < 0 {
		fault("stale %v: an age cannot be negative", c.Stale)
	}
	if c.ValueLow <= 0 || c.ValueHigh <= c.ValueLow {
		fault("values %v to %v: the low one must be positive and below the high one", c.ValueLow, c.ValueHigh)
	}
	return errors.Join(faults...)
}

// enters reports, per model, whether c lets it compete.
func (c Config) enters() [contenders]bool {
	var in [contenders]bool
	for i, m := range Models() {
		in[i] = m == Persistence || slices.Contains(c.Models, m)
	}
	return in
}
