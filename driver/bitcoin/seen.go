package bitcoin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/unit"
)

// Seen is what is remembered of the watched scripts. It is plain data that the
// caller keeps; its zero value with a Start remembers nothing yet.
type Seen struct {
	Start   int64    // height of the first block that is looked at
	Tip     Block    // of the source when it was last asked; all below is known
	Moves   Moves    // from Start to Tip
	Trail   []Block  // blocks by which the point of a fork is found, by height
	Watched []string // scripts that are known from Start to Tip, hexadecimal, sorted
}

// begun says whether anything was ever read.
func (s Seen) begun() bool { return s.Tip.Hash != "" }

// reached is the height up to which everything is known.
func (s Seen) reached() int64 {
	if !s.begun() {
		return s.Start - 1
	}
	return s.Tip.Height
}

// Since is what moved above a height.
func (s Seen) Since(height int64) Moves {
	_, high := s.Moves.split(height)
	return high
}

// Held are the outputs that were received at or below a height and not spent
// there, in order.
func (s Seen) Held(height int64) []Receipt {
	low, _ := s.Moves.split(height)
	still := low.held()
	return slices.DeleteFunc(low.Receipts, func(r Receipt) bool { _, is := still[r.Output()]; return !is })
}

// Holdings is the sum of the unspent outputs at a height; with addresses, of
// those only. A coinbase counts before it can be spent.
func (s Seen) Holdings(height int64, addresses ...string) unit.Satoshi {
	var sum unit.Satoshi
	for _, r := range s.Held(height) {
		if len(addresses) == 0 || slices.Contains(addresses, r.Address) {
			sum += r.Satoshi
		}
	}
	return sum
}

// blocks are all blocks that are remembered, the highest first.
func (s Seen) blocks() []Block {
	all := slices.Clone(s.Trail)
	for _, r := range s.Moves.Receipts {
		all = append(all, Block{r.Height, r.BlockHash, r.Time})
	}
	for _, p := range s.Moves.Spends {
		all = append(all, Block{p.Height, p.BlockHash, p.Time})
	}
	if s.begun() {
		all = append(all, s.Tip)
	}
	slices.SortStableFunc(all, func(a, b Block) int { return cmp.Compare(b.Height, a.Height) })
	return slices.CompactFunc(all, func(a, b Block) bool { return a.Height == b.Height && a.Hash == b.Hash })
}

// cut forgets what lies above a block, and says what that was.
func (s Seen) cut(at Block) (left Seen, gone []Block, undone Moves) {
	left = s
	for _, b := range s.blocks() {
		if b.Height > at.Height {
			gone = append(gone, b)
		}
	}
	left.Moves, undone = s.Moves.split(at.Height)
	left.Trail = slices.DeleteFunc(slices.Clone(s.Trail), func(b Block) bool { return b.Height > at.Height })
	left.Tip = at
	return left, gone, undone
}

// Place finds blocks by their height.
type Place interface {
	// BlockAt is the block at a height of the best chain; ErrNoBlock above its end.
	BlockAt(ctx context.Context, height int64) (Block, error)
}

// Stands says whether a remembered block is still part of the best chain. Where
// it is not, what was booked from it must be reversed.
func Stands(ctx context.Context, p Place, b Block) (bool, error) {
	now, err := p.BlockAt(ctx, b.Height)
	if errors.Is(err, ErrNoBlock) {
		return false, nil
	}
	return now.Hash == b.Hash, err
}

// Confirmations is how many blocks confirm a transaction that moved coins of a
// watched script: 1 in the latest block, 0 when its block is gone. ErrUnknown:
// nothing remembered has this identifier.
func (s Seen) Confirmations(ctx context.Context, src Source, txid string) (int64, error) {
	in, known := s.blockOf(txid)
	if !known {
		return 0, fmt.Errorf("count the confirmations of %.64q: %w: update first, or correct the identifier", txid, ErrUnknown)
	}
	stands, err := Stands(ctx, src, in)
	if err != nil || !stands {
		return 0, err
	}
	tip, err := src.Tip(ctx)
	if err != nil {
		return 0, err
	}
	return max(tip.Height-in.Height+1, 0), nil
}

// blockOf is the block in which a transaction was seen.
func (s Seen) blockOf(txid string) (Block, bool) {
	for _, r := range s.Moves.Receipts {
		if r.TxID == txid {
			return Block{r.Height, r.BlockHash, r.Time}, true
		}
	}
	for _, p := range s.Moves.Spends {
		if p.TxID == txid {
			return Block{p.Height, p.BlockHash, p.Time}, true
		}
	}
	return Block{}, false
}
