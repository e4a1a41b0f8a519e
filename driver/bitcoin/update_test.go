package bitcoin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/unit"
)

// paper is a chain that is written down: each block pays some scripts, and may
// spend the oldest output that is held.
type paper struct {
	blocks []paperBlock
	before func(asked int) // called at each question
	asked  int
}

type paperBlock struct {
	name  string
	pays  []Script
	spend bool
}

func (p *paper) ask() {
	if p.asked++; p.before != nil {
		p.before(p.asked)
	}
}

func (p *paper) Tip(ctx context.Context) (Block, error) {
	p.ask()
	return p.BlockAt(ctx, int64(len(p.blocks))-1)
}

func (p *paper) BlockAt(_ context.Context, h int64) (Block, error) {
	p.ask()
	switch {
	case h < 0 || h >= int64(len(p.blocks)):
		return Block{}, fmt.Errorf("block %d: %w", h, ErrNoBlock)
	case h == 0:
		return Block{0, regnet.GenesisHash.String(), time.Unix(0, 0).UTC()}, nil
	}
	return Block{h, p.blocks[h].name, time.Unix(h*600, 0).UTC()}, nil
}

// all are the moves of the whole chain on the scripts.
func (p *paper) all(scripts []Script) Moves {
	var m Moves
	var held []Receipt
	for h, b := range p.blocks {
		at := time.Unix(int64(h)*600, 0).UTC()
		if b.spend && len(held) > 0 {
			r := held[0]
			held = held[1:]
			m.Spends = append(m.Spends, Spend{b.name + "-out", 0, r.Output(), r.Script, r.Address, r.Satoshi, int64(h), b.name, at})
		}
		for i, s := range b.pays {
			r := Receipt{b.name + "-in", uint32(i), s.hex, s.address, unit.Satoshi(h + 1), int64(h), b.name, at, false}
			held = append(held, r)
			m.Receipts = append(m.Receipts, r)
		}
	}
	wanted := func(hex string) bool {
		return slices.ContainsFunc(scripts, func(s Script) bool { return s.hex == hex })
	}
	m.Receipts = slices.DeleteFunc(m.Receipts, func(r Receipt) bool { return !wanted(r.Script) })
	m.Spends = slices.DeleteFunc(m.Spends, func(s Spend) bool { return !wanted(s.Script) })
	m.sort()
	return m
}

func (p *paper) Moves(_ context.Context, q Query) (Moves, error) {
	p.ask()
	_, high := p.all(q.Scripts).split(q.From - 1)
	m, _ := high.split(q.To)
	return m, nil
}

// row is a chain of n blocks above the first; a branch has a name.
func row(branch string, n int) []paperBlock {
	out := []paperBlock{{name: "first"}}
	for i := range n {
		out = append(out, paperBlock{name: fmt.Sprintf("%s%d", branch, i+1)})
	}
	return out
}

func watchTwo(t *testing.T) (Watch, []Script) {
	t.Helper()
	targets, err := ParseTargets([]string{poolPurse(t).addr.EncodeAddress(), cold(t, 0, 0).addr.EncodeAddress()}, Regtest)
	if err != nil {
		t.Fatal(err)
	}
	w := Watch{Network: Regtest, Targets: targets}
	scripts, err := w.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	return w, scripts
}

func mustUpdate(t *testing.T, src Source, w Watch, seen Seen) (Seen, News) {
	t.Helper()
	now, news, err := Update(t.Context(), src, w, seen)
	if err != nil {
		t.Fatal(err)
	}
	return now, news
}

func TestDeepForkIsNotBelieved(t *testing.T) {
	t.Parallel()
	w, _ := watchTwo(t)
	p := &paper{blocks: row("a", 300)}
	seen, _ := mustUpdate(t, p, w, Seen{})
	p.blocks = slices.Concat(row("a", 200), row("b", 101)[1:])
	if _, news := mustUpdate(t, p, w, seen); len(news.Gone) == 0 || news.Tip.Height != 301 {
		t.Errorf("100 blocks deep: %+v", news)
	}
	p.blocks = slices.Concat(row("a", 199), row("b", 102)[1:])
	if now, _, err := Update(t.Context(), p, w, seen); !errors.Is(err, ErrDeep) || !cmp.Equal(now, seen) {
		t.Errorf("101 blocks deep: %v", err)
	}
}

