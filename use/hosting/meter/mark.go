package meter

import (
	"cmp"
	"slices"
	"strconv"
)

// Mark is why a figure is estimated; the list is closed.
type Mark string

// The marks.
const (
	CounterReset Mark = "counter reset"         // the energy counter of a GPU fell: its driver was loaded anew
	CounterLost  Mark = "counter missing"       // a GPU was not read at both ends
	NoMeter      Mark = "node without meter"    // what a node draws beside its GPUs is estimated
	NoPower      Mark = "node reports no power" // neither GPUs nor node were read: all of it is estimated
	BelowGPUs    Mark = "node meter below GPUs" // its GPUs counted more than the node: its meter was split by them
	SharedGPU    Mark = "shared GPU"            // no split of its energy can be trusted: slice-seconds were used
	ChangedHands Mark = "GPU changed hands"     // within the interval: its energy was split by seconds
	Unlabelled   Mark = "holder of GPU unknown" // energy of GPUs was split by GPU-seconds
	Overbooked   Mark = "more GPUs held than there are"
	Unplaced     Mark = "node unknown" // no energy was found for the job
	Substituted  Mark = "meter estimated"
	Disputed     Mark = "GPU-seconds disputed"
)

// State is what is known of the power of a node.
type State string

// The states of a node.
const (
	Measured  State = "measured"  // every counter and the node's meter were read
	Estimated State = "estimated" // see its marks
	Unknown   State = "unknown"   // nothing was read and nothing is declared: its energy is missing
	SwitchOff State = "off"       // without a meter that says otherwise it draws nothing
)

// Fault is something that does not fit, told with what settles it.
type Fault struct {
	Subject string
	Says    string
}

func compareFaults(a, b Fault) int {
	return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Says, b.Says))
}

func quote(s string) string { return strconv.Quote(s) }

// marked is marks with others, each once and in order.
func marked(all []Mark, more ...Mark) []Mark {
	out := slices.Concat(all, more)
	slices.Sort(out)
	return slices.Compact(out)
}
