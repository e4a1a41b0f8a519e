// Package peerfile reads what companies publish, and the closes of their shares, from
// CSV files that a person brings, and ships an example of both that is made up.
//
// Companies: columns company, period, metric, value, unit and, where they are there,
// source or source_url, and note; a row for each figure. Closes: columns date, ticker
// and close, in USD and adjusted for splits and, where it is there, source. Every
// fault is told with its line, all of them at once, and then nothing is taken. What
// the figures mean, and whether they contradict each other, is the business of
// package peer.
package peerfile
