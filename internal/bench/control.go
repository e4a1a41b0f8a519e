package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// How the figures of control are taken.
const (
	lateness  = 300 * time.Millisecond // of every answer
	bad       = 50                     // of a thousand machines
	polled    = 20_000
	pollEvery = 30 * time.Second
	rounds    = 3
)

// control measures how quickly all machines of a site are commanded, and what
// it costs to keep reading them.
func (b *bench) control(ctx context.Context) error {
	t := newTable("control")
	t.note("every answer to an order or a poll comes %v late, to the opening before at once; of a thousand machines %d are bad: dead, hanging, garbage or endless, and cannot be opened before", lateness, bad)
	t.note("client and simulator share this machine's processors: what both took together, against wall time, says which one waited")
	if err := b.atScale(ctx, t); err != nil {
		return err
	}
	if b.measures("pyasic") {
		if err := b.besidePyasic(ctx, t); err != nil {
			return err
		}
	}
	return b.publish(t)
}

// atScale polls and commands the machines of one large world.
func (b *bench) atScale(ctx context.Context, t *table) error {
	small := b.machines / 10
	world, err := b.settle(ctx, 22_000, "-miners", strconv.Itoa(b.machines+small), "-bad", strconv.Itoa(bad))
	if err != nil {
		return err
	}
	if b.measures("poll") {
		err = b.polling(ctx, world, t)
	}
	if err == nil && b.measures("command") {
		err = b.commanding(ctx, world, t, small)
	}
	return errors.Join(err, world.end())
}

// phased is a phase with what the world did meanwhile.
type phased struct {
	phase
	world tally
}

// next lets a client do its next phase and takes the world's tally around it.
func next(world *town, c *child, old *tally) (phased, error) {
	var p phased
	if err := c.hear(&p.phase); err != nil {
		return p, err
	}
	now, err := world.tally()
	p.world = now.since(*old)
	*old = now
	return p, err
}

// run starts a client and hears all of its phases.
func (b *bench) client(ctx context.Context, world *town, phases int, args ...string) ([]phased, error) {
	if b.profile != "" {
		args = append(args, "-profile", filepath.Join(b.profile, args[0]+".prof"))
	}
	if err := world.late(0); err != nil {
		return nil, err
	}
	old, err := world.tally()
	if err != nil {
		return nil, err
	}
	c, err := talk(ctx, append(args, "-list", world.list, "-offset", strconv.Itoa(world.offset))...)
	if err != nil {
		return nil, err
	}
	var out []phased
	for i := range phases {
		p, err := next(world, c, &old)
		if err == nil && i == 0 { // what was before is not measured
			err = world.late(lateness)
		}
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(b.stderr, "%s %d machines: %.1f s, good %d of %d, client %.1f s and world %.1f s of processor; %v %s\n",
			p.Name, p.Machines, p.Wall.Seconds(), p.Good, p.Healthy, p.CPU.Seconds(), p.world.CPU.Seconds(), p.Classes, p.Example)
		out = append(out, p)
		if err := c.say("go"); err != nil {
			return nil, err
		}
	}
	return out, c.end()
}

// commanding orders a tenth of the machines to sleep, and then the others.
func (b *bench) commanding(ctx context.Context, world *town, t *table, small int) error {
	spans := fmt.Sprintf("0-%d %d-%d", small, small, small+b.machines)
	got, err := b.client(ctx, world, 3, "child-command", "-count", strconv.Itoa(small+b.machines), "-phases", spans)
	if err != nil {
		return err
	}
	open := got[0]
	t.add(figure{Name: fmt.Sprintf("open %d drivers", open.Healthy), Value: open.Wall.Seconds(), Unit: "s", How: "before the orders; of machines that answer"},
		figure{Name: "opened", Value: float64(open.Good), Unit: fmt.Sprintf("of %d", open.Healthy), How: "drivers of healthy machines"})
	for i, limit := range []int{5, 30} {
		t.add(commandFigures(got[i+1], limit)...)
	}
	return nil
}

