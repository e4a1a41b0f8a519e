package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/avalon"
	"sluice/driver/braiins"
	"sluice/driver/crew"
	"sluice/driver/epic"
	"sluice/driver/luxos"
	"sluice/driver/vnish"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/fleet"
)

// dialects are the drivers as the product makes them, on the ports of a world.
func dialects(n *wire.Network, offset int) map[device.Family]device.Driver {
	return map[device.Family]device.Driver{
		device.WhatsMiner: whatsminer.New(n, whatsminer.Options{PortV2: 4028 + offset, PortV3: 4433 + offset}),
		device.EPIC:       epic.New(n, epic.Options{Port: 4028 + offset}),
		device.LuxOS:      luxos.New(n, luxos.Options{Port: 4028 + offset}),
		device.Avalon:     avalon.New(n, avalon.Options{Port: 4028 + offset}),
		device.VNish:      vnish.New(n, vnish.Options{WebPort: 80 + offset, RPCPort: 4028 + offset}),
		device.Braiins:    braiins.New(n, braiins.Options{Port: 80 + offset}),
		device.Antminer:   antminer.New(n, antminer.Options{Web: 80 + offset, Miner: 4028 + offset, Power: 6060 + offset}),
	}
}

// login is what virtual machines ask for.
func login(v virtual) device.Credential {
	if v.Family == device.WhatsMiner && v.API == 3 {
		return device.Credential{User: "super", Secret: "super"}
	}
	return map[device.Family]device.Credential{
		device.Antminer: {User: "root", Secret: "root"}, device.WhatsMiner: {Secret: "admin"},
		device.VNish: {Secret: "admin"}, device.EPIC: {Secret: "letmein"},
	}[v.Family]
}

// rig is one machine that a client reaches.
type rig struct {
	virtual
	host   netip.Addr
	device device.Device // nil: it could not be opened
	class  device.AckClass
	text   string
	asks   int           // reads or commands that ended
	good   int           // of those
	took   time.Duration // of the last
	at     time.Duration // when the last ended, from the begin of the phase
}

// client is a process that reaches the machines of a world.
type client struct {
	rigs    []rig
	drivers map[device.Family]device.Driver
	crew    *crew.Crew
	end     func() error
}

// clientFlags are those of the children that reach machines.
type clientFlags struct {
	list, profile, phases string
	offset, from, count   int
	parallel, rounds      int
	every                 time.Duration
}

func readClientFlags(args []string) (clientFlags, error) {
	var o clientFlags
	f := flag.NewFlagSet("client", flag.ContinueOnError)
	f.StringVar(&o.list, "list", "", "")
	f.StringVar(&o.profile, "profile", "", "")
	f.StringVar(&o.phases, "phases", "", "")
	f.IntVar(&o.offset, "offset", 0, "")
	f.IntVar(&o.from, "from", 0, "")
	f.IntVar(&o.count, "count", 0, "")
	f.IntVar(&o.parallel, "parallel", 5000, "")
	f.IntVar(&o.rounds, "rounds", 3, "")
	f.DurationVar(&o.every, "every", 30*time.Second, "")
	return o, f.Parse(args)
}

// newClient reads the machines of a world.
func newClient(o clientFlags) (*client, error) {
	all, err := readVirtual(o.list)
	if err != nil {
		return nil, err
	}
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 0)
	if err != nil {
		return nil, err
	}
	c := &client{drivers: dialects(n, o.offset)}
	for _, v := range all[o.from:min(len(all), o.from+o.count)] {
		host, err := netip.ParseAddr(v.Address)
		if err != nil {
			return nil, err
		}
		c.rigs = append(c.rigs, rig{virtual: v, host: host})
	}
	return c, nil
}

// hire starts a crew, in place of an earlier one.
func (c *client) hire(ctx context.Context, parallel int) error {
	if c.end != nil {
		if err := c.end(); err != nil {
			return err
		}
	}
	c.crew = crew.New(crew.Config{Parallel: parallel, Queue: len(c.rigs) + 1, CommandTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second})
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- c.crew.Run(ctx) }()
	c.end = func() error { cancel(); return <-done }
	return nil
}

