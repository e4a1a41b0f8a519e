package solve

import (
	"fmt"
	"math"
)

// Tolerances of the recheck. The solver itself works to 1e-7 absolute.
const (
	rowTolerance = 1e-6 // of rows and bounds, relative to the larger of 1 and the bound
	intTolerance = 1e-6 // of integer values, absolute
)

// recheck computes rows and objective from the primal and turns a solution
// that breaks a row or bound into a failed one: a status is not evidence.
//
// The conversions float64(...) keep the compiler from fusing multiply and add,
// which would give other bits on other machines.
func (p *Problem) recheck(s *Solution, mixed bool) {
	s.Row = make([]float64, p.Rows())
	for r := range s.Row {
		var sum float64
		for k := p.Start[r]; k < p.Start[r+1]; k++ {
			sum += float64(p.Value[k] * s.Column[p.Index[k]])
		}
		s.Row[r] = sum
	}
	s.Objective = p.Offset
	for j, c := range p.Cost {
		s.Objective += float64(c * s.Column[j])
	}
	if fault := p.fault(s, mixed); fault != "" {
		*s = Solution{Iterations: s.Iterations, Nodes: s.Nodes, Bound: s.Bound}
		s.Status, s.Detail = Failed, "the solver's answer was refused: "+fault
	}
}

// fault says in words which row, bound or kind a solution breaks first, or
// nothing.
func (p *Problem) fault(s *Solution, mixed bool) string {
	for r, a := range s.Row {
		if broken(a, p.RowLower[r], p.RowUpper[r]) {
			return fmt.Sprintf("row %d is %v, not within %v to %v", r, a, p.RowLower[r], p.RowUpper[r])
		}
	}
	for j, x := range s.Column {
		lower, upper := p.Lower[j], p.Upper[j]
		if mixed {
			switch p.Kind[j] {
			case Continuous:
			case Integer:
				if math.Abs(x-math.Round(x)) > intTolerance {
					return fmt.Sprintf("column %d is %v, not a whole number", j, x)
				}
			case SemiContinuous:
				if math.Abs(x) <= intTolerance {
					lower = 0
				}
			}
		}
		if broken(x, lower, upper) {
			return fmt.Sprintf("column %d is %v, not within %v to %v", j, x, lower, upper)
		}
	}
	if !finite(s.Objective) {
		return fmt.Sprintf("the objective is %v", s.Objective)
	}
	return ""
}

// broken says whether x leaves its range by more than the tolerance. NaN always does.
func broken(x, lower, upper float64) bool {
	return !(x >= lower-rowTolerance*math.Max(1, math.Abs(lower)) && x <= upper+rowTolerance*math.Max(1, math.Abs(upper)))
}
