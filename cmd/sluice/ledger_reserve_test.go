package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/driver/awardfile"
	"sluice/store/ledger"
	"sluice/unit"
)

// The afternoon of 16 July 2025 in Houston that these tests settle: two awards of
// 10 MW, one instruction over half an hour, a meter of quarters.
const (
	soldAwards = "award,product,start,end,mw,price\n" +
		"a1,ecrs,2025-07-16T14:00:00-05:00,2025-07-16T15:00:00-05:00,10,8\n" +
		"a2,ecrs,2025-07-16T15:00:00-05:00,2025-07-16T16:00:00-05:00,10,9\n"
	soldCalls = "product,start,end,mw,price\necrs,2025-07-16T14:15:00-05:00,2025-07-16T14:45:00-05:00,10,400\n"
)

// afternoon are quarters of an hour from 14:00 on, in megawatts; below zero: the meter
// says nothing.
func afternoon(revision int, power ...float64) string {
	at := time.Date(2025, 7, 16, 19, 0, 0, 0, time.UTC)
	var b strings.Builder
	b.WriteString("start,end,quantity,unit,revision\n")
	for i, p := range power {
		from := at.Add(time.Duration(i) * 15 * time.Minute)
		if p >= 0 {
			fmt.Fprintf(&b, "%s,%s,%.3f,MWh,%d\n", from.Format(time.RFC3339), from.Add(15*time.Minute).Format(time.RFC3339), p/4, revision)
		}
	}
	return b.String()
}

// fell is a drop to 2 MW, half a MW above it in the second quarter of the call.
func fell() string { return afternoon(1, 30, 2, 5, 30, 30, 30, 6, 30) }

// sold settles the afternoon.
func sold(t *testing.T, dir string, more ...string) (int, string, string) {
	t.Helper()
	args := append([]string{"ledger", "reserve", "--books", dir, "--site", "houston"}, more...)
	for flag, file := range map[string]string{"--period": "2025-07", "--programme": "ancillary", "--awards": write(t, "awards.csv", soldAwards)} {
		if !slices.Contains(args, flag) {
			args = append(args, flag, file)
		}
	}
	return call(t, args...)
}

