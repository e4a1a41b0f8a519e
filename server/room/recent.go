package room

import (
	"context"
	"sync"
	"time"
)

// The bounds of what is remembered of deeds in memory.
const (
	mostDeeds     = 20_000
	mostDeedBytes = 64 << 20
)

// recent is a keeper in memory: a restart forgets. The oldest answers go first when there
// are too many.
type recent struct {
	mu     sync.Mutex // guards what follows
	all    map[string]*recentDeed
	order  []string // keys as they were claimed; some are gone
	bytes  int
	tidied time.Time
}

type recentDeed struct {
	mark, answer []byte
	at           time.Time
}

func newRecent() *recent { return &recent{all: map[string]*recentDeed{}} }

// Claim implements keeper.
func (k *recent) Claim(_ context.Context, key string, mark []byte, now time.Time) (held, answer []byte, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) >= mostDeeds || k.bytes >= mostDeedBytes || now.Sub(k.tidied).Abs() >= time.Minute {
		k.tidy(now)
	}
	if d := k.all[key]; d != nil && d.answer != nil && now.Sub(d.at) >= keptFor {
		k.drop(key)
	} else if d != nil {
		return d.mark, d.answer, nil
	}
	k.all[key] = &recentDeed{mark: mark, at: now}
	k.order = append(k.order, key)
	k.bytes += size(key, k.all[key])
	return nil, nil, nil
}

// Keep implements keeper.
func (k *recent) Keep(_ context.Context, key string, answer []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d := k.all[key]; d != nil {
		k.bytes += len(answer) - len(d.answer)
		d.answer = answer
	}
	return nil
}

// Release implements keeper.
func (k *recent) Release(_ context.Context, key string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop(key)
	return nil
}

func (k *recent) drop(key string) {
	if d := k.all[key]; d != nil {
		k.bytes -= size(key, d)
		delete(k.all, key)
	}
}

func size(key string, d *recentDeed) int { return len(key) + len(d.mark) + len(d.answer) }

// tidy drops what is too old. Where there is too much the oldest quarter goes, so that not
// every deed has to look for room. What is under way stays.
func (k *recent) tidy(now time.Time) {
	k.tidied = now
	much := len(k.all) >= mostDeeds || k.bytes >= mostDeedBytes
	room := func() bool { return !much || len(k.all) < mostDeeds/4*3 && k.bytes < mostDeedBytes/4*3 }
	stay := k.order[:0]
	for _, key := range k.order {
		d := k.all[key]
		switch {
		case d == nil:
		case d.answer == nil || now.Sub(d.at) < keptFor && room():
			stay = append(stay, key)
		default:
			k.drop(key)
		}
	}
	k.order = stay
}
