// Package books is double-entry bookkeeping for a company that owns megawatts:
// a chart of accounts per legal entity, transactions that balance in every asset,
// and the chain of hashes that shows whether one was changed afterwards. It is
// pure: it keeps nothing and knows no clock.
//
// Amounts are whole numbers of the smallest unit of their asset: millionths of a
// currency, satoshi of bitcoin. Debits are positive, credits negative. What is
// booked is never changed; a correction takes the whole transaction back and
// books another.
//
// The rooms below it make transactions: books/lot what bitcoin cost and is
// worth, books/rate what metered use costs a tenant.
package books
