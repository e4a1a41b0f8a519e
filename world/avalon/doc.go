// Package avalon serves virtual machines that speak the dialect of Canaan's
// firmware on real sockets: the cgminer interface without a password, one
// connection at a time, values as KEY[value] text inside JSON, and orders to
// sleep and wake in either of the two ways that are known.
package avalon
