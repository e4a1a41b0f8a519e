package capital

// Plan is a company with its sites and what it means to do with them, over 1 to 20
// years. All money is in whole units of the plan's currency, never in thousands or
// millions. A plan is an object with versions: a change is a new Version.
type Plan struct {
	Name      string             `yaml:"plan" json:"plan"`
	Version   int                `yaml:"version" json:"version"`
	Currency  string             `yaml:"currency" json:"currency"`
	Rates     map[string]float64 `yaml:"rates" json:"rates,omitempty"` // units of the plan's currency for one of another
	Begin     Month              `yaml:"begin" json:"begin"`
	Years     int                `yaml:"years" json:"years"`
	Discount  float64            `yaml:"discount_rate" json:"discount_rate"`   // of a year
	Inflation float64            `yaml:"opex_escalator" json:"opex_escalator"` // of a year, on every opex
	Terminal  float64            `yaml:"terminal_ebitda_multiple" json:"terminal_ebitda_multiple"`
	Overhead  float64            `yaml:"overhead_per_year" json:"overhead_per_year"`
	Tax       Tax                `yaml:"tax" json:"tax"`
	Market    Market             `yaml:"market" json:"market"`
	Opening   Opening            `yaml:"opening" json:"opening"`
	Sites     []Site             `yaml:"sites" json:"sites"`
	Projects  []Project          `yaml:"projects" json:"projects,omitempty"`
	Loans     []Loan             `yaml:"loans" json:"loans,omitempty"`
	Pledges   []Pledge           `yaml:"pledges" json:"pledges,omitempty"`
	Revolver  Revolver           `yaml:"revolver" json:"revolver"`
	Rounds    []Round            `yaml:"funding" json:"funding,omitempty"`
	Covenants []Covenant         `yaml:"covenants" json:"covenants,omitempty"`
	Treasury  Treasury           `yaml:"treasury" json:"treasury"`
	Hedges    []Hedge            `yaml:"hedges" json:"hedges,omitempty"`
	Sources   map[string]Source  `yaml:"sources" json:"sources,omitempty"` // by the place of the figure, such as projects.washington.gross_mw
	Published []Published        `yaml:"published" json:"published,omitempty"`
}

// Months is how long the plan is.
func (p Plan) Months() int { return 12 * p.Years }

// End is the first month after the plan.
func (p Plan) End() Month { return p.Begin.Add(p.Months()) }

// Standing says how a figure came to be.
type Standing string

// The standings of figures.
const (
	Measured  Standing = "measured"
	Signed    Standing = "contract"  // stands in a signed paper
	PublicFig Standing = "published" // said by the company itself in public
	Press     Standing = "press"     // said by somebody else
	Assumed   Standing = "assumed"
)

// Source says where a figure comes from.
type Source struct {
	From     string   `yaml:"from" json:"from"`
	Standing Standing `yaml:"standing" json:"standing"`
	Base     string   `yaml:"base" json:"base,omitempty"` // gross MW, critical MW, rack: what a figure "per MW" is per
}

// Published is a figure that somebody published and that a plan is held against.
type Published struct {
	What  string  `yaml:"what" json:"what"`
	Value float64 `yaml:"value" json:"value"`
	Unit  string  `yaml:"unit" json:"unit"`
	From  string  `yaml:"from" json:"from"`
	Our   string  `yaml:"ours" json:"ours,omitempty"` // the figure of the plan that it should equal
}

// Tax is a plain rate on profit, with losses carried forward.
type Tax struct {
	Rate   float64 `yaml:"rate" json:"rate"`
	Losses float64 `yaml:"losses_brought_forward" json:"losses_brought_forward"`
}

// Market is what the plan expects of bitcoin. Paths of chance leave from the same point.
type Market struct {
	Price      float64 `yaml:"btc_price" json:"btc_price"`                       // at the begin, per BTC
	Drift      float64 `yaml:"btc_drift" json:"btc_drift"`                       // of a year
	Difficulty float64 `yaml:"difficulty" json:"difficulty"`                     // at the begin
	Growth     float64 `yaml:"difficulty_growth" json:"difficulty_growth"`       // of a year
	Height     int64   `yaml:"height" json:"height"`                             // of the chain at the begin
	Fees       float64 `yaml:"fee_share_of_subsidy" json:"fee_share_of_subsidy"` // fees over subsidy
	Fleet      float64 `yaml:"network_j_per_th" json:"network_j_per_th"`         // of the average machine of the network
	Newer      float64 `yaml:"network_j_per_th_trend" json:"network_j_per_th_trend"`
	RentDecay  float64 `yaml:"gpu_rent_decay" json:"gpu_rent_decay"` // of a year, 0.25: a quarter less each year
}

