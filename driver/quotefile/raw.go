package quotefile

// raw is a quote file as it is written. Numbers are texts, so that no digit is lost.
type raw struct {
	Quote       string            `yaml:"quote"`
	Size        string            `yaml:"facility_mw"`
	Term        string            `yaml:"term_years"`
	Asked       string            `yaml:"asked_usd_per_gpu_hour"`
	Inputs      map[string]string `yaml:"inputs"`
	Sources     map[string]string `yaml:"sources"`
	Colocation  *rawColocation    `yaml:"colocation"`
	Idle        string            `yaml:"idle_kw_per_gpu"`
	Flexibility *rawFlexibility   `yaml:"flexibility"`
	Headline    *rawHeadline      `yaml:"headline"`
	Market      []rawMarket       `yaml:"market"`
	Changes     []rawChange       `yaml:"sensitivities"`

	Outlook rawOutlook `yaml:",inline"`
}

// rawOutlook is where the markets may go; it may stand in a file of its own.
type rawOutlook struct {
	Scenarios []rawScenario `yaml:"scenarios"`
	Walk      *rawWalk      `yaml:"monte_carlo"`
}

type rawColocation struct {
	Operations string `yaml:"operations_usd_per_mw_year"`
	Occupancy  string `yaml:"occupancy"`
	Energy     string `yaml:"energy"`
	Asked      string `yaml:"asked_usd_per_kw_month"`
	Source     string `yaml:"source"`
}

type rawFlexibility struct {
	Hours  string `yaml:"hours_per_year"`
	Value  string `yaml:"value_usd_per_mwh"`
	Peak   string `yaml:"peak_usd_per_mw_year"`
	Source string `yaml:"source"`
}

type rawHeadline struct {
	Name       string    `yaml:"name"`
	Revenue    string    `yaml:"revenue_usd"`
	Years      string    `yaml:"years"`
	Equipment  string    `yaml:"equipment_usd"`
	Hall       string    `yaml:"datacentre_usd"`
	Prepayment string    `yaml:"prepayment_usd"`
	Credited   string    `yaml:"prepayment_set_off_from_year"`
	Margin     string    `yaml:"margin"`
	Left       []rawRest `yaml:"left_at_end"`
	Source     string    `yaml:"source"`
}

type rawRest struct {
	Name      string `yaml:"name"`
	Hall      string `yaml:"datacentre"`
	Equipment string `yaml:"equipment"`
}

type rawMarket struct {
	Name   string `yaml:"name"`
	Price  string `yaml:"usd_per_gpu_hour"`
	Power  string `yaml:"gpu_kw"`
	Source string `yaml:"source"`
}

type rawChange struct {
	Name string            `yaml:"name"`
	Set  map[string]string `yaml:"set"`
}

type rawScenario struct {
	Name        string   `yaml:"name"`
	Probability string   `yaml:"probability"`
	By          string   `yaml:"by"`
	Energy      []string `yaml:"energy_usd_per_mwh"`
	Hashprice   []string `yaml:"hashprice_usd_per_ph_day"`
	Source      string   `yaml:"source"`
}

type rawWalk struct {
	Around          string `yaml:"around"`
	HashVolatility  string `yaml:"hashprice_volatility"`
	PowerVolatility string `yaml:"energy_volatility_usd_per_mwh"`
	HalfLife        string `yaml:"energy_half_life_months"`
	Correlation     string `yaml:"correlation"`
	Paths           string `yaml:"paths"`
	Seed            string `yaml:"seed"`
	Source          string `yaml:"source"`
}