// exampleProgramme is the text of a shipped programme.
func exampleProgramme(t *testing.T, name string) string {
	t.Helper()
	b, err := awardfile.Example(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// owed is what an account of the books holds.
func owed(t *testing.T, dir, account string) unit.Amount {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // nothing was written
	all, err := store.Balances(t.Context(), ledger.Query{Entity: houston})
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, b := range all {
		if b.Account == account {
			sum += b.Amount
		}
	}
	return unit.Amount(sum)
}

func wantSaid(t *testing.T, code, want int, said string, words ...string) {
	t.Helper()
	if code != want {
		t.Errorf("exit %d, want %d: %s", code, want, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%q is missing: %s", w, said)
		}
	}
}

// TestLedgerReserve: the afternoon by hand. a1: 2.5 MWh shed in the first quarter of
// the call, 1.75 in the second: 4.25 at 400 are 1,700; 0.75 MWh short at 8 are 6.
// a2: 6 MW on in a quarter are 4 MW above the level, 6 missing: 1.5 MWh at 9 are 13.50.
func TestLedgerReserve(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	m, c := write(t, "meter.csv", fell()), write(t, "calls.csv", soldCalls)
	code, said, errs := sold(t, dir, "--meter", m, "--deployments", c)
	wantSaid(t, code, exitOK, said+errs, "ercot, 2025-07-01 to before 2025-08-01 (America/Chicago), in USD, site houston", "drop-to, level 2 MW, tolerance 5.00 %, shortfall pro rata",
		"1,774.00", "(6.00)", "1,700.00", "85.00 %", "76.50", "(13.50)", "1,850.50", "No market's rule", "nothing was booked")
	if owed(t, dir, books.Grid("ercot")) != 0 {
		t.Error("booked without --book")
	}
	code, said, errs = sold(t, dir, "--meter", m, "--deployments", c, "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "booked now: 2 awards, 1,850.50 on Assets:Receivable:Grid:Ercot; 5 papers filed, 0 cases parked")
	for account, want := range map[string]unit.Amount{books.Grid("ercot"): 1_850_500_000, books.AncillaryIncome: -170_000_000, books.DemandResponse: -1_700_000_000, books.GridShortfall: 19_500_000} {
		if got := owed(t, dir, account); got != want {
			t.Errorf("%s holds %d, want %d", account, got, want)
		}
	}
	for _, again := range [][]string{{"--meter", m, "--deployments", c}, {"--meter", m}, {}} {
		code, said, errs = sold(t, dir, append(again, "--book", "--by", "bob")...)
		wantSaid(t, code, exitOK, said+errs, "booked now: nothing new")
	}
	_, said, _ = call(t, "ledger", "entries", "--books", dir, "--account", books.GridShortfall)
	wantSaid(t, 0, 0, said, "from award ercot/ecrs/a1", "2025-07-16 14:59", "ecrs, booked by anna", "houston, ercot")
	_, rest, _ := strings.Cut(said, "evidence SHA-256 ")
	code, said, errs = call(t, "ledger", "paper", "--books", dir, rest[:64])
	wantSaid(t, code, exitOK, said+errs, "reserve settlement", `"kind": "meter"`, `"kind": "programme"`, `"kind": "awards"`, `"kind": "deployments"`)
	code, said, errs = call(t, "ledger", "report", "--books", dir)
	wantSaid(t, code, exitOK, said+errs, "1,850.50")
}

// TestLedgerReserveRevision: a later revision books the difference only, alone too,
// and an older one nothing.
func TestLedgerReserveRevision(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	sold(t, dir, "--meter", write(t, "meter.csv", fell()), "--deployments", write(t, "calls.csv", soldCalls), "--book", "--by", "anna")
	code, said, errs := sold(t, dir, "--meter", write(t, "late.csv", afternoon(2, -1, -1, 2)), "--book", "--by", "bob")
	wantSaid(t, code, exitOK, said+errs, "a1 was booked with 1,774.00: off by 306.00", "booked now: 1 award, 306.00", "counted too: 8 readings that were filed before", "counted too: 1 instruction of filed paper")
	if got := owed(t, dir, books.Grid("ercot")); got != 2_156_500_000 || owed(t, dir, books.GridShortfall) != 13_500_000 {
		t.Errorf("%d is owed", got)
	}
	code, said, errs = sold(t, dir, "--meter", write(t, "old.csv", afternoon(0, 0, 0, 0)), "--book", "--by", "bob")
	wantSaid(t, code, exitOK, said+errs, "booked now: 0 awards, 0.00")
	code, _, errs = sold(t, dir, "--meter", write(t, "other.csv", afternoon(2, -1, -1, 7)), "--book", "--by", "bob")
	wantSaid(t, code, exitBadInput, errs, "other.csv, line 2: readings contradict each other", "at filed paper", "give the later one a higher revision")
}

// TestLedgerReserveGaps: what no meter knows is paid and taken by nobody, parked, and
// released when a later delivery says it.
func TestLedgerReserveGaps(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	c := write(t, "calls.csv", soldCalls)
	hole := write(t, "meter.csv", afternoon(1, 30, 2, 2, -1, -1, -1, 30, 30))
	code, said, errs := sold(t, dir, "--meter", hole, "--deployments", c, "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "gap, ecrs, 2025-07-16 14:45 to 2025-07-16 15:30 America/Chicago: no meter knows what was consumed", "being there would be 65.00 USD for 2 awards", "1 case parked")
	if got := owed(t, dir, books.AncillaryIncome); got != -105_000_000 { // 60 of a1, 45 of a2
		t.Errorf("being there earned %d", got)
	}
	_, said, _ = call(t, "ledger", "suspense", "--books", dir)
	wantSaid(t, 0, 0, said, "award, meter", "ercot, ecrs, site houston: 2025-07-16 14:45")
	code, said, errs = sold(t, dir, "--meter", write(t, "rest.csv", afternoon(1, -1, -1, -1, 30, 30, 30)), "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "booked now: 2 awards, 65.00", "0 cases parked, 1 released")
	if _, said, _ = call(t, "ledger", "suspense", "--books", dir); !strings.Contains(said, "nothing is parked") {
		t.Error(said)
	}
	if _, said, _ = sold(t, emptyBooks(t), "--meter", write(t, "m.csv", afternoon(1, 30, 2, -1, 30, -1, -1, 30, 30))); strings.Count(said, "gap, ecrs") != 2 {
		t.Errorf("two gaps: %s", said)
	}
	load := strings.NewReplacer("nyiso", "ercot", "America/New_York", "America/Chicago", "emergency-load", "ecrs")
	text := exampleProgramme(t, "demand-response")
	code, said, errs = sold(t, emptyBooks(t), "--programme", write(t, "dr.yaml", load.Replace(text)), "--meter", write(t, "m.csv", fell()), "--deployments", c)
	wantSaid(t, code, exitOK, said+errs, "high 5 of 10 days scalar up to 20.00 %", "14:15 to 2025-07-16 14:45 America/Chicago: meters know too few other days")
}

// TestLedgerReserveLocked: what is settled in a closed month is booked in the open
// one, and names the month.
func TestLedgerReserveLocked(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2025, 8, 1, 5, 0, 0, 0, time.UTC)
	if _, err := store.Lock(t.Context(), ledger.Period{Entity: houston, From: end.AddDate(0, -1, 0), To: end, At: end, By: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	code, said, errs := sold(t, dir, "--meter", write(t, "meter.csv", fell()), "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "booked now: 2 awards")
	_, said, _ = call(t, "ledger", "entries", "--books", dir, "--account", books.Grid("ercot"))
	wantSaid(t, 0, 0, said, "2025-08-01 00:00", "belongs to 2025-07")
}

// TestLedgerReserveBack: what was taken back by hand is booked again, and a rule that
// changes and changes back is booked each time.
func TestLedgerReserveBack(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	m := write(t, "meter.csv", fell())
	text := exampleProgramme(t, "ancillary")
	free := write(t, "free.yaml", strings.Replace(text, "rule: pro rata", "rule: none", 1))
	for _, c := range []struct {
		programme string
		want      unit.Amount
	}{{"ancillary", 122_500_000}, {free, 170_000_000}, {"ancillary", 122_500_000}, {free, 170_000_000}, {"ancillary", 122_500_000}} {
		code, said, errs := sold(t, dir, "--programme", c.programme, "--meter", m, "--book", "--by", "anna")
		if got := owed(t, dir, books.Grid("ercot")); code != exitOK || got != c.want {
			t.Fatalf("%d: %d is owed, want %d: %s%s", code, got, c.want, said, errs)
		}
	}
	_, said, _ := call(t, "ledger", "entries", "--books", dir, "--account", books.AncillaryIncome, "--json")
	var all []entryJSON
	if err := json.Unmarshal([]byte(said), &all); err != nil || len(all) != 2 {
		t.Fatalf("%v: %s", err, said)
	}
	if code, said, errs := call(t, "ledger", "reverse", "--books", dir, "--id", all[0].ID, "--why", "wrong", "--by", "anna"); code != exitOK {
		t.Fatalf("%s%s", said, errs)
	}
	code, said, errs := sold(t, dir, "--meter", m, "--book", "--by", "anna")
	if got := owed(t, dir, books.Grid("ercot")); code != exitOK || got != 122_500_000 {
		t.Errorf("%d is owed: %s%s", got, said, errs)
	}
}

// TestLedgerReserveStatement: each difference between what the operator pays and what
// was worked out has a name, and less than a cent is rounding.
func TestLedgerReserveStatement(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	m, c := write(t, "meter.csv", fell()), write(t, "calls.csv", soldCalls)
	said := func(meter, text string) (int, reserveView, string) {
		t.Helper()
		code, out, errs := sold(t, dir, "--meter", meter, "--deployments", c, "--json", "--statement", write(t, "s.csv", "award,amount\n"+text))
		v := reserveView{}
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v: %s%s", err, out, errs)
		}
		return code, v, errs
	}
	code, v, errs := said(m, "a1,1780\na1,-6.004\na2,76.50\n")
	if code != exitOK || v.Statement.Agreed != 2 || len(v.Statement.Differences) != 0 || v.Statement.Rounding != "-0.004000" || v.Settlement != "1850.500000" {
		t.Errorf("%d: %+v %s", code, v.Statement, errs)
	}
	hole := write(t, "hole.csv", afternoon(1, 30, 2, 5, 30, 30, 30, -1, 30))
	for _, w := range []struct {
		code  reserveCode
		meter string
		text  string
		award string
		off   string
	}{
		{onlyOurs, m, "a2,76.5\n", "a1", "-1774.000000"},
		{onlyTheirs, m, "a1,1774\na2,76.5\na9,5\n", "a9", "5.000000"},
		{notTaken, m, "a1,1774\na2,90\n", "a2", "13.500000"},
		{notShed, m, "a1,74\na2,76.5\n", "a1", "-1700.000000"},
		{less, m, "a1,1774\na2,70\n", "a2", "-6.500000"},
		{more, m, "a1,1774.01\na2,76.5\n", "a1", "0.010000"},
		{gapHere, hole, "a1,1774\na2,76.5\n", "a2", "9.000000"},
	} {
		code, v, errs := said(w.meter, w.text)
		if code != exitFailed || !strings.Contains(errs, "does not agree") || len(v.Statement.Differences) != 1 {
			t.Errorf("%s: %d: %+v %s", w.code, code, v.Statement, errs)
			continue
		}
		if d := v.Statement.Differences[0]; d.Code != w.code || d.Award != w.award || d.Off != w.off {
			t.Errorf("%s: %+v", w.code, d)
		}
	}
	code, out, errs := sold(t, dir, "--meter", m, "--deployments", c, "--statement", write(t, "s.csv", "award,amount\na1,1774\na2,90\n"), "--book", "--by", "anna")
	wantSaid(t, code, exitFailed, out+errs, "no_shortfall", "the shortfall of 13.50 is not taken back", "6 papers filed")
	if got := owed(t, dir, books.Grid("ercot")); got != 1_850_500_000 {
		t.Errorf("the difference was booked: %d", got)
	}
}

// TestLedgerReserveProducts: two products on one meter, each by its own rule, are told
// to count the same load.
func TestLedgerReserveProducts(t *testing.T) {
	t.Parallel()
	text := exampleProgramme(t, "ancillary")
	second := write(t, "rrs.yaml", strings.NewReplacer("product: ecrs", "product: rrs", "rule: pro rata", "rule: none").Replace(text))
	awards := write(t, "two.csv", soldAwards+"r1,rrs,2025-07-16T14:00:00-05:00,2025-07-16T16:00:00-05:00,5,4\n")
	code, said, errs := sold(t, emptyBooks(t), "--programme", "ancillary", "--programme", second, "--awards", awards, "--meter", write(t, "meter.csv", fell()), "--all")
	wantSaid(t, code, exitOK, said+errs, "the same load may count for both", "shortfall costs nothing", "in all, 3 awards", "40.00", "162.50")
}

// TestLedgerReserveRefuses: bad input ends in one clear sentence, and nothing is booked.
func TestLedgerReserveRefuses(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	text := exampleProgramme(t, "ancillary")
	file := func(name, text string) string { return write(t, name, text) }
	changed := func(from, to string) string { return file("p.yaml", strings.Replace(text, from, to, 1)) }
	m := file("meter.csv", fell())
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"awards at once":                {[]string{"--awards", file("a.csv", soldAwards+"a3,ecrs,2025-07-16T14:30:00-05:00,2025-07-16T15:30:00-05:00,1,1\n")}, "a.csv, line 4: award a3 overlaps"},
		"negative megawatts":            {[]string{"--awards", file("a.csv", strings.Replace(soldAwards, ",10,8", ",-10,8", 1))}, "a.csv, line 2: mw"},
		"a row twice":                   {[]string{"--awards", file("a.csv", soldAwards+strings.Split(soldAwards, "\n")[1]+"\n")}, "award a1 stands twice"},
		"an award of another month":     {[]string{"--period", "2025-08"}, "a.csv, line 2: award a1 is from 2025-07-16 14:00 to 2025-07-16 15:00, outside the period 2025-08-01..2025-09-01"},
		"an award over the end":         {[]string{"--period", "2025-07-01..2025-07-16"}, "outside the period"},
		"an award without a rule":       {[]string{"--awards", file("a.csv", strings.ReplaceAll(soldAwards, "ecrs", "nonspin"))}, `a.csv, line 2: award a1 is of product "nonspin", and the programmes are of ecrs`},
		"no award":                      {[]string{"--awards", file("a.csv", "award,product,start,end,mw,price\n")}, "it has no award"},
		"an instruction without a rule": {[]string{"--deployments", file("c.csv", strings.ReplaceAll(soldCalls, "ecrs", "rrs"))}, `the instruction is of product "rrs"`},
		"another zone":                  {[]string{"--meter", file("z.csv", strings.Replace(fell(), "2025-07-16T19:00:00Z", "2025-07-16T21:00:00+02:00", 1))}, "z.csv, line 2: start 2025-07-16T21:00:00+02:00: another zone"},
		"a meter that goes back":        {[]string{"--meter", file("n.csv", strings.Replace(fell(), ",7.500,", ",-7.500,", 1))}, "n.csv, line 2: quantity \"-7.500\": the meter goes back"},
		"two meters that contradict":    {[]string{"--meter", file("o.csv", afternoon(1, 29))}, "readings contradict each other"},
		"a meter twice":                 {[]string{"--meter", m}, "named twice"},
		"a meter that is not there":     {[]string{"--meter", "nowhere.csv"}, "nowhere.csv"},
		"two programmes of one product": {[]string{"--programme", "ancillary", "--programme", changed("pro rata", "none")}, "product ecrs is named twice"},
		"programmes of two markets":     {[]string{"--programme", "ancillary", "--programme", "demand-response"}, "settle one market at a time"},
		"another currency":              {[]string{"--programme", changed("USD", "EUR")}, "its prices are in EUR"},
		"an account that is not there":  {[]string{"--programme", changed("Income:Grid:Ancillary", "Income:Grid:Nowhere")}, "Income:Grid:Nowhere"},
		"a programme that is not there": {[]string{"--programme", "nowhere"}, "ancillary and demand-response"},
		"booking by nobody":             {[]string{"--book"}, "--by"},
		"no period":                     {[]string{"--period", ""}, "--period"},
		"a period that is none":         {[]string{"--period", "July"}, "July"},
		"a statement without a line":    {[]string{"--statement", file("s.csv", "award,amount\n")}, "it has no line"},
		"a statement of words":          {[]string{"--statement", file("s.csv", "award,amount\na1,much\n")}, "s.csv, line 2: amount"},
	} {
		args := append([]string{"--meter", m}, c.args...)
		if !slices.Contains(args, "--awards") {
			args = append(args, "--awards", file("a.csv", soldAwards))
		}
		if code, said, errs := sold(t, dir, args...); code != exitBadInput || said != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d: %s%s, want %q", sentence, code, said, errs, c.want)
		}
	}
	if owed(t, dir, books.Grid("ercot")) != 0 {
		t.Error("something was booked")
	}
}

// TestLedgerReserveTwice: the same power under another id, or for another site, is
// refused; what a later file leaves out is told and stays.
func TestLedgerReserveTwice(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	m := write(t, "meter.csv", fell())
	sold(t, dir, "--meter", m, "--book", "--by", "anna")
	renamed := write(t, "a.csv", strings.Replace(soldAwards, "a1,", "b1,", 1))
	code, _, errs := sold(t, dir, "--awards", renamed, "--meter", m, "--book", "--by", "anna")
	wantSaid(t, code, exitBadInput, errs, "a.csv, line 2: award b1 holds at the same time as award a1 of filed paper", "award ercot/ecrs/a1")
	code, _, errs = sold(t, dir, "--site", "odessa", "--meter", m)
	wantSaid(t, code, exitBadInput, errs, `award a1 is booked for site "houston", and this is for "odessa"`)
	short := write(t, "a.csv", strings.Join(strings.Split(soldAwards, "\n")[:2], "\n")+"\n")
	code, said, errs := sold(t, dir, "--awards", short, "--meter", m, "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "note: award a2 of ecrs is booked with 76.50 and not in this file", "booked now: 0 awards")
}
