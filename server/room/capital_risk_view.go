package room

import "time"

// CapitalRiskAsk says on how many futures a plan is run.
type CapitalRiskAsk struct {
	Paths int    `json:"paths" minimum:"100" maximum:"20000"`
	Seed  uint64 `json:"seed" maximum:"1000000000" doc:"The same seed gives the same figures."`
	Quick bool   `json:"quick,omitempty" doc:"The spread and the covenants alone: no scenarios, tornado, drivers and reverse stress test."`
}

// CapitalRisk is one run of a plan on many futures.
type CapitalRisk struct {
	ID      string             `json:"id"`
	Plan    string             `json:"plan" doc:"Name of the object."`
	Version int64              `json:"version" doc:"That was run."`
	State   string             `json:"state" enum:"running,done,cancelled,failed"`
	Shown   bool               `json:"shipped,omitempty" doc:"It came with the demonstration."`
	By      string             `json:"by,omitempty" doc:"Who began it; absent: the program."`
	Began   time.Time          `json:"began"`
	Ended   *time.Time         `json:"ended,omitempty"`
	Paths   int                `json:"paths"`
	Seed    uint64             `json:"seed"`
	Done    int                `json:"done_percent"`
	Why     string             `json:"why,omitempty" doc:"It failed."`
	Result  *CapitalRiskResult `json:"result,omitempty" doc:"Once it is done; absent in lists."`
}

// CapitalRisks are the runs of a plan.
type CapitalRisks struct {
	Plan   string        `json:"plan"`
	All    []CapitalRisk `json:"risks" doc:"Newest first, without their results."`
	Busy   bool          `json:"busy" doc:"One of yours runs, or as many as may: wait for its end, or end it."`
	Most   int           `json:"most_paths"`
	Within int           `json:"within_seconds" doc:"After so long a run is ended."`
}

// CapitalSpread is a sample in the figures that are shown of it.
type CapitalSpread struct {
	Mean    float64 `json:"mean"`
	Error   float64 `json:"standard_error" doc:"Of the mean."`
	P5      float64 `json:"p5"`
	P10     float64 `json:"p10"`
	P25     float64 `json:"p25"`
	P50     float64 `json:"p50"`
	P75     float64 `json:"p75"`
	P90     float64 `json:"p90"`
	P95     float64 `json:"p95"`
	Futures int     `json:"futures" doc:"On which there is a value; 0: no figure counts."`
}

// CapitalRiskResult is how a plan may end.
type CapitalRiskResult struct {
	Currency   string            `json:"currency"`
	Begin      string            `json:"begin"`
	Years      int               `json:"years"`
	History    CapitalRests      `json:"history"`
	NPV        CapitalSpread     `json:"npv"`
	IRR        CapitalSpread     `json:"irr"`
	NoIRR      float64           `json:"without_irr" doc:"Share of the futures."`
	Payback    CapitalSpread     `json:"payback_years"`
	NeverBack  float64           `json:"never_paid_back"`
	Equity     CapitalSpread     `json:"equity"`
	Least      CapitalSpread     `json:"least_cash"`
	Broke      float64           `json:"cash_runs_out" doc:"Probability."`
	BrokeError float64           `json:"cash_runs_out_error"`
	Runway     *float64          `json:"runway_months,omitempty" doc:"Until cash is gone on the worst 5 %; absent: it lasts."`
	CFaR       float64           `json:"cash_flow_at_risk"`
	CFaRError  float64           `json:"cash_flow_at_risk_error"`
	AtRisk     float64           `json:"value_at_risk"`
	CVaR       float64           `json:"cvar"`
	CVaRError  float64           `json:"cvar_error"`
	Calls      float64           `json:"margin_calls"`
	Liquidated float64           `json:"liquidated"`
	Planned    CapitalPlanned    `json:"planned"`
	Quarters   []string          `json:"quarters" doc:"Last month of each."`
	Fans       []CapitalFan      `json:"fans"`
	Covenants  []CapitalPromise  `json:"covenants"`
	Ready      []CapitalReady    `json:"ready"`
	Tornado    []CapitalBar      `json:"tornado"`
	Scenarios  []CapitalScenario `json:"scenarios"`
	Worst      *CapitalMove      `json:"reverse,omitempty" doc:"Absent: it was not looked for. Without a promise: nothing that was tried breaks one."`
	Alone      []CapitalMove     `json:"reverse_alone"`
	Drivers    []CapitalDriver   `json:"drivers"`
	Converges  []CapitalPoint    `json:"convergence"`
	Coverage   []CapitalCovered  `json:"coverage"`
	Warnings   []string          `json:"warnings" doc:"In English."`
}

