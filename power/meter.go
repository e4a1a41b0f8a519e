package power

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"sluice/series"
	"sluice/unit"
)

// noLimit stands for a power without a limit.
const noLimit unit.Power = 1 << 62

// peakMeter follows one demand charge.
type peakMeter struct {
	period  series.Interval
	highest unit.Power   // of the period
	last    unit.Power   // of the period before
	month   unit.Power   // highest of the open month
	months  []unit.Power // highest of each month before, newest last
	open    time.Time    // start of the open measurement interval; zero: none
	covered time.Duration
	energy  unit.Energy
}

// keptMonths is how far a ratchet can look back.
const keptMonths = 24

// measure feeds the peak meters and the tallies.
func (b *Bill) measure(r Reading) {
	newMonth := b.turned
	b.turned = false
	for i := range b.meters {
		b.turnPeriod(i, r.Interval.Start)
		if newMonth {
			b.meters[i].turnMonth()
		}
		b.read(i, r)
	}
	for i := range b.tallies {
		b.tallies[i].read(r, &b.contracts.Coincident[i], b)
	}
}

// turnPeriod opens the billing period of start. A day that ends within the
// month is billed on the month's line at once; the month itself bills the rest.
func (b *Bill) turnPeriod(i int, start time.Time) {
	m, d := &b.meters[i], &b.contracts.Demand[i]
	if m.period.Length > 0 && start.Before(m.period.End()) {
		return
	}
	if m.period.Length > 0 {
		if !m.period.Start.Before(b.month.Start) {
			billed, cost := m.due(d, b.zone)
			l := &b.lines[b.place.demand+i]
			l.Peak, l.Amount = max(l.Peak, billed), l.Amount-cost
		}
		m.last, m.highest = m.highest, 0
	}
	m.period = d.periodOf(start, b.zone)
}

// turnMonth closes the month's own maximum, to which ratchets refer.
func (m *peakMeter) turnMonth() {
	m.months = append(m.months, m.month)
	if len(m.months) > keptMonths {
		m.months = m.months[1:]
	}
	m.month = 0
}

// read takes the import of one reading. A reading that is longer than the
// measurement interval hides what happened within it: its average counts.
func (b *Bill) read(i int, r Reading) {
	m, d := &b.meters[i], &b.contracts.Demand[i]
	if m.open.IsZero() {
		m.open = r.Interval.Start.Truncate(d.Interval)
	}
	m.energy += r.Import
	m.covered += r.Interval.Length
	if !r.Interval.End().Before(m.open.Add(d.Interval)) {
		b.average(i, r.Interval.End())
	}
}

// average ends the open measurement interval of a meter with what was read of it
// by then.
func (b *Bill) average(i int, by time.Time) {
	m, d := &b.meters[i], &b.contracts.Demand[i]
	average := m.energy.Mean(m.covered)
	for start := m.open; start.Before(by) && average > min(m.highest, m.month); start = start.Add(d.Interval) {
		if d.counts(start, b.zone, b.contracts.Holidays) {
			m.raise(average)
			break
		}
	}
	m.open, m.covered, m.energy = time.Time{}, 0, 0
}

func (m *peakMeter) raise(average unit.Power) {
	m.highest = max(m.highest, average)
	m.month = max(m.month, average)
}

// floor is what is billed anyhow, given the maxima of the months before.
//
// Formula: max(minimum, ratchet * highest of the look-back months).
// Source: docs/formula/tariff.md, "Ratchet".
func (d *DemandCharge) floor(months []unit.Power) unit.Power {
	highest := unit.Power(0)
	for _, p := range months[max(0, len(months)-d.Lookback):] {
		highest = max(highest, p)
	}
	return max(d.MinimumBilled, highest.Scale(d.Ratchet))
}

// due is the billed power of the open period and its cost. Outside its term a
// rule bills nothing, whatever its ratchet.
func (m *peakMeter) due(d *DemandCharge, zone *time.Location) (unit.Power, unit.Amount) {
	last := m.period.End().Add(-1)
	if m.period.Length == 0 || !d.Term.Holds(m.period.Start) && !d.Term.Holds(last) {
		return 0, 0
	}
	billed := max(m.highest, d.floor(m.months))
	return billed, d.rateOver(m.period, zone).Of(billed)
}

// Peaks is where every demand charge stands, for the next plan.
func (b *Bill) Peaks() []PeakState {
	var out []PeakState
	for i := range b.meters {
		m, d := &b.meters[i], &b.contracts.Demand[i]
		if m.period.Length == 0 {
			continue
		}
		soon := append(append([]unit.Power(nil), m.months...), m.month)
		if d.Period == Daily && !m.period.End().Equal(b.month.End()) {
			soon = m.months
		}
		out = append(out, PeakState{
			Rule: d.Name, Period: m.period, Highest: m.highest, Last: m.last,
			Ratchet: d.floor(m.months), Next: d.floor(soon), Open: m.open, Energy: m.energy, Covered: m.covered,
		})
	}
	return out
}

