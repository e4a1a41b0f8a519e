// Package export is the use of power that sells: feeding in what the site
// generates, and lending the grid what the site could stop drawing.
//
//   - Bid offers feed-in as one more use of power, worth the market price less
//     the export adders. Energy of a purchase agreement that is not drawn is
//     sold back on the side of its power.Offer, not here: it never passes the
//     site's meter.
//   - Limits turns the instructions of the grid operator into temporary import
//     and export limits.
//   - Reserves adds headroom to the bids of other uses. It is OFF unless a site
//     switches it on: patents in the United States read on setting a load to a
//     minimum power by agreement with the grid, so whoever offers reserve from
//     load there first asks counsel. Without it nothing else changes.
//
// Seconds-class products never pass through a plan. A plan leaves the room; the
// site's own controller acts.
package export
