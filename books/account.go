package books

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/unit"
)

// Asset is what an account is counted in: the code of a currency, or Bitcoin.
type Asset string

// Bitcoin is the one asset that is not a currency.
const Bitcoin Asset = "BTC"

// Decimals is the scale of an asset: an amount of 1 is ten to the power of minus
// Decimals of it. It can never change once something is booked.
func (a Asset) Decimals() int {
	if a == Bitcoin {
		return 8
	}
	return 6
}

// Kind is the side of the books on which an account stands; it is the first part
// of its name.
type Kind string

// The five kinds.
const (
	Assets      Kind = "Assets"
	Liabilities Kind = "Liabilities"
	Equity      Kind = "Equity"
	Income      Kind = "Income"
	Expenses    Kind = "Expenses"
)

// Level says up to which statement of the cost of a bitcoin an account counts.
type Level int

// The levels. Each holds all those before it.
const (
	NoCost      Level = 0
	EnergyCost  Level = 1
	DirectCost  Level = 2 // with what a site costs
	CashCost    Level = 3 // with what the company costs in cash
	FullyLoaded Level = 4 // with depreciation and all that is not cash
)

// Account is one account of a chart.
type Account struct {
	Code  string // number by which accountants order them, such as 5010
	Name  string // parts with colons between them, the kind first: Expenses:Power:Energy
	Asset Asset
	Level Level
}

// Kind is the kind of the account.
func (a Account) Kind() Kind {
	kind, _, _ := strings.Cut(a.Name, ":")
	return Kind(kind)
}

// Holds reports whether the account holds bitcoin in lots: everything that is
// digital and ours, wherever it lies.
func (a Account) Holds() bool { return a.Asset == Bitcoin && a.Kind() == Assets }

// Validate reports what is wrong with an account.
func (a Account) Validate() error {
	var faults []error
	parts := strings.Split(a.Name, ":")
	if !slices.Contains([]Kind{Assets, Liabilities, Equity, Income, Expenses}, a.Kind()) || len(parts) < 2 {
		faults = append(faults, errors.New("its name does not begin with Assets, Liabilities, Equity, Income or Expenses and a colon"))
	}
	for _, p := range parts {
		if !plainPart(p) {
			faults = append(faults, fmt.Errorf("%q in its name: a part begins with a capital letter or a digit and has letters, digits and dashes", p))
		}
	}
	if !plainAsset(a.Asset) {
		faults = append(faults, fmt.Errorf("asset %q is neither BTC nor the three letters of a currency", a.Asset))
	}
	if a.Code == "" {
		faults = append(faults, errors.New("it has no code"))
	}
	if a.Level < NoCost || a.Level > FullyLoaded || a.Level != NoCost && a.Kind() != Expenses {
		faults = append(faults, fmt.Errorf("cost level %d: it is 0, or 1 to 4 of an expense", a.Level))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("account %q: %w", a.Name, err)
	}
	return nil
}

// plainPart reports whether a part of a name may stand in every export.
func plainPart(p string) bool {
	for i, r := range p {
		upper, digit := r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
		if !upper && !digit && (i == 0 || (r < 'a' || r > 'z') && r != '-') {
			return false
		}
	}
	return p != ""
}

func plainAsset(a Asset) bool {
	return len(a) == 3 && strings.Trim(string(a), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Part makes a part of an account's name out of any text: what may not stand in
// one becomes a dash. Two texts may make the same part.
func Part(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	p := strings.Trim(b.String(), "-")
	if p == "" {
		return "X"
	}
	if first := p[0]; first >= 'a' && first <= 'z' {
		p = strings.ToUpper(p[:1]) + p[1:]
	}
	return p
}

// Chart is the accounts of one legal entity.
type Chart struct {
	Entity   string
	Currency unit.Currency // in which it reports
	Zone     string        // IANA name of the zone in which its days are cut
	Accounts []Account
}

// Find returns the account of that name.
func (c Chart) Find(name string) (Account, bool) {
	i := slices.IndexFunc(c.Accounts, func(a Account) bool { return a.Name == name })
	if i < 0 {
		return Account{}, false
	}
	return c.Accounts[i], true
}

// Validate reports everything that is wrong with a chart.
func (c Chart) Validate() error {
	var faults []error
	if strings.TrimSpace(c.Entity) == "" {
		faults = append(faults, errors.New("the legal entity has no name"))
	}
	if !plainAsset(Asset(c.Currency)) || Asset(c.Currency) == Bitcoin {
		faults = append(faults, fmt.Errorf("currency %q is not the three letters of a currency", c.Currency))
	}
	seen := map[string]bool{}
	for _, a := range c.Accounts {
		if err := a.Validate(); err != nil {
			faults = append(faults, err)
		}
		if seen[a.Name] {
			faults = append(faults, fmt.Errorf("account %q stands twice", a.Name))
		}
		seen[a.Name] = true
	}
	for _, asset := range []Asset{Asset(c.Currency), Bitcoin} {
		if _, ok := c.Find(Conversion(asset)); !ok {
			faults = append(faults, fmt.Errorf("account %q is missing: what is exchanged passes through it", Conversion(asset)))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("chart of accounts of %q: %w", c.Entity, err)
	}
	return nil
}
