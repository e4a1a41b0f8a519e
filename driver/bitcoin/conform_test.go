package bitcoin

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	node "sluice/internal/regtest"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
	"sluice/use/mining"
)

// provider is what every implementation must be.
type provider interface {
	Source
	Prover
}

// TestConformance runs one story of a chain past every source.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T, g *regtest) provider{
		"node":                 openNode,
		"node without filters": openBlindNode,
		"light":                openLight,
		"rest":                 openRest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := poolPurse(t)
			g := startBtcd(t, pool.addr)
			tell(t, g, pool, open(t, g))
		})
	}
}

func openNode(t *testing.T, g *regtest) provider {
	t.Helper()
	n, err := OpenNode(NodeConfig{URL: g.url, User: node.User, Password: node.Password})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func openBlindNode(t *testing.T, g *regtest) provider {
	t.Helper()
	n := openNode(t, g).(*Node)
	n.filters.Store(filterNone)
	return n
}

func openRest(t *testing.T, g *regtest) provider {
	t.Helper()
	r, err := OpenRest(RestConfig{URL: serve(t, g).URL})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func openLight(t *testing.T, g *regtest) provider {
	t.Helper()
	l, err := OpenLight(t.Context(), LightConfig{Network: Regtest, Folder: t.TempDir(), Peers: []string{g.peer}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// story is one telling.
type story struct {
	t     *testing.T
	g     *regtest
	src   provider
	watch Watch
	seen  Seen
}

func tell(t *testing.T, g *regtest, pool purse, src provider) {
	t.Helper()
	targets, err := ParseTargets([]string{"# a comment", pool.addr.EncodeAddress(), "", tpub(t)}, Regtest)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, g: g, src: src, watch: Watch{Network: Regtest, Targets: targets}}
	s.mining()
	s.spending(pool)
	s.proof()
	s.reorganisation()
	s.reconsideration()
	s.halving()
	s.again()
	s.impatience()
}

// update waits until the source is where the node is, and updates.
func (s *story) update() News {
	s.t.Helper()
	best := s.g.best()
	eventually(s.t, "the source reaches the node's best block", func() bool {
		tip, err := s.src.Tip(s.t.Context())
		return err == nil && tip.Hash == best
	})
	now, news, err := Update(s.t.Context(), s.src, s.watch, s.seen)
	if err != nil {
		s.t.Fatal(err)
	}
	s.seen = now
	if news.Tip.Hash != best || now.Tip != news.Tip {
		s.t.Fatalf("the tip is %v, btcd is at %s", news.Tip, best)
	}
	if diff := cmp.Diff(s.expect(), now.Moves); diff != "" {
		s.t.Fatalf("btcd tells (-), remembered is (+): %s", diff)
	}
	return news
}

// expect reads the moves from btcd's own JSON.
func (s *story) expect() Moves {
	s.t.Helper()
	scripts := map[string]string{}
	for _, w := range []purse{poolPurse(s.t), cold(s.t, 0, 3), cold(s.t, 0, 22), cold(s.t, 1, 0)} {
		script, err := scriptOf(w.addr)
		if err != nil {
			s.t.Fatal(err)
		}
		scripts[script.hex] = script.address
	}
	var m Moves
	held := map[Output]Receipt{}
	for _, b := range s.g.blocks() {
		for _, tx := range append(b.Tx, b.RawTx...) { // btcd fills the second
			at := time.Unix(b.Time, 0).UTC()
			for i, in := range tx.Vin {
				if r, ours := held[Output{in.Txid, in.Vout}]; ours {
					m.Spends = append(m.Spends, Spend{tx.Txid, uint32(i), r.Output(), r.Script, r.Address, r.Satoshi, b.Height, b.Hash, at})
				}
			}
			for _, out := range tx.Vout {
				if address, ours := scripts[out.ScriptPubKey.Hex]; ours {
					r := Receipt{tx.Txid, out.N, out.ScriptPubKey.Hex, address, unit.Satoshi(math.Round(out.Value * 1e8)), b.Height, b.Hash, at, tx.Vin[0].Coinbase != ""}
					held[r.Output()] = r
					m.Receipts = append(m.Receipts, r)
				}
			}
		}
	}
	m.sort()
	return m
}

func (s *story) holds(height int64, want unit.Satoshi, addresses ...string) {
	s.t.Helper()
	if got := s.seen.Holdings(height, addresses...); got != want {
		s.t.Errorf("at %d %d satoshi are held, want %d", height, got, want)
	}
}

// mining: 101 blocks to one address.
func (s *story) mining() {
	s.t.Helper()
	s.g.mine(101)
	news := s.update()
	if n := len(news.New.Receipts); n != 101 || len(news.New.Spends)+len(news.Gone)+len(news.Undone.Receipts) > 0 {
		s.t.Fatalf("%d receipts and more: %+v", n, news)
	}
	first := news.New.Receipts[0]
	if !first.Coinbase || first.Satoshi != 50*unit.Bitcoin || first.SpendableFrom() != 101 || first.Height != 1 {
		s.t.Errorf("the first receipt is %+v", first)
	}
	s.holds(101, 5050*unit.Bitcoin)
	s.holds(7, 350*unit.Bitcoin)
	s.holds(101, 0, cold(s.t, 0, 0).addr.EncodeAddress())
	ctx := s.t.Context()
	if b, err := s.src.BlockAt(ctx, 50); err != nil || b.Hash != s.g.hashAt(50) || b.Height != 50 {
		s.t.Errorf("block 50 is %v: %v", b, err)
	}
	for _, h := range []int64{102, -1} {
		if _, err := s.src.BlockAt(ctx, h); !errors.Is(err, ErrNoBlock) {
			s.t.Errorf("block %d: %v", h, err)
		}
	}
	if n, err := s.seen.Confirmations(ctx, s.src, first.TxID); n != 101 || err != nil {
		s.t.Errorf("%d confirmations: %v", n, err)
	}
	if _, err := s.seen.Confirmations(ctx, s.src, "ab"); !errors.Is(err, ErrUnknown) {
		s.t.Errorf("a foreign transaction: %v", err)
	}
}

// spending: from the pool's address to the cold account, and from there on.
func (s *story) spending(pool purse) {
	s.t.Helper()
	const fee = 10_000
	id, raw := pool.spend(s.seen.Moves.Receipts[0], payment{cold(s.t, 0, 3), 10e8}, payment{pool, 40e8 - fee})
	s.g.raw("sendrawtransaction", raw)
	s.g.mine(1)
	news := s.update()
	if len(news.New.Spends) != 1 || len(news.New.Receipts) != 3 || news.New.Spends[0].TxID != id || news.New.Spends[0].Satoshi != 50*unit.Bitcoin {
		s.t.Fatalf("one spend and three receipts are due: %+v", news.New)
	}
	s.holds(102, 5100*unit.Bitcoin)
	s.holds(102, 10*unit.Bitcoin, cold(s.t, 0, 3).addr.EncodeAddress())
	if got := s.seen.Since(101); !cmp.Equal(got, news.New) {
		s.t.Errorf("since 101: %+v", got)
	}
	paid := news.New.Receipts[slices.IndexFunc(news.New.Receipts, func(r Receipt) bool { return r.Satoshi == 10*unit.Bitcoin })]
	if paid.Coinbase || paid.SpendableFrom() != 102 {
		s.t.Errorf("the payment is %+v", paid)
	}
	// Index 22 lies beyond the first gap of 20 and within the one behind index 3.
	_, raw = cold(s.t, 0, 3).spend(paid, payment{cold(s.t, 0, 22), 4e8}, payment{cold(s.t, 1, 0), 6e8 - fee})
	s.g.raw("sendrawtransaction", raw)
	s.g.mine(1)
	s.update()
	s.holds(103, 5150*unit.Bitcoin)
	s.holds(103, 4*unit.Bitcoin, cold(s.t, 0, 22).addr.EncodeAddress())
	if n := len(s.seen.Watched); n != 1+(22+1+20)+(0+1+20) {
		s.t.Errorf("%d scripts are watched", n)
	}
}

// proof: the source confirms every held output, and doubts one that is spent.
func (s *story) proof() {
	s.t.Helper()
	p, err := s.seen.Prove(s.t.Context(), s.src)
	if err != nil || len(p.Doubtful) > 0 || p.Sum != s.seen.Holdings(103) || p.Outputs != len(s.seen.Held(103)) {
		s.t.Errorf("proof of %d: %+v: %v", s.seen.Holdings(103), p, err)
	}
	past := s.seen
	past.Moves.Spends = nil
	if p, err = past.Prove(s.t.Context(), s.src); err != nil || len(p.Doubtful) != 2 {
		s.t.Errorf("with two spent outputs: %+v: %v", p, err)
	}
	past = s.seen
	past.Moves.Receipts = slices.Clone(past.Moves.Receipts)
	past.Moves.Receipts[7].Satoshi++
	if _, err = past.Prove(s.t.Context(), s.src); !errors.Is(err, ErrAnswer) {
		s.t.Errorf("with a wrong amount: %v", err)
	}
}

// reorganisation: the latest block is replaced by a longer branch.
func (s *story) reorganisation() {
	s.t.Helper()
	ctx, before := s.t.Context(), s.seen
	s.g.raw("invalidateblock", before.Tip.Hash)
	if tip, err := s.src.Tip(ctx); err == nil && tip.Height < before.Tip.Height {
		if now, _, err := Update(ctx, s.src, s.watch, before); !errors.Is(err, ErrBehind) || !cmp.Equal(now, before) {
			s.t.Errorf("a shorter chain: %v", err)
		}
	}
	s.g.mine(2)
	news := s.update()
	lost := before.Since(102)
	if len(news.Gone) != 1 || news.Gone[0] != before.Tip || !cmp.Equal(news.Undone, lost) {
		s.t.Errorf("gone are %v and undone %+v, want %+v", news.Gone, news.Undone, lost)
	}
	if stands, err := Stands(ctx, s.src, before.Tip); stands || err != nil {
		s.t.Errorf("the replaced block stands: %v, %v", stands, err)
	}
	if stands, err := Stands(ctx, s.src, before.Trail[0]); !stands || err != nil {
		s.t.Errorf("the first block stands: %v, %v", stands, err)
	}
	if n, err := before.Confirmations(ctx, s.src, lost.Receipts[0].TxID); n != 0 || err != nil {
		s.t.Errorf("what is gone has %d confirmations: %v", n, err)
	}
	s.t.Logf("%d receipts were undone, %d are new", len(news.Undone.Receipts), len(news.New.Receipts))
}

// reconsideration: the first branch comes back and overtakes.
func (s *story) reconsideration() {
	s.t.Helper()
	old, branch := s.seen.Tip, s.g.hashAt(103)
	first := s.g.hashAt(102)
	s.g.raw("invalidateblock", branch)
	s.g.mine(4)
	if news := s.update(); len(news.Gone) == 0 || news.Gone[0] != old || s.g.hashAt(102) != first {
		s.t.Errorf("gone are %v", news.Gone)
	}
	third := s.seen.Tip
	s.g.raw("invalidateblock", s.g.hashAt(103))
	s.g.raw("reconsiderblock", branch)
	s.g.mine(6)
	news := s.update()
	if s.g.hashAt(103) != branch || s.g.hashAt(104) != old.Hash || len(news.Gone) == 0 || news.Gone[0] != third {
		s.t.Errorf("the reconsidered branch is not back: gone are %v", news.Gone)
	}
	if stands, err := Stands(s.t.Context(), s.src, old); !stands || err != nil {
		s.t.Errorf("the block that came back stands: %v, %v", stands, err)
	}
}

// halving: regtest halves every 150 blocks, the main network every 210,000.
func (s *story) halving() {
	s.t.Helper()
	s.g.mine(uint32(155 - s.seen.Tip.Height))
	s.update()
	for _, r := range s.seen.Since(145).Receipts {
		if want := mining.Subsidy(r.Height * 210_000 / 150); r.Satoshi != want {
			s.t.Errorf("block %d pays %d, want %d", r.Height, r.Satoshi, want)
		}
	}
}

// again: who starts anew, or from a file, remembers the same.
func (s *story) again() {
	s.t.Helper()
	text, err := json.Marshal(s.seen)
	var back Seen
	if err = errors.Join(err, json.Unmarshal(text, &back)); err != nil || !cmp.Equal(back, s.seen) {
		s.t.Errorf("from a file: %v", cmp.Diff(s.seen, back))
	}
	fresh, _, err := Update(s.t.Context(), s.src, s.watch, Seen{})
	if err != nil || !cmp.Equal(fresh.Moves, s.seen.Moves) {
		s.t.Errorf("anew: %v, %v", err, cmp.Diff(s.seen.Moves, fresh.Moves))
	}
	late, _, err := Update(s.t.Context(), s.src, s.watch, Seen{Start: 150})
	if err != nil || len(late.Moves.Receipts) != 6 || len(late.Moves.Spends) != 0 {
		s.t.Errorf("from 150: %v, %+v", err, late.Moves)
	}
	steps := s.watch
	steps.Step = 40
	now, count := Seen{}, 0
	for left := int64(1); left > 0; count++ {
		var part News
		if now, part, err = Update(s.t.Context(), s.src, steps, now); err != nil {
			s.t.Fatal(err)
		}
		left = part.Left
	}
	if !cmp.Equal(now.Moves, s.seen.Moves) || count != 4 {
		s.t.Errorf("in %d steps: %s", count, cmp.Diff(s.seen.Moves, now.Moves))
	}
	same, news, err := Update(s.t.Context(), s.src, s.watch, s.seen)
	if err != nil || len(news.New.Receipts)+len(news.Gone) > 0 || !cmp.Equal(same.Moves, s.seen.Moves) {
		s.t.Errorf("without a new block: %v, %+v", err, news)
	}
	// A target that is added later is read from the start.
	some := s.watch
	some.Targets = some.Targets[:1]
	part, _, err := Update(s.t.Context(), s.src, some, Seen{})
	if err != nil {
		s.t.Fatal(err)
	}
	if all, _, err := Update(s.t.Context(), s.src, s.watch, part); err != nil || !cmp.Equal(all.Moves, s.seen.Moves) {
		s.t.Errorf("with a target added: %v, %v", err, cmp.Diff(s.seen.Moves, all.Moves))
	}
	other := s.watch
	other.Network = Mainnet
	if _, _, err := Update(s.t.Context(), s.src, other, Seen{}); !errors.Is(err, ErrNetwork) {
		s.t.Errorf("another network: %v", err)
	}
}

// impatience: who gives up gets an error at once.
func (s *story) impatience() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	if _, _, err := Update(ctx, s.src, s.watch, Seen{}); !errors.Is(err, context.Canceled) {
		s.t.Errorf("a cancelled update: %v", err)
	}
}
