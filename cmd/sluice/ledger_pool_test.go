package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/driver/bitcoin"
	"sluice/driver/entityfile"
	"sluice/store/ledger"
	"sluice/unit"
)

// branch is a chain whose blocks from a height on are of another branch.
type branch struct {
	ledge
	from int64
	salt int64
}

func (b branch) BlockAt(ctx context.Context, h int64) (bitcoin.Block, error) {
	x, err := b.ledge.BlockAt(ctx, h)
	if err == nil && h >= b.from && b.salt > 0 {
		x.Hash = fmt.Sprintf("%064x", h+1+b.salt)
	}
	return x, err
}

func (b branch) Tip(ctx context.Context) (bitcoin.Block, error) { return b.BlockAt(ctx, b.tip) }

func (b branch) Moves(ctx context.Context, q bitcoin.Query) (bitcoin.Moves, error) {
	out, err := b.ledge.Moves(ctx, q)
	for i := range out.Receipts {
		x, _ := b.BlockAt(ctx, out.Receipts[i].Height)
		out.Receipts[i].BlockHash = x.Hash
	}
	return out, err
}

// heightOf is the height of the block of a fake chain at a time, and the
// transaction that pays there.
func heightOf(at time.Time) int64 { return (at.Unix() - 1_700_000_000) / 600 }

func txAt(h int64) string { return fmt.Sprintf("%064x", h+9) }

var june = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

// The work of a day in these tests, and what it is worth net of two in a hundred:
// 1,000 PH/s for a day at 126,982,285,146,989 and 3.125 BTC a block.
const phDays = "1000"

// pooled is a folder of books with a pool and nothing booked, and what a test
// changes.
type pooled struct {
	t         *testing.T
	dir       string
	shelf     *shelf
	x         poolFlags
	chain     branch
	watch     bitcoin.Watch
	statement []string
	work      []string
}

func newPooled(t *testing.T) *pooled {
	t.Helper()
	p := &pooled{t: t, dir: emptyBooks(t)}
	s, err := (&ledgerFlags{dir: p.dir, period: "2025-06"}).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	p.shelf = s
	p.x = poolFlags{pool: "pool", scheme: "fpps", fee: "0.02", bitcoin: shippedBitcoin, blockFees: "0", dayZone: "UTC", delay: 3, confirmations: 3, policy: "p", by: "anna", walletFlags: walletFlags{network: "mainnet", start: heightOf(june)}}
	p.x.watch = write(t, "watch.txt", burnt+"\n")
	p.x.account = books.Wallet("treasury")
	if p.watch, err = p.x.targets(); err != nil {
		t.Fatal(err)
	}
	scripts, err := p.watch.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	p.chain = branch{ledge: ledge{tip: heightOf(june.AddDate(0, 0, 9)), coins: map[int64]unit.Satoshi{}, to: scripts[0].Hex()}}
	return p
}

