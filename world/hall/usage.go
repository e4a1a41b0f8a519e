package hall

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sluice/engine"
)

// record is one run that ended.
type record struct {
	job        string
	tenant     int
	run, gpus  int
	places     []place
	from, till moment
	end        engine.End
}

// bundle is how many records are kept together: full bundles are never changed
// again and shared by clones.
const bundle = 256

// records is the runs that ended, in bundles, the last one growing.
type records struct {
	full [][]record
	last []record
}

func newRecords() records { return records{last: make([]record, 0, bundle)} }

func (r *records) clone() records {
	last := make([]record, len(r.last), bundle)
	copy(last, r.last)
	return records{full: slices.Clone(r.full), last: last}
}

// add keeps a run that ends now.
func (r *records) add(w *work, now moment, end engine.End) {
	r.last = append(r.last, record{w.ID, w.tenant, w.run, w.GPUs, w.places, w.started, now, end})
	if len(r.last) == bundle {
		r.full = append(r.full, r.last)
		r.last = make([]record, 0, bundle)
	}
}

// prune forgets bundles that ended long ago.
func (r *records) prune(before moment) {
	for len(r.full) > 0 && r.full[0][bundle-1].till < before {
		r.full = r.full[1:]
	}
}

// Usage implements engine.Recorder, for as long back as records are kept.
func (h *Hall) Usage(_ context.Context, from, to time.Time) ([]engine.Usage, error) {
	if h.unreachable() {
		return nil, engine.ErrUnreachable
	}
	h.records.prune(h.now - moment(0).in(h.set.c.Records))
	var out []engine.Usage
	keep := func(r record) {
		if r.from >= at(to) || r.till != 0 && r.till <= at(from) {
			return
		}
		k := &h.set.tenants[r.tenant]
		u := engine.Usage{Job: r.job, Run: r.run, Tenant: k.Tenant, Contract: k.Name, Queue: k.Name, GPUs: r.gpus, Nodes: h.names(r.places), From: r.from.time(), Ended: r.end}
		if r.till != 0 {
			u.To = r.till.time()
		}
		out = append(out, u)
	}
	for _, b := range h.records.full {
		for _, r := range b {
			keep(r)
		}
	}
	for _, r := range h.records.last {
		keep(r)
	}
	for _, w := range h.running {
		keep(record{w.ID, w.tenant, w.run, w.GPUs, w.places, w.started, 0, engine.StillRuns})
	}
	slices.SortStableFunc(out, func(a, b engine.Usage) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Job, b.Job)) })
	return out, nil
}

// names is the servers of places, in order.
func (h *Hall) names(places []place) []string {
	var out []string
	for _, p := range places {
		out = append(out, h.nodes[p.node].name)
	}
	slices.Sort(out)
	return out
}
