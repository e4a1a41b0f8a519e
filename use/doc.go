// Package use defines the bid: how any use of power says, per interval, what
// each further megawatt is worth to it and what couples its intervals.
//
// The market that clears bids against offers knows nothing else about a use: not
// miners, not GPUs. A new use of power is a new folder below this one that can
// write a Bid.
//
// Power in a bid is measured at the terminals of the equipment (IT power).
// What the site must draw at its meter for it is larger by the marginal PUE,
// which the bid states too.
package use