// emptyBooks is a folder of books of the shipped company with nothing booked.
func emptyBooks(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(t.Context(), ledger.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenEntity(t.Context(), f.Chart); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

const statementHead = "kind,id,day,time,amount_btc,fee_btc,txid,address"

// days credits what each of so many days is worth, times a ratio.
func (p *pooled) days(n int, part unit.Ratio) {
	for i := range n {
		day := june.AddDate(0, 0, i)
		p.work = append(p.work, day.Format(time.DateOnly)+","+phDays)
		p.credit(fmt.Sprintf("c%d", i+1), day, unit.Satoshi(unit.MulDiv(int64(dayWorth), int64(part), int64(unit.One))))
	}
}

// dayWorth is what a day of the tests' work is worth: 1,000 PH/s is one EH/s, of
// which the yield of the shipped history in the first days of June 2025 is taken.
const dayWorth unit.Satoshi = 48_516_207

func (p *pooled) credit(id string, day time.Time, amount unit.Satoshi) {
	p.statement = append(p.statement, fmt.Sprintf("credit,%s,%s,,%s,,,", id, day.Format(time.DateOnly), btc(amount)))
}

// pay lets the pool announce a payout and the chain have it.
func (p *pooled) pay(id string, at time.Time, amount, fee unit.Satoshi) int64 {
	h := heightOf(at)
	p.announce(id, at, amount, fee, burnt)
	p.chain.coins[h] = amount - fee
	return h
}

func (p *pooled) announce(id string, at time.Time, amount, fee unit.Satoshi, to string) {
	p.statement = append(p.statement, fmt.Sprintf("payout,%s,,%s,%s,%s,%s,%s", id, at.Format(time.RFC3339), btc(amount), btc(fee), txAt(heightOf(at)), to))
}

// run audits, and books where that is asked for.
func (p *pooled) run(book bool) (*poolAudit, error) {
	p.t.Helper()
	p.x.book = book
	p.x.statement = write(p.t, "statement.csv", statementHead+"\n"+strings.Join(p.statement, "\n")+"\n")
	p.x.work = write(p.t, "work.csv", "day,accepted_ph_days\n"+strings.Join(p.work, "\n")+"\n")
	if err := p.x.check(&ledgerFlags{period: "2025-06"}, p.shelf); err != nil {
		p.t.Fatal(err)
	}
	view, err := p.x.look(p.t.Context(), p.chain, p.watch)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.x.settle(p.t.Context(), p.shelf, view)
}

// codes are the differences and the reasons of what is parked.
func codes(r *poolAudit) (out []string) {
	for _, d := range r.Differences {
		out = append(out, string(d.Code))
	}
	for _, o := range r.open {
		out = append(out, "parked "+o.Reason)
	}
	return out
}

func (p *pooled) balance(account string) (sum int64) {
	p.t.Helper()
	all, err := p.shelf.store.Balances(p.t.Context(), ledger.Query{Entity: p.shelf.chart.Entity})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range all {
		if b.Account == account {
			sum += b.Amount
		}
	}
	return sum
}

// TestLedgerPool: what a statement, the chain and the books say of a pool, one
// difference at a time, before and after it is booked.
func TestLedgerPool(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change        func(*pooled)
		before, after []string
		pool, wallet  int64 // balances in the books afterwards, satoshi
	}{
		"all agree, and is booked": {func(p *pooled) {
			p.days(3, unit.One)
			p.pay("p1", june.AddDate(0, 0, 4), 3*dayWorth, 1_000)
		}, []string{"credit_not_booked", "credit_not_booked", "credit_not_booked"}, nil, 0, int64(3*dayWorth - 1_000)},
		"a payout is not confirmed yet": {func(p *pooled) {
			p.days(1, unit.One)
			p.chain.tip = p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0) + 1
		}, []string{"credit_not_booked", "receipt_unconfirmed"}, []string{"receipt_unconfirmed"}, int64(dayWorth), 0},
		"a payout went elsewhere": {func(p *pooled) {
			p.days(1, unit.One)
			p.announce("p1", june.AddDate(0, 0, 4), dayWorth, 0, "1CounterpartyXXXXXXXXXXXXXXXUWLpVr")
		}, []string{"credit_not_booked", "payout_elsewhere"}, []string{"payout_elsewhere", "parked payout_elsewhere"}, int64(dayWorth), 0},
		"a payout never came": {func(p *pooled) {
			p.days(1, unit.One)
			p.announce("p1", june.AddDate(0, 0, 4), dayWorth, 0, burnt)
		}, []string{"credit_not_booked", "payout_not_received"}, []string{"payout_not_received"}, int64(dayWorth), 0},
		"a payout is short": {func(p *pooled) {
			p.days(1, unit.One)
			p.chain.coins[p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0)]--
		}, []string{"credit_not_booked", "payout_amount"}, []string{"payout_amount"}, 1, int64(dayWorth) - 1},
		"a receipt that no statement announces": {func(p *pooled) {
			p.days(1, unit.One)
			p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0)
			p.chain.coins[heightOf(june.AddDate(0, 0, 5))] = 777
		}, []string{"credit_not_booked", "receipt_without_payout"}, []string{"receipt_without_payout", "parked receipt_without_payout"}, 0, int64(dayWorth)},
		"without payouts in the statement the oldest credits are paid": {func(p *pooled) {
			p.days(2, unit.One)
			p.chain.coins[heightOf(june.AddDate(0, 0, 4))] = 2*dayWorth - 500
		}, []string{"credit_not_booked", "credit_not_booked"}, nil, 0, int64(2*dayWorth - 500)},
		"a receipt from before the first statement is none of it": {func(p *pooled) {
			p.days(1, unit.One)
			p.x.start -= 500
			p.chain.coins[heightOf(june)-100] = 55
			p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0)
		}, []string{"credit_not_booked"}, nil, 0, int64(dayWorth)},
		"more arrives than was credited": {func(p *pooled) {
			p.days(1, unit.One)
			p.chain.coins[heightOf(june.AddDate(0, 0, 4))] = dayWorth + 500
		}, []string{"credit_not_booked", "receipt_without_credit"}, []string{"receipt_without_credit", "parked short"}, int64(dayWorth), 0},
		"a percent less is credited": {func(p *pooled) {
			p.days(1, 990_000)
			p.pay("p1", june.AddDate(0, 0, 4), 48_031_045, 0)
		}, []string{"credit_below_work", "credit_not_booked"}, []string{"credit_below_work"}, 0, 48_031_045},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := newPooled(t)
			c.change(p)
			r, err := p.run(false)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(codes(r), " "); got != strings.Join(c.before, " ") {
				t.Errorf("before: %s, want %v", got, c.before)
			}
			if r, err = p.run(true); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(codes(r), " "); got != strings.Join(c.after, " ") {
				t.Errorf("after: %s, want %v", got, c.after)
			}
			if pool, wallet := p.balance(books.Pool("pool")), p.balance(p.x.account); pool != c.pool || wallet != c.wallet {
				t.Errorf("pool %d, wallet %d, want %d and %d", pool, wallet, c.pool, c.wallet)
			}
			if r, err = p.run(true); err != nil || r.done != (poolDone{}) {
				t.Errorf("the second time: %+v, %v", r.done, err)
			}
		})
	}
}

