package crew

import (
	"context"
	"net/netip"
	"runtime/debug"
)

// patience is how many commands begin before one of the waiting reads does.
const patience = 15

// berth is that of a machine.
func (c *Crew) berth(machine int) *berth {
	b := c.berths[machine]
	if b == nil {
		b = &berth{}
		c.berths[machine] = b
	}
	return b
}

// network is that of a host: what hangs on one switch, as far as addresses tell.
func (c *Crew) network(host netip.Addr) *network {
	host = host.Unmap()
	bits := 24
	if host.Is6() {
		bits = 64
	}
	p, _ := host.Prefix(bits) // of no address there is none, and all of those are one network
	n := c.networks[p]
	if n == nil {
		n = &network{prefix: p}
		c.networks[p] = n
	}
	n.jobs++
	return n
}

// offer lets a job be chosen, unless its machine is at work: then it is offered
// again when that is done.
func (c *Crew) offer(j *job) {
	if j.seq == 0 {
		c.seq++
		j.seq = c.seq
	}
	switch {
	case j.berth.running != nil:
	case j.command:
		c.commands.push(j)
	case j.berth.command == nil && !j.lined:
		c.reads.push(j)
	}
}

// withdraw takes a waiting job out of everything.
func (c *Crew) withdraw(j *job) {
	if j.heap != nil {
		j.heap.remove(j)
	}
	j.gone = !j.command && j.lined
	c.taken(j)
	c.release(j.network)
	c.leave(j)
}

// taken notes that a job waits no longer.
func (c *Crew) taken(j *job) {
	if j.command {
		j.berth.command = nil
		c.stats.CommandsWaiting--
		return
	}
	j.berth.read = nil
	c.stats.ReadsWaiting--
}

// leave forgets the network and the berth of a job when nobody needs them.
func (c *Crew) leave(j *job) {
	if j.network.jobs--; j.network.jobs == 0 {
		delete(c.networks, j.network.prefix)
	}
	if b := j.berth; b.running == nil && b.command == nil && b.read == nil && c.berths[j.machine] == b {
		delete(c.berths, j.machine)
	}
}

// readers is how many of n hands may read.
func readers(n int) int { return max(1, n-n/4) }

// begin begins as many jobs as may.
func (c *Crew) begin() {
	for c.state == working && c.stats.Running < c.config.Parallel {
		j := c.next()
		if j == nil {
			return
		}
		c.taken(j)
		j.berth.running = j
		j.network.running++
		if c.stats.Running++; c.stats.Running > c.stats.MostRunning {
			c.stats.MostRunning = c.stats.Running
		}
		if j.command {
			c.stats.CommandsBegun++
		} else {
			c.stats.ReadsBegun++
			c.reading++
			j.network.reading++
		}
		c.begun = append(c.begun, j)
		signal(c.work)
	}
}

// next chooses the job that begins next, or nil: a command, and a read where
// none waits or so many commands went before it.
func (c *Crew) next() *job {
	if c.since >= patience {
		if j := c.nextRead(); j != nil {
			c.since = 0
			return j
		}
	}
	if j := c.nextCommand(); j != nil {
		c.since++
		return j
	}
	c.since = 0
	return c.nextRead()
}

// nextCommand is the heaviest whose network is not full. The others are kept
// back until a job in their network ends.
func (c *Crew) nextCommand() *job {
	for {
		j := c.commands.pop()
		if j == nil || j.network.running < c.config.PerNetwork {
			return j
		}
		j.network.commands.push(j)
	}
}

// nextRead is the oldest read that may begin.
func (c *Crew) nextRead() *job {
	if c.reading >= readers(c.config.Parallel) {
		return nil
	}
	for {
		j := c.reads.pop()
		switch {
		case j == nil:
			return nil
		case j.berth.running != nil || j.berth.command != nil: // offered again when that is done
			c.release(j.network)
		case j.network.reading >= readers(c.config.PerNetwork) || j.network.running >= c.config.PerNetwork:
			j.network.reads.push(j)
		default:
			return j
		}
	}
}

// done puts a finished job away and begins what waited for it.
func (c *Crew) done(j *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	j.cancel(nil)
	if j.grace != nil {
		j.grace.Stop()
	}
	c.stats.Running--
	j.network.running--
	if j.command {
		c.stats.CommandsEnded++
	} else {
		c.stats.ReadsEnded++
		c.reading--
		j.network.reading--
	}
	b := j.berth
	b.running = nil
	if b.command != nil {
		c.offer(b.command)
	} else if b.read != nil {
		c.offer(b.read)
	}
	c.release(j.network)
	c.leave(j)
	c.begin()
}

// release offers again what a full network kept back: one job of each kind,
// since one has ended or has not used its turn.
func (c *Crew) release(n *network) {
	if k := n.commands.pop(); k != nil {
		c.offer(k)
	}
	if k := n.reads.pop(); k != nil {
		c.offer(k)
	}
}

// yield ends a read for which a command has waited the grace.
func (c *Crew) yield(r *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.berth.running == r && r.berth.command != nil {
		c.stats.ReadsYielded++
		if r.hasty = true; r.cancel != nil {
			r.cancel(ErrYield)
		}
	}
}

// call calls a job and contains its panic.
func (c *Crew) call(ctx context.Context, j *job) {
	defer func() {
		what := recover()
		if what == nil {
			return
		}
		c.mu.Lock()
		c.stats.Panics++
		c.mu.Unlock()
		if c.config.Panicked != nil {
			c.config.Panicked(j.machine, what, debug.Stack())
		}
	}()
	j.do(ctx)
}
