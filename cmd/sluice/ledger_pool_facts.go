package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/match"
	"sluice/driver/bitcoin"
	"sluice/driver/history"
	"sluice/store/ledger"
	"sluice/store/whole"
	"sluice/unit"
)

// market is what the network and its market said of each day.
type market struct {
	yields    []match.Yield
	prices    map[string]books.Price // by UTC day
	estimated map[string]bool        // days whose price is an estimate
	notes     []string
}

// marketOf reads the history, and the prices that were filed.
func (x *poolFlags) marketOf(ctx context.Context, s *shelf) (m market, err error) {
	f, err := open(x.bitcoin)
	if err != nil {
		return m, input(fmt.Errorf("--bitcoin: %w", err))
	}
	days, src, err := history.ReadBitcoin(f, x.bitcoin, "USD")
	if err := errors.Join(err, f.close()); err != nil {
		return m, input(err)
	}
	m.prices, m.estimated = map[string]books.Price{}, map[string]bool{}
	for _, d := range src.EstimatedDays {
		m.estimated[d.Format(time.DateOnly)] = true
	}
	for _, d := range days {
		d.Reward += x.perBlock
		m.yields = append(m.yields, match.Yield{Day: d.Day, HashYield: d.Yield()})
		name := d.Day.Format(time.DateOnly)
		if s.chart.Currency != "USD" {
			continue
		}
		source := "history " + x.bitcoin
		if m.estimated[name] {
			source += ", estimated"
		}
		m.prices[name] = books.Price{Asset: books.Bitcoin, Quote: "USD", At: d.Day.AddDate(0, 0, 1).Add(-time.Second), Value: d.Price, Source: source, Policy: x.policy}
	}
	if f.packed && x.perBlock == 0 {
		m.notes = append(m.notes, "The shipped history has new coins only: what users pay in a block is left out of what is expected (--block-fees).")
	}
	return m, m.filed(ctx, s)
}

// filed takes prices that stand in the books as papers before those of a history.
func (m *market) filed(ctx context.Context, s *shelf) error {
	for p, err := range s.store.Papers(ctx, s.chart.Entity, "price") {
		if err != nil {
			return err
		}
		price, err := books.ParsePrice(p.Body)
		if err != nil || price.Asset != books.Bitcoin || price.Quote != s.chart.Currency {
			continue // not of bitcoin: of no use here
		}
		name := price.At.UTC().Format(time.DateOnly)
		m.prices[name], m.estimated[name] = price, false
	}
	return nil
}

// value is what the work of each day of the period is worth.
func (r *poolAudit) value() error {
	pieces := match.Pieces(r.market.around(r.x.from, r.x.to), r.x.known)
	for _, d := range r.work {
		at, err := time.ParseInLocation(time.DateOnly, d.Day, r.x.zone)
		if err != nil || at.Before(r.x.from) || !at.Before(r.x.to) {
			continue
		}
		w, err := match.Value(d, at, at.AddDate(0, 0, 1), pieces, r.x.ratio)
		if err != nil {
			return fmt.Errorf("%s: %w", r.x.bitcoin, err)
		}
		w.Blocks = int64(r.x.part) * 144 / 1000 // of 144 a day, in thousandths
		r.facts.Work = append(r.facts.Work, w)
	}
	return nil
}

// around are the yields of a period and the days beside it.
func (m market) around(from, to time.Time) []match.Yield {
	return slices.DeleteFunc(slices.Clone(m.yields), func(y match.Yield) bool {
		return y.Day.Before(from.AddDate(0, 0, -3)) || y.Day.After(to.AddDate(0, 0, 3))
	})
}

// chainView is what was read of the chain.
type chainView struct {
	asked    bool
	tip      bitcoin.Block
	start    int64
	receipts []bitcoin.Receipt // without what we paid to ourselves
	ours     map[string]bool   // addresses that are watched
	undone   int
}

// look brings what is remembered up to the chain's end.
func (x *poolFlags) look(ctx context.Context, src bitcoin.Source, watch bitcoin.Watch) (v chainView, err error) {
	seen, file, err := x.remembered()
	if err != nil {
		return v, input(err)
	}
	next, news, err := bitcoin.Update(ctx, src, watch, seen)
	if err != nil {
		return v, err
	}
	err = whole.Replace(file, whole.Private, func(w io.Writer) error { return json.NewEncoder(w).Encode(next) })
	if err != nil {
		return v, err
	}
	v = chainView{asked: true, tip: news.Tip, start: next.Start, ours: map[string]bool{}, undone: len(news.Undone.Receipts)}
	scripts, err := watch.Scripts()
	if err != nil {
		return v, err
	}
	for _, s := range scripts {
		v.ours[s.Address()] = true
	}
	own := map[string]bool{}
	for _, s := range next.Moves.Spends {
		own[s.TxID] = true
	}
	for _, r := range next.Moves.Receipts {
		v.ours[r.Address] = true
		if !own[r.TxID] {
			v.receipts = append(v.receipts, r)
		}
	}
	return v, nil
}

// outputOf names the output of a receipt.
func outputOf(r bitcoin.Receipt) string { return fmt.Sprintf("%s:%d", r.TxID, r.Vout) }

