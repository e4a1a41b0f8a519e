package bitcoin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/unit"
)

// Query asks what moved on scripts in the blocks From to To.
type Query struct {
	Scripts  []Script
	Held     map[Output]Receipt // outputs of these scripts that were unspent before From
	From, To int64
}

// Source is the view of one provider on the best chain.
type Source interface {
	Place
	// Tip is the latest block of the best chain.
	Tip(ctx context.Context) (Block, error)
	// Moves answers a query. The chain may change meanwhile: Update checks.
	Moves(ctx context.Context, q Query) (Moves, error)
}

// News is what an update found.
type News struct {
	Tip    Block   // up to and with this block everything is known now
	Left   int64   // blocks above it that the source has and that Watch.Step kept back
	Gone   []Block // blocks that were remembered and are no part of the best chain any more, the highest first
	Undone Moves   // what was remembered from them: reverse it
	New    Moves   // what was not remembered; a transaction that moved to another block is in Undone and here
}

const (
	deepest   = 100 // blocks; a fork further back is not believed
	trailMost = 300 // blocks that are remembered to find a fork
	tries     = 3   // how often a chain that changes is read again
)

// marks are how far below the tip blocks are remembered after each update.
var marks = [...]int64{deepest, 6, 0} //nolint:gochecknoglobals // a table that nothing changes

// Update brings what is remembered up to the source's latest block. Seen is not
// changed; what is remembered now comes back with the news. On an error nothing
// is to be remembered. A source whose chain is shorter than what is remembered
// is ErrBehind and takes nothing back: only a chain at least as high can.
func Update(ctx context.Context, src Source, w Watch, seen Seen) (Seen, News, error) {
	for range tries - 1 {
		now, news, err := update(ctx, src, w, seen)
		if !errors.Is(err, ErrMoved) {
			return now, news, err
		}
	}
	return update(ctx, src, w, seen)
}

func update(ctx context.Context, src Source, w Watch, seen Seen) (Seen, News, error) {
	fail := func(err error) (Seen, News, error) {
		return seen, News{}, fmt.Errorf("update the watched addresses from height %d: %w", seen.reached()+1, err)
	}
	if err := w.check(seen); err != nil {
		return fail(err)
	}
	tip, err := src.Tip(ctx)
	if err != nil {
		return fail(err)
	}
	now, news, err := rewind(ctx, src, w, seen, tip)
	if err != nil {
		return fail(err)
	}
	before, top := now.Moves, tip
	if tip, err = w.next(ctx, src, now, tip); err != nil {
		return fail(err)
	}
	if now, err = catchUp(ctx, src, w, now, tip); err != nil {
		return fail(err)
	}
	if now.Trail, err = trail(ctx, src, now.Trail, tip); err != nil {
		return fail(err)
	}
	if stands, err := Stands(ctx, src, tip); err != nil || !stands {
		return fail(cmp.Or(err, ErrMoved))
	}
	news.Tip, news.Left, news.New = tip, top.Height-tip.Height, now.Moves.minus(before)
	return now, news, nil
}

// next is the block up to which an update reads.
func (w Watch) next(ctx context.Context, src Source, now Seen, tip Block) (Block, error) {
	if w.Step == 0 || tip.Height-now.reached() <= w.Step {
		return tip, nil
	}
	return src.BlockAt(ctx, now.reached()+w.Step)
}

// rewind takes back what the source's chain does not hold any more.
func rewind(ctx context.Context, src Source, w Watch, seen Seen, tip Block) (Seen, News, error) {
	if seen.begun() && tip.Height < seen.Tip.Height {
		return seen, News{}, fmt.Errorf("%w: it stands at %d, remembered is %d: wait until it has caught up", ErrBehind, tip.Height, seen.Tip.Height)
	}
	if seen.begun() {
		if stands, err := Stands(ctx, src, seen.Tip); err != nil || stands {
			return seen, News{}, err
		}
	}
	if err := w.Network.genesis(ctx, src); err != nil || !seen.begun() {
		return seen, News{}, err
	}
	at, err := fork(ctx, src, seen)
	if err != nil {
		return seen, News{}, err
	}
	left, gone, undone := seen.cut(at)
	return left, News{Gone: gone, Undone: undone}, nil
}

