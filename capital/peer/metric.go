package peer

import "strings"

// Kind is how a figure belongs to its period.
type Kind int

// The kinds of figures.
const (
	// Flow happens over the period: months of it sum to a quarter.
	Flow Kind = iota
	// Mean is an average over the period: months of it average to a quarter, each
	// with its days.
	Mean
	// Rate is a rate of the period, such as a cost of a bitcoin: it is of that period
	// alone, since its parts are not known.
	Rate
	// Balance is what there is at the end of the period's last day.
	Balance
	// State holds from its period on until another is told.
	State
	// Word is a text that holds from the first day of its period on.
	Word
)

// String is the name of the kind.
func (k Kind) String() string {
	return [...]string{"flow", "mean", "rate", "balance", "state", "word"}[k]
}

// Metric is a figure that is known.
type Metric struct {
	Name string
	Also []string // other names under which it is read
	Says string
	Kind Kind
	Unit string // in which it is kept; empty: it is a word
	// Low and High bound what is plausible, in Unit; what lies outside is warned of,
	// nought never. Of a signed figure with a Low above zero the size counts.
	Low, High float64
	Signed    bool // it may be below zero
	Items     bool // it may be of an item, which stands behind a colon: revenue:hosting
}

// Units are the units in which it may be written, that in which it is kept first.
func (m Metric) Units() []string {
	var out []string
	for _, s := range scales(m.Unit) {
		if s.name != unitWord {
			out = append(out, s.name)
		}
	}
	return out
}

// Names of the figures that formulas read.
const (
	mClass       = "class"
	mTicker      = "ticker"
	mOperating   = "operating_hashrate"
	mAverage     = "avg_operating_hashrate"
	mRealised    = "realized_hashrate"
	mEfficiency  = "fleet_efficiency"
	mGross       = "power_gross"
	mCritical    = "power_critical"
	mProduced    = "btc_produced"
	mHeld        = "btc_held"
	mSold        = "btc_sold"
	mSalePrice   = "btc_sale_price"
	mSaleNet     = "btc_sale_net_price"
	mCash        = "cash"
	mDebt        = "debt"
	mShares      = "shares"
	mSharePrice  = "share_price"
	mRevenue     = "revenue"
	mCashCost    = "cash_cost_per_btc"
	mAllIn       = "all_in_cost_per_btc"
	mTotalCost   = "total_cost"
	mEnergy      = "energy_used"
	mContract    = "contract_power"
	mContractUSD = "contract_revenue"
	mTerm        = "contract_term"
	mProject     = "project_cost"
	mProjGross   = "project_power_gross"
	mProjCrit    = "project_power_critical"
	mPerGross    = "capex_per_gross_mw"
	mPerCrit     = "capex_per_critical_mw"
	mContracted  = "power_contracted"
	mUtilised    = "power_utilised"
	mEBITDA      = "adjusted_ebitda"
	mMargin      = "gross_mining_margin"
	mHashcost    = "hashcost"
	mHashprice   = "hashprice"
	mPowerCost   = "all_in_power_cost"
	mCredits     = "total_power_credits"
)

// The band in which the cost of a megawatt is believed, USD: bare mining halls at its
// low end, halls with the newest GPUs in them at its high end.
const (
	perMWLow  = 1e6
	perMWHigh = 60e6
)

// The band in which the rent of a critical megawatt is believed, USD a year: from
// half of what colocation is let for to twice of what a GPU cloud earns.
const (
	rentLow  = 0.5e6
	rentHigh = 24e6
)

