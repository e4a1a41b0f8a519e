package entityfile

import (
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/debt"
	"sluice/books/exchange"
	"sluice/loop/settle"
	"sluice/unit"
)

// rawLoan is a facility as it is written.
type rawLoan struct {
	Name     string `yaml:"name"`
	Lender   string `yaml:"lender"`
	Limit    string `yaml:"limit"`
	Basis    string `yaml:"basis"`
	Floor    string `yaml:"floor"`
	Margin   string `yaml:"margin"`
	Unused   string `yaml:"unused"`
	Start    string `yaml:"start"`
	Maturity string `yaml:"maturity"`
	Closed   string `yaml:"closed"`
	Fees     string `yaml:"fees"`
	Site     string `yaml:"site"`
	Use      string `yaml:"use"`
	Rates    []struct {
		From string `yaml:"from"`
		To   string `yaml:"to"`
		Rate string `yaml:"rate"`
	} `yaml:"rates"`
	Building []struct {
		Project string `yaml:"project"`
		From    string `yaml:"from"`
		To      string `yaml:"to"`
		Share   string `yaml:"share"`
	} `yaml:"building"`
	Draws []rawMove `yaml:"draws"`
	Repay struct {
		Plan    string    `yaml:"plan"`
		PerYear int       `yaml:"per_year"`
		From    string    `yaml:"from"`
		Rate    string    `yaml:"rate"`
		Step    string    `yaml:"step"`
		List    []rawMove `yaml:"list"`
	} `yaml:"repay"`
}

// rawMove is an amount on a day.
type rawMove struct {
	At     string `yaml:"at"`
	Amount string `yaml:"amount"`
}

// rawLease is a lease as it is written.
type rawLease struct {
	Name     string   `yaml:"name"`
	Owner    string   `yaml:"owner"`
	Start    string   `yaml:"start"`
	Months   int      `yaml:"months"`
	Rate     string   `yaml:"rate"`
	Payment  string   `yaml:"payment"`
	Rise     string   `yaml:"rise_per_year"`
	Payments []string `yaml:"payments"`
	Site     string   `yaml:"site"`
	Use      string   `yaml:"use"`
}

// rawForeign are accounts in another currency as they are written.
type rawForeign struct {
	Currency string   `yaml:"currency"`
	Policy   string   `yaml:"rate_policy"`
	Accounts []string `yaml:"accounts"`
}

// percent reads a share such as 4.31%; an empty one is zero where it may be.
func (b *builder) percent(what, text string, must bool) unit.Ratio {
	if text == "" && !must {
		return 0
	}
	number, marked := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := unit.ParseMicro(number)
	exact, wide := unit.ParseDecimal(number, 12)
	if !marked || err != nil || wide != nil || exact != v*int64(unit.One) || v%100 != 0 {
		b.fault("%s: %q: write a percentage with four decimals at most, such as 4.31%%", what, text)
	}
	return unit.Ratio(v / 100)
}

// end reads a day that may be missing.
func (b *builder) end(what, text string, zone *time.Location) time.Time {
	if text == "" {
		return time.Time{}
	}
	return b.day(what, text, zone)
}

func (b *builder) moves(what string, all []rawMove, zone *time.Location) (out []debt.Move) {
	for _, m := range all {
		out = append(out, debt.Move{Day: b.day(what, m.At, zone), Amount: b.money(what+" on "+m.At, m.Amount, true)})
	}
	return out
}

// debt reads the loans, and opens their accounts.
func (b *builder) debt(f *File) {
	for _, x := range b.in.Debt {
		told := len(b.faults)
		l := b.loan(x, f.Zone)
		if len(b.faults) == told {
			if err := l.Validate(); err != nil {
				b.faults = append(b.faults, err)
			}
		}
		if slices.ContainsFunc(f.Debt, func(o settle.Loan) bool { return books.Debt(o.Name) == books.Debt(l.Name) }) {
			b.fault("loan %q: another one has the account %s: name it otherwise", l.Name, books.Debt(l.Name))
		}
		f.Debt = append(f.Debt, l)
		f.Chart = f.Chart.With(books.Debt(l.Name), books.AccruedInterest(l.Name))
	}
}

func (b *builder) loan(x rawLoan, zone *time.Location) settle.Loan {
	what := "loan " + x.Name
	l := settle.Loan{
		Facility: debt.Facility{
			Name: b.named("name of a loan", x.Name), Limit: b.money("limit of "+what, x.Limit, true), Basis: debt.Basis(x.Basis),
			Floor: b.percent("floor of "+what, x.Floor, false), Margin: b.percent("margin of "+what, x.Margin, false), Unused: b.percent("unused of "+what, x.Unused, false),
			Start: b.day("start of "+what, x.Start, zone), Maturity: b.day("maturity of "+what, x.Maturity, zone), Closed: b.end("closed of "+what, x.Closed, zone),
			Fees: b.money("fees of "+what, x.Fees, false), Tags: books.Tags{Site: x.Site, Use: x.Use, Counterparty: b.named("lender of "+what, x.Lender)},
		},
		Draws: b.moves("draw of "+what, x.Draws, zone), Plan: settle.Plan(x.Repay.Plan), List: b.moves("repayment of "+what, x.Repay.List, zone),
		First: b.end("from of the repayment of "+what, x.Repay.From, zone), Step: b.money("step of "+what, x.Repay.Step, false),
	}
	for _, r := range x.Rates {
		l.Rates = append(l.Rates, debt.Reset{From: b.day("rate of "+what, r.From, zone), To: b.end("rate of "+what, r.To, zone), Rate: b.percent("rate of "+what, r.Rate, true)})
	}
	for _, p := range x.Building {
		l.Building = append(l.Building, debt.Building{
			Project: b.named("project of "+what, p.Project), From: b.day("building of "+what, p.From, zone), To: b.day("building of "+what, p.To, zone), Share: b.percent("share of "+what, p.Share, true),
		})
	}
	b.repay(x, &l)
	return l
}