// proved lets the programs of others read what was booked, where they are there.
func (p *pooled) proved() {
	p.t.Helper()
	for _, name := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(name); err != nil {
			p.t.Logf("SKIPPED: %s is missing, so what was booked is not proved by it", name)
			return
		}
	}
	s := *p.shelf
	s.from, s.to = june.AddDate(0, -1, 0), time.Now().AddDate(0, 0, 2)
	proof, err := s.at().Prove(p.t.Context(), s.store, true)
	if err != nil {
		p.t.Errorf("%v: %+v", err, proof)
	}
}

// TestLedgerPoolReorganised: a receipt whose block is gone is taken back, parked
// with its evidence, and booked again when it comes back.
func TestLedgerPoolReorganised(t *testing.T) {
	// Not beside others: a program that is being started holds open files of ours for
	// an instant, and with them the lock of books that another test opens anew.
	p := newPooled(t)
	p.days(1, unit.One)
	h := p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 2_000)
	p.chain.tip = h + 3
	if r, err := p.run(true); err != nil || r.fault() != nil || r.done.Payouts != 1 {
		t.Fatalf("%v: %v", codes(r), err)
	}
	p.chain.from, p.chain.salt, p.chain.tip = h, 1<<40, h+5
	delete(p.chain.coins, h)
	r, err := p.run(true)
	if err != nil || r.done.Reversed != 1 || r.done.Parked != 1 || !errors.Is(r.fault(), errPool) {
		t.Fatalf("%+v, %v: %v", r.done, codes(r), err)
	}
	if pool, wallet := p.balance(books.Pool("pool")), p.balance(p.x.account); pool != int64(dayWorth) || wallet != 0 || p.balance(books.NetworkFees) != 0 {
		t.Errorf("pool %d, wallet %d", pool, wallet)
	}
	if paper, err := p.shelf.store.Paper(t.Context(), p.shelf.chart.Entity, r.open[0].Paper); err != nil || !strings.Contains(string(paper.Body), txAt(h)) {
		t.Errorf("%s, %v", paper.Body, err)
	}
	p.chain.from, p.chain.salt, p.chain.tip = h, 1<<41, h+9
	p.chain.coins[h] = dayWorth - 2_000
	if r, err = p.run(true); err != nil || r.done.Payouts != 1 || p.balance(p.x.account) != int64(dayWorth-2_000) {
		t.Errorf("%+v, %v: %v", r.done, codes(r), err)
	}
	if r, err = p.run(true); err != nil || r.done != (poolDone{}) {
		t.Errorf("%+v: %v", r.done, err)
	}
	p.proved()
}