func TestChainThatMovesIsReadAgain(t *testing.T) {
	t.Parallel()
	w, scripts := watchTwo(t)
	for after := range 12 {
		p := &paper{blocks: row("a", 20)}
		p.blocks[20].pays = scripts[:1]
		p.before = func(asked int) {
			if asked == after {
				p.blocks = slices.Concat(row("a", 18), row("b", 4)[1:])
				p.blocks[21].pays = scripts
			}
		}
		seen, _, err := Update(t.Context(), p, w, Seen{})
		if err != nil {
			t.Fatalf("moved at question %d: %v", after, err)
		}
		seen, _ = mustUpdate(t, p, w, seen) // may move under this one too
		if seen, _ = mustUpdate(t, p, w, seen); !cmp.Equal(seen.Moves, p.all(scripts)) {
			t.Errorf("moved at question %d: %s", after, cmp.Diff(p.all(scripts), seen.Moves))
		}
	}
	p := &paper{}
	p.before = func(asked int) { p.blocks = row(strconv.Itoa(asked), 5) }
	if _, _, err := Update(t.Context(), p, w, Seen{}); !errors.Is(err, ErrMoved) {
		t.Errorf("a chain that never rests: %v", err)
	}
}

// TestAnyHistory: whatever the chain does, what is remembered is what the chain
// holds, and the news add up to it.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	w, scripts := watchTwo(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := &paper{blocks: row("a", 3)}
		var seen Seen
		books := map[string]unit.Satoshi{} // by block: what was booked from it and not reversed
		for step := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			keep := rapid.IntRange(max(1, len(p.blocks)-9), len(p.blocks)).Draw(rt, "keep")
			grow := len(p.blocks) - keep + rapid.IntRange(0, 4).Draw(rt, "grow")
			p.blocks = slices.Clone(p.blocks[:keep])
			for i := range grow {
				b := paperBlock{name: fmt.Sprintf("s%d.%d", step, i), spend: rapid.Bool().Draw(rt, "spend")}
				b.pays = scripts[:rapid.IntRange(0, 2).Draw(rt, "pays")]
				p.blocks = append(p.blocks, b)
			}
			now, news, err := Update(t.Context(), p, w, seen)
			if err != nil {
				rt.Fatal(err)
			}
			book(books, news.Undone, -1)
			book(books, news.New, 1)
			seen = now
			if diff := cmp.Diff(p.all(scripts), seen.Moves); diff != "" {
				rt.Fatal(diff)
			}
			var sum unit.Satoshi
			for _, x := range books {
				sum += x
			}
			if sum != seen.Holdings(seen.Tip.Height) {
				rt.Fatalf("the news add up to %d, held are %d", sum, seen.Holdings(seen.Tip.Height))
			}
		}
	})
}

func book(books map[string]unit.Satoshi, m Moves, sign unit.Satoshi) {
	for _, r := range m.Receipts {
		books[r.BlockHash] += sign * r.Satoshi
	}
	for _, s := range m.Spends {
		books[s.BlockHash] -= sign * s.Satoshi
	}
}

func TestWatchIsChecked(t *testing.T) {
	t.Parallel()
	w, _ := watchTwo(t)
	p := &paper{blocks: row("a", 3)}
	for sentence, c := range map[string]struct {
		watch Watch
		seen  Seen
	}{
		"no network":      {Watch{Targets: w.Targets}, Seen{}},
		"a negative gap":  {Watch{Network: Regtest, Gap: -1}, Seen{}},
		"a gap too large": {Watch{Network: Regtest, Gap: gapMost + 1}, Seen{}},
		"a start below 0": {w, Seen{Start: -1}},
	} {
		if _, _, err := Update(t.Context(), p, c.watch, c.seen); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	late, news := mustUpdate(t, p, w, Seen{Start: 10})
	if news.Tip.Height != 3 || len(late.Moves.Receipts) > 0 {
		t.Errorf("a start above the tip: %+v", news)
	}
	p.blocks = row("a", 12)
	_, scripts := watchTwo(t)
	p.blocks[7].pays, p.blocks[11].pays = scripts, scripts
	if late, _ = mustUpdate(t, p, w, late); len(late.Moves.Receipts) != 2 {
		t.Errorf("below the start nothing is read: %+v", late.Moves)
	}
	if age := (Block{Time: time.Unix(100, 0)}).Age(time.Unix(160, 0)); age != time.Minute {
		t.Errorf("the age is %s", age)
	}
}
