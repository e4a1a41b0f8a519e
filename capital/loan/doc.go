// Package loan sizes debt by the cash that serves it, draws it while something is
// built, pays it in the order that lenders ask for, and says when a promise to them
// breaks, for project loans and for loans against bitcoin.
//
// A Schedule is what every loan comes to: service, interest, principal and balance,
// period by period. Sculpt makes one that follows the cash, Capped one that also
// stays below a share of the cost, Annuity, Linear and Bullet the fixed ones. Build
// finds the loan whose size depends on a cost that depends on its interest.
// Waterfall pays one period. Ratio and Covenant are what lenders test. Touch, Falls,
// CallPrice and TopUp say before a pledge what it may cost, and a Margin steps a
// Position through prices. Profit is what taxes are taken on.
//
// Nothing here keeps anything. Periods are as long as their rate says; where a year
// matters, the caller says how many periods it has. Payments fall on the end of a
// period. Money is in the currency of the plan, ratios and rates are shares.
//
// Source of all formulas: docs/formula/loan.md.
package loan
