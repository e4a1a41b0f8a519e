package hall

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
	"sluice/use/hosting/shed"
)

// school is what the hall learns: the load of contracts, and how the speed of their
// work follows a power limit.
type school struct {
	kept  keptSchool
	under map[string]*trial // by job
}

// keptSchool is what of it outlives a restart.
type keptSchool struct {
	Forecasts map[string]hosting.Forecast
	Seen      []gpu.Observation
	Plates    map[string]plate `json:",omitempty"` // by model
}

// mostSeen observations are kept, the newest.
const mostSeen = 2000

// trial is one run of a job whose tenant says how far it is.
type trial struct {
	run   time.Time
	free  pace // without a limit
	now   pace
	began bool
}

// pace is a stretch of a run under one limit.
type pace struct {
	limit    unit.Power // 0: none
	from, to time.Time
	done     int64 // at from
	last     int64 // at to
	drawn    int64 // sum of the watts that were read
	reads    int64
}

// long reports whether a stretch teaches something.
func (p pace) long() bool { return p.to.Sub(p.from) >= gpu.TrialTime && p.reads > 0 && p.last > p.done }

// rate is the work of a second, in millionths.
func (p pace) rate() int64 {
	return unit.MulDiv(p.last-p.done, int64(unit.One), max(1, int64(p.to.Sub(p.from)/time.Second)))
}

func (p pace) mean() int64 { return p.drawn / max(1, p.reads) }

// teach takes what contracts drew in an interval in which nothing held them back.
func (h *Hall) teach(a meter.Attribution, d time.Duration) {
	s := &h.school
	if s.kept.Forecasts == nil {
		s.kept.Forecasts = map[string]hosting.Forecast{}
	}
	for name, p := range drawn(a, d) {
		t := h.cfg.tenancy(name)
		if t == nil || h.ledger.touched[name] {
			continue
		}
		f, known := s.kept.Forecasts[name]
		if !known {
			f = hosting.NewForecast(t.Capacity(), t.Capacity(), t.Capacity())
		}
		s.kept.Forecasts[name] = f.Observe(time.Unix(a.Span.From, 0), p, h.cfg.Zone)
	}
}

// curve is that of a contract, with what this site taught.
func (s *school) curve(all gpu.Curves, c hosting.Contract) gpu.Curve {
	known := all.For(c.Model, c.Class)
	var seen []gpu.Observation
	for _, o := range s.kept.Seen {
		if o.Model == known.Model && o.Class == known.Class {
			seen = append(seen, o)
		}
	}
	if learned, err := gpu.Learn(known, seen); err == nil {
		return learned
	}
	return known
}

// progress takes what a tenant says of a job: how much work, in units of its own, was
// done since the job began. It is the only speed that a hall learns from.
func (h *Hall) progress(job string, done int64) bool {
	i := slices.IndexFunc(h.view.Jobs, func(j engine.Job) bool { return j.ID == job && j.State == engine.Running })
	if i < 0 {
		return false
	}
	s, j, now := &h.school, &h.view.Jobs[i], h.now()
	if s.under == nil {
		s.under = map[string]*trial{}
	}
	t := s.under[job]
	if t == nil || !t.run.Equal(j.Started) || done < t.now.last {
		t = &trial{run: j.Started}
		s.under[job] = t
	}
	limit := h.limits()[job]
	if !t.began || t.now.limit != limit {
		h.learn(t, j)
		t.began, t.now = true, pace{limit: limit, from: now, to: now, done: done, last: done}
	}
	t.now.to, t.now.last = now, done
	if p, known := h.drawOf(j); known {
		t.now.drawn, t.now.reads = t.now.drawn+int64(p), t.now.reads+1
	}
	if t.now.long() && limit > 0 && now.Sub(t.now.from) >= 2*gpu.TrialTime { // a long stretch counts again
		h.learn(t, j)
		t.now = pace{limit: limit, from: now, to: now, done: done, last: done}
	}
	return true
}

// learn closes a stretch of a run: without a limit it is what others are held against.
func (h *Hall) learn(t *trial, j *engine.Job) {
	p := t.now
	if !p.long() {
		return
	}
	if p.limit == 0 {
		t.free = p
		return
	}
	owner := h.ownerOf(j)
	if owner == nil || !t.free.long() {
		return
	}
	known := h.cfg.Curves.For(owner.Contract().Model, owner.Contract().Class)
	o := gpu.Observation{
		Model: known.Model, Class: known.Class, Node: first(j.Nodes), Limit: p.limit, Signal: gpu.ByTenant, From: p.from, For: p.to.Sub(p.from),
		Speed: unit.Ratio(unit.MulDiv(p.rate(), int64(unit.One), max(1, t.free.rate()))),
		Power: unit.Ratio(unit.MulDiv(p.mean(), int64(unit.One), max(1, t.free.mean()))),
	}
	if _, err := gpu.Learn(known, []gpu.Observation{o}); err != nil {
		h.note("not_learned", "%v", err)
		return
	}
	s := &h.school.kept
	s.Seen = append(s.Seen, o)
	s.Seen = slices.Delete(s.Seen, 0, max(0, len(s.Seen)-mostSeen))
	h.note("learned", "%s of %s at %s: speed %.3f, power %.3f of those without a limit", j.ID, known.Model, p.limit, o.Speed.Float(), o.Power.Float())
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// limits are the power limits of ours under which jobs run.
func (h *Hall) limits() map[string]unit.Power {
	out := map[string]unit.Power{}
	for _, st := range []curtail.State{h.kernel.State(), h.follow.State()} {
		for _, a := range st.Acts {
			if had, known := out[a.Item]; a.Lever == shed.Cap && (!known || a.Limit < had) {
				out[a.Item] = a.Limit
			}
		}
	}
	return out
}

// drawOf is what the GPUs of a job draw now, by readings that name it; without such
// readings, or where one of them is missing, it is not known.
func (h *Hall) drawOf(j *engine.Job) (unit.Power, bool) {
	var sum unit.Power
	n := 0
	for _, of := range h.readings {
		for i := range of {
			if r := &of[i]; r.Job == j.ID && !r.Shared && r.Has.Draw && h.fresh(r.At) {
				sum += r.Draw
				n++
			}
		}
	}
	return sum, n == j.GPUs && n > 0
}
