package contractfile

// raw is a contract file as it is written. Amounts are texts, so that no digit is lost.
type raw struct {
	Contract  string       `yaml:"contract"`
	Series    string       `yaml:"series"`
	Currency  string       `yaml:"currency"`
	Zone      string       `yaml:"time_zone"`
	Start     string       `yaml:"start"`
	Corrected int          `yaml:"corrections_months"`
	Seller    rawParty     `yaml:"seller"`
	Customer  rawParty     `yaml:"customer"`
	Versions  []rawVersion `yaml:"versions"`
	Prices    []rawPrice   `yaml:"prices"`
	Service   *rawService  `yaml:"service"`
	Assumed   []string     `yaml:"assumed"`
}

type rawParty struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	TaxID   string   `yaml:"tax_id"`
	Country string   `yaml:"country"`
	Address []string `yaml:"address"`
}

type rawVersion struct {
	Version int       `yaml:"version"`
	From    string    `yaml:"valid_from"`
	To      string    `yaml:"valid_to"`
	Terms   []rawTerm `yaml:"terms"`
}

type rawTerm struct {
	Name       string    `yaml:"name"`
	Kind       string    `yaml:"kind"`
	Component  string    `yaml:"component"`
	Price      string    `yaml:"price"`
	Unit       string    `yaml:"unit"`
	Model      string    `yaml:"model"`
	Bands      []rawBand `yaml:"bands"`
	Size       string    `yaml:"package"`
	IT         string    `yaml:"it_component"`
	Cap        string    `yaml:"pue_cap"`
	CapMinutes int64     `yaml:"cap_minutes"`
	Commitment string    `yaml:"commitment"`
	Ramp       []string  `yaml:"ramp"`
	Escalator  string    `yaml:"escalator"`
	Meters     []string  `yaml:"meters"`
	Sparse     bool      `yaml:"sparse"`
	Of         []string  `yaml:"of"`
	Rate       string    `yaml:"rate"`
}

type rawBand struct {
	UpTo  string `yaml:"up_to"`
	Price string `yaml:"price"`
}

type rawPrice struct {
	Name   string `yaml:"name"`
	Value  string `yaml:"value"`
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Source string `yaml:"source"`
}

type rawService struct {
	Denominator string    `yaml:"denominator"`
	Credit      string    `yaml:"credit"`
	Cap         string    `yaml:"cap"`
	Fee         []string  `yaml:"fee"`
	Tiers       []rawTier `yaml:"tiers"`
	Allows      []struct {
		Cause  string `yaml:"cause"`
		Hours  int64  `yaml:"hours_a_year"`
		Notice int64  `yaml:"notice_hours"`
	} `yaml:"allows"`
	Parts []struct {
		Name   string `yaml:"name"`
		Weight int64  `yaml:"weight"`
		From   string `yaml:"from"`
		To     string `yaml:"to"`
	} `yaml:"parts"`
}

type rawTier struct {
	Below  string `yaml:"below"`
	Credit string `yaml:"credit"`
}
