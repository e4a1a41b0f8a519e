// Package modbus reads energy meters over Modbus by templates: a meter is a
// YAML file, never a piece of Go. It also joins the meters of a site into the
// registers that the loop reads.
//
// A template states for every quantity where it stands, how it is coded, in
// which unit, and which sign is import. Addresses are those sent on the wire,
// counted from zero, unless the template says "addressing: one", where the
// numbers are those of a document whose first register is number one.
//
// Positive power is import, as everywhere in this house. What a meter does not
// state, marks as not available, or states beyond reason is not known; it is
// never zero. Energy counters are handed on as raw counts with the count at
// which they begin again, so that a wrap costs nothing and a reset is an error.
//
// One Read is one connection and a few requests, in time bounded by the context
// and the meter's own limit, without retries. The framing is the package's own,
// about a hundred lines, because every connection must go through wire.Network
// and end with the context; the simulated meter it is tested against uses
// another implementation of the protocol.
//
// Traps of the trade, as far as they are known here:
//
//   - Current transformers turned around make a load look like feed-in; one of
//     three turned around makes it look like a third. See Examine.
//   - A 32-bit float counter carries 24 bits: at 100 GWh in watt-hours it moves
//     in steps of 8 kWh. Counter.Step says how coarse it is.
//   - Signed 32-bit power in hundredths of a watt ends at 21 MW.
//   - Some meters answer a request that spans an unused register with an
//     exception, others with all ones. A template says which by its gap.
package modbus
