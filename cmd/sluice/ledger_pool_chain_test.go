package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/driver/bitcoin"
	"sluice/internal/regtest"
	"sluice/unit"
)

// ourAddress is a regtest address of a published test vector.
const ourAddress = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"

// ownChain is a btcd of our own, all of whose blocks pay us.
type ownChain struct {
	regtest.Node
	t *testing.T
}

// must asks for what cannot fail.
func (g *ownChain) must(method string, params ...any) json.RawMessage {
	g.t.Helper()
	out, err := g.Ask(g.t, method, params...)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// TestLedgerPoolOnAChain holds a statement against a chain of btcd: a block that
// pays us is matched and booked, a reorganisation takes it away again, and what
// comes in its place is known to nobody.
func TestLedgerPoolOnAChain(t *testing.T) {
	// Not beside others: a program that is being started holds open files of ours for
	// an instant, and with them the lock of books that another test opens anew.
	g := &ownChain{regtest.Start(t, ourAddress), t}
	g.must("generate", 104)
	p := newPooled(t)
	p.x.network, p.x.start, p.x.watch = "regtest", 102, write(t, "watch.txt", ourAddress+"\n")
	today := time.Now().UTC().Truncate(24 * time.Hour)
	p.x.bitcoin = write(t, "bitcoin.csv", network(today))
	var err error
	if p.watch, err = p.x.targets(); err != nil {
		t.Fatal(err)
	}
	src, err := bitcoin.OpenNode(bitcoin.NodeConfig{URL: g.URL, User: regtest.User, Password: regtest.Password})
	if err != nil {
		t.Fatal(err)
	}
	view, err := p.x.look(t.Context(), src, p.watch)
	if err != nil || len(view.receipts) != 3 {
		t.Fatalf("%d receipts: %v", len(view.receipts), err)
	}
	paid := view.receipts[0]
	settled := func() *poolAudit {
		t.Helper()
		p.x.statement = write(t, "s.csv", statementHead+"\n"+fmt.Sprintf("credit,c1,%s,,60,,,\npayout,p1,,%s,50.0001,0.0001,%s,%s\n",
			today.AddDate(0, 0, -1).Format(time.DateOnly), paid.Time.UTC().Format(time.RFC3339), paid.TxID, ourAddress))
		p.x.work, p.x.book = write(t, "w.csv", "day,accepted_ph_days\n"+today.AddDate(0, 0, -1).Format(time.DateOnly)+",1000\n"), true
		if err := p.x.check(&ledgerFlags{period: today.AddDate(0, 0, -1).Format(time.DateOnly) + ".." + today.AddDate(0, 0, 1).Format(time.DateOnly)}, p.shelf); err != nil {
			t.Fatal(err)
		}
		if view, err = p.x.look(t.Context(), src, p.watch); err != nil {
			t.Fatal(err)
		}
		r, err := p.x.settle(t.Context(), p.shelf, view)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := settled()
	if r.done.Credits != 1 || r.done.Payouts != 1 || p.balance(p.x.account) != int64(50*unit.Bitcoin) || !strings.Contains(strings.Join(codes(r), " "), "receipt_unconfirmed receipt_unconfirmed") {
		t.Fatalf("%+v %v, %d sat", r.done, codes(r), p.balance(p.x.account))
	}
	g.must("invalidateblock", paid.BlockHash)
	g.must("generate", 4)
	r = settled()
	got := strings.Join(codes(r), " ")
	if r.done.Reversed != 1 || p.balance(p.x.account) != 0 || p.balance(books.Pool("pool")) != int64(60*unit.Bitcoin) || strings.Count(got, "parked reorganised") != 1 || strings.Count(got, "parked receipt_without_payout") != 2 {
		t.Errorf("%+v %v, %d sat in the wallet", r.done, got, p.balance(p.x.account))
	}
	if r = settled(); r.done != (poolDone{}) {
		t.Errorf("the same again: %+v", r.done)
	}
}

// network is a history of the network of some days around one.
func network(day time.Time) string {
	var b strings.Builder
	b.WriteString("date,price_usd,difficulty,reward_per_block_btc\n")
	for i := -4; i <= 4; i++ {
		fmt.Fprintf(&b, "%s,90000,126982285146989,3.125\n", day.AddDate(0, 0, i).Format(time.DateOnly))
	}
	return b.String()
}
