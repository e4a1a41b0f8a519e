package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/driver/entityfile"
	"sluice/store/ledger"
)

const wages = `transactions:
  - id: capital
    at: 2025-09-28
    kind: capital
    lines:
      - {account: Assets:Bank:Main, amount: "500000"}
      - {account: Equity:Capital, amount: "-500_000.00"}
  - id: wages-2025-09
    at: 2025-09-30
    kind: wages
    narration: September
    evidence: payroll.txt
    lines:
      - {account: Expenses:Site:Labour, amount: "140000.00", site: houston, use: mining}
      - {account: Assets:Bank:Main, amount: "-140000.00"}
`

// journal writes a journal with its document, and returns its path.
func journal(t *testing.T, text string) string {
	t.Helper()
	path := write(t, "journal.yaml", text)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "payroll.txt"), []byte("forty people\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func posted(t *testing.T, dir, text string) {
	t.Helper()
	if code, said, errs := call(t, "ledger", "post", "--books", dir, journal(t, text)); code != exitOK {
		t.Fatalf("%d: %s%s", code, said, errs)
	}
}

// TestLedgerPost books by hand, drills from the entry down to the document, takes
// it back, and settles what was set aside.
func TestLedgerPost(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	file := journal(t, wages)
	if code, said, errs := call(t, "ledger", "post", "--books", dir, file, "--dry-run"); code != exitOK || strings.Count(said, "would be booked") != 2 {
		t.Fatalf("%d: %s%s", code, said, errs)
	}
	if code, said, _ := call(t, "ledger", "post", "--books", dir, file); code != exitOK || strings.Count(said, "booked  ") != 2 {
		t.Fatalf("%d: %s", code, said)
	}
	if code, said, errs := call(t, "ledger", "post", "--books", dir, file); code != exitOK || strings.Count(said, "stands already") != 2 {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	_, said, _ := call(t, "ledger", "entries", "--books", dir, "--id", "wages-2025-09")
	_, hash, _ := strings.Cut(said, "evidence SHA-256 ")
	hash, _, _ = strings.Cut(hash, "\n")
	for _, text := range []string{hash, hash[:12]} {
		if code, said, errs := call(t, "ledger", "paper", "--books", dir, text); code != exitOK || !strings.Contains(said, "forty people") || !strings.Contains(said, "payroll.txt") {
			t.Errorf("%d: %s%s", code, said, errs)
		}
	}
	if code, said, _ := call(t, "ledger", "paper", "--books", dir, "--raw", hash); code != exitOK || said != "forty people\n" {
		t.Errorf("%d: %q", code, said)
	}
	if code, said, errs := call(t, "ledger", "reverse", "--books", dir, "--id", "wages-2025-09", "--why", "paid twice", "--by", "anna"); code != exitOK || !strings.Contains(said, "paid twice (by anna)") || !strings.Contains(said, "takes back wages-2025-09") {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	if code, _, errs := call(t, "ledger", "reverse", "--books", dir, "--id", "wages-2025-09", "--at", "2025-10-02", "--why", "again", "--by", "anna"); code != exitBadInput || !strings.Contains(errs, "already") {
		t.Errorf("%d: %s", code, errs)
	}
}

const loan = `accounts: [Assets:Bank:Second]
transactions:
  - id: loan
    at: 2025-09-01
    kind: loan
    standing: pending
    lines:
      - {account: Assets:Bank:Second, amount: "1000"}
      - {account: Liabilities:Debt, amount: "-1000"}
`

func TestLedgerSettle(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{"--void=true": "void", "--void=false": "posted"} {
		dir := emptyBooks(t)
		posted(t, dir, loan)
		if code, said, errs := call(t, "ledger", "settle", "--books", dir, "--id", "loan", "--why", "the bank said so", "--by", "anna", flag); code != exitOK || !strings.Contains(said, "  "+want+"\n") || !strings.Contains(said, "settles loan") {
			t.Errorf("%d: %s%s", code, said, errs)
		}
		if code, _, errs := call(t, "ledger", "settle", "--books", dir, "--id", "loan", "--at", "2025-09-03", "--why", "again", "--by", "anna"); code != exitBadInput || !strings.Contains(errs, "already") {
			t.Errorf("%d: %s", code, errs)
		}
	}
}

// TestLedgerPostRefuses: each fault is told, and nothing is booked or opened.
func TestLedgerPostRefuses(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	june := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	if _, err := store.Lock(t.Context(), ledger.Period{Entity: houston, From: june.AddDate(0, -1, 0), To: june, At: june, By: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct{ from, to, want string }{
		"an unknown account":        {"Expenses:Site:Labour", "Expenses:Site:Lunch", "Expenses:Site:Lunch"},
		"a locked period":           {"at: 2025-09-30", "at: 2025-05-30", "locked"},
		"lines that do not sum":     {`"140000.00", site`, `"140000.01", site`, "0.010000"},
		"an overflow":               {`"140000.00", site`, `"99999999999999999999", site`, "amount"},
		"too many decimals":         {`"140000.00", site`, `"140000.0000001", site`, "decimals"},
		"a lot that nobody has":     {`{account: Assets:Bank:Main, amount: "-140000.00"}`, lots, "lot"},
		"money in a lot":            {`"140000.00", site: houston`, `"140000.00", lot: {id: x, acquired: 2025-01-01T00:00:00Z, cost: "1"}`, "holds no bitcoin"},
		"a day that is none":        {"at: 2025-09-30", "at: yesterday", "yesterday"},
		"no day":                    {"    at: 2025-09-30\n", "", "at:"},
		"an id twice":               {"id: wages-2025-09", "id: capital", "twice"},
		"no id":                     {"id: wages-2025-09", "id: ''", "its id has"},
		"an unknown key":            {"narration:", "story:", "story"},
		"a standing that is none":   {"narration:", "standing: maybe\n    narration:", "maybe"},
		"a month that is none":      {"narration:", "belongs: summer\n    narration:", "summer"},
		"settling what is not":      {"narration:", "settles: nothing\n    narration:", "no pending transaction"},
		"a document that is absent": {"payroll.txt", "none.txt", "none.txt"},
		"a document elsewhere":      {"payroll.txt", "../payroll.txt", "in the folder"},
		"an account of no family":   {"transactions:", "accounts: [Expenses:Lunch]\ntransactions:", "Expenses:Lunch"},
		"no transactions":           {wages, "accounts: [Assets:Bank:Third]\n", "no transactions"},
		"what is no YAML":           {"transactions:", "transactions: [", "journal.yaml"},
	} {
		text := strings.Replace(wages, c.from, c.to, 1)
		if text == wages {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		for _, more := range [][]string{nil, {"--dry-run"}} {
			code, said, errs := call(t, append([]string{"ledger", "post", "--books", dir, journal(t, text)}, more...)...)
			if (code != exitBadInput || said != "" || !strings.Contains(errs, c.want)) && (sentence != "settling what is not" || more == nil) {
				t.Errorf("%s: %d: %s%s, want %q", sentence, code, said, errs, c.want)
			}
		}
	}
	if code, said, errs := call(t, "ledger", "entries", "--books", dir, "--account", "Assets:Bank:Main", "--period", "2025"); code != exitOK || said != "" {
		t.Errorf("something was booked: %d: %s%s", code, said, errs)
	}
	posted(t, dir, wages)
	if code, _, errs := call(t, "ledger", "post", "--books", dir, journal(t, strings.Replace(wages, "narration: September", "narration: October", 1))); code != exitBadInput || !strings.Contains(errs, "wages-2025-09") {
		t.Errorf("another content under the same id: %d: %s", code, errs)
	}
	for want, args := range map[string][]string{
		"--why":                {"reverse", "--id", "capital", "--by", "anna"},
		"no-such":              {"reverse", "--id", "no-such", "--why", "x", "--by", "anna"},
		"--at":                 {"reverse", "--id", "capital", "--why", "x", "--by", "anna", "--at", "soon"},
		"only what is pending": {"settle", "--id", "capital", "--why", "x", "--by", "anna"},
		"hexadecimal":          {"paper", "xyz"},
		"0 papers begin":       {"paper", "123456789abc"},
		"not in the books":     {"paper", strings.Repeat("ab", 32)},
		"nothing of that id":   {"suspense", "--release", "x", "--by", "anna", "--why", "y"},
		"by why":               {"suspense", "--release", "x"},
	} {
		if code, said, errs := call(t, append([]string{"ledger"}, append(args, "--books", dir)...)...); code != exitBadInput || said != "" || !strings.Contains(errs, want) {
			t.Errorf("%v: %d: %s%s, want %q", args, code, said, errs, want)
		}
	}
}

const lots = `{account: Assets:Digital:Wallet:Treasury, amount: "-1", lot: {id: x, acquired: 2025-01-01T00:00:00Z, cost: "-140000"}}
      - {account: Equity:Conversion:BTC, amount: "1"}
      - {account: Equity:Conversion:USD, amount: "-140000"}`

// TestLedgerSuspense lists what is parked, and releases it by a person.
func TestLedgerSuspense(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	if code, said, _ := call(t, "ledger", "suspense", "--books", dir); code != exitOK || said != "nothing is parked\n" {
		t.Errorf("%d: %s", code, said)
	}
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	paper := ledger.Paper{Kind: "receipt", Name: "r", Body: []byte("a receipt\x1b[2J")}
	at := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	_, err = store.Book(t.Context(), ledger.Batch{Entity: houston, Papers: []ledger.Paper{paper}, Parked: []ledger.Parked{{ID: "p", Kind: "receipt", Reason: "odd", Says: "nobody knows it", At: at, Booked: at, Paper: paper.Hash()}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if code, said, _ := call(t, "ledger", "suspense", "--books", dir); code != exitOK || !strings.Contains(said, "nobody knows it") || !strings.Contains(said, hashText(paper.Hash())) {
		t.Errorf("%d: %s", code, said)
	}
	if code, said, _ := call(t, "ledger", "paper", "--books", dir, hashText(paper.Hash())); code != exitOK || strings.Contains(said, "\x1b") {
		t.Errorf("%d: %q", code, said)
	}
	if code, _, errs := call(t, "ledger", "suspense", "--books", dir, "--release", "p", "--by", "anna", "--why", "ours"); code != exitOK {
		t.Errorf("%d: %s", code, errs)
	}
	if code, said, _ := call(t, "ledger", "suspense", "--books", dir, "--all"); code != exitOK || !strings.Contains(said, "by anna: ours") {
		t.Errorf("%d: %s", code, said)
	}
}

// FuzzJournal: whatever a journal holds, it is read or refused, and what is read
// names accounts of the chart.
func FuzzJournal(f *testing.F) {
	f.Add(strings.Replace(wages, "    evidence: payroll.txt\n", "", 1))
	f.Add(loan)
	file, err := entityfile.Load("houston")
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		j, err := parseJournal([]byte(text), filepath.Join(dir, "journal.yaml"), file.Chart, time.UTC)
		if err != nil {
			if j != nil {
				t.Fatal("a journal beside an error")
			}
			return
		}
		for _, x := range j.transactions {
			for _, l := range x.Lines {
				if _, ok := j.chart.Find(l.Account); !ok || x.Evidence == (books.Hash{}) {
					t.Fatalf("%+v", x)
				}
			}
		}
	})
}
