package entityfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/books/cost"
	"sluice/driver/yamlfile"
	"sluice/loop/settle"
	"sluice/unit"
)

// File is the company that an entity file declares.
type File = settle.Company

// raw is the file as it is written. Amounts are texts, so that no digit is lost.
type raw struct {
	Entity   string   `yaml:"entity"`
	Currency string   `yaml:"currency"`
	Zone     string   `yaml:"time_zone"`
	Bank     string   `yaml:"bank"`
	Pool     string   `yaml:"pool"`
	Wallet   string   `yaml:"wallet"`
	Utility  string   `yaml:"utility"`
	Capital  string   `yaml:"capital"`
	Policy   string   `yaml:"price_policy"`
	Sell     string   `yaml:"sell"`
	Payouts  string   `yaml:"payouts"`
	Assumed  []string `yaml:"assumed"`
	Assets   []struct {
		Name      string `yaml:"name"`
		Account   string `yaml:"account"`
		Cost      string `yaml:"cost"`
		Residual  string `yaml:"residual"`
		InService string `yaml:"in_service"`
		Years     int    `yaml:"life_years"`
		Method    string `yaml:"method"`
		Rate      string `yaml:"rate"`
		Site      string `yaml:"site"`
		Use       string `yaml:"use"`
		Model     string `yaml:"model"`
	} `yaml:"assets"`
	Monthly []struct {
		Account string `yaml:"account"`
		Amount  string `yaml:"amount"`
		Site    string `yaml:"site"`
		Use     string `yaml:"use"`
	} `yaml:"monthly"`
	Keys []struct {
		Name    string           `yaml:"name"`
		Account string           `yaml:"account"`
		Site    string           `yaml:"site"`
		Among   string           `yaml:"among"`
		Shares  map[string]int64 `yaml:"shares"`
	} `yaml:"keys"`
	Debt    []rawLoan    `yaml:"debt"`
	Leases  []rawLease   `yaml:"leases"`
	Foreign []rawForeign `yaml:"foreign"`
	Revenue []rawRevenue `yaml:"revenue"`
}

// sizeMax bounds an entity file, bytes.
const sizeMax = 128 << 10

// Read reads an entity file. The error names everything that is wrong with it.
func Read(r io.Reader, name string) (*File, error) {
	text, err := shelf().Read(r, name)
	if err != nil {
		return nil, err
	}
	b := builder{}
	if err := yamlfile.Decode(text, &b.in); err != nil {
		return nil, fmt.Errorf("read entity file %s: %w", name, err)
	}
	f := b.build()
	if err := errors.Join(b.faults...); err != nil {
		return nil, fmt.Errorf("entity file %s: %w", name, err)
	}
	return f, nil
}

// builder collects all that is wrong instead of ending at the first.
type builder struct {
	in     raw
	faults []error
}

func (b *builder) fault(format string, a ...any) {
	b.faults = append(b.faults, fmt.Errorf(format, a...))
}

// money reads an amount; an empty one is zero where it may be.
func (b *builder) money(what, text string, must bool) unit.Amount {
	if text == "" && !must {
		return 0
	}
	v, err := books.Asset(b.in.Currency).Parse(strings.ReplaceAll(text, "_", ""))
	if err != nil {
		b.fault("%s: %w", what, err)
	}
	return unit.Amount(v)
}

// day reads a date, as it begins in a zone.
func (b *builder) day(what, text string, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		b.fault("%s: %q is no date such as 2025-03-01", what, text)
	}
	return at
}

func (b *builder) named(what, text string) string {
	if strings.TrimSpace(text) == "" {
		b.fault("%s: is missing", what)
	}
	return text
}

