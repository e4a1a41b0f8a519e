package room

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/people"
)

// TestStatement: what is answered is what the statements say of the transactions, account
// by account, and the steps lead to the result.
func TestStatement(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	all := c.all()
	tally, err := books.Tally(all)
	c.must(err)
	want, err := statement.ProfitAndLoss(c.chart, tally)
	c.must(err)
	got := asked[Statement](c, "/houston/statement?by=use")
	var keys []string
	var sum Micro
	rows := map[string]Micro{}
	for _, s := range got.Result.Steps {
		keys = append(keys, s.Key)
		sum += s.Amount
		if s.After != sum {
			t.Errorf("after %s the result is %d, want %d", s.Key, s.After, sum)
		}
		for _, a := range s.Accounts {
			rows[a.Account] = a.Amount
		}
	}
	if diff := cmp.Diff([]string{"revenue_mining", "revenue_hosting", "sla_credits", "energy", "charges", "running", "corporate", "depreciation", "debt"}, keys); diff != "" {
		t.Error(diff)
	}
	for _, x := range want.Income {
		if rows[x.Account.Name] != Micro(x.Amount) {
			t.Errorf("%s is %d, want %d", x.Account.Name, rows[x.Account.Name], x.Amount)
		}
	}
	for _, x := range want.Expenses {
		if rows[x.Account.Name] != -Micro(x.Amount) {
			t.Errorf("%s is %d, want %d", x.Account.Name, rows[x.Account.Name], -x.Amount)
		}
	}
	if len(rows) != len(want.Income)+len(want.Expenses) || sum != Micro(want.Net) || got.Result.Net != sum || got.Transactions != len(all) {
		t.Errorf("%d accounts, steps to %d and net %d of %d transactions, want %d", len(rows), sum, got.Result.Net, got.Transactions, want.Net)
	}
	var parts Micro
	for _, p := range got.Parts {
		parts += p.Net
	}
	if parts != sum || len(got.Parts) != 3 {
		t.Errorf("the parts %+v sum to %d, want %d", got.Parts, parts, sum)
	}
	c.sheets(got, tally, all)
}

// sheets checks balance sheet and cash.
func (c *cabinet) sheets(got Statement, tally []books.Balance, all []books.Transaction) {
	c.Helper()
	held, err := c.ledger.OpenLots(c.Context(), company, autumn(30).Add(time.Hour))
	c.must(err)
	parcels := map[string][]books.Parcel{}
	for _, p := range held {
		parcels[p.Account] = append(parcels[p.Account], books.Parcel{ID: p.Lot.ID, Acquired: p.Lot.Acquired, Quantity: p.Quantity, Cost: p.Lot.Cost})
	}
	sheet, err := statement.BalanceSheet(c.chart, tally, books.Held(parcels))
	c.must(err)
	want := SheetNow{amounts(sheet.Assets, 1), amounts(sheet.Liabilities, 1), amounts(sheet.Equity, 1), Micro(sheet.Earned), Micro(sheet.Total())}
	if diff := cmp.Diff(want, got.Sheet); diff != "" {
		c.Error(diff)
	}
	cash, err := statement.CashFlow(c.chart, nil, tally, all)
	c.must(err)
	if len(cash.Flows) != len(got.Cash.Flows) || got.Cash.Closing != Micro(cash.Closing) || got.Cash.Closing != Micro(dollars(900_000-7_000-3_000.333333-88+100)) {
		c.Errorf("cash is %+v, want %+v", got.Cash, cash)
	}
}

// TestDrillDown walks from every step of the result to its accounts, their transactions,
// and the papers under them: each sum is that of what lies below it.
func TestDrillDown(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	papers := 0
	for _, step := range asked[Statement](c, "/houston/statement").Result.Steps {
		for _, a := range step.Accounts {
			page := asked[Transactions](c, "/houston/transactions?account="+url.QueryEscape(a.Account))
			var sum Micro
			for _, x := range page.Page {
				one := asked[Transaction](c, "/houston/transactions/"+url.PathEscape(x.ID))
				if diff := cmp.Diff(x, one); diff != "" {
					t.Error(diff)
				}
				for _, l := range one.Lines {
					if l.Account == a.Account {
						sum += *l.Amount
					}
				}
				papers += c.under(one)
			}
			if sum != -a.Amount {
				t.Errorf("%s: its transactions sum to %d, the statement says %d", a.Account, sum, a.Amount)
			}
		}
	}
	if papers != 14 { // energy, charges, subsidy and pool fee of three days, a service and its credit
		t.Errorf("%d papers lie under the result, want 14", papers)
	}
}

