package solve

import "slices"

// Column describes one column for [Builder.AddColumn].
type Column struct {
	Cost         float64
	Lower, Upper float64
	Kind         Kind
}

// Term is one coefficient of a row.
type Term struct {
	Column int
	Value  float64
}

// Builder collects a [Problem] column by column and row by row. The zero value
// is empty and ready.
type Builder struct {
	p     Problem
	terms []Term // scratch, kept between rows
}

// AddColumn adds a column and returns its number.
func (b *Builder) AddColumn(c Column) int {
	b.p.Cost = append(b.p.Cost, c.Cost)
	b.p.Lower = append(b.p.Lower, c.Lower)
	b.p.Upper = append(b.p.Upper, c.Upper)
	b.p.Kind = append(b.p.Kind, c.Kind)
	return len(b.p.Cost) - 1
}

// AddRow adds lower <= sum of terms <= upper and returns the row's number.
// Terms of one column are added up; a zero coefficient is kept, so that rows of
// one shape stay of one shape.
func (b *Builder) AddRow(lower, upper float64, terms ...Term) int {
	if len(b.p.Start) == 0 {
		b.p.Start = append(b.p.Start, 0)
	}
	b.terms = append(b.terms[:0], terms...)
	slices.SortStableFunc(b.terms, func(x, y Term) int { return x.Column - y.Column })
	begin := len(b.p.Index)
	for _, t := range b.terms {
		if n := len(b.p.Index); n > begin && b.p.Index[n-1] == int32(t.Column) {
			b.p.Value[n-1] += t.Value
			continue
		}
		b.p.Index = append(b.p.Index, int32(t.Column))
		b.p.Value = append(b.p.Value, t.Value)
	}
	b.p.Start = append(b.p.Start, int32(len(b.p.Index)))
	b.p.RowLower = append(b.p.RowLower, lower)
	b.p.RowUpper = append(b.p.RowUpper, upper)
	return len(b.p.RowLower) - 1
}

// AddOffset adds x to the constant part of the objective.
func (b *Builder) AddOffset(x float64) { b.p.Offset += x }

// Problem returns what was collected. The builder and the problem share their
// memory: stop adding before using it.
func (b *Builder) Problem() *Problem {
	if len(b.p.Start) == 0 {
		b.p.Start = append(b.p.Start, 0)
	}
	p := b.p
	if !p.Mixed() {
		p.Kind = nil
	}
	return &p
}