// repay reads how a loan is paid back. An annuity at a fixed rate is computed with
// that; at a floating one the file says with which.
func (b *builder) repay(x rawLoan, l *settle.Loan) {
	n := x.Repay.PerYear
	switch {
	case l.Plan == settle.Listed && (n != 0 || len(l.List) == 0), l.Plan != settle.Listed && len(l.List) > 0:
		b.fault("repayment of loan %s: a list, and nothing else, has amounts by day and no per_year", l.Name)
	case l.Plan != settle.Listed && (n < 1 || 12%n != 0):
		b.fault("repayment of loan %s: per_year %d: it is 1, 2, 3, 4, 6 or 12", l.Name, n)
	case l.Plan != settle.Listed:
		l.Every = 12 / n
	}
	if l.Plan != settle.Annuity {
		if x.Repay.Rate+x.Repay.Step+x.Repay.From != "" {
			b.fault("repayment of loan %s: rate, step and from are those of an annuity", l.Name)
		}
		return
	}
	switch {
	case x.Repay.Rate != "":
		l.Rate = b.percent("rate of the repayment of loan "+l.Name, x.Repay.Rate, true)
	case len(l.Rates) == 1:
		l.Rate = max(l.Rates[0].Rate, l.Floor) + l.Margin
	default:
		b.fault("repayment of loan %s: its rate is not fixed once for all: say with which rate the annuity is computed", l.Name)
	}
}

// leases reads the leases.
func (b *builder) leases(f *File) {
	for _, x := range b.in.Leases {
		what := "lease " + x.Name
		told := len(b.faults)
		l := debt.Lease{
			Name: b.named("name of a lease", x.Name), Start: b.day("start of "+what, x.Start, f.Zone), Months: x.Months, Rate: b.percent("rate of "+what, x.Rate, true),
			Payments: b.payments(what, x), Tags: books.Tags{Site: x.Site, Use: x.Use, Counterparty: x.Owner},
		}
		if len(b.faults) == told {
			if _, err := l.At(l.Start); err != nil { // it is valid, and its payments can be valued
				b.faults = append(b.faults, err)
			}
		}
		if slices.ContainsFunc(f.Leases, func(o debt.Lease) bool { return o.Name == l.Name }) {
			b.fault("%s: another one has that name", what)
		}
		f.Leases = append(f.Leases, l)
	}
}

// cent is to what a payment is rounded that rises.
const cent = int64(unit.Unit / 100)

// monthsMost bounds a lease that is written as one payment.
const monthsMost = 1200

// payments are those of a lease: as they are listed, or one at the begin of each
// month, which may rise after every year.
func (b *builder) payments(what string, x rawLease) (out []unit.Amount) {
	if (x.Payment == "") == (len(x.Payments) == 0) || x.Rise != "" && x.Payment == "" {
		b.fault("%s: write payment, which may have rise_per_year, or all payments", what)
	}
	for i, p := range x.Payments {
		out = append(out, b.money(what+": payment", p, true))
		if i >= monthsMost {
			return out
		}
	}
	if x.Payment == "" {
		return out
	}
	each, rise := b.money(what+": payment", x.Payment, true), b.percent("rise_per_year of "+what, x.Rise, false)
	for k := range min(x.Months, monthsMost) {
		if k > 0 && k%12 == 0 {
			more, fits := unit.TryMulDiv(int64(each), int64(unit.One+rise), int64(unit.One))
			if !fits {
				b.fault("%s: its payment becomes too large", what)
				return out
			}
			each = unit.Amount(unit.MulDiv(more, 1, cent) * cent)
		}
		out = append(out, each)
	}
	return append(out, 0)
}

// foreign reads the accounts in other currencies, and opens them.
func (b *builder) foreign(f *File) {
	for _, x := range b.in.Foreign {
		asset := books.Asset(x.Currency)
		if asset == books.Asset(f.Chart.Currency) || asset == books.Bitcoin || len(x.Accounts) == 0 {
			b.fault("foreign %q: name another currency than that of the entity, and its accounts", x.Currency)
			continue
		}
		for _, a := range x.Accounts {
			if _, known := f.Chart.Find(a); known {
				b.fault("foreign %s: %s is an account already: one account has one currency", x.Currency, a)
			}
		}
		if slices.ContainsFunc(f.Foreign, func(o settle.Foreign) bool { return o.Currency == asset }) {
			b.fault("foreign %s: it stands twice: name all accounts at once", x.Currency)
		}
		f.Foreign = append(f.Foreign, settle.Foreign{Currency: asset, Policy: b.named("rate_policy of "+x.Currency, x.Policy), Accounts: x.Accounts})
		f.Chart = exchange.Open(f.Chart, asset, x.Accounts...)
	}
	if len(b.in.Foreign) > 0 {
		if err := f.Chart.Validate(); err != nil {
			b.faults = append(b.faults, err)
		}
	}
}
