// Package meter says what each tenant used: GPU-seconds and energy by job and
// interval, reconciled to the meters of rack, hall and site, and how long each
// contract was up, down, slowed or rightly curtailed.
//
// Words:
//
//	interval   a stretch of whole seconds over which everything was read
//	holder     who bears a part: a job of a contract, a contract for the idle GPUs
//	           of its nodes, or the operator
//	boundary   the meter that everything in an interval lies behind: a hall's, or
//	           the site's
//	residual   what the boundary counted and nothing inside did; negative where
//	           the inside counted more. It is published, and nobody's unless agreed
//	mark       why a figure is estimated and not read
//	witness    a second count of who held which GPU
//
// Energies are whole joules, never negative but for a residual. What is split is
// split by largest remainder, so that parts sum to what was metered to the joule.
// What was not read is estimated by a rule and marked, or held; it is never zero.
// Times are whole seconds: a run counts from the second in which it began to the
// second in which it ended, so that stretches may be cut anywhere.
//
// Source: docs/formula/meter.md.
package meter
