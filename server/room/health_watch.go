package room

import (
	"context"
	"time"

	"sluice/alarm"
	"sluice/live"
)

// How the computer is watched.
const (
	computerPace = time.Minute
	offsetMost   = 5 * time.Second // by which a site's clock may differ
)

// timed notes how long an answer took and how far the site's clock was from ours when it
// gave it, which is known to half of that time. The clock of a virtual site is its own.
func (m *mirror) timed(began, ended time.Time, s live.Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.took, m.offset = ended.Sub(began), nil
	if !s.Virtual {
		m.offset = new(s.At.Sub(began.Add(m.took / 2)))
	}
}

// timing is how long the last answer took and the offset of the site's clock, in
// milliseconds; nil: not known.
func (m *mirror) timing() (took, offset *int64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	took = new(m.took.Milliseconds())
	if m.offset != nil {
		offset = new(m.offset.Milliseconds())
	}
	return took, offset
}

// followComputer watches disks and clocks until ctx ends.
func (r *Room) followComputer(ctx context.Context) {
	tick := time.NewTicker(computerPace)
	defer tick.Stop()
	for {
		r.watchComputer(ctx, r.cfg.Clock())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// watchComputer raises what holds of the disks of the control room and of the clocks of
// sites. Of a site that does not answer what was known stands.
func (r *Room) watchComputer(ctx context.Context, now time.Time) {
	if r.cfg.Computer != nil {
		own := alarm.Holds{Source: "computer"}
		for _, d := range r.cfg.Computer(ctx).Disks {
			if d.low() {
				own.Conditions = append(own.Conditions, alarm.Condition{Point: alarm.Point{Code: "disk", Subject: d.Of}})
			}
		}
		r.watch.step(now, own)
	}
	for _, a := range r.all() {
		if a.mirror.now(now).Away {
			continue
		}
		x := alarm.Holds{Site: a.name, Source: "computer"}
		if _, offset := a.mirror.timing(); offset != nil && (time.Duration(*offset)*time.Millisecond).Abs() > offsetMost {
			x.Conditions = append(x.Conditions, alarm.Condition{Point: alarm.Point{Site: a.name, Code: "clock"}})
		}
		r.watch.step(now, x)
	}
}
