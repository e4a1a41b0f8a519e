package learned

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/device"
	"sluice/loop/commission"
	"sluice/unit"
	"sluice/use/mining"
)

// Figure is one value from several machines: the middle one, and how far apart
// they lie. Of two in the middle the one measured last wins.
type Figure struct {
	Value  int64 `json:"value"`
	Spread int64 `json:"spread"` // largest less smallest; 0 of one machine
	Of     int   `json:"of"`     // values
}

// Model is what is known of one model under one firmware and cooling. A figure
// that nobody measured is nil.
type Model struct {
	Maker    string        `json:"maker,omitempty"`
	Model    string        `json:"model"`
	Family   device.Family `json:"family"`
	Firmware string        `json:"firmware"`
	Cooling  string        `json:"cooling,omitempty"`
	Standing string        `json:"standing"` // the weakest of what its points rest on
	Units    int           `json:"units"`    // machines learned from
	Failed   int           `json:"failed"`   // trials that ended otherwise
	Last     time.Time     `json:"last"`

	Sleep     *Figure `json:"sleep_ms"`
	Residual  *Figure `json:"residual_w"`
	Bias      *Figure `json:"bias_millionths"`
	Dark      *Figure `json:"dark_ms"` // of ordinary wakes
	FirstHash *Figure `json:"first_hash_ms"`
	Ninety    *Figure `json:"ninety_percent_ms"`
	Steady    *Figure `json:"steady_ms"`
	Fast      *Figure `json:"fast_steady_ms"` // of fast wakes
	Overshoot *Figure `json:"overshoot_w"`
	Boot      *Figure `json:"boot_highest_w"`
	Points    []Point `json:"points"` // rising in power
}

// Point is one level of a model.
type Point struct {
	Label      string            `json:"label"`
	Power      Figure            `json:"power_w"`
	Hash       Figure            `json:"hash_ghs"`
	Confidence mining.Confidence `json:"confidence"`
}

// Merge joins records by model, firmware and cooling, in that order. Trials that
// ended otherwise than learned are counted and teach nothing else.
func Merge(records []commission.Record) []Model {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b commission.Record) int {
		return cmp.Or(alike(a, b), a.At.Compare(b.At))
	})
	var out []Model
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && alike(sorted[j], sorted[i]) == 0 {
			j++
		}
		out = append(out, join(sorted[i:j]))
		i = j
	}
	return out
}

// alike orders records by what is joined; firmware is named without regard to
// case, as in a site file, and nothing said of the cooling is air.
func alike(a, b commission.Record) int {
	return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(strings.ToLower(a.Firmware), strings.ToLower(b.Firmware)), cmp.Compare(cmp.Or(a.Cooling, mining.Air), cmp.Or(b.Cooling, mining.Air)))
}

// join makes one model of records of the same, the oldest first.
func join(all []commission.Record) Model {
	last := all[len(all)-1]
	m := Model{Maker: last.Maker, Model: last.Model, Family: last.Family, Firmware: last.Firmware, Cooling: last.Cooling, Last: last.At}
	var good []commission.Record
	for _, r := range all {
		if r.Verdict == commission.Learned {
			good = append(good, r)
		} else {
			m.Failed++
		}
	}
	good = best(good)
	if m.Units = machines(good); m.Units > 0 {
		m.Standing = good[0].Standing
	}
	pick := func(of func(commission.Record) *int64) *Figure { return figure(gather(good, of)) }
	m.Sleep = pick(func(r commission.Record) *int64 { return r.Sleep })
	m.Residual = pick(func(r commission.Record) *int64 { return r.Residual })
	m.Bias = pick(func(r commission.Record) *int64 { return r.Bias })
	wake := func(fast bool, of func(commission.WakeTimes) *int64) *Figure {
		return pick(func(r commission.Record) *int64 {
			if i := slices.IndexFunc(r.Wakes, func(w commission.WakeTimes) bool { return w.Fast == fast }); i >= 0 {
				return of(r.Wakes[i])
			}
			return nil
		})
	}
	m.Dark = wake(false, func(w commission.WakeTimes) *int64 { return &w.Dark })
	m.FirstHash = wake(false, func(w commission.WakeTimes) *int64 { return w.FirstHash })
	m.Ninety = wake(false, func(w commission.WakeTimes) *int64 { return w.Ninety })
	m.Steady = wake(false, func(w commission.WakeTimes) *int64 { return &w.Steady })
	m.Overshoot = wake(false, func(w commission.WakeTimes) *int64 { return &w.Overshoot })
	m.Fast = wake(true, func(w commission.WakeTimes) *int64 { return &w.Steady })
	m.Boot = pick(func(r commission.Record) *int64 {
		if r.Boot == nil {
			return nil
		}
		return &r.Boot.Highest
	})
	m.Points = points(good)
	return m
}

// best keeps the metered records where there are any: what a machine says of
// itself does not weigh against a meter.
func best(good []commission.Record) []commission.Record {
	metered := slices.DeleteFunc(slices.Clone(good), func(r commission.Record) bool { return r.Standing != commission.ByMeter })
	if len(metered) > 0 {
		return metered
	}
	return good
}

// machines counts different machines, by what names them best.
func machines(records []commission.Record) int {
	seen := map[string]bool{}
	for _, r := range records {
		seen[cmp.Or(r.MAC, r.Serial, r.Address)] = true
	}
	return len(seen)
}

