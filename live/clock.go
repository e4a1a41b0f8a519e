package live

import "time"

// Clock is the site's clock. A real site keeps the computer's time; a virtual one
// may begin at another instant and run faster.
type Clock struct {
	wall  time.Time // when it was started, monotonic
	begin time.Time
	speed int

	virtual bool // it is not the computer's time
}

// RealTime is the computer's own clock.
func RealTime() Clock {
	now := time.Now()
	return Clock{wall: now, begin: now, speed: 1}
}

// Virtual is a clock that begins at an instant and runs speed times as fast as
// the computer's.
func Virtual(begin time.Time, speed int) Clock {
	return Clock{wall: time.Now(), begin: begin, speed: max(1, speed), virtual: true}
}

// Now is the site's time. It runs with the monotonic clock, so a step of the wall
// clock moves nothing.
func (c Clock) Now() time.Time { return c.At(time.Now()) }

// At is the site's time at an instant of the computer.
func (c Clock) At(wall time.Time) time.Time {
	return c.begin.Add(wall.Sub(c.wall) * time.Duration(c.speed)).Round(0)
}

// Wall is how long a stretch of the site's time takes.
func (c Clock) Wall(d time.Duration) time.Duration { return d / time.Duration(c.speed) }

// Fast reports whether the site's time runs faster than the machines' own.
func (c Clock) Fast() bool { return c.speed > 1 }
