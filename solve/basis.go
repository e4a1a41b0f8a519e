package solve

import "fmt"

// The states of a column or row in a [Basis]. Their numbers are those of HiGHS.
const (
	AtLower  int8 = 0 // nonbasic at its lower bound, or fixed
	Basic    int8 = 1 // basic
	AtUpper  int8 = 2 // nonbasic at its upper bound
	AtZero   int8 = 3 // nonbasic and free, at zero
	Nonbasic int8 = 4 // nonbasic, at whichever bound the solver finds
)

// Basis says of every column and row where a linear program stands. Starting
// from the basis of a similar problem saves most of the work. A basis of the
// right size can be slow but never wrong: the solver repairs it.
type Basis struct {
	Column, Row []int8
}

// Layout describes a problem made of equal blocks, one per interval: Blocks
// blocks of Columns columns from column FirstColumn on, and of Rows rows from
// row FirstRow on. What lies before and after the blocks does not move.
type Layout struct {
	Blocks                int
	Columns, Rows         int // per block
	FirstColumn, FirstRow int
}

// Shift returns the basis moved forward by n blocks: the first n blocks are
// dropped, the others take their place, and the last is repeated at the end.
// It fails when the layout does not fit the basis or n is not within 0 and
// Blocks.
func (b *Basis) Shift(l Layout, n int) (*Basis, error) {
	if l.Blocks < 1 || n < 0 || n > l.Blocks {
		return nil, fmt.Errorf("shift basis by %d of %d blocks: want 0 to the number of blocks, and at least one block", n, l.Blocks)
	}
	column, err := shift(b.Column, l.FirstColumn, l.Columns, l.Blocks, n)
	if err != nil {
		return nil, fmt.Errorf("shift basis columns: %w", err)
	}
	row, err := shift(b.Row, l.FirstRow, l.Rows, l.Blocks, n)
	if err != nil {
		return nil, fmt.Errorf("shift basis rows: %w", err)
	}
	return &Basis{Column: column, Row: row}, nil
}

// shift moves the blocks of one side of a basis.
func shift(old []int8, first, size, blocks, n int) ([]int8, error) {
	end := first + size*blocks
	if first < 0 || size < 0 || end > len(old) {
		return nil, fmt.Errorf("%d blocks of %d from %d on do not fit %d entries", blocks, size, first, len(old))
	}
	out := make([]int8, len(old))
	copy(out, old)
	copy(out[first:end], old[first+n*size:end])
	last := old[end-size : end]
	for k := blocks - n; k < blocks; k++ {
		copy(out[first+k*size:], last)
	}
	return out, nil
}

// fits says whether the basis has the size of the problem.
func (b *Basis) fits(p *Problem) error {
	if len(b.Column) != p.Columns() || len(b.Row) != p.Rows() {
		return fmt.Errorf("%w: basis of %d columns and %d rows for a problem of %d and %d",
			ErrInvalid, len(b.Column), len(b.Row), p.Columns(), p.Rows())
	}
	for _, side := range [][]int8{b.Column, b.Row} {
		for i, s := range side {
			if s < AtLower || s > Nonbasic {
				return fmt.Errorf("%w: basis entry %d has the unknown state %d", ErrInvalid, i, s)
			}
		}
	}
	return nil
}
