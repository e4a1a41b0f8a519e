package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/driver/contractfile"
	"sluice/store/ledger"
)

// readings is a month of the colocation hall by quarter hours: 400 kWh of IT and
// 480 kWh of the building in each. change may rewrite a line or return none.
func readings(t *testing.T, change func(i int, line string) []string) string {
	t.Helper()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("contract,meter,component,start,end,quantity,unit,revision,estimated\n")
	i := 0
	for at := time.Date(2025, 9, 1, 0, 0, 0, 0, chicago); at.Before(time.Date(2025, 10, 1, 0, 0, 0, 0, chicago)); at = at.Add(15 * time.Minute) {
		for component, quantity := range map[string]string{"it": "400", "facility": "480"} {
			line := fmt.Sprintf("hall-2,hall-2,%s,%s,%s,%s,kWh,1,no", component, at.Format(time.RFC3339), at.Add(15*time.Minute).Format(time.RFC3339), quantity)
			lines := []string{line}
			if change != nil {
				lines = change(i, line)
			}
			for _, l := range lines {
				b.WriteString(l + "\n")
			}
		}
		i++
	}
	return b.String()
}

// corrected says of the quarter hours of an afternoon that they were less.
func corrected(i int, line string) []string {
	if i < 1000 || i >= 1010 {
		return nil
	}
	return []string{strings.Replace(strings.Replace(line, ",1,no", ",2,no", 1), ",480,", ",410,", 1)}
}

// tenant is a folder of books and the files of a month.
type tenant struct{ books, usage, outages string }

func newTenant(t *testing.T) tenant {
	t.Helper()
	return tenant{
		books: filepath.Join(t.TempDir(), "books"), usage: write(t, "september.csv", readings(t, nil)),
		outages: write(t, "outages.csv", "contract,part,from,to,evidence\nhall-2,feed-a,2025-09-13T02:00:00-05:00,2025-09-13T03:30:00-05:00,ticket 4711\n"),
	}
}

// issue bills September.
func (b tenant) issue(t *testing.T, more ...string) (code int, out, errs string) {
	t.Helper()
	return call(t, append([]string{"invoice", "issue", "--books", b.books, "--entity-file", "houston", "--contract", "colocation", "--period", "2025-09", "--date", "2025-10-01"}, more...)...)
}

// told runs a command that works and has to say something.
func told(t *testing.T, want []string, args ...string) string {
	t.Helper()
	code, out, errs := call(t, append([]string{"invoice"}, args...)...)
	if code != exitOK {
		t.Fatalf("%v: %d: %s", args, code, errs)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Fatalf("%v: %q is missing in:\n%s", args, w, out)
		}
	}
	return out
}

const (
	first  = "HOU-2025-000001"
	second = "HOU-2025-000002"
	third  = "HOU-2025-000003"
)

