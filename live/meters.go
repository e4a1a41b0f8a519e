package live

import (
	"context"
	"sync"
	"time"

	"sluice/driver/modbus"
)

// meterPace is how often a meter is read at most.
const meterPace = 5 * time.Second

// pollMeters reads every meter of the site in its own goroutine until ctx ends.
func (s *Site) pollMeters(ctx context.Context) error {
	var all sync.WaitGroup
	for i := range s.plant.Meters {
		all.Go(func() { s.pollMeter(ctx, i) })
	}
	all.Wait()
	<-ctx.Done()
	return context.Cause(ctx)
}

func (s *Site) pollMeter(ctx context.Context, i int) {
	pace := s.plant.Clock.Wall(min(meterPace, s.core.cfg.Poll))
	ticker := time.NewTicker(max(50*time.Millisecond, pace))
	defer ticker.Stop()
	for {
		s.readMeter(ctx, i)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// readMeter reads one meter. What is not known is not posted: it only grows older.
func (s *Site) readMeter(ctx context.Context, i int) {
	ctx, cancel := context.WithTimeout(ctx, s.plant.Timeout)
	defer cancel()
	r, err := s.plant.Meters[i].Read(ctx)
	if err != nil {
		return
	}
	s.post(Metered{Meter: i, Asked: s.plant.Clock.At(asked(r)), Power: r.Power})
}

func asked(r modbus.Reading) time.Time {
	if r.Asked.IsZero() {
		return time.Now()
	}
	return r.Asked
}
