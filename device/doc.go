// Package device says what can be known of one controllable machine and what
// can be asked of it, whatever dialect it speaks. It is the contract between
// those who decide and those who translate.
//
// A driver translates; it does not decide. It does exactly one bounded exchange
// per call: no hidden retries, no hidden verification, no state that a restart
// would lose. An Ack is never proof: proof is a Reading whose request began
// after the Ack came back, and in the end the meter.
//
// Absent is not zero: a value that a machine does not state is not known.
package device
