package exchange_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/exchange"
	"sluice/books/export"
	"sluice/books/statement"
	"sluice/unit"
)

// halfway is the worked month before the last euros are sold: euros are held and
// owed.
func halfway(t *testing.T) *ledger {
	t.Helper()
	b, all := open(t), worked(t).all
	for _, x := range all[:len(all)-1] {
		b.post(x, nil)
	}
	b.post(exchange.Document(event("t6", 30), b.at(supplier), []exchange.Part{{Account: books.Overhead, Amount: 100 * euro}}, rate("EUR", 30, 1_130_000)))
	return b
}

// TestStatements: while euros are held and owed, balance sheet and cash flow tie,
// and state them at what they are carried at.
func TestStatements(t *testing.T) {
	t.Parallel()
	b := halfway(t)
	sheet, err := statement.BalanceSheet(b.c, b.balances(), &books.Holdings{})
	if err != nil || sheet.Gap() != 0 {
		t.Errorf("%+v, %v", sheet, err)
	}
	for account, want := range map[string]unit.Amount{frankfurt: 6_780 * dollar, supplier: 113 * dollar} {
		rows := append(slices.Clone(sheet.Assets), sheet.Liabilities...)
		i := slices.IndexFunc(rows, func(r statement.Row) bool { return r.Account.Name == account })
		if i < 0 || rows[i].Amount != want {
			t.Errorf("%s is not stated at %s: %+v", account, want, rows)
		}
	}
	cash, err := statement.CashFlow(b.c, nil, b.balances(), b.all)
	if err != nil || cash.Closing != 95_780*dollar {
		t.Errorf("%+v, %v", cash, err)
	}
}

// TestExports: somebody else's programs find that every currency sums to zero and
// every account ends where we say.
func TestExports(t *testing.T) {
	t.Parallel()
	b := halfway(t)
	p := export.Period{
		Chart: b.c, Zone: time.UTC, From: time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC),
		Transactions: b.all, Closing: b.held, Prices: []books.Price{rate("EUR", 5, 1_120_000), rate("EUR", 30, 1_130_000)},
	}
	for program, c := range map[string]struct {
		write func(io.Writer) error
		args  []string
	}{
		"bean-check": {func(w io.Writer) error { return export.Beancount(w, p, export.Strict) }, nil},
		"hledger":    {func(w io.Writer) error { return export.Hledger(w, p) }, []string{"check", "--strict", "ordereddates", "-f"}},
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(program)
			if err != nil {
				t.Skipf("SKIPPED, %s was not asked: it is not here", program)
			}
			var out bytes.Buffer
			file := filepath.Join(t.TempDir(), "period")
			if err := c.write(&out); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			if says, err := exec.CommandContext(t.Context(), path, append(c.args, file)...).CombinedOutput(); err != nil || len(says) > 0 {
				t.Errorf("%v\n%s\n%s", err, says, out.String())
			}
		})
	}
}
