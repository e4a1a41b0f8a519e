package room

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/store/file"
	"sluice/store/storetest"
)

// full is a store with one of everything.
func full(tb testing.TB, dir string) *Store {
	tb.Helper()
	s := openAt(tb, dir)
	ctx := tb.Context()
	s.apply(tb, site("wa-1", `{"a":1}`, 0))
	must(
		tb,
		s.SaveIntervals(ctx, "wa-1", []Interval{came(0, `{"mw":3}`)}),
		s.SaveAlarms(ctx, []byte("memory"), []AlarmEvent{rang(0, "wa-1", "tripped")}),
		s.Begin(ctx, "ann", "k1", []byte("hash"), at(0)),
		s.Finish(ctx, "ann", "k1", Answer{Status: 200, Header: map[string]string{"ETag": "1"}, Body: []byte("done")}),
		s.Begin(ctx, "ann", "k2", []byte("hash"), at(0)),
		s.Queue(ctx, []Message{message("bob", 0)}),
		s.SetSetting(ctx, "ann", "theme", []byte("dark"), at(0)),
	)
	return s
}

// content is what a store holds, as values to be compared.
func content(tb testing.TB, s *Store) map[string]any {
	tb.Helper()
	ctx, out := tb.Context(), map[string]any{}
	add := func(what string, x any, err error) {
		tb.Helper()
		must(tb, err)
		out[what] = x
	}
	all, _, err := s.Objects(ctx, Filter{})
	add("objects", all, err)
	history, err := s.History(ctx, "Site", "", "wa-1", 0)
	add("history", history, err)
	spans, err := s.Intervals(ctx, "wa-1", at(0), at(9e6), 0)
	add("intervals", spans, err)
	state, err := s.AlarmState(ctx)
	add("state", state, err)
	events, err := s.AlarmEvents(ctx, AlarmFilter{})
	add("events", events, err)
	for _, key := range []string{"k1", "k2"} {
		a, _, err := s.Answered(ctx, "ann", key)
		add(key, a, err)
	}
	outbox, err := s.Outbox(ctx, OutboxFilter{})
	add("outbox", outbox, err)
	theme, err := s.Setting(ctx, "ann", "theme")
	add("theme", theme, err)
	return out
}

// TestKept: what was written is there in the same words after the program started again.
func TestKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := full(t, dir)
	before := content(t, s)
	want := map[string]any{
		"objects":   []Object{{Kind: "Site", Name: "wa-1", Version: 1, Spec: []byte(`{"a":1}`), Changed: at(0), By: "ann"}},
		"history":   []Object{{Kind: "Site", Name: "wa-1", Version: 1, Spec: []byte(`{"a":1}`), Changed: at(0), By: "ann"}},
		"intervals": []Interval{came(0, `{"mw":3}`)},
		"state":     []byte("memory"),
		"events":    []AlarmEvent{{Seq: 1, At: at(0), Site: "wa-1", Code: "tripped", Subject: "feeder-1", What: "raised", Body: []byte(`{"a":1}`)}},
		"k1":        Answer{Hash: []byte("hash"), Status: 200, Header: map[string]string{"ETag": "1"}, Body: []byte("done")},
		"k2":        Answer{Hash: []byte("hash"), Open: true},
		"outbox":    []Message{{ID: 1, Contact: "bob", Event: "e1", Body: []byte(`{"at":0}`), Made: at(0), Next: at(0), State: Waiting}},
		"theme":     []byte("dark"),
	}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Error(diff)
	}
	must(t, s.Close())
	if diff := cmp.Diff(before, content(t, openAt(t, dir))); diff != "" {
		t.Error(diff)
	}
}

// TestDoors: a second program is kept out, a file of another kind or of a newer program
// is left alone, and what is closed says so.
func TestDoors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := full(t, dir)
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	must(t, s.Close())
	if _, err := s.Object(t.Context(), "Site", "", "wa-1"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := s.Apply(t.Context(), []Put{site("a", "{}", 0)}, "ann", at(0)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	for _, c := range []struct {
		statement string
		want      error
	}{{"PRAGMA user_version = 99", ErrNewer}, {"PRAGMA application_id = 7", ErrForeign}} {
		must(t, edit(t.Context(), dir, c.statement))
		before, err := os.ReadFile(filepath.Join(dir, fileName))
		must(t, err)
		if _, err := Open(t.Context(), dir); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.statement, err)
		}
		after, err := os.ReadFile(filepath.Join(dir, fileName))
		if err != nil || string(before) != string(after) {
			t.Errorf("%s: the file was touched: %v", c.statement, err)
		}
	}
	must(t, edit(t.Context(), dir, "PRAGMA application_id = 1399607917", "PRAGMA user_version = 2")) // "SlRm", for ever
	openAt(t, dir)
}

