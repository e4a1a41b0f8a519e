package model

// Line is one row of the statements. Positive is received, earned or held.
type Line int

// The lines of profit and loss, of cash and of the balance sheet at a month's end.
const (
	// Profit and loss.
	Rent      Line = iota // earned from tenants, credits of prepayments in it
	PassedOn              // power that tenants pay as metered
	Mining                // coins at the price of the step in which they were found
	Energy                // power of everything
	Running               // other cost of mining
	Opex                  // sites, projects, company
	Upkeep                // money that keeps fleets as they are
	Credit                // given back for missed service
	WriteOff              // depreciation
	Interest              // not what became part of a plant
	Fees                  // of lines that are not drawn
	FairValue             // of coins, sold ones until their sale
	Disposal              // of plant: price less book value, and what restoring costs
	Hedged                // what hedges paid
	Taxes                 // of the year
	Forfeit               // prepayments that nobody will claim
	plEnd
	// Cash that is no profit.
	NonCash     // what profit holds of write-offs and fair value, taken out again
	Found       // coins that were found: taken out again, since coins are not cash
	Sold        // coins sold
	Built       // paid for phases
	Capitalised // interest that became part of the plant
	Bought      // paid for equipment
	Scrapped    // book value of what was sold, taken in again
	Prepaid     // received before rent is due
	Claimed     // rent that prepayments had paid, and what of them was forfeited, taken out again
	Drawn       // from loans
	Repaid      // to loans
	Lent        // from loans against coins
	Returned    // to them
	Covered     // from the revolver, less what went back to it
	Reserved    // put aside for debt service, less what was released
	PaidIn      // by owners
	Distributed // to owners
	Unfunded    // what was missing, less what was made good
	flowEnd
	// Balances at the month's end.
	Cash
	Aside     // reserve for debt service
	Coins     // at the price of the last step
	Plant     // book value
	Loans     // owed
	Pledged   // owed against coins
	Revolving // owed on the revolver
	Deferred  // prepayments not yet earned
	Missing   // unfunded
	Equity
	BTC       // coins, number
	Mined     // coins, number, of the month
	Spent     // coins that were sold, number, of the month
	Minable   // MW that mine, mean of the month
	Hosted    // MW that are let, gross
	Idle      // MW energised that do neither
	Service   // debt service that was due
	Available // cash available for it
	Price     // of a coin, last step
	LineCount
)

// Names are what the lines are called, in their order; those without a name are marks.
func Names() [LineCount]string {
	return [LineCount]string{
		Rent: "rent", PassedOn: "power passed on", Mining: "mining", Energy: "energy", Running: "running of miners", Opex: "operations", Upkeep: "upkeep of miners",
		Credit: "service credits", WriteOff: "depreciation", Interest: "interest", Fees: "fees of lenders", FairValue: "fair value of coins", Disposal: "sale of plant",
		Hedged: "hedges", Taxes: "taxes", Forfeit: "forfeited prepayments",
		NonCash: "not in cash", Found: "coins found", Sold: "coins sold", Built: "building", Capitalised: "interest built in", Bought: "equipment", Scrapped: "book value of plant sold",
		Prepaid: "prepayments", Claimed: "rent prepaid before", Drawn: "loans drawn", Repaid: "loans repaid", Lent: "drawn against coins", Returned: "repaid against coins",
		Covered: "revolver", Reserved: "reserve for debt service", PaidIn: "paid in by owners", Distributed: "paid to owners", Unfunded: "unfunded",
		Cash: "cash", Aside: "reserve", Coins: "coins", Plant: "plant", Loans: "loans", Pledged: "loans against coins", Revolving: "revolver owed", Deferred: "prepayments owed",
		Missing: "unfunded so far", Equity: "equity", BTC: "BTC held", Mined: "BTC mined", Spent: "BTC sold", Minable: "MW mining", Hosted: "MW hosted", Idle: "MW idle",
		Service: "debt service", Available: "cash available for debt service", Price: "price of BTC",
	}
}

// ProfitLines are the lines of profit and loss, in order.
func ProfitLines() []Line { return between(0, plEnd) }

// FlowLines are the lines of cash that are no profit.
func FlowLines() []Line { return between(plEnd+1, flowEnd) }

// BalanceLines are what is owned, owed and left, in money.
func BalanceLines() []Line { return between(flowEnd+1, BTC) }

func between(from, to Line) (out []Line) {
	for l := from; l < to; l++ {
		out = append(out, l)
	}
	return out
}
