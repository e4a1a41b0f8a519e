package entityfile

import (
	"slices"
	"time"

	"sluice/books"
	"sluice/books/revenue"
	"sluice/unit"
)

// rawRevenue is the fixed consideration of a contract as it is written.
type rawRevenue struct {
	Contract  string   `yaml:"contract"`
	Customer  string   `yaml:"customer"`
	Method    string   `yaml:"method"`
	Account   string   `yaml:"account"`
	Start     string   `yaml:"start"`
	Months    int      `yaml:"months"`
	Monthly   string   `yaml:"monthly"`
	Free      int      `yaml:"free_months"`
	Ramp      []string `yaml:"ramp"`
	Escalator string   `yaml:"escalator"`
	Setup     string   `yaml:"setup"`
	Capacity  string   `yaml:"capacity_mw"`
	Site      string   `yaml:"site"`
	Use       string   `yaml:"use"`
}

// revenue reads the contracts whose fixed consideration is earned over their term.
func (b *builder) revenue(f *File) {
	for _, x := range b.in.Revenue {
		told := len(b.faults)
		t := b.contract(x, f.Zone)
		if a, ok := f.Chart.Find(t.Account); !ok || a.Kind() != books.Income {
			b.fault("contract %s: %w: %s: name an account of income", x.Contract, books.ErrAccount, t.Account)
		}
		if slices.ContainsFunc(f.Revenue, func(o revenue.Term) bool { return o.Contract == t.Contract }) {
			b.fault("contract %s: it stands twice", x.Contract)
		}
		if err := t.Validate(); err != nil && len(b.faults) == told {
			b.faults = append(b.faults, err)
		}
		f.Revenue = append(f.Revenue, t)
	}
}

func (b *builder) contract(x rawRevenue, zone *time.Location) revenue.Term {
	what := "contract " + x.Contract
	p := revenue.Plan{
		Start: b.day("start of "+what, x.Start, zone), Months: x.Months, Monthly: b.money("monthly of "+what, x.Monthly, true), Free: x.Free,
		Escalator: b.percent("escalator of "+what, x.Escalator, false), Setup: b.money("setup of "+what, x.Setup, false),
	}
	for _, r := range x.Ramp {
		p.Ramp = append(p.Ramp, b.percent("ramp of "+what, r, true))
	}
	t := revenue.Term{
		Contract: b.named("contract of revenue", x.Contract), Version: 1, Start: p.Start, Method: revenue.Method(x.Method), Account: x.Account,
		Tags: books.Tags{Site: x.Site, Use: x.Use, Contract: x.Contract, Counterparty: b.named("customer of "+what, x.Customer)},
	}
	if t.Account == "" {
		t.Account = books.Reservation
	}
	bills, err := p.Bills()
	if err != nil {
		b.fault("%s: %w", what, err)
		return t
	}
	t.Bills, t.End = bills, p.End()
	b.capacity(x, p, &t)
	return t
}

// capacity reads what is delivered, where that is how revenue is earned.
func (b *builder) capacity(x rawRevenue, p revenue.Plan, t *revenue.Term) {
	if t.Method != revenue.ByCapacity {
		if x.Capacity != "" {
			b.fault("contract %s: capacity_mw says nothing where revenue is earned %s", x.Contract, t.Method)
		}
		return
	}
	watts, err := unit.ParseMicro(x.Capacity)
	if err != nil || watts <= 0 {
		b.fault("capacity_mw of contract %s: %q: write megawatts above zero", x.Contract, x.Capacity)
	}
	t.Capacity = p.Capacity(unit.Power(watts))
}
