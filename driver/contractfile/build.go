package contractfile

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/driver/csvfile"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/driver/yamlfile"
	"sluice/loop/billing"
	"sluice/unit"
)

// builder collects all that is wrong instead of ending at the first.
type builder struct {
	in     raw
	lines  yamlfile.Lines
	zone   *time.Location
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

// forever is the end of what has none; package rate goes no further than 2999.
const forever = "2999-01-01"

func (b *builder) contract() billing.Contract {
	in := b.in
	c := billing.Contract{ID: b.word("$.contract", in.Contract), Series: in.Series, Currency: unit.Currency(in.Currency), Assumed: in.Assumed}
	var err error
	if b.zone, err = time.LoadLocation(in.Zone); err != nil || in.Zone == "" || in.Zone == "Local" {
		b.fault("$.time_zone", "%q: write the IANA name of a zone, such as America/Chicago", in.Zone)
		b.zone = time.UTC
	}
	c.Zone = b.zone
	if _, err := invoice.Next(in.Series, 0); err != nil {
		b.fault("$.series", "%w", err)
	}
	if len(in.Currency) != 3 || in.Currency == string(books.Bitcoin) || strings.Trim(in.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		b.fault("$.currency", "%q is not the three letters of a currency, such as USD", in.Currency)
	}
	if in.Corrected < 0 || in.Corrected > 600 {
		b.fault("$.corrections_months", "%d: it is 0 to 600 months, 0 for no end", in.Corrected)
	}
	c.Seller, c.Customer = b.party("$.seller", in.Seller), b.party("$.customer", in.Customer)
	if !plainID.MatchString(in.Customer.ID) {
		b.fault("$.customer.id", "%q: small letters, digits and dashes, such as acme: it becomes the name of an account", in.Customer.ID)
	}
	c.Prices = b.prices()
	b.versions(&c)
	b.service(&c)
	return c
}

var plainID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// word is a name that has to be there and comes out of every paper as it went in.
func (b *builder) word(path, text string) string {
	if strings.TrimSpace(text) == "" {
		b.fault(path, "is missing")
	}
	if !csvfile.Plain(text, cellMost) {
		b.fault(path, "%.40q: at most %d bytes without control characters", text, cellMost)
	}
	return text
}

func (b *builder) party(path string, p rawParty) invoice.Party {
	b.word(path+".name", p.Name)
	for _, t := range append([]string{p.ID, p.TaxID}, p.Address...) {
		if !csvfile.Plain(t, cellMost) {
			b.fault(path, "%.40q: at most %d bytes without control characters", t, cellMost)
		}
	}
	if p.Country != "" && (len(p.Country) != 2 || strings.Trim(p.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		b.fault(path+".country", "%q: write two letters, such as US", p.Country)
	}
	return invoice.Party{ID: p.ID, Name: p.Name, TaxID: p.TaxID, Country: p.Country, Address: p.Address}
}

// day is the first second of a day in the zone of the contract.
func (b *builder) day(path string, text string) int64 {
	t, err := time.ParseInLocation(time.DateOnly, text, b.zone)
	if err != nil {
		b.fault(path, "%q is no day such as 2025-07-01", text)
		return 0
	}
	return t.Unix()
}

func (b *builder) end(path string, text string) int64 {
	if text == "" {
		text = forever
	}
	return b.day(path, text)
}

// prices reads the versions of all prices; their order does not matter.
func (b *builder) prices() (out []rate.PriceVersion) {
	for i, x := range b.in.Prices {
		at := fmt.Sprintf("$.prices[%d]", i)
		p := rate.PriceVersion{
			Component: b.word(at+".name", x.Name), Source: b.word(at+".source", x.Source),
			From: b.day(at+".from", x.From), To: b.end(at+".to", x.To), Value: b.money(at+".value", x.Value),
		}
		p.Hash = sha256.Sum256(fmt.Appendf(nil, "%q %d %d %d %q", p.Component, p.From, p.To, p.Value, p.Source))
		if p.To <= p.From {
			b.fault(at, "%s ends before it begins", x.Name)
		}
		for j, q := range out {
			if q.Component == p.Component && p.From < q.To && q.From < p.To {
				b.fault(at, "%s: %w, this one and number %d: end the earlier one first", x.Name, rate.ErrVersions, j+1)
			}
		}
		out = append(out, p)
	}
	return out
}

// money reads an amount in millionths of the currency.
func (b *builder) money(path string, text string) int64 {
	v, err := books.Asset("").Parse(strings.ReplaceAll(text, "_", ""))
	if err != nil {
		b.fault(path, "%q: write a number with at most six decimals", text)
	}
	return v
}

// share reads a percentage as a ratio; empty is zero.
func (b *builder) share(path string, text string) unit.Ratio {
	if text == "" {
		return 0
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := unit.ParseDecimal(strings.TrimSpace(number), 4)
	if _, fraction, _ := strings.Cut(number, "."); !percent || err != nil || len(strings.TrimRight(fraction, "0 ")) > 4 {
		b.fault(path, "%q: write a percentage with at most four decimals, such as 12.5 %%", text)
		return 0
	}
	return unit.Ratio(v)
}

// versions reads the versions of the terms and what they need of prices.
func (b *builder) versions(c *billing.Contract) {
	start := b.day("$.start", b.in.Start)
	if len(b.in.Versions) == 0 {
		b.fault("$.versions", "there are none: a contract has at least one version")
	}
	for i, x := range b.in.Versions {
		at := fmt.Sprintf("$.versions[%d]", i)
		v := rate.Contract{
			ID: c.ID, Version: x.Version, Start: start, Zone: b.zone, Currency: c.Currency, Back: b.in.Corrected,
			Valid: rate.Span{From: b.day(at+".valid_from", x.From), To: b.end(at+".valid_to", x.To)},
		}
		for j, t := range x.Terms {
			v.Terms = append(v.Terms, b.term(fmt.Sprintf("%s.terms[%d]", at, j), t))
		}
		if len(x.Terms) == 0 {
			b.fault(at+".terms", "there are none: nothing is charged")
		}
		for j, o := range c.Versions {
			if !v.Valid.Common(o.Valid).Empty() {
				b.fault(at+".valid_from", "%w, this one and number %d: end the earlier one first", rate.ErrVersions, j+1)
			}
			if v.Version == o.Version {
				b.fault(at+".version", "%d stands twice", v.Version)
			}
		}
		if err := v.Validate(); err != nil && len(b.faults) == 0 {
			b.fault(at, "%w", err)
		}
		c.Versions = append(c.Versions, v)
	}
	b.pricing(c)
}

// pricing checks that every price that a term names is there, is used, and is
// negative only where energy may be.
func (b *builder) pricing(c *billing.Contract) {
	energy := map[string]bool{} // names of prices that are used; true: of energy alone
	for i, v := range c.Versions {
		for j, t := range v.Terms {
			for _, name := range names(t) {
				only, used := energy[name]
				energy[name] = t.Unit == rate.MegawattHour && (only || !used)
				if !slices.ContainsFunc(c.Prices, func(p rate.PriceVersion) bool { return p.Component == name }) {
					b.fault(fmt.Sprintf("$.versions[%d].terms[%d]", i, j), "%q: %w named %q: add it under prices", t.Name, rate.ErrPrice, name)
				}
			}
		}
	}
	for i, p := range c.Prices {
		at := fmt.Sprintf("$.prices[%d]", i)
		only, used := energy[p.Component]
		if !used {
			b.fault(at+".name", "no term has a price named %q", p.Component)
		}
		if p.Value < 0 && !only {
			b.fault(at+".value", "%s: only a price of energy may be negative", b.in.Prices[i].Value)
		}
	}
}

// priced reports whether terms of a kind have a price; the others are a share of lines.
func priced(k rate.Kind) bool {
	return k != rate.Tax && k != rate.Prepayment && k != rate.Percentage
}

// names are those of the prices of a term, as package rate looks them up.
func names(t rate.Term) (out []string) {
	if !priced(t.Kind) {
		return nil
	}
	for _, band := range t.Bands {
		out = append(out, band.Price)
	}
	if len(out) > 0 {
		return out
	}
	for _, name := range []string{t.Price, t.Component, t.Name} {
		if name != "" {
			return []string{name}
		}
	}
	return nil
}
