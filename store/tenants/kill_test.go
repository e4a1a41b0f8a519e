package tenants

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/engine"
	"sluice/use/hosting/meter"
)

// victimMarker holds the order of a victim: with which number to begin, and where.
const victimMarker = "SLUICE_TENANTS_VICTIM"

// TestMain lets a test start this program again as its own victim.
func TestMain(m *testing.M) {
	order := os.Getenv(victimMarker)
	if order == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, victim(context.Background(), order, os.Stdout))
	os.Exit(1)
}

// victim stores commands and usage, and tells of each that was acknowledged, until it
// is killed.
func victim(ctx context.Context, order string, out io.Writer) error {
	first, dir, _ := strings.Cut(order, "|")
	n, err := strconv.Atoi(first)
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
		told = killed(t, dir, told, time.Duration(dice.IntN(60_000))*time.Microsecond)
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

// killed runs a victim that begins with a number, kills it some time after its first
// word, and returns the number after the last of which it told.
func killed(t *testing.T, dir string, first int, after time.Duration) (next int) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d|%s", victimMarker, first, dir))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	next = first
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if next == first {
			time.AfterFunc(after, func() { _ = c.Process.Kill() })
		}
		if n, err := strconv.Atoi(lines.Text()); err != nil || n != next {
			break // cut off within the line
		}
		next++
	}
	var died *exec.ExitError
	if err := c.Wait(); !errors.As(err, &died) || died.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return next
}
