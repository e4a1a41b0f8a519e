package tenant

import (
	"context"
	"sync"
	"time"

	"sluice/engine"
)

// fresh is how long a view is good enough for tenants: engines are asked no more often
// than this, however many tenants ask.
const fresh = 2 * time.Second

// mostView bounds the wait for an engine.
const mostView = 10 * time.Second

// views are engines as they were seen last.
type views struct {
	stations []Station
	seen     []sight
}

type sight struct {
	mu   sync.Mutex // one goroutine asks an engine at a time
	at   time.Time
	view engine.View
	err  error
}

func newViews(all []Station) *views { return &views{stations: all, seen: make([]sight, len(all))} }

// of is the view of a station. Who asks and goes away takes it from nobody else.
func (v *views) of(ctx context.Context, i int, now time.Time) (engine.View, error) {
	s := &v.seen[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.at); s.at.IsZero() || age < 0 || age >= fresh {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mostView)
		defer cancel()
		s.view, s.err = v.stations[i].Viewer.View(ctx)
		s.at = now
	}
	return s.view, s.err
}