// TestLedgerPoolLines: a line that comes again counts once; one that says something
// else is refused and parked; a later statement goes on where this one ended.
func TestLedgerPoolLines(t *testing.T) {
	t.Parallel()
	p := newPooled(t)
	p.days(2, unit.One)
	p.pay("p1", june.AddDate(0, 0, 4), 2*dayWorth, 0)
	if r, err := p.run(true); err != nil || r.fault() != nil || r.done.Credits != 2 {
		t.Fatalf("%+v %v: %v", r.done, codes(r), err)
	}
	changed := *p
	changed.statement = append([]string{strings.Replace(p.statement[0], btc(dayWorth), btc(dayWorth+1), 1)}, p.statement[1:]...)
	r, err := changed.run(true)
	if err != nil || r.done.Credits+r.done.Corrections != 0 || strings.Join(codes(r), " ") != "line_changed parked line_changed" {
		t.Errorf("%+v %v: %v", r.done, codes(r), err)
	}
	if p.balance(p.x.account) != int64(2*dayWorth) {
		t.Error("a refused line was booked")
	}
}

// TestLedgerPoolPrices: a credit of a day without a price is parked, and booked
// once there is one.
func TestLedgerPoolPrices(t *testing.T) {
	t.Parallel()
	p := newPooled(t)
	p.days(1, unit.One)
	euro := p.shelf.chart
	euro.Currency = "EUR" // for which the shipped history has no price
	usd := p.shelf.chart
	p.shelf.chart = euro
	r, err := p.run(true)
	p.shelf.chart = usd
	if err != nil || r.done.Credits != 0 || r.done.Parked != 1 || !strings.Contains(strings.Join(codes(r), " "), "parked no_price") {
		t.Fatalf("%+v %v: %v", r.done, codes(r), err)
	}
	if r, err = p.run(true); err != nil || r.done.Credits != 1 || r.done.Released != 1 {
		t.Errorf("%+v %v: %v", r.done, codes(r), err)
	}
}

// TestLedgerPoolBooked: what the books estimated is corrected to what was credited,
// up and down, and a transfer that they took for granted is told and taken back.
func TestLedgerPoolBooked(t *testing.T) {
	// Not beside others: a program that is being started holds open files of ours for
	// an instant, and with them the lock of books that another test opens anew.
	for _, off := range []unit.Satoshi{-1_000, 1_000} {
		p := newPooled(t)
		p.days(1, unit.One)
		p.guess(dayWorth + off)
		p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0)
		r, err := p.run(false)
		if got := strings.Join(codes(r), " "); err != nil || got != "credit_booked_otherwise transfer_without_receipt" {
			t.Fatalf("%s: %v", got, err)
		}
		p.x.takeBack = true
		if r, err = p.run(true); err != nil || r.fault() != nil || r.done.Corrections != 1 || r.done.Payouts != 1 || r.done.Reversed != 1 {
			t.Errorf("%+v %v: %v", r.done, codes(r), err)
		}
		if pool, wallet := p.balance(books.Pool("pool")), p.balance(p.x.account); pool != 0 || wallet != int64(dayWorth) {
			t.Errorf("pool %d, wallet %d", pool, wallet)
		}
		p.proved()
	}
}

// TestLedgerPoolLocked: what belongs to a closed month is dated in the open one and
// names it.
func TestLedgerPoolLocked(t *testing.T) {
	t.Parallel()
	p := newPooled(t)
	p.days(1, unit.One)
	july := june.AddDate(0, 1, 0)
	if _, err := p.shelf.store.Lock(t.Context(), ledger.Period{Entity: p.shelf.chart.Entity, From: june.AddDate(0, -1, 0), To: july, At: july, By: "x"}); err != nil {
		t.Fatal(err)
	}
	p.pay("p1", june.AddDate(0, 0, 4), dayWorth, 0)
	if r, err := p.run(true); err != nil || r.fault() != nil {
		t.Fatalf("%v: %v", codes(r), err)
	}
	n := 0
	for x, err := range p.shelf.store.Transactions(t.Context(), ledger.Query{Entity: p.shelf.chart.Entity}) {
		if n++; err != nil || x.At.Before(july) || x.Belongs != "2025-06" && x.Belongs != "2025-05" {
			t.Errorf("%s at %v belongs to %q: %v", x.Kind, x.At, x.Belongs, err)
		}
	}
	if n != 2 {
		t.Errorf("%d transactions", n)
	}
}
