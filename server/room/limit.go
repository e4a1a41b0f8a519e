package room

import (
	"errors"
	"sync"
	"time"
)

// Rate is how often something may happen: once in Every for long, Burst times at once.
type Rate struct {
	Every time.Duration
	Burst int
}

// Rates are how often may be asked. What is left open is as usual.
type Rates struct {
	Address Rate // by one address; of IPv6 by its first 64 bits
	Visitor Rate // by one session or token
	Events  Rate // by one address: streams that are opened
	Files   Rate // by one address: the files of the pages
}

// usual fills in what was left open.
func (r Rates) usual() Rates {
	for _, x := range []struct {
		is    *Rate
		usual Rate
	}{
		{&r.Address, Rate{Every: 10 * time.Millisecond, Burst: 500}},
		{&r.Visitor, Rate{Every: 20 * time.Millisecond, Burst: 250}},
		{&r.Events, Rate{Every: 100 * time.Millisecond, Burst: 300}},
		{&r.Files, Rate{Every: 5 * time.Millisecond, Burst: 1000}},
	} {
		if *x.is == (Rate{}) {
			*x.is = x.usual
		}
	}
	return r
}

func (r Rates) validate() error {
	for _, x := range []Rate{r.Address, r.Visitor, r.Events, r.Files} {
		if x != (Rate{}) && (x.Every <= 0 || x.Burst < 1) {
			return errors.New("a rate needs a time above zero and a burst of at least one")
		}
	}
	return nil
}

// mostKeys is how many keys a limit tells apart; all further ones share one.
const mostKeys = 20_000

// limit is a bucket of tokens for each key.
type limit struct {
	rate  Rate
	mu    sync.Mutex           // guards what follows
	next  map[string]time.Time // when the bucket of a key is full again
	swept time.Time
}

func newLimit(r Rate) *limit { return &limit{rate: r, next: map[string]time.Time{}} }

// take takes one token, or says how long to wait for the next.
func (l *limit) take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.next[key]; !known && len(l.next) >= mostKeys {
		if now.Sub(l.swept).Abs() >= time.Second { // not each time: who fills the table would keep all waiting
			l.forget(now)
		}
		if len(l.next) >= mostKeys {
			key = ""
		}
	}
	full := l.next[key]
	if full.Before(now) || full.Sub(now) > l.rate.Every*time.Duration(l.rate.Burst) { // beyond: the clock was set back
		full = now
	}
	if wait := full.Sub(now) - l.rate.Every*time.Duration(l.rate.Burst-1); wait > 0 {
		return wait
	}
	l.next[key] = full.Add(l.rate.Every)
	return 0
}

// forget drops the keys whose buckets are full.
func (l *limit) forget(now time.Time) {
	l.swept = now
	for k, full := range l.next {
		if !full.After(now) {
			delete(l.next, k)
		}
	}
}
