package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/books"
	mined "sluice/books/lot"
	"sluice/unit"
)

// TestLedgerPoolRefuses: bad input is told with what it is about, and nothing is
// booked.
func TestLedgerPoolRefuses(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	statement := write(t, "s.csv", statementHead+"\ncredit,c1,2025-06-01,,0.1,,,\n")
	work := write(t, "w.csv", "day,accepted_ph_days\n2025-06-01,1000\n")
	good := map[string]string{"--pool": "pool", "--period": "2025-06", "--statement": statement, "--work": work}
	for sentence, c := range map[string]struct {
		flag, value, want string
	}{
		"no pool":                    {"--pool", "", "--pool"},
		"a pool that is not booked":  {"--pool", "other", "Assets:Digital:Pool:Other"},
		"no statement":               {"--statement", "", "--statement"},
		"a statement that is absent": {"--statement", filepath.Join(t.TempDir(), "none.csv"), "none.csv"},
		"a statement of another form": {
			"--statement", write(t, "x.csv", "a,b\n1,2\n"), "its first line is",
		},
		"an empty statement":            {"--statement", write(t, "x.csv", statementHead+"\n"), "no line"},
		"a line without an id":          {"--statement", write(t, "x.csv", statementHead+"\ncredit,,2025-06-01,,0.1,,,\n"), "line 2"},
		"an amount that is none":        {"--statement", write(t, "x.csv", statementHead+"\ncredit,a,2025-06-01,,much,,,\n"), "amount_btc"},
		"a finer amount than a satoshi": {"--statement", write(t, "x.csv", statementHead+"\ncredit,a,2025-06-01,,0.123456789,,,\n"), "8 decimals"},
		"a transaction that is none":    {"--statement", write(t, "x.csv", statementHead+"\npayout,a,,2025-06-01T00:00:00Z,0.1,,abc,\n"), "64 hexadecimal"},
		"work twice":                    {"--work", write(t, "x.csv", "day,accepted_ph_days\n2025-06-01,1\n2025-06-01,1\n"), "twice"},
		"work in another unit":          {"--work", write(t, "x.csv", "day,accepted_mh\n2025-06-01,1\n"), "ph_days"},
		"work below zero":               {"--work", write(t, "x.csv", "day,accepted_ph_days\n2025-06-01,-1\n"), "plain digits"},
		"a scheme that is none":         {"--scheme", "pps", "--scheme"},
		"pplns without a share":         {"--scheme", "pplns", "--pool-share"},
		"a fee of all":                  {"--fee", "1", "--fee"},
		"a zone that is none":           {"--day-zone", "Texas", "Texas"},
		"a period that is none":         {"--period", "soon", "soon"},
		"a history that is absent":      {"--bitcoin", "nothing.csv", "nothing.csv"},
		"a year without a history":      {"--period", "2031-01", "does not cover"},
		"an instant that is none":       {"--change", "noon", "--change"},
		"booking by nobody":             {"--book", "true", "--by"},
		"taking back without booking":   {"--take-back", "true", "--take-back"},
		"a chain without a source":      {"--watch", write(t, "a.txt", burnt+"\n"), "one source"},
		"a wallet that is none":         {"--wallet", "Assets:Bank:Main", "--wallet"},
	} {
		args := []string{"ledger", "pool", "--books", dir}
		for flag, value := range good {
			if flag == c.flag {
				continue
			}
			if c.value == "2031-01" && flag == "--work" {
				value = write(t, "late.csv", "day,accepted_ph_days\n2031-01-01,1000\n")
			}
			args = append(args, flag+"="+value)
		}
		code, said, errs := call(t, append(args, c.flag+"="+c.value)...)
		if code != exitBadInput || said != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d: %s%s, want %q", sentence, code, said, errs, c.want)
		}
	}
}

// TestLedgerPoolSays: the whole command, for people and for programs.
func TestLedgerPoolSays(t *testing.T) {
	t.Parallel()
	dir := emptyBooks(t)
	statement := write(t, "s.csv", statementHead+"\ncredit,c1,2025-06-01,,"+btc(dayWorth)+",,,\n")
	work := write(t, "w.csv", "day,accepted_ph_days,stale_ph_days,rejected_ph_days\n2025-06-01,1000,5,1\n")
	args := []string{"ledger", "pool", "--books", dir, "--pool", "pool", "--period", "2025-06", "--statement", statement, "--work", work}
	code, said, errs := call(t, args...)
	for _, want := range []string{"expected             0.48516207 BTC", "effective fee            2.00 %", "credit_not_booked", "stale 0.50 %", "the chain was not asked", "new coins only"} {
		if code != exitFailed || !strings.Contains(said, want) {
			t.Errorf("%d: %q is missing\n%s%s", code, want, said, errs)
		}
	}
	if code, said, errs = call(t, append(args, "--book", "--by", "anna")...); code != exitOK || !strings.Contains(said, "booked now: credits 1") {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	if code, said, errs = call(t, append(args, "--book", "--by", "anna", "--json")...); code != exitOK || !strings.Contains(said, `"credits": 0`) {
		t.Errorf("%d: %s%s", code, said, errs)
	}
	_ = os.Remove(statement)
}

// guess lets the books estimate a credit and take its payout for granted.
func (p *pooled) guess(q unit.Satoshi) {
	p.t.Helper()
	account, chart := books.Pool("pool"), p.shelf.chart
	e := mined.Event{ID: "guess", Entity: chart.Entity, Currency: chart.Currency, At: june.AddDate(0, 0, 1).Add(-time.Second), Booked: june.AddDate(0, 0, 1)}
	earn, err := mined.Earn(e, mined.Earning{Account: account, Lot: "2025-06-01", Quantity: q, Subsidy: 50_000 * unit.Unit, PoolFee: 1_000 * unit.Unit})
	if err != nil {
		p.t.Fatal(err)
	}
	held := books.Held(nil)
	if err := held.Apply(chart, earn); err != nil {
		p.t.Fatal(err)
	}
	picks, err := held.FIFO(account, q)
	if err != nil {
		p.t.Fatal(err)
	}
	e.ID, e.At = "granted", e.At.Add(time.Second)
	move, err := mined.Move(e, mined.Out{Held: held, Account: account, Picks: picks}, books.Wallet("treasury"))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.shelf.store.Post(p.t.Context(), earn, move); err != nil {
		p.t.Fatal(err)
	}
}