// TestInvoice walks a month from the contract to the last cent.
func TestInvoice(t *testing.T) {
	t.Parallel()
	b := newTenant(t)
	// 2,880 quarter hours of 480 kWh, below 1.25 times 400: 691.2 MWh at 41.50 before the 16th and as many at 44.25;
	// 1.5 % of it are 889.056.
	lines := []string{"2,000 kW-month at 125.00", "250,000.000000", "1,382.4 MWh at 41.50 to 44.25", "59,270.400000", "1.5 % of 59,270.400000", "Availability 99.8958 %: 10 % of the fee"}
	out := told(t, lines, "check", "--contract", "colocation", "--usage", b.usage, "--outages", b.outages, "--period", "2025-09")
	if _, err := os.Stat(b.books); err == nil || !strings.Contains(out, "To be issued: invoice of 310,159.46 USD") {
		t.Errorf("a check kept something, or said something else:\n%s", out)
	}
	var rated billJSON
	out = told(t, nil, "check", "--contract", "colocation", "--usage", b.usage, "--outages", b.outages, "--period", "2025-09", "--json")
	if err := json.Unmarshal([]byte(out), &rated); err != nil || rated.Lines[1].Quantity != "1382.4" || rated.Lines[1].Amount != "59270.400000" || rated.Draft.Total != "310159.46" || rated.Availability != "99.895800" {
		t.Errorf("%v: %s", err, out)
	}
	code, out, errs := b.issue(t, "--usage", b.usage, "--outages", b.outages)
	if code != exitOK || !strings.Contains(out, first+"  invoice of 2025-10-01 for Acme Compute Inc., 310,159.46 USD") || !strings.Contains(out, second+"  credit note of 2025-10-01 for Acme Compute Inc., -25,000.00 USD") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	for _, again := range [][]string{{"--usage", b.usage, "--outages", b.outages}, {"--usage", b.usage, "--usage", b.usage}, {}} {
		if code, out, errs := b.issue(t, again...); code != exitOK || !strings.Contains(out, "nothing is new") || strings.Contains(out, third) {
			t.Errorf("%v: %d: %s%s", again, code, out, errs)
		}
	}
	late := write(t, "late.csv", readings(t, corrected))
	// 10 quarter hours of 70 kWh less, on the 11th: 0.7 MWh at 41.50, and 1.5 % of it.
	if code, out, errs := b.issue(t, "--usage", late, "--date", "2025-10-20"); code != exitOK || !strings.Contains(out, third+"  credit note of 2025-10-20") || !strings.Contains(out, "-29.49 USD") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	b.forms(t)
	b.paid(t)
}

// forms shows a document in every form, twice the same.
func (b tenant) forms(t *testing.T) {
	t.Helper()
	for _, c := range []struct{ as, language, want string }{
		{"text", "en", "59,270.400000"}, {"html", "en", "59,270.40"}, {"html", "ar", "dir=\"rtl\""}, {"html", "pt", "310.159,46"}, {"pdf", "ar", "%PDF-1.7"}, {"pdf", "pt", "%PDF-1.7"}, {"json", "en", `"ID": "` + first + `"`},
	} {
		file := filepath.Join(t.TempDir(), "x")
		told(t, nil, "show", first, "--books", b.books, "--as", c.as, "--language", c.language, "-o", file)
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), c.want) {
			t.Errorf("%v: %v: %.200s", c, err, text)
		}
		if out := told(t, nil, "show", first, "--books", b.books, "--as", c.as, "--language", c.language); out != string(text) {
			t.Errorf("%v: shown again it is another", c)
		}
	}
	told(t, []string{"Refers to " + first + ": correction of 2025-09", "-0.7 MWh", "revision 2"}, "show", third, "--books", b.books)
}

// paid pays in part, gives back, gives up and recovers.
func (b tenant) paid(t *testing.T) {
	t.Helper()
	pay := []string{"pay", "--books", b.books, "--document", first, "--document", second, "--amount", "100000", "--date", "2025-10-21", "--reference", "wire 1"}
	told(t, []string{second + ": -25,000.00 USD, open 0.00 USD, paid", first + ": 125,000.00 USD, open 185,159.46 USD, partly paid"}, pay...)
	told(t, []string{"booked before, and not again", "open 185,159.46 USD"}, pay...)
	told(t, []string{third + ": -29.49 USD, open 0.00"}, "pay", "--books", b.books, "--document", third, "--document", first, "--amount", "0", "--date", "2025-10-22")
	for range 2 {
		told(t, []string{"HOU-2025-000004  credit note of 2025-10-23", "-500.00 USD", "late start"}, "credit", "--books", b.books, "--document", first, "--amount", "500", "--date", "2025-10-23", "--reason", "late start")
	}
	told(t, []string{"185,129.97 USD given up, open 0.00 USD, written off"}, "write-off", "--books", b.books, "--document", first, "--date", "2026-03-31", "--reason", "insolvent")
	told(t, []string{first + ": 1,000.00 USD, open 0.00 USD, written off"}, "pay", "--books", b.books, "--document", first, "--amount", "1000", "--date", "2026-04-20")
	out := told(t, nil, "list", "--books", b.books, "--date", "2026-05-01", "--json")
	var all []listedJSON
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 4 || all[0].State != "written off" || all[3].Open != "-500.00" || all[3].Days != 190 {
		t.Errorf("%v: %s", err, out)
	}
	if out := told(t, []string{"HOU-2025-000004"}, "list", "--books", b.books, "--open"); strings.Contains(out, first) {
		t.Errorf("what is paid is listed as open:\n%s", out)
	}
}

