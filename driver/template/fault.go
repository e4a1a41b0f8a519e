package template

import (
	"fmt"
	"slices"
	"strings"
)

// sourceMax bounds a file, bytes; faultsMax the faults that are reported.
const (
	sourceMax = 64 << 10
	faultsMax = 50
)

// Fault is one thing that is wrong with a file.
type Fault struct {
	File   string
	Line   int // counted from one; zero: the file as a whole
	What   string
	Remedy string
}

// String says where, what and what to do.
func (f Fault) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.What, f.Remedy)
}

// Error is everything that is wrong with a file, in the order of its lines.
type Error []Fault

// Error lists all faults, one a line.
func (e Error) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Reader collects the faults of one file while its objects are read.
type Reader struct {
	file   string
	faults []Fault
}

// New returns a reader of a file, which is named so in its faults.
func New(file string) *Reader { return &Reader{file: file} }

// Say adds a fault.
func (r *Reader) Say(line int, what, remedy string) {
	if len(r.faults) < faultsMax {
		r.faults = append(r.faults, Fault{File: r.file, Line: line, What: what, Remedy: remedy})
	}
}

// Faults is everything found so far, in the order of its lines; nil when there is nothing.
func (r *Reader) Faults() Error {
	slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
	return r.faults
}

// Err is Faults as an error; nil when there is nothing.
func (r *Reader) Err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return r.Faults()
}
