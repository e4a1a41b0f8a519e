package fleet

import (
	"sync"
	"time"

	"sluice/unit"
)

// Guest is what draws behind the last feeder and is no machine of the fleet, such as
// a hall of GPUs that runs by itself. Whoever knows what it draws tells it.
type Guest struct {
	mu   sync.Mutex // guards what is below
	at   time.Time
	load Load
}

// Draws says what the guest draws from now on.
func (g *Guest) Draws(now time.Time, p unit.Power) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pass(now)
	g.load.Power = p
}

// until is what the guest has drawn until now.
func (g *Guest) until(now time.Time) Load {
	if g == nil {
		return Load{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pass(now)
	return g.load
}

func (g *Guest) pass(now time.Time) {
	if !g.at.IsZero() && now.After(g.at) {
		g.load.Energy += g.load.Power.Over(now.Sub(g.at))
	}
	if now.After(g.at) {
		g.at = now
	}
}
