package solve

import (
	"errors"
	"fmt"
	"math"
)

// Kind says which values a column may take.
type Kind uint8

// The kinds of columns. Their numbers are those of HiGHS.
const (
	// Continuous columns take any value between their bounds.
	Continuous Kind = 0
	// Integer columns take whole values between their bounds.
	Integer Kind = 1
	// SemiContinuous columns are zero or between their bounds; the bounds must
	// be finite and not negative.
	SemiContinuous Kind = 2
)

// semiMax is the largest upper bound HiGHS allows a semi-continuous column.
const semiMax = 1e5

// maxFaults limits how many faults Validate lists.
const maxFaults = 20

// Problem is a linear or mixed-integer program:
//
//	minimise   Offset + Cost·x
//	subject to RowLower <= A x <= RowUpper, Lower <= x <= Upper
//
// Bounds may be infinite; costs and coefficients may not. All units are the
// caller's; keep coefficients between about 1e-4 and 1e6.
type Problem struct {
	Cost, Lower, Upper []float64 // per column
	Kind               []Kind    // per column; nil means all Continuous
	RowLower, RowUpper []float64 // per row
	// The matrix in compressed sparse rows: row r holds the coefficients
	// Value[Start[r]:Start[r+1]] in the columns Index[Start[r]:Start[r+1]].
	// Start has one entry more than there are rows. A column appears at most
	// once in a row.
	Start, Index []int32
	Value        []float64
	Offset       float64 // constant part of the objective
}

// Columns returns the number of columns.
func (p *Problem) Columns() int { return len(p.Cost) }

// Rows returns the number of rows.
func (p *Problem) Rows() int { return len(p.RowLower) }

// Mixed says whether a column is integer or semi-continuous.
func (p *Problem) Mixed() bool {
	for _, k := range p.Kind {
		if k != Continuous {
			return true
		}
	}
	return false
}

// Validate reports the faults that make p unfit for the solver, all of them up
// to a limit, as sentences. Crossed bounds are not a fault: such a problem is
// infeasible, and the solver says so. The errors match [ErrInvalid].
func (p *Problem) Validate() error {
	f := &faults{}
	p.checkSizes(f)
	if f.list == nil {
		p.checkColumns(f)
		p.checkRows(f)
		p.checkMatrix(f)
	}
	return f.err()
}

// faults collects sentences up to maxFaults.
type faults struct {
	list []error
	more int
}

// add records one fault.
func (f *faults) add(format string, args ...any) {
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Errorf(format, args...)) //nolint:err113 // Sentences, collected under ErrInvalid.
}

// err joins the faults, or returns nil when there are none.
func (f *faults) err() error {
	if f.list == nil {
		return nil
	}
	if f.more > 0 {
		f.list = append(f.list, fmt.Errorf("and %d more faults", f.more))
	}
	return fmt.Errorf("%w: %w", ErrInvalid, errors.Join(f.list...))
}

// checkSizes compares the lengths of the slices with each other.
func (p *Problem) checkSizes(f *faults) {
	n, m, nz := len(p.Cost), len(p.RowLower), len(p.Value)
	if n == 0 {
		f.add("problem has no columns: give it at least one")
	}
	if n > math.MaxInt32 || m > math.MaxInt32 || nz > math.MaxInt32 {
		f.add("problem has %d columns, %d rows, %d coefficients: each must fit 32 bits", n, m, nz)
	}
	if len(p.Lower) != n || len(p.Upper) != n {
		f.add("bounds: %d lower and %d upper for %d columns", len(p.Lower), len(p.Upper), n)
	}
	if p.Kind != nil && len(p.Kind) != n {
		f.add("kinds: %d for %d columns (nil means all continuous)", len(p.Kind), n)
	}
	if len(p.RowUpper) != m {
		f.add("row bounds: %d lower and %d upper", m, len(p.RowUpper))
	}
	if len(p.Index) != nz {
		f.add("matrix: %d column indices for %d values", len(p.Index), nz)
	}
	if len(p.Start) != m+1 {
		f.add("matrix: %d row starts for %d rows (want one more than rows)", len(p.Start), m)
	} else if p.Start[0] != 0 || int(p.Start[m]) != nz {
		f.add("matrix: row starts run from %d to %d, want 0 to %d", p.Start[0], p.Start[m], nz)
	}
}

// finite says whether x is neither NaN nor infinite.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// checkColumns looks at costs, bounds and kinds.
func (p *Problem) checkColumns(f *faults) {
	if !finite(p.Offset) {
		f.add("offset is %v: it must be finite", p.Offset)
	}
	for j, c := range p.Cost {
		if !finite(c) {
			f.add("column %d: cost is %v: it must be finite", j, c)
		}
		checkBounds(f, "column", j, p.Lower[j], p.Upper[j])
		if p.Kind == nil {
			continue
		}
		switch p.Kind[j] {
		case Continuous, Integer:
		case SemiContinuous:
			if !(p.Lower[j] >= 0 && p.Upper[j] <= semiMax) {
				f.add("column %d: semi-continuous between %v and %v: bounds must lie within 0 and %v", j, p.Lower[j], p.Upper[j], semiMax)
			}
		default:
			f.add("column %d: kind %d is unknown", j, p.Kind[j])
		}
	}
}

// checkRows looks at the row bounds.
func (p *Problem) checkRows(f *faults) {
	for r := range p.RowLower {
		checkBounds(f, "row", r, p.RowLower[r], p.RowUpper[r])
	}
}

// checkBounds refuses NaN and infinities of the wrong side.
func checkBounds(f *faults, what string, i int, lower, upper float64) {
	if math.IsNaN(lower) || math.IsNaN(upper) {
		f.add("%s %d: bounds %v to %v: NaN is not a bound", what, i, lower, upper)
	} else if math.IsInf(lower, 1) || math.IsInf(upper, -1) {
		f.add("%s %d: bounds %v to %v: infinite on the wrong side", what, i, lower, upper)
	}
}

// checkMatrix looks at starts, indices, duplicates and values.
func (p *Problem) checkMatrix(f *faults) {
	seen := make([]int32, len(p.Cost)) // row number + 1 in which the column was last met
	for r := range p.RowLower {
		a, b := p.Start[r], p.Start[r+1]
		if a < 0 || b < a || int(b) > len(p.Value) {
			f.add("row %d: starts at %d and ends at %d of %d coefficients", r, a, b, len(p.Value))
			return
		}
		for k := a; k < b; k++ {
			j := p.Index[k]
			if j < 0 || int(j) >= len(p.Cost) {
				f.add("row %d: column index %d of %d columns", r, j, len(p.Cost))
				continue
			}
			if seen[j] == int32(r)+1 {
				f.add("row %d: column %d appears twice: add the coefficients", r, j)
			}
			seen[j] = int32(r) + 1
			if !finite(p.Value[k]) {
				f.add("row %d: coefficient of column %d is %v: it must be finite", r, j, p.Value[k])
			}
		}
	}
}
