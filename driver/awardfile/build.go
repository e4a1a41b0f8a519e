package awardfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/driver/yamlfile"
	"sluice/unit"
)

// raw is a programme file as it is written. Numbers are texts, so that no digit is
// lost.
type raw struct {
	Product      string      `yaml:"product"`
	Counterparty string      `yaml:"counterparty"`
	Currency     string      `yaml:"currency"`
	Income       string      `yaml:"income"`
	Baseline     rawBaseline `yaml:"baseline"`
	Tolerance    string      `yaml:"tolerance"`
	Rule         string      `yaml:"rule"`
	Times        string      `yaml:"times"`
	Zone         string      `yaml:"time_zone"`
	Unlike       []string    `yaml:"unlike"`
	Assumed      []string    `yaml:"assumed"`
}

type rawBaseline struct {
	Method string `yaml:"method"`
	Keep   int    `yaml:"keep"`
	Of     int    `yaml:"of"`
	Within int    `yaml:"within"`
	Like   bool   `yaml:"like"`
	Level  string `yaml:"level_mw"`
	Begin  string `yaml:"begin"`
	End    string `yaml:"end"`
	Adjust string `yaml:"adjust"`
	Limit  string `yaml:"limit"`
}

// builder collects all that is wrong instead of ending at the first.
type builder struct {
	in     raw
	lines  yamlfile.Lines
	faults []error
}

// fault notes what is wrong with what stands at a path.
func (b *builder) fault(path, format string, a ...any) {
	where := ""
	if n := b.lines.Of(path); n > 0 {
		where = "line " + strconv.Itoa(n) + ": "
	}
	b.faults = append(b.faults, fmt.Errorf("%s%s: %w", where, strings.TrimPrefix(path, "$."), fmt.Errorf(format, a...)))
}

var plainID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (b *builder) programme() Programme {
	in := b.in
	p := Programme{Counterparty: in.Counterparty, Currency: unit.Currency(in.Currency), Assumed: in.Assumed}
	p.Product, p.Income, p.Rule = in.Product, in.Income, reserve.Rule(in.Rule)
	if !plainID.MatchString(in.Product) || len(in.Product) > cellMost {
		b.fault("$.product", "%q: small letters, digits and dashes, such as ecrs, as in the table of awards", in.Product)
	}
	if !plainID.MatchString(in.Counterparty) || len(in.Counterparty) > cellMost {
		b.fault("$.counterparty", "%q: small letters, digits and dashes, such as ercot: it becomes the name of an account", in.Counterparty)
	}
	if len(in.Currency) != 3 || strings.Trim(in.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		b.fault("$.currency", "%q is not the three letters of a currency, such as USD", in.Currency)
	}
	if !strings.HasPrefix(in.Income, "Income:") || in.Income == books.GridShortfall {
		b.fault("$.income", "%q: name the account of what is paid for being there, such as %s or %s", in.Income, books.AncillaryIncome, books.DemandResponse)
	}
	var err error
	if p.Zone, err = time.LoadLocation(in.Zone); err != nil || in.Zone == "" || in.Zone == "Local" {
		b.fault("$.time_zone", "%q: write the IANA name of a zone, such as America/Chicago", in.Zone)
		p.Zone = time.UTC
	}
	p.Tolerance = b.share("$.tolerance", in.Tolerance)
	p.Times = unit.Ratio(b.micro("$.times", in.Times))
	p.Unlike = append(p.Unlike, in.Unlike...)
	p.Baseline = b.baseline()
	if err := p.Validate(); err != nil && len(b.faults) == 0 {
		b.fault("$.product", "%w", err)
	}
	return p
}

// baseline reads the rule. What it would not use is a fault, because somebody meant
// something by it.
func (b *builder) baseline() reserve.Baseline {
	in := b.in.Baseline
	out := reserve.Baseline{
		Method: reserve.Method(in.Method), Keep: in.Keep, Of: in.Of, Within: in.Within, Like: in.Like, Adjust: reserve.Adjustment(in.Adjust),
		Level: unit.Power(b.micro("$.baseline.level_mw", in.Level)), Limit: b.share("$.baseline.limit", in.Limit),
		Begin: b.duration("$.baseline.begin", in.Begin), End: b.duration("$.baseline.end", in.End),
	}
	days := out.Method == reserve.High || out.Method == reserve.Middle
	if !days && (in.Keep != 0 || in.Of != 0 || in.Within != 0 || in.Like) {
		b.fault("$.baseline.method", "%q takes no keep, of, within or like: only high and middle look at other days", in.Method)
	}
	if out.Method == reserve.DropTo || days && in.Adjust == "" {
		if in.Begin != "" || in.End != "" {
			b.fault("$.baseline.method", "%q takes no begin or end: only same-day and an adjustment look at what came before", in.Method)
		}
	}
	if in.Adjust == "" && in.Limit != "" {
		b.fault("$.baseline.limit", "a limit is of an adjustment, and there is none")
	}
	if out.Method == reserve.DropTo && in.Level == "" {
		b.fault("$.baseline", "drop-to needs level_mw, the level to which load goes down; 0 is one too")
	}
	return out
}

// micro reads a number in millionths; empty is zero.
func (b *builder) micro(path string, text string) int64 {
	if text == "" {
		return 0
	}
	v, err := decimal(text)
	if err != nil || v < 0 {
		b.fault(path, "%q: write a plain number that is not negative, with at most six decimals", text)
		return 0
	}
	return v
}

// share reads a percentage as a ratio; empty is zero.
func (b *builder) share(path string, text string) unit.Ratio {
	if text == "" {
		return 0
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := decimal(strings.TrimSpace(number))
	if !percent || err != nil || v%100 != 0 || v < 0 || v > 100*int64(unit.One) {
		b.fault(path, "%q: write a percentage from 0 to 100 with at most four decimals, such as 12.5 %%", text)
		return 0
	}
	return unit.Ratio(v / 100)
}

func (b *builder) duration(path string, text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		b.fault(path, "%q: write hours and minutes before the event, such as 4h or 1h30m", text)
	}
	return d
}

// decimal reads a plain number exactly in millionths.
func decimal(text string) (int64, error) {
	if !number(text) {
		return 0, fmt.Errorf("%.40q: write a plain number with a point, such as 12.5", text)
	}
	return books.Asset("").Parse(text)
}

// number reports a plain decimal number of at most 40 characters.
func number(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	return len(s) <= 40 && whole != "" && !strings.HasSuffix(digits, ".") && strings.Trim(whole+fraction, "0123456789") == ""
}