// commandFigures are those of one storm of orders. limit is in seconds.
func commandFigures(p phased, limit int) []figure {
	of := func(name string) string { return fmt.Sprintf("%d machines: %s", p.Machines, name) }
	seconds := func(name string, d time.Duration, how string) figure {
		return figure{Name: of(name), Value: d.Seconds(), Unit: "s", How: how}
	}
	share := 100 * float64(p.Within[limit]) / float64(max(1, p.Healthy))
	out := []figure{
		{Name: of("healthy"), Value: float64(p.Healthy), Unit: "machines", How: "the others are dead, hang, answer garbage or never end"},
		figure{Name: of(fmt.Sprintf("commanded within %d s", limit)), Value: share, Unit: "% of the healthy", How: "the answer to the order was read and was a yes"}.promised(">= 99.9", share >= 99.9),
	}
	for i, at := range p.At {
		out = append(out, seconds("p"+strings.TrimPrefix(number(100*quantiles()[i]), "p")+" commanded after", at, "from the first order given to the crew"))
	}
	n := time.Duration(max(1, p.Good))
	device := p.world.Device / n
	return append(out,
		seconds("last healthy commanded after", p.Last, "from the first order given to the crew"),
		seconds("all over after", p.Wall, "the bad ones too, whose time ran out"),
		seconds("command time, mean", p.Took, "in the client, from the first request of an order to its last answer"),
		seconds("of it device time, mean", device, "connections open in the simulator, lateness included, by healthy machine"),
		seconds("of it the client, network and waiting for a processor", max(0, p.Took-device), "the difference"),
		figure{Name: of("connections by command"), Value: float64(p.world.Connections) / float64(n), Unit: "connections", How: "of healthy machines, as the simulator counts"},
		figure{Name: of("client processor by command"), Value: p.CPU.Seconds() / float64(p.Machines) * 1e6, Unit: "us", How: "user and system time of the client's process, bad machines included"},
		figure{Name: of("simulator processor by command"), Value: p.world.CPU.Seconds() / float64(p.Machines) * 1e6, Unit: "us", How: "the same of the simulator's process"},
		seconds("client processor", p.CPU, "in all"),
		seconds("simulator processor", p.world.CPU, "in all"),
		figure{Name: of("client memory"), Value: float64(p.Peak) / 1e6, Unit: "MB", How: "highest so far"},
		figure{Name: of("connections at once"), Value: float64(p.world.Most), Unit: "connections", How: "the most so far, as the simulator counts"},
	)
}

// polling reads machines for some rounds.
func (b *bench) polling(ctx context.Context, world *town, t *table) error {
	n := min(polled, b.machines)
	got, err := b.client(ctx, world, 2, "child-poll", "-count", strconv.Itoa(n), "-rounds", strconv.Itoa(rounds), "-every", pollEvery.String())
	if err != nil {
		return err
	}
	p := got[1]
	reads := float64(n * rounds)
	span := (rounds * pollEvery).Seconds() // the last reads end a little later
	cores, memory := p.CPU.Seconds()/span, float64(p.Peak)/1e6
	of := func(name string) string { return fmt.Sprintf("%d machines read every %v: %s", n, pollEvery, name) }
	t.add(
		figure{Name: of("processor"), Value: cores, Unit: "cores", How: "user and system time of the polling process by the length of the rounds, bad machines included"}.atMost(1),
		figure{Name: of("memory"), Value: memory, Unit: "MB", How: "highest resident memory of the polling process"}.atMost(1000),
		figure{Name: of("read in every round"), Value: 100 * float64(p.Good) / float64(max(1, p.Healthy)), Unit: "% of the healthy", How: "state and hash rate known each time"},
		figure{Name: of("left out"), Value: float64(p.Dropped), Unit: "reads", How: "dropped because the last of the machine had not begun"},
		figure{Name: of("one read, mean"), Value: p.Took.Seconds(), Unit: "s", How: "all requests of it, of healthy machines"},
		figure{Name: of("connections by read"), Value: float64(p.world.Connections) / float64(max(1, p.Good*rounds)), Unit: "connections", How: "of healthy machines, as the simulator counts"},
		figure{Name: of("processor by read"), Value: p.CPU.Seconds() / reads * 1e6, Unit: "us", How: "of the polling process"},
		figure{Name: of("simulator"), Value: p.world.CPU.Seconds() / span, Unit: "cores", How: "the simulator's share, for comparison"},
	)
	return nil
}
