// Package entityfile reads what a legal entity is to its books: currency and zone,
// bank, pool, wallet and utility, what it owns and how that loses value, what it
// pays every month, and by which keys shared costs are divided.
package entityfile
