package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sluice/driver/entityfile"
	"sluice/store/ledger"
)

const euros = `foreign:
  - currency: EUR
    rate_policy: ecb-1
    accounts: [Assets:Bank:Frankfurt, Liabilities:Payable:Werk]
`

const bought = `transactions:
  - id: capital
    at: 2025-01-02
    kind: capital
    lines: [{account: "Assets:Bank:Main", amount: "50000"}, {account: "Equity:Capital", amount: "-50000"}]
  - id: euros
    at: 2025-01-10
    kind: exchange of money
    lines:
      - {account: "Assets:Bank:Frankfurt", amount: "10000"}
      - {account: "Equity:Conversion:EUR", amount: "-10000"}
      - {account: "Equity:Exchange:Assets-Bank-Frankfurt", amount: "11000"}
      - {account: "Assets:Bank:Main", amount: "-11000"}
`

// foreignBooks are those of a company that has bought 10,000.00 euros for 11,000.00
// dollars, and has in its file what is given.
func foreignBooks(t *testing.T, more string) string {
	t.Helper()
	text, err := entityfile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	c, err := companyOf(write(t, "firm.yaml", string(text)+euros+more))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "books")
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.open(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	posted(t, dir, bought)
	return dir
}

// asked is a command on books, and the exit code and a text that it must have.
type asked struct {
	code int
	want string
	args []string
}

func commands(t *testing.T, dir string, all []asked) {
	t.Helper()
	for _, x := range all {
		args := append([]string{"ledger", x.args[0], "--books", dir}, x.args[1:]...)
		if code, said, errs := call(t, args...); code != x.code || !strings.Contains(said+errs, x.want) {
			t.Fatalf("%v: %d, want %d and %q:\n%s%s", x.args, code, x.code, x.want, said, errs)
		}
	}
}

func ecb(day, value, policy string) []string {
	return []string{"price", "--asset", "EUR", "--at", day, "--value", value, "--source", "ECB", "--policy", policy}
}

// TestLedgerRemeasure: without a rate of the day nothing is booked; with it the
// account is brought to its worth, once, and again after more was booked.
func TestLedgerRemeasure(t *testing.T) {
	t.Parallel()
	dir := foreignBooks(t, "")
	january := []string{"remeasure", "--date", "2025-01-31", "--by", "anna"}
	commands(t, dir, []asked{
		{exitOK, "filed: 1 EUR is 1.040000 USD on 2025-01-30", ecb("2025-01-30", "1.04", "ecb-1")},
		{exitBadInput, "record the one that the policy names for that day", january},
		{exitOK, "filed: 1 EUR is 1.039300 USD on 2025-01-31", ecb("2025-01-31", "1.0393", "ecb-1")},
		{exitOK, "stands already", ecb("2025-01-31", "1.0393", "ecb-1")},
		{exitBadInput, "under another policy", ecb("2025-01-31", "1.0394", "ecb-1")},
		{exitOK, "filed", ecb("2025-01-31", "1.05", "bank-1")},
		{exitOK, "would be booked", append(january, "--dry-run")},
		{exitOK, "booked           Assets:Bank:Frankfurt: 10000.000000 EUR at 1.039300 by ECB, carried at 11000.000000, change -607.000000", january},
		{exitOK, "is right already", january},
		{exitOK, `"change": "107.000000"`, append(january, "--policy", "bank-1", "--json")},
		{exitOK, "change -107.000000", january},
		{exitOK, "by anna", []string{"entries", "--account", "Income:Exchange:Unrealised"}},
		{exitBadInput, "no price", append(january, "--policy", "nobody")},
		{exitOK, "(607.00)", []string{"report", "--period", "2025-01"}},
	})
	if _, err := exec.LookPath("hledger"); err != nil {
		t.Skip("SKIPPED: hledger is missing, so the books were not read by another program")
	}
	if _, err := exec.LookPath("bean-check"); err != nil {
		t.Skip("SKIPPED: bean-check is missing, so the books were not read by another program")
	}
	commands(t, dir, []asked{{exitOK, "tie", []string{"verify", "--period", "2025-01"}}})
}

// TestRatesRefused: what cannot be filed or remeasured is told.
func TestRatesRefused(t *testing.T) {
	t.Parallel()
	dir := foreignBooks(t, "")
	good := ecb("2025-01-31", "1.04", "ecb-1")
	with := func(flag, value string) []string { return append(append([]string{}, good...), flag, value) }
	commands(t, dir, []asked{
		{exitBadInput, "with the days that they value", with("--asset", "BTC")},
		{exitBadInput, "declare one under foreign", with("--asset", "CHF")},
		{exitBadInput, "declare one under foreign", with("--asset", "USD")},
		{exitBadInput, "are in USD", with("--quote", "GBP")},
		{exitBadInput, "write 2025-09-30", with("--at", "yesterday")},
		{exitBadInput, "a day to come", with("--at", "2999-01-01")},
		{exitBadInput, "above zero", with("--value", "0")},
		{exitBadInput, "above zero", with("--value", "1.0000001")},
		{exitBadInput, "whose rate it is", with("--source", " ")},
		{exitBadInput, "by which rule", with("--policy", "a\nb")},
		{exitBadInput, "name the day", []string{"remeasure", "--date", "2025-01", "--by", "anna"}},
		{exitBadInput, "who remeasures", []string{"remeasure", "--date", "2025-01-31"}},
		{exitBadInput, "not over", []string{"remeasure", "--date", "2999-01-31", "--by", "anna"}},
		{exitOK, "nothing is held", []string{"remeasure", "--date", "2025-01-01", "--by", "anna"}},
	})
	commands(t, emptyBooks(t), []asked{{exitBadInput, "no account in a foreign currency", []string{"remeasure", "--date", "2025-01-31", "--by", "anna"}}})
}
