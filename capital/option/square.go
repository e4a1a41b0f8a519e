package option

import (
	"math"
	"slices"
)

// sheet is a matrix by columns: the basis first, then the right sides.
type sheet struct {
	rows, basis int
	columns     [][]float64
}

func newSheet(rows, basis, sides int) sheet {
	all := make([]float64, rows*(basis+sides))
	s := sheet{rows: rows, basis: basis, columns: make([][]float64, basis+sides)}
	for j := range s.columns {
		s.columns[j] = all[j*rows : (j+1)*rows : (j+1)*rows]
	}
	return s
}

// singular is the share of a column that must be left when all before it are taken
// away; below it the column says nothing new.
const singular = 1e-9

// mirror turns column j into one number at row r by a reflection and turns the
// columns after it with it. It tells the length that column j had from row r on.
//
// Formula: v = x + sign(x_1) |x| e_1, y -= 2 v (v.y) / (v.v) (Householder 1958).
func (s sheet) mirror(r, j int) (length float64) {
	x := s.columns[j][r:]
	var square float64
	for _, v := range x {
		square += v * v
	}
	length = math.Sqrt(square)
	if length == 0 {
		return 0
	}
	alpha := -math.Copysign(length, x[0])
	x[0] -= alpha
	half := square + math.Abs(alpha)*math.Abs(x[0]+alpha) // v.v / 2
	for _, y := range s.columns[j+1:] {
		y = y[r:][:len(x)]
		var dot float64
		for i, v := range x {
			dot += v * y[i]
		}
		if dot == 0 {
			continue
		}
		dot /= half
		for i, v := range x {
			y[i] -= dot * v
		}
	}
	x[0] = alpha
	clear(x[1:])
	return length
}

// fold brings a block to its triangle; the rows below say no more about the
// coefficients. It returns how many rows are left.
func (s sheet) fold() int {
	if s.rows <= s.basis {
		return s.rows
	}
	for j := range s.basis {
		s.mirror(j, j)
	}
	return s.basis
}

// coefficients are the least-squares solutions of all right sides. Columns of the
// basis that depend on those before them get none; kept is how many have one.
func (s sheet) coefficients() (out [][]float64, kept int) {
	whole := make([]float64, s.basis)
	for j := range whole {
		var square float64
		for _, v := range s.columns[j] {
			square += v * v
		}
		whole[j] = math.Sqrt(square)
	}
	used := make([]int, 0, s.basis)
	for j := 0; j < s.basis && len(used) < s.rows; j++ {
		var left float64
		for _, v := range s.columns[j][len(used):] {
			left += v * v
		}
		if math.Sqrt(left) <= singular*whole[j] {
			continue
		}
		s.mirror(len(used), j)
		used = append(used, j)
	}
	for _, side := range s.columns[s.basis:] {
		out = append(out, s.back(used, side))
	}
	return out, len(used)
}

// back solves the triangle of the columns that are used.
func (s sheet) back(used []int, side []float64) []float64 {
	out := make([]float64, s.basis)
	for r, u := range slices.Backward(used) {
		v := side[r]
		for q := r + 1; q < len(used); q++ {
			v -= s.columns[used[q]][r] * out[used[q]]
		}
		out[u] = v / s.columns[u][r]
	}
	return out
}
