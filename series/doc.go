// Package series holds values over time: settlement grids, intervals, clock
// changes, and what to do about a gap. It is generic over its values and knows
// nothing of watts or money.
//
// An interval is named by its START in UTC and is half open: [start, start+length).
// Sources that label the end of an interval are converted where they enter.
// A missing value is not zero: every series carries, per interval, whether the
// value is known.
package series
