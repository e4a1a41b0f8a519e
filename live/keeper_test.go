package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sluice/store/sqlite"
)

// disk is a journal that is slow, fails, refuses or stands still.
type disk struct {
	*drawer
	mu    sync.Mutex
	delay func() time.Duration // of one call
	fail  func(r sqlite.Record) error
	stuck chan struct{} // nil: it moves
	kept  []string
}

func (d *disk) Append(ctx context.Context, records ...sqlite.Record) error {
	d.mu.Lock()
	stuck := d.stuck
	d.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	if d.delay != nil {
		time.Sleep(d.delay()) // of the bubble
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range records {
		if d.fail != nil {
			if err := d.fail(r); err != nil {
				return err
			}
		}
	}
	for _, r := range records {
		d.kept = append(d.kept, r.Key)
	}
	return d.drawer.Append(ctx, records...)
}

// hang lets no call return before stuck is closed.
func (d *disk) hang(stuck chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stuck = stuck
}

func (d *disk) has(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.kept, key)
}

func orderItem(n int, lowers bool, then func()) item {
	key := fmt.Sprintf("order/%d", n)
	r := sqlite.Record{Site: "s", Kind: sqlite.Order, Key: key, Subject: key, Epoch: sqlite.Epoch{Term: 1, Sequence: int64(n)}, Body: []byte("{}")}
	return item{record: r, lowers: lowers, then: then}
}

// TestNoRaiseBeforeItsRecord: however slow or broken the disk is, a raise goes out
// after its record was kept or not at all, and what lowers goes out soon.
func TestNoRaiseBeforeItsRecord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		slow := time.Duration(rapid.IntRange(0, 2000).Draw(r, "slow")) * time.Millisecond
		broken := rapid.IntRange(0, 3).Draw(r, "broken") // so many of ten are refused
		dead := rapid.IntRange(0, 40).Draw(r, "dead")    // after so many calls nothing is kept; 0: never
		var err error
		synctest.Test(t, func(*testing.T) { err = storm(seed, slow, broken, dead, false) })
		if err != nil {
			r.Fatal(err)
		}
	})
}

// TestPlantedHasteIsCaught: a keeper that takes raises for lowerings fails the same.
func TestPlantedHasteIsCaught(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		var err error
		synctest.Test(t, func(*testing.T) { err = storm(seed, 2*time.Second, 1, 0, true) })
		if err == nil {
			t.Fatalf("seed %d: nobody noticed", seed)
		}
	}
}

// storm puts two hundred orders through a keeper. hasty plants a fault: a raise is
// taken for a lowering.
func storm(seed uint64, slow time.Duration, broken, dead int, hasty bool) error {
	rng := rand.New(rand.NewPCG(seed, 1))
	spin := rand.New(rand.NewPCG(seed, 2))
	d := &disk{drawer: newDrawer(), delay: func() time.Duration { return time.Duration(spin.Int64N(int64(slow + 1))) }}
	calls := 0
	d.fail = func(r sqlite.Record) error {
		calls++
		switch {
		case dead > 0 && calls > dead:
			return sqlite.ErrBroken
		case int(r.Epoch.Sequence)%10 < broken:
			return sqlite.ErrEpochBack
		}
		return nil
	}
	k := newKeeper(d)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.run(ctx) }()
	var mu sync.Mutex
	var faults []error
	out := map[int]time.Duration{}
	low := map[int]bool{}
	for n := range 200 {
		lowers := rng.IntN(2) == 0
		born := time.Now()
		low[n] = lowers
		k.keep(orderItem(n, lowers || hasty, func() {
			mu.Lock()
			defer mu.Unlock()
			out[n] = time.Since(born)
			if !lowers && !d.has(fmt.Sprintf("order/%d", n)) {
				faults = append(faults, fmt.Errorf("raise %d went out and its record is not kept", n))
			}
		}))
		time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
	}
	time.Sleep(10 * time.Minute)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		faults = append(faults, err)
	}
	for n, lowers := range low {
		took, went := out[n]
		if lowers && n%10 >= broken && (!went || took > patience+time.Millisecond) {
			faults = append(faults, fmt.Errorf("lowering %d went out %v after %v", n, went, took))
		}
		if !lowers && !went && dead == 0 && n%10 >= broken {
			faults = append(faults, fmt.Errorf("raise %d was kept and did not go out", n))
		}
	}
	return errors.Join(faults...)
}

// TestLoweringsPassAHangingDisk: the journal never answers again; every lowering is
// out within a second, and no raise ever.
func TestLoweringsPassAHangingDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &disk{drawer: newDrawer(), stuck: make(chan struct{})}
		k := newKeeper(d)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- k.run(ctx) }()
		var mu sync.Mutex
		low, high := 0, 0
		for n := range 4000 {
			k.keep(orderItem(n, n%2 == 0, func() {
				mu.Lock()
				defer mu.Unlock()
				if n%2 == 0 {
					low++
				} else {
					high++
				}
			}))
			if n%100 == 0 {
				time.Sleep(50 * time.Millisecond)
			}
		}
		time.Sleep(time.Second)
		mu.Lock()
		if low != 2000 || high != 0 {
			t.Errorf("%d of 2000 lowerings and %d raises went out", low, high)
		}
		mu.Unlock()
		close(d.stuck)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestAnOlderControllerIsNotObeyed: what the journal refuses because a later
// controller is in charge goes nowhere; what it refuses for another reason may
// still lower.
func TestAnOlderControllerIsNotObeyed(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		err    error
		lowers bool
		want   bool
	}{
		"a lowering of an older controller": {sqlite.ErrEpochBack, true, false},
		"a raise of an older controller":    {sqlite.ErrEpochBack, false, false},
		"a lowering with a wrong record":    {sqlite.ErrInvalid, true, true},
		"a raise with a wrong record":       {sqlite.ErrInvalid, false, false},
		"a lowering on a broken disk":       {sqlite.ErrBroken, true, true},
		"a raise on a broken disk":          {sqlite.ErrBroken, false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &disk{drawer: newDrawer(), fail: func(sqlite.Record) error { return c.err }}
				k := newKeeper(d)
				went := false
				told := 0
				k.failed, k.refused = func(error) { told++ }, func(error) { told++ }
				k.keep(orderItem(1, c.lowers, func() { went = true }))
				k.write(t.Context(), []item{<-k.in})
				time.Sleep(time.Minute)
				if went != c.want || told != 1 {
					t.Errorf("it went out: %v, want %v; told %d times", went, c.want, told)
				}
			})
		})
	}
}
