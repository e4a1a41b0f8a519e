// Package scan finds out which machines stand in a network. It asks every
// address at a bounded rate, first whether anybody is there and then each
// dialect in the caller's order, and stops at the first that is certain. It
// uses no credential and writes nothing.
//
// The order matters, because firmware imitates other firmware: port 4028 alone
// decides nothing, and whoever looks for the name of the original maker comes
// last, after everybody who builds on that maker's machines.
package scan