// TestPrepaidGPUs: a fifth of an invoice is drawn from what was paid in advance,
// and what cannot be billed is parked and settled.
func TestPrepaidGPUs(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "books")
	for range 2 {
		told(t, []string{"9,000.00 USD are left"}, "prepay", "--books", dir, "--entity-file", "houston", "--contract", "gpu-reserved", "--amount", "9000", "--date", "2025-08-01")
	}
	head := "contract,meter,component,start,end,quantity,unit,revision\n"
	month := ",2025-09-01T00:00:00-05:00,2025-10-01T00:00:00-05:00,"
	usage := write(t, "gpu.csv", head+"gpu-7,cluster,h100"+month+"20000,GPU-hours,1\ngpu-7,store,storage"+month+"140,pieces,1\ngpu-7,cluster-2,h100"+month+"-3,GPU-hours,1\ngpu-9,cluster,h100"+month+"5,GPU-hours,1\ngpu-7,cluster,h100"+month+"5,kWh,1\n")
	issue := []string{"issue", "--books", dir, "--contract", "gpu-reserved", "--period", "2025-09", "--date", "2025-10-02", "--accept-gaps"}
	told(t, []string{"In suspense: h100 of meter cluster-2", "the quantity is negative", "no contract of this name", "its unit is not one"}, append(issue, "--usage", usage)...)
	// 23,040 GPU-hours at 2.10 are paid, 20,000 of them used; storage 100 at 18 and 40 at 15; support; a fifth of 52,284 is more than 9,000.
	told(t, []string{"20,000 GPU-hour at 2.10", "3,040 GPU-hour at 2.10", "2,400.000000", "-9,000.000000", "19 % of 52,284.000000"}, "show", first, "--books", dir)
	better := write(t, "better.csv", head+"gpu-7,cluster-2,h100"+month+"40,GPU-hours,2\n")
	told(t, []string{"Out of suspense, since it is billed now or its contract is known: 1", "nothing is new"}, append(issue, "--usage", better)...)
	var waiting []waitingJSON
	if out := told(t, nil, "suspense", "--books", dir, "--json"); json.Unmarshal([]byte(out), &waiting) != nil || len(waiting) != 2 {
		t.Fatal(out)
	}
	told(t, []string{"released by anna"}, "suspense", "--books", dir, "--release", waiting[1].ID[:12], "--by", "anna", "--why", "a test")
	if out := told(t, []string{"released on", "by anna: a test", "by sluice invoice"}, "suspense", "--books", dir, "--all"); strings.Count(out, "released on") != 2 {
		t.Error(out)
	}
}

// TestTwoContracts: a file of the whole site is filed once; what the first contract
// does not bill waits for the second.
func TestTwoContracts(t *testing.T) {
	t.Parallel()
	b := newTenant(t)
	both := write(t, "site.csv", readings(t, nil)+"gpu-7,cluster,h100,2025-09-01T00:00:00-05:00,2025-10-01T00:00:00-05:00,20000,GPU-hours,1,no\n")
	told(t, []string{first, `readings of contract "hall-2", 5760 of them`}, "issue", "--books", b.books, "--entity-file", "houston", "--contract", "gpu-reserved", "--usage", both, "--period", "2025-09", "--date", "2025-10-01")
	hall := []string{"issue", "--books", b.books, "--contract", "colocation", "--period", "2025-09", "--date", "2025-10-01"}
	told(t, []string{second + "  invoice", "310,159.46", "Out of suspense"}, hall...)
	told(t, []string{"nothing is new"}, hall...)
	told(t, []string{"Nothing is in suspense"}, "suspense", "--books", b.books)
}

