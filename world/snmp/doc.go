// Package snmp is a small SNMP 2c agent for simulated power strips: it answers
// GET and GETNEXT over UDP from a list of objects, and misbehaves on request.
// It codes the protocol by itself, so that it can prove the driver's library
// wrong and be proven wrong by it.
//
// Formats: RFC 3416 for the operations, ITU-T X.690 for the coding.
package snmp
