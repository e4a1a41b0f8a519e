// Package report is the honest account of one backtest: what was replayed, on
// which data and how far each of them may be trusted, what every policy would
// have earned, and where the difference came from.
//
// A [Report] is plain data, filled by the replay. [Text] writes it for a
// terminal, [JSON] for programs (and [Read] reads it back), [HTML] as one file
// that needs no network, in English, Arabic or Portuguese.
//
// The words used here:
//
//	policy       a rule that decides what the site draws in every interval
//	always on    the policy that never stops; every gain is counted against it
//	hindsight    the policy that knew every price beforehand; nobody can follow it
//	captured     the share of hindsight's gain over always-on that a policy reached
//	standing     how a number came to be: measured, metered, published,
//	             estimated, assumed or synthetic, from strong to weak
//	trace        one value per interval, with gaps that are never zero
//
// Signs and rounding are those of package unit: money earned is positive, money
// spent is negative. Nothing here reads a clock: two reports of the same replay
// are the same bytes.
package report
