package capital

// Words that plans use, as they are written in files.
const (
	PerKWMonth = "kw-month"
	PerMWYear  = "mw-year"
	PerGPUHour = "gpu-hour"

	Sculpted = "sculpted"
	Annuity  = "annuity"
	Linear   = "linear"
	Bullet   = "bullet"

	ProRata     = "pro-rata"
	EquityFirst = "equity-first"
	DebtFirst   = "debt-first"

	FiveYear  = "five-year"
	SevenYear = "seven-year"
	Straight  = "straight"

	Futures     = "futures"
	Put         = "put"
	HashForward = "hashprice"

	CoverDSCR      = "dscr"
	CoverLTV       = "ltv"
	CoverLiquidity = "liquidity"
	CoverLeverage  = "leverage"
)
