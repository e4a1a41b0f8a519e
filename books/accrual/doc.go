// Package accrual keeps service to tenants from being earned twice. The clerk of a
// site accrues it day by day from the site's own counting, as an estimate: unbilled
// revenue against income, and credits that it expects to owe. The invoice of the
// contract is rated from metered intervals, and is what was earned. So for a contract
// and a month only one of both stands:
//
//	accrued, then invoiced   the invoice takes back what was accrued of its month,
//	                         each day on its own day
//	invoiced, then accrued   a day of a month that is invoiced is not accrued any more
//
// Source: docs/formula/revenue.md.
package accrual
