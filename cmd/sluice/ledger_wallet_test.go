package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	coins "sluice/books/lot"
	"sluice/driver/bitcoin"
	"sluice/driver/entityfile"
	"sluice/store/ledger"
	"sluice/unit"
)

// ledge is a chain of one branch on which coins arrive at heights.
type ledge struct {
	tip   int64
	coins map[int64]unit.Satoshi
	to    string // script
}

func (l ledge) BlockAt(_ context.Context, h int64) (bitcoin.Block, error) {
	if h > l.tip {
		return bitcoin.Block{}, bitcoin.ErrNoBlock
	}
	hash := fmt.Sprintf("%064x", h+1)
	if h == 0 {
		hash = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f" // of the network's first block
	}
	return bitcoin.Block{Height: h, Hash: hash, Time: time.Unix(1_700_000_000+600*h, 0).UTC()}, nil
}

func (l ledge) Tip(ctx context.Context) (bitcoin.Block, error) { return l.BlockAt(ctx, l.tip) }

func (l ledge) Moves(ctx context.Context, q bitcoin.Query) (out bitcoin.Moves, _ error) {
	for h := q.From; h <= q.To; h++ {
		if n := l.coins[h]; n > 0 {
			b, _ := l.BlockAt(ctx, h)
			out.Receipts = append(out.Receipts, bitcoin.Receipt{TxID: fmt.Sprintf("%064x", h+9), Script: l.to, Satoshi: n, Height: h, BlockHash: b.Hash, Time: b.Time})
		}
	}
	return out, nil
}

// burnt is an address that everybody knows.
const burnt = "1BitcoinEaterAddressDontSendf59kuE"

// oneCredit is books in which a pool owes a little.
func oneCredit(t *testing.T) string {
	t.Helper()
	dir := emptyBooks(t)
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	x, err := coins.Earn(coins.Event{ID: "a", Entity: f.Chart.Entity, Currency: "USD", At: at, Booked: at}, coins.Earning{Account: f.Pool, Lot: "a", Quantity: 1_000, Subsidy: unit.Unit})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Post(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestLedgerWallet holds a wallet in the books against a chain: equal, and with a
// receipt that nobody booked.
func TestLedgerWallet(t *testing.T) {
	t.Parallel()
	dir := oneCredit(t)
	s, err := (&ledgerFlags{dir: dir}).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.store.Close() //nolint:errcheck // read only
	x := walletFlags{account: "Assets:Digital:Pool:Pool", watch: write(t, "watch.txt", "# ours\n"+burnt+"\n"), network: "mainnet", start: 100}
	watch, err := x.targets()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := watch.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	chain := ledge{tip: 120, coins: map[int64]unit.Satoshi{110: 7}, to: scripts[0].Hex()}
	h, err := x.hold(t.Context(), s, chain, watch)
	if err != nil || h.Height != 120 || h.Chain != 7 || !errors.Is(h.fault(), errHolding) {
		t.Fatalf("%+v, %v, %v", h, err, h.fault())
	}
	chain.tip, chain.coins[130] = 140, h.Books-7
	if h, err = x.hold(t.Context(), s, chain, watch); err != nil || h.Chain != h.Books || h.Outputs != 2 || h.fault() != nil {
		t.Errorf("%+v, %v, %v", h, err, h.fault())
	}
	var said strings.Builder
	h.print(&said)
	if !strings.Contains(said.String(), "at block 140") {
		t.Error(said.String())
	}
}

// TestLedgerWalletRefuses: above all a private key, whose text is never repeated.
func TestLedgerWalletRefuses(t *testing.T) {
	t.Parallel()
	dir := oneCredit(t)
	const key = "5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS" // of the wiki's own example
	watch := write(t, "w.txt", burnt+"\n")
	for want, args := range map[string][]string{
		"private key": {"--watch", write(t, "k.txt", key+"\n"), "--account", "Assets:Digital:Pool:Pool", "--service", "http://127.0.0.1:1"},
		"one source":  {"--watch", watch, "--account", "Assets:Digital:Pool:Pool"},
		"--account":   {"--watch", watch, "--service", "http://127.0.0.1:1"},
		"no wallet":   {"--watch", watch, "--account", "Expenses:Depreciation", "--service", "http://127.0.0.1:1"},
		"--start":     {"--watch", watch, "--account", "Assets:Digital:Pool:Pool", "--service", "http://127.0.0.1:1"},
	} {
		code, said, errs := call(t, append([]string{"ledger", "wallet", "--books", dir}, args...)...)
		if code != exitBadInput || !strings.Contains(errs, want) || strings.Contains(said+errs, key[:10]) {
			t.Errorf("%v: %d: %s%s, want %q", args, code, said, errs, want)
		}
	}
}
