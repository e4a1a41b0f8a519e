package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sluice/driver/sitefile"
	"sluice/server/room"
)

// TestReplayerReach: a site is replayed where its site file is known, and its history
// reaches as far as its prices do.
func TestReplayerReach(t *testing.T) {
	t.Parallel()
	r, err := newReplayer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Reach(t.Context(), "houston"); !errors.Is(err, room.ErrNoHistory) {
		t.Errorf("a site of which nothing is known: %v", err)
	}
	text, err := sitefile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(r.dir, "sites", "houston")
	for name, content := range map[string]string{siteYAML: string(text), runName: `{"name":"houston","run":{"interval_minutes":30}}`} {
		if err := errors.Join(os.MkdirAll(own, 0o700), os.WriteFile(filepath.Join(own, name), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := r.of("houston"); err != nil || h.interval != 30*time.Minute {
		t.Errorf("a site that the room runs: %+v, %v", h, err)
	}
	for range 2 { // the second time it is remembered
		from, to, err := r.Reach(t.Context(), "houston")
		if err != nil || from.Year() != 2021 || to.Before(time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%v to %v, %v", from, to, err)
		}
	}
	r.name("named", recorded{site: filepath.Join(r.dir, "gone.yaml"), interval: time.Hour})
	if _, _, err := r.Reach(t.Context(), "named"); !errors.Is(err, room.ErrNoHistory) {
		t.Errorf("a file that is gone: %v", err)
	}
}

// TestProgressLines reads how far a replay is, however its lines are cut.
func TestProgressLines(t *testing.T) {
	t.Parallel()
	var seen []int
	p := &progressLines{step: func(done, total int) {
		if total != 100 {
			t.Errorf("of %d", total)
		}
		seen = append(seen, done)
	}}
	for _, part := range []string{"repl", "ayed  10 %, 3s\nreplayed 2", "0 %, 6s\n", "the prices end too soon", "\nlast words"} {
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if !slices.Equal(seen, []int{10, 20}) || p.last() != "the prices end too soon last words" {
		t.Errorf("%v, %q", seen, p.last())
	}
}
