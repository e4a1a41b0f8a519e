package kueue

import (
	"cmp"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Setting is what a virtual cluster is like.
type Setting struct {
	Now       func() time.Time
	Token     string        // of the administrator
	Resource  string        // by which watts are counted
	Watts     int64         // that every GPU asks for beside itself
	PodsReady time.Duration // after which a Workload without ready pods is evicted; 0: 30 minutes, as in Kueue 0.19
	Backoff   time.Duration // after which it may come again; 0: a minute
	Evicting  time.Duration // from a cause to an eviction; 0: 140 ms, as measured
	Admitting time.Duration // from a cause to an admission; 0: 1.2 s, as measured
	Versions  []string      // of Kueue's objects that are served; nil: v1beta2
	Page      int           // most objects of one answer; 0: no bound
	Places    bool          // the places of waiting Workloads are served, as by Kueue's visibility API
	Boosts    bool          // the gate PriorityBoost is on
}

// World is a virtual cluster. It is safe for several requests at once.
type World struct {
	s Setting

	mu      sync.Mutex // guards what follows
	kinds   map[string]map[string]object
	version int64
	oldest  int64 // changes before it are forgotten
	log     []event
	turned  *sync.Cond // on mu: something happened
	evict   time.Time  // when the next eviction pass is due; zero: none
	admit   time.Time
	silent  bool
	busy    int             // requests still to be answered with 429
	denied  map[string]bool // "patch workloads"
	serial  int
}

// event is one change, for watches.
type event struct {
	kind, what string
	version    int64
	object     object
}

// New is an empty cluster.
func New(s Setting) *World {
	s.PodsReady = cmp.Or(s.PodsReady, 30*time.Minute)
	s.Backoff = cmp.Or(s.Backoff, time.Minute)
	s.Evicting = cmp.Or(s.Evicting, 140*time.Millisecond)
	s.Admitting = cmp.Or(s.Admitting, 1200*time.Millisecond)
	if s.Versions == nil {
		s.Versions = []string{"v1beta2"}
	}
	w := &World{s: s, kinds: map[string]map[string]object{}, version: 1, denied: map[string]bool{}}
	w.turned = sync.NewCond(&w.mu)
	return w
}

// Silence lets the cluster answer nothing (true) until false.
func (w *World) Silence(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent = yes
	w.turned.Broadcast()
}

// Throttle answers the next n requests with 429 and Retry-After.
func (w *World) Throttle(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = n
}

// Deny refuses a verb on a resource from now on, such as "patch workloads".
func (w *World) Deny(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denied[what] = true
}

// Forget drops the history of changes, so that watches from older versions end
// with 410.
func (w *World) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	w.oldest, w.log = w.version, nil
	w.turned.Broadcast()
}

// of is all objects of a kind, such as "workloads".
func (w *World) of(kind string) map[string]object {
	if w.kinds[kind] == nil {
		w.kinds[kind] = map[string]object{}
	}
	return w.kinds[kind]
}

// store keeps a new or changed object under a new version.
func (w *World) store(kind string, o object) {
	was := w.of(kind)[id(o)]
	w.version++
	put(o, strconv.FormatInt(w.version, 10), "metadata", "resourceVersion")
	what := "MODIFIED"
	if was == nil {
		what = "ADDED"
		w.serial++
		put(o, fmt.Sprintf("00000000-0000-0000-0000-%012d", w.serial), "metadata", "uid")
		put(o, stamp(w.s.Now()), "metadata", "creationTimestamp")
		put(o, int64(w.serial), "serial") // finer than a second, for what came first
	}
	w.of(kind)[id(o)] = o
	w.note(event{kind, what, w.version, clone(o)})
}

// remove takes an object away.
func (w *World) remove(kind string, o object) {
	delete(w.of(kind), id(o))
	w.version++
	gone := clone(o)
	put(gone, strconv.FormatInt(w.version, 10), "metadata", "resourceVersion")
	w.note(event{kind, "DELETED", w.version, gone})
}

// logMost is how many changes are remembered.
const logMost = 10_000

func (w *World) note(e event) {
	w.log = append(w.log, e)
	if over := len(w.log) - logMost; over > 0 {
		w.oldest = w.log[over].version
		w.log = append([]event(nil), w.log[over:]...)
	}
	w.turned.Broadcast()
}

// stir makes the next passes due.
func (w *World) stir(now time.Time) {
	if w.evict.IsZero() {
		w.evict = now.Add(w.s.Evicting)
	}
	if w.admit.IsZero() {
		w.admit = now.Add(w.s.Admitting)
	}
}

// settle lets happen what is due by now, each thing at its own time.
func (w *World) settle(now time.Time) {
	for range 100_000 {
		at := w.next()
		if at.IsZero() || at.After(now) {
			return
		}
		if !w.evict.IsZero() && !w.evict.After(at) {
			w.evict = time.Time{}
			w.evictAll(at)
		}
		if !w.admit.IsZero() && !w.admit.After(at) {
			w.admit = time.Time{}
			w.admitAll(at)
		}
		if w.expire(at) {
			w.stir(at)
		}
	}
}

// next is when the next thing happens by itself; zero: never.
func (w *World) next() time.Time {
	var first time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	sooner(w.evict)
	sooner(w.admit)
	for _, wl := range w.of("workloads") {
		t, _, _ := w.ends(wl)
		sooner(t)
		sooner(returns(wl))
	}
	return first
}