// fork is the highest remembered block that still stands.
func fork(ctx context.Context, src Source, seen Seen) (Block, error) {
	for _, b := range seen.blocks() {
		if seen.Tip.Height-b.Height > deepest {
			break
		}
		if stands, err := Stands(ctx, src, b); err != nil || stands {
			return b, err
		}
	}
	return Block{}, fmt.Errorf("%w: none of the last %d blocks up to %d is there: check which chain the source follows; to believe it, forget what is remembered and start again",
		ErrDeep, deepest, seen.Tip.Height)
}

// catchUp reads until every wanted script is known up to the tip.
func catchUp(ctx context.Context, src Source, w Watch, now Seen, tip Block) (Seen, error) {
	for {
		want, err := w.scripts(now.Moves.Receipts)
		if err != nil {
			return now, err
		}
		now.Watched = kept(now.Watched, want)
		fresh := slices.DeleteFunc(slices.Clone(want), func(s Script) bool { _, known := slices.BinarySearch(now.Watched, s.hex); return known })
		q := Query{Scripts: fresh, From: now.Start, To: now.reached()}
		switch {
		case len(fresh) > 0 && now.begun():
		case len(fresh) > 0 || now.reached() < tip.Height:
			q = Query{Scripts: want, From: max(now.reached()+1, now.Start), To: tip.Height, Held: now.Moves.held()}
			now.Tip = tip
		default:
			now.Tip = tip
			return now, nil
		}
		if q.From <= q.To {
			found, err := src.Moves(ctx, q)
			if err != nil {
				return now, err
			}
			now.Moves = now.Moves.plus(found)
		}
		now.Watched = watched(now.Watched, fresh)
	}
}

// kept leaves out scripts that are no longer wanted: should they come back, they
// are read from the start again.
func kept(old []string, want []Script) []string {
	wanted := make(map[string]bool, len(want))
	for _, s := range want {
		wanted[s.hex] = true
	}
	return slices.DeleteFunc(slices.Clone(old), func(hex string) bool { return !wanted[hex] })
}

func watched(old []string, fresh []Script) []string {
	all := slices.Clone(old)
	for _, s := range fresh {
		all = append(all, s.hex)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// minus is what is in m and not in n.
func (m Moves) minus(n Moves) Moves {
	type place struct {
		Output
		block string
	}
	had, gone := map[place]bool{}, map[place]bool{}
	for _, r := range n.Receipts {
		had[place{r.Output(), r.BlockHash}] = true
	}
	for _, s := range n.Spends {
		gone[place{s.Output, s.BlockHash}] = true
	}
	return Moves{
		Receipts: slices.DeleteFunc(slices.Clone(m.Receipts), func(r Receipt) bool { return had[place{r.Output(), r.BlockHash}] }),
		Spends:   slices.DeleteFunc(slices.Clone(m.Spends), func(s Spend) bool { return gone[place{s.Output, s.BlockHash}] }),
	}
}

// trail remembers the blocks by which the next fork is found.
func trail(ctx context.Context, src Source, old []Block, tip Block) ([]Block, error) {
	out := slices.Clone(old)
	for _, back := range marks {
		b, err := src.BlockAt(ctx, max(tip.Height-back, 0))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b Block) int { return cmp.Compare(a.Height, b.Height) })
	out = slices.CompactFunc(out, func(a, b Block) bool { return a.Height == b.Height && a.Hash == b.Hash })
	return out[max(len(out)-trailMost, 0):], nil
}

// Prover can tell whether a single output is unspent.
type Prover interface {
	// Unspent is true when the output of a receipt is on the best chain as
	// remembered and not spent in a block. An output that differs is ErrAnswer.
	Unspent(ctx context.Context, r Receipt) (bool, error)
}

// Proof is what a source says about the outputs that are thought to be held.
type Proof struct {
	Outputs  int          // that were confirmed
	Sum      unit.Satoshi // of those
	Doubtful []Receipt    // that the source calls spent or does not know
}

// Prove asks for every held output. It cannot find an output that was never
// seen; a source that watched from the start has none.
func (s Seen) Prove(ctx context.Context, p Prover) (Proof, error) {
	var out Proof
	for _, r := range s.Held(s.reached()) {
		unspent, err := p.Unspent(ctx, r)
		switch {
		case err != nil:
			return Proof{}, fmt.Errorf("prove that output %d of %s is held: %w", r.Vout, r.TxID, err)
		case unspent:
			out.Outputs++
			out.Sum += r.Satoshi
		default:
			out.Doubtful = append(out.Doubtful, r)
		}
	}
	return out, nil
}
