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
	ContractAsset   = "Assets:ContractAsset" // earned, and not to be billed yet
	Construction    = "Assets:PPE:ConstructionInProgress"
	Accumulated     = "Assets:PPE:AccumulatedDepreciation"
	RightOfUse      = "Assets:RightOfUse"
	AccruedPower    = "Liabilities:AccruedPower"
	CustomerDeposit = "Liabilities:CustomerDeposit" // cash of customers that is for no document yet
	Deferred        = "Liabilities:DeferredRevenue"
	DebtCosts       = "Liabilities:DebtIssuanceCost" // less debt
	Leases          = "Liabilities:Leases"
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
	GridShortfall   = "Income:Grid:Shortfall" // less income
	RealisedGain    = "Income:Gain:Realised"
	UnrealisedGain  = "Income:Gain:Unrealised"
	ExchangeGain    = "Income:Exchange:Realised"
	ExchangeOpen    = "Income:Exchange:Unrealised"
	PowerEnergy     = "Expenses:Power:Energy"
	PowerDemand     = "Expenses:Power:DemandAndTransmission"
	PowerFees       = "Expenses:Power:Fees"
	NetworkFees     = "Expenses:Site:NetworkFees"
	SitesOwn        = "Expenses:Site:Operation"
	Overhead        = "Expenses:Corporate:SGA"
	LeasesPaid      = "Expenses:Corporate:Leases"
	LeasesLevelled  = "Expenses:Corporate:LeasesLevelled" // the even cost of a lease less what is paid
	BadDebt         = "Expenses:Corporate:BadDebt"        // what customers will not pay
	InterestPaid    = "Expenses:Finance:Interest"
	FinanceNonCash  = "Expenses:Finance:NonCash"
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

// Restricted is cash of a bank that a lender keeps for the service of a debt.
func Restricted(id string) string { return "Assets:RestrictedCash:" + Part(id) }

// Debt is what is owed under a facility.
func Debt(facility string) string { return "Liabilities:Debt:" + Part(facility) }

// AccruedInterest is the interest of a facility that is owed and not paid yet.
func AccruedInterest(facility string) string { return "Liabilities:AccruedInterest:" + Part(facility) }

// Carrying is what an account in a foreign currency is carried at in the currency
// of the entity.
//
// Source: docs/formula/exchange.md.
func Carrying(account string) string { return carrying + strings.ReplaceAll(account, ":", "-") }

const carrying = "Equity:Exchange:"

// Vendor is what is owed to a vendor.
func Vendor(id string) string { return "Liabilities:Payable:" + Part(id) }

// Standard is the chart that a new entity begins with: the accounts that the
// rooms post to, each with its cost level, and no bank, wallet or customer yet.
func Standard(entity string, currency unit.Currency, zone string) Chart {
	c := Chart{Entity: entity, Currency: currency, Zone: zone}
	for _, a := range append(standing(Asset(currency)), result()...) {
		a.Asset = Asset(currency)
		c.Accounts = append(c.Accounts, a)
	}
	c.Accounts = append(c.Accounts, Account{Code: "3901", Name: Conversion(Bitcoin), Asset: Bitcoin})
	return c
}

// standing are the accounts of the balance sheet.
func standing(currency Asset) []Account {
	return []Account{
		{Code: "1250", Name: Unbilled},
		{Code: "1260", Name: ContractAsset},
		{Code: "1310", Name: "Assets:Prepaid:Deposits"},
		{Code: "1410", Name: "Assets:PPE:ASIC"},
		{Code: "1420", Name: "Assets:PPE:GPU"},
		{Code: "1430", Name: "Assets:PPE:Facility"},
		{Code: "1440", Name: Construction},
		{Code: "1490", Name: Accumulated},
		{Code: "1510", Name: RightOfUse},
		{Code: "2020", Name: AccruedPower},
		{Code: "2100", Name: CustomerDeposit},
		{Code: "2110", Name: Deferred},
		{Code: "2120", Name: CreditsOwed},
		{Code: "2210", Name: "Liabilities:Debt"},
		{Code: "2220", Name: "Liabilities:AccruedInterest"},
		{Code: "2230", Name: DebtCosts},
		{Code: "2310", Name: Leases},
		{Code: "2410", Name: TaxOwed},
		{Code: "2900", Name: Suspense},
		{Code: "3010", Name: Opening},
		{Code: "3020", Name: Retained},
		{Code: "3030", Name: "Equity:Capital"},
		{Code: "3900", Name: Conversion(currency)},
	}
}

