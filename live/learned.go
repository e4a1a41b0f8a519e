package live

import (
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// Learned is what commissioning taught of machines of one kind. What is zero was
// not learned, and the cautious assumption holds.
type Learned struct {
	Boot      unit.Power    // highest draw after a restart
	Overshoot unit.Power    // highest draw above the level on the way up
	Sleep     time.Duration // until the draw shows an order to sleep
	Dark      time.Duration // interface gone after a wake
}

// sure is what is added to a learned draw, because few machines were tried.
const sure = unit.One / 50

// teach puts what was learned of a machine in the place of assumptions. A boot
// draw is never below what the machine may be set to and keep.
func (l Learned) teach(u *actuate.Unit) {
	if l.Boot > 0 {
		u.Boot = max(l.Boot+l.Boot.Scale(sure), u.Least)
	}
	if l.Overshoot > 0 {
		u.Waking = max(u.Waking, u.Most+l.Overshoot)
	}
	if l.Sleep > 0 || l.Dark > 0 {
		u.Follow = max(20*time.Second, l.Sleep+l.Sleep/2, l.Dark+l.Dark/2)
	}
}
