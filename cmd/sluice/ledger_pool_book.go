package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	mined "sluice/books/lot"
	"sluice/books/match"
	"sluice/driver/bitcoin"
	"sluice/store/ledger"
	"sluice/unit"
)

// poolClerk books what an audit found.
type poolClerk struct {
	r       *poolAudit
	account string
	held    *books.Holdings
	locked  time.Time
	at      time.Time // when it is booked
	batch   ledger.Batch
	settled map[string]string // what is parked and settled by this, and why
}

// book books all that the books do not have, in one commit.
func (r *poolAudit) book(ctx context.Context) error {
	locked, err := r.s.lockedUntil(ctx)
	if err != nil {
		return err
	}
	c := &poolClerk{r: r, account: books.Pool(r.x.pool), held: r.journal.held, locked: locked, at: now(), settled: map[string]string{}}
	c.batch = ledger.Batch{Entity: r.s.chart.Entity, Papers: []ledger.Paper{r.paper}}
	if err := errors.Join(c.reorganised(ctx), c.takenBack(), c.credits(), c.payouts()); err != nil {
		return err
	}
	c.suspects()
	known, err := r.s.store.Suspense(ctx, r.s.chart.Entity, true)
	if err != nil {
		return err
	}
	if _, err := r.s.store.Book(ctx, c.batch); err != nil {
		return input(err)
	}
	return c.release(ctx, known)
}

// event is what stands above the lines of something that happened at a time. What
// lies in a locked period is dated in the open one and names the one it belongs to.
func (c *poolClerk) event(id string, at time.Time, source string, evidence books.Hash) (mined.Event, string) {
	at, belongs := dated(at.Truncate(time.Second), c.locked, c.r.s.zone)
	return mined.Event{
		ID: id, Entity: c.r.s.chart.Entity, Currency: c.r.s.chart.Currency, At: at, Booked: c.at, Source: source, Evidence: evidence,
		Tags: books.Tags{Site: c.r.x.site, Use: "mining"}, Text: "booked by " + c.r.x.by,
	}, belongs
}

// post checks transactions against the chart and what is held, and keeps all of
// them or none.
func (c *poolClerk) post(belongs string, all ...books.Transaction) error {
	lots := map[string][]books.Parcel{}
	for _, name := range c.held.Accounts() {
		lots[name] = c.held.Of(name)
	}
	held := books.Held(lots)
	for i := range all {
		if belongs != "" {
			all[i].Belongs = belongs
		}
		if err := errors.Join(all[i].Validate(c.r.s.chart), held.Apply(c.r.s.chart, all[i])); err != nil {
			return err
		}
	}
	c.held, c.batch.Transactions = held, append(c.batch.Transactions, all...)
	return nil
}

// park keeps what cannot be booked, once.
func (c *poolClerk) park(id, kind, reason, says string, what ledger.Parked) {
	if slices.ContainsFunc(c.batch.Parked, func(p ledger.Parked) bool { return p.ID == id }) {
		return
	}
	what.ID, what.Kind, what.Reason, what.Booked = id, kind, reason, c.at
	what.Says, what.At = c.r.x.pool+": "+says, what.At.Truncate(time.Second)
	c.batch.Parked = append(c.batch.Parked, what)
}

func (c *poolClerk) id(what string, facts ...string) string {
	return books.DerivedID(what, append([]string{c.r.s.chart.Entity, c.account}, facts...)...)
}

// price is the price of a day; false: there is none.
func (c *poolClerk) price(day string) (books.Price, bool) {
	p, ok := c.r.market.prices[day]
	return p, ok
}

// credits books the lines of the period that the books do not have, and corrects
// the days that they have otherwise.
func (c *poolClerk) credits() error {
	days := map[string][]match.Credit{}
	booked := map[string]unit.Satoshi{}
	var order []string
	for _, l := range c.r.Lines {
		days[l.Day] = append(days[l.Day], l)
		order = append(order, l.Day)
	}
	for _, b := range c.r.facts.Booked {
		booked[b.Day] += b.Amount
	}
	slices.Sort(order)
	for _, day := range slices.Compact(order) {
		if err := c.day(day, days[day], booked[day]); err != nil {
			return err
		}
	}
	return nil
}