// points joins the levels of the same label.
func points(good []commission.Record) []Point {
	type pair struct{ power, hash []int64 }
	by := map[string]*pair{}
	var labels []string
	confidence := mining.Measured
	for _, r := range good {
		if r.Standing != commission.ByMeter {
			confidence = mining.FirmwareReported
		}
		for _, p := range r.Points {
			q, ok := point(r, p)
			if !ok {
				continue
			}
			if by[q.Label] == nil {
				by[q.Label] = &pair{}
				labels = append(labels, q.Label)
			}
			by[q.Label].power = append(by[q.Label].power, int64(q.Power))
			by[q.Label].hash = append(by[q.Label].hash, int64(q.Hashrate))
		}
	}
	out := []Point{}
	for _, l := range labels {
		out = append(out, Point{Label: l, Power: *figure(by[l].power), Hash: *figure(by[l].hash), Confidence: confidence})
	}
	slices.SortStableFunc(out, func(a, b Point) int { return cmp.Compare(a.Power.Value, b.Power.Value) })
	return out
}

// point is a level as a point of a curve: by meter, else as stated. False: it has
// no power or no hash rate that a curve could use.
func point(r commission.Record, p commission.Point) (mining.Point, bool) {
	w, confidence := p.Stated, mining.FirmwareReported
	if r.Standing == commission.ByMeter {
		w, confidence = p.Metered, mining.Measured
	}
	if w == nil || p.Hash == nil || *p.Hash == 0 {
		return mining.Point{}, false
	}
	return mining.Point{Label: p.Label, Power: unit.Power(*w), Hashrate: unit.Hashrate(*p.Hash), Confidence: confidence}, true
}

func gather(records []commission.Record, of func(commission.Record) *int64) []int64 {
	var out []int64
	for _, r := range records {
		if v := of(r); v != nil {
			out = append(out, *v)
		}
	}
	return out
}

// figure is the middle of values that are in the order of their dates, the newest
// last; nil of none.
func figure(values []int64) *Figure {
	if len(values) == 0 {
		return nil
	}
	rank := make([]int, len(values)) // indices in the order of the values
	for i := range rank {
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	n := len(rank)
	mid := rank[n/2]
	if n%2 == 0 {
		mid = max(rank[n/2-1], rank[n/2]) // the newer of the two
	}
	return &Figure{Value: values[mid], Spread: values[rank[n-1]] - values[rank[0]], Of: n}
}

// Curve is the operating points of a model for the planner: those of its levels
// that rise in power and in hash rate. Source: docs/formula/mining.md.
func (m Model) Curve() mining.Curve {
	var all []mining.Point
	for _, p := range m.Points {
		all = append(all, mining.Point{
			Label: p.Label, Power: unit.Power(p.Power.Value), Hashrate: unit.Hashrate(p.Hash.Value), Confidence: p.Confidence,
			Source: fmt.Sprintf("commissioned %s, %s, %d machines, spread %d W", m.Last.Format(time.DateOnly), m.Standing, p.Power.Of, p.Power.Spread),
		})
	}
	// The middle power and the middle hash rate may be of different machines.
	all = slices.DeleteFunc(all, func(p mining.Point) bool { return !plausible(p) })
	return mining.Curve{Firmware: m.Firmware, Points: mining.Front(all)}
}

// Curves joins what was learned to the models of a site file, one curve for each
// firmware. Of a maker's own firmware the newest version is the curve that groups
// without a firmware use. Models without a usable point are left out.
func Curves(learned []Model) []mining.Model {
	var out []mining.Model
	several := map[string]int{}
	for _, m := range learned {
		if !slices.ContainsFunc(out, func(o mining.Model) bool { return o.Name == m.Model && o.Cooling == cooled(m) }) && len(m.Points) > 0 {
			several[m.Model]++
			out = append(out, mining.Model{Name: m.Model, Maker: m.Maker, Cooling: cooled(m)})
		}
	}
	for i := range out {
		o := &out[i]
		own := newestOwn(learned, *o)
		for j, m := range learned {
			if m.Model != o.Name || cooled(m) != o.Cooling || len(m.Points) == 0 {
				continue
			}
			c := m.Curve()
			if j == own {
				c.Firmware = ""
			}
			if len(c.Points) > 0 {
				o.Curves = append(o.Curves, c)
			}
		}
	}
	out = slices.DeleteFunc(out, func(o mining.Model) bool { return len(o.Curves) == 0 })
	for i := range out {
		if o := &out[i]; several[o.Name] > 1 {
			o.Name += " (" + o.Cooling + ")" // one name, one model
		}
	}
	return out
}

func cooled(m Model) string { return cmp.Or(m.Cooling, mining.Air) }

// newestOwn is the newest record of a model under its maker's own firmware, or -1.
func newestOwn(learned []Model, o mining.Model) int {
	own := -1
	for j, m := range learned {
		makers := m.Family == device.Antminer || m.Family == device.WhatsMiner || m.Family == device.Avalon
		if makers && m.Model == o.Name && cooled(m) == o.Cooling && len(m.Points) > 0 && (own < 0 || m.Last.After(learned[own].Last)) {
			own = j
		}
	}
	return own
}