// CapitalRests is what the futures rest on.
type CapitalRests struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Weeks  int    `json:"weeks"`
}

// CapitalPlanned is the same on the path that the plan expects.
type CapitalPlanned struct {
	NPV     float64  `json:"npv"`
	IRR     *float64 `json:"irr,omitempty"`
	Payback *float64 `json:"payback_years,omitempty"`
	Equity  float64  `json:"equity"`
	Least   float64  `json:"least_cash"`
}

// CapitalFan is a row by quarter with its spread.
type CapitalFan struct {
	Name string          `json:"name" doc:"cash, debt, BTC held, cash before financing, DSCR."`
	At   []CapitalSpread `json:"at"`
}

// CapitalPromise is a covenant on all futures.
type CapitalPromise struct {
	Name   string     `json:"name"`
	Kind   string     `json:"kind" enum:"dscr,ltv,liquidity,leverage"`
	Limit  float64    `json:"limit"`
	Breach []*float64 `json:"breach" doc:"Probability by quarter; null: it is not tested then."`
	Error  []float64  `json:"standard_error"`
	Room   []*float64 `json:"headroom_p5" doc:"That 5 % of the futures stay below; null: without bound."`
	Ever   float64    `json:"ever"`
	First  []float64  `json:"first_breach" doc:"By quarter: probability that it is the first."`
}

// CapitalReady is when a project is finished, in months from the begin of the plan.
type CapitalReady struct {
	Project string        `json:"project"`
	At      CapitalSpread `json:"at"`
}

// CapitalBar is what moving one input does.
type CapitalBar struct {
	Input string  `json:"input"`
	Low   string  `json:"low" doc:"With its unit."`
	High  string  `json:"high"`
	From  string  `json:"from" doc:"Where the range comes from."`
	AtLow float64 `json:"npv_low"`
	AtTop float64 `json:"npv_high"`
}

// CapitalScenario is a future with a name.
type CapitalScenario struct {
	Name    string   `json:"name"`
	Void    string   `json:"void,omitempty" doc:"Why it says nothing about this plan."`
	NPV     *float64 `json:"npv,omitempty"`
	Equity  *float64 `json:"equity,omitempty"`
	Least   *float64 `json:"least_cash,omitempty"`
	Breach  string   `json:"first_breach,omitempty" doc:"Covenant; absent: none."`
	Quarter string   `json:"breach_quarter,omitempty" doc:"Its last month."`
	Broke   string   `json:"cash_runs_out,omitempty" doc:"Month; absent: never."`
}

// CapitalMove is a joint move of inputs.
type CapitalMove struct {
	Breaks string  `json:"breaks,omitempty" doc:"Absent: it breaks nothing."`
	Month  string  `json:"month,omitempty"`
	Size   float64 `json:"standard_deviations" doc:"Of a year, all inputs together."`
	Price  float64 `json:"bitcoin" doc:"Change, a share."`
	Hash   float64 `json:"bitcoin_per_hash"`
	Power  float64 `json:"power"`
	Delay  float64 `json:"delay_months"`
}

// CapitalDriver is how much of the spread one factor alone explains.
type CapitalDriver struct {
	Factor string  `json:"factor"`
	Index  float64 `json:"first_order"`
	Error  float64 `json:"standard_error"`
}

// CapitalPoint is what an estimate was after some of the futures.
type CapitalPoint struct {
	Paths int     `json:"futures"`
	Mean  float64 `json:"mean"`
	Error float64 `json:"standard_error"`
}

// CapitalCovered is how often bands held what happened.
type CapitalCovered struct {
	Model   string  `json:"model"`
	Weeks   int     `json:"weeks"`
	Origins int     `json:"origins"`
	Inner   float64 `json:"p10_p90"`
	Outer   float64 `json:"p5_p95"`
	Above   float64 `json:"above_p95"`
	Below   float64 `json:"below_p5"`
}
