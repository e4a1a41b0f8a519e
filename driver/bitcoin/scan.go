package bitcoin

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"

	"github.com/btcsuite/btcd/wire/v2"

	"sluice/unit"
)

// ledger is a source that hands out whole blocks.
type ledger interface {
	Place
	// suspect says whether a block may move one of the scripts; yes where that is not known.
	suspect(ctx context.Context, b Block, scripts [][]byte) (bool, error)
	// block is the block, checked against its hash.
	block(ctx context.Context, b Block) (*wire.MsgBlock, error)
}

// scan answers a query by reading every block that may hold something.
func scan(ctx context.Context, l ledger, q Query) (Moves, error) {
	s := sieve{scripts: make(map[string]Script, len(q.Scripts)), held: make(map[Output]Receipt, len(q.Held))}
	want := make([][]byte, 0, len(q.Scripts))
	for _, script := range q.Scripts {
		s.scripts[script.hex] = script
		want = append(want, script.bytes())
	}
	maps.Copy(s.held, q.Held)
	for h := q.From; h <= q.To && len(want) > 0; h++ {
		if err := s.height(ctx, l, h, want); err != nil {
			return Moves{}, err
		}
	}
	s.out.sort()
	return s.out, nil
}

// sieve keeps what moves on the scripts.
type sieve struct {
	scripts map[string]Script
	held    map[Output]Receipt
	last    Block // that was looked at
	out     Moves
}

// height looks at the block of one height.
func (s *sieve) height(ctx context.Context, l ledger, h int64, want [][]byte) error {
	b, err := l.BlockAt(ctx, h)
	if err != nil {
		return err
	}
	if may, err := l.suspect(ctx, b, want); err != nil || !may {
		return err
	}
	block, err := l.block(ctx, b)
	if err != nil {
		return err
	}
	if s.last.Height == h-1 && s.last.Hash != "" && s.last.Hash != block.Header.PrevBlock.String() {
		return fmt.Errorf("read block %d: %w", h, ErrMoved)
	}
	s.last = b
	for i, tx := range block.Transactions {
		s.transaction(tx, b, i == 0)
	}
	return nil
}

// transaction takes spends first: a transaction cannot spend its own outputs.
func (s *sieve) transaction(tx *wire.MsgTx, b Block, coinbase bool) {
	id := tx.TxHash().String()
	for i, in := range tx.TxIn {
		from := Output{in.PreviousOutPoint.Hash.String(), in.PreviousOutPoint.Index}
		r, ours := s.held[from]
		if !ours {
			continue
		}
		delete(s.held, from)
		s.out.Spends = append(s.out.Spends, Spend{
			TxID: id, Vin: uint32(i), Output: from, Script: r.Script, Address: r.Address, Satoshi: r.Satoshi,
			Height: b.Height, BlockHash: b.Hash, Time: b.Time,
		})
	}
	for i, out := range tx.TxOut {
		script, ours := s.scripts[hex.EncodeToString(out.PkScript)]
		if !ours {
			continue
		}
		r := Receipt{
			TxID: id, Vout: uint32(i), Script: script.hex, Address: script.address, Satoshi: unit.Satoshi(out.Value),
			Height: b.Height, BlockHash: b.Hash, Time: b.Time, Coinbase: coinbase,
		}
		s.held[r.Output()] = r
		s.out.Receipts = append(s.out.Receipts, r)
	}
}
