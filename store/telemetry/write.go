package telemetry

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
)

// ended is the value that ends a series, so that a question gets no answer
// instead of a value that is up to five minutes old.
func ended() float64 { return math.Float64frombits(value.StaleNaN) }

// answered writes what a machine stated, and ends the series of what it states no longer.
func (db *DB) answered(ctx context.Context, p *pen, s *UnitSample, now time.Time) error {
	u, at := cleanUnit(s.Unit), db.stamp(s.At, now)
	m := db.remember(u, at, now)
	if m == nil {
		return nil
	}
	v := s.values()
	if at == m.last {
		db.tally.note(Duplicate, v.count())
		return nil
	}
	changed, held := m.relabel(u, at)
	if held {
		db.tally.note(Held, 1)
	}
	if changed {
		if err := db.writeValues(ctx, p, m, at, values{}); err != nil {
			return err
		}
		*m = memory{labels: u.own(), last: m.last, seen: m.seen, hour: m.hour, changes: m.changes}
	}
	return db.writeValues(ctx, p, m, at, v)
}

// silent writes that a machine gave no answer. What stands beside its name is
// what was known before.
func (db *DB) silent(ctx context.Context, p *pen, s silentUnit, now time.Time) error {
	at := db.stamp(s.at, now)
	m := db.remember(cleanUnit(s.unit), at, now)
	if m == nil {
		return nil
	}
	if at == m.last {
		db.tally.note(Duplicate, 1)
		return nil
	}
	return db.writeValues(ctx, p, m, at, silence())
}

// remember finds or begins the memory of a machine; nil: it cannot be taken.
func (db *DB) remember(u Unit, at int64, now time.Time) *memory {
	switch {
	case at == noTime:
		db.tally.note(NoTime, 1)
		return nil
	case u.Site == "" || u.Name == "":
		db.tally.note(BadLabel, 1)
		return nil
	}
	if m := db.units[unitKey{u.Site, u.Name}]; m != nil {
		m.seen = now.UnixMilli()
		return m
	}
	if len(db.units) >= db.o.MaxUnits {
		db.tally.note(UnitLimit, 1)
		return nil
	}
	u = u.own()
	m := &memory{labels: u, seen: now.UnixMilli(), last: noTime}
	db.units[unitKey{u.Site, u.Name}] = m
	return m
}

// writeValues writes what is known and ends what was known and is no longer. A
// sample from the past ends nothing.
func (db *DB) writeValues(ctx context.Context, p *pen, m *memory, at int64, v values) error {
	late := at < m.last
	for i, x := range v.v {
		if !v.known[i] {
			if !m.open[i] || late {
				continue
			}
			x = ended()
		}
		ref, stored, err := p.put(ctx, m.refs[i], func() labels.Labels { return m.labels.labelSet(db.series[i]) }, at, x)
		if err != nil {
			return err
		}
		m.refs[i] = ref
		if stored && !late {
			m.open[i] = v.known[i]
		}
	}
	m.last = max(m.last, at)
	return nil
}

// writeSum writes one sum under the labels that the catalogue has for it.
func (db *DB) writeSum(ctx context.Context, p *pen, s *sum, at int64) error {
	d, ok := db.known[s.metric]
	switch {
	case !ok || strings.HasPrefix(d.Labels, machineLabels):
		db.tally.note(BadMetric, 1)
		return nil
	case at == noTime:
		db.tally.note(NoTime, 1)
		return nil
	case math.IsNaN(s.value) || math.IsInf(s.value, 0):
		db.tally.note(NotFinite, 1)
		return nil
	}
	set, ok := sumLabels(d, s.labels)
	if !ok {
		db.tally.note(BadLabel, 1)
		return nil
	}
	key := string(s.metric) + set.String()
	ref, stored, err := p.put(ctx, db.sums[key], func() labels.Labels { return set }, at, s.value)
	if stored {
		db.sums[key] = ref
	}
	return err
}

// sumLabels is the sorted set of a sum; false when a label is not of the metric,
// comes twice, or the site is missing.
func sumLabels(d Description, given []Label) (labels.Labels, bool) {
	names := strings.Fields(d.Labels)
	b, seen := labels.NewScratchBuilder(len(given)+1), map[string]bool{}
	b.Add(model.MetricNameLabel, string(d.Metric))
	for _, l := range given {
		if !slices.Contains(names, l.Name) || seen[l.Name] {
			return labels.EmptyLabels(), false
		}
		if v := clean(l.Value); v != "" {
			seen[l.Name] = true
			b.Add(l.Name, v)
		}
	}
	b.Sort()
	return b.Labels(), seen["site"]
}

// forgetAfter is how long a machine is remembered that is named no more.
const forgetAfter = 2 * time.Hour

// forget drops the memory of machines that are gone, and of sums when there are
// more names than anybody uses.
func (db *DB) forget(now time.Time) {
	db.tally.machines.Store(int64(len(db.units)))
	if since := now.Sub(db.swept); since >= 0 && since < 10*time.Minute {
		return
	}
	db.swept = now
	oldest := now.Add(-forgetAfter).UnixMilli()
	for k, m := range db.units {
		if m.seen < oldest {
			delete(db.units, k)
		}
	}
	if len(db.sums) > roundSums {
		clear(db.sums)
	}
}

// rouse wakes the work in the background when it is due. It never waits.
func (db *DB) rouse(now time.Time) {
	if since := now.Sub(db.tended); since >= 0 && since < tendEvery {
		return
	}
	db.tended = now
	select {
	case db.wake <- struct{}{}:
	default:
	}
}