// day books the lines of one day: each by itself where nothing else is booked for
// it, or else what the day is off.
func (c *poolClerk) day(day string, lines []match.Credit, booked unit.Satoshi) error {
	var credited, fresh unit.Satoshi
	var missing []match.Credit
	for _, l := range lines {
		credited += l.Amount
		if !c.r.journal.ever[c.id(creditID, l.ID)] && l.Amount > 0 {
			fresh, missing = fresh+l.Amount, append(missing, l)
		}
	}
	switch {
	case credited == booked:
		return nil
	case booked+fresh != credited:
		return c.correct(day, lines, credited, booked)
	}
	for _, l := range missing {
		if err := c.earn(c.id(creditID, l.ID), l, l.ID); err != nil {
			return err
		}
	}
	return nil
}

// earn books a credit at the price of its day.
func (c *poolClerk) earn(id string, l match.Credit, name string) error {
	end, err := time.ParseInLocation(time.DateOnly, l.Day, c.r.x.zone)
	if err != nil {
		return err
	}
	end = end.AddDate(0, 0, 1).Add(-time.Second)
	price, ok := c.price(l.Day)
	parked := c.id("parked credit", l.ID)
	if !ok {
		c.park(parked, "pool credit", "no_price", fmt.Sprintf("line %s credits %s BTC for %s, and there is no price of that day: name a history with --bitcoin", l.ID, btc(l.Amount), l.Day), ledger.Parked{At: end, Paper: l.Evidence})
		return nil
	}
	fee := l.Fee
	if fee == 0 {
		whole, fits := unit.TryMulDiv(int64(l.Amount), int64(unit.One), int64(unit.One-c.r.x.ratio))
		if !fits {
			return fmt.Errorf("line %s: %w", l.ID, books.ErrOverflow)
		}
		fee = unit.Satoshi(whole) - l.Amount
	}
	gross, err := price.Of(int64(l.Amount + fee))
	if err != nil {
		return err
	}
	net, err := price.Of(int64(l.Amount))
	if err != nil {
		return err
	}
	e, belongs := c.event(id, end, fmt.Sprintf("line %s of a statement of %s for %s", l.ID, c.r.x.pool, l.Day), l.Evidence)
	t, err := mined.Earn(e, mined.Earning{Account: c.account, Lot: books.Part(c.r.x.pool) + "/" + l.Day + "/" + name, Quantity: l.Amount, Subsidy: gross, PoolFee: gross - net})
	if err != nil {
		return err
	}
	c.settled[parked] = "booked at " + price.Name()
	if derivedBy(id, correctionID) {
		c.r.done.Corrections++
	} else {
		c.r.done.Credits++
	}
	return c.post(belongs, t)
}

