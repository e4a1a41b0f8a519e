// Package forecast expects what power will cost, from published prices alone.
//
// A Desk is fed prices strictly in the order in which they become known and
// answers with an Outlook: for every interval of a mesh the conditional mean,
// because decisions are linear in price, and five quantiles. The desk has no
// clock, no file and no look at the future: what was never handed in cannot be
// used. Several models compete; per lead band the one whose decisions would
// have cost least of late is used.
//
// Floats live in this room. Prices enter as unit.Price and leave as unit.Price,
// converted in one file and rounded half to even. Formulas and parameters:
// docs/formula/forecast.md.
package forecast
