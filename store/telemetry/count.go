package telemetry

import "sync/atomic"

// Reason is why a sample was dropped, or kept otherwise than it came.
type Reason string

// The reasons. They are only ever added.
const (
	Duplicate   Reason = "duplicate"    // another value for an instant that has one
	TooOld      Reason = "too_old"      // further behind the newest sample than Late
	NoTime      Reason = "no_time"      // without an instant, or before 1980
	NotFinite   Reason = "not_finite"   // no number
	BadLabel    Reason = "label"        // no name of a machine, or a label that the metric has not
	BadMetric   Reason = "metric"       // a sum that the catalogue has not
	UnitLimit   Reason = "unit_limit"   // more machines than MaxUnits
	SeriesLimit Reason = "series_limit" // more series than MaxSeries
	RoundLimit  Reason = "round_limit"  // more in one round than it may hold
	Disk        Reason = "disk"         // nearly full, or failed
	Ahead       Reason = "ahead"        // kept: stamped with this machine's clock instead
	Held        Reason = "label_held"   // kept: under the labels that the machine had before
)

// Reasons lists them all, in the order in which they are shown.
func Reasons() []Reason {
	return []Reason{
		Duplicate, TooOld, NoTime, NotFinite, BadLabel, BadMetric,
		UnitLimit, SeriesLimit, RoundLimit, Disk, Ahead, Held,
	}
}

// Kept says whether samples of this reason were stored all the same.
func (r Reason) Kept() bool { return r == Ahead || r == Held }

// Counts is what became of the samples since the database was opened.
type Counts struct {
	Samples  uint64            // stored
	Noted    map[Reason]uint64 // by reason, those that are kept included
	Machines int               // that are remembered
	Series   uint64            // in memory, both databases
}

// tally counts from any goroutine. Its map is filled once and never changed.
type tally struct {
	samples  atomic.Uint64
	machines atomic.Int64
	noted    map[Reason]*atomic.Uint64
}

func newTally() *tally {
	t := &tally{noted: map[Reason]*atomic.Uint64{}}
	for _, r := range Reasons() {
		t.noted[r] = new(atomic.Uint64)
	}
	return t
}

func (t *tally) note(r Reason, n int) { t.noted[r].Add(uint64(n)) }
