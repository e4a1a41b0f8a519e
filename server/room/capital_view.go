package room

import (
	"encoding/json"
	"time"
)

// CapitalHead is a plan in the list of them. Amounts of plans are estimates: numbers in
// whole units of the plan's currency.
type CapitalHead struct {
	Name     string         `json:"name" doc:"Of the object."`
	Version  int64          `json:"version" doc:"Of the object; counts its changes from 1."`
	Changed  time.Time      `json:"changed"`
	By       string         `json:"by" doc:"Who made this version."`
	Plan     string         `json:"plan" doc:"What the plan calls itself."`
	Currency string         `json:"currency"`
	Begin    string         `json:"begin" doc:"First month." example:"2026-01"`
	Years    int            `json:"years"`
	Answer   *CapitalAnswer `json:"answer,omitempty" doc:"Absent: it is being worked out, or cannot be."`
	Pending  bool           `json:"pending" doc:"It is being worked out: ask again."`
	Faults   []string       `json:"faults,omitempty" doc:"Why it cannot be worked out."`
}

// CapitalList are the plans, and those that are shipped to begin with.
type CapitalList struct {
	Plans    []CapitalHead    `json:"plans" doc:"By name."`
	Examples []CapitalExample `json:"examples"`
	Can      bool             `json:"can" doc:"This control room works plans out."`
}

// CapitalExample is a shipped plan as an object, to be changed and applied.
type CapitalExample struct {
	Name string `json:"name"`
	Says string `json:"says" doc:"What the plan calls itself."`
	YAML string `json:"yaml" doc:"The object, with the remarks of its author."`
}

// CapitalPlan is a plan and what it comes to on the path that it expects.
type CapitalPlan struct {
	CapitalHead

	Labels map[string]string `json:"labels,omitempty" doc:"Of the object."`

	Spec json.RawMessage `json:"spec" doc:"As the schema of the kind Plan says."`
	Work *CapitalWork    `json:"work,omitempty" doc:"Absent: it cannot be worked out, and faults say why."`
}

// CapitalWork is a plan that was worked out. Shares are from 0 to 1, months counted from
// the begin of the plan.
type CapitalWork struct {
	Plan       string             `json:"plan"`
	Version    int                `json:"version" doc:"That the plan gives itself."`
	Currency   string             `json:"currency"`
	Begin      string             `json:"begin" example:"2026-01"`
	Years      int                `json:"years"`
	Discount   float64            `json:"discount_rate"`
	Without    string             `json:"without,omitempty" doc:"The project that is left out."`
	Figures    []CapitalFigure    `json:"figures"`
	Histories  []CapitalHistory   `json:"histories"`
	Answer     CapitalAnswer      `json:"answer"`
	Projects   []CapitalProject   `json:"projects"`
	Spend      CapitalSpend       `json:"spend"`
	Periods    []string           `json:"periods" doc:"Years of the plan."`
	Statements []CapitalStatement `json:"statements"`
	Coverage   []*float64         `json:"dscr" doc:"By period; null: nothing was due."`
	Covenants  []CapitalKept      `json:"covenants"`
	Published  []CapitalClaim     `json:"published"`
}

// CapitalFigure is one assumption.
type CapitalFigure struct {
	Place    string  `json:"place" doc:"Where it stands in the plan." example:"projects.washington.gross_mw"`
	Value    float64 `json:"value" doc:"Of a month: months since the year 0."`
	Text     string  `json:"text" doc:"As a plan writes it: 0.11, 2026-04."`
	Unit     string  `json:"unit,omitempty"`
	Month    bool    `json:"month,omitempty" doc:"It is a month."`
	Share    bool    `json:"share,omitempty" doc:"It is a share: 0.11 is 11 %."`
	Standing string  `json:"standing" enum:"measured,contract,published,press,assumed"`
	From     string  `json:"from,omitempty" doc:"Where it comes from."`
	Base     string  `json:"base,omitempty" doc:"What a figure per MW is per."`
}

