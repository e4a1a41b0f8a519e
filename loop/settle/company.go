package settle

import (
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/books/cost"
	"sluice/books/debt"
	"sluice/books/revenue"
	"sluice/unit"
)

// Sale says what becomes of coins that were mined.
type Sale string

// The policies of sale that there are.
const (
	Hold    Sale = "none"  // all are kept
	Monthly Sale = "month" // all are sold at the end of each month
)

// Payouts says how coins come from the pool to the wallet.
type Payouts string

// The ways in which payouts are known.
const (
	Stated Payouts = "statement" // by what the pool's statement and the chain say, which the clerk does not see
	Daily  Payouts = "daily"     // taken for granted: every day what the pool owed when it began
)

// Cost is what is paid every month.
type Cost struct {
	Account string
	Amount  unit.Amount
	Site    string // empty: of the whole company
	Use     string // empty: shared
}

// Foreign is a currency in which a company has accounts beside its own.
type Foreign struct {
	Currency books.Asset
	Policy   string // version of the rule by which its rates are chosen
	Accounts []string
}

// Company is a legal entity as its clerk must know it.
type Company struct {
	Chart   books.Chart // the standard one, with the accounts that are named here
	Zone    *time.Location
	Bank    string // account
	Pool    string
	Wallet  string
	Utility string
	Capital unit.Amount // paid in before the first day
	Policy  string      // version of the rule by which prices are chosen
	Payouts Payouts
	Sale    Sale
	Assets  []asset.Asset
	Monthly []Cost
	Debt    []Loan
	Leases  []debt.Lease
	Foreign []Foreign
	Revenue []revenue.Term // fixed consideration of contracts
	Keys    []cost.Key
	Assumed []string // what of all this is an assumption, for every report
}

// Site is a site of a company.
type Site struct {
	Name   string
	Zone   *time.Location    // in which its days and bills are cut
	Models map[string]string // of machines, by use
	Prices string            // whose prices of bitcoin its intervals are booked at

	Replayed bool // bills count as paid at the end of their month; of a site that runs the bank's statement says so
}

// tags are what the lines of one use are about. The part of a use's name before
// the stroke is its trade.
func (s Site) tags(use string) books.Tags {
	for i, r := range use {
		if r == '/' {
			return books.Tags{Site: s.Name, Use: use[:i], Model: s.Models[use]}
		}
	}
	return books.Tags{Site: s.Name, Use: use}
}
