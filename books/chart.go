package books

import (
	"strings"

	"sluice/unit"
)

// Conversion is the account through which one asset becomes another. In bitcoin
// it holds minus all that is held, in the currency of the entity what all open
// lots cost.
//
// Source: docs/formula/books.md.
func Conversion(a Asset) string { return "Equity:Conversion:" + string(a) }

// The accounts that every chart has and that the rooms below post to.
const (
	Unbilled        = "Assets:UnbilledRevenue"
	Accumulated     = "Assets:PPE:AccumulatedDepreciation"
	AccruedPower    = "Liabilities:AccruedPower"
	Deferred        = "Liabilities:DeferredRevenue"
	CreditsOwed     = "Liabilities:SLACreditPayable"
	TaxOwed         = "Liabilities:TaxPayable"
	Suspense        = "Liabilities:Suspense"
	Opening         = "Equity:Opening"
	Retained        = "Equity:RetainedEarnings"
	MiningSubsidy   = "Income:Mining:Subsidy"
	MiningFees      = "Income:Mining:Fees"
	PoolFee         = "Income:Mining:PoolFee" // less income: the coins are counted net of it
	Hosting         = "Income:Hosting:Usage"
	Reservation     = "Income:Hosting:Reservation"
	PassThrough     = "Income:Hosting:PassThrough"
	CreditsGranted  = "Income:SLACredit" // less income
	ExportedEnergy  = "Income:Export:Energy"
	DemandResponse  = "Income:Grid:DemandResponse"
	AncillaryIncome = "Income:Grid:Ancillary"
	RealisedGain    = "Income:Gain:Realised"
	UnrealisedGain  = "Income:Gain:Unrealised"
	PowerEnergy     = "Expenses:Power:Energy"
	PowerDemand     = "Expenses:Power:DemandAndTransmission"
	PowerFees       = "Expenses:Power:Fees"
	NetworkFees     = "Expenses:Site:NetworkFees"
	SitesOwn        = "Expenses:Site:Operation"
	Overhead        = "Expenses:Corporate:SGA"
	InterestPaid    = "Expenses:Finance:Interest"
	Depreciation    = "Expenses:Depreciation"
	Rounding        = "Expenses:RoundingDifference"
)

// Members of a family of accounts, of which an entity has one for each bank,
// wallet, pool, customer or vendor.

// Bank is the account of a bank.
func Bank(id string) string { return "Assets:Bank:" + Part(id) }

// Wallet is the account of a wallet of bitcoin.
func Wallet(id string) string { return "Assets:Digital:Wallet:" + Part(id) }

// FairValue is by how much the coins of a wallet or pool are worth more than they
// cost, as last revalued.
func FairValue(account string) string {
	return fairValue + strings.ReplaceAll(strings.TrimPrefix(account, "Assets:Digital:"), ":", "-")
}

const fairValue = "Assets:Digital:FairValue:"

// Pool is what a mining pool has credited and not paid out yet.
func Pool(id string) string { return "Assets:Digital:Pool:" + Part(id) }

// Customer is what a customer owes.
func Customer(id string) string { return "Assets:Receivable:Customer:" + Part(id) }

// Grid is what a counterparty in the market owes.
func Grid(id string) string { return "Assets:Receivable:Grid:" + Part(id) }

// Vendor is what is owed to a vendor.
func Vendor(id string) string { return "Liabilities:Payable:" + Part(id) }

