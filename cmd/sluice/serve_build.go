package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/driver/seal"
	"sluice/driver/sitefile"
	"sluice/driver/wire"
	"sluice/live"
	"sluice/live/bookkeeper"
	"sluice/loop"
	"sluice/loop/dispatch"
	"sluice/loop/trust"
	"sluice/loop/verify"
	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/store/sqlite"
	"sluice/store/telemetry"
	"sluice/use/hosting"
	"sluice/use/mining"
)

// builder puts a site together, step by step; each step needs those before it.
type builder struct {
	flags *serveFlags
	file  *sitefile.File
	store *sqlite.Store
	out   io.Writer

	clock    live.Clock
	feed     *feed
	net      *wire.Network
	drivers  []device.Driver
	families map[device.Family]device.Driver
	book     seal.Book
	term     int64
	memory   live.Memory
	finding  live.Finding
	found    live.Found
	rigs     []*mining.Rig
	meter    []live.Meter
	register *modbus.Site
	config   live.Config
	heart    *live.Core
	figures  *telemetry.DB
	metrics  *telemetry.Metrics
	page     net.Listener // of the figures

	attended  []live.GPUHall // with their ports and contracts, in one order
	ports     []live.Hall
	tenancies []*hosting.Tenancy
}

// clockAndMarket starts the clock and reads the market.
func (b *builder) clockAndMarket(context.Context) error {
	if b.feed != nil {
		return nil // the site began anew: its clock goes on
	}
	b.clock = live.RealTime()
	if b.flags.begin != "" {
		at, err := parseInstant(b.flags.begin, b.file.Site.Zone)
		if err != nil {
			return input(fmt.Errorf("--market-from %q: %w", b.flags.begin, err))
		}
		b.clock = live.Virtual(at, b.flags.speed)
	}
	var err error
	b.feed, err = newFeed(b.flags.market, b.file, b.clock.Now())
	return input(err)
}

// network declares the device networks and the dialects.
func (b *builder) network(context.Context) error {
	c := b.file.Control
	var err error
	if b.net, err = wire.NewNetwork(c.Networks, min(b.flags.timeout, 3*time.Second)); err != nil {
		return input(err)
	}
	b.drivers = drivers(b.net, c.PortOffset, b.flags.timeout)
	b.families = map[device.Family]device.Driver{}
	for i, f := range []device.Family{device.WhatsMiner, device.EPIC, device.LuxOS, device.Avalon, device.VNish, device.Braiins, device.Antminer} {
		b.families[f] = b.drivers[i] // the order of drivers
	}
	book, warning, err := seal.Load(seal.Source{File: b.flags.secrets, KeyFile: b.flags.sealKey, Env: os.Getenv, Families: families(), Writes: true})
	if warning != "" {
		fmt.Fprintf(b.out, "warning: %s\n", warning)
	}
	b.book = book
	return input(err)
}

// key is the credential of a machine. The core never asks for one that was exchanged.
func (b *builder) key(m live.Machine) (device.Credential, error) {
	return b.book.For(m.Identity, device.Address{Host: m.Host.String()})
}

// recall reads what an earlier run left, and marks the term of this one.
func (b *builder) recall(ctx context.Context) error {
	var err error
	if b.memory, err = live.Recall(ctx, b.store, b.file.Site.Name); err != nil {
		return err
	}
	b.term, err = live.Begin(ctx, b.store, sqlite.Record{Site: b.file.Site.Name, At: b.clock.Now()})
	return err
}

// find adopts the machines, and sizes each group by those that are there.
func (b *builder) find(ctx context.Context) error {
	f := live.Finding{
		Site: b.file.Site.Name, Network: b.net, Drivers: b.drivers, Key: b.key, Now: b.clock.Now(), Term: b.term,
		Scan: b.flags.scanOptions(b.file.Control.PortOffset), Note: b.note,
	}
	for _, g := range b.file.Groups {
		f.Groups = append(f.Groups, g.Name)
	}
	for _, m := range b.file.Control.Machines {
		f.Declared = append(f.Declared, live.Declared{
			Group: slices.Index(f.Groups, m.Group), Addresses: slices.Collect(m.Addresses.All()),
		})
	}
	b.finding = f
	var err error
	if b.found, err = live.Find(ctx, b.store, f); err != nil {
		return err
	}
	if len(b.file.Groups) == 0 {
		return input(fmt.Errorf("site %s has no machines: 'sluice serve' steers halls of GPUs beside machines, which give way to them; run the halls with 'sluice hall run', and lower them with 'sluice hall curtail'", b.file.Site.Name))
	}
	if len(b.found.Machines) == 0 {
		return fmt.Errorf("site %s: nobody answers at any declared address: are the machines on, and is the network right?", b.file.Site.Name)
	}
	fmt.Fprintf(b.out, "%s: %d machines, %d of them adopted now; nobody at %d addresses\n", b.file.Site.Name, len(b.found.Machines), b.found.New, len(b.found.Missing))
	return b.compile()
}

