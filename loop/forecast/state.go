package forecast

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrState marks a stored state that does not fit the desk.
var ErrState = errors.New("state does not fit this desk")

// Clone returns a desk in the same state that shares nothing with d.
func (d *Desk) Clone() *Desk {
	c, err := New(d.cfg)
	if err == nil {
		err = c.UnmarshalBinary(d.state())
	}
	if err != nil {
		panic("forecast: a desk cannot read its own state: " + err.Error())
	}
	c.peek = d.peek
	return c
}

// MarshalBinary returns everything that d has learned, about half a megabyte.
// A desk of the same Config that reads it answers every later question with
// the same bytes as d, so that a replay can resume anywhere. The form is
// private to one version of this package; what must last is the price history,
// from which a desk can always be rebuilt.
func (d *Desk) MarshalBinary() ([]byte, error) { return d.state(), nil }

func (d *Desk) state() []byte {
	t := &tape{writing: true, data: make([]byte, 0, 1<<19)}
	d.record(t)
	return t.data
}

// UnmarshalBinary puts d, made by New with the same Config, into a state that
// MarshalBinary returned. ErrState leaves d of no further use.
func (d *Desk) UnmarshalBinary(data []byte) error {
	t := &tape{data: data}
	d.record(t)
	if t.bad || t.at != len(data) {
		return fmt.Errorf("read %d bytes of desk state: %w: use the same configuration and version, or rebuild from the price history", len(data), ErrState)
	}
	if d.turns > 0 {
		d.clock.turn(d.at)
	}
	return nil
}

// record writes or reads every field that changes, in one fixed order.
func (d *Desk) record(t *tape) {
	t.same(fmt.Sprintf("1 %v %v %v %v %v", d.cfg.Step, d.cfg.Zone, d.enters, d.cfg.Horizon, d.stake))
	t.whole(&d.at, &d.turns, &d.first)
	t.real(&d.drift, &d.basis)
	for i := range d.recent {
		t.whole(&d.recent[i].interval)
		t.real(&d.recent[i].price, &d.recent[i].residual)
	}
	d.season.record(t)
	d.learner.record(t)
	for i := range d.curve.of {
		t.whole(&d.curve.of[i])
	}
	t.reals(d.curve.price)
	for b := range bands {
		d.wait[b].record(t)
		for m := range contenders {
			d.tally[b][m].record(t)
			d.errors[b][m].record(t)
			rank := int64(d.rank[b][m])
			t.whole(&rank)
			t.bad = t.bad || rank < 0 || rank >= contenders
			d.rank[b][m] = int(rank)
		}
	}
}

func (s *season) record(t *tape) {
	t.reals(s.day)
	for i := range s.seen {
		t.whole(&s.seen[i])
	}
	for _, p := range []*profile{&s.level, &s.mean, &s.warm} {
		t.reals(p.raw)
		t.reals(p.smooth)
	}
	t.real(&s.typical)
}

func (l *learner) record(t *tape) {
	for i := range l.lead {
		t.reals(l.weight[i][:])
		for r := range signals {
			t.reals(l.spread[i][r][:])
		}
	}
	t.reals(l.left)
	l.now.record(t)
	for i := range l.past {
		l.past[i].record(t)
	}
}

func (m *memory) record(t *tape) {
	t.whole(&m.origin)
	t.real(&m.scale)
	t.flag(&m.big)
	t.reals(m.signal[:])
	t.reals(m.level)
}

func (w *waiting) record(t *tape) {
	for i := range w.ring {
		g := &w.ring[i]
		t.whole(&g.target)
		t.reals(g.point[:])
		t.reals(g.scale[:])
		for m := range g.read {
			t.reals(g.read[m][:])
		}
	}
}

func (a *tally) record(t *tape) {
	t.real(&a.n, &a.miss, &a.square, &a.sum, &a.regret, &a.pinball, &a.recent, &a.weight, &a.chosen)
	t.reals(a.under[:])
}

func (r *residuals) record(t *tape) {
	n, next := int64(len(r.ring)), int64(r.next)
	t.whole(&n, &next)
	if t.bad || n < 1 || n > window || next < 0 || next >= window {
		t.bad = true
		return
	}
	r.ring, r.next = slices.Grow(r.ring, window)[:n], int(next)
	t.reals(r.ring)
	t.reals(r.level[:])
	for _, level := range r.level {
		t.bad = t.bad || !(level >= 0 && level <= 1)
	}
	if !t.writing {
		r.sorted = append(r.sorted[:0], r.ring...)
		slices.Sort(r.sorted)
	}
}

// tape writes values one after another, or reads them back in the same order.
// A short tape reads as bad, never as zero.
type tape struct {
	data         []byte
	at           int
	writing, bad bool
}

func (t *tape) word(v uint64) uint64 {
	if t.writing {
		t.data = binary.LittleEndian.AppendUint64(t.data, v)
		return v
	}
	if t.bad || len(t.data)-t.at < 8 {
		t.bad = true
		return v
	}
	t.at += 8
	return binary.LittleEndian.Uint64(t.data[t.at-8:])
}

func (t *tape) whole(vs ...*int64) {
	for _, v := range vs {
		*v = int64(t.word(uint64(*v)))
	}
}

func (t *tape) real(vs ...*float64) {
	for _, v := range vs {
		*v = math.Float64frombits(t.word(math.Float64bits(*v)))
	}
}

func (t *tape) reals(vs []float64) {
	for i := range vs {
		t.real(&vs[i])
	}
}

func (t *tape) flag(v *bool) {
	one := int64(0)
	if *v {
		one = 1
	}
	t.whole(&one)
	*v = one == 1
}

// same writes text, or reads as bad when other text was written.
func (t *tape) same(text string) {
	if t.writing {
		t.word(uint64(len(text)))
		t.data = append(t.data, text...)
		return
	}
	n := t.word(0)
	if t.bad || n != uint64(len(text)) || len(t.data)-t.at < len(text) || string(t.data[t.at:t.at+len(text)]) != text {
		t.bad = true
		return
	}
	t.at += len(text)
}
