// Package snmp reads the power of metered power strips over SNMP 2c or 3, by
// templates: a family of strips is a YAML file with an object identifier, a
// scale and a unit for each quantity.
//
// One Read asks for everything the template names, a few dozen objects a
// request, without retries, within the context and the strip's own limit.
// Nothing is ever written. What a strip does not state, or states as -1 the way
// many mark what a model lacks, is not known; it is never zero.
//
// Traps of the trade: the community of 2c travels in the clear; datagrams may
// be lost, so an answer that never came says nothing about the load; energy
// counters of strips are often resettable by hand and 32 bits wide.
package snmp