// Metrics are the figures that are known, in the order in which they are documented.
// What is plausible of each is an assumption: wide enough for every listed miner of
// 2021 to 2025, narrow enough that a wrong scale of a thousand falls outside.
func Metrics() []Metric {
	return []Metric{
		{Name: mClass, Kind: Word, Says: "what the company is: pure, hybrid or ai-first"},
		{Name: mTicker, Kind: Word, Says: "of its share, as the file of closes writes it"},
		{Name: mOperating, Also: []string{"hashrate"}, Kind: State, Unit: unitHashrate, Low: 0.05, High: 200, Says: "hashrate in operation at the end of the period"},
		{Name: mAverage, Kind: Mean, Unit: unitHashrate, Low: 0.05, High: 200, Says: "average operating hashrate of the period"},
		{Name: mRealised, Kind: Mean, Unit: unitHashrate, Low: 0.05, High: 200, Says: "hashrate derived from production: never held against production"},
		{Name: mEfficiency, Kind: State, Unit: unitEfficiency, Low: 8, High: 120, Says: "of the fleet, at the machines"},
		{Name: mGross, Kind: State, Unit: unitPower, Low: 1, High: 20_000, Says: "energised power of its sites, at the meter"},
		{Name: mCritical, Kind: State, Unit: unitPower, Low: 1, High: 20_000, Says: "critical IT power of its sites"},
		{Name: mContracted, Kind: State, Unit: unitPower, Low: 1, High: 50_000, Says: "power that is secured by contract, energised or not"},
		{Name: mUtilised, Kind: State, Unit: unitPower, Low: 1, High: 20_000, Says: "power that is in use"},
		{Name: mProduced, Also: []string{"btc_mined"}, Kind: Flow, Unit: unitBTC, Low: 1, High: 60_000, Says: "bitcoin mined in the period"},
		{Name: mHeld, Kind: Balance, Unit: unitBTC, Low: 0, High: 1_000_000, Says: "bitcoin owned at the end of the period, pledged ones too"},
		{Name: mSold, Kind: Flow, Unit: unitBTC, Low: 0, High: 60_000, Says: "bitcoin sold in the period"},
		{Name: mSalePrice, Kind: Rate, Unit: unitPerBTC, Low: 1000, High: 1e6, Says: "mean price of what was sold"},
		{Name: mSaleNet, Kind: Rate, Unit: unitPerBTC, Low: 1000, High: 1e6, Says: "mean price of what was sold, after fees"},
		{Name: mCash, Kind: Balance, Unit: unitMoney, Low: 1e5, High: 2e10, Says: "cash and what is as good, bitcoin not counted"},
		{Name: mDebt, Kind: Balance, Unit: unitMoney, Low: 1e5, High: 5e10, Says: "borrowed money and leases of finance; write 0 where there is none"},
		{Name: mShares, Kind: Balance, Unit: unitShares, Low: 1e6, High: 1e10, Says: "shares, as diluted as the source says"},
		{Name: mSharePrice, Kind: Balance, Unit: unitPerShare, Low: 0.05, High: 2000, Says: "close of the share, where no file of closes has it"},
		{Name: mRevenue, Kind: Flow, Unit: unitMoney, Low: 1e5, High: 2e10, Items: true, Says: "all revenue; revenue:mining, revenue:hosting and so on are its products"},
		{Name: mCashCost, Also: []string{"total_cash_cost_per_btc"}, Kind: Rate, Unit: unitPerBTC, Low: 1000, High: 1e6, Says: "cash cost of a bitcoin, as the company defines it"},
		{Name: mAllIn, Also: []string{"cost_incl_depreciation_sbc"}, Kind: Rate, Unit: unitPerBTC, Low: 1000, High: 1e6, Says: "cost of a bitcoin with depreciation and what is paid in shares"},
		{Name: mTotalCost, Kind: Flow, Unit: unitMoney, Low: 1e5, High: 2e10, Says: "all cost of mining: cash cost, depreciation, what is paid in shares, head office"},
		{Name: mEBITDA, Kind: Flow, Unit: unitMoney, Low: 1e4, High: 1e10, Signed: true, Says: "as the company adjusts it"},
		{Name: mMargin, Kind: Rate, Unit: unitPart, Low: -1, High: 1, Signed: true, Says: "as the company defines it"},
		{Name: mEnergy, Kind: Flow, Unit: unitEnergy, Low: 100, High: 1e8, Says: "energy that mining used, at the meter"},
		{Name: mPowerCost, Kind: Rate, Unit: unitPerMWh, Low: -50, High: 300, Signed: true, Says: "of a MWh, net of credits"},
		{Name: mCredits, Kind: Flow, Unit: unitMoney, Low: 0, High: 1e9, Says: "of curtailment and grid services"},
		{Name: mHashcost, Also: []string{"median_total_hashcost"}, Kind: Rate, Unit: unitHashprice, Low: 5, High: 500, Says: "cost of a PH/s for a day"},
		{Name: mHashprice, Also: []string{"avg_hashprice"}, Kind: Rate, Unit: unitHashprice, Low: 5, High: 2000, Says: "income of a PH/s for a day, as somebody published it"},
		{Name: mContract, Kind: State, Unit: unitPower, Low: 0.1, High: 5000, Items: true, Says: "critical MW of a contract on compute, named behind the colon"},
		{Name: mContractUSD, Kind: State, Unit: unitPerYear, Low: 1e5, High: 2e10, Items: true, Says: "what that contract pays a year"},
		{Name: mTerm, Kind: State, Unit: unitYears, Low: 0.5, High: 40, Items: true, Says: "how long that contract runs"},
		{Name: mProject, Kind: State, Unit: unitMoney, Low: 1e5, High: 5e10, Items: true, Says: "cost of a project, named behind the colon"},
		{Name: mProjGross, Kind: State, Unit: unitPower, Low: 0.1, High: 5000, Items: true, Says: "gross MW of that project"},
		{Name: mProjCrit, Kind: State, Unit: unitPower, Low: 0.1, High: 5000, Items: true, Says: "critical MW of that project"},
		{Name: mPerGross, Kind: State, Unit: unitPerMW, Low: perMWLow, High: perMWHigh, Items: true, Says: "cost of a gross MW, as published"},
		{Name: mPerCrit, Kind: State, Unit: unitPerMW, Low: perMWLow, High: perMWHigh, Items: true, Says: "cost of a critical MW, as published"},
	}
}

// The classes of companies.
const (
	Pure    = "pure"
	Hybrid  = "hybrid"
	AIFirst = "ai-first"
)

// Classes are the classes of companies.
func Classes() []string { return []string{Pure, Hybrid, AIFirst} }

// find is the figure of a name, and the item behind its colon.
func find(all []Metric, written string) (m Metric, item string, known bool) {
	name, item, colon := strings.Cut(written, ":")
	for _, m := range all {
		match := m.Name == name
		for _, also := range m.Also {
			match = match || also == name
		}
		if match && (m.Items || !colon) && (!colon || item != "") {
			return m, item, true
		}
	}
	return Metric{}, "", false
}
