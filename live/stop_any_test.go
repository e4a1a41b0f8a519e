package live

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// stopWithin is how soon after one word of one person every machine was told.
const stopWithin = 2 * time.Second

// button is how a stop is given; s is the site, and j what does not answer any more.
type button func(ctx context.Context, s *Site, j Journal) error

func ours(ctx context.Context, s *Site, _ Journal) error {
	return s.Say(ctx, Said{By: "anna", What: actuate.Stopped{By: "anna"}})
}

// diskFirst is a stop as it must not be: it is kept before it acts.
func diskFirst(ctx context.Context, s *Site, j Journal) error {
	if err := j.Append(ctx, sqlite.Record{}); err != nil {
		return err
	}
	return ours(ctx, s, j)
}

// late runs a small site through plans that change, lets the disk hang at some
// moment and stops the site a little later; the answer is how many machines
// neither slept nor were told within two seconds.
func late(t *testing.T, seed uint64, press button) (missed int) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 2))
	some := func(most time.Duration) time.Duration { return time.Duration(dice.Int64N(int64(most))) }
	p := few(seed)
	p.begin = time.Now()
	h := p.build(t)
	j := &disk{drawer: newDrawer()}
	s, d, end := h.start(t, j, 10*time.Millisecond+some(300*time.Millisecond))
	defer end()
	for n := range 1 + dice.Int64N(3) {
		time.Sleep(some(2 * time.Minute))
		target := make([]unit.Power, len(h.units))
		for i := range target {
			target[i] = h.full(i) * unit.Power(dice.Int64N(2))
		}
		if err := s.Do(t.Context(), func(_ *Core, now time.Time) {
			s.handle(t.Context(), Wished{Number: n + 1, Until: now.Add(time.Hour), Target: target})
		}); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(some(time.Minute))
	stuck := make(chan struct{})
	j.hang(stuck)
	defer close(stuck)
	time.Sleep(some(20 * time.Second))
	d.mu.Lock()
	clear(d.at)
	d.mu.Unlock()
	began := time.Now()
	go func() { _ = press(t.Context(), s, j) }() // what it answers is another test's
	time.Sleep(stopWithin)
	d.mu.Lock()
	defer d.mu.Unlock()
	h.now = time.Now()
	for i := range h.units {
		if at, told := d.at[i]; (!told || at.Sub(began) > stopWithin) && !h.asleep(i) {
			missed++
		}
	}
	return missed
}

// TestStopAtAnyMoment: whatever the site is in the middle of, and while the disk
// hangs, a stop reaches every machine within two seconds. SLUICE_STOPS says how
// often that is tried.
func TestStopAtAnyMoment(t *testing.T) {
	t.Parallel()
	tries, err := strconv.ParseUint(os.Getenv("SLUICE_STOPS"), 10, 32)
	if err != nil {
		tries = 40
	}
	for seed := range tries {
		synctest.Test(t, func(t *testing.T) {
			if missed := late(t, seed, ours); missed > 0 {
				t.Errorf("seed %d: %d machines were not told", seed, missed)
			}
		})
	}
}

// TestLateStopIsNoticed: a stop that waits for the disk fails the same test.
func TestLateStopIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if missed := late(t, 1, diskFirst); missed == 0 {
			t.Error("a stop that waits for a disk which hangs reached every machine: the test sees nothing")
		}
	})
}
