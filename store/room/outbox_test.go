package room

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ids are those of messages.
func ids(all []Message) (out []int64) {
	for _, m := range all {
		out = append(out, m.ID)
	}
	return out
}

// queue adds messages at seconds.
func (s *Store) queue(tb testing.TB, seconds ...int64) []Message {
	tb.Helper()
	var all []Message
	for _, n := range seconds {
		all = append(all, message([]string{"ann", "bob"}[n%2], n))
	}
	must(tb, s.Queue(tb.Context(), all))
	return all
}

// TestOutbox follows messages from the queue to their end.
func TestOutbox(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx := t.Context()
	if diff := cmp.Diff([]int64{1, 2, 3, 4}, ids(s.queue(t, 30, 10, 21, 41))); diff != "" {
		t.Error(diff)
	}
	due := func(second int64, n int, want ...int64) {
		t.Helper()
		all, err := s.Due(ctx, at(second), n)
		if diff := cmp.Diff(want, ids(all)); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	due(9, 0)
	due(30, 0, 2, 3, 1)
	due(30, 2, 2, 3)
	must(t, s.Sent(ctx, 2, at(31)), s.Later(ctx, 3, at(60), "no answer"), s.Drop(ctx, 1, "quiet hours", at(32)))
	due(59, 0, 4)
	due(60, 0, 4, 3)
	must(t, s.Sent(ctx, 3, at(61)))
	want := []Message{
		{ID: 1, Contact: "ann", Event: "e1", Body: []byte(`{"at":30}`), Made: at(30), Next: at(30), State: Dropped, Why: "quiet hours", Done: at(32)},
		{ID: 2, Contact: "ann", Event: "e1", Body: []byte(`{"at":10}`), Made: at(10), Next: at(10), Tries: 1, State: Sent, Done: at(31)},
		{ID: 3, Contact: "bob", Event: "e1", Body: []byte(`{"at":21}`), Made: at(21), Next: at(60), Tries: 2, State: Sent, Done: at(61)},
		{ID: 4, Contact: "bob", Event: "e1", Body: []byte(`{"at":41}`), Made: at(41), Next: at(41), State: Waiting},
	}
	got, err := s.Outbox(ctx, OutboxFilter{})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for sentence, c := range map[string]struct {
		filter OutboxFilter
		want   []int64
	}{
		"a contact":     {OutboxFilter{Contact: "bob"}, []int64{3, 4}},
		"a state":       {OutboxFilter{State: Sent}, []int64{2, 3}},
		"newest first":  {OutboxFilter{Newest: true, Limit: 2}, []int64{4, 3}},
		"earlier ones":  {OutboxFilter{Newest: true, Limit: 2, After: 3}, []int64{2, 1}},
		"the next page": {OutboxFilter{Limit: 2, After: 1}, []int64{2, 3}},
	} {
		got, err := s.Outbox(ctx, c.filter)
		if diff := cmp.Diff(c.want, ids(got)); diff != "" || err != nil {
			t.Error(sentence, diff, err)
		}
	}
	for sentence, c := range map[string]struct{ err, want error }{
		"sent again":              {s.Sent(ctx, 3, at(70)), ErrConflict},
		"what was sent is tried":  {s.Later(ctx, 3, at(70), "x"), ErrConflict},
		"what was sent is let go": {s.Drop(ctx, 3, "x", at(70)), ErrConflict},
		"what was let go is sent": {s.Sent(ctx, 1, at(70)), ErrConflict},
		"there is none":           {s.Sent(ctx, 9, at(70)), ErrUnknown},
		"a reason of many lines":  {s.Later(ctx, 4, at(70), "a\nb"), ErrInvalid},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", sentence, c.err)
		}
	}
}

// TestOutboxFull: finished messages make room, the oldest first; waiting ones never, and
// no number comes twice.
func TestOutboxFull(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx := t.Context()
	s.most.messages = 3
	s.queue(t, 1, 2, 3)
	must(t, s.Sent(ctx, 3, at(5)), s.Drop(ctx, 2, "x", at(5)))
	s.queue(t, 4)
	has := func(want ...int64) {
		t.Helper()
		all, err := s.Outbox(ctx, OutboxFilter{})
		if diff := cmp.Diff(want, ids(all)); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	has(1, 3, 4)
	more := []Message{message("ann", 5), message("ann", 6)}
	if err := s.Queue(ctx, more); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "none was queued") || more[0].ID != 0 {
		t.Error(err, more)
	}
	has(1, 3, 4)
	s.queue(t, 5)
	has(1, 4, 5)
	for _, id := range []int64{1, 4, 5} {
		must(t, s.Sent(ctx, id, at(6)))
	}
	s.most.messageBytes = 20
	s.queue(t, 7, 8)
	has(6, 7)
	if n, err := number(t, s, "message"); err != nil || n != 2 {
		t.Errorf("the tally says %d, %v", n, err)
	}
}

// TestSettings: each person has their own, as many as fit, and none that is empty.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx := t.Context()
	s.most.settings, s.most.settingsOfOne = 4, 2
	set := func(person, key, value string) error { return s.SetSetting(ctx, person, key, []byte(value), at(0)) }
	must(t, set("ann", "a", "1"), set("ann", "b", "2"), set("bob", "a", "3"), set("ann", "a", "4"))
	if err := set("ann", "c", "5"); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "number 3 of 2") {
		t.Error(err)
	}
	must(t, set("cid", "a", "7"))
	if err := set("bob", "c", "5"); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "number 5 of all") {
		t.Error(err)
	}
	must(t, set("ann", "b", ""), set("ann", "b", ""), set("ann", "c", "6"))
	var got []string
	for _, person := range []string{"ann", "bob"} {
		for _, key := range []string{"a", "b", "c"} {
			value, err := s.Setting(ctx, person, key)
			if err != nil && !errors.Is(err, ErrUnknown) {
				t.Error(err)
			}
			got = append(got, fmt.Sprintf("%s.%s=%s", person, key, value))
		}
	}
	if diff := cmp.Diff([]string{"ann.a=4", "ann.b=", "ann.c=6", "bob.a=3", "bob.b=", "bob.c="}, got); diff != "" {
		t.Error(diff)
	}
}
