package sitefile

import (
	"errors"
	"fmt"

	"sluice/driver/yamlfile"
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
	for _, e := range yamlfile.Parts(err) {
		if f, ok := errors.AsType[*Fault](e); ok {
			list = append(list, f)
		}
	}
	return list
}