// CapitalHistory is power prices that a plan rests on.
type CapitalHistory struct {
	Name      string  `json:"name"`
	File      string  `json:"file"`
	SHA256    string  `json:"sha256"`
	Weeks     int     `json:"weeks"`
	Mean      float64 `json:"mean_per_mwh"`
	Filled    int     `json:"intervals_filled"`
	Synthetic bool    `json:"synthetic" doc:"Made up: a record of no market."`
}

// CapitalWorth is what payments come to.
type CapitalWorth struct {
	Left    float64  `json:"at_the_end" doc:"What the end adds."`
	NPV     float64  `json:"npv"`
	IRR     *float64 `json:"irr,omitempty" doc:"Of a year; absent: there is none."`
	Several bool     `json:"several_irr,omitempty"`
}

// CapitalWorths are the same payments with three ways to end them.
type CapitalWorths struct {
	Bare     CapitalWorth `json:"without_terminal_value"`
	Residual CapitalWorth `json:"with_residual_values"`
	Multiple CapitalWorth `json:"with_ebitda_multiple"`
}

// CapitalAnswer is what a plan comes to.
type CapitalAnswer struct {
	CapitalWorths

	Payback    *float64 `json:"payback_years,omitempty" doc:"Absent: not within the plan."`
	Peak       float64  `json:"peak_funding_need" doc:"Most money that is needed before anything is financed."`
	PeakAt     string   `json:"peak_funding_month,omitempty"`
	Broke      string   `json:"first_month_without_cash,omitempty" doc:"Absent: none."`
	Unfunded   float64  `json:"most_unfunded"`
	Least      float64  `json:"least_cash"`
	LeastAt    string   `json:"least_cash_month,omitempty"`
	Liquidated int      `json:"liquidations,omitempty" doc:"Of pledged coins."`
	Figures    int      `json:"figures"`
	Assumed    int      `json:"assumed" doc:"Figures without a source."`
}

// CapitalProject is what a project brings.
type CapitalProject struct {
	Name       string         `json:"project"`
	Site       string         `json:"site"`
	Displaces  bool           `json:"displaces_mining"`
	Gross      float64        `json:"gross_mw"`
	Critical   float64        `json:"critical_mw"`
	Ready      float64        `json:"ready_months" doc:"Months from the begin of the plan until all phases are finished."`
	First      string         `json:"first_rent,omitempty" doc:"Month; absent: none within the plan."`
	Facility   float64        `json:"facility"`
	Equipment  float64        `json:"equipment"`
	PerGross   float64        `json:"facility_per_gross_mw"`
	PerIT      float64        `json:"facility_per_critical_mw"`
	Rent       float64        `json:"first_year_rent"`
	EBITDA     float64        `json:"first_year_ebitda"`
	Alone      CapitalWorths  `json:"alone"`
	Against    CapitalWorths  `json:"against_the_plan_without_it" doc:"With the mining that it displaces."`
	Unit       string         `json:"levelised_unit,omitempty"`
	Cost       float64        `json:"levelised_cost"`
	Whole      float64        `json:"levelised_cost_with_mining_forgone"`
	Brings     float64        `json:"levelised_rent"`
	Delays     []CapitalDelay `json:"delays"`
	Phases     []CapitalPhase `json:"phases"`
	Paid       *float64       `json:"paid,omitempty" doc:"In fact, so far; absent: no month of it is reported."`
	Budget     float64        `json:"budget" doc:"Of its phases."`
	Completion *float64       `json:"forecast_at_completion,omitempty" doc:"Of what is reported and what is left."`
	Until      string         `json:"reported_until,omitempty" doc:"Last month with actuals."`
}

// CapitalDelay is what a delay of some months takes.
type CapitalDelay struct {
	Months   int     `json:"months"`
	Rent     float64 `json:"rent"`
	Opex     float64 `json:"operations"`
	Mining   float64 `json:"mining_kept"`
	Interest float64 `json:"interest"`
	NPV      float64 `json:"npv"`
}

