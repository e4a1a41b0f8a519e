// Package exchange books what a company has and owes in foreign currencies: money
// that is exchanged, documents that are issued and settled at the named rates of
// their days, and the remeasurement at the end of a period. It makes transactions
// and keeps nothing.
//
// Every account in a foreign currency has a second one in the currency of the
// entity, books.Carrying, that holds what it is carried at. Only money is kept in
// foreign accounts: in a bank, to be received, to be paid. Machines, income and
// expenses are booked in the currency of the entity at the rate of their day.
//
// Source: docs/formula/exchange.md.
package exchange
