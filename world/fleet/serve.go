package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"sluice/device"
	"sluice/world/antminer"
	"sluice/world/avalon"
	"sluice/world/braiins"
	"sluice/world/epic"
	"sluice/world/luxos"
	"sluice/world/vnish"
	"sluice/world/whatsminer"
)

// The ports that real machines use.
const (
	web   = 80
	miner = 4028
	sign  = 4433  // WhatsMiner v3
	watts = 6060  // Antminer's power page
	far   = 50051 // Braiins' gRPC
)

// ports lists those that a large fleet opens. gRPC is not among them: its port
// lies where the system takes ports for connections that go out.
func ports() []int { return []int{web, miner, sign, watts} }

// kind tells apart those who speak differently: a family, its API, its model and
// what binds it.
type kind struct {
	family device.Family
	api    int
	model  string
	ties   Ties
}

func kindOf(u *Unit) kind { return kind{u.Family, u.API, u.Machine.Spec.Model, u.Ties} }

// room is one dialect with its doors.
type room struct {
	doors map[int]*door
	serve func(context.Context, func(int) net.Listener) error
}

// Socket is an open port, of one machine or of all of them.
type Socket struct {
	net.Listener
	port int // as real machines have it
}

// sharing is from how many machines on all of them share a listener a port.
const sharing = 500

// Listen opens the ports, so that an error comes before anything is served. A
// port below 1024 needs a privilege that most users do not have: give an Offset.
func (f *Fleet) Listen(ctx context.Context) ([]Socket, error) {
	var out []Socket
	var faults []error
	open := func(host string, port int) {
		lc := net.ListenConfig{KeepAlive: -1} // no connection lives long enough for a probe
		l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort(host, strconv.Itoa(port+f.config.Offset)))
		if err != nil {
			faults = append(faults, fmt.Errorf("port %d: %w: give another --port-offset", port+f.config.Offset, err))
			return
		}
		out = append(out, Socket{l, port})
	}
	if f.shares() {
		for _, p := range ports() {
			open("0.0.0.0", p)
		}
	} else {
		for _, u := range f.units {
			need, _ := f.dialect(kindOf(&u))
			for _, p := range need {
				open(u.Address.String(), p)
			}
		}
	}
	if len(faults) > 0 {
		for _, l := range out {
			_ = l.Close()
		}
		return nil, errors.Join(faults[:min(4, len(faults))]...)
	}
	return out, nil
}

// Serve answers at what Listen opened until ctx is over, and closes it. Only
// connections to addresses of machines are served: others, such as those from
// outside this computer, are hung up on.
func (f *Fleet) Serve(ctx context.Context, open []Socket) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rooms := f.rooms(open)
	var running sync.WaitGroup
	errs := make(chan error, len(rooms)+len(open))
	begin := func(serve func() error) {
		running.Go(func() {
			if err := serve(); err != nil && ctx.Err() == nil {
				errs <- err
				cancel()
			}
		})
	}
	for k, r := range rooms {
		begin(func() error {
			if err := r.serve(ctx, func(p int) net.Listener { return r.doors[p] }); err != nil {
				return fmt.Errorf("serve %s: %w", k.family, err)
			}
			return nil
		})
	}
	for _, l := range open {
		begin(func() error { return f.usher(ctx, l, rooms) })
	}
	running.Wait()
	close(errs)
	return <-errs
}

// usher accepts the connections of one port and hands each to its dialect.
func (f *Fleet) usher(ctx context.Context, l Socket, rooms map[kind]*room) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var bad sync.WaitGroup
	defer bad.Wait()
	for {
		c, err := l.Accept()
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("port %d: %w", l.port+f.config.Offset, err)
		}
		u := f.find(c.LocalAddr())
		if u == nil {
			refuse(c)
			continue
		}
		d := rooms[kindOf(u)].doors[l.port]
		switch {
		case d == nil:
			refuse(c)
		case u.Bad != Sound:
			bad.Go(func() { u.Bad.answer(ctx, c, l.port, f.config.Latency) })
		default:
			d.hand(c)
		}
	}
}