// CapitalPhase is a step of a project: when it is meant to be finished, when it may be,
// and what it has cost so far.
type CapitalPhase struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind,omitempty"`
	After    []string `json:"after,omitempty"`
	MW       float64  `json:"energises_mw,omitempty"`
	Begin    float64  `json:"begin" doc:"As planned, months from the begin of the plan."`
	Finish   float64  `json:"finish" doc:"As planned."`
	Median   float64  `json:"begin_p50" doc:"When half of the futures begin it."`
	P10      float64  `json:"finish_p10"`
	P50      float64  `json:"finish_p50"`
	P90      float64  `json:"finish_p90"`
	Cost     float64  `json:"cost" doc:"As planned."`
	CostP90  float64  `json:"cost_p90"`
	Paid     *float64 `json:"paid,omitempty" doc:"In fact; absent: nothing is reported."`
	Done     *float64 `json:"done,omitempty" doc:"Share that is finished in fact."`
	Planned  *float64 `json:"planned_done,omitempty" doc:"Share that was to be finished by the last month that is reported."`
	Forecast *float64 `json:"forecast_cost,omitempty" doc:"Paid over done: what it costs in the end, if it goes on so."`
	Ends     *float64 `json:"forecast_finish,omitempty" doc:"When it is finished, if it goes on so."`
}

// CapitalSpend is money paid for building and equipment, summed up by month.
type CapitalSpend struct {
	Planned []float64  `json:"planned"`
	P10     []float64  `json:"p10" doc:"By how late and how dear phases may become."`
	P50     []float64  `json:"p50"`
	P90     []float64  `json:"p90"`
	Paid    []*float64 `json:"paid,omitempty" doc:"In fact; null: not reported. Absent: nothing is."`
	Draws   int        `json:"draws" doc:"Futures of which the bands are made."`
}

// CapitalStatement is one statement over all periods.
type CapitalStatement struct {
	Name  string        `json:"statement"`
	Lines []CapitalLine `json:"lines"`
}

// CapitalLine is a line of a statement.
type CapitalLine struct {
	Name   string    `json:"line"`
	Sum    bool      `json:"sum" doc:"Of lines above."`
	Values []float64 `json:"values"`
}

// CapitalKept is a covenant and how near the plan comes to it.
type CapitalKept struct {
	Name   string   `json:"covenant"`
	Kind   string   `json:"kind" enum:"dscr,ltv,liquidity,leverage"`
	Limit  float64  `json:"limit"`
	Worst  *float64 `json:"worst,omitempty" doc:"Absent: never tested, or without bound."`
	At     string   `json:"worst_month,omitempty"`
	Breach string   `json:"first_breach,omitempty" doc:"Absent: none."`
}

// CapitalClaim is a figure that somebody published, and what the plan makes of it.
type CapitalClaim struct {
	What     string           `json:"what"`
	Low      float64          `json:"low"`
	High     float64          `json:"high"`
	Unit     string           `json:"unit,omitempty"`
	From     string           `json:"from,omitempty"`
	Ours     string           `json:"ours,omitempty" doc:"Place of the figure that it is held against."`
	Contrary bool             `json:"contradicted"`
	Findings []CapitalFinding `json:"findings"`
}

// CapitalFinding is one thing that follows, in English.
type CapitalFinding struct {
	Says     string `json:"says"`
	Contrary bool   `json:"contrary"`
}

// CapitalWish is a figure of a plan with another value.
type CapitalWish struct {
	Place string `json:"place" minLength:"1" maxLength:"400"`
	Value string `json:"value" minLength:"1" maxLength:"60" doc:"As a plan writes it: 0.11, 60000000, 2026-04."`
}

// CapitalWhatIf is a plan with other figures beside the one that stands. Nothing is kept.
type CapitalWhatIf struct {
	Version int64           `json:"version" doc:"Of the plan that stands."`
	Saved   CapitalWork     `json:"saved"`
	Changed CapitalWork     `json:"changed"`
	Spec    json.RawMessage `json:"spec" doc:"The changed plan, to be put as a new version."`
}
