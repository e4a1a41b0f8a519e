package bitcoin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// restTx is a transaction as the service writes it.
type restTx struct {
	TxID   string     `json:"txid"`
	Inputs []restIn   `json:"vin"`
	Out    []restOut  `json:"vout"`
	Status restStatus `json:"status"`
}

type restIn struct {
	TxID     string   `json:"txid"`
	Vout     uint32   `json:"vout"`
	Coinbase bool     `json:"is_coinbase"`
	Previous *restOut `json:"prevout"`
}

type restOut struct {
	Script string       `json:"scriptpubkey"`
	Value  unit.Satoshi `json:"value"`
}

type restStatus struct {
	Confirmed bool   `json:"confirmed"`
	Height    int64  `json:"block_height"`
	BlockHash string `json:"block_hash"`
	Time      int64  `json:"block_time"`
}

func (s restStatus) block() Block {
	return Block{Height: s.Height, Hash: s.BlockHash, Time: time.Unix(s.Time, 0).UTC()}
}

// pagesMost bounds what is read of one address; a page has 25 transactions.
const pagesMost = 2000

// Moves asks for the transactions of every address, the latest first, down to
// the first block of the query.
func (r *Rest) Moves(ctx context.Context, q Query) (Moves, error) {
	found := gather{scripts: make(map[string]Script, len(q.Scripts)), q: q, received: map[Output]bool{}}
	for _, s := range q.Scripts {
		found.scripts[s.hex] = s
	}
	for _, s := range q.Scripts {
		if err := r.address(ctx, s, &found); err != nil {
			return Moves{}, err
		}
	}
	found.out.Spends = slices.DeleteFunc(found.out.Spends, func(s Spend) bool { return !found.knows(s.Output) })
	found.out.sort()
	return found.out, r.settled(ctx, found.out)
}

// address reads the pages of one address.
func (r *Rest) address(ctx context.Context, s Script, found *gather) error {
	last := ""
	for range pagesMost {
		path := []string{"address", s.address, "txs", "chain"}
		if last != "" {
			path = append(path, last)
		}
		var page []restTx
		if err := r.decode(ctx, &page, path...); err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		oldest := page[len(page)-1]
		if oldest.TxID == last || oldest.TxID == "" {
			return fmt.Errorf("the transactions of %s: %w: the same page comes again", s.address, ErrAnswer)
		}
		for _, tx := range page {
			if err := found.transaction(tx); err != nil {
				return err
			}
		}
		if last = oldest.TxID; oldest.Status.Height < found.q.From {
			return nil
		}
	}
	return fmt.Errorf("the transactions of %s: %w: more than %d pages: use a node of your own", s.address, ErrAnswer, pagesMost)
}

// settled checks that the blocks that were named are those of the best chain.
func (r *Rest) settled(ctx context.Context, m Moves) error {
	seen := map[int64]string{}
	note := func(height int64, hash string) error {
		if had, is := seen[height]; is && had != hash {
			return fmt.Errorf("block %d: %w", height, ErrMoved)
		}
		seen[height] = hash
		return nil
	}
	for _, x := range m.Receipts {
		if err := note(x.Height, x.BlockHash); err != nil {
			return err
		}
	}
	for _, x := range m.Spends {
		if err := note(x.Height, x.BlockHash); err != nil {
			return err
		}
	}
	for height, hash := range seen {
		if stands, err := Stands(ctx, r, Block{Height: height, Hash: hash}); err != nil {
			return err
		} else if !stands {
			return fmt.Errorf("block %d: %w", height, ErrMoved)
		}
	}
	return nil
}

// gather keeps what moves on the scripts of a query.
type gather struct {
	scripts map[string]Script
	q       Query
	out     Moves

	received map[Output]bool
}

// knows is false for outputs that were received before the first block that is
// looked at: no source reports their spends.
func (g *gather) knows(o Output) bool {
	if _, held := g.q.Held[o]; held {
		return true
	}
	return g.received[o]
}

// transaction keeps the receipts and spends of one transaction. What two
// addresses share comes twice, and is dropped when all is sorted.
func (g *gather) transaction(tx restTx) error {
	b := tx.Status.block()
	if !tx.Status.Confirmed || b.Height < g.q.From || b.Height > g.q.To {
		return nil
	}
	if _, err := hashOf(b); err != nil || tx.Status.Time <= 0 {
		return fmt.Errorf("transaction %s: %w: its block is not named", quote(tx.TxID), ErrAnswer)
	}
	coinbase := len(tx.Inputs) == 1 && tx.Inputs[0].Coinbase
	for i, out := range tx.Out {
		s, ours := g.scripts[out.Script]
		if !ours {
			continue
		}
		if out.Value < 0 || out.Value > coinsMost {
			return fmt.Errorf("transaction %s: %w: it pays %d satoshi", quote(tx.TxID), ErrAnswer, out.Value)
		}
		g.received[Output{tx.TxID, uint32(i)}] = true
		g.out.Receipts = append(g.out.Receipts, Receipt{
			TxID: tx.TxID, Vout: uint32(i), Script: s.hex, Address: s.address, Satoshi: out.Value,
			Height: b.Height, BlockHash: b.Hash, Time: b.Time, Coinbase: coinbase,
		})
	}
	for i, in := range tx.Inputs {
		if in.Previous == nil {
			continue
		}
		if s, ours := g.scripts[in.Previous.Script]; ours {
			g.out.Spends = append(g.out.Spends, Spend{
				TxID: tx.TxID, Vin: uint32(i), Output: Output{in.TxID, in.Vout}, Script: s.hex, Address: s.address, Satoshi: in.Previous.Value,
				Height: b.Height, BlockHash: b.Hash, Time: b.Time,
			})
		}
	}
	return nil
}
