package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keptBooks replays a few days into new books and returns their folder.
func keptBooks(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "books")
	code, _, errs := call(t, "replay", "--site", "houston", "--from", "2025-03-31", "--to", "2025-04-02", "--run", t.TempDir(), "--books", dir)
	if code != exitOK || !strings.Contains(errs, "assumed: ") || !strings.Contains(errs, "Houston Hash LLC") {
		t.Fatalf("%d: %s", code, errs)
	}
	return dir
}

// TestLedger goes from a replay to a closed period: statements, drill-down, proof
// by programs of others, lock, and nothing more is booked.
func TestLedger(t *testing.T) {
	t.Parallel()
	dir := keptBooks(t)
	code, said, errs := call(t, "ledger", "report", "--books", dir, "--by", "use")
	for _, want := range []string{"Profit and loss: mining", "Balance sheet, 2025-04-01", "Cash flow", "4 fully loaded", "Assets:Digital:Pool:Pool"} {
		if code != exitOK || !strings.Contains(said, want) {
			t.Errorf("%d: %q is missing\n%s%s", code, want, said, errs)
		}
	}
	code, said, errs = call(t, "ledger", "report", "--books", dir, "--json")
	var r reportJSON
	if err := json.Unmarshal([]byte(said), &r); code != exitOK || err != nil || r.Cost == nil || len(r.Cost.Levels) != 4 || r.Sheet.Earned != r.Income.Net || len(r.Trial) == 0 {
		t.Errorf("%d: %v: %+v %s", code, err, r, errs)
	}
	code, said, _ = call(t, "ledger", "entries", "--books", dir, "--account", "Expenses:Power:Energy", "--period", "2025-03-31")
	if code != exitOK || strings.Count(said, "power metered") != 1 || !strings.Contains(said, "evidence SHA-256") {
		t.Errorf("%d: %s", code, said)
	}
	exported(t, dir)
	misused(t, dir)
	proved(t, dir)
}

// proved closes the books where the programs of others are there.
func proved(t *testing.T, dir string) {
	t.Helper()
	for _, p := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED: %s is missing, so the books were NOT proved by it (make debian installs it)", p)
		}
	}
	if code, said, errs := call(t, "ledger", "verify", "--books", dir); code != exitOK || strings.Count(said, "nothing to say") != 3 {
		t.Fatalf("%d: %s%s", code, said, errs)
	}
	for _, month := range []string{"2025-03", "2025-04"} {
		if code, said, errs := call(t, "ledger", "close", "--books", dir, "--period", month, "--by", "anna"); code != exitOK || !strings.Contains(said, "locked") {
			t.Fatalf("%s: %d: %s%s", month, code, said, errs)
		}
	}
	if code, _, errs := call(t, "ledger", "close", "--books", dir, "--period", "2025-03", "--by", "anna"); code != exitBadInput || !strings.Contains(errs, "locked") {
		t.Errorf("closed twice: %d: %s", code, errs)
	}
	if code, _, errs := call(t, "ledger", "unlock", "--books", dir, "--number", "2", "--by", "anna", "--and", "Anna ", "--reason", "x"); code != exitBadInput {
		t.Errorf("one person opened a period: %d: %s", code, errs)
	}
	if code, _, errs := call(t, "ledger", "unlock", "--books", dir, "--number", "2", "--by", "anna", "--and", "ben", "--reason", "audit"); code != exitOK {
		t.Errorf("two people could not open a period: %d: %s", code, errs)
	}
	if code, said, _ := call(t, "ledger", "locks", "--books", dir); code != exitOK || strings.Count(said, "locked 2025") != 2 || !strings.Contains(said, "taken back") {
		t.Errorf("%d: %s", code, said)
	}
	if code, _, errs := call(t, "replay", "--site", "houston", "--from", "2025-03-31", "--to", "2025-04-02", "--run", t.TempDir(), "--books", dir); code != exitOK {
		t.Errorf("the same again is no change, and was refused: %d: %s", code, errs)
	}
	if code, _, errs := call(t, "replay", "--site", "houston", "--from", "2025-04-01", "--to", "2025-04-02", "--run", t.TempDir(), "--books", dir); code == exitOK {
		t.Errorf("other facts went into the same books: %s", errs)
	}
}

func exported(t *testing.T, dir string) {
	t.Helper()
	for form, want := range map[string]string{"hledger": "commodity 1.000000 USD", "beancount": `option "booking_method" "STRICT"`, "beancount-fifo": `BTC "FIFO"`} {
		if code, said, errs := call(t, "ledger", "export", "--books", dir, "--as", form, "--period", "2025-03"); code != exitOK || !strings.Contains(said, want) {
			t.Errorf("%s: %d: %s%s", form, code, said, errs)
		}
	}
}

func misused(t *testing.T, dir string) {
	t.Helper()
	for want, args := range map[string][]string{
		"--books FOLDER":      {"report"},
		"write 2025, 2025-09": {"report", "--books", dir, "--period", "last week"},
		"--by \"colour\"":     {"report", "--books", dir, "--by", "colour"},
		"Nobody":              {"report", "--books", dir, "--entity", "Nobody"},
		"Expenses:Lunch":      {"entries", "--books", dir, "--account", "Expenses:Lunch"},
		"no-such-id":          {"entries", "--books", dir, "--id", "no-such-id"},
		"--as \"pdf\"":        {"export", "--books", dir, "--as", "pdf"},
		"--by":                {"close", "--books", dir, "--period", "2025"},
		"0 entities":          {"report", "--books", t.TempDir()},
	} {
		if code, said, errs := call(t, append([]string{"ledger"}, args...)...); code != exitBadInput || !strings.Contains(errs, want) || said != "" {
			t.Errorf("%v: %d: %s%s, want %q", args, code, said, errs, want)
		}
	}
	if code, _, errs := call(t, "replay", "--site", "houston", "--from", "2025-03-31", "--to", "2025-04-02", "--books", dir, "--entity", "nowhere"); code != exitBadInput || !strings.Contains(errs, "houston") {
		t.Errorf("%d: %s", code, errs)
	}
}
