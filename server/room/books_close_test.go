package room

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"sluice/books"
	"sluice/people"
)

// TestClosing: a month is locked by two people who may close books, once it can be.
func TestClosing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SKIPPED, NOTHING WAS CHECKED: %s is missing: apt install hledger beancount", name)
		}
	}
	c := newCabinet(t)
	one, other, trader := c.as(people.Finance, "houston"), c.as(people.Finance, ""), c.as(people.Trader, "houston")
	october := booked("wages", 33, books.Hash{}, books.Line{Account: books.SitesOwn, Amount: dollars(70)}, books.Line{Account: books.Bank("main"), Amount: -dollars(70)})
	month := map[string]string{"month": "2025-09", "reason": "all is booked"}
	ask := func(path string, body any) string {
		t.Helper()
		var did Did
		a := one.do(http.MethodPost, "/v1/books/houston/"+path, body)
		a.read(t, &did)
		if a.status != http.StatusAccepted || did.Request == nil {
			t.Fatalf("asked to %s: %d %s", path, a.status, a.body)
		}
		return "/v1/requests/" + did.Request.ID + "/approve"
	}
	refused := func(sentence string, a reply, says string) {
		t.Helper()
		if a.status/100 != 4 || !strings.Contains(a.body, says) {
			t.Errorf("%s: %d %s, want %q", sentence, a.status, a.body, says)
		}
	}
	refused("a month that is locked in part", one.do(http.MethodPost, "/v1/books/houston/close", month), "locked already")
	refused("a month that has not begun", one.do(http.MethodPost, "/v1/books/houston/close", map[string]string{"month": "2099-09", "reason": "early"}), "not ended")
	refused("no month", one.do(http.MethodPost, "/v1/books/houston/close", map[string]string{"month": "autumn", "reason": "all"}), "no month")
	refused("somebody who only looks", trader.do(http.MethodPost, "/v1/books/houston/close", month), string(people.NoRight))
	unlock := ask("unlock", map[string]any{"number": 1, "reason": "one more bill came"})
	refused("who asked approves", one.do(http.MethodPost, unlock, nil), string(people.SamePerson))
	refused("books that another program writes", other.do(http.MethodPost, unlock, nil), "another program writes")
	c.book(nil, october)
	c.must(c.ledger.Close())
	unlock = ask("unlock", map[string]any{"number": 1, "reason": "one more bill came"})
	other.ok(http.StatusOK, http.MethodPost, unlock, nil)
	one.ok(http.StatusOK, http.MethodPost, "/v1/books/houston/release", map[string]string{"id": "p1", "why": "the meter was exchanged"})
	if left := asked[Suspense](c, "/houston/suspense"); len(left.Parked) != 0 {
		t.Errorf("still in suspense: %+v", left)
	}
	refused("what was never parked", one.do(http.MethodPost, "/v1/books/houston/release", map[string]string{"id": "p9", "why": "it went"}), "unknown")
	refused("a release by who only looks", trader.do(http.MethodPost, "/v1/books/houston/release", map[string]string{"id": "p1", "why": "it went"}), string(people.NoRight))
	refused("a month that is not proved", other.do(http.MethodPost, ask("close", month), nil), "3.000 MWh were drawn, and no power is booked")
	if got := asked[Closing](c, "/houston/closing?month=2025-10"); got.Why != "" || got.Transactions != 1 || got.Parked != 0 {
		t.Fatalf("before it is closed: %+v", got)
	}
	month["month"] = "2025-10"
	if a := other.do(http.MethodPost, ask("close", month), nil); a.status != http.StatusOK || !strings.Contains(a.body, "proved and locked") {
		t.Fatalf("closed: %d %s", a.status, a.body)
	}
	locks := asked[Periods](c, "/houston/periods").Locks
	last := locks[len(locks)-1]
	if len(locks) != 3 || !last.Stands || last.From.Month() != 10 || !strings.Contains(last.By, " and ") {
		t.Errorf("locks: %+v", locks)
	}
	if got := asked[Closing](c, "/houston/closing?month=2025-10"); got.Why != "locked" {
		t.Errorf("after it is closed: %+v", got)
	}
}
