package replay

import (
	"context"
	"fmt"
	"time"

	"sluice/loop"
	"sluice/loop/forecast"
	"sluice/loop/settle"
	"sluice/world"
)

// Tape is a recorded market as a site that runs sees it: interval by interval,
// and never before something was published. It may end before the site does; what
// lies beyond is not known then. One goroutine uses it at a time.
type Tape struct {
	m      *market
	feed   *feed
	around world.Conditions
}

// NewTape tells a desk the whole history before the setup's first instant. Unlike
// a replay it does not ask that the data reach over the whole period.
func NewTape(s *Setup) (*Tape, error) {
	if err := s.published(); err != nil {
		return nil, fmt.Errorf("market: %w", err)
	}
	m := newMarket(s)
	f, err := m.newFeed()
	if err != nil {
		return nil, err
	}
	return &Tape{m: m, feed: f, around: s.around()}, nil
}

// Facts is what is known at now, which lies in the setup's period. Uses are left
// to the caller.
func (t *Tape) Facts(_ context.Context, now time.Time) (loop.Facts, error) {
	i, inside := t.m.grid.Index(now)
	if !inside {
		return loop.Facts{}, fmt.Errorf("market of %s: %s lies outside the period from %s to %s: start again with later data",
			t.m.s.Site.Name, day(now), day(t.m.s.From), day(t.m.s.To))
	}
	if err := t.feed.upTo(i); err != nil {
		return loop.Facts{}, err
	}
	f := t.m.facts(i, nil)
	f.Load = t.m.dayLoads(now)
	return f, nil
}

// Prices is what was published about the interval that begins at start, and
// false while something of it is not.
func (t *Tape) Prices(start time.Time) (settle.Prices, bool) {
	i, inside := t.m.grid.Index(start)
	if !inside {
		return settle.Prices{}, false
	}
	l := line{m: t.m}
	p, err := l.prices(i)
	return p, err == nil
}

// Desk is the forecast desk that was told everything published.
func (t *Tape) Desk() *forecast.Desk { return t.feed.desk }

// Around is the weather and what plants behind the meter would give.
func (t *Tape) Around() world.Conditions { return t.around }
