package entityfile_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/debt"
	"sluice/driver/entityfile"
	"sluice/loop/settle"
	"sluice/unit"
)

func TestExample(t *testing.T) {
	t.Parallel()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	if f.Capital != 60_000_000*unit.Unit || len(f.Assets) != 2 || f.Assets[0].Cost != 32_000_000*unit.Unit || f.Chart.Entity != "Houston Hash LLC" {
		t.Errorf("%+v", f)
	}
	for _, a := range []string{f.Bank, f.Pool, f.Wallet, f.Utility, books.FairValue(f.Wallet), books.Debt("machines"), books.AccruedInterest("machines")} {
		if _, ok := f.Chart.Find(a); !ok {
			t.Errorf("%s is not in the chart", a)
		}
	}
}

// TestFaults: every fault is told with what it is about, all at once.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole, err := entityfile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	whole = fuller(string(whole))
	if _, err := entityfile.Read(bytes.NewReader(whole), "x"); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct{ from, to, want string }{
		"an unknown key":          {"sell:", "sells:", "sells"},
		"no entity":               {"entity: Houston Hash LLC", "entity: ''", "legal entity"},
		"a zone that is none":     {"America/Chicago", "Texas", "Texas"},
		"a currency that is none": {"currency: USD", "currency: dollars", "dollars"},
		"too many decimals":       {"amount: 140000", "amount: 140000.0000001", "decimals"},
		"a cost of nothing":       {"amount: 140000", "amount: 0", "above zero"},
		"an account that is none": {"Expenses:Site:Labour", "Expenses:Site:Lunch", "Expenses:Site:Lunch"},
		"a date that is none":     {"2024-07-01", "July", "July"},
		"a method that is none":   {"straight-line", "magic", "magic"},
		"an unknown sale":         {"sell: month", "sell: sometimes", "sometimes"},
		"no policy of prices":     {"price_policy: close-utc-1", "price_policy: ''", "price_policy"},
		"no bank":                 {"bank: main", "bank: ''", "bank"},
		"a share below zero":      {"mining: 1", "mining: -1", "below zero"},
		"what is no YAML":         {"assets:", "assets: [", "assets"},

		"no lender":                      {"lender: example-bank", "lender: ''", "lender of loan machines: is missing"},
		"a name with the same account":   {"name: hall-2", "name: Machines", "another one has the account Liabilities:Debt:Machines"},
		"a basis that is none":           {"actual/360", "actual/364", "actual/364"},
		"a rate without per cent":        {`rate: "9.5%"`, `rate: "0.095"`, "write a percentage"},
		"a rate with five decimals":      {`rate: "9.5%"`, `rate: "9.50001%"`, "four decimals"},
		"a rate that is no number":       {`rate: "9.5%"`, `rate: "high%"`, "high%"},
		"a rate beyond all numbers":      {`rate: "9.5%"`, `rate: "9223372036854%"`, "9223372036854%"},
		"a rate above all there is":      {`rate: "9.5%"`, `rate: "101%"`, "at most 100 %"},
		"a floor below zero":             {`floor: "0%"`, `floor: "-1%"`, "0 to 100 %"},
		"a maturity before the start":    {"maturity: 2028-01-01", "maturity: 2024-01-01", "begins before its maturity"},
		"half a period":                  {"maturity: 2028-01-01", "maturity: 2028-01-15", "whole periods"},
		"a draw beyond the limit":        {"amount: 12000000 }]", "amount: 12000001 }]", "beyond the limit"},
		"a draw before the start":        {"draws: [{ at: 2025-01-01", "draws: [{ at: 2024-12-31", "from 2025-01-01 to 2027-12-31"},
		"five payments a year":           {"per_year: 12", "per_year: 5", "per_year 5"},
		"a plan that is none":            {"plan: bullet", "plan: someday", "someday"},
		"a list that is an annuity":      {"list: [{ at: 2026-06-01, amount: 1000000 }] }", "per_year: 4 }", "has amounts by day"},
		"an annuity that is a list":      {"plan: list", "plan: bullet", "has amounts by day"},
		"a rate that floats":             {`rates: [{ from: 2025-01-01, rate: "9.5%" }]`, `rates: [{ from: 2025-01-01, to: 2025-02-01, rate: "9.5%" }, { from: 2025-02-01, rate: "9%" }]`, "with which rate"},
		"rates that overlap":             {"to: 2025-07-01, rate", "to: 2025-07-02, rate", "rates follow one another"},
		"a project without a name":       {"project: hall-2", "project: ''", "project of loan hall-2"},
		"a share above all":              {`share: "100%"`, `share: "101%"`, "hall-2"},
		"a step of a bullet":             {"plan: bullet, per_year: 4", "plan: bullet, per_year: 4, step: 1", "those of an annuity"},
		"a lease of no months":           {"months: 180", "months: 0", "1 to 1200 months"},
		"a lease of all times":           {"months: 180", "months: 999999999", "1 to 1200 months"},
		"a lease with two ways to pay":   {"payment: 18000", "payments: [1, 2]\n    payment: 18000", "write payment"},
		"payments that are missing":      {"months: 2", "months: 3", "3 payments"},
		"a payment below zero":           {"payments: [10000, 10000, 0]", "payments: [10000, -1, 0]", "payment 1"},
		"a lease twice":                  {"name: crane", "name: land", "another one has that name"},
		"a payment that grows too large": {`payment: 18000 # at the begin of each month` + "\n" + `    rise_per_year: "2%"`, `payment: 9000000000000` + "\n" + `    rise_per_year: "90%"`, "too large"},
		"the currency of the entity":     {"currency: EUR", "currency: USD", "another currency"},
		"no policy of rates":             {"rate_policy: ecb-1", "rate_policy: ''", "rate_policy of EUR"},
		"an account of two currencies":   {"Assets:Bank:Frankfurt", "Assets:Bank:Main", "one account has one currency"},
		"an account of no family":        {"Assets:Bank:Frankfurt", "Assets:Frankfurt", "it has no code"},
		"a currency that is no code":     {"currency: EUR", "currency: euro", "euro"},
		"a contract without a name":      {"contract: c1", "contract: ''", "contract of revenue"},
		"a contract twice":               {"contract: c2", "contract: c1", "stands twice"},
		"a method of revenue":            {"method: by-capacity", "method: by-luck", "by-luck"},
		"an expense that is revenue":     {`account: "Income:Hosting:Reservation"`, `account: "Expenses:Site:Labour"`, "account of income"},
		"a capacity that is none":        {"capacity_mw: 10.5", "capacity_mw: much", "megawatts above zero"},
		"a capacity of no use":           {"customer: tenant, method", "customer: tenant, capacity_mw: 3, method", "says nothing"},
		"a ramp beyond all":              {`ramp: ["25%"`, `ramp: ["125%"`, "0 to 100 %"},
		"a term of no months":            {"start: 2025-01-01, months: 1,", "start: 2025-01-01, months: 0,", "1 to 1200 months"},
		"a key among colours":            {"among: model", "among: colour", "use, site or model"},
	} {
		text := strings.Replace(string(whole), c.from, c.to, 1)
		if text == string(whole) {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		if _, err := entityfile.Read(strings.NewReader(text), "x.yaml"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := entityfile.Load("nowhere"); err == nil || !strings.Contains(err.Error(), "houston") {
		t.Errorf("an unknown example: %v", err)
	}
}

// fuller is the example with what it does not have.
func fuller(text string) []byte {
	text = strings.Replace(text, "\nleases:\n", loans+"leases:\n", 1)
	return []byte(strings.Replace(text, "\nkeys:\n", lease+"keys:\n", 1) + more)
}

const loans = `
  - name: hall-2
    lender: second-bank
    limit: "10_000_000"
    basis: 30/360
    rates: [{ from: 2025-01-01, to: 2025-07-01, rate: "4.31%" }, { from: 2025-07-01, rate: "4.1001%" }]
    floor: "0%"
    margin: "4.5%"
    unused: "0.4%"
    start: 2025-01-01
    maturity: 2030-01-01
    closed: 2029-01-01
    building: [{ project: hall-2, from: 2025-01-01, to: 2025-09-01, share: "100%" }]
    draws: [{ at: 2025-03-01, amount: "4000000.01" }]
    repay: { plan: bullet, per_year: 4 }
  - name: trucks
    lender: third-bank
    limit: 2000000
    basis: actual/365
    rates: [{ from: 2025-01-01, rate: "6%" }]
    start: 2025-06-01
    maturity: 2027-06-01
    draws: [{ at: 2025-06-01, amount: 2000000 }]
    repay: { plan: list, list: [{ at: 2026-06-01, amount: 1000000 }] }
`

const lease = `
  - { name: crane, start: 2025-02-01, months: 2, rate: "12%", payments: [10000, 10000, 0] }
`

const more = `  - name: by site
    account: Expenses
    among: site
    shares: { houston: 1 }
foreign:
  - currency: EUR
    rate_policy: ecb-1
    accounts: [Assets:Bank:Frankfurt, Liabilities:Payable:Werk]
revenue:
  - contract: c1
    customer: tenant
    method: by-capacity
    start: 2025-01-01
    months: 12
    monthly: 70000
    free_months: 2
    ramp: ["25%", "50%"]
    escalator: "3%"
    setup: 30000
    capacity_mw: 10.5
  - { contract: c2, customer: tenant, method: straight-line, account: "Income:Hosting:Reservation", start: 2025-01-01, months: 1, monthly: 1 }
`

// TestAgreed: loans, leases and accounts in other currencies are read to the
// millionth, and have their accounts.
func TestAgreed(t *testing.T) {
	t.Parallel()
	whole, err := entityfile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	f, err := entityfile.Read(bytes.NewReader(fuller(string(whole))), "x")
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, f.Zone) }
	want := []settle.Loan{
		{
			Facility: debt.Facility{
				Name: "machines", Limit: 12_000_000 * unit.Unit, Basis: debt.Actual360, Rates: []debt.Reset{{From: day(2025, 1, 1), Rate: 95_000}},
				Start: day(2025, 1, 1), Maturity: day(2028, 1, 1), Fees: 120_000 * unit.Unit, Tags: books.Tags{Site: "houston", Use: "mining", Counterparty: "example-bank"},
			},
			Draws: []debt.Move{{Day: day(2025, 1, 1), Amount: 12_000_000 * unit.Unit}}, Plan: settle.Annuity, Every: 1, Rate: 95_000, Step: unit.Unit / 100,
		},
		{
			Facility: debt.Facility{
				Name: "hall-2", Limit: 10_000_000 * unit.Unit, Basis: debt.Thirty360, Margin: 45_000, Unused: 4_000,
				Rates: []debt.Reset{{From: day(2025, 1, 1), To: day(2025, 7, 1), Rate: 43_100}, {From: day(2025, 7, 1), Rate: 41_001}},
				Start: day(2025, 1, 1), Maturity: day(2030, 1, 1), Closed: day(2029, 1, 1), Tags: books.Tags{Counterparty: "second-bank"},
				Building: []debt.Building{{Project: "hall-2", From: day(2025, 1, 1), To: day(2025, 9, 1), Share: unit.One}},
			},
			Draws: []debt.Move{{Day: day(2025, 3, 1), Amount: 4_000_000_010_000}}, Plan: settle.Bullet, Every: 3,
		},
		{
			Facility: debt.Facility{
				Name: "trucks", Limit: 2_000_000 * unit.Unit, Basis: debt.Actual365, Rates: []debt.Reset{{From: day(2025, 1, 1), Rate: 60_000}},
				Start: day(2025, 6, 1), Maturity: day(2027, 6, 1), Tags: books.Tags{Counterparty: "third-bank"},
			},
			Draws: []debt.Move{{Day: day(2025, 6, 1), Amount: 2_000_000 * unit.Unit}}, Plan: settle.Listed, List: []debt.Move{{Day: day(2026, 6, 1), Amount: 1_000_000 * unit.Unit}},
		},
	}
	if diff := cmp.Diff(want, f.Debt); diff != "" {
		t.Error(diff)
	}
	land, crane := f.Leases[0], f.Leases[1]
	if len(land.Payments) != 181 || land.Payments[11] != 18_000*unit.Unit || land.Payments[12] != 18_360*unit.Unit || land.Payments[37] != 19_101_740_000 || land.Payments[180] != 0 || land.Rate != 80_000 {
		t.Errorf("%+v", land)
	}
	if diff := cmp.Diff([]unit.Amount{10_000 * unit.Unit, 10_000 * unit.Unit, 0}, crane.Payments); diff != "" {
		t.Error(diff)
	}
	if a, ok := f.Chart.Find("Assets:Bank:Frankfurt"); !ok || a.Asset != "EUR" || len(f.Foreign) != 1 || f.Foreign[0].Policy != "ecb-1" {
		t.Errorf("%+v, %+v", a, f.Foreign)
	}
	c1 := f.Revenue[0]
	if len(f.Revenue) != 2 || len(c1.Bills) != 11 || c1.Bills[0].Amount != 30_000*unit.Unit || len(c1.Capacity) != 3 || c1.Capacity[0].Power != 2_625_000 || c1.Account != books.Reservation ||
		!c1.End.Equal(day(2026, 1, 1)) || c1.Tags != (books.Tags{Contract: "c1", Counterparty: "tenant"}) {
		t.Errorf("%+v", c1)
	}
	if len(f.Keys) != 3 || f.Keys[0].Among != "" || f.Keys[1].Among != cost.Model || f.Keys[1].Shares["Antminer S21 200"] != 280 || f.Keys[2].Among != cost.Site {
		t.Errorf("%+v", f.Keys)
	}
}

// TestAllFaults: what is wrong is told at once.
func TestAllFaults(t *testing.T) {
	t.Parallel()
	whole, err := entityfile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("actual/360", "actual/364", "months: 180", "months: 0", "bank: main", "bank: ''", `"9.5%"`, `"9.5"`).Replace(string(whole))
	_, err = entityfile.Read(strings.NewReader(text), "x")
	for _, want := range []string{"bank: is missing", "9.5", "months"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told: %v", want, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	whole, err := entityfile.Example("houston")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(string(fuller(string(whole))))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := entityfile.Read(strings.NewReader(text), "x")
		if err == nil && got.Chart.Validate() != nil {
			t.Fatal("a chart that is none was read")
		}
	})
}