// result are the accounts of income and expenses, with their cost levels.
func result() []Account {
	return []Account{
		{Code: "4010", Name: MiningSubsidy},
		{Code: "4020", Name: MiningFees},
		{Code: "4090", Name: PoolFee},
		{Code: "4110", Name: Reservation},
		{Code: "4120", Name: Hosting},
		{Code: "4130", Name: PassThrough},
		{Code: "4190", Name: CreditsGranted},
		{Code: "4210", Name: ExportedEnergy},
		{Code: "4220", Name: DemandResponse},
		{Code: "4230", Name: AncillaryIncome},
		{Code: "4240", Name: GridShortfall},
		{Code: "4310", Name: "Income:Flex"},
		{Code: "4410", Name: RealisedGain},
		{Code: "4420", Name: UnrealisedGain},
		{Code: "4430", Name: ExchangeGain},
		{Code: "4440", Name: ExchangeOpen},
		{Code: "5010", Name: PowerEnergy, Level: EnergyCost},
		{Code: "5020", Name: PowerDemand, Level: EnergyCost},
		{Code: "5030", Name: PowerFees, Level: EnergyCost},
		{Code: "6010", Name: "Expenses:Site:Labour", Level: DirectCost},
		{Code: "6020", Name: "Expenses:Site:Repairs", Level: DirectCost},
		{Code: "6030", Name: "Expenses:Site:Cooling", Level: DirectCost},
		{Code: "6040", Name: "Expenses:Site:Network", Level: DirectCost},
		{Code: "6050", Name: "Expenses:Site:LandAndTax", Level: DirectCost},
		{Code: "6060", Name: "Expenses:Site:Insurance", Level: DirectCost},
		{Code: "6070", Name: "Expenses:Site:Software", Level: DirectCost},
		{Code: "6080", Name: NetworkFees, Level: DirectCost},
		{Code: "6090", Name: SitesOwn, Level: DirectCost},
		{Code: "7010", Name: Overhead, Level: CashCost},
		{Code: "7020", Name: LeasesPaid, Level: CashCost},
		{Code: "7040", Name: BadDebt, Level: CashCost},
		{Code: "8010", Name: InterestPaid, Level: CashCost},
		{Code: "8020", Name: "Expenses:Finance:Tax", Level: CashCost},
		{Code: "8110", Name: FinanceNonCash, Level: FullyLoaded},
		{Code: "8120", Name: LeasesLevelled, Level: FullyLoaded},
		{Code: "9010", Name: Depreciation, Level: FullyLoaded},
		{Code: "9020", Name: "Expenses:Impairment", Level: FullyLoaded},
		{Code: "9030", Name: "Expenses:ShareBasedCompensation", Level: FullyLoaded},
		{Code: "9040", Name: "Expenses:DisposalLoss", Level: FullyLoaded},
		{Code: "9900", Name: Rounding},
	}
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
		{Restricted, "1020", currency},
		{Wallet, "1110", Bitcoin},
		{Pool, "1120", Bitcoin},
		{FairValue, "1150", currency},
		{Customer, "1210", currency},
		{Grid, "1220", currency},
		{Vendor, "2010", currency},
		{Debt, "2210", currency},
		{AccruedInterest, "2220", currency},
		{Carrying, "3910", currency},
	} {
		family := f.of("X")
		family = family[:len(family)-1]
		if len(name) > len(family) && name[:len(family)] == family {
			return Account{Code: f.code, Name: name, Asset: f.asset}
		}
	}
	return Account{Name: name, Asset: currency} // no code: Validate says so
}
