package hall

import (
	"context"
	"time"
)

// lane is one thing that is asked one question at a time: an engine, an agent, a
// meter. Commands go before looks. It belongs to the goroutine that owns the hall.
type lane struct {
	h       *Hall
	urgent  []task
	looks   []task
	busy    bool
	looking bool      // a look waits or is under way
	began   time.Time // of the last look that ended
}

// task is one question. ask runs beside everything else and returns what the owner
// does about the answer.
type task struct {
	patience time.Duration
	ask      func(context.Context) func(context.Context)
	look     bool
	at       time.Time // when it was asked
}

// order asks before everything that only looks.
func (l *lane) order(t task) {
	l.urgent = append(l.urgent, t)
	l.next()
}

// look asks, unless a look waits already.
func (l *lane) look(t task) {
	if l.looking {
		return
	}
	l.looking, t.look = true, true
	l.looks = append(l.looks, t)
	l.next()
}

// next lets the next question out.
func (l *lane) next() {
	if l.busy || l.h.beside == nil {
		return
	}
	var t task
	switch {
	case len(l.urgent) > 0:
		t, l.urgent = l.urgent[0], l.urgent[1:]
	case len(l.looks) > 0:
		t, l.looks = l.looks[0], l.looks[1:]
	default:
		return
	}
	l.busy = true
	t.at = l.h.now()
	l.h.beside(func(ctx context.Context) func(context.Context) {
		ctx, cancel := context.WithTimeout(ctx, t.patience)
		defer cancel()
		then := t.ask(ctx)
		return func(ctx context.Context) { l.done(ctx, t, then) }
	})
}

// done takes an answer.
func (l *lane) done(ctx context.Context, t task, then func(context.Context)) {
	l.busy = false
	if t.look {
		l.looking, l.began = false, t.at
	}
	if then != nil {
		then(ctx)
	}
	l.next()
}