// Opening is the balance sheet with which the plan begins.
type Opening struct {
	Cash  float64 `yaml:"cash" json:"cash"`
	BTC   float64 `yaml:"btc" json:"btc"`     // coins
	Plant float64 `yaml:"plant" json:"plant"` // book value, written off over PlantYears
	Years float64 `yaml:"plant_years" json:"plant_years"`
	Taxed float64 `yaml:"plant_tax_value" json:"plant_tax_value"` // what is left to be deducted, over the same years
}

// Site is a place with a connection and what mines there.
type Site struct {
	Name  string  `yaml:"name" json:"name"`
	Gross float64 `yaml:"gross_mw" json:"gross_mw"`
	Fleet Fleet   `yaml:"fleet" json:"fleet"`
	Power Power   `yaml:"power" json:"power"`
	Opex  float64 `yaml:"opex_per_year" json:"opex_per_year"`
}

// Fleet is the machines of a site that mine.
type Fleet struct {
	MW         float64 `yaml:"mw" json:"mw"` // at the meter
	Efficiency float64 `yaml:"j_per_th" json:"j_per_th"`
	PUE        float64 `yaml:"pue" json:"pue"`
	Fee        float64 `yaml:"pool_fee" json:"pool_fee"`
	Uptime     float64 `yaml:"uptime" json:"uptime"`
	Other      float64 `yaml:"other_per_mwh" json:"other_per_mwh"`           // cost of mining beside power
	Upkeep     float64 `yaml:"upkeep_per_mw_year" json:"upkeep_per_mw_year"` // money that keeps the fleet as it is
	Resale     float64 `yaml:"resale_per_mw" json:"resale_per_mw"`           // received for machines that a project displaces
}

// Power is what a site pays for energy: a price for each year, or its own history
// of prices scaled to it.
type Power struct {
	Price    []float64 `yaml:"price_per_mwh" json:"price_per_mwh"` // by year of the plan; the last goes on
	Delivery float64   `yaml:"delivery_per_mwh" json:"delivery_per_mwh"`
	History  string    `yaml:"history" json:"history,omitempty"` // name of a history of hourly prices; empty: every hour costs the same
}

// Project turns megawatts of a site into something else.
type Project struct {
	Name      string      `yaml:"name" json:"name"`
	Site      string      `yaml:"site" json:"site"`
	Currency  string      `yaml:"currency" json:"currency,omitempty"`
	Gross     float64     `yaml:"gross_mw" json:"gross_mw"`
	Critical  float64     `yaml:"critical_mw" json:"critical_mw"`
	PUE       float64     `yaml:"pue" json:"pue"`
	Begin     Month       `yaml:"begin" json:"begin"`
	Capex     float64     `yaml:"capex" json:"capex"` // what the phases must add up to
	Phases    []Phase     `yaml:"phases" json:"phases"`
	Equipment []Equipment `yaml:"equipment" json:"equipment,omitempty"`
	Contract  Lease       `yaml:"contract" json:"contract"`
	Displaces bool        `yaml:"displaces_mining" json:"displaces_mining"`
	Opex      float64     `yaml:"opex_per_critical_mw_year" json:"opex_per_critical_mw_year"`
	Slip      Slip        `yaml:"slip" json:"slip"`
	Residual  float64     `yaml:"facility_residual" json:"facility_residual"` // share of capex received at the end of the plan
	Restore   float64     `yaml:"decommissioning" json:"decommissioning"`     // cost at the end of the plan
	Actuals   []Actual    `yaml:"actuals" json:"actuals,omitempty"`
}

// Phase is a step of a project. It costs money along a curve while it lasts, and at
// its end some megawatts are energised.
type Phase struct {
	Name     string   `yaml:"name" json:"name"`
	Kind     string   `yaml:"kind" json:"kind"`
	After    []string `yaml:"after" json:"after,omitempty"`
	Currency string   `yaml:"currency" json:"currency,omitempty"`
	Cost     float64  `yaml:"cost" json:"cost"`
	Months   float64  `yaml:"months" json:"months"`
	MW       float64  `yaml:"energises_mw" json:"energises_mw"` // gross
	Years    float64  `yaml:"life_years" json:"life_years"`
	Tax      string   `yaml:"tax_life" json:"tax_life,omitempty"` // five-year, seven-year, straight
	Salvage  float64  `yaml:"salvage" json:"salvage"`             // share of what was paid, when the project is given up
}

