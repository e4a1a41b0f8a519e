package main

import (
	"context"
	"net/http"
	"time"

	gpuhall "sluice/live/hall"
)

// guestPace is how often a hall is asked what it draws.
const guestPace = 500 * time.Millisecond

// watchHall has the meters show what the hall of a data directory draws. A hall that
// does not answer draws what it drew: its servers do not end with its program.
func (g *gridFlags) watchHall(ctx context.Context) {
	if g.hall == "" {
		return
	}
	client, tick := gpuhall.NewClient(g.hall), time.NewTicker(guestPace)
	defer tick.Stop()
	for {
		var s gpuhall.Status
		asked, cancel := context.WithTimeout(ctx, 5*time.Second)
		if err := client.Ask(asked, http.MethodGet, "status", nil, &s); err == nil && s.Known {
			g.grid.Guest.Draws(time.Now(), s.Power)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
