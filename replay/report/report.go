package report

import (
	"time"

	"sluice/unit"
)

// Version is the number of the JSON format that this package writes.
const Version = 1

// Standing says how a number came to be, from strong to weak.
type Standing string

// The standings, strongest first.
const (
	Measured  Standing = "measured"
	Metered   Standing = "metered"
	Published Standing = "published"
	Estimated Standing = "estimated"
	Assumed   Standing = "assumed"
	Synthetic Standing = "synthetic"
)

// Role says what an input is used for, so that a chart can say how far the
// numbers in it may be trusted. Empty is allowed: such a source still counts
// for the standing of the results.
type Role string

// The roles that the report asks for.
const (
	PriceRole     Role = "price"     // price of energy
	HashpriceRole Role = "hashprice" // income of a hash
	MachineRole   Role = "machine"   // power and efficiency of machines
	TariffRole    Role = "tariff"    // contract and charges
	ExchangeRole  Role = "exchange"  // currency rates
)

// The identities of the five policies, in the order in which they are reported.
const (
	Always    = "always"
	Breakeven = "breakeven"
	Lagged    = "lagged"
	Sluice    = "sluice"
	Hindsight = "hindsight"
)

// The sources of money that have a name in every language. A Line may carry
// any other source; it is then shown as written.
const (
	Mining  = "mining"  // bitcoin mined, valued
	Power   = "power"   // energy bought at the market price
	Charges = "charges" // adders, network and other charges per MWh
	Demand  = "demand"  // demand charges on the billed peak
	Peak    = "peak"    // coincident-peak charges
	Export  = "export"  // energy sold to the grid
	Block   = "block"   // contracted blocks, bought
	Reserve = "reserve" // grid programmes and reserves
	Carbon  = "carbon"  // carbon price
	Starts  = "starts"  // cost of starting machines
	Penalty = "penalty" // priced violations
	Fees    = "fees"    // pool and other fees
	Fixed   = "fixed"   // charges that no policy can change

	Operation  = "operation"  // running costs beside energy
	Generation = "generation" // energy of a plant behind the meter
	Tenants    = "tenants"    // of GPU halls, reserved and used
	Credits    = "credits"    // granted to tenants for what was not available
	SoldBack   = "sold_back"  // energy of a contracted block, sold instead of drawn
)

// Report is everything one backtest found out.
type Report struct {
	Version   int             `json:"version"`           // of the format; 0 is written as Version
	Made      string          `json:"made"`              // program and version; never a time of day
	Site      Site            `json:"site"`              //
	Period    Period          `json:"period"`            //
	Sources   []Source        `json:"sources"`           // every input, with its standing
	Policies  []Policy        `json:"policies"`          // always, breakeven, lagged, sluice, hindsight
	Capture   Capture         `json:"capture"`           //
	Hosting   *Hosting        `json:"hosting,omitempty"` // nil: the site has no GPU hall
	Months    []Month         `json:"months"`            // months of the site's zone, in order
	Timeline  Timeline        `json:"timeline"`          //
	Decisions []Decision      `json:"decisions"`         // most valuable first
	Days      []Day           `json:"days,omitempty"`    // days of the site's zone, in order
	Moments   []Moment        `json:"moments,omitempty"` // intervals in which policies differed most
	Forecast  []ForecastScore `json:"forecast"`          //
	Solver    Solver          `json:"solver"`            //
	Papers    Papers          `json:"papers"`            //
	Notes     []string        `json:"notes"`             // what a reader must know, in whole sentences
}

// Site is what was replayed.
type Site struct {
	Name    string     `json:"name"`
	Place   string     `json:"place"`            // market zone or town
	Zone    string     `json:"zone"`             // IANA time zone of the site
	Limit   unit.Power `json:"limit_w"`          // connection limit, import
	MustRun unit.Power `json:"must_run_w"`       // load that no policy may stop
	Groups  []Group    `json:"groups"`           // machines, best first
	Tariff  []string   `json:"tariff,omitempty"` // the tariff in words, one line each
}

// Group is machines of one kind.
type Group struct {
	Name       string          `json:"name"`
	Model      string          `json:"model"`
	Count      int             `json:"count"`
	Power      unit.Power      `json:"power_w"`              // of the whole group at full load
	Efficiency unit.Efficiency `json:"efficiency_mj_per_th"` //
	Standing   Standing        `json:"standing"`             // of power and efficiency
	// BreakEven is the energy price at which the group earns nothing, in
	// hundredths of a currency unit per MWh, one value per UTC day beginning
	// with the day of Period.From. Empty where it is not known.
	BreakEven Trace `json:"break_even_daily_cents_per_mwh,omitempty"`
}

// Period is when, how finely and in which money.
type Period struct {
	From     time.Time     `json:"from"`            // first instant, UTC
	To       time.Time     `json:"to"`              // first instant after the last interval, UTC
	Zone     string        `json:"zone"`            // zone of the months and hours; Site.Zone when empty
	Minutes  int           `json:"interval_min"`    // length of one interval
	Lag      int           `json:"lag_intervals"`   // how many intervals late a decision sees a price
	Currency unit.Currency `json:"currency"`        // of every amount in the report
	FX       string        `json:"fx,omitempty"`    // "1 EUR = 1.08 USD"; empty when nothing was converted
	Value    unit.Amount   `json:"btc_value_micro"` // of one BTC at the end of the period; 0 when unknown
}

