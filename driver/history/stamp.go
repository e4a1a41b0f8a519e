package history

import (
	"strconv"
	"strings"
	"time"

	"sluice/series"
)

// The years in which a recorded interval can lie; anything else is a misread stamp.
const (
	firstYear = 1990
	lastYear  = 2100
)

// boundary is the finest mark that a settlement interval can begin on.
const boundary = 5 * 60

// clock reads the stamps of one file.
type clock struct {
	layout  string
	last    int // the layout that fitted last, tried first
	zone    *time.Location
	zoneSet bool
	local   bool // the column says that its stamps are local
	utc     bool // the column says that its stamps are UTC
}

func newClock(c Columns, column string) *clock {
	k := &clock{layout: c.Layout, zone: c.Zone, zoneSet: c.Zone != nil}
	if c.Zone == nil {
		k.zone = time.UTC
	}
	k.local, k.utc = hasWord(column, "local", "lt"), hasWord(column, "utc", "gmt")
	return k
}

// stamp is a stamp as written: an instant when it carries an offset, otherwise
// a reading of a clock, kept as if it were UTC.
type stamp struct {
	seconds int64
	fixed   bool
}

type layout struct {
	form   string
	offset bool
}

// layouts are tried in turn where a person gives none.
func layouts() []layout {
	return []layout{
		{"2006-01-02T15:04:05Z07:00", true},
		{"2006-01-02 15:04:05Z07:00", true},
		{"2006-01-02T15:04Z07:00", true},
		{"2006-01-02 15:04Z07:00", true},
		{"2006-01-02T15:04:05", false},
		{"2006-01-02 15:04:05", false},
		{"2006-01-02T15:04", false},
		{"2006-01-02 15:04", false},
	}
}

// read parses one stamp; what and remedy are empty when it is good.
func (k *clock) read(text string) (s stamp, what, remedy string) {
	text = strings.TrimSpace(text)
	at, fixed, ok := k.parse(text)
	switch {
	case !ok && k.layout != "":
		return s, "stamp " + quote(text) + " does not have the form " + quote(k.layout), "correct the line, or the layout"
	case !ok:
		return s, "stamp " + quote(text) + " is not in a known form", "write 2006-01-02T15:04:05Z, or give the layout"
	case at.Year() < firstYear || at.Year() > lastYear:
		return s, "stamp " + quote(text) + " lies in the year " + strconv.Itoa(at.Year()), "correct the line, or give the layout"
	case at.Nanosecond() != 0 || at.Unix()%boundary != 0:
		return s, "stamp " + quote(text) + " does not lie on a five-minute mark", "give the first or last instant of a settlement interval"
	case !fixed && k.local && !k.zoneSet:
		return s, "stamp " + quote(text) + " is local time by the name of its column, but no zone is given", "give the zone, for example America/Chicago"
	case !fixed && k.utc && k.zoneSet && k.zone != time.UTC:
		return s, "stamp " + quote(text) + " is UTC by the name of its column, but is to be read in " + k.zone.String(), "leave the zone out"
	}
	return stamp{at.Unix(), fixed || k.zone == time.UTC}, "", ""
}

func (k *clock) parse(text string) (at time.Time, fixed, ok bool) {
	switch {
	case k.layout == "unix" || k.layout == "" && len(text) > 8 && strings.Trim(text, "0123456789") == "":
		n, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(n, 0).UTC(), true, err == nil && n >= 0 && n < 1<<40
	case k.layout != "":
		at, err := time.Parse(k.layout, text)
		return at.UTC(), strings.Contains(k.layout, "07"), err == nil
	}
	all := layouts()
	for i := range all {
		l := (k.last + i) % len(all)
		if at, err := time.Parse(all[l].form, text); err == nil {
			k.last = l
			return at.UTC(), all[l].offset, true
		}
	}
	return time.Time{}, false, false
}

// checkLayout refuses a layout with the letters of a zone: "CST" is three zones
// and the standard library reads an unknown one as UTC.
func (t *table) checkLayout(form string) error {
	if strings.Contains(form, "MST") {
		return t.fault(0, "leave the letters out of the data and give the zone", "layout %q reads the letters of a zone, which are not unique", form)
	}
	return nil
}

// settle turns readings of a local clock into instants, in place. The rows come
// in order of the file; the repeated hour of autumn is told apart by sequence.
func (t *table) settle(rows []reading, zone *time.Location) error {
	for i := 0; i < len(rows); i++ {
		if rows[i].stamp.fixed {
			continue
		}
		at := instants(rows[i].stamp, zone)
		switch len(at) {
		case 0:
			return t.fault(rows[i].line, "the file does not follow this zone: give the right zone, or UTC",
				"%s does not exist in %s: the clock skips it", wall(rows[i].stamp), zone)
		case 1:
			rows[i].stamp = stamp{at[0], true}
		default:
			n, err := t.repeated(rows[i:], zone)
			if err != nil {
				return err
			}
			i += n - 1
		}
	}
	return nil
}

// repeated settles the rows of one repeated hour and returns how many there are.
func (t *table) repeated(rows []reading, zone *time.Location) (int, error) {
	n, second := 0, 0
	for n < len(rows) && !rows[n].stamp.fixed && rows[n].stamp.seconds-rows[0].stamp.seconds < day && len(instants(rows[n].stamp, zone)) == 2 {
		if n > 0 && rows[n].stamp.seconds <= rows[n-1].stamp.seconds {
			if second > 0 {
				return 0, t.ambiguous(rows[n], zone)
			}
			second = n
		}
		n++
	}
	if second == 0 {
		return 0, t.fault(rows[0].line, "use UTC or stamps with an offset; or give the hour twice, one pass after the other",
			"%s comes twice in %s, but the file has only one copy of that hour", wall(rows[0].stamp), zone)
	}
	if second != n-second {
		return 0, t.ambiguous(rows[second], zone)
	}
	for i := range second {
		if rows[i].stamp != rows[second+i].stamp {
			return 0, t.ambiguous(rows[second+i], zone)
		}
		at := instants(rows[i].stamp, zone)
		rows[i].stamp, rows[second+i].stamp = stamp{at[0], true}, stamp{at[1], true}
	}
	return n, nil
}

func (t *table) ambiguous(r reading, zone *time.Location) *Fault {
	return t.fault(r.line, "use UTC or stamps with an offset; or give the hour as two whole passes, one after the other",
		"%s lies in the hour that comes twice in %s, and the order of the rows does not tell which pass it belongs to", wall(r.stamp), zone)
}

// instants are the seconds at which a clock in zone shows s.
func instants(s stamp, zone *time.Location) []int64 {
	w := time.Unix(s.seconds, 0).UTC()
	shown := series.Wall{Year: w.Year(), Month: w.Month(), Day: w.Day(), Hour: w.Hour(), Min: w.Minute(), Second: w.Second()}.Instants(zone)
	out := make([]int64, len(shown))
	for i, at := range shown {
		out[i] = at.Unix()
	}
	return out
}

func wall(s stamp) string { return time.Unix(s.seconds, 0).UTC().Format("2006-01-02 15:04") }

func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func show(seconds int64) string { return instant(seconds).Format("2006-01-02T15:04Z") }