func (b *builder) build() *File {
	in := b.in
	f := &File{Policy: in.Policy, Sale: settle.Sale(in.Sell), Assumed: in.Assumed, Capital: b.money("capital", in.Capital, false)}
	var err error
	if f.Zone, err = time.LoadLocation(in.Zone); err != nil || in.Zone == "" || in.Zone == "Local" {
		b.fault("time_zone %q: write the IANA name of a zone, such as America/Chicago", in.Zone)
		return f
	}
	f.Bank, f.Pool = books.Bank(b.named("bank", in.Bank)), books.Pool(b.named("pool", in.Pool))
	f.Wallet, f.Utility = books.Wallet(b.named("wallet", in.Wallet)), books.Vendor(b.named("utility", in.Utility))
	if f.Policy == "" {
		b.fault("price_policy: is missing: name the version of the rule by which prices of bitcoin are chosen")
	}
	if f.Sale != settle.Hold && f.Sale != settle.Monthly {
		b.fault("sell %q: it is none or month", in.Sell)
	}
	if f.Payouts = settle.Payouts(in.Payouts); in.Payouts == "" {
		f.Payouts = settle.Stated
	}
	if f.Payouts != settle.Stated && f.Payouts != settle.Daily {
		b.fault("payouts %q: they are known by %s, or taken for granted %s", in.Payouts, settle.Stated, settle.Daily)
	}
	f.Chart = books.Standard(in.Entity, unit.Currency(in.Currency), in.Zone).
		With(f.Bank, f.Pool, f.Wallet, f.Utility, books.FairValue(f.Pool), books.FairValue(f.Wallet), books.Vendor("operation"))
	if err := f.Chart.Validate(); err != nil {
		b.faults = append(b.faults, err)
	}
	b.assets(f)
	b.monthly(f)
	b.keys(f)
	b.debt(f)
	b.leases(f)
	b.foreign(f)
	b.revenue(f)
	return f
}

func (b *builder) keys(f *File) {
	for _, k := range b.in.Keys {
		if len(k.Shares) == 0 || slices.ContainsFunc(shares(k.Shares), func(n int64) bool { return n < 0 }) {
			b.fault("key %q: its shares are whole numbers that are not below zero", k.Name)
		}
		among := cost.Dimension(k.Among)
		switch among {
		case "use":
			among = ""
		case "", cost.Site, cost.Model:
		default:
			b.fault("key %q: it divides among %q: use, site or model", k.Name, k.Among)
		}
		f.Keys = append(f.Keys, cost.Key{Name: b.named("name of a key", k.Name), Account: k.Account, Site: k.Site, Among: among, Shares: k.Shares})
	}
}

func shares(m map[string]int64) (out []int64) {
	for _, n := range m {
		out = append(out, n)
	}
	return out
}

func (b *builder) assets(f *File) {
	for _, x := range b.in.Assets {
		a := asset.Asset{
			Name: x.Name, Account: x.Account, Life: x.Years, Method: asset.Method(x.Method),
			Cost: b.money("cost of "+x.Name, x.Cost, true), Residual: b.money("residual of "+x.Name, x.Residual, false),
			Tags: books.Tags{Site: x.Site, Use: x.Use, Model: x.Model},
		}
		a.Service = b.day("in_service of "+x.Name, x.InService, f.Zone)
		if x.Rate != "" {
			r, err := unit.ParseMicro(x.Rate)
			if err != nil {
				b.fault("rate of %s: %w", x.Name, err)
			}
			a.Rate = unit.Ratio(r)
		}
		if a.Method == asset.ByUse {
			b.fault("asset %s: by units is not possible in a file yet: choose %s or %s", x.Name, asset.StraightLine, asset.Declining)
		} else if err := a.Validate(); err != nil {
			b.faults = append(b.faults, err)
		}
		if _, ok := f.Chart.Find(a.Account); !ok {
			b.fault("asset %s: %w: %s", x.Name, books.ErrAccount, a.Account)
		}
		f.Assets = append(f.Assets, a)
	}
}

func (b *builder) monthly(f *File) {
	for _, x := range b.in.Monthly {
		a, ok := f.Chart.Find(x.Account)
		if !ok || a.Kind() != books.Expenses {
			b.fault("monthly cost: %w: %s: name an account of expenses", books.ErrAccount, x.Account)
		}
		v := b.money("monthly "+x.Account, x.Amount, true)
		if v <= 0 {
			b.fault("monthly %s: %s: a cost is above zero", x.Account, x.Amount)
		}
		f.Monthly = append(f.Monthly, settle.Cost{Account: x.Account, Amount: v, Site: x.Site, Use: x.Use})
	}
}

//go:embed example/*.yaml
var examples embed.FS

func shelf() yamlfile.Shelf { return yamlfile.Shelf{Kind: "entity", Examples: examples, Most: sizeMax} }

// Example is the entity file of that name inside the program.
func Example(name string) ([]byte, error) { return shelf().Example(name) }

// Text is what stands in the entity file at a path, or in the example of that name.
func Text(name string) ([]byte, error) { return shelf().Text(name) }

// Load reads the entity file at a path, or the example of that name.
func Load(name string) (*File, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	return Read(bytes.NewReader(text), name)
}
