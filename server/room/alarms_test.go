package room

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/alarm"
	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// watched lets the alarms look at all sites now.
func (w *world) watched() {
	w.Helper()
	for _, a := range w.room.all() {
		w.room.watch.step(w.clock(), siteSeen(a, w.clock()).Observe(w.clock())...)
	}
	w.room.watch.step(w.clock(), alarm.Tick{})
	w.room.keepAlarms(w.Context(), w.clock())
}

// slowStore lets something happen while it is about to save for the first time.
type slowStore struct {
	*keep.Store

	mu        sync.Mutex
	meanwhile func(saved func() int)
	memories  []string
}

func (s *slowStore) saved() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.memories)
}

func (s *slowStore) SaveAlarms(ctx context.Context, memory []byte, events []keep.AlarmEvent) error {
	s.mu.Lock()
	first := s.meanwhile
	s.meanwhile = nil
	s.mu.Unlock()
	if first != nil {
		first(s.saved)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memories = append(s.memories, string(memory))
	return s.Store.SaveAlarms(ctx, memory, events)
}

// TestMemoryInOrder: where somebody acknowledges while the clock is saving, the older
// memory does not come after the newer one.
func TestMemoryInOrder(t *testing.T) {
	t.Parallel()
	records, err := keep.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = records.Close() })
	s := &slowStore{Store: records}
	w := newWorld(t, func(c *Config) { c.Alarms = s })
	raise := func(site string) {
		w.room.watch.step(w.clock(), alarm.Raised{Condition: alarm.Condition{Point: alarm.Point{Code: "stopped", Site: site}}})
	}
	var beside sync.WaitGroup
	s.mu.Lock()
	s.meanwhile = func(saved func() int) {
		raise("houston")
		beside.Go(func() { w.room.keepAlarms(w.Context(), w.clock()) })
		for n, before := 0, saved(); n < 500_000 && saved() == before; n++ {
			runtime.Gosched() // the other may pass, if it can
		}
	}
	s.mu.Unlock()
	raise("oslo")
	w.room.keepAlarms(w.Context(), w.clock())
	beside.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.memories[len(s.memories)-1]; len(s.memories) < 2 || !strings.Contains(last, "houston") {
		t.Errorf("%d memories were saved, the last: %s", len(s.memories), last)
	}
}

// TestAlarms goes through the life of an alarm, and over a restart.
func TestAlarms(t *testing.T) {
	t.Parallel()
	records, err := keep.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = records.Close() })
	w := newWorld(t, func(c *Config) { c.Alarms = records })
	p := newPlant(noon)
	w.must(w.room.Attach("houston", p))
	p.change(func(p *plant) { p.status.Stopped = true })
	w.hear()
	w.watched()
	shift, elsewhere := w.as(people.Operator, "houston"), w.as(people.Operator, "oslo")
	var all Alarms
	shift.do(http.MethodGet, "/v1/alarms", nil).read(t, &all)
	if len(all.Alarms) != 1 || all.Alarms[0].Code != "stopped" || all.Alarms[0].Texts.Action.English == "" || all.Board.Waiting[all.Alarms[0].Priority] != 1 {
		t.Fatalf("%+v", all)
	}
	path := fmt.Sprintf("/v1/alarms/%d/", all.Alarms[0].Number)
	var theirs Alarms
	elsewhere.do(http.MethodGet, "/v1/alarms", nil).read(t, &theirs)
	if len(theirs.Alarms) != 0 || len(theirs.Board.Waiting) != 0 {
		t.Errorf("who works elsewhere sees %+v", theirs)
	}
	for sentence, c := range map[string]struct {
		who  *guest
		deed string
		body any
		code int
	}{
		"somebody elsewhere":         {elsewhere, "acknowledge", map[string]string{"reason": "x"}, http.StatusNotFound},
		"without a reason":           {shift, "acknowledge", map[string]string{}, http.StatusConflict},
		"a shelf without an end":     {shift, "shelve", map[string]string{"reason": "known"}, http.StatusUnprocessableEntity},
		"a deed that there is not":   {shift, "explode", map[string]string{}, http.StatusUnprocessableEntity},
		"an alarm that there is not": {shift, "../999/acknowledge", map[string]string{"reason": "x"}, http.StatusNotFound},
	} {
		at := strings.ReplaceAll(path+c.deed, fmt.Sprintf("%d/../", all.Alarms[0].Number), "")
		if a := c.who.do(http.MethodPost, at, c.body); a.status != c.code {
			t.Errorf("%s: %d %s, want %d", sentence, a.status, a.body, c.code)
		}
	}
	if a := shift.do(http.MethodPost, path+"acknowledge", map[string]string{"reason": "planned work"}); a.status != http.StatusOK || !strings.Contains(a.body, `"acknowledged"`) {
		t.Fatalf("acknowledged: %d %s", a.status, a.body)
	}
	again, err := newWatch(t.Context(), w.room.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if kept := again.kernel.Alarms(); len(kept) != 1 || kept[0].State() != alarm.Acknowledged || kept[0].Seen.By == "" {
		t.Errorf("after a restart: %+v", kept)
	}
	p.change(func(p *plant) { p.status.Stopped = false })
	w.later(time.Minute)
	w.hear()
	w.watched()
	var past AlarmHistory
	shift.do(http.MethodGet, "/v1/alarms/history?site=houston", nil).read(t, &past)
	what := map[string]bool{}
	for _, e := range past.Events {
		what[e.What] = true
	}
	if !what["raised"] || !what["acknowledged"] || !what["returned"] {
		t.Errorf("the history: %+v", past.Events)
	}
}

// TestNoticesOnce takes each notice of a site once.
func TestNoticesOnce(t *testing.T) {
	t.Parallel()
	w, _ := heard(t)
	all := []live.Notice{{At: noon, Code: "telemetry", Text: "the disk is slow"}, {At: noon.Add(time.Second), Code: "stopped", Text: "by ann"}}
	for range 3 {
		w.room.noticed("houston", all)
	}
	if n := len(w.room.watch.kernel.History()); n > 4 {
		t.Errorf("two notices, told three times, made %d lines", n)
	}
}