// open opens the driver of one machine, of which all is known that a scan would find.
func (c *client) open(ctx context.Context, r *rig) error {
	id := device.Identity{Family: r.Family, Model: r.Model, MAC: r.MAC}
	d, err := c.drivers[r.Family].Open(ctx, device.Address{Host: r.Address}, id, login(r.virtual))
	if err == nil {
		r.device = d
	}
	return err
}

// openAll opens all machines that answer and reads what they are set to, as is
// always done before an order. Bad ones are left: an order to them begins with
// another try.
func (c *client) openAll() phase {
	p := begin("open", c)
	var all sync.WaitGroup
	for i := range c.rigs {
		r := &c.rigs[i]
		if r.Bad != fleet.Sound {
			continue
		}
		all.Add(1)
		c.crew.Read(i, r.host, func(ctx context.Context) {
			defer all.Done()
			err := c.open(ctx, r)
			if err == nil {
				_, err = r.device.Read(ctx, device.Status)
			}
			if err != nil {
				r.text = err.Error()
				return
			}
			r.good++
		})
	}
	all.Wait()
	return p.finish(c.rigs)
}

// phase is what one phase of a client came to.
type phase struct {
	Name     string
	Machines int
	Healthy  int // of those: they answer
	Good     int // healthy ones of which all went well
	Wall     time.Duration
	Last     time.Duration // until the last healthy one was done
	Within   map[int]int   // seconds: healthy ones done by then
	At       []time.Duration
	Took     time.Duration // mean of one healthy command or read
	CPU      time.Duration
	Peak     int64
	Most     int // jobs at once, each with one connection
	Dropped  int64
	Classes  map[string]int
	Example  string // of what went wrong

	start time.Time
	cpu   time.Duration
	crew  *crew.Crew
}

func begin(name string, c *client) *phase {
	cpu, _, _ := consumed() //nolint:dogsled // the end reports errors
	return &phase{Name: name, start: time.Now(), cpu: cpu, crew: c.crew}
}

// quantiles of the time until a healthy machine is done.
func quantiles() []float64 { return []float64{0.5, 0.99, 0.999} }

// finish adds up what the machines of a phase say.
func (p *phase) finish(rigs []rig) phase {
	p.Wall = time.Since(p.start)
	cpu, peak, _ := consumed() //nolint:dogsled // measured twice alike
	p.CPU, p.Peak = cpu-p.cpu, peak
	s := p.crew.Stats()
	p.Most, p.Dropped = s.MostRunning, s.ReadsDropped
	p.Machines, p.Within, p.Classes = len(rigs), map[int]int{5: 0, 30: 0}, map[string]int{}
	var ats []time.Duration
	var sum time.Duration
	for i := range rigs {
		r := &rigs[i]
		if r.Bad != fleet.Sound {
			p.Classes["bad "+string(r.Bad)+": "+string(r.class)]++
			continue
		}
		p.Healthy++
		if r.good == 0 || r.good < r.asks {
			p.Classes[string(r.Family)+" "+string(r.class)]++
			p.Example = r.Address + " " + string(r.Family) + ": " + r.text
			continue
		}
		p.Good++
		sum += r.took
		ats = append(ats, r.at)
		for seconds := range p.Within {
			if r.at <= time.Duration(seconds)*time.Second {
				p.Within[seconds]++
			}
		}
	}
	if len(ats) > 0 {
		slices.Sort(ats)
		p.Took, p.Last = sum/time.Duration(len(ats)), ats[len(ats)-1]
		for _, q := range quantiles() {
			p.At = append(p.At, ats[int(q*float64(len(ats)-1))])
		}
	}
	return *p
}

