package live

import (
	"slices"
	"time"

	"sluice/loop/actuate"
)

// roster is what people are shown of every machine, by revision, so that whoever
// holds a copy asks for the changes alone. It is made when somebody asks first, and
// from then on looks only at machines to which something happened, but after an
// event that may move any of them.
type roster struct {
	plates []Plate // never changed once made
	shown  []Shown
	revs   []int64 // at which each machine changed last
	next   []int   // ring of machines in the order of revs; the last element is its knot
	prev   []int
	rev    int64

	touched []int // since the last look
	marked  []bool
	all     bool

	oldest, newest time.Time // readings of machines that are heard
}

// revisionBits is how many revisions one run may have: a copy of an earlier run is
// told from ours by what stands above them.
const revisionBits = 32

func newRoster(c *Core) *roster {
	n := len(c.machines)
	r := &roster{
		plates: c.plates(), shown: make([]Shown, n), revs: make([]int64, n), next: make([]int, n+1), prev: make([]int, n+1),
		marked: make([]bool, n), rev: c.cfg.Term<<revisionBits + 1, all: true,
	}
	for i := range n + 1 {
		r.next[i], r.prev[i] = (i+1)%(n+1), (i+n)%(n+1)
	}
	for i := range n {
		r.shown[i], r.revs[i] = c.show(i), r.rev
	}
	return r
}

// touch says that something happened to a machine.
func (c *Core) touch(i int) {
	if r := c.roster; r != nil && !r.all && !r.marked[i] {
		r.marked[i] = true
		r.touched = append(r.touched, i)
	}
}

// touchBy says that an event reached the kernel.
func (c *Core) touchBy(e actuate.Event) {
	if c.roster == nil {
		return
	}
	switch e := e.(type) {
	case actuate.Readings:
		for _, u := range e.Units {
			c.touch(u.Unit)
		}
	case actuate.Answered:
		c.touch(e.Unit)
	case actuate.Metered, actuate.Beside: // of groups: what follows for units is told at the next tick
	default:
		c.roster.all = true
	}
}

// look brings the roster up to now.
func (r *roster) look(c *Core) {
	next := r.rev + 1
	before := r.rev
	see := func(i int) {
		if now := c.show(i); r.shown[i].differs(now) {
			r.shown[i], r.revs[i], r.rev = now, next, next
			r.last(i)
		}
	}
	if r.all {
		for i := range r.shown {
			see(i)
		}
		r.ages(c)
	} else {
		for _, i := range r.touched {
			see(i)
		}
	}
	for _, i := range r.touched {
		r.marked[i] = false
	}
	r.touched, r.all = r.touched[:0], false
	r.rev = max(before, r.rev)
}

// last moves a machine to the end of the ring.
func (r *roster) last(i int) {
	knot := len(r.shown)
	r.next[r.prev[i]], r.prev[r.next[i]] = r.next[i], r.prev[i]
	r.next[i], r.prev[i] = knot, r.prev[knot]
	r.next[r.prev[knot]], r.prev[knot] = i, i
}

// ages notes between which instants the machines that are heard were read.
func (r *roster) ages(c *Core) {
	r.oldest, r.newest = time.Time{}, time.Time{}
	for i := range c.machines {
		at := c.machines[i].at
		if r.shown[i].State == MachineUnknown || at.IsZero() {
			continue
		}
		if r.oldest.IsZero() || at.Before(r.oldest) {
			r.oldest = at
		}
		if at.After(r.newest) {
			r.newest = at
		}
	}
}

// since lists the machines that changed after a revision, by index. whole says that
// these are all there are, and that an older copy is worth nothing: it is of another run.
func (r *roster) since(after int64) (changed []int, whole bool) {
	if after == 0 || after>>revisionBits != r.rev>>revisionBits || after > r.rev {
		for i := range r.shown {
			changed = append(changed, i)
		}
		return changed, true
	}
	for i := r.prev[len(r.shown)]; i < len(r.shown) && r.revs[i] > after; i = r.prev[i] {
		changed = append(changed, i)
	}
	slices.Sort(changed)
	return changed, false
}
