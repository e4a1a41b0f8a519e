package braiins_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/braiins"
	"sluice/driver/drivertest"
	"sluice/driver/luxos"
	"sluice/driver/vnish"
	"sluice/world/machine"

	braiinsworld "sluice/world/braiins"
	luxosworld "sluice/world/luxos"
	vnishworld "sluice/world/vnish"
)

// ports is where the machines of a street answer.
type ports struct{ lux, web, rpc, bos int }

// street starts a machine of each dialect and returns their ports. The end of
// the test ends them.
func street(t *testing.T) ports {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	m := machine.New(spec(), now())
	unit := func(net.Addr) *machine.Machine { return m }
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var l [4]net.Listener
	var at [4]int
	for i := range l {
		var lc net.ListenConfig
		var err error
		if l[i], err = lc.Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		at[i] = l[i].Addr().(*net.TCPAddr).Port
	}
	ends := make(chan error, 3)
	go func() { ends <- luxosworld.Serve(ctx, l[0], unit, now, luxosworld.Options{}) }()
	go func() {
		ends <- vnishworld.Serve(ctx, vnishworld.Ports{Web: l[1], RPC: l[2]}, unit, now, vnishworld.Options{})
	}()
	go func() {
		ends <- braiinsworld.Serve(ctx, braiinsworld.Ports{Web: l[3]}, unit, now, braiinsworld.Options{})
	}()
	t.Cleanup(func() {
		cancel()
		for range 3 {
			if err := <-ends; err != nil {
				t.Errorf("serve: %v", err)
			}
		}
	})
	return ports{at[0], at[1], at[2], at[3]}
}

// TestNeighbours: each driver finds its own machine and takes no other for it,
// although all of them show the maker's model.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	p := street(t)
	n := drivertest.Network(t)
	for _, c := range []struct {
		who    string
		driver device.Driver
		port   int
		want   device.Family // empty: not mine
	}{
		{"luxos at its own", luxos.New(n, luxos.Options{}), p.lux, device.LuxOS},
		{"luxos at vnish's reports", luxos.New(n, luxos.Options{}), p.rpc, ""},
		{"vnish at its own", vnish.New(n, vnish.Options{RPCPort: p.rpc}), p.web, device.VNish},
		{"vnish at braiins", vnish.New(n, vnish.Options{RPCPort: p.bos}), p.bos, ""},
		{"vnish at luxos, which has no web page", vnish.New(n, vnish.Options{RPCPort: p.lux}), 1, ""},
		{"braiins at its own", braiins.New(n, braiins.Options{}), p.bos, device.Braiins},
		{"braiins at vnish", braiins.New(n, braiins.Options{}), p.web, ""},
		{"braiins at luxos", braiins.New(n, braiins.Options{}), p.lux, ""},
	} {
		id, err := c.driver.Probe(t.Context(), device.Address{Host: "127.0.0.1", Port: c.port})
		if c.want == "" && !errors.Is(err, device.ErrNotMine) || c.want != "" && (err != nil || id.Family != c.want) {
			t.Errorf("%s: %+v, %v", c.who, id, err)
		}
	}
}
