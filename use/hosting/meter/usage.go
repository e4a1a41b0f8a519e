package meter

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"sluice/books"
	"sluice/books/rate"
)

// Measure is what a quantity counts.
type Measure string

// The measures, as the unit of usage files.
const (
	Joules     Measure = "J"
	GPUSeconds Measure = "GPU-seconds"
)

// Usage is what one contract used of one component over one stretch: what is billed.
type Usage struct {
	Tenant    string
	Contract  string
	Meter     string // the boundary
	Component string
	Span      rate.Span
	Quantity  int64
	Measure   Measure
	Revision  int // from 1; a correction is a higher one
	Estimated bool
	Evidence  books.Hash // of the paper that it was made of
}

// Interval is the usage as it is rated.
func (u Usage) Interval() rate.Interval {
	return rate.Interval{
		Contract: u.Contract, Meter: u.Meter, Component: u.Component, From: u.Span.From, To: u.Span.To,
		Quantity: u.Quantity, Revision: u.Revision, Estimated: u.Estimated, Evidence: u.Evidence,
	}
}

// Usage is what every contract in force used, in the first revision: energy of
// machines and of the facility, GPU-seconds, and slice-seconds where it has slices.
// A contract that used nothing says so. What is held is left out.
func (a Attribution) Usage() []Usage {
	var out []Usage
	for _, c := range a.Contracts {
		var all Row
		for _, r := range a.Rows {
			if r.Contract == c.Name {
				all.GPU, all.Rest, all.Network = all.GPU+r.GPU, all.Rest+r.Rest, all.Network+r.Network
				all.Overhead, all.Residual = all.Overhead+r.Overhead, all.Residual+r.Residual
				all.GPUSeconds, all.SliceSeconds = all.GPUSeconds+r.GPUSeconds, all.SliceSeconds+r.SliceSeconds
				all.Marks = marked(all.Marks, r.Marks...)
			}
		}
		vague := len(all.Marks) > 0
		out = a.add(out, c, Usage{Component: ITEnergy, Quantity: int64(all.IT()), Measure: Joules, Estimated: vague})
		out = a.add(out, c, Usage{Component: FacilityEnergy, Quantity: int64(all.Facility()), Measure: Joules, Estimated: vague})
		out = a.add(out, c, Usage{Component: c.Component, Quantity: all.GPUSeconds, Measure: GPUSeconds})
		if c.Slices != "" {
			out = a.add(out, c, Usage{Component: c.Slices, Quantity: all.SliceSeconds, Measure: GPUSeconds})
		}
	}
	return out
}

// add completes a usage, unless it is held.
func (a Attribution) add(to []Usage, c Contract, u Usage) []Usage {
	held := slices.ContainsFunc(a.Holds, func(h Hold) bool {
		return h.Component == u.Component && (h.Contract == "" || h.Contract == c.Name)
	})
	if held {
		return to
	}
	u.Tenant, u.Contract, u.Meter, u.Span, u.Revision, u.Evidence = c.Tenant, c.Name, a.Boundary, a.Span, 1, a.Evidence
	return append(to, u)
}

// ErrRevision is a correction that covers only a part of what it corrects.
var ErrRevision = errors.New("a correction covers whole intervals of what was delivered")

// Revise is what has to be delivered so that what was delivered becomes what is
// known now: of every meter, component and stretch that says something else, a
// higher revision. What says the same is left out, so that delivering again is
// harmless. Errors wrap ErrRevision; nothing is taken back by saying nothing of it.
func Revise(delivered, now []Usage) ([]Usage, error) {
	old := map[line][]Usage{}
	for _, u := range Current(delivered) {
		old[u.line()] = append(old[u.line()], u)
	}
	var out []Usage
	for _, u := range now {
		same, most := false, 0
		for _, o := range old[u.line()] {
			c := o.Span.Common(u.Span)
			if c.Empty() {
				continue
			}
			most = max(most, o.Revision)
			same = same || o.Span == u.Span && o.Quantity == u.Quantity && o.Estimated == u.Estimated && o.Measure == u.Measure
			if c != o.Span && !covered(o.Span, now, u, 0) {
				return nil, fmt.Errorf("%s of %s, contract %s, from %d to %d: %w: it overlaps that from %d to %d", u.Component, u.Meter, u.Contract, u.Span.From, u.Span.To, ErrRevision, o.Span.From, o.Span.To)
			}
		}
		if !same {
			u.Revision = most + 1
			out = append(out, u)
		}
	}
	return out, nil
}

// covered reports whether usage like one, of revisions above one, covers a stretch.
func covered(s rate.Span, now []Usage, like Usage, above int) bool {
	var has []rate.Span
	for _, u := range now {
		if u.Revision > above && u.line() == like.line() {
			has = append(has, u.Span.Common(s))
		}
	}
	all := rate.Union(has)
	return len(all) == 1 && all[0] == s
}

// Current is what still counts of what was delivered: the highest revision of each
// stretch, unless later ones cover it cut otherwise.
func Current(all []Usage) []Usage {
	in := slices.Clone(all)
	slices.SortFunc(in, func(a, b Usage) int {
		return cmp.Or(compareLines(a, b), cmp.Compare(a.Span.From, b.Span.From), cmp.Compare(a.Span.To, b.Span.To), cmp.Compare(b.Revision, a.Revision))
	})
	in = slices.CompactFunc(in, func(a, b Usage) bool { return compareLines(a, b) == 0 && a.Span == b.Span })
	most := map[line]int{}
	for _, u := range in {
		most[u.line()] = max(most[u.line()], u.Revision)
	}
	return slices.DeleteFunc(slices.Clone(in), func(u Usage) bool {
		return u.Revision < most[u.line()] && covered(u.Span, in, u, u.Revision)
	})
}

// line is what follows on each other without overlap.
type line struct{ contract, meter, component string }

func (u Usage) line() line { return line{u.Contract, u.Meter, u.Component} }

func compareLines(a, b Usage) int {
	return cmp.Or(cmp.Compare(a.Contract, b.Contract), cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.Component, b.Component))
}

// WriteUsage writes the file in which use is delivered to billing.
func WriteUsage(w io.Writer, all []Usage) error {
	rows := [][]string{{"contract", "meter", "component", "start", "end", "quantity", "unit", "revision", "estimated"}}
	for _, u := range all {
		estimated := "no"
		if u.Estimated {
			estimated = "yes"
		}
		rows = append(rows, []string{u.Contract, u.Meter, u.Component, instant(u.Span.From), instant(u.Span.To), strconv.FormatInt(u.Quantity, 10), string(u.Measure), strconv.Itoa(u.Revision), estimated})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func instant(at int64) string { return time.Unix(at, 0).UTC().Format(time.RFC3339) }
