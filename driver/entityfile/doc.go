// Package entityfile reads what a legal entity is to its books: currency and zone,
// bank, pool, wallet and utility, what it owns and how that loses value, what it
// pays every month, what it borrowed and rents, its accounts in other currencies,
// what its contracts earn over their term, and by which keys shared costs are
// divided. docs/entity-file.md lists every key.
package entityfile
