package model_test

import (
	"strings"
	"testing"

	"sluice/books"
	"sluice/capital/model"
)

// TestAccounts holds the lines of a plan against the chart that a new company begins
// with: every account of income and expense is gathered by exactly one line, and every
// line gathers accounts that are there.
func TestAccounts(t *testing.T) {
	t.Parallel()
	gathered := map[string]int{}
	standard := books.Standard("company", "USD", "UTC").Accounts
	for _, l := range append(model.ProfitLines(), model.BalanceLines()...) {
		for _, a := range model.Accounts(l) {
			found := a == "Assets:Bank" || a == "Assets:RestrictedCash" // one for each bank, none in a new chart
			for _, x := range standard {
				if x.Name == a || strings.HasPrefix(x.Name, a+":") {
					found = true
					gathered[x.Name]++
				}
			}
			if !found {
				t.Errorf("%s gathers %s, which is in no chart", model.Names()[l], a)
			}
		}
	}
	for _, x := range standard {
		result := strings.HasPrefix(x.Name, "Income:") || strings.HasPrefix(x.Name, "Expenses:")
		if n := gathered[x.Name]; result && n != 1 {
			t.Errorf("%s is gathered by %d lines of the plan, want 1", x.Name, n)
		}
		if _, ok := model.LineOf(x.Name); ok != result {
			t.Errorf("%s: a line of profit and loss gathers it: %t", x.Name, ok)
		}
	}
}
