package victim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets a test start this program again as its own victim.
func TestMain(m *testing.M) {
	Obey(count)
	os.Exit(m.Run())
}

// count counts from a word on, and ends where it is told to.
func count(ctx context.Context, order string, out io.Writer) error {
	if order == "" {
		return errors.New("no order")
	}
	for n := 0; ctx.Err() == nil; n++ {
		if _, err := fmt.Fprintln(out, order, n); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// TestKilledTellsWholeLines: what was told is there in order, and no half line.
func TestKilledTellsWholeLines(t *testing.T) {
	t.Parallel()
	told := Killed(t, "sheep", 5*time.Millisecond)
	for n, line := range told {
		if line != fmt.Sprint("sheep ", n) {
			t.Fatalf("line %d is %q", n, line)
		}
	}
	if len(told) < 2 {
		t.Errorf("only %d lines", len(told))
	}
}

// witness is a test that another test watches.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Fatalf(format string, about ...any) {
	w.said = append(w.said, fmt.Sprintf(format, about...))
}

// TestOwnEnd: a victim that ends by itself is no victim of a kill.
func TestOwnEnd(t *testing.T) {
	t.Parallel()
	w := &witness{TB: t}
	Killed(w, "", 0)
	if !slices.ContainsFunc(w.said, func(s string) bool { return strings.Contains(s, "ended by itself: exit status 1") }) {
		t.Errorf("it said %q", w.said)
	}
}
