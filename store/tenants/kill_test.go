package tenants

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"sluice/engine"
	"sluice/internal/victim"
	"sluice/use/hosting/meter"
)

// TestMain lets a test start this program again as its own victim.
func TestMain(m *testing.M) {
	victim.Obey(store)
	os.Exit(m.Run())
}

// store stores commands and usage from a number on, and tells of each that was
// acknowledged, until it is killed.
func store(ctx context.Context, order string, out io.Writer) error {
	n, dir, err := victim.Begins(order)
	if err != nil {
		return err
	}
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	o := s.Office()
	for ; ; n++ {
		err := errors.Join(
			o.Command(ctx, at(0), engine.Command{Event: "alpha-event", Seq: 2*n + 1, Verb: engine.GiveBack}, engine.Command{Event: "alpha-event", Seq: 2*n + 2, Verb: engine.Unwindow}),
			o.PutUsage(ctx, []meter.Usage{used("alpha-contract", int64(300+300*n), int64(n), 1)}),
		)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
}

// TestKilled: a program that stores is killed again and again. All that was acknowledged
// is there, and what was handed over together stands together.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	alpha := enrol(t, s, "alpha")
	dice := rand.New(rand.NewPCG(3, 5))
	told := 0
	for range 10 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, line := range victim.Killed(t, victim.From(told, dir), time.Duration(dice.IntN(60_000))*time.Microsecond) {
			if line != strconv.Itoa(told) {
				t.Fatalf("it told %q, not %d", line, told)
			}
			told++
		}
		s = openAt(t, dir)
		commands, err := s.Office().Commands(t.Context(), alpha.event)
		if err != nil || len(commands)%2 != 0 || len(commands) < 2*told {
			t.Fatalf("%d commands, %d pairs acknowledged, %v", len(commands), told, err)
		}
		got, err := s.Desk().Usage(t.Context(), alpha.Tenant, Query{From: at(300)})
		if err != nil || len(got) < told || len(got) > told+1 {
			t.Fatalf("%d usages, %d acknowledged, %v", len(got), told, err)
		}
		told = len(commands) / 2 // what was stored and not told is there to stay
		if err := s.Office().PutUsage(t.Context(), []meter.Usage{used(alpha.contract, int64(300*told), int64(told)-1, 1)}); told > 0 && err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("10 kills, %d acknowledged", told)
}