// correct brings a day that is booked otherwise to what was credited for it: more
// is booked beside it; where it is less, the day is taken back and booked anew.
func (c *poolClerk) correct(day string, lines []match.Credit, credited, booked unit.Satoshi) error {
	id := func(line string) string {
		return c.id(correctionID, day, line, strconv.FormatInt(int64(booked), 10), strconv.FormatInt(int64(credited), 10))
	}
	if c.r.journal.ever[id(lines[0].ID)] {
		return nil // taken back by somebody: it stays told
	}
	if l := lines[0]; credited > booked {
		l.Amount, l.Fee = credited-booked, 0
		return c.earn(id(l.ID), l, "more-"+l.ID)
	}
	if _, ok := c.price(day); !ok {
		return c.earn(id(lines[0].ID), lines[0], "") // which parks it
	}
	if err := c.withdraw(day); err != nil {
		c.park(c.id("parked correction", id("")), "pool credit", "short", fmt.Sprintf("%s credited %s BTC, booked are %s, and the account does not hold the difference any more, because the books moved it on (--take-back): %v", day, btc(credited), btc(booked), err), ledger.Parked{At: c.r.x.to.Add(-time.Second), Paper: lines[0].Evidence})
		return nil
	}
	for _, l := range lines {
		if l.Amount == 0 {
			continue
		}
		if err := c.earn(id(l.ID), l, "anew-"+l.ID); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes back all that was booked for a day.
func (c *poolClerk) withdraw(day string) error {
	var back []books.Transaction
	for _, t := range slices.Backward(c.r.journal.credits[day]) {
		at, belongs := dated(t.At, c.locked, c.r.s.zone)
		x, err := t.Reverse(c.id("pool credit taken back", t.ID), at, c.at, "the statement takes its place, by "+c.r.x.by)
		if err != nil {
			return err
		}
		if x.Belongs = belongs; belongs == "" {
			x.Belongs = t.Belongs
		}
		back = append(back, x)
	}
	return c.post("", back...)
}

// out picks the oldest coins of the pool's account that were there at a time.
func (c *poolClerk) out(q unit.Satoshi, at time.Time) (mined.Out, error) {
	old := slices.DeleteFunc(c.held.Of(c.account), func(p books.Parcel) bool { return p.Acquired.After(at) })
	picks, err := books.Held(map[string][]books.Parcel{c.account: old}).FIFO(c.account, q)
	return mined.Out{Held: c.held, Account: c.account, Picks: picks}, err
}

// receiptPaper is a receipt as it is filed.
type receiptPaper struct {
	Account string       `json:"account"`
	TxID    string       `json:"txid"`
	Vout    uint32       `json:"vout"`
	Address string       `json:"address"`
	Amount  unit.Satoshi `json:"satoshi,string"`
	Height  int64        `json:"height"`
	Block   string       `json:"block"`
	At      time.Time    `json:"block_time"`
	Claim   string       `json:"statement_line,omitempty"`
}

// file files a receipt and returns the hash.
func (c *poolClerk) file(r bitcoin.Receipt, claim string) (books.Hash, error) {
	body, err := json.Marshal(receiptPaper{c.account, r.TxID, r.Vout, r.Address, r.Satoshi, r.Height, r.BlockHash, r.Time.UTC(), claim})
	if err != nil {
		return books.Hash{}, err
	}
	p := ledger.Paper{Kind: "chain receipt", Name: outputOf(r), Body: append(body, '\n')}
	c.batch.Papers = append(c.batch.Papers, p)
	return p.Hash(), nil
}

// find is the receipt of an output.
func (c *poolClerk) find(output string) (bitcoin.Receipt, bool) {
	i := slices.IndexFunc(c.r.chain.receipts, func(r bitcoin.Receipt) bool { return outputOf(r) == output })
	if i < 0 {
		return bitcoin.Receipt{}, false
	}
	return c.r.chain.receipts[i], true
}

// payouts moves what arrived from the pool's account to the wallet.
func (c *poolClerk) payouts() error {
	for _, p := range c.r.Paid {
		r, known := c.find(p.Receipt)
		if !known || len(c.r.journal.paid[p.Receipt]) > 0 {
			continue
		}
		evidence, err := c.file(r, p.Claim)
		if err != nil {
			return err
		}
		if err := c.payout(p, r, evidence); err != nil {
			return err
		}
	}
	return nil
}

// payout books one receipt, and the fee that it is short of.
func (c *poolClerk) payout(p match.Payout, r bitcoin.Receipt, evidence books.Hash) error {
	try := strconv.Itoa(c.r.journal.tries[p.Receipt])
	source := fmt.Sprintf("receipt %s in block %s at %d", p.Receipt, r.BlockHash, r.Height)
	parked := c.id("parked receipt", p.Receipt)
	refuse := func(reason, why string) error {
		c.park(parked, "receipt", reason, fmt.Sprintf("%s BTC arrived by %s: %s", btc(p.Amount), p.Receipt, why), ledger.Parked{At: p.At, Paper: evidence})
		return nil
	}
	if c.r.journal.tries[p.Receipt] > 0 {
		p.At = c.at // it was taken back before, and is here since
	}
	e, belongs := c.event(c.id(payoutID, p.Receipt, try), p.At, source, evidence)
	out, err := c.out(p.Amount+p.Fee, e.At)
	if err != nil {
		return refuse("short", err.Error())
	}
	if out.Picks, err = c.held.FIFO(c.account, p.Amount); err != nil {
		return refuse("short", err.Error())
	}
	move, err := mined.Move(e, out, c.r.x.account)
	if err != nil {
		return err
	}
	all := []books.Transaction{move}
	if p.Fee > 0 {
		price, ok := c.price(r.Time.UTC().Format(time.DateOnly))
		if !ok {
			return refuse("no_price", "the fee of the payout cannot be valued: name a history with --bitcoin")
		}
		fee, err := c.payoutFee(p, price, move, source, evidence)
		if err != nil {
			return err
		}
		all = append(all, fee)
	}
	if err := c.post(belongs, all...); err != nil {
		return err
	}
	c.settled[parked] = "booked as " + move.ID
	for was := range c.r.journal.tries[p.Receipt] {
		c.settled[c.id("parked reorganisation", c.id(payoutID, p.Receipt, strconv.Itoa(was)))] = "it came back, and is booked as " + move.ID
	}
	c.r.done.Payouts++
	return nil
}

// payoutFee books what a payout cost, out of what is left after it.
func (c *poolClerk) payoutFee(p match.Payout, price books.Price, move books.Transaction, source string, evidence books.Hash) (books.Transaction, error) {
	worth, err := price.Of(int64(p.Fee))
	if err != nil {
		return books.Transaction{}, err
	}
	left := books.Held(map[string][]books.Parcel{c.account: c.held.Of(c.account), c.r.x.account: c.held.Of(c.r.x.account)})
	if err := left.Apply(c.r.s.chart, move); err != nil {
		return books.Transaction{}, err
	}
	picks, err := left.FIFO(c.account, p.Fee)
	if err != nil {
		return books.Transaction{}, err
	}
	try := strconv.Itoa(c.r.journal.tries[p.Receipt])
	e, _ := c.event(c.id(payoutFeeID, p.Receipt, try), p.At, source, evidence)
	return mined.Pay(e, mined.Out{Held: left, Account: c.account, Picks: picks}, books.NetworkFees, worth)
}

// reorganised takes payouts back whose receipt is no longer where it was on the
// chain. What is in another block now is booked anew once it is confirmed.
func (c *poolClerk) reorganised(ctx context.Context) error {
	for _, output := range slices.Sorted(maps.Keys(c.r.journal.paid)) {
		all := c.r.journal.paid[output]
		now, there := c.find(output)
		if !c.r.chain.asked || there && strings.Contains(all[0].Source, " "+now.BlockHash+" ") {
			continue
		}
		var was receiptPaper
		p, err := c.r.s.store.Paper(ctx, c.r.s.chart.Entity, all[0].Evidence)
		if err == nil {
			err = json.Unmarshal(p.Body, &was)
		}
		if err != nil {
			return fmt.Errorf("evidence of %s: %w", all[0].ID, err)
		}
		if was.Height < c.r.chain.start {
			continue // the chain was not read that far back
		}
		if err := c.gone(output, all, was, there); err != nil {
			return err
		}
	}
	return nil
}

// gone reverses a payout, its fee first, and parks the case unless the receipt is
// in another block.
func (c *poolClerk) gone(output string, all []books.Sealed, was receiptPaper, there bool) error {
	says := fmt.Sprintf("block %d (%s) with receipt %s of %s BTC is no longer on the chain", was.Height, was.Block, output, btc(was.Amount))
	var back []books.Transaction
	for _, t := range slices.Backward(all) {
		x, err := t.Reverse(c.id("pool payout taken back", t.ID), c.at, c.at, says)
		if err != nil {
			return err
		}
		back = append(back, x)
	}
	belongs := ""
	if all[0].At.Before(c.locked) {
		belongs = all[0].At.In(c.r.s.zone).Format("2006-01")
	}
	reason, end := "reorganised", "; its booking was taken back"
	if err := c.post(belongs, back...); err != nil {
		reason, end, there = "reorganised_and_gone", fmt.Sprintf("; its booking cannot be taken back, because the coins went on: %v", err), false
	} else {
		c.r.done.Reversed++
		delete(c.r.journal.paid, output)
	}
	if !there {
		c.park(c.id("parked reorganisation", all[0].ID), "receipt", reason, says+end, ledger.Parked{At: c.at, Paper: all[0].Evidence})
	}
	return nil
}

// takenBack takes transfers back that were booked without a receipt, on the day of
// each, so that receipts find the coins where they were.
func (c *poolClerk) takenBack() error {
	if !c.r.x.takeBack {
		return nil
	}
	for _, t := range slices.Backward(c.r.journal.assumed) {
		at, belongs := dated(t.At, c.locked, c.r.s.zone)
		x, err := t.Reverse(c.id("pool transfer taken back", t.ID), at, c.at, "the chain takes its place, by "+c.r.x.by)
		if err != nil {
			return err
		}
		if err := c.post(belongs, x); err != nil {
			c.park(c.id("parked transfer", t.ID), "transfer", "gone", fmt.Sprintf("transfer %s cannot be taken back, because its coins went on: %v", t.ID, err), ledger.Parked{At: t.At, Paper: c.r.paper.Hash()})
			continue
		}
		c.r.done.Reversed++
	}
	return nil
}

// suspects parks what nobody can book: receipts without a credit, payouts to
// others, lines that say something else now.
func (c *poolClerk) suspects() {
	for _, d := range c.r.Differences {
		if d.Code == match.NoReason || d.Code == match.NoPayout {
			c.suspectReceipt(d)
		}
		if (d.Code == match.Elsewhere || d.Code == match.Contradiction) && c.r.mine[d.On] {
			c.park(c.id("parked line", string(d.Code), d.On, hashText(c.r.paper.Hash())), "statement line", string(d.Code), "line "+d.On+": "+d.Says, ledger.Parked{At: c.r.x.to, Paper: c.r.paper.Hash()})
		}
	}
}

// suspectReceipt parks a receipt with what the chain says of it.
func (c *poolClerk) suspectReceipt(d match.Difference) {
	r, known := c.find(d.On)
	if !known {
		return
	}
	if evidence, err := c.file(r, ""); err == nil {
		c.park(c.id("parked receipt", d.On), "receipt", string(d.Code), fmt.Sprintf("%s BTC arrived by %s: %s", btc(d.Amount), d.On, d.Says), ledger.Parked{At: r.Time, Paper: evidence})
	}
}

// release settles what was parked and is booked now, and counts what is new.
func (c *poolClerk) release(ctx context.Context, known []ledger.Parked) error {
	c.r.done.Parked = len(c.batch.Parked)
	for _, p := range known {
		if slices.ContainsFunc(c.batch.Parked, func(x ledger.Parked) bool { return x.ID == p.ID }) {
			c.r.done.Parked--
		}
		why, settled := c.settled[p.ID]
		if !settled || p.Released != nil {
			continue
		}
		if err := c.r.s.store.Release(ctx, c.r.s.chart.Entity, p.ID, ledger.Released{At: c.at, By: c.r.x.by, Why: why}); err != nil {
			return err
		}
		c.r.done.Released++
	}
	return nil
}

// parked finds the open cases of the pool.
func (r *poolAudit) parked(ctx context.Context) error {
	all, err := r.s.store.Suspense(ctx, r.s.chart.Entity, false)
	for _, p := range all {
		if strings.HasPrefix(p.Says, r.x.pool+": ") {
			r.open = append(r.open, p)
		}
	}
	return err
}
