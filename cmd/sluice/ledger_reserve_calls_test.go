package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/books"
)

// TestLedgerReserveBaseline: the shipped demand response, by hand: ten days at 20 MW
// and a morning at 25 are a baseline of 24, as far as it may be adjusted; 16 were
// drawn, so 8 of 10 MW were shed, and 2 short at one and a half times 10.00 are 30.00.
func TestLedgerReserveBaseline(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("start,end,quantity,unit\n")
	event := time.Date(2025, 7, 16, 18, 0, 0, 0, time.UTC) // 14:00 in New York
	for at := event.AddDate(0, 0, -25); at.Before(event.Add(2 * time.Hour)); at = at.Add(time.Hour) {
		mw := 20
		switch {
		case at.Equal(event):
			mw = 16
		case at.After(event.Add(-6 * time.Hour)):
			mw = 25
		}
		fmt.Fprintf(&b, "%s,%s,%d,MWh\n", at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339), mw)
	}
	awards := "award,product,start,end,mw,price\nd1,emergency-load,2025-07-16T14:00:00-04:00,2025-07-16T15:00:00-04:00,10,10\n"
	calls := "product,start,end,mw\nemergency-load,2025-07-16T14:00:00-04:00,2025-07-16T15:00:00-04:00,10\n"
	dir := emptyBooks(t)
	code, said, errs := sold(t, dir, "--programme", "demand-response", "--awards", write(t, "a.csv", awards), "--deployments", write(t, "c.csv", calls), "--meter", write(t, "m.csv", b.String()), "--book", "--by", "anna")
	wantSaid(t, code, exitOK, said+errs, "high 5 of 10 days scalar up to 20.00 %", "shortfall multiple 1.5", "80.00 %", "100.00", "(30.00)", "70.00 on Assets:Receivable:Grid:Nyiso")
	if got := owed(t, dir, books.DemandResponse); got != -100_000_000 {
		t.Errorf("earned %d", got)
	}
}

// TestLedgerReserveCalls: a newer table of instructions takes the place of the one of
// the same period, those of other periods count too, and one that no award holds for
// is told.
func TestLedgerReserveCalls(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	m := write(t, "meter.csv", fell())
	call := func(name, from, to string) []string {
		return []string{"--deployments", write(t, name, "product,start,end,mw,price\necrs,2025-07-16T"+from+":00-05:00,2025-07-16T"+to+":00-05:00,10,400\n"), "--meter", m, "--book", "--by", "anna"}
	}
	code, said, errs := sold(t, dir, call("c.csv", "14:15", "14:45")...)
	wantSaid(t, code, exitOK, said+errs, "1,850.50")
	code, said, errs = sold(t, dir, call("c2.csv", "14:15", "14:30")...) // it ended earlier: the second quarter was not called, 7 MW were missing
	wantSaid(t, code, exitOK, said+errs, "a1 was booked with 1,774.00", "1,000.00")
	if strings.Contains(said, "counted too: 1 instruction") {
		t.Errorf("the old table counts too: %s", said)
	}
	if got := owed(t, dir, books.DemandResponse); got != -1_000_000_000 {
		t.Errorf("shed earned %d", got)
	}
	_, said, _ = sold(t, dir, "--meter", m)
	wantSaid(t, 0, 0, said, "1,000.00", "counted too: 1 instruction of filed paper", "c2.csv")
	_, said, _ = sold(t, dir, call("c3.csv", "20:00", "21:00")...)
	wantSaid(t, 0, 0, said, "c3.csv, line 2: ecrs was called from 2025-07-16 20:00 to 2025-07-16 21:00, and no award holds then")
	later := write(t, "later.csv", strings.NewReplacer("07-16", "08-16", "a1", "b1", "a2", "b2").Replace(soldAwards))
	_, said, _ = sold(t, dir, "--awards", later, "--period", "2025-08")
	wantSaid(t, 0, 0, said, "counted too: 1 instruction of filed paper", "c3.csv")
}

// TestLedgerReserveNet: a meter that feeds in is below zero only where that is said.
func TestLedgerReserveNet(t *testing.T) {
	t.Parallel()
	m := write(t, "meter.csv", strings.Replace(fell(), ",7.500,", ",-7.500,", 1))
	code, said, errs := sold(t, emptyBooks(t), "--meter", m, "--net")
	wantSaid(t, code, exitOK, said+errs, "in all, 2 awards")
}
