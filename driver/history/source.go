package history

import (
	"strings"
	"time"

	"sluice/series"
	"sluice/unit"
)

// Options says what the caller wants of a file.
type Options struct {
	Step     time.Duration // of the grid; zero: the finest length in the file
	Fill     series.Fill   // what to do about gaps; empty: refuse
	From, To time.Time     // the period, [From, To); zero: as far as the file reaches in whole steps
}

// Source is where a series came from and everything that was done to it, for
// the report.
type Source struct {
	Name   string // as the caller named the file
	SHA256 string // of the file as given, still compressed if it was
	Column string // the column of values

	Rows        int       // rows in the file
	First, Last time.Time // start of the first interval in the file, end of the last
	Steps       []time.Duration
	Currency    unit.Currency // empty for temperatures
	Zone        string        // zone of stamps without an offset
	Label       Label
	Step        time.Duration // of the grid

	Missing    int // rows without a value
	Filled     int // intervals of the grid filled by the policy Fill
	Fill       series.Fill
	Duplicates int // rows that repeat the row before in stamp and value; the copy was left out
	Outside    int // rows outside the period asked for
	Held       int // intervals of the grid that share the value of a longer interval of the file
	Averaged   int // intervals of the grid that are the mean of several in the file
	Estimated  int // days marked as estimated by the file itself (Bitcoin only)

	EstimatedDays []time.Time // these days, in order: midnights in UTC
}

// reading is one row: its stamp, what it says, and where it stands.
type reading struct {
	line    int
	stamp   stamp
	value   int64
	known   bool
	minutes int64
}

// quantity is what differs between prices and temperatures.
type quantity struct {
	noun      string
	fits      func(column string) bool
	check     func(t *table, column int) error
	read      func(text string) (int64, error)
	low, high int64
	absurd    string // remedy for a value beyond low or high
}

// load reads a whole file onto a grid.
func load(t *table, q quantity, c Columns, o Options) (*series.Series[int64], Source, error) {
	none := Source{}
	src := Source{Name: t.name, Label: c.Label, Zone: "UTC", Fill: o.Fill}
	if c.Label == "" {
		src.Label = IntervalStart
	}
	if c.Zone != nil {
		src.Zone = c.Zone.String()
	}
	rows, err := t.readings(q, c, &src)
	if err != nil {
		return nil, none, err
	}
	if rows, err = t.order(rows, &src, c); err != nil {
		return nil, none, err
	}
	spans, err := t.spans(rows, c, o.Step)
	if err != nil {
		return nil, none, err
	}
	src.Steps, src.First, src.Last = met(spans), instant(spans[0].start), instant(spans[len(spans)-1].end)
	grid, err := t.grid(spans, o)
	if err != nil {
		return nil, none, err
	}
	out, err := t.lay(spans, grid, o.Fill, &src)
	if err != nil {
		return nil, none, err
	}
	src.SHA256, err = t.digest()
	return out, src, err
}

// picks are the columns to read.
type picks struct{ time, value, minutes int }

func (t *table) pick(q quantity, c Columns) (picks, error) {
	p, err := picks{minutes: -1}, t.checkLayout(c.Layout)
	if err != nil {
		return p, err
	}
	if p.time, err = t.timeColumn(c); err != nil {
		return p, err
	}
	if p.value, err = t.named(c.Value, q.noun, q.fits); err != nil {
		return p, err
	}
	if c.Minutes != "" {
		if p.minutes, err = t.column(c.Minutes, "the length of intervals"); err != nil {
			return p, err
		}
	}
	if p.time == p.value {
		return p, t.fault(1, "name two columns", "column %s cannot be both the time and %s", quote(t.header[p.time]), q.noun)
	}
	return p, q.check(t, p.value)
}

func (t *table) readings(q quantity, c Columns, src *Source) ([]reading, error) {
	p, err := t.pick(q, c)
	if err != nil {
		return nil, err
	}
	src.Column = t.header[p.value]
	k := newClock(c, t.header[p.time])
	var rows []reading
	for {
		fields, line, err := t.next()
		if fields == nil {
			src.Rows = len(rows)
			if err = pastEnd(err); err != nil {
				return nil, err
			}
			return rows, t.settle(rows, k.zone)
		}
		r := reading{line: line}
		var what, remedy string
		if r.stamp, what, remedy = k.read(fields[p.time]); what != "" {
			return nil, t.fault(line, remedy, "%s", what)
		}
		if r.value, r.known, err = t.value(q, fields[p.value], line); err != nil {
			return nil, err
		}
		if p.minutes >= 0 {
			if r.minutes, err = t.minutes(fields[p.minutes], line); err != nil {
				return nil, err
			}
		}
		if !r.known {
			src.Missing++
		}
		rows = append(rows, r)
	}
}

// value reads one value; a written gap is not known, anything else unreadable is a Fault.
func (t *table) value(q quantity, text string, line int) (int64, bool, error) {
	if unknown(text) {
		return 0, false, nil
	}
	v, err := q.read(t.point(text))
	switch {
	case err != nil:
		return 0, false, t.fault(line, "write a plain decimal number such as -31.25; leave it empty where there is none", "%s %s is not a number", q.noun, quote(text))
	case v < q.low || v > q.high:
		return 0, false, t.fault(line, q.absurd, "%s %s is beyond all reason", q.noun, quote(text))
	}
	return v, true, nil
}

func (t *table) minutes(text string, line int) (int64, error) {
	v, err := unit.ParseDecimal(text, 0)
	if err != nil || v < 5 || v > 60 || !settles(v*60) || strings.Contains(text, ".") {
		return 0, t.fault(line, "use 5, 15, 30 or 60", "an interval of %s minutes is none that markets settle on", quote(text))
	}
	return v, nil
}

// order checks that the rows rise in time and drops exact copies, counted.
func (t *table) order(rows []reading, src *Source, c Columns) ([]reading, error) {
	kept := rows[:1]
	for _, r := range rows[1:] {
		last := kept[len(kept)-1]
		switch {
		case r.stamp.seconds > last.stamp.seconds:
			kept = append(kept, r)
		case r.stamp.seconds < last.stamp.seconds:
			remedy := "sort the file by time"
			if c.Zone == nil {
				remedy += "; if its stamps are local time, name the zone"
			}
			return nil, t.fault(r.line, remedy, "%s comes after %s: the rows are not in order of time", show(r.stamp.seconds), show(last.stamp.seconds))
		case r.value != last.value || r.known != last.known || r.minutes != last.minutes:
			return nil, t.fault(r.line, "keep the right row", "%s is given twice with different values, here and on line %d", show(r.stamp.seconds), last.line)
		default:
			src.Duplicates++
		}
	}
	return kept, nil
}
