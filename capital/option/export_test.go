package option

// LeastSquares solves a basis, given by columns, for right sides, in blocks of so
// many rows, as a fit does.
func LeastSquares(basis, sides [][]float64, rows int) (coefficients [][]float64, kept int) {
	n, k := len(basis[0]), len(basis)
	joined := newSheet(0, k, len(sides))
	for at := 0; at < n; at += rows {
		part := newSheet(min(rows, n-at), k, len(sides))
		for j, c := range append(append([][]float64{}, basis...), sides...) {
			copy(part.columns[j], c[at:])
		}
		left := part.fold()
		for j, c := range part.columns {
			joined.columns[j] = append(joined.columns[j], c[:left]...)
		}
		joined.rows += left
	}
	return joined.coefficients()
}

// Products are the exponents of a basis, as one string of variables for each term.
func Products(variables []int, states, degree int) (out []string) {
	all := terms(variables, states, degree)
	for _, t := range all {
		name := ""
		if t.from >= 0 {
			name = out[t.from] + string(rune('a'+t.by))
		}
		out = append(out, name)
	}
	return out
}
