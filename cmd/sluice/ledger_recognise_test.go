package main

import (
	"strings"
	"testing"
)

const tenancy = `revenue:
  - { contract: c1, customer: tenant, method: straight-line, start: 2024-12-01, months: 12, monthly: 73000 }
`

const december = `transactions:
  - id: bill
    at: 2024-12-03
    kind: usage
    lines: [{account: "Assets:UnbilledRevenue", amount: "73000", contract: c1}, {account: "Income:Hosting:Reservation", amount: "-73000", contract: c1}]
`

// TestLedgerRecognise: 876,000.00 in 365 days are 2,400.00 a day. What was billed
// beyond that is deferred, once, and corrects itself when a bill is known late.
func TestLedgerRecognise(t *testing.T) {
	t.Parallel()
	dir := foreignBooks(t, tenancy)
	posted(t, dir, december)
	month := []string{"recognise", "--period", "2024-12", "--by", "anna"}
	commands(t, dir, []asked{
		{exitOK, "would be booked", append(month, "--dry-run")},
		{exitOK, "booked           contract c1, version 1, straight-line (by anna)\n  Assets:ContractAsset                                1400.000000\n", month},
		{exitOK, "is booked already", month},
		{exitBadInput, "who recognises", []string{"recognise", "--period", "2024-12"}},
		{exitBadInput, "ends on 3000-01-01 only", []string{"recognise", "--period", "2999-12", "--by", "anna"}},
	})
	posted(t, dir, strings.NewReplacer("id: bill", "id: late", "2024-12-03", "2024-12-20", "73000", "10000").Replace(december))
	commands(t, dir, []asked{{exitOK, "Liabilities:DeferredRevenue                        -8600.000000", month}, {exitOK, "is booked already", month}})
	commands(t, foreignBooks(t, ""), []asked{{exitBadInput, "no contract stands under revenue", month}})
}
