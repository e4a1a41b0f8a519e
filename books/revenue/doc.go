// Package revenue says when the fixed consideration of a hosting contract is
// earned: evenly, as it is billed, or as capacity is delivered. What is earned and
// not billed yet is a contract asset, what is billed and not earned yet is
// deferred. It books only the difference between both, beside what rating and
// invoices book, and keeps nothing.
//
// Metered use is not its business: that is earned as it is metered.
//
// Source: docs/formula/revenue.md.
package revenue