// receipts are those since the first statement: what came before was credited
// before.
func (r *poolAudit) receipts(context.Context) error {
	r.facts.Chain = r.chain.asked
	first := r.x.from
	for _, c := range r.facts.Credits {
		if at, err := time.ParseInLocation(time.DateOnly, c.Day, r.x.zone); err == nil && at.Before(first) {
			first = at
		}
	}
	for _, c := range r.chain.receipts {
		if c.Time.Before(first) {
			continue
		}
		r.facts.Receipts = append(r.facts.Receipts, match.Receipt{ID: outputOf(c), At: c.Time, Amount: c.Satoshi, Confirmations: r.chain.tip.Height - c.Height + 1})
	}
	return nil
}

// poolJournal is what the books have of a pool.
type poolJournal struct {
	ever     map[string]bool           // ids of all that were ever booked in the account
	credits  map[string][]books.Sealed // that stand, by day
	paid     map[string][]books.Sealed // payouts that stand, by output: the transfer, and its fee
	tries    map[string]int            // how often a payout of an output was booked, and taken back again
	assumed  []books.Sealed            // transfers out of the account that no receipt proves
	held     *books.Holdings
	reversed map[string]bool
}

// The beginnings of the ids of what is booked here, as books.DerivedID makes them.
const (
	creditID     = "pool statement line"
	correctionID = "pool statement correction"
	payoutID     = "pool payout"
	payoutFeeID  = "pool payout fee"
)

func derivedBy(id, what string) bool {
	return strings.HasPrefix(id, strings.Join(strings.Fields(what), "-")+"/")
}

// read reads what the books have of the pool's account.
func (r *poolAudit) read(ctx context.Context) error {
	account := books.Pool(r.x.pool)
	j := &r.journal
	j.ever, j.reversed, j.tries = map[string]bool{}, map[string]bool{}, map[string]int{}
	j.credits, j.paid = map[string][]books.Sealed{}, map[string][]books.Sealed{}
	var touching []books.Sealed
	for t, err := range r.s.store.Transactions(ctx, ledger.Query{Entity: r.s.chart.Entity}) {
		if err != nil {
			return err
		}
		if t.Reverses != "" {
			j.reversed[t.Reverses] = true
		}
		if slices.ContainsFunc(t.Lines, func(l books.Line) bool { return l.Account == account }) {
			touching = append(touching, t)
		}
	}
	r.facts.Booked = nil
	for _, t := range touching {
		r.sort(t, account)
	}
	lots, err := r.s.at().Lots(ctx, time.Time{})
	j.held = books.Held(lots)
	return err
}

// sort puts a transaction of the pool's account where it belongs.
func (r *poolAudit) sort(t books.Sealed, account string) {
	j := &r.journal
	j.ever[t.ID] = true
	if derivedBy(t.ID, payoutID) {
		j.tries[outputIn(t.Source)]++
	}
	if t.Standing != books.Posted || t.Reverses != "" || j.reversed[t.ID] {
		return
	}
	var moved unit.Satoshi
	day := ""
	for _, l := range t.Lines {
		if l.Account == account {
			moved, day = moved+unit.Satoshi(l.Amount), l.Lot.ID
		}
	}
	switch {
	case derivedBy(t.ID, payoutID), derivedBy(t.ID, payoutFeeID):
		j.paid[outputIn(t.Source)] = append(j.paid[outputIn(t.Source)], t)
	case t.Kind == "pool credit", derivedBy(t.ID, correctionID):
		if d := creditDay(t, day, r.x.zone); d >= r.x.from.Format(time.DateOnly) && d < r.x.to.Format(time.DateOnly) {
			r.facts.Booked = append(r.facts.Booked, match.Booked{Day: d, Amount: moved})
			j.credits[d] = append(j.credits[d], t)
		}
	case moved < 0 && !t.At.Before(r.x.from):
		j.assumed = append(j.assumed, t)
	}
}

// creditDay is the day that a booked credit is of: as the statement said, or the name
// of its lot, or when it happened.
func creditDay(t books.Sealed, lot string, zone *time.Location) string {
	if derivedBy(t.ID, creditID) || derivedBy(t.ID, correctionID) {
		if words := strings.Fields(t.Source); len(words) > 0 {
			return words[len(words)-1]
		}
	}
	if n := len(time.DateOnly); len(lot) >= n {
		if _, err := time.Parse(time.DateOnly, lot[:n]); err == nil {
			return lot[:n]
		}
	}
	return t.At.In(zone).Format(time.DateOnly)
}

// outputIn is the output in the source of a payout: "receipt TXID:VOUT in block HASH at HEIGHT".
func outputIn(source string) string {
	if words := strings.Fields(source); len(words) > 1 {
		return words[1]
	}
	return ""
}

// transferAssumed names transfers that the books took for granted.
const transferAssumed match.Code = "transfer_without_receipt"

// assumed tells of transfers out of the pool's account that no receipt proves.
func (r *poolAudit) assumed() {
	if len(r.journal.assumed) == 0 || !r.facts.Chain {
		return
	}
	var sum unit.Satoshi
	account := books.Pool(r.x.pool)
	for _, t := range r.journal.assumed {
		for _, l := range t.Lines {
			if l.Account == account {
				sum += unit.Satoshi(l.Amount)
			}
		}
	}
	r.Differences = append(r.Differences, match.Difference{
		Code: transferAssumed, On: r.journal.assumed[0].ID, Amount: sum,
		Says: fmt.Sprintf("%d transfers out of the account were booked without a receipt, this is the first: take them back with --book --take-back", len(r.journal.assumed)),
	})
}
