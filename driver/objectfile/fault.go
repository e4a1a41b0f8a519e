package objectfile

import (
	"errors"
	"fmt"
	"slices"

	"sluice/driver/yamlfile"
)

// Fault is one thing that is wrong with a file.
type Fault struct {
	File   string `json:"file"`           // as the caller named it
	Line   int    `json:"line,omitempty"` // counted from 1; 0: the file as a whole
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"` // such as spec.feeders[0].limit_mw; "" where no field is meant
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

// Error reads: file, line and column, field, what, remedy; on one line.
func (f *Fault) Error() string {
	at := f.File
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
	if f.Path != "" {
		at += ": " + f.Path
	}
	at += ": " + f.What
	if f.Remedy != "" {
		at += "; " + f.Remedy
	}
	return at
}

// Faults lists every fault of an error that Read returned, in the order of the file.
func Faults(err error) []*Fault {
	var list []*Fault
	for _, e := range yamlfile.Parts(err) {
		if f, ok := errors.AsType[*Fault](e); ok {
			list = append(list, f)
		}
	}
	return list
}

// faultsMax bounds what is reported of one file.
const faultsMax = 100

// join orders faults by line and keeps one of several alike.
func join(file string, all []*Fault) error {
	slices.SortStableFunc(all, func(a, b *Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	var out []error
	seen := map[string]bool{}
	for _, f := range all {
		if len(out) == faultsMax {
			out = append(out, &Fault{File: file, What: fmt.Sprintf("there are more than %d faults", faultsMax), Remedy: "repair the first ones and read it again"})
			break
		}
		if text := f.Error(); !seen[text] {
			seen[text] = true
			out = append(out, f)
		}
	}
	return errors.Join(out...)
}
