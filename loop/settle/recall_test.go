package settle

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/hosting"
)

// TestRecall: a program that ends in the middle of a month and goes on from its papers
// settles the rest as if it had never ended, the month's credit included.
func TestRecall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		begin := time.Date(2025, 9, 29, 0, 0, 0, 0, time.UTC)
		var all []cycle.Delivery
		for i := range 60 {
			down := int64(rapid.IntRange(0, 64).Draw(r, "down")) * 3600
			all = append(all, stretch(begin.Add(time.Duration(i)*time.Hour), time.Hour, "hosting/acme", hosting.Counts{Committed: 64 * 3600, Down: down}))
		}
		cut := rapid.IntRange(0, len(all)).Draw(r, "cut")
		one, two := served(t, time.UTC, sold(hosting.Reserved)), served(t, time.UTC, sold(hosting.Reserved))
		for i, d := range all {
			a := rendered(t, one, d)
			if i < cut {
				if err := two.Recall(d); err != nil {
					r.Fatal(err)
				}
				continue
			}
			if diff := cmp.Diff(a, rendered(t, two, d)); diff != "" {
				r.Fatalf("hour %d, after a restart at %d: %s", i, cut, diff)
			}
		}
	})
	var nobody *Tenants
	if err := nobody.Recall(stretch(time.Now(), time.Hour, "hosting/acme", hosting.Counts{})); err != nil {
		t.Errorf("nobody is served: %v", err)
	}
	bad := served(t, time.UTC, sold(hosting.Reserved))
	if err := bad.Recall(cycle.Delivery{Uses: []cycle.UseDelivery{{Use: "hosting/acme", IT: unit.Energy(1)}}}); err == nil {
		t.Error("a delivery without a length is recalled")
	}
}