// rooms prepares the dialects that the fleet needs.
func (f *Fleet) rooms(open []Socket) map[kind]*room {
	addr := map[int]net.Addr{}
	for _, l := range open {
		addr[l.port] = l.Addr()
	}
	out := map[kind]*room{}
	for _, u := range f.units {
		k := kindOf(&u)
		if out[k] != nil {
			continue
		}
		need, serve := f.dialect(k)
		out[k] = &room{doors: map[int]*door{}, serve: serve}
		for _, p := range need {
			out[k].doors[p] = newDoor(addr[p])
		}
	}
	return out
}

// dialect says on which ports a kind is spoken, and by whom.
func (f *Fleet) dialect(k kind) ([]int, func(context.Context, func(int) net.Listener) error) {
	secret, now, at := f.config.Password, time.Now, f.machine
	switch k.family {
	case device.WhatsMiner:
		rules := whatsminer.Rules{Firmware: "20230803.11.REL", API: "2.0.5", Password: secret, Locked: k.ties.Locked, Occupied: k.ties.Occupied}
		if k.api == 2 {
			return []int{miner}, func(ctx context.Context, on func(int) net.Listener) error {
				return whatsminer.Serve(ctx, whatsminer.Doors{V2: on(miner)}, at, now, rules)
			}
		}
		rules.Firmware, rules.API = "20250214.16.REL", "3.0.1"
		return []int{miner, sign}, func(ctx context.Context, on func(int) net.Listener) error {
			return whatsminer.Serve(ctx, whatsminer.Doors{V2: on(miner), V3: on(sign)}, at, now, rules)
		}
	case device.LuxOS:
		return []int{miner}, func(ctx context.Context, on func(int) net.Listener) error {
			return luxos.Serve(ctx, on(miner), at, now, luxos.Options{Occupied: k.ties.Occupied})
		}
	case device.Braiins:
		return f.braiins()
	case device.VNish:
		return []int{web, miner}, func(ctx context.Context, on func(int) net.Listener) error {
			return vnish.Serve(ctx, vnish.Ports{Web: on(web), RPC: on(miner)}, at, now, vnish.Options{Password: secret, Stays: k.ties.Persists})
		}
	case device.Avalon:
		return []int{miner}, func(ctx context.Context, on func(int) net.Listener) error {
			return avalon.Serve(ctx, on(miner), at, now, avalon.Options{Plain: k.model != quiet})
		}
	case device.EPIC:
		return []int{miner, web}, func(ctx context.Context, on func(int) net.Listener) error {
			return epic.Serve(ctx, epic.Ports{API: on(miner), Web: on(web)}, at, now, epic.Rules{Password: secret})
		}
	case device.Antminer:
	}
	return []int{web, miner, watts}, func(ctx context.Context, on func(int) net.Listener) error {
		return antminer.Serve(ctx, antminer.Listeners{Web: on(web), Miner: on(miner), Power: on(watts)}, at, now, antminer.Options{Secret: secret})
	}
}

// braiins has gRPC where every machine has its own ports and the number of the
// port is not too high.
func (f *Fleet) braiins() ([]int, func(context.Context, func(int) net.Listener) error) {
	need := []int{web, miner}
	if !f.shares() && far+f.config.Offset <= 65535 {
		need = append(need, far)
	}
	return need, func(ctx context.Context, on func(int) net.Listener) error {
		p := braiins.Ports{Web: on(web), RPC: on(miner)}
		if len(need) > 2 {
			p.Far = on(far)
		}
		return braiins.Serve(ctx, p, f.machine, time.Now, braiins.Options{Password: f.config.Password})
	}
}

// shares reports whether all machines share a listener a port.
func (f *Fleet) shares() bool { return f.config.Shared || len(f.units) > sharing }
