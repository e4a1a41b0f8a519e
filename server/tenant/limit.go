package tenant

import (
	"sync"
	"time"
)

// mostKeys is how many keys a limit tells apart; all further ones share one.
const mostKeys = 10_000

// limit lets things happen at a rate, each key by itself.
type limit struct {
	rate Rate
	mu   sync.Mutex           // guards next
	next map[string]time.Time // when the key would be without debt
}

func newLimit(r Rate) *limit { return &limit{rate: r, next: map[string]time.Time{}} }

// take counts one more, or says how long to wait until the next may be.
func (l *limit) take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.next[key]; !known && len(l.next) >= mostKeys {
		l.forget(now)
		if len(l.next) >= mostKeys {
			key = ""
		}
	}
	at := l.next[key]
	if at.Before(now) {
		at = now
	}
	if wait := at.Sub(now) - l.rate.Every*time.Duration(l.rate.Burst-1); wait > 0 {
		return wait
	}
	l.next[key] = at.Add(l.rate.Every)
	return 0
}

// forget drops keys that owe nothing.
func (l *limit) forget(now time.Time) {
	for k, at := range l.next {
		if !at.After(now) {
			delete(l.next, k)
		}
	}
}
