package live

import (
	"math"
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/site"
	"sluice/unit"
)

// About is what a site is, and with what it runs.
type About struct {
	Zone     string         `json:"zone"`
	Place    string         `json:"place,omitempty"`
	Position *site.Position `json:"position,omitempty"` // absent: not stated, or a program of before
	Currency unit.Currency  `json:"currency"`
	Interval int64          `json:"interval_seconds"` // of settlement
	Version  string         `json:"version,omitempty"`
	Virtual  bool           `json:"virtual_clock"`        // its clock is not the computer's
	Speed    int            `json:"speed"`                // of its clock
	Since    time.Time      `json:"since"`                // on its clock: when the program began, or began anew
	Started  time.Time      `json:"started"`              // the same for the program, on the computer's clock
	MustRun  *unit.Power    `json:"must_run_w,omitempty"` // house load, as declared; nil: a program of before does not say
	Beats    int64          `json:"beats"`                // seconds lived through; who sees no more of them looks at a program that hangs
}

// MarketStatus is what is known of the market, as the last turn found it.
type MarketStatus struct {
	At        time.Time      `json:"at"` // of the turn
	Spot      unit.Price     `json:"spot,string"`
	SpotKnown bool           `json:"spot_known"`
	SpotAt    time.Time      `json:"spot_at,omitzero"` // of the interval for which it was published
	Expected  unit.Price     `json:"expected_spot,string"`
	Foreseen  bool           `json:"expected_known"`
	Hashprice unit.Hashprice `json:"hashprice,string"` // millionths per PH/s and day, before pool fees
	HashKnown bool           `json:"hashprice_known"`
	HashAt    time.Time      `json:"hashprice_at,omitzero"`
	Forecast  time.Time      `json:"forecast_at"`        // when the forecast was made
	Degraded  string         `json:"degraded,omitempty"` // why a lesser forecast is used
}

// MoneyStatus is what the site earns now. Money is in millionths.
type MoneyStatus struct {
	Margin    unit.Amount `json:"margin_per_hour,string"` // of the interval that was settled last, by the hour
	Of        time.Time   `json:"margin_of,omitzero"`     // its beginning; missing: none was settled since the program began
	Would     unit.Amount `json:"would_per_hour,string"`  // the same of the shadow
	WouldOf   time.Time   `json:"would_of,omitzero"`
	BreakEven unit.Price  `json:"break_even,string"` // per MWh at the meter: see breakEven
	EvenKnown bool        `json:"break_even_known"`
	Until     time.Time   `json:"expected_until,omitzero"` // of the two below: the end of the day at the site
	Power     unit.Amount `json:"expected_power,string"`   // cost of energy until then, as the plan expects it
	Worth     unit.Amount `json:"expected_worth,string"`   // what uses earn until then, their running cost off
}

// Settled is one interval that was settled.
type Settled struct {
	At     time.Time
	Length time.Duration
	Margin unit.Amount
}

// hourly is what an interval earned, by the hour.
func (x Settled) hourly() unit.Amount {
	if x.Length <= 0 {
		return 0
	}
	return unit.Amount(unit.MulDiv(int64(x.Margin), int64(time.Hour), int64(x.Length)))
}

// breakEven is the price of a MWh at the meter at which machines would change what
// they do: the least that is earned by what runs, at which the first of it would
// stop; where nothing runs the most that anything would earn, at which the first would
// start. It is of the mining groups, and not known without any.
func breakEven(all []cycle.Reason) (unit.Price, bool) {
	least, most := unit.Price(math.MaxInt64), unit.Price(math.MinInt64)
	for _, r := range all {
		if !mines(r.Use) {
			continue
		}
		if most = max(most, r.Worth); r.Draw > 0 {
			least = min(least, r.Worth)
		}
	}
	if least < math.MaxInt64 {
		return least, true
	}
	return max(0, most), most > math.MinInt64
}

// mines reports whether a use is a mining group.
func mines(use string) bool { return strings.HasPrefix(use, "mining/") }

// about completes a status with what the core alone does not know.
func (s *Site) about(st *Status, c *Core) {
	x, clock := c.cfg, s.plant.Clock
	st.About = About{
		Zone: x.Site.Zone.String(), Place: x.Site.Place, Position: x.Site.Position, Currency: x.Site.Currency, Interval: int64(x.settleStep() / time.Second),
		Version: s.plant.Version, Virtual: clock.virtual, Speed: clock.speed, Since: x.Begin, Started: clock.wall.UTC().Round(0), Beats: s.Beats(), MustRun: new(x.Site.MustRun),
	}
	st.Mode = s.modes()
}

// marketStatus is what the last turn found of the market; nil before the first.
func (c *Core) marketStatus() *MarketStatus {
	if c.papers == nil {
		return nil
	}
	f, o := c.papers.Snapshot, c.papers.Outlook
	m := &MarketStatus{At: f.At, Forecast: o.At, Degraded: o.Degraded}
	if m.SpotKnown = f.Spot.Known; m.SpotKnown {
		m.Spot, m.SpotAt = f.Spot.Value, f.Spot.At
	}
	if m.HashKnown = f.Hashprice.Known; m.HashKnown {
		m.Hashprice, m.HashAt = f.Hashprice.Value, f.Hashprice.At
	}
	if m.Foreseen = len(o.Spot) > 0; m.Foreseen {
		m.Expected = o.Spot[0]
	}
	return m
}

// moneyStatus is what the site earns now.
func (c *Core) moneyStatus() MoneyStatus {
	m := MoneyStatus{Margin: c.earned.Last.hourly(), Of: c.earned.Last.At, Would: c.shadow.Last.hourly(), WouldOf: c.shadow.Last.At}
	if c.papers != nil {
		p := c.papers.Plan
		m.BreakEven, m.EvenKnown = breakEven(p.Reasons)
		m.Until, m.Power, m.Worth = p.Today.Until, p.Today.Power, p.Today.Worth
	}
	return m
}
