package history

import "fmt"

// Fault is why a file was refused. Every reader of this package returns it as
// a *Fault, to be found with errors.As, except for failures of the io.Reader
// itself, which are wrapped inside one.
type Fault struct {
	File   string // as the caller named it
	Line   int    // counted from 1 in the uncompressed text; 0: the file as a whole
	What   string // what is wrong, and with what
	Remedy string // what a person can do about it
	Err    error  // the cause, when there is one beneath
}

// Error reads: file, line, what, remedy.
func (f *Fault) Error() string {
	place := f.File
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return fmt.Sprintf("%s: %s (%s)", place, f.What, f.Remedy)
}

// Unwrap returns the cause, or nil.
func (f *Fault) Unwrap() error { return f.Err }
