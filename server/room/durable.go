package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	keep "sluice/store/room"
)

// AnswerStore keeps what was answered to requests with a key, across restarts.
type AnswerStore interface {
	Answered(ctx context.Context, person, key string) (keep.Answer, bool, error)
	Begin(ctx context.Context, person, key string, hash []byte, now time.Time) error
	Finish(ctx context.Context, person, key string, a keep.Answer) error
}

// forgetter forgets requests of an AnswerStore: one of which nothing was done, and those
// that are too old.
type forgetter interface {
	Withdraw(ctx context.Context, person, key string) error
	Forget(ctx context.Context, before time.Time) error
}

// shownHeader marks an answer of which nothing is kept but that it was given.
const shownHeader = "shown-once"

// durable is a keeper on disk: a key holds across restarts. What a program began that
// ended before it was done is never done again: a person has to look.
type durable struct {
	store  AnswerStore
	mu     sync.Mutex        // guards what follows
	busy   map[string][]byte // marks of what this program is doing, by key
	tidied time.Time
}

func newDurable(s AnswerStore) *durable { return &durable{store: s, busy: map[string][]byte{}} }

// chosenBy takes a key apart into who and what they chose; a name has no space.
func chosenBy(key string) (person, chosen string) {
	person, chosen, _ = strings.Cut(key, " ")
	return person, chosen
}

// Claim implements keeper.
func (d *durable) Claim(ctx context.Context, key string, mark []byte, now time.Time) (held, answer []byte, err error) {
	ctx = context.WithoutCancel(ctx) // a claim is made or not, also when the visitor goes
	if held := d.take(key, mark); held != nil {
		return held, nil, nil
	}
	d.tidy(ctx, now)
	person, chosen := chosenBy(key)
	err = d.store.Begin(ctx, person, chosen, mark, now)
	if err == nil {
		return nil, nil, nil
	}
	d.leave(key)
	if errors.Is(err, keep.ErrFull) {
		return nil, nil, problem(http.StatusConflict, "full", err.Error(), "find out how those ended; a day later they are forgotten")
	}
	if !errors.Is(err, keep.ErrConflict) {
		return nil, nil, err
	}
	a, there, err := d.store.Answered(ctx, person, chosen)
	switch {
	case err != nil:
		return nil, nil, err
	case !there: // it was withdrawn in between
		return nil, nil, problem(http.StatusConflict, "in_progress", "the first request with this key has just ended", "repeat it")
	case a.Open && string(a.Hash) == string(mark):
		return nil, nil, interrupted()
	case a.Open:
		return a.Hash, nil, nil
	}
	k := kept{Status: a.Status, Header: a.Header, Body: a.Body}
	if a.Header[shownHeader] != "" {
		k = kept{}
	}
	answer, err = json.Marshal(k)
	return a.Hash, answer, err
}

// interrupted is what became of a request over which the program ended.
func interrupted() *Problem {
	return problem(http.StatusConflict, "interrupted", "the program ended while this was carried out, and nobody knows how far it came; it is not done a second time",
		"look at what it was about, and into the audit log; where it was not done, do it anew with another key")
}

// take makes a key busy; else it is the mark of what is being done with it.
func (d *durable) take(key string, mark []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if held := d.busy[key]; held != nil {
		return held
	}
	d.busy[key] = mark
	return nil
}

func (d *durable) leave(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, key)
}

// tidy forgets now and then what nobody repeats so late.
func (d *durable) tidy(ctx context.Context, now time.Time) {
	f, can := d.store.(forgetter)
	d.mu.Lock()
	due := can && now.Sub(d.tidied).Abs() >= time.Minute
	if due {
		d.tidied = now
	}
	d.mu.Unlock()
	if due {
		_ = f.Forget(ctx, now.Add(-keptFor+time.Microsecond)) // what is kept longer does no harm
	}
}

// Keep implements keeper.
func (d *durable) Keep(ctx context.Context, key string, answer []byte) error {
	defer d.leave(key)
	var k kept
	if err := json.Unmarshal(answer, &k); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	a := keep.Answer{Status: k.Status, Header: k.Header, Body: k.Body}
	if k.Status == 0 {
		a = keep.Answer{Status: http.StatusOK, Header: map[string]string{shownHeader: "yes"}}
	}
	person, chosen := chosenBy(key)
	return d.store.Finish(ctx, person, chosen, a)
}

// Release implements keeper.
func (d *durable) Release(ctx context.Context, key string) error {
	defer d.leave(key)
	person, chosen := chosenBy(key)
	if f, can := d.store.(forgetter); can {
		return f.Withdraw(ctx, person, chosen)
	}
	return nil
}