// TestLaterTerm: what no term charged is billed once a term does, and goes on counting.
func TestLaterTerm(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "books")
	text, err := contractfile.Example("gpu-reserved")
	if err != nil {
		t.Fatal(err)
	}
	before := write(t, "before.yaml", strings.Replace(string(text), "component: storage", "component: disks", 1))
	month := ",2025-09-01T00:00:00-05:00,2025-10-01T00:00:00-05:00,"
	usage := write(t, "gpu.csv", "contract,meter,component,start,end,quantity,unit\ngpu-7,cluster,h100"+month+"20000,GPU-hours\ngpu-7,store,storage"+month+"140,pieces\n")
	issue := []string{"issue", "--books", dir, "--period", "2025-09", "--date", "2025-10-02", "--contract"}
	told(t, []string{first, "the contract charges nothing for this component"}, append(issue, before, "--usage", usage, "--entity-file", "houston")...)
	told(t, []string{second + "  debit note", "2,856.00 USD", "Out of suspense"}, append(issue, "gpu-reserved")...) // 2,400 and 19 %
	told(t, []string{"nothing is new"}, append(issue, "gpu-reserved")...)
}

// TestInvoiceInBooksOfAReplay: tenants are billed in the books that a replay wrote.
func TestInvoiceInBooksOfAReplay(t *testing.T) {
	t.Parallel()
	dir := keptBooks(t)
	b := tenant{books: dir, usage: write(t, "september.csv", readings(t, nil))}
	if code, out, errs := call(t, "invoice", "issue", "--books", dir, "--contract", "colocation", "--usage", b.usage, "--period", "2025-09", "--date", "2025-10-01"); code != exitOK || !strings.Contains(out, first) {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	if code, out, errs := call(t, "ledger", "report", "--books", dir); code != exitOK || !strings.Contains(out, "Assets:Receivable:Customer:Acme") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
}

// TestLockedPeriod: nothing is dated into a closed period, and what belongs to one is booked after it.
func TestLockedPeriod(t *testing.T) {
	t.Parallel()
	b := newTenant(t)
	if code, _, errs := b.issue(t, "--usage", b.usage); code != exitOK {
		t.Fatal(errs)
	}
	lockUntil(t, b.books, time.Date(2025, 10, 1, 5, 0, 0, 0, time.UTC))
	late := write(t, "late.csv", readings(t, corrected))
	code, out, errs := b.issue(t, "--usage", late, "--date", "2025-09-30")
	declined(t, code, out, errs, []string{"the period is locked", "all before 2025-10-01 is closed", "sluice ledger unlock"})
	if code, out, errs := b.issue(t, "--usage", late, "--date", "2025-10-20"); code != exitOK || !strings.Contains(out, second) {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	code, out, errs = call(t, "ledger", "entries", "--books", b.books, "--account", "Income:Hosting:PassThrough", "--period", "2025-10")
	if code != exitOK || !strings.Contains(out, "belongs to 2025-09") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
}

// TestRefusedBills: what cannot be billed is refused with what is wrong and what to
// do, and nothing of it is kept.
func TestRefusedBills(t *testing.T) {
	t.Parallel()
	b := newTenant(t)
	if code, _, errs := b.issue(t, "--usage", b.usage); code != exitOK {
		t.Fatal(errs)
	}
	before := told(t, []string{first}, "list", "--books", b.books, "--date", "2025-12-01")
	text, err := contractfile.Example("colocation")
	if err != nil {
		t.Fatal(err)
	}
	contract := func(from, to string) string {
		changed := strings.Replace(string(text), from, to, 1)
		if changed == string(text) {
			t.Fatalf("%q is not in the contract", from)
		}
		return write(t, "contract.yaml", changed)
	}
	head, line := "contract,meter,component,start,end,quantity,unit\n", "hall-2,hall-2,it,2025-09-03T00:00:00-05:00,2025-09-03T00:15:00-05:00,"
	issue := func(more ...string) []string {
		return append([]string{"issue", "--books", b.books, "--contract", "colocation", "--period", "2025-09", "--date", "2025-10-20"}, more...)
	}
	hole := write(t, "october.csv", head+"hall-2,hall-2,it,2025-10-01T00:00:00-05:00,2025-10-31T00:00:00-05:00,1,kWh\n")
	for sentence, c := range map[string]struct {
		args []string
		says []string
	}{
		"two versions of a contract at once": {
			[]string{"check", "--period", "2025-09", "--contract", contract("    valid_to: 2027-07-01\n", "    valid_to: 2027-07-01\n    terms: [{name: a, kind: fixed, unit: month, price: hall}]\n  - version: 2\n    valid_from: 2027-06-30\n")},
			[]string{"line", "versions[1].valid_from", "end the earlier one first"},
		},
		"missing hours":                {[]string{"issue", "--books", b.books, "--contract", "colocation", "--period", "2025-10", "--date", "2025-11-01", "--usage", hole}, []string{"it of meter hall-2 is missing from 2025-10-31 00:00 CDT to 2025-11-01 00:00 CDT", "--accept-gaps", "nothing was issued or filed"}},
		"a reading with two values":    {issue("--usage", write(t, "u.csv", head+line+"7,kWh\n")), []string{"the same interval and revision with other content", "send a higher revision"}},
		"a reading beyond any meter":   {issue("--usage", write(t, "u.csv", head+line+"9999999999999999,kWh\n")), []string{"u.csv, line 2", "beyond any meter"}},
		"a bill beyond any books":      {issue("--usage", write(t, "u.csv", head+strings.Replace(line, ",it,", ",remote-hands,", 1)+"9223372036854775807,pieces\n")), []string{"beyond any books"}},
		"a line without a unit":        {issue("--usage", write(t, "u.csv", head+line+"7,\n"+line+"x,kWh\n")), []string{"u.csv, line 2", "u.csv, line 3", "kWh, MWh"}},
		"a file that is not there":     {issue("--usage", "nowhere.csv"), []string{"nowhere.csv"}},
		"the contract of another":      {issue("--contract", contract("name: Houston Hash LLC", "name: Other LLC")), []string{"Other LLC", "Houston Hash LLC", "--entity"}},
		"another currency":             {issue("--contract", contract("currency: USD", "currency: EUR")), []string{"EUR", "USD"}},
		"a customer that is no name":   {issue("--contract", contract("id: acme", "id: A C M E")), []string{"line 15", "customer.id"}},
		"an outage of an unknown part": {issue("--outages", write(t, "o.csv", "contract,part,from,to,evidence\nhall-2,feed-z,2025-09-13T02:00:00Z,2025-09-13T03:00:00Z,t\n")), []string{"feed-z", "it names a part"}},
		"before the month has ended":   {[]string{"issue", "--books", b.books, "--contract", "colocation", "--period", "2025-11", "--date", "2025-11-05"}, []string{"the month has not ended"}},
		"a period that is no month":    {[]string{"check", "--contract", "colocation", "--period", "2025"}, []string{`--period "2025"`, "2025-09"}},
		"a day that is none":           {[]string{"issue", "--books", b.books, "--contract", "colocation", "--period", "2025-09", "--date", "soon"}, []string{`--date "soon"`}},
		"no books":                     {[]string{"list"}, []string{"--books FOLDER"}},
		"books of nobody":              {[]string{"list", "--books", t.TempDir()}, []string{"0 entities", "--entity-file"}},
		"a number that is none":        {[]string{"show", "42", "--books", b.books}, []string{`"42"`}},
		"a document that is not there": {[]string{"show", "HOU-2025-000099", "--books", b.books}, []string{"HOU-2025-000099", "sluice invoice list"}},
		"a form that is none":          {[]string{"show", first, "--books", b.books, "--as", "fax"}, []string{`--as "fax"`}},
		"a language that is none":      {[]string{"show", first, "--books", b.books, "--language", "fr"}, []string{`--language "fr"`}},
		"a payment of nothing":         {[]string{"pay", "--books", b.books, "--document", first, "--amount", "-5", "--date", "2025-10-20"}, []string{"--amount", "above zero"}},
		"a payment to no bank":         {[]string{"pay", "--books", b.books, "--document", first, "--amount", "5", "--date", "2025-10-20", "--bank", "swiss"}, []string{`--bank "swiss"`, "Main"}},
		"a deposit that is too small":  {[]string{"pay", "--books", b.books, "--document", first, "--amount", "5", "--date", "2025-10-20", "--from-deposit"}, []string{"deposit of acme", "0.00 USD"}},
		"a document named twice":       {[]string{"pay", "--books", b.books, "--document", first, "--document", first, "--amount", "5", "--date", "2025-10-20"}, []string{"named twice"}},
		"too much goodwill":            {[]string{"credit", "--books", b.books, "--document", first, "--amount", "999999", "--date", "2025-10-20", "--reason", "x"}, []string{"at most"}},
		"goodwill of half a cent":      {[]string{"credit", "--books", b.books, "--document", first, "--amount", "0.005", "--date", "2025-10-20", "--reason", "x"}, []string{"whole coins"}},
		"more than is open given up":   {[]string{"write-off", "--books", b.books, "--document", first, "--amount", "999999", "--date", "2025-10-20", "--reason", "x"}, []string{"are open"}},
		"an id that nothing has":       {[]string{"suspense", "--books", b.books, "--release", "usage/zz", "--by", "anna", "--why", "x"}, []string{`"usage/zz"`, "0 in suspense"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, out, errs := call(t, append([]string{"invoice"}, c.args...)...)
			declined(t, code, out, errs, c.says)
		})
	}
	if after := told(t, nil, "list", "--books", b.books, "--date", "2025-12-01"); after != before {
		t.Errorf("something was kept:\n%s", after)
	}
	told(t, []string{"Nothing is in suspense"}, "suspense", "--books", b.books)
}

// TestAcceptedGaps: a month with a hole is billed where somebody says so, and
// corrected when the hole is filled.
func TestAcceptedGaps(t *testing.T) {
	t.Parallel()
	b := newTenant(t)
	hole := write(t, "hole.csv", readings(t, func(i int, line string) []string {
		if i >= 200 && i < 216 {
			return nil
		}
		return []string{line}
	}))
	code, out, errs := b.issue(t, "--usage", hole)
	declined(t, code, out, errs, []string{"facility of meter hall-2 is missing from 2025-09-03 02:00 CDT to 2025-09-03 06:00 CDT"})
	if code, out, errs := b.issue(t, "--usage", hole, "--accept-gaps"); code != exitOK || !strings.Contains(out, first) || !strings.Contains(out, "Missing: it of meter hall-2") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	told(t, []string{"estimated, meter hall-2"}, "show", first, "--books", b.books)
	if code, out, errs := b.issue(t, "--usage", b.usage, "--date", "2025-10-09"); code != exitOK || !strings.Contains(out, second+"  debit note of 2025-10-09") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
}

// declined checks that bad input is refused with everything that is to be said.
func declined(t *testing.T, code int, out, errs string, says []string) {
	t.Helper()
	for _, s := range says {
		if code != exitBadInput || out != "" || !strings.Contains(errs, s) {
			t.Fatalf("exit code %d, %q is missing in: %s%s", code, s, out, errs)
		}
	}
}

// TestInvoiceHelp: every command says its exit codes and shows how it is used.
func TestInvoiceHelp(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "check", "issue", "credit", "pay", "write-off", "prepay", "list", "show", "suspense"} {
		args := []string{"invoice", name, "--help"}
		if name == "" {
			args = []string{"invoice", "--help"}
		}
		code, out, _ := call(t, args...)
		if code != exitOK || !strings.Contains(out, "Exit codes:") || name != "" && !strings.Contains(out, "Examples:") {
			t.Errorf("%s: %d: %s", name, code, out)
		}
	}
}

// lockUntil closes the books without the proof that 'sluice ledger close' asks of
// programs that may not be here.
func lockUntil(t *testing.T, dir string, to time.Time) {
	t.Helper()
	s, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Lock(t.Context(), ledger.Period{Entity: "Houston Hash LLC", From: to.AddDate(-1, 0, 0), To: to, At: now(), By: "anna"})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}
