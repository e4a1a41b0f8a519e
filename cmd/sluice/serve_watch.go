package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"sluice/live"
)

// stallMost is how long the site may live through no second. Three ticks of the
// kernel are fifteen.
const stallMost = 15 * time.Second

// watch ends the program when the site no longer lives through its seconds: a
// loop that hangs holds nothing. It comes up again and takes up from what it kept.
// A supervisor that asks for it (systemd's WatchdogSec) hears of every second that
// was lived through, and of none that was not.
func (b *builder) watch(ctx context.Context, site *live.Site) error {
	notify("READY=1")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, since := site.Beats(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case now := <-tick.C:
			n := site.Beats()
			if n != last {
				last, since = n, now
				notify("WATCHDOG=1")
			}
			if now.Sub(since) > stallMost {
				fmt.Fprintf(b.out, "the site has lived through no second for %v: the program ends, start it again\n", stallMost)
				os.Exit(exitFailed)
			}
		}
	}
}

// notify tells the supervisor that started the program, if one wants to hear it.
func notify(state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return // nobody listens any more
	}
	defer c.Close() //nolint:errcheck // a datagram has no end
	_, _ = c.Write([]byte(state))
}
