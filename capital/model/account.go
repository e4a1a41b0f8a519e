package model

import (
	"strings"

	"sluice/books"
)

// Accounts are the accounts of the books that a line of a plan gathers, each with all
// below it; none where no account holds it alone. Income is positive in a plan and a
// credit in the books, so that a booked amount turns its sign.
func Accounts(l Line) []string {
	switch l { //nolint:exhaustive // the others are handled after it, or hold nothing
	case Rent:
		return []string{books.Hosting, books.Reservation, "Income:Flex", books.DemandResponse, books.AncillaryIncome, books.GridShortfall}
	case PassedOn:
		return []string{books.PassThrough}
	case Mining:
		return []string{books.MiningSubsidy, books.MiningFees, books.PoolFee}
	case Energy:
		return []string{books.PowerEnergy, books.PowerDemand, books.PowerFees, books.ExportedEnergy}
	case Opex:
		return []string{books.Overhead, books.LeasesPaid, books.LeasesLevelled, books.BadDebt, "Expenses:Site", "Expenses:ShareBasedCompensation", books.Rounding}
	case Credit:
		return []string{books.CreditsGranted}
	case WriteOff:
		return []string{books.Depreciation}
	case Interest:
		return []string{books.InterestPaid}
	case Fees:
		return []string{books.FinanceNonCash}
	case FairValue:
		return []string{books.RealisedGain, books.UnrealisedGain}
	case Disposal:
		return []string{"Expenses:Impairment", "Expenses:DisposalLoss"}
	case Hedged:
		return []string{books.ExchangeGain, books.ExchangeOpen}
	case Taxes:
		return []string{"Expenses:Finance:Tax"}
	case Cash:
		return []string{"Assets:Bank"}
	case Aside:
		return []string{"Assets:RestrictedCash"}
	case Plant:
		return []string{"Assets:PPE"}
	case Loans:
		return []string{"Liabilities:Debt", "Liabilities:AccruedInterest", books.DebtCosts}
	case Deferred:
		return []string{books.Deferred}
	}
	return nil
}

// LineOf is the line of profit and loss that gathers an account of the books.
func LineOf(account string) (Line, bool) {
	for _, l := range ProfitLines() {
		for _, a := range Accounts(l) {
			if account == a || strings.HasPrefix(account, a+":") {
				return l, true
			}
		}
	}
	return 0, false
}