// Equipment is bought for a project and ages on its own: GPUs, networks.
type Equipment struct {
	Name     string  `yaml:"name" json:"name"`
	Currency string  `yaml:"currency" json:"currency,omitempty"`
	Cost     float64 `yaml:"cost" json:"cost"`
	Lead     float64 `yaml:"months_before_energised" json:"months_before_energised"`
	Years    float64 `yaml:"life_years" json:"life_years"`
	Tax      string  `yaml:"tax_life" json:"tax_life,omitempty"`
	Residual float64 `yaml:"residual" json:"residual"` // share of cost received at the end of its life
}

// Lease is what a tenant pays, and how sure that is. Rates are of the plan's
// currency unless Currency says otherwise.
type Lease struct {
	Product      string    `yaml:"product" json:"product,omitempty"`
	Counterparty string    `yaml:"counterparty" json:"counterparty,omitempty"`
	Currency     string    `yaml:"currency" json:"currency,omitempty"`
	MW           float64   `yaml:"critical_mw" json:"critical_mw"`
	Rate         float64   `yaml:"rate" json:"rate"`
	Unit         string    `yaml:"unit" json:"unit,omitempty"` // per kW-month, per MW-year, per GPU-hour
	KW           float64   `yaml:"kw_per_gpu" json:"kw_per_gpu"`
	Billed       float64   `yaml:"billed_utilisation" json:"billed_utilisation"` // of what is not take-or-pay
	Firm         float64   `yaml:"take_or_pay" json:"take_or_pay"`               // share that is paid whatever is used
	Starts       Month     `yaml:"starts" json:"starts"`                         // as written in the contract; 0: when energised
	Ends         Month     `yaml:"ends" json:"ends"`
	Term         int       `yaml:"term_months" json:"term_months"`
	Escalator    float64   `yaml:"escalator" json:"escalator"` // of a year
	Ramp         []float64 `yaml:"ramp" json:"ramp,omitempty"` // share paid in the first months
	Prepaid      float64   `yaml:"prepaid" json:"prepaid"`     // share of the whole that is paid when the project begins
	CreditFrom   int       `yaml:"credited_from_month" json:"credited_from_month"`
	CreditTo     int       `yaml:"credited_to_month" json:"credited_to_month"`
	Credits      float64   `yaml:"expected_credits" json:"expected_credits"` // share of rent given back for missed service
	PassThrough  bool      `yaml:"power_passed_through" json:"power_passed_through"`
	Load         float64   `yaml:"load" json:"load"`                         // share of gross power that is drawn
	Default      float64   `yaml:"default_per_year" json:"default_per_year"` // intensity
	Vacancy      float64   `yaml:"vacancy_months" json:"vacancy_months"`
	Renewal      float64   `yaml:"renewal_share" json:"renewal_share"` // of the last rate, before the index of rents
}

// Slip is by how much phases are late and dear, as lognormal multipliers.
type Slip struct {
	Mean        float64 `yaml:"mean" json:"mean"`
	OnTime      float64 `yaml:"on_time" json:"on_time"` // probability
	Overrun     float64 `yaml:"overrun_mean" json:"overrun_mean"`
	OnBudget    float64 `yaml:"on_budget" json:"on_budget"` // probability
	Correlation float64 `yaml:"correlation" json:"correlation"`
}

// Actual is what a month of a project has cost in fact, and which phase it was for.
type Actual struct {
	Month Month   `yaml:"month" json:"month"`
	Phase string  `yaml:"phase" json:"phase"`
	Paid  float64 `yaml:"paid" json:"paid"`
	Done  float64 `yaml:"done" json:"done"` // share of the phase that is finished
}