// under looks at the paper of a transaction: 1 where there is one.
func (c *cabinet) under(x Transaction) int {
	c.Helper()
	if x.Filed == "" {
		return 0
	}
	p := asked[Evidence](c, "/houston/evidence/"+x.Evidence)
	if h := sha256.Sum256([]byte(p.Text)); hex.EncodeToString(h[:]) != x.Evidence || p.Kind != x.Filed || p.Hash != x.Evidence {
		c.Errorf("the paper of %s is %+v", x.ID, p)
	}
	same := asked[Transactions](c, "/houston/transactions?evidence="+x.Evidence)
	if !slices.ContainsFunc(same.Page, func(y Transaction) bool { return y.ID == x.ID }) {
		c.Errorf("what was booked from %s does not hold %s", x.Evidence, x.ID)
	}
	return 1
}

// TestCost: the levels are those of cost.PerBitcoin, each account has its part of its own
// level, and how the figures came to be stands beside them.
func TestCost(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	got := asked[Costs](c, "/houston/cost")
	all := c.all()
	tally, err := books.Tally(all)
	c.must(err)
	want, err := cost.PerBitcoin(cost.Input{Chart: c.chart, Balances: tally, Earned: cost.Earned(all), Work: 3 * 10_000_000_000})
	c.must(err)
	if len(got.Levels) != 4 || got.Earned != int64(want.Earned) || got.Earned != 3*400_001 {
		t.Fatalf("%+v", got)
	}
	var below Micro
	for i, l := range got.Levels {
		w := want.Levels[i]
		for _, a := range l.Adds {
			below += a.Amount
		}
		if l.Gross != Micro(w.Gross) || *l.PerBTC != Micro(w.PerBTC) || l.Net != Micro(w.Net) || *l.Hashcost != Micro(w.Hashcost) || below != l.Gross {
			t.Errorf("level %d is %+v, want %+v; its accounts sum to %d", i+1, l, w, below)
		}
	}
	energy := got.Levels[0].Adds[0]
	if diff := cmp.Diff([]StandingPart{{"metered", "day", energy.Amount}}, energy.Standing); diff != "" {
		t.Error(diff)
	}
	if s := got.Levels[1].Adds[0].Standing; len(s) != 1 || s[0].Standing != "declared" {
		t.Errorf("wages came to be by %+v", s)
	}
	if len(got.Left) != 2 || got.Left[0].Account != books.Overhead || got.Unmetered != 0 || got.Days != 3 {
		t.Errorf("left %+v of %d days, %d without a paper", got.Left, got.Days, got.Unmetered)
	}
}

// TestTreasury: wallets and lots sum to the whole, at the last price.
func TestTreasury(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	got := asked[Treasury](c, "/houston/treasury")
	worth, err := c.price.Of(3 * 400_001)
	c.must(err)
	if got.Coins != 3*400_001 || got.Price == nil || got.Price.Value != Micro(c.price.Value) || got.Value == nil || *got.Value != Micro(worth) || got.Cost != Micro(dollars(3*400)) || got.Carried != got.Cost {
		t.Errorf("%+v, want a value of %d", got, worth)
	}
	if len(got.Wallets) != 1 || len(got.Wallets[0].Lots) != 3 || got.Wallets[0].Lots[0].ID != "2025-09-01" || *got.Wallets[0].Share != 1_000_000 {
		t.Errorf("%+v", got.Wallets)
	}
	early := asked[Treasury](c, "/houston/treasury?to=2025-09-02")
	if early.Coins != 400_001 || early.Price.Value != Micro(dollars(100_001)) {
		t.Errorf("after the first day %+v", early)
	}
}

// TestBooksNow: the list of books, the trial balance, suspense and locks.
func TestBooksNow(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	list := asked[Shelves](c, "")
	if len(list.Books) != 1 || !list.Books[0].Balanced || list.Books[0].Company != company || list.Books[0].Transactions != int64(len(c.all())) || list.Books[0].Locked == nil ||
		!list.Books[0].Locked.Equal(autumn(2).Add(-12*time.Hour)) {
		t.Errorf("%+v", list)
	}
	debit, credit := map[string]Micro{}, map[string]Micro{}
	for _, a := range asked[TrialBalance](c, "/houston/accounts").Accounts {
		if a.Debit != nil {
			debit[a.Asset] += *a.Debit
		}
		if a.Credit != nil {
			credit[a.Asset] += *a.Credit
		}
		if (a.Asset == "BTC") != (a.DebitSat != nil || a.CreditSat != nil) {
			t.Errorf("%+v", a)
		}
	}
	if debit["USD"] == 0 || debit["USD"] != credit["USD"] {
		t.Errorf("debits %v, credits %v", debit, credit)
	}
	if open, every := asked[Suspense](c, "/houston/suspense"), asked[Suspense](c, "/houston/suspense?all=true"); len(open.Parked) != 1 || len(every.Parked) != 2 || every.Parked[1].By != "ann" {
		t.Errorf("%+v %+v", open, every)
	}
	if p := asked[Periods](c, "/houston/periods"); len(p.Locks) != 1 || !p.Locks[0].Stands || p.Locks[0].By != "ann" || p.Until == nil {
		t.Errorf("%+v", p)
	}
}

