// Package trust decides how far a site may act by itself. Trust grows in steps:
// observe, shadow (decides and switches nothing), advisory (people decide),
// closed loop on one rack, on 5 %, on 25 %, on all. Each step needs evidence and
// two people; the way down needs one person, or a guard and nobody.
//
// Kernel is a state machine: Step takes the time and one event, and returns what
// to do. What it says at last is which machines are entrusted; the actuation
// kernel lowers and raises no others for the sake of a plan. What people lower
// and what the grid instructs acts on every machine in every stage, and is no
// business of this package. Why: docs/decision/0014-modes.md. For operators:
// docs/modes.md.
package trust