// compile joins the groups that have machines to their models.
func (b *builder) compile() error {
	count := make([]int, len(b.file.Groups))
	for _, m := range b.found.Machines {
		count[m.Group]++
	}
	to := make([]int, len(count))
	var kept []mining.Group
	for i, g := range b.file.Groups {
		to[i] = len(kept)
		if g.Count = count[i]; g.Count > 0 {
			kept = append(kept, g)
		}
	}
	for i := range b.found.Machines {
		b.found.Machines[i].Group = to[b.found.Machines[i].Group]
	}
	file := *b.file
	file.Groups = kept
	var err error
	b.rigs, err = file.Rigs()
	return input(err)
}

// meters opens the declared meters.
func (b *builder) meters(ctx context.Context) error {
	c := b.file.Control
	b.meter, b.register = nil, nil // the site may have begun before
	var revenue modbus.Source
	var plants []modbus.Plant
	for _, m := range c.Meters {
		x, err := declaredMeter(b.net, b.file, m, b.flags.timeout)
		if err != nil {
			return input(err)
		}
		b.meter = append(b.meter, x)
		switch m.Kind {
		case site.RevenueMeter:
			revenue = x
		case site.GenerationMeter:
			plants = append(plants, modbus.Plant{Name: m.Of, Meter: x})
		case site.FeederMeter, site.HallMeter:
		}
	}
	return b.registers(ctx, revenue, plants)
}

// declaredMeter opens a meter as its site file declares it.
func declaredMeter(n *wire.Network, f *sitefile.File, m sitefile.Meter, timeout time.Duration) (*modbus.Meter, error) {
	t, err := templateOf(m.Template)
	if err != nil {
		return nil, fmt.Errorf("meter %s: %w", m.Name, err)
	}
	o := modbus.Options{
		Host: m.Address.String(), Port: m.Port, Unit: m.Unit, Current: modbus.Transformer(m.Current), Voltage: modbus.Transformer(m.Voltage),
		Rating: f.Site.Connection.Rating, Timeout: timeout,
	}
	if o.Port == 0 {
		o.Port = t.Port
	}
	o.Port += f.Control.PortOffset
	x, err := modbus.New(n, t, o)
	if err != nil {
		return nil, fmt.Errorf("meter %s: %w", m.Name, err)
	}
	return x, nil
}

// registers carries the counters of the site on from where they stood.
func (b *builder) registers(ctx context.Context, revenue modbus.Source, plants []modbus.Plant) error {
	if revenue == nil {
		return nil
	}
	c := modbus.SiteConfig{
		Name: b.file.Site.Name, Revenue: revenue, ImportOnly: b.file.Site.Connection.Outlet() == 0,
		Rating: b.file.Site.Connection.Rating, Plants: plants,
	}
	kept, err := b.store.Current(ctx, b.file.Site.Name, sqlite.Standing)
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		var p modbus.Position
		if err := json.Unmarshal(kept[0].Body, &p); err != nil {
			return fmt.Errorf("read where the meters of %s stood: %w", b.file.Site.Name, err)
		}
		c.Resume = &p
	}
	b.register, err = modbus.NewSite(c)
	if err == nil && c.Resume != nil && b.flags.begin != "" {
		b.register.Accept() // another virtual site may stand there now
	}
	return err
}