// Loan is borrowed for a project, or for the company.
type Loan struct {
	Name       string   `yaml:"name" json:"name"`
	For        string   `yaml:"for" json:"for,omitempty"` // project; empty: the company
	After      []string `yaml:"after" json:"after,omitempty"`
	Currency   string   `yaml:"currency" json:"currency,omitempty"`
	Kind       string   `yaml:"kind" json:"kind"` // sculpted, annuity, linear, bullet
	Amount     float64  `yaml:"amount" json:"amount"`
	First      Month    `yaml:"first" json:"first"` // month of the draw, of a loan to the company
	Rate       float64  `yaml:"rate" json:"rate"`   // of a year, a twelfth each month
	DSCR       float64  `yaml:"dscr" json:"dscr"`
	MostOfCost float64  `yaml:"most_of_cost" json:"most_of_cost"`
	Tenor      int      `yaml:"tenor_months" json:"tenor_months"`
	OnlyIntr   int      `yaml:"interest_only_months" json:"interest_only_months"`
	Order      string   `yaml:"draws" json:"draws,omitempty"` // equity first, pro rata, debt first
	Commitment float64  `yaml:"commitment_fee" json:"commitment_fee"`
	Upfront    float64  `yaml:"upfront_fee" json:"upfront_fee"`
	Reserve    float64  `yaml:"reserve_months" json:"reserve_months"`
	Sweep      float64  `yaml:"sweep" json:"sweep"`
	SweepBelow float64  `yaml:"sweep_below_dscr" json:"sweep_below_dscr"`
}

// Pledge is a loan against bitcoin.
type Pledge struct {
	Name      string  `yaml:"name" json:"name"`
	Amount    float64 `yaml:"amount" json:"amount"`
	First     Month   `yaml:"first" json:"first"`
	Months    int     `yaml:"months" json:"months"`
	Rate      float64 `yaml:"rate" json:"rate"`
	LTV       float64 `yaml:"ltv" json:"ltv"`
	Call      float64 `yaml:"call_ltv" json:"call_ltv"`
	Cure      float64 `yaml:"cure_ltv" json:"cure_ltv"`
	Liquidate float64 `yaml:"liquidation_ltv" json:"liquidation_ltv"`
}

// Revolver is a line that covers a month without cash. Without one, cash may not
// run out in the plan, and paths on which it does are counted.
type Revolver struct {
	Name  string  `yaml:"name" json:"name,omitempty"`
	Limit float64 `yaml:"limit" json:"limit"`
	Rate  float64 `yaml:"rate" json:"rate"`
	Fee   float64 `yaml:"commitment_fee" json:"commitment_fee"`
}

// Round is equity paid in.
type Round struct {
	Name   string   `yaml:"name" json:"name"`
	Month  Month    `yaml:"month" json:"month"`
	Amount float64  `yaml:"amount" json:"amount"`
	After  []string `yaml:"after" json:"after,omitempty"` // what must be closed before
}

// Covenant is a promise to lenders.
type Covenant struct {
	Name  string  `yaml:"name" json:"name"`
	Kind  string  `yaml:"kind" json:"kind"` // dscr, ltv, liquidity, leverage
	Limit float64 `yaml:"limit" json:"limit"`
	From  Month   `yaml:"from" json:"from"`
}

// Treasury is what happens to mined bitcoin, and to cash that is left. The words are
// those of capital/treasury.
type Treasury struct {
	Policy    string  `yaml:"policy" json:"policy"` // hold, sell-all, part, cover, threshold, average
	Cover     float64 `yaml:"cover_days" json:"cover_days"`
	Floor     float64 `yaml:"cash_floor" json:"cash_floor"`
	Ceiling   float64 `yaml:"cash_ceiling" json:"cash_ceiling"`
	Share     float64 `yaml:"share" json:"share"`
	Least     float64 `yaml:"least_share" json:"least_share"`
	Every     int     `yaml:"every_weeks" json:"every_weeks"`
	Evenly    bool    `yaml:"evenly" json:"evenly"`
	Keep      float64 `yaml:"keep_btc" json:"keep_btc"`
	Owners    float64 `yaml:"distribute" json:"distribute"` // share of the cash above DistributeAbove that owners get at each year's end
	OwnersMin float64 `yaml:"distribute_above" json:"distribute_above"`
}

// Hedge pays for one risk with another.
type Hedge struct {
	Name   string  `yaml:"name" json:"name"`
	Kind   string  `yaml:"kind" json:"kind"` // futures, put, hashprice
	From   Month   `yaml:"from" json:"from"`
	To     Month   `yaml:"to" json:"to"`         // the first month without it
	Size   float64 `yaml:"size" json:"size"`     // BTC a month, or PH/s
	Strike float64 `yaml:"strike" json:"strike"` // per BTC, or per PH/s and day
	Cost   float64 `yaml:"cost" json:"cost"`     // per BTC or per PH/s and day
}