// command orders machines to sleep, all at once, and waits until each has
// answered or its time was over.
func (c *client) command(from, to int) phase {
	rigs := c.rigs[from:to]
	p := begin("command", c)
	var all sync.WaitGroup
	for i := range rigs {
		r := &rigs[i]
		r.good, r.asks = 0, 1
		all.Add(1)
		err := c.crew.Command(from+i, r.host, unit.Power(r.Watts), func(ctx context.Context) {
			defer all.Done()
			c.sleep(ctx, r)
			r.at = time.Since(p.start)
		})
		if err != nil {
			all.Done()
			r.text = err.Error()
		}
	}
	all.Wait()
	return p.finish(rigs)
}

// sleep gives the order to one machine.
func (c *client) sleep(ctx context.Context, r *rig) {
	if r.device == nil {
		if err := c.open(ctx, r); err != nil {
			r.class, r.text = device.NotSent, err.Error()
			return
		}
	}
	a := r.device.Apply(ctx, device.Command{Verb: device.Sleep})
	r.class, r.text, r.took = a.Class, a.Text, a.Took
	if a.Class == device.Accepted {
		r.good = 1
	}
}

// poll reads every machine once in a round, evenly over the round.
func (c *client) poll(o clientFlags) phase {
	for i := range c.rigs {
		c.rigs[i].good, c.rigs[i].asks = 0, 0
	}
	p := begin("poll", c)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var all sync.WaitGroup
	for next, total := 0, o.rounds*len(c.rigs); next < total; {
		<-tick.C
		due := min(total, int(int64(time.Since(p.start))*int64(len(c.rigs))/int64(o.every)))
		for ; next < due; next++ {
			i := next % len(c.rigs)
			r := &c.rigs[i]
			all.Add(1)
			if !c.crew.Read(i, r.host, func(ctx context.Context) { defer all.Done(); c.read(ctx, r, p.start) }) {
				all.Done()
			}
		}
	}
	all.Wait()
	return p.finish(c.rigs)
}

// read reads one machine as a poller does.
func (c *client) read(ctx context.Context, r *rig, start time.Time) {
	begun := time.Now()
	r.asks++
	if r.device == nil {
		if err := c.open(ctx, r); err != nil {
			r.text = err.Error()
			return
		}
	}
	got, err := r.device.Read(ctx, device.Status|device.Power|device.Hash)
	r.took, r.at = time.Since(begun), time.Since(start)
	switch {
	case err != nil:
		r.text = err.Error()
	case !got.Hash.Known || !got.Activity.Known:
		r.text = fmt.Sprintf("reads as %+v", got)
	default:
		r.good++
	}
}

// commandWorld is the child that gives orders: it opens all machines and then,
// at a line of input for each phase, commands a part of them.
func commandWorld(ctx context.Context, args []string, w io.Writer) error {
	return withClient(ctx, args, w, func(c *client, o clientFlags, each func(phase) error) error {
		for name := range strings.FieldsSeq(o.phases) {
			from, to, _ := strings.Cut(name, "-")
			a, err := strconv.Atoi(from)
			b, err2 := strconv.Atoi(to)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			if err := each(c.command(a, min(b, len(c.rigs)))); err != nil {
				return err
			}
		}
		return nil
	})
}

// pollWorld is the child that polls.
func pollWorld(ctx context.Context, args []string, w io.Writer) error {
	return withClient(ctx, args, w, func(c *client, o clientFlags, each func(phase) error) error { return each(c.poll(o)) })
}

// withClient opens a client, reports every phase as a line, and waits for a
// line before the next.
func withClient(ctx context.Context, args []string, w io.Writer, do func(*client, clientFlags, func(phase) error) error) error {
	o, err := readClientFlags(args)
	if err != nil {
		return err
	}
	c, err := newClient(o)
	if err != nil {
		return err
	}
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(w)
	each := func(p phase) error {
		if err := out.Encode(p); err != nil {
			return err
		}
		in.Scan()
		return in.Err()
	}
	if err := c.hire(ctx, 128); err != nil {
		return err
	}
	if err := each(c.openAll()); err != nil {
		return err
	}
	if err := c.hire(ctx, o.parallel); err != nil {
		return err
	}
	stop, err := profiled(o.profile)
	if err != nil {
		return err
	}
	defer stop()
	return errors.Join(do(c, o, each), c.end())
}
