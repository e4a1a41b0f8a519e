package hall

import (
	"slices"
	"time"

	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// tenant is where a contract stands.
type tenant struct {
	stream  *jobs.Stream
	arrives moment  // of the next job
	queue   []*work // waiting and held, in order of arrival
	soonest moment  // at which work that serves and does not run is not needed any more
	holds   []string
	drains  []string

	used    int // GPUs held
	blocked int // GPUs of jobs that the quota would let start and something else does not
	dark    int // of those, that lack watts or whose queue is held
	cut     int // of those, kept out by what we told the engine
	away    int // GPUs of jobs that we stopped and that are not restored
	late    int // GPUs of running jobs beyond their deadlines
	draw    unit.Power
	full    unit.Power // of what runs, without limits
	slow    int64      // GPUs times the speed that limits take, in millionths
	flex    flex

	it, meter unit.Energy
	started   unit.Power
	served    int64 // GPU-seconds; colocation: watt-seconds
	committed int64
	slowed    int64 // millionths of GPU-seconds
	down      int64
	excused   int64
	lateWork  int64
	lost      int64
	evictions int64
	more      More
}

// stopped reports whether some event keeps the queue from starting anything.
func (t *tenant) stopped() bool { return len(t.holds)+len(t.drains) > 0 }

// More is what happened beside what registers show, in GPU-seconds.
type More struct {
	Preempted   int64 // work that the engine undid, to make room
	Preemptions int64 // jobs
	Broken      int64 // work that broken servers undid
	Restarting  int64 // time that restarts took
	Waited      int64 // time in which reserved work waited for servers that were there: booting, being cleared, or free in too small pieces
}

// flex is what was used of the power that a tenant lets go.
type flex struct {
	open  bool  // a call is on
	call  int64 // seconds of it
	month int
	calls int    // in the month
	used  int64  // seconds in the calendar year
	told  []call // agreed and not over; never changed once made
}

// call is a stretch in which a tenant lets power go.
type call struct{ from, to moment }

// serve counts what a contract got in a stretch in which nothing happens.
//
// Source: docs/formula/hall.md, "What is counted".
func (h *Hall) serve(i int, seconds int64) {
	t, k := &h.tenants[i], &h.set.tenants[i]
	if k.colocated() {
		t.served += int64(t.draw) * seconds
		if k.inForce(h.now) {
			t.committed += int64(k.Power) * seconds
		}
		return
	}
	kept := k.committed(h.now)
	t.served += int64(t.used) * seconds
	t.slowed += t.slow * seconds
	t.lateWork += int64(t.late) * seconds
	t.committed += int64(kept) * seconds
	if kept == 0 {
		return
	}
	free := max(0, kept-t.used)
	ours := min(free, t.cut+t.away)
	down := min(free, max(t.dark+t.away, h.shortOf(k, kept)))
	t.more.Waited += int64(min(free, t.blocked)-min(free, t.dark)) * seconds
	t.down += int64(down) * seconds
	t.excused += h.excuse(t, k, min(ours, down), seconds)
}

// shortOf is a contract's part of the GPUs that its pool lacks for all that is
// reserved in it, beside what nobody may stop.
func (h *Hall) shortOf(k *contract, kept int) int {
	reserved, taken := 0, 0
	for i := range h.set.tenants {
		o := &h.set.tenants[i]
		if o.pool != k.pool || o.colocated() {
			continue
		}
		reserved += o.committed(h.now)
		if o.Kind == hosting.OnDemand {
			taken += h.tenants[i].used
		}
	}
	short := min(reserved, reserved+taken-h.pools[k.pool].usual)
	if short <= 0 {
		return 0
	}
	return (short*kept + reserved - 1) / reserved
}

// excuse is the part of down time that the contract grants: within its share of
// power, the length of a call, the calls of a month and the hours of a year, by the
// calendar in UTC. Notice is between Sluice and the tenant; nothing of it is seen here.
func (h *Hall) excuse(t *tenant, k *contract, gpus int, seconds int64) int64 {
	f, share := &t.flex, int(int64(k.committed(h.now))*int64(k.Flex.Share)/whole)
	if h.set.c.Agreed {
		if !f.covers(h.now) {
			return 0
		}
		return int64(max(0, min(gpus, share))) * seconds
	}
	if gpus <= 0 {
		f.open = false
		return 0
	}
	if month := flexMonth(h.now); f.month != month {
		if f.month/12 != month/12 {
			f.used = 0
		}
		f.month, f.calls = month, 0
	}
	if !f.open {
		f.open, f.call = true, 0
		f.calls++
	}
	if k.Flex.Events > 0 && f.calls > k.Flex.Events {
		return 0
	}
	allowed := min(seconds, int64(k.Flex.Hours/time.Second)-f.used)
	if k.Flex.Event > 0 {
		allowed = min(allowed, int64(k.Flex.Event/time.Second)-f.call)
	}
	f.call += seconds
	if allowed <= 0 {
		return 0
	}
	f.used += allowed
	return int64(min(gpus, share)) * allowed
}

// covers reports whether an agreed call is on.
func (f *flex) covers(now moment) bool {
	return slices.ContainsFunc(f.told, func(c call) bool { return c.from <= now && now < c.to })
}

// Agree tells the hall of a call that was announced to a tenant within its terms;
// calls that were told and have not begun, or go on, are replaced where they begin
// at the same time, so that one may end early. It reports whether there is such a
// contract.
func (h *Hall) Agree(contract string, c hosting.Call) bool {
	for i := range h.tenants {
		if h.set.tenants[i].Name != contract {
			continue
		}
		f, told := &h.tenants[i].flex, []call{{at(c.From), at(c.To)}}
		for _, o := range f.told {
			if o.to > h.now && o.from != told[0].from {
				told = append(told, o)
			}
		}
		f.told = told
		h.later(told[0].from)
		h.later(told[0].to)
		return true
	}
	return false
}
