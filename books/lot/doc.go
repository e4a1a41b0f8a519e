// Package lot says what bitcoin cost and what it is worth: the lots that each
// wallet holds, which of them a sale takes, how they move and keep their age, and
// the value at the end of a day. It makes transactions and keeps nothing.
//
// Source: docs/formula/books.md.
package lot