// TestOldFile: a file that is brought to a later version stands beside a copy of what it
// was, which this program still opens, and the file itself it opens no more.
func TestOldFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := full(t, dir)
	before := content(t, s)
	must(t, s.Close())
	steps, err := file.Texts(migrations, "migrations/*.sql")
	must(t, err)
	later := append(steps, "ALTER TABLE setting ADD COLUMN why TEXT NOT NULL DEFAULT ''; DELETE FROM setting;")
	must(t, storetest.Climb(t.Context(), layout(dir).Database(), later...))
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "install the newer program") {
		t.Error(err)
	}
	other := t.TempDir()
	must(t, os.Rename(filepath.Join(dir, fileName+".before-"+strconv.Itoa(len(later))), filepath.Join(other, fileName)))
	if diff := cmp.Diff(before, content(t, openAt(t, other))); diff != "" {
		t.Error(diff)
	}
}

// TestWhatStays: the database itself refuses to lose a version, or to bend one.
func TestWhatStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, full(t, dir).Close())
	for _, statement := range []string{
		"DELETE FROM object", "UPDATE object SET version = version", "UPDATE object SET version = version + 2", "UPDATE object SET version = version + 1, name = 'x'",
		"DELETE FROM object_version", "UPDATE object_version SET person = 'bob'", "UPDATE message SET state = 'lost'", "UPDATE answer SET open = 2",
		"INSERT INTO interval VALUES ('x', 'noon', 1, x'')", "INSERT INTO alarm_state VALUES (2, x'')",
	} {
		if err := edit(t.Context(), dir, statement); err == nil {
			t.Errorf("%s passed", statement)
		}
	}
}

// TestBroken: after an error of the disk nothing is tried again.
func TestBroken(t *testing.T) {
	t.Parallel()
	s := full(t, t.TempDir())
	err := s.write(t.Context(), func(ctx context.Context, p pen) error {
		_, err := p.Exec(ctx, "ROLLBACK") // the transaction is gone: the commit fails
		return err
	})
	if !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	if _, err := s.Object(t.Context(), "Site", "", "wa-1"); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	if err := s.Begin(t.Context(), "ann", "k3", []byte("h"), at(0)); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
}

// TestRefused: what cannot be kept is refused by name, and nothing of the call stays.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := full(t, t.TempDir())
	before := content(t, s)
	ctx, long, big := t.Context(), strings.Repeat("x", 201), `{"a":"`+strings.Repeat("x", MostSpec)+`"}`
	apply := func(by string, now time.Time, puts ...Put) error {
		_, err := s.Apply(ctx, append([]Put{site("first", "{}", 0)}, puts...), by, now)
		return err
	}
	for says, err := range map[string]error{
		"who does it":           apply("", at(0)),
		"between 1970 and 2999": apply("ann", time.Time{}),
		"no JSON object":        apply("ann", at(0), site("a", `[1]`, 0)),
		"is no JSON":            apply("ann", at(0), site("a", `{"a":1`, 0)),
		"at most 4194304 are":   apply("ann", at(0), site("a", big, 0)),
		"stands twice":          apply("ann", at(0), site("a", "{}", 0), site("a", "{}", 0)),
		"expects version -1":    apply("ann", at(0), site("a", "{}", -1)),
		"name \"\"":             apply("ann", at(0), site("", "{}", 0)),
		"name \"xxx":            apply("ann", at(0), site(long, "{}", 0)),
		"label \"\"":            apply("ann", at(0), Put{Object: Object{Kind: "Site", Name: "a", Spec: []byte("{}"), Labels: map[string]string{"": "x"}}}),
		"site \"\"":             s.SaveIntervals(ctx, "", []Interval{came(1, "{}")}),
		"starts twice":          s.SaveIntervals(ctx, "wa-1", []Interval{came(1, "{}"), came(1, "{}")}),
		"interval: it is no":    s.SaveIntervals(ctx, "wa-1", []Interval{came(1, "{}"), came(2, "")}),
		"it has a length":       s.SaveIntervals(ctx, "wa-1", []Interval{{Start: at(0), Body: []byte("{}")}}),
		"what became of it":     s.SaveAlarms(ctx, nil, []AlarmEvent{rang(1, "", ""), {At: at(0)}}),
		"event: it is no JSON":  s.SaveAlarms(ctx, nil, []AlarmEvent{{At: at(0), What: "raised", Body: []byte("x")}}),
		"the hash has 0":        s.Begin(ctx, "ann", "k3", nil, at(0)),
		"key \"\"":              s.Begin(ctx, "ann", "", []byte("h"), at(0)),
		"status 0":              s.Finish(ctx, "ann", "k2", Answer{}),
		"4194305 bytes":         s.Finish(ctx, "ann", "k2", Answer{Status: 200, Body: make([]byte, MostAnswer-3)}), // and its header, null
		"contact":               s.Queue(ctx, []Message{message("bob", 1), message("", 1)}),
		"message: it is no":     s.Queue(ctx, []Message{{Contact: "bob", Made: at(0)}}),
		"65537 bytes":           s.SetSetting(ctx, "ann", "theme", make([]byte, MostValue+1), at(0)),
	} {
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), says) || len(err.Error()) > 2000 {
			t.Errorf("%s: %.300v", says, err)
		}
	}
	if diff := cmp.Diff(before, content(t, s)); diff != "" {
		t.Error(diff)
	}
}
