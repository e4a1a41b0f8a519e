package telemetry

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Options says how much is kept and how much may be asked. What is left at zero
// gets the value named with it.
type Options struct {
	Now func() time.Time // the clock of this machine; required
	Log *slog.Logger     // nil: nothing is said

	RawRetention  time.Duration // of the machines' series; 0: 15 days
	SiteRetention time.Duration // of the sums; 0: five years
	RawBytes      int64         // most disk for the machines' series; 0: 40 % of the disk
	SiteBytes     int64         // most disk for the sums; 0: 10 % of the disk
	LeastFree     int64         // free bytes below which nothing is written; 0: 512 MiB

	Late      time.Duration // how far a sample may lie behind the newest one; 0: seven days
	MaxUnits  int           // machines that are remembered; 0: 200,000
	MaxSeries int           // series in memory, of each database; 0: 2,000,000
	Query     Limits

	free func(dir string) (int64, error) // test seam: free bytes of a folder's disk; nil: as the system says
	fail func() error                    // test seam: its error counts as one of the disk
}

// Limits bounds what those who ask may use.
type Limits struct {
	Samples    int           // that one query holds in memory; 0: 10 million, 16 bytes each
	Points     int           // in one answer; 0: one million
	Timeout    time.Duration // of one query; 0: 30 s
	Concurrent int           // queries that run at once; 0: 2
	Waiting    int           // queries that may wait for their turn; 0: 16
	Series     int           // series, names or values in one listing; 0: 10,000
}

// WithDefaults fills what was left open.
func (o Options) WithDefaults() Options {
	fill(&o.RawRetention, 15*24*time.Hour)
	fill(&o.SiteRetention, 5*365*24*time.Hour)
	fill(&o.LeastFree, 512<<20)
	fill(&o.Late, 7*24*time.Hour)
	fill(&o.MaxUnits, 200_000)
	fill(&o.MaxSeries, 2_000_000)
	fill(&o.Query.Samples, 10_000_000)
	fill(&o.Query.Points, 1_000_000)
	fill(&o.Query.Timeout, 30*time.Second)
	fill(&o.Query.Concurrent, 2)
	fill(&o.Query.Waiting, 16)
	fill(&o.Query.Series, 10_000)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.free == nil {
		o.free = freeBytes
	}
	if o.fail == nil {
		o.fail = func() error { return nil }
	}
	return o
}

func fill[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Validate reports everything that is wrong, after WithDefaults.
func (o Options) Validate() error {
	var faults []error
	if o.Now == nil {
		faults = append(faults, errors.New("the clock is missing"))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"the retention of machines", o.RawRetention, 2 * time.Hour},
		{"the retention of sums", o.SiteRetention, 2 * time.Hour},
		{"the allowed lateness", o.Late, time.Second},
		{"the timeout of a query", o.Query.Timeout, time.Millisecond},
	} {
		if d.value < d.least {
			faults = append(faults, fmt.Errorf("%s of %s is below %s", d.name, d.value, d.least))
		}
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"the disk for machines", o.RawBytes},
		{"the disk for sums", o.SiteBytes},
		{"the least free disk", o.LeastFree},
		{"the number of machines", int64(o.MaxUnits)},
		{"the number of series", int64(o.MaxSeries)},
		{"the samples of a query", int64(o.Query.Samples)},
		{"the points of an answer", int64(o.Query.Points)},
		{"the queries at once", int64(o.Query.Concurrent)},
		{"the queries that wait", int64(o.Query.Waiting)},
		{"the series of a listing", int64(o.Query.Series)},
	} {
		if n.value < 0 {
			faults = append(faults, fmt.Errorf("%s is negative: %d", n.name, n.value))
		}
	}
	return errors.Join(faults...)
}