// Standard is the chart that a new entity begins with: the accounts that the
// rooms post to, each with its cost level, and no bank, wallet or customer yet.
func Standard(entity string, currency unit.Currency, zone string) Chart {
	c := Chart{Entity: entity, Currency: currency, Zone: zone}
	add := func(code, name string, level Level) {
		c.Accounts = append(c.Accounts, Account{Code: code, Name: name, Asset: Asset(currency), Level: level})
	}
	for _, a := range []struct {
		code, name string
		level      Level
	}{
		{"1250", Unbilled, 0},
		{"1310", "Assets:Prepaid:Deposits", 0},
		{"1410", "Assets:PPE:ASIC", 0},
		{"1420", "Assets:PPE:GPU", 0},
		{"1430", "Assets:PPE:Facility", 0},
		{"1440", "Assets:PPE:ConstructionInProgress", 0},
		{"1490", Accumulated, 0},
		{"2020", AccruedPower, 0},
		{"2100", "Liabilities:CustomerDeposit", 0},
		{"2110", Deferred, 0},
		{"2120", CreditsOwed, 0},
		{"2210", "Liabilities:Debt", 0},
		{"2220", "Liabilities:AccruedInterest", 0},
		{"2310", "Liabilities:Leases", 0},
		{"2410", TaxOwed, 0},
		{"2900", Suspense, 0},
		{"3010", Opening, 0},
		{"3020", Retained, 0},
		{"3030", "Equity:Capital", 0},
		{"3900", Conversion(Asset(currency)), 0},
		{"4010", MiningSubsidy, 0},
		{"4020", MiningFees, 0},
		{"4090", PoolFee, 0},
		{"4110", Reservation, 0},
		{"4120", Hosting, 0},
		{"4130", PassThrough, 0},
		{"4190", CreditsGranted, 0},
		{"4210", ExportedEnergy, 0},
		{"4220", DemandResponse, 0},
		{"4230", AncillaryIncome, 0},
		{"4310", "Income:Flex", 0},
		{"4410", RealisedGain, 0},
		{"4420", UnrealisedGain, 0},
		{"5010", PowerEnergy, EnergyCost},
		{"5020", PowerDemand, EnergyCost},
		{"5030", PowerFees, EnergyCost},
		{"6010", "Expenses:Site:Labour", DirectCost},
		{"6020", "Expenses:Site:Repairs", DirectCost},
		{"6030", "Expenses:Site:Cooling", DirectCost},
		{"6040", "Expenses:Site:Network", DirectCost},
		{"6050", "Expenses:Site:LandAndTax", DirectCost},
		{"6060", "Expenses:Site:Insurance", DirectCost},
		{"6070", "Expenses:Site:Software", DirectCost},
		{"6080", NetworkFees, DirectCost},
		{"6090", SitesOwn, DirectCost},
		{"7010", Overhead, CashCost},
		{"7020", "Expenses:Corporate:Leases", CashCost},
		{"8010", InterestPaid, CashCost},
		{"8020", "Expenses:Finance:Tax", CashCost},
		{"8110", "Expenses:Finance:NonCash", FullyLoaded},
		{"9010", Depreciation, FullyLoaded},
		{"9020", "Expenses:Impairment", FullyLoaded},
		{"9030", "Expenses:ShareBasedCompensation", FullyLoaded},
		{"9040", "Expenses:DisposalLoss", FullyLoaded},
		{"9900", Rounding, 0},
	} {
		add(a.code, a.name, a.level)
	}
	c.Accounts = append(c.Accounts, Account{Code: "3901", Name: Conversion(Bitcoin), Asset: Bitcoin})
	return c
}

// With is the chart and further accounts, each under the code of its family.
// What stands there already is left as it is.
func (c Chart) With(names ...string) Chart {
	c.Accounts = append([]Account(nil), c.Accounts...)
	for _, n := range names {
		if _, ok := c.Find(n); !ok {
			c.Accounts = append(c.Accounts, member(n, Asset(c.Currency)))
		}
	}
	return c
}

// member is a new account of a family, known from its name.
func member(name string, currency Asset) Account {
	for _, f := range []struct {
		of    func(string) string
		code  string
		asset Asset
	}{
		{Bank, "1010", currency},
		{Wallet, "1110", Bitcoin},
		{Pool, "1120", Bitcoin},
		{FairValue, "1150", currency},
		{Customer, "1210", currency},
		{Grid, "1220", currency},
		{Vendor, "2010", currency},
	} {
		family := f.of("X")
		family = family[:len(family)-1]
		if len(name) > len(family) && name[:len(family)] == family {
			return Account{Code: f.code, Name: name, Asset: f.asset}
		}
	}
	return Account{Name: name, Asset: currency} // no code: Validate says so
}
