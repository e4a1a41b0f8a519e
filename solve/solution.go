package solve

import (
	"errors"
	"strconv"
	"time"
)

// Errors of this package. Match them with errors.Is.
var (
	// ErrNoSolver means that the binary was built without the solver module.
	ErrNoSolver = errors.New("solve: no solver in this binary: build with make, or run go run ./internal/highs ui/node_modules/highs/build solve")
	// ErrInvalid means that a problem, basis or argument is faulty; the text lists the faults.
	ErrInvalid = errors.New("solve: invalid input")
	// ErrEngine means that the solver module failed. The instance has been
	// discarded and replaces itself at its next use.
	ErrEngine = errors.New("solve: engine failed")
	// ErrBusy means that an instance was used by two goroutines at once.
	ErrBusy = errors.New("solve: instance is in use by another goroutine: make one per goroutine")
	// ErrClosed means that an instance or model was used after Close.
	ErrClosed = errors.New("solve: used after close")
)

// Status says how a run ended.
type Status uint8

// The outcomes of a run.
const (
	// Failed means that there is nothing to use; Detail says why.
	Failed Status = iota
	// Optimal means a checked primal, optimal within tolerance or within the gap.
	Optimal
	// Feasible means a checked primal at which a limit stopped the run.
	Feasible
	// Infeasible means that no point satisfies all rows and bounds.
	Infeasible
	// Unbounded means that the objective falls without end.
	Unbounded
)

// String returns the status as a lower-case word.
func (s Status) String() string {
	switch s {
	case Failed:
		return "failed"
	case Optimal:
		return "optimal"
	case Feasible:
		return "feasible"
	case Infeasible:
		return "infeasible"
	case Unbounded:
		return "unbounded"
	}
	return "status " + strconv.Itoa(int(s))
}

// Usable says whether a solution of this status carries a checked primal.
func (s Status) Usable() bool { return s == Optimal || s == Feasible }

// Solution is the outcome of a run. The slices are set only where Status is
// Optimal or Feasible, and belong to the caller.
type Solution struct {
	Status    Status
	Objective float64 // Offset + Cost·Column, computed in Go
	Column    []float64
	Row       []float64 // A·Column, computed in Go
	// ColumnDual holds reduced costs, RowDual the change of the objective per
	// unit of right-hand side: at a minimum a binding upper side has a dual
	// <= 0, a binding lower side >= 0. Of a mixed-integer problem they come
	// from the linear program with all integers fixed. Nil where the run was
	// stopped by a limit or Options.NoDuals was set.
	ColumnDual, RowDual []float64
	Basis               *Basis  // nil where the solver has none
	Iterations          int     // simplex iterations of this run
	Nodes               int     // branch-and-bound nodes; 0 for a linear program
	Bound               float64 // proven lower bound of a mixed-integer problem; the objective of an optimal linear one
	Detail              string  // why, in words, where Status is not Optimal
}

// Options steer one run. The zero value solves to the end.
type Options struct {
	// TimeLimit is in terms of Config.Now and honoured coarsely: plan for
	// twice. Zero means none. For repeatable runs prefer the other limits.
	TimeLimit      time.Duration
	IterationLimit int       // simplex iterations of a linear program; zero means none
	NodeLimit      int       // branch-and-bound nodes; zero means none
	Gap            float64   // relative gap at which a mixed-integer run may stop; zero means proven
	Basis          *Basis    // starting basis; nil starts cold, or where a kept model stands
	Start          []float64 // starting point of a mixed-integer run, one value per column; nil means none
	NoPresolve     bool      // skips presolve; with a starting basis it is always skipped
	NoDuals        bool      // leaves ColumnDual and RowDual nil, which saves copying
	NoBasis        bool      // leaves Solution.Basis nil, which saves copying
	NoHeuristics   bool      // of a mixed-integer run: only relaxations, cuts and branches, where good answers are had in another way
	CutAge         int       // of a mixed-integer run: rounds after which a cut that does not bind is forgotten; zero means the solver's 30
	Cold           bool      // makes a kept model forget its last run
}