// core makes the core of the site.
func (b *builder) core(context.Context) error {
	c := b.file.Control
	b.config = live.Config{
		Site: b.file.Site, Rigs: b.rigs, Machines: b.found.Machines, Begin: b.clock.Now(), Term: b.term,
		Poll: c.Poll, Shed: c.Shed, Grace: 15 * time.Second, Reboots: c.FastReboots, Wakes: c.Wakes, Starts: c.Starts, Jitter: time.Minute,
		Fast: b.clock.Fast(), Entrust: b.flags.entrust, Remember: b.memory, Settle: b.flags.market.interval,
		Halls: b.attended, Loose: b.flags.begin != "",
	}
	if err := b.checkCredit(); err != nil {
		return input(err)
	}
	teach, err := b.learn()
	if err != nil {
		return input(err)
	}
	b.config.Learned = teach
	for _, p := range c.Pools {
		a, err := verify.Allow(p.URL, p.Worker)
		if err != nil {
			return input(fmt.Errorf("%s: pool %s: %w", b.file.Name, p.URL, err))
		}
		b.config.Pools = append(b.config.Pools, a)
	}
	b.heart, err = live.New(b.config)
	return input(err)
}

// site joins the core to the outside.
func (b *builder) site(ctx context.Context, stderr io.Writer) (*live.Site, error) {
	solver, err := solvers(stderr)(ctx)
	if err != nil {
		return nil, err
	}
	bill, err := power.NewBill(b.file.Contracts, b.file.Site.Zone)
	if err != nil {
		return nil, err
	}
	tenants := b.served()
	if err := (bookkeeper.Running{Bill: bill, Tenants: tenants}).Resume(ctx, b.store, b.file.Site.Name, series.MonthOf(b.clock.Now(), b.file.Site.Zone)); err != nil {
		b.note(live.Notice{At: b.clock.Now(), Code: "bill_differs", Text: err.Error()})
	}
	wheel := loop.Config{
		Site: b.file.Site, Contracts: b.file.Contracts, Rigs: b.rigs, Tenancies: b.tenancies, Step: b.flags.market.interval,
		Horizon: b.file.Horizon, Fine: b.file.Fine, Market: dispatch.New(solver, limits()),
	}.WithDefaults()
	start := b.clock.Now().Truncate(wheel.Step)
	shadow, err := live.NewShadow(wheel, b.attended, b.feed.tape.Around(), start)
	if err != nil {
		return nil, err
	}
	p := live.Plant{
		Clock: b.clock, Journal: b.store, Papers: b.store, Drivers: b.families, Opened: b.found.Opened, Key: b.key, Meters: b.meter,
		Crew: b.flags.crewConfig(), Timeout: b.flags.timeout, Note: b.note,
		Telemetry: b.figures, Metrics: b.metrics, Data: b.flags.data, Halls: b.ports, Version: version,
	}
	if b.register != nil {
		p.Registers = b.register
	}
	if !b.flags.entrust {
		if p.Trust, err = b.trust(ctx); err != nil {
			return nil, err
		}
	}
	return live.Start(b.heart, p, &live.Turning{Wheel: wheel, Feed: b.feed, Bill: bill, Shadow: shadow, Tenants: tenants})
}

// trust takes the modes of the site up where they stood.
func (b *builder) trust(ctx context.Context) (*trust.Kernel, error) {
	m, err := live.Modes(ctx, b.store, b.file.Site.Name)
	if err != nil {
		return nil, err
	}
	units := b.config.Units()
	c := trust.Config{Site: b.file.Site.Name, Zone: b.file.Site.Zone, Units: units, Caps: trust.CapsOf(units), Needs: trust.DefaultNeeds(), Limits: trust.DefaultLimits()}
	c.Limits.NoClock = true // no second source of time is read yet, and every report says so
	for _, n := range []*trust.Need{&c.Needs.Observe, &c.Needs.Shadow, &c.Needs.Advisory, &c.Needs.Closed} {
		n.Wait /= time.Duration(b.flags.trial)
		for _, many := range []*int{&n.Recommendations, &n.Orders} {
			if *many > 0 {
				*many = max(1, *many/b.flags.trial)
			}
		}
	}
	return trust.New(c, m)
}

// note prints a notice.
func (b *builder) note(n live.Notice) {
	if b.flags.asJSON {
		_ = json.NewEncoder(b.out).Encode(n)
		return
	}
	fmt.Fprintf(b.out, "%s  %-18s %s\n", n.At.UTC().Format(time.RFC3339), n.Code, clean(n.Text))
}

// parseInstant reads an instant, in the site's zone where none is stated.
func parseInstant(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("write an instant such as 2025-08-01T12:00")
}
