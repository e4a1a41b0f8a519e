// Package commission learns what one machine does when it is told to sleep, to
// wake and to hold a level: how long each takes, what it draws at the meter, and
// by how much its own figures are off. It is a state machine like the kernel of
// package actuate: pure, with time as a value, so that the same events at the
// same times give the same effects.
//
// One unit at a time is commissioned, usually on a feeder that carries other
// machines too. Its power is then never the reading of the meter but a
// difference of two of them, and no difference below the resolution, which is
// taken from how restless the feeder was before anything was sent, is believed.
//
// Whatever ends a trial - its natural end, a stop, heat, a fault, a meter that
// went silent, a machine that says yes and does nothing - ends it the same way:
// what was found is given back, read back, and what could not be is named.
//
// Formulas: docs/formula/commission.md.
package commission