// Highest is the highest counted average of the last 12 months, the open one
// included, per demand charge: what an interruption clause refers to.
func (b *Bill) Highest() map[string]unit.Power {
	out := make(map[string]unit.Power, len(b.meters))
	for _, d := range b.contracts.Demand {
		out[d.Name], _ = b.highest(d.Name)
	}
	return out
}

func (b *Bill) highest(rule string) (unit.Power, bool) {
	for i := range b.meters {
		if b.contracts.Demand[i].Name != rule {
			continue
		}
		m := &b.meters[i]
		highest := m.month
		for _, p := range m.months[max(0, len(m.months)-11):] {
			highest = max(highest, p)
		}
		return highest, true
	}
	return 0, false
}

// Volume is the energy drawn in the open month, per energy charge: where its tiers stand.
func (b *Bill) Volume() map[string]unit.Energy {
	out := make(map[string]unit.Energy, len(b.volume))
	for i, e := range b.contracts.Energy {
		out[e.Name] = b.volume[i]
	}
	return out
}

// tally keeps the average import of every interval that may be counted later.
type tally struct {
	kept    []kept      // in order of time, only ever appended to
	counted []time.Time // already billed
	open    time.Time
	energy  unit.Energy
	covered time.Duration
}

// kept is one interval that may be counted.
type kept struct {
	start   int64 // seconds since 1970
	length  int32 // seconds
	average unit.Power
}

// shared returns a copy that shares the past, which nobody rewrites.
func (t tally) shared() tally {
	t.kept = slices.Clip(t.kept)
	t.counted = slices.Clip(t.counted)
	return t
}

// read keeps the average of an interval that lies in the rule's window.
func (t *tally) read(r Reading, k *CoincidentPeak, b *Bill) {
	length := max(k.Interval, r.Interval.Length)
	if t.open.IsZero() {
		t.open, t.energy, t.covered = r.Interval.Start.Truncate(length), 0, 0
	}
	t.energy += r.Import
	t.covered += r.Interval.Length
	if r.Interval.End().Before(t.open.Add(length)) {
		return
	}
	if k.Term.Holds(t.open) && k.Window.Holds(t.open.In(b.zone), b.contracts.Holidays) {
		t.kept = append(t.kept, kept{t.open.Unix(), int32(length / time.Second), t.energy.Mean(t.covered)})
	}
	t.open = time.Time{}
}

// at is the average import of the kept interval that holds s.
func (t *tally) at(s time.Time) (unit.Power, bool) {
	i := sort.Search(len(t.kept), func(i int) bool { return t.kept[i].start > s.Unix() }) - 1
	if i < 0 || s.Unix() >= t.kept[i].start+int64(t.kept[i].length) {
		return 0, false
	}
	return t.kept[i].average, true
}

// ErrCounted marks counted intervals that cannot be billed.
var ErrCounted = errors.New("the counted interval cannot be billed")

// Count bills the intervals that were counted for a coincident peak rule, once
// they are published, on the line of the month that is open. It returns the
// amount, negative. An interval that has no reading, lies outside the rule's
// window or was billed before is refused, and nothing is billed.
//
// Formula: -rate * sum of average imports / n. Source: docs/formula/tariff.md, "Coincident peak".
func (b *Bill) Count(rule string, starts []time.Time) (unit.Amount, error) {
	for i, k := range b.contracts.Coincident {
		if k.Name != rule {
			continue
		}
		sum, err := b.tallies[i].count(rule, starts)
		if err != nil {
			return 0, err
		}
		amount := -unit.Amount(unit.MulDiv(int64(k.Rate), int64(sum), int64(k.Counted)*int64(unit.Megawatt)))
		l := &b.lines[b.place.coincident+i]
		l.Peak += unit.Power(unit.MulDiv(int64(sum), 1, int64(k.Counted)))
		l.Amount += amount
		return amount, nil
	}
	return 0, fmt.Errorf("coincident peak %q: %w: the contracts have no such rule", rule, ErrCounted)
}

// count sums the averages of the counted intervals and remembers them.
func (t *tally) count(rule string, starts []time.Time) (unit.Power, error) {
	sum, billed := unit.Power(0), t.counted
	for _, s := range starts {
		average, known := t.at(s)
		if !known {
			return 0, fmt.Errorf("coincident peak %q at %s: %w: it has no reading in the rule's window: check the window and feed the readings first", rule, s.UTC().Format(time.RFC3339), ErrCounted)
		}
		for _, c := range billed {
			if c.Equal(s) {
				return 0, fmt.Errorf("coincident peak %q at %s: %w: it is billed already", rule, s.UTC().Format(time.RFC3339), ErrCounted)
			}
		}
		billed = append(billed, s)
		sum += average
	}
	t.counted = billed
	return sum, nil
}
