package live

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/store/sqlite"
)

// pile is papers in memory, oldest first.
type pile struct {
	all  []sqlite.Stored
	read int
}

// Read is the journal's.
func (p *pile) Read(_ context.Context, r sqlite.Range) (out []sqlite.Stored, err error) {
	from, _ := slices.BinarySearchFunc(p.all, r.From, func(x sqlite.Stored, at time.Time) int { return x.At.Compare(at) })
	for _, x := range p.all[from:] {
		if !x.At.Before(r.To) || len(out) == r.Limit {
			break
		}
		if x.Kind == r.Kind {
			out = append(out, x)
		}
	}
	p.read += len(out)
	return out, nil
}

// TestPast: however records are spread over time, what is found of a machine is its
// newest, down to the instant up to which was looked, and not too much is read for it.
func TestPast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, at := &pile{}, dawn.Add(-8*24*time.Hour)
		for at.Before(dawn) {
			at = at.Add(time.Duration(rapid.IntRange(1, 60_000).Draw(t, "pause")) * time.Second)
			for range rapid.SampledFrom([]int{1, 1, 3, 3, 20, 20, 300, 5000}).Draw(t, "burst") {
				at = at.Add(time.Duration(len(p.all)%7) * 20 * time.Millisecond)
				subject := []string{"a", "b", "b", "b"}[len(p.all)%4]
				p.all = append(p.all, sqlite.Stored{Seq: int64(len(p.all) + 1), Record: sqlite.Record{Kind: pastKinds()[len(p.all)%3], Subject: subject, At: at}})
			}
		}
		now := at
		found, to, err := past(t.Context(), p, "s", "a", now)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(p.all), func(x sqlite.Stored) bool { return x.Subject != "a" || x.At.Before(to) })
		slices.Reverse(want)
		want = want[:min(len(want), pastMost)]
		same := func(x, y sqlite.Stored) bool { return x.Seq == y.Seq }
		if !slices.EqualFunc(found, want, same) || p.read > pastRead+pastAtOnce*len(pastKinds()) || to.Before(now.Add(-pastFar)) {
			t.Fatalf("%d found of %d down to %v, %d read", len(found), len(want), to, p.read)
		}
		if len(found) < pastMost && to.After(now.Add(-pastFar)) && p.read < pastRead {
			t.Fatalf("only %d are found, and nobody looked beyond %v", len(found), to)
		}
	})
}
