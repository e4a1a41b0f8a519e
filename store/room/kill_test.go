package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/internal/victim"
)

// TestMain lets a test start this program again as its own victim.
func TestMain(m *testing.M) {
	victim.Obey(work)
	os.Exit(m.Run())
}

// work does a turn of everything from a number on, and tells what was acknowledged, until
// it is killed.
func work(ctx context.Context, order string, out io.Writer) error {
	n, dir, err := victim.Begins(order)
	if err != nil {
		return err
	}
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	for ; ; n++ {
		if err := s.Begin(ctx, "ann", fmt.Sprint("k", n), fmt.Append(nil, n), at(0)); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, "begun", n); err != nil {
			return err
		}
		if err := errors.Join(turn(ctx, s, n), s.Finish(ctx, "ann", fmt.Sprint("k", n), done(strconv.Itoa(n)))); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, "done", n); err != nil {
			return err
		}
	}
}

// turn writes two of everything under a number.
func turn(ctx context.Context, s *Store, n int) error {
	spec := fmt.Sprintf(`{"n":%d}`, n)
	_, err := s.Apply(ctx, []Put{site("a", spec, int64(n)), site("b", spec, int64(n))}, "ann", at(0))
	return errors.Join(
		err,
		s.SaveIntervals(ctx, "wa-1", []Interval{came(2*n, spec), came(2*n+1, spec)}),
		s.SaveAlarms(ctx, []byte(spec), []AlarmEvent{rang(int64(n), "wa-1", "a"), rang(int64(n), "wa-1", "b")}),
		s.Queue(ctx, []Message{message("ann", int64(n)), message("bob", int64(n))}),
	)
}

// TestKilled: a program that writes is killed again and again. All that was acknowledged
// is there, what was handed over together stands together, and what was begun and not
// finished is open.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dice := rand.New(rand.NewPCG(3, 5))
	next, open, acknowledged := 0, 0, 0
	for range 10 {
		began, finished := -1, next-1
		for _, line := range victim.Killed(t, victim.From(next, dir), time.Duration(dice.IntN(60_000))*time.Microsecond) {
			what, text, _ := strings.Cut(line, " ")
			n, err := strconv.Atoi(text)
			must(t, err)
			if what == "begun" {
				began = n
			} else {
				finished = n
				acknowledged++
			}
		}
		s := openAt(t, dir)
		if _, there, err := s.Answered(t.Context(), "ann", fmt.Sprint("k", began)); err != nil || began >= 0 && !there {
			t.Fatalf("request %d was begun and is not known: %v", began, err)
		}
		holds(t, s, finished)
		open += settle(t, s, max(began, finished+1))
		next = max(began, finished+1) + 1
		must(t, s.Close())
	}
	t.Logf("10 kills, %d turns acknowledged, %d others open", acknowledged, open)
	if acknowledged == 0 {
		t.Error("next to nothing was done")
	}
}

// holds compares what is there with the last turn that was acknowledged.
func holds(t *testing.T, s *Store, finished int) {
	t.Helper()
	ctx := t.Context()
	for n := max(0, finished-20); n <= finished; n++ {
		if a, there, err := s.Answered(ctx, "ann", fmt.Sprint("k", n)); err != nil || !there || a.Open || string(a.Body) != strconv.Itoa(n) {
			t.Fatalf("the answer to %d is %+v, %v", n, a, err)
		}
	}
	objects, _, err := s.Objects(ctx, Filter{})
	must(t, err)
	if len(objects) != 0 && (len(objects) != 2 || objects[0].Version != objects[1].Version) {
		t.Fatalf("objects do not stand together: %+v", objects)
	}
	versions := 0
	if len(objects) > 0 {
		versions = int(objects[0].Version)
	}
	spans, err := s.Intervals(ctx, "wa-1", at(0), at(9e8), 0)
	must(t, err)
	events, err := s.AlarmEvents(ctx, AlarmFilter{})
	must(t, err)
	outbox, err := s.Outbox(ctx, OutboxFilter{})
	must(t, err)
	for what, n := range map[string]int{"objects": 2 * versions, "intervals": len(spans), "events": len(events), "messages": len(outbox)} {
		if n%2 != 0 || n < 2*(finished+1) || n > 2*(finished+2) {
			t.Fatalf("%d %s, %d turns acknowledged", n, what, finished+1)
		}
	}
	state, err := s.AlarmState(ctx)
	must(t, err)
	if last := fmt.Sprintf(`{"n":%d}`, len(events)/2-1); len(events) > 0 && string(state) != last {
		t.Fatalf("the memory is %s, the events end at %s", state, last)
	}
}

// settle finds out how the turn ended over which the program died, and does what is
// missing of it, as a person would; 1 where its request was open.
func settle(t *testing.T, s *Store, n int) (open int) {
	t.Helper()
	ctx, key := t.Context(), fmt.Sprint("k", n)
	a, there, err := s.Answered(ctx, "ann", key)
	must(t, err)
	switch {
	case !there:
		must(t, s.Begin(ctx, "ann", key, fmt.Append(nil, n), at(0)))
	case a.Open:
		open = 1
	}
	spec := json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))
	if o, err := s.Object(ctx, "Site", "", "a"); errors.Is(err, ErrUnknown) || err == nil && o.Version == int64(n) {
		s.apply(t, site("a", string(spec), int64(n)), site("b", string(spec), int64(n)))
	}
	must(t, s.SaveIntervals(ctx, "wa-1", []Interval{came(2*n, string(spec)), came(2*n+1, string(spec))}))
	if events, err := s.AlarmEvents(ctx, AlarmFilter{}); err == nil && len(events) == 2*n {
		must(t, s.SaveAlarms(ctx, spec, []AlarmEvent{rang(int64(n), "wa-1", "a"), rang(int64(n), "wa-1", "b")}))
	}
	if outbox, err := s.Outbox(ctx, OutboxFilter{}); err == nil && len(outbox) == 2*n {
		s.queue(t, int64(2*n), int64(2*n+1))
	}
	if !there || a.Open {
		must(t, s.Finish(ctx, "ann", key, done(strconv.Itoa(n))))
	}
	return open
}

// TestTwoProgramsAtOnce: while another process holds the directory nobody else writes.
func TestTwoProgramsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	if out, err := victim.Command(t, victim.From(0, dir)).CombinedOutput(); err == nil || !strings.Contains(string(out), ErrLocked.Error()) {
		t.Errorf("a second process opened it: %s", out)
	}
	must(t, s.Close())
	victim.Killed(t, victim.From(0, dir), 0)
	openAt(t, dir)
}
