package sitefile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a site file. Read returns all of them
// joined; errors.As finds the first and Faults lists them.
type Fault struct {
	File   string // as the caller named it
	Line   int    // counted from 1; 0: the file as a whole
	Column int    // counted from 1; 0: the line as a whole
	What   string // what is wrong, and with what
	Remedy string // what a person can do about it
	Err    error  // what a room said, when it found the fault

	hole bool // a value is missing or unreadable, so the rooms would complain again about what is not there
}

// Error reads: file, line and column, what, remedy; on one line.
func (f *Fault) Error() string {
	at := f.File
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
	return fmt.Sprintf("%s: %s; %s", at, f.What, f.Remedy)
}

// Unwrap returns what a room said, or nil.
func (f *Fault) Unwrap() error { return f.Err }

// Faults lists every fault of an error that Read returned, in the order of the file.
func Faults(err error) []*Fault {
	var list []*Fault
	for _, e := range parts(err) {
		if f, ok := errors.AsType[*Fault](e); ok {
			list = append(list, f)
		}
	}
	return list
}

// parts takes joined errors apart.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// nearest is the name that takes the fewest letters to reach, or nothing when
// none is near.
func nearest(name string, names []string) string {
	best, least := "", max(2, len(name)/2)+1
	for _, n := range slices.Sorted(slices.Values(names)) {
		if d := letters(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// letters is how many letters to add, drop, change or swap with their neighbour
// to turn a into b.
func letters(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			changed := last[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(changed, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
