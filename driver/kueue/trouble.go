package kueue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/engine"
	"sluice/unit"
)

// Trouble is something in a cluster for which a person should look.
type Trouble struct {
	Code    string // quota_changed, order_lost, order_waits, order_untended, order_borrows, held_elsewhere, usage_unplaced, boost_off, boost_elsewhere
	Subject string
	Why     string
	Remedy  string
}

// Troubles is what the last View or Usage came upon, in order of code and subject.
func (d *Driver) Troubles() []Trouble {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.troubles)
}

func (d *Driver) trouble(t Trouble) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.troubles) < 1000 {
		d.troubles = append(d.troubles, t)
	}
}

// look goes through what can be wrong and mends orders that would not last.
func (d *Driver) look(ctx context.Context, s state, v engine.View) {
	d.mu.Lock()
	d.troubles = nil
	d.mu.Unlock()
	if d.c.Budget > 0 && v.Watts.Known && v.Watts.Budget != d.c.Budget {
		d.trouble(Trouble{
			"quota_changed", d.c.Watts, fmt.Sprintf("the quotas of the hall come to %d W, and %d W are declared: somebody changed them", v.Watts.Budget, d.c.Budget),
			"correct nominalQuota of the cohort or its queues, or the declared budget; a lower quota evicts nobody",
		})
	}
	var asked unit.Power
	for _, o := range d.orders(s.workloads, "") {
		asked += o.watts
		d.tend(ctx, s, o)
	}
	if own, known := d.reserve(s); known && int64(asked) > own {
		d.trouble(Trouble{
			"order_borrows", d.c.Namespace + "/" + d.c.Reserve, fmt.Sprintf("%d W are withheld or asked for, and %d W are the reserve's own: a firm queue may take back the rest, and its job then waits until the next view", asked, own),
			"withhold less, or give the reserve more nominalQuota",
		})
	}
	d.lookBoosts(ctx, s)
	for _, q := range slices.Concat(s.clusters, s.locals) {
		if q.policy() != none && len(d.stoppers(q.meta)) == 0 && q.Annotations[d.key(dismissed)] == "" {
			d.trouble(Trouble{"held_elsewhere", q.id(), "its stop policy " + q.policy() + " was not set by Sluice", "whoever set it opens it again"})
		}
	}
}

// tend keeps an order alive, and replaces one that Kueue has evicted: without
// pods nobody would clear it, and whoever takes its watts would wait for ever.
func (d *Driver) tend(ctx context.Context, s state, o order) {
	if o.DeletionTimestamp != nil {
		return
	}
	switch {
	case o.yes("Evicted") || !o.active():
		e := o.is("Evicted")
		err := d.renew(ctx, s, o)
		d.trouble(Trouble{
			"order_lost", o.id(), fmt.Sprintf("%d W were taken from it (%s: %.200s)", o.watts, e.Reason, e.Message),
			told("it was placed again; evict jobs if it does not stand soon", err),
		})
	case !o.yes("PodsReady"):
		if err := d.keep(ctx, o.Name); err != nil && !errors.Is(err, engine.ErrUnknown) {
			d.trouble(Trouble{"order_untended", o.id(), "it may end by itself when Kueue's time for pods is over", told("grant patch on workloads/status", err)})
		}
	}
	if !o.yes("QuotaReserved") {
		d.trouble(Trouble{"order_waits", o.id(), fmt.Sprintf("%d W are not withheld yet: %s", o.watts, why(o.workload)), "evict jobs of this power, or withhold less"})
	}
}

// told is a remedy with what went wrong on the way.
func told(remedy string, err error) string {
	if err == nil {
		return remedy
	}
	return remedy + " (" + err.Error() + ")"
}

// renew places an order of the same size and event and deletes the old one. Kueue
// leaves an evicted order its quota as long as it is there. So the new one comes
// first, and takes over when the old one goes; but where orders may preempt, it
// would evict jobs for what is about to be free, and the old one goes first.
func (d *Driver) renew(ctx context.Context, s state, o order) error {
	again := func() error {
		c := engine.Command{Event: o.Labels[d.key(ofEvent)], Seq: o.seq, Why: o.Annotations[d.key(because)]}
		for n := range most {
			if made, err := d.put(ctx, c, n, o.watts); made || err != nil {
				return err
			}
		}
		return fmt.Errorf("no name is free for an order of %s", c.Event)
	}
	gone := func() error { return d.drop(ctx, o.Name) }
	steps := []func() error{again, gone}
	if d.reclaims(s) {
		steps = []func() error{gone, again}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// reserve is the quota of the reserve in watts.
func (d *Driver) reserve(s state) (watts int64, known bool) {
	l, _ := find(s.locals, d.c.Namespace+"/"+d.c.Reserve)
	q, _ := find(s.clusters, l.Spec.ClusterQueue)
	return q.quota(d.c.Watts)
}

// reclaims reports whether orders may take watts from jobs that run.
func (d *Driver) reclaims(s state) bool {
	l, _ := find(s.locals, d.c.Namespace+"/"+d.c.Reserve)
	q, _ := find(s.clusters, l.Spec.ClusterQueue)
	p := q.Spec.Preemption.ReclaimWithinCohort
	return p != "" && p != "Never"
}
