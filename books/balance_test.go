package books_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		total  int64
		shares []int64
		want   []int64
	}{
		"thirds":              {100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		"thirds of a debt":    {-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		"nothing for nothing": {7, []int64{0, 1}, []int64{0, 7}},
		"a unit for the most": {1, []int64{1, 3}, []int64{0, 1}},
		"nothing":             {0, []int64{1, 3}, []int64{0, 0}},
	} {
		if got, err := books.Split(c.total, c.shares); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", sentence, got, err, c.want)
		}
	}
	for _, shares := range [][]int64{nil, {0, 0}, {1, -1}} {
		if _, err := books.Split(1, shares); !errors.Is(err, books.ErrShares) {
			t.Errorf("shares %v: %v", shares, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		shares := rapid.SliceOfN(rapid.Int64Range(0, 1<<62), 1, 9).Draw(t, "shares")
		parts, err := books.Split(total, shares)
		if err != nil {
			return
		}
		left := total
		for i, p := range parts {
			left -= p
			if shares[i] == 0 && p != 0 || p != 0 && (p < 0) != (total < 0) {
				t.Fatalf("a share of %d got %d of %d", shares[i], p, total)
			}
		}
		if left != 0 {
			t.Fatalf("%d of %d are left", left, total)
		}
	})
}

// TestTally: only what is posted counts, and every tag by itself.
func TestTally(t *testing.T) {
	t.Parallel()
	pending, x := power(), power()
	pending.Standing = books.Pending
	got, err := books.Tally([]books.Transaction{x, pending, x})
	if err != nil || len(got) != 2 || got[0].Account != books.PowerEnergy || got[0].Amount != 2*41_234_560_000 || got[0].Tags.Site != "houston" {
		t.Errorf("%+v, %v", got, err)
	}
}
