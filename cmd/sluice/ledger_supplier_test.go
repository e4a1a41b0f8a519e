package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/store/ledger"
	"sluice/unit"
)

const houston = "Houston Hash LLC"

// powered is a folder of books with the power of a month: 1,000 MWh for 40,000,
// demand for 9,000, fixed charges of 500 and 700 of power sold.
func powered(t *testing.T) string {
	t.Helper()
	dir := emptyBooks(t)
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // what was booked is on the disk
	at := time.Date(2025, 6, 10, 12, 0, 0, 0, time.UTC)
	book := func(kind, debit, credit string, amount unit.Amount) {
		_, err := store.Post(t.Context(), books.Transaction{
			ID: strings.ReplaceAll(kind, " ", "-"), Entity: houston, Kind: kind, Standing: books.Posted, At: at, Booked: at,
			Lines: []books.Line{{Account: debit, Amount: int64(amount), Tags: books.Tags{Site: "houston"}}, {Account: credit, Amount: -int64(amount), Tags: books.Tags{Site: "houston"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	book("power metered", books.PowerEnergy, books.AccruedPower, 39_300*unit.Unit)
	book("demand", books.PowerDemand, books.AccruedPower, 9_000*unit.Unit)
	book("fixed charges", books.PowerFees, books.AccruedPower, 500*unit.Unit)
	book("power sold", books.PowerEnergy, books.ExportedEnergy, 700*unit.Unit)
	at = at.AddDate(0, 1, 0) // the next month is none of it
	_, err = store.Post(t.Context(), books.Transaction{
		ID: "july", Entity: houston, Kind: "power metered", Standing: books.Posted, At: at, Booked: at,
		Lines: []books.Line{{Account: books.PowerEnergy, Amount: 1}, {Account: books.AccruedPower, Amount: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// metered files the papers of the month's days from one on to before another.
func metered(t *testing.T, dir string, first, end int) {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // what was filed is on the disk
	b := ledger.Batch{Entity: houston}
	for d := first; d < end; d++ {
		day := statement.Day{Day: june.AddDate(0, 0, d).Format(time.DateOnly), Site: "houston", Import: 1000 * unit.MegawattHour / 30}
		body, err := day.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		b.Papers = append(b.Papers, ledger.Paper{Kind: "day", Name: day.Day, Body: body})
	}
	if _, err := store.Book(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

const powerBill = "item,energy_mwh,amount\nenergy,1020,41820\ndemand,,9000\nfixed,,500\nsold,,-650\nlate fee,,12\n"

func supplied(t *testing.T, dir, text string, more ...string) (int, string, string) {
	t.Helper()
	return call(t, append([]string{"ledger", "supplier", "--books", dir, "--vendor", "retailer", "--period", "2025-06", "--id", "INV-6", "--statement", write(t, "bill.csv", text)}, more...)...)
}

// TestLedgerSupplier: a statement is explained by item, booked once, and another
// one of its number is refused.
func TestLedgerSupplier(t *testing.T) {
	t.Parallel()
	dir := powered(t)
	code, said, errs := supplied(t, dir, powerBill)
	for _, want := range []string{"off in all 1,882.00", "metered energy of 0 of 30 days", "goes to Liabilities:Suspense"} {
		if code != exitOK || !strings.Contains(said, want) {
			t.Errorf("%d: %q is missing: %s%s", code, want, said, errs)
		}
	}
	metered(t, dir, 0, 29)
	if code, said, errs = supplied(t, dir, powerBill); code != exitOK || !strings.Contains(said, "metered energy of 29 of 30 days") || strings.Contains(said, "800.00") {
		t.Errorf("part of the energy was taken for all: %d: %s%s", code, said, errs)
	}
	metered(t, dir, 29, 30)
	code, said, errs = supplied(t, dir, powerBill, "--json")
	var v supplierView
	if err := json.Unmarshal([]byte(said), &v); err != nil || code != exitOK || len(v.Items) != 5 {
		t.Fatalf("%d: %v: %s%s", code, err, said, errs)
	}
	if e := v.Items[1]; e.Item != "energy" || e.Quantity != "800.000000" || e.Price != "1020.000000" || e.Off != "1820.000000" || e.MWh != "1000.000" {
		t.Errorf("%+v", e)
	}
	if code, said, errs = supplied(t, dir, powerBill, "--book", "--by", "anna"); code != exitOK || !strings.Contains(said, "booked on 2025-06-30") {
		t.Fatalf("%d: %s%s", code, said, errs)
	}
	if code, said, _ = call(t, "ledger", "entries", "--books", dir, "--account", "Liabilities:Suspense"); code != exitOK || !strings.Contains(said, "supplier statement") || !strings.Contains(said, "12.000000") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said, _ = call(t, "ledger", "suspense", "--books", dir); code != exitOK || !strings.Contains(said, "late fee") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said, errs = supplied(t, dir, powerBill, "--book", "--by", "anna"); code != exitOK || !strings.Contains(said, "booked before, nothing new") {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	if code, _, errs = supplied(t, dir, strings.Replace(powerBill, "41820", "41821", 1), "--book", "--by", "anna"); code != exitBadInput || !strings.Contains(errs, "says something else") {
		t.Errorf("%d: %s", code, errs)
	}
	code, said, errs = supplied(t, dir, strings.Replace(powerBill, "41820", "41921", 1), "--id", "INV-6b", "--book", "--by", "anna")
	if code != exitOK || !strings.Contains(said, "off in all 101.00") || !strings.Contains(said, "against statement INV-6") {
		t.Errorf("%d: %s%s", code, said, errs)
	}
}

// TestLedgerSupplierLocked: what is off in a closed month is booked in the open one.
func TestLedgerSupplierLocked(t *testing.T) {
	t.Parallel()
	dir := powered(t)
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	july := time.Date(2025, 7, 1, 5, 0, 0, 0, time.UTC) // midnight of Houston
	if _, err := store.Lock(t.Context(), ledger.Period{Entity: houston, From: july.AddDate(0, -1, 0), To: july, At: july, By: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	code, said, errs := supplied(t, dir, powerBill, "--item", "late fee=Expenses:Power:Fees", "--book", "--by", "anna")
	if code != exitOK || !strings.Contains(said, "booked on 2025-07-01") || strings.Contains(said, "Suspense") {
		t.Fatalf("%d: %s%s", code, said, errs)
	}
	if _, said, _ = call(t, "ledger", "entries", "--books", dir, "--account", "Liabilities:Payable:Retailer"); !strings.Contains(said, "belongs to 2025-06") {
		t.Error(said)
	}
}

func TestLedgerSupplierRefuses(t *testing.T) {
	t.Parallel()
	dir := powered(t)
	for sentence, c := range map[string]struct {
		text string
		args []string
		want string
	}{
		"an empty statement":     {"item,energy_mwh,amount\n", nil, "no line"},
		"another form":           {"a,b\n", nil, "item,energy_mwh,amount"},
		"an amount that is none": {"item,energy_mwh,amount\nenergy,1,x\n", nil, "line 2"},
		"an unknown vendor":      {powerBill, []string{"--vendor", "nobody"}, "Liabilities:Payable:Nobody"},
		"no number":              {powerBill, []string{"--id", ""}, "--id"},
		"a number with blanks":   {powerBill, []string{"--id", "a b"}, "blanks"},
		"booking by nobody":      {powerBill, []string{"--book"}, "--by"},
		"an unknown account":     {powerBill, []string{"--item", "late fee=Expenses:Lunch"}, "Expenses:Lunch"},
		"a wallet for an item":   {powerBill, []string{"--item", "late fee=Assets:Digital:Wallet:Treasury"}, "late fee"},
		"a period that is none":  {powerBill, []string{"--period", "soon"}, "soon"},
		"an absent file":         {powerBill, []string{"--statement", "nowhere.csv"}, "nowhere.csv"},
	} {
		if code, said, errs := supplied(t, dir, c.text, c.args...); code != exitBadInput || said != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d: %s%s, want %q", sentence, code, said, errs, c.want)
		}
	}
}

// TestLedgerBank pairs a bank with the books, and tells what stands on one side.
func TestLedgerBank(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	posted(t, dir, wages)
	bank := func(text string) (int, string, string) {
		return call(t, "ledger", "bank", "--books", dir, "--account", "Assets:Bank:Main", "--period", "2025-09", "--statement", write(t, "bank.csv", "date,amount,reference,balance\n"+text))
	}
	if code, said, errs := bank("2025-09-28,500000.00,capital,\n2025-09-30,-140000.00,payroll,360000.00\n"); code != exitOK || !strings.Contains(said, "paired          2 lines") || !strings.Contains(said, "not explained 0.00") {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	code, said, errs := bank("2025-09-28,500000.00,capital,\n2025-09-29,-12.50,charges,499987.50\n")
	for _, want := range []string{"bank only", "(12.50)  charges", "books only", "wages-2025-09", "not explained 0.00"} {
		if code != exitFailed || !strings.Contains(said, want) {
			t.Errorf("%d: %q is missing: %s%s", code, want, said, errs)
		}
	}
	for text, want := range map[string]string{
		"2025-09-28,x,,\n": "line 2", "2025-13-01,1,,\n": "line 2", "2025-08-01,1,,\n": "not in the period", "2025-09-01,1,,y\n": "balance", "2025-09-01,0,,\n": "nothing",
		"2025-09-01,1\n": "wrong number of fields",
	} {
		if code, _, errs := bank(text); code != exitBadInput || !strings.Contains(errs, want) {
			t.Errorf("%q: %d: %s", text, code, errs)
		}
	}
}
