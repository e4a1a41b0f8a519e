package room

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// onDisk is a world whose keys are on disk, and how its program begins anew.
func onDisk(t *testing.T) (w *world, records func() *keep.Store, restart func()) {
	t.Helper()
	var cfg Config
	var s *keep.Store
	dir := t.TempDir()
	open := func() {
		var err error
		if s, err = keep.Open(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
	open()
	w = newWorld(t, func(c *Config) {
		c.Answers = s
		cfg = *c
	})
	return w, func() *keep.Store { return s }, func() {
		w.room.Close()
		_ = s.Close()
		open()
		cfg.Answers = s
		var err error
		w.room, err = New(t.Context(), cfg)
		w.must(err)
		t.Cleanup(w.room.Close)
		w.shell = w.room.Handler()
	}
}

// TestKeysHoldAcrossARestart: the same key afterwards gets the first answer, or is told
// that its answer was shown once; another request with it is refused.
func TestKeysHoldAcrossARestart(t *testing.T) {
	t.Parallel()
	w, _, restart := onDisk(t)
	ann := w.admin()
	label := func(text string) reply {
		return ann.do("PATCH", "/v1/me", MyChange{Label: &text}, idempotencyKey, "the-one-key")
	}
	carol := func() reply {
		return ann.do("POST", "/v1/people", NewPerson{Name: "carol"}, idempotencyKey, "another-key")
	}
	first := label("Ann One")
	if first.status != http.StatusOK || carol().status != http.StatusCreated {
		t.Fatal(first.status, first.body)
	}
	if a := carol(); a.problem().Code != "shown_once" {
		t.Errorf("before: %d %s", a.status, a.body)
	}
	restart()
	ann.do("PATCH", "/v1/me", MyChange{Label: new("Ann Two")})
	again := label("Ann One")
	if again.status != first.status || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
		t.Errorf("%d %v %s, first %s", again.status, again.header, again.body, first.body)
	}
	if now := ann.ok(http.StatusOK, "GET", "/v1/session", nil).body; !strings.Contains(now, "Ann Two") {
		t.Errorf("it was done twice: %s", now)
	}
	if a := carol(); a.problem().Code != "shown_once" || strings.Contains(a.body, "invitation\"") {
		t.Errorf("what was shown once: %d %s", a.status, a.body)
	}
	if a := label("Ann Three"); a.problem().Code != "key_reused" {
		t.Errorf("another request: %d %s", a.status, a.body)
	}
	w.later(keptFor - time.Minute)
	ann = w.admin()
	if a := label("Ann Three"); a.problem().Code != "key_reused" {
		t.Errorf("a minute before it is forgotten: %d %s", a.status, a.body)
	}
	w.later(time.Minute)
	if a := label("Ann Three"); a.status != http.StatusOK {
		t.Errorf("a day later: %d %s", a.status, a.body)
	}
}

// TestARefusalMayBeTriedAgain on disk too.
func TestARefusalMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	w, _, restart := onDisk(t)
	ann := w.login("ann")
	ann.enrolApp(t)
	w.later(people.StepUp)
	add := func() reply {
		return ann.do("POST", "/v1/people", NewPerson{Name: "carol"}, idempotencyKey, "the-one-key")
	}
	if a := add(); a.status != http.StatusForbidden {
		t.Fatal(a.status, a.body)
	}
	restart()
	ann.ok(http.StatusOK, "POST", "/v1/session/proof", map[string]string{"code": w.code("ann")})
	if a := add(); a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// slow is a site that takes its time over a deed.
type slow struct {
	*plant
	asked, goOn chan struct{}
}

// Act implements Link.
func (s slow) Act(ctx context.Context, deed string, q live.Request) (live.Answer, error) {
	s.asked <- struct{}{}
	<-s.goOn
	return s.plant.Act(ctx, deed, q)
}

// TestTheProgramEndsOverADeed: what was begun and never answered is not carried out a
// second time, and who asks again is told to look.
func TestTheProgramEndsOverADeed(t *testing.T) {
	t.Parallel()
	w, records, restart := onDisk(t)
	p := newPlant(noon)
	s := slow{p, make(chan struct{}), make(chan struct{})}
	w.must(w.room.Attach("houston", s))
	shift := w.as(people.Dispatcher, "houston")
	order := func() reply {
		return shift.do("POST", "/v1/sites/houston/instruct", map[string]any{"limit_w": 5_000_000, "until": noon.Add(time.Hour)}, idempotencyKey, "the-one-key")
	}
	answered := make(chan reply)
	go func() { answered <- order() }()
	<-s.asked
	if a := order(); a.problem().Code != "in_progress" {
		t.Errorf("while it is under way: %d %s", a.status, a.body)
	}
	w.must(records().Close()) // nothing can be written down any more, as when the program dies
	s.goOn <- struct{}{}
	if a := <-answered; a.status != http.StatusOK {
		t.Fatal(a.status, a.body)
	}
	restart()
	w.must(w.room.Attach("houston", p))
	for range 2 {
		if a := order(); a.status != http.StatusConflict || a.problem().Code != "interrupted" || a.problem().Hint == "" {
			t.Errorf("afterwards: %d %s", a.status, a.body)
		}
	}
	if a := shift.do("POST", "/v1/sites/houston/instruct", map[string]any{"limit_w": 6_000_000}, idempotencyKey, "the-one-key"); a.problem().Code != "key_reused" {
		t.Errorf("another request: %d %s", a.status, a.body)
	}
	if len(p.told) != 1 {
		t.Errorf("it was carried out %d times", len(p.told))
	}
}

// TestABrokenDiskKeepsNobodyFromAStop: what lowers is done without its key, and nothing
// else is.
func TestABrokenDiskKeepsNobodyFromAStop(t *testing.T) {
	t.Parallel()
	w, records, _ := onDisk(t)
	p := newPlant(noon)
	w.must(w.room.Attach("houston", p))
	shift := w.as(people.Dispatcher, "houston")
	w.must(records().Close())
	if a := shift.do("POST", "/v1/sites/houston/instruct", map[string]any{"limit_w": 5_000_000}); a.status != http.StatusInternalServerError || len(p.told) != 0 {
		t.Errorf("without a key: %d %s", a.status, a.body)
	}
	if a := shift.do("POST", "/v1/sites/houston/stop", Asked{}); a.status != http.StatusOK || len(p.told) != 1 {
		t.Errorf("a stop: %d %s", a.status, a.body)
	}
	if !strings.Contains(w.logged(), "so it is done without") {
		t.Error("nobody is told of it")
	}
}