// TestTransactionPages: pages one after the other hold everything once, in order.
func TestTransactionPages(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	var got []string
	cursor := ""
	for {
		p := asked[Transactions](c, "/houston/transactions?limit=4&cursor="+cursor)
		for _, x := range p.Page {
			got = append(got, x.ID)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	var want []string
	for _, x := range c.all() {
		want = append(want, x.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 12 {
		t.Error(diff)
	}
}

// TestMoneyInput: what makes no sense is told, and what is not there is not found.
func TestMoneyInput(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	g := c.as(people.Finance, "houston")
	for path, want := range map[string]int{
		"/nowhere/statement":                                 http.StatusNotFound,
		"/houston/statement?from=yesterday":                  http.StatusUnprocessableEntity,
		"/houston/statement?from=2025-09-03&to=2025-09-03":   http.StatusUnprocessableEntity,
		"/houston/statement?by=colour":                       http.StatusUnprocessableEntity,
		"/houston/statement?colour=red":                      http.StatusUnprocessableEntity,
		"/houston/transactions?account=Expenses:Lunch":       http.StatusNotFound,
		"/houston/transactions?cursor=x":                     http.StatusUnprocessableEntity,
		"/houston/transactions?limit=0":                      http.StatusUnprocessableEntity,
		"/houston/transactions?limit=501":                    http.StatusUnprocessableEntity,
		"/houston/transactions?evidence=ab":                  http.StatusUnprocessableEntity,
		"/houston/transactions/nothing":                      http.StatusNotFound,
		"/houston/evidence/zz":                               http.StatusUnprocessableEntity,
		"/houston/evidence/" + strings.Repeat("0", 64):       http.StatusNotFound,
		"/houston/invoices/HOU-2025-999999":                  http.StatusNotFound,
		"/houston/invoices/7":                                http.StatusUnprocessableEntity,
		"/houston/invoices/" + c.number + "/lines/2":         http.StatusNotFound,
		"/houston/invoices/" + c.number + "/pdf?language=xx": http.StatusUnprocessableEntity,
	} {
		if a := g.do(http.MethodGet, "/v1/books"+path, nil); a.status != want || a.problem().Code == "" {
			t.Errorf("%s: %d, want %d: %s", path, a.status, want, a.body)
		}
	}
}

// TestMoneyApart: books are seen by who sees the money of their site, and of others
// nobody is told that they exist.
func TestMoneyApart(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	for _, x := range []struct {
		says string
		who  *guest
		list int // of the status of the list
		one  int
	}{
		{"finance of the site", c.as(people.Finance, "houston"), http.StatusOK, http.StatusOK},
		{"the auditor of the house", c.as(people.Auditor, ""), http.StatusOK, http.StatusOK},
		{"finance of another site", c.as(people.Finance, "elsewhere"), http.StatusOK, http.StatusNotFound},
		{"an operator of the site", c.as(people.Operator, "houston"), http.StatusForbidden, http.StatusForbidden},
		{"a tenant", c.as(people.TenantUser, ""), http.StatusForbidden, http.StatusForbidden},
		{"nobody", c.nobody(), http.StatusUnauthorized, http.StatusUnauthorized},
	} {
		list := x.who.do(http.MethodGet, "/v1/books", nil)
		if list.status != x.list || strings.Contains(list.body, company) != (x.one == http.StatusOK) {
			t.Errorf("%s lists: %d %s", x.says, list.status, list.body)
		}
		for _, path := range []string{"statement", "cost", "accounts", "transactions", "invoices", "invoices/" + c.number, "invoices/" + c.number + "/pdf", "treasury", "suspense", "periods"} {
			if a := x.who.do(http.MethodGet, "/v1/books/houston/"+path, nil); a.status != x.one {
				t.Errorf("%s asks for %s: %d, want %d", x.says, path, a.status, x.one)
			}
		}
	}
}
