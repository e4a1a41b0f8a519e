// Package history reads recorded market history from files that a person
// brings: electricity prices, air temperatures and the daily figures of the
// Bitcoin network, as plain or gzip-compressed CSV.
//
// The rule of the package: a file is either understood completely or refused
// with one Fault that names the line, what is wrong and what to do. Nothing is
// dropped or repaired in silence; whatever was done to the data (gaps filled,
// equal rows seen twice, rows outside the period, intervals held or averaged)
// is counted in Source and belongs into the report.
//
// # What a file looks like
//
// One header line with column names, then one row per interval. Lines that
// begin with # are comments. A byte order mark and CRLF are accepted. The
// separator is a comma; when the header has more semicolons than commas it is a
// semicolon, and only then may numbers use a decimal comma. An empty value,
// "n/a", "na", "null", "none", "-", NaN and infinities are gaps, never zeros.
//
// Columns names the columns; what it leaves empty is guessed from the header
// (see Columns), and a guess with two answers is a Fault that lists them.
//
// # Time
//
// Inside the house an interval is named by its start in UTC. Stamps with an
// offset say for themselves where they are; stamps without one are read in
// Columns.Zone. In a local zone the repeated hour of autumn must be there
// twice, one whole pass after the other, and the sequence tells them apart; a
// stamp inside the skipped hour of spring is a Fault, because such a file does
// not follow the zone that it is said to follow.
//
// The length of an interval comes from the column Columns.Minutes, or else from
// the distance to the neighbouring stamp (the next one when stamps are starts,
// the previous one when they are ends). The finest distance in the file that
// markets settle on is taken for a length; a coarser one only where it holds
// for a whole day without a break. Every other distance is a gap. So a file may
// change from 60 to 15 minutes, and four rows missing from a 15-minute file
// still are a gap and not an hour.
//
// # Onto the grid
//
// A value holds for its whole interval: on a finer grid it is repeated, on a
// coarser one the time-weighted mean is taken and rounded half to even. A grid
// interval of which any part has no value has no value.
package history
