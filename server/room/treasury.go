package room

import (
	"context"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/live/accountant"
	"sluice/unit"
)

// LotNow is what is left of one lot.
type LotNow struct {
	ID       string    `json:"id"`
	Acquired time.Time `json:"acquired"`
	Coins    int64     `json:"coins_sat"`
	Cost     Micro     `json:"cost"`
	Value    *Micro    `json:"value,omitempty" doc:"At the last price; absent: none is filed."`
}

// Wallet is what one wallet, pool or lender holds.
type Wallet struct {
	Account string      `json:"account"`
	Coins   int64       `json:"coins_sat"`
	Share   *unit.Ratio `json:"share_ppm,omitempty" doc:"Of all bitcoin held, in millionths; absent: no price is filed."`
	Cost    Micro       `json:"cost"`
	Carried Micro       `json:"carried" doc:"As the books value it."`
	Value   *Micro      `json:"value,omitempty" doc:"At the last price."`
	Lots    []LotNow    `json:"lots" doc:"The oldest first."`
}

// LastPrice is the last price of bitcoin that is filed.
type LastPrice struct {
	At       time.Time `json:"at"`
	Value    Micro     `json:"value" doc:"Of one bitcoin."`
	Source   string    `json:"source"`
	Policy   string    `json:"policy" doc:"Rule by which it was chosen."`
	Evidence string    `json:"evidence" doc:"SHA-256 of its paper."`
}

// Treasury is all bitcoin held at the end of a period.
type Treasury struct {
	Period
	Price   *LastPrice `json:"price,omitempty" doc:"The last one before the end of the period; absent: none is filed."`
	Coins   int64      `json:"coins_sat"`
	Cost    Micro      `json:"cost"`
	Carried Micro      `json:"carried"`
	Value   *Micro     `json:"value,omitempty" doc:"At the last price."`
	Wallets []Wallet   `json:"wallets"`
	Basis   string     `json:"basis" doc:"How the cost of coins that left was found."`
	Gains   Micro      `json:"gains" doc:"Realised since the books began."`
	Losses  Micro      `json:"losses" doc:"Realised since the books began, positive."`
}

func (r *Room) treasury(ctx context.Context, v Visit, in *PeriodIn) (Treasury, error) {
	s, err := r.shelf(ctx, v, *in)
	if err != nil {
		return Treasury{}, err
	}
	out, err := s.treasury(ctx)
	return out, s.ofBooks(err)
}

func (s *shelf) treasury(ctx context.Context) (Treasury, error) {
	out := Treasury{Wallets: []Wallet{}}
	held, err := s.at().Held(ctx, s.to)
	if err != nil {
		return out, err
	}
	ever, err := s.until(ctx, s.to)
	if err != nil {
		return out, err
	}
	closing, err := s.at().Balances(ctx, time.Time{}, s.to)
	if err != nil {
		return out, err
	}
	told, err := statement.Disclose(s.chart, ever)
	if err != nil {
		return out, err
	}
	out.Period, out.Basis, out.Gains, out.Losses = s.period(len(s.within(ever))), string(told.Basis), Micro(told.Gains), Micro(told.Losses)
	price, known, err := s.lastPrice(ctx)
	if err != nil {
		return out, err
	}
	for _, account := range held.Accounts() {
		out.Wallets = append(out.Wallets, wallet(held, closing, account))
	}
	q, paid := held.Total("")
	out.Coins, out.Cost = int64(q), Micro(paid)
	for _, w := range out.Wallets {
		out.Carried += w.Carried
	}
	if !known {
		return out, nil
	}
	return out, out.priced(held, price)
}

// wallet is what an account holds, as the books value it.
func wallet(held *books.Holdings, closing []books.Balance, account string) Wallet {
	q, paid := held.Total(account)
	out := Wallet{Account: account, Coins: int64(q), Cost: Micro(paid), Carried: Micro(paid), Lots: []LotNow{}}
	for _, b := range closing {
		if b.Account == books.FairValue(account) {
			out.Carried += Micro(b.Amount)
		}
	}
	for _, p := range held.Of(account) {
		out.Lots = append(out.Lots, LotNow{ID: p.ID, Acquired: p.Acquired.UTC(), Coins: int64(p.Quantity), Cost: Micro(p.Cost)})
	}
	return out
}

// priced adds what all is worth at a price.
func (t *Treasury) priced(held *books.Holdings, price books.Price) error {
	t.Price = &LastPrice{At: price.At.UTC(), Value: Micro(price.Value), Source: price.Source, Policy: price.Policy, Evidence: hashText(price.Hash())}
	all, err := statement.Treasury(held, price)
	if err != nil {
		return err
	}
	var sum Micro
	for _, p := range all {
		i := slices.IndexFunc(t.Wallets, func(w Wallet) bool { return w.Account == p.Account })
		w := &t.Wallets[i]
		w.Value, w.Share = new(Micro(p.Value)), new(p.Share)
		sum += *w.Value
		for j := range w.Lots {
			worth, err := price.Of(w.Lots[j].Coins)
			if err != nil {
				return err
			}
			w.Lots[j].Value = new(Micro(worth))
		}
	}
	t.Value = &sum
	return nil
}

// lastPrice is the last price of bitcoin before the end of the period that is filed.
func (s *shelf) lastPrice(ctx context.Context) (last books.Price, known bool, err error) {
	err = s.papers(ctx, accountant.PaperPrice, func(body []byte) error {
		p, err := books.ParsePrice(body)
		if err == nil && p.Asset == books.Bitcoin && p.Quote == s.chart.Currency && p.At.Before(s.to) && !p.At.Before(last.At) {
			last, known = p, true
		}
		return err
	})
	return last, known, err
}
