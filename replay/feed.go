package replay

import (
	"time"

	"sluice/loop/forecast"
)

// warmUp is how much history a desk is fed before the period begins. What to
// expect after a spike is learned from spikes, and they are rare: years of them
// are worth the second that they cost.
const warmUp = 5 * 366 * 24 * time.Hour

// feed brings a forecast desk what was published, in the order in which it was.
type feed struct {
	m     *market
	desk  *forecast.Desk
	spot  int // next interval of the period whose price is to be told; negative before it
	ahead int // next interval of the day-ahead series to be told
}

// newFeed starts a desk with the history before the period.
func (m *market) newFeed() (*feed, error) {
	d, err := forecast.New(forecast.Config{Step: m.s.Step, Zone: m.s.Site.Zone})
	if err != nil {
		return nil, err
	}
	return &feed{m: m, desk: d, spot: max(-m.base, -int(warmUp/m.s.Step))}, nil
}

// clone is the same feed with a desk of its own.
func (f *feed) clone() *feed {
	c := *f
	c.desk = f.desk.Clone()
	return &c
}

// upTo tells the desk everything that is published when interval i begins.
func (f *feed) upTo(i int) error {
	for last := f.m.known(i); f.spot <= last; f.spot++ {
		if err := f.dayAhead(f.m.grid.Start(f.spot + max(1, f.m.s.Lag))); err != nil {
			return err
		}
		p, known := f.m.price(f.spot)
		if !known {
			continue
		}
		if err := f.desk.Publish(f.m.grid.Start(f.spot), p); err != nil {
			return err
		}
	}
	return f.dayAhead(f.m.grid.Start(i))
}

// dayAhead tells the desk the day-ahead prices that are out at now.
func (f *feed) dayAhead(now time.Time) error {
	s := f.m.s.DayAhead
	if s == nil {
		return nil
	}
	for ; f.ahead < s.Grid.Len(); f.ahead++ {
		at := s.Grid.Start(f.ahead)
		if f.m.s.AheadGate.At(at, s.Grid.Step(), f.m.s.Site.Zone).After(now) {
			return nil
		}
		if now.Sub(at) > 24*time.Hour {
			continue // long past when the desk begins
		}
		p, known := s.Value(f.ahead)
		if !known {
			continue
		}
		if err := f.desk.PublishDayAhead(at, s.Grid.Step(), p); err != nil {
			return err
		}
	}
	return nil
}
