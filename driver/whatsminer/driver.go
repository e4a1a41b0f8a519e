package whatsminer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Options is how machines of this family are asked. The zero value is usable.
type Options struct {
	PortV2 int           // 4028 when zero
	PortV3 int           // 4433 when zero
	Read   time.Duration // bound of one request that changes nothing; five seconds when zero
	Write  time.Duration // bound of one order; ten seconds when zero

	// Restarting holds a machine by its limit in watts, at the cost of a restart,
	// instead of hot by a percentage of that limit.
	Restarting bool

	// Clock is the time that machines are told and by which tokens age;
	// time.Now when nil. Readings and acks always carry the computer's own time.
	Clock func() time.Time
}

// withDefaults fills in what was left zero.
func (o Options) withDefaults() Options {
	set := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	set(&o.PortV2, 4028)
	set(&o.PortV3, 4433)
	if o.Read <= 0 {
		o.Read = 5 * time.Second
	}
	if o.Write <= 0 {
		o.Write = 10 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Driver speaks to WhatsMiners of a network.
type Driver struct {
	network *wire.Network
	options Options
}

// New returns a driver that reaches machines through n only.
func New(n *wire.Network, o Options) *Driver {
	return &Driver{network: n, options: o.withDefaults()}
}

// errHalf says that a machine speaks the dialect and did not say who it is.
var errHalf = errors.New("it speaks this dialect but does not say who it is")

// hopeless are the errors for which no other dialect need be tried.
func hopeless(ctx context.Context, err error) bool {
	return errors.Is(err, wire.ErrOutside) || ctx.Err() != nil
}

// unsure are the errors that do not tell which dialect is spoken.
func unsure(ctx context.Context, err error) bool {
	return hopeless(ctx, err) || errors.Is(err, errHalf) || errors.Is(err, context.DeadlineExceeded)
}

// Probe says which machine answers at a: first in v3, then in v2. A machine that
// does not state its MAC and serial is Weak.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	id, _, err := d.identify(ctx, a)
	return id, err
}

// Open finds out again which machine answers, since machines swap addresses,
// and refuses when it is another one than id. It asks for no credential.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Device, error) {
	now, api, err := d.identify(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if id.MAC != "" && now.MAC != "" && id.MAC != now.MAC || id.Serial != "" && now.Serial != "" && id.Serial != now.Serial {
		return nil, fmt.Errorf("open whatsminer at %s: %w: expected %s %s, found %s %s: scan the network again",
			a.Host, errSwapped, id.MAC, id.Serial, now.MAC, now.Serial)
	}
	l := line{network: d.network, host: a.Host, port: d.port(a, api), options: d.options}
	if api >= 3 {
		return openV3(ctx, l, c), nil
	}
	return openV2(ctx, l, c, api, now), nil
}

// errSwapped says that another machine of the family has taken an address.
var errSwapped = errors.New("another machine answers")

// port is where the dialect is spoken: a port of the address holds for both.
func (d *Driver) port(a device.Address, api int) int {
	switch {
	case a.Port != 0:
		return a.Port
	case api >= 3:
		return d.options.PortV3
	}
	return d.options.PortV2
}

// identify finds the machine at an address and the version of its API.
func (d *Driver) identify(ctx context.Context, a device.Address) (device.Identity, int, error) {
	l := line{network: d.network, host: a.Host, port: d.port(a, 3), options: d.options}
	id, err := identifyV3(ctx, l)
	if err == nil {
		return id, 3, nil
	}
	first := err
	if !hopeless(ctx, err) {
		var api int
		l.port = d.port(a, 2)
		if id, api, err = identifyV2(ctx, l); err == nil {
			return id, api, nil
		}
	}
	if unsure(ctx, err) {
		return device.Identity{}, 0, fmt.Errorf("probe whatsminer at %s: %w", a.Host, errors.Join(err, context.Cause(ctx)))
	}
	return device.Identity{}, 0, fmt.Errorf("probe whatsminer at %s: %w: port %d: %w; port %d: %w",
		a.Host, device.ErrNotMine, d.port(a, 3), first, d.port(a, 2), err)
}

// line is the way to one machine.
type line struct {
	network *wire.Network
	host    string
	port    int
	options Options
}

// firmware stands before the version of the API in an identity.
const firmware = "WhatsMiner API "

// identity fills in what the family knows of itself.
func identity(model, api, version, mac, serial string) device.Identity {
	id := device.Identity{
		Family: device.WhatsMiner, Maker: "MicroBT", Model: model, Firmware: firmware + api,
		Version: version, MAC: wire.MAC(mac), Serial: serial,
	}
	id.Weak = id.MAC == "" && id.Serial == ""
	return id
}