// Source is one input of the replay.
type Source struct {
	Role     Role     `json:"role,omitempty"`
	Name     string   `json:"name"`
	What     string   `json:"what"` // what it says: "real-time price", "hashprice"
	Standing Standing `json:"standing"`
	SHA256   string   `json:"sha256,omitempty"` // of the bytes read, in hex
	Origin   string   `json:"origin,omitempty"` // who published it
	Licence  string   `json:"licence,omitempty"`
	Rows     int      `json:"rows"`
	Filled   int      `json:"filled"` // intervals that had no value and were filled
	Note     string   `json:"note,omitempty"`
}

// Policy is what one rule would have earned.
type Policy struct {
	ID               string        `json:"id"`
	Name             string        `json:"name"`
	Says             string        `json:"says"`                      // the rule in one sentence
	Money            []Line        `json:"money"`                     // sums to Net exactly
	Net              unit.Amount   `json:"net_micro"`                 //
	Revenue          unit.Amount   `json:"revenue_micro"`             // everything earned before any cost
	Energy           unit.Energy   `json:"energy_j"`                  // drawn
	Exported         unit.Energy   `json:"exported_j"`                // fed in or sold back, counted positive
	Bitcoin          unit.Satoshi  `json:"bitcoin_sat"`               //
	Off              time.Duration `json:"off_ns"`                    // with no machine mining
	Idle             unit.Energy   `json:"idle_j"`                    // not drawn by choice
	Starts           int           `json:"starts"`                    // of a group, off to on
	EnergyCostPerBTC unit.Amount   `json:"energy_cost_per_btc_micro"` // a cost, counted positive; 0 without bitcoin
	WorstHour        Hour          `json:"worst_hour"`                //
	Violations       int           `json:"violations"`                // intervals in which a limit or contract was broken
	Executable       bool          `json:"executable"`                // false: it needed to know the future
}

// Line is money from one source.
type Line struct {
	Source string      `json:"source"`
	Amount unit.Amount `json:"amount_micro"`
}

// Hour is one hour and what it brought.
type Hour struct {
	Start  time.Time   `json:"start"`
	Amount unit.Amount `json:"amount_micro"`
}

// Capture is (policy - always) / (hindsight - always).
type Capture struct {
	Sluice    unit.Ratio `json:"sluice_ppm"`
	Lagged    unit.Ratio `json:"lagged_ppm"`
	Breakeven unit.Ratio `json:"breakeven_ppm"`
	Defined   bool       `json:"defined"`       // false when hindsight had next to nothing to gain
	Why       string     `json:"why,omitempty"` // why it is not defined
}

// Month is one calendar month of the report's zone, cut to the period.
type Month struct {
	Start   time.Time     `json:"start"`
	Label   string        `json:"label"`         // "2024-02"
	Net     []unit.Amount `json:"net_micro"`     // in the order of Policies
	Revenue unit.Amount   `json:"revenue_micro"` // under Sluice
	Energy  unit.Energy   `json:"energy_j"`      // drawn under Sluice
	Off     time.Duration `json:"off_ns"`        // with no machine mining, under Sluice
}

// Day is one day of the report's zone, cut to the period. Charges that are billed by
// month are left out: they belong to no day.
type Day struct {
	Start time.Time     `json:"start"`
	Net   []unit.Amount `json:"net_micro"` // in the order of Policies
}

// Moment is one interval in which policies differed much. Charges that are billed by
// month are left out.
type Moment struct {
	Start time.Time     `json:"start"`
	Price unit.Price    `json:"price_micro_per_mwh"` // of energy
	Net   []unit.Amount `json:"net_micro"`           // in the order of Policies
	Power []unit.Power  `json:"power_w"`             // mean import, in the same order
}

// Timeline is what happened, interval by interval. Traces that are not empty
// have the same length; an empty one was not kept.
type Timeline struct {
	Start     time.Time `json:"start"`
	Minutes   int       `json:"interval_min"`
	Price     Trace     `json:"price_cents_per_mwh"`      // of energy, hundredths of a currency unit per MWh
	Power     Trace     `json:"power_kw"`                 // drawn under Sluice
	SitePrice Trace     `json:"site_price_cents_per_mwh"` // at which the site cleared
}

// Decision is one stretch in which Sluice differed from always-on.
type Decision struct {
	Start time.Time   `json:"start"`
	End   time.Time   `json:"end"`
	What  string      `json:"what"`
	Why   string      `json:"why"`
	Gain  unit.Amount `json:"gain_micro"` // against always-on
}

// ForecastScore is how good one forecast was at one lead time.
type ForecastScore struct {
	Model    string     `json:"model"`
	Lead     string     `json:"lead"` // "1 h"
	N        int        `json:"n"`
	MAE      unit.Price `json:"mae_micro_per_mwh"`
	RMSE     unit.Price `json:"rmse_micro_per_mwh"`
	Bias     unit.Price `json:"bias_micro_per_mwh"` // forecast minus outcome
	Pinball  unit.Price `json:"pinball_micro_per_mwh"`
	Band     unit.Ratio `json:"band_ppm"`     // share that the forecast promised to hold inside its band; 0 when it promised none
	Coverage unit.Ratio `json:"coverage_ppm"` // share of outcomes that fell inside the band
	Chosen   unit.Ratio `json:"chosen_ppm"`   // turns in which this model was the one used
}

// Solver is how the plans were found.
type Solver struct {
	Turns      int `json:"turns"`
	Optimal    int `json:"optimal"`    // proven best
	Alone      int `json:"alone"`      // of these, turns in which the uses shared nothing, so that no program was needed
	Fallback   int `json:"fallback"`   // merit order, because the solver gave no answer
	Iterations int `json:"iterations"` // simplex iterations, all turns
}

// Papers is the trail that the replay left.
type Papers struct {
	Turns  int    `json:"turns"`
	SHA256 string `json:"sha256"` // of all papers, in order, in hex
	Bytes  int64  `json:"bytes"`
}
