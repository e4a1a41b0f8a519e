package cost

import (
	"slices"

	"sluice/books"
	"sluice/unit"
)

// Dimension is by what the cost of a bitcoin is cut.
type Dimension string

// The dimensions.
const (
	Site  Dimension = "site"
	Model Dimension = "model"
)

// Of is what tags say in a dimension; empty: nothing.
func (d Dimension) Of(t books.Tags) string {
	switch d {
	case Site:
		return t.Site
	case Model:
		return t.Model
	}
	return ""
}

// Yield is what hashing under one set of tags brought.
type Yield struct {
	Tags   books.Tags
	Earned unit.Satoshi
	Work   unit.Work // accepted by the pools; 0: not known
}

// Yields are the coins that pool credits made, less those that were taken back, by
// the tags of the lines that exchange them into money: coins of several models are
// in one lot, and told apart only there. They come in the order in which they came
// first.
func Yields(all []books.Transaction) (out []Yield) {
	for _, t := range all {
		mined := slices.ContainsFunc(t.Lines, func(l books.Line) bool {
			return l.Account == books.MiningSubsidy || l.Account == books.MiningFees
		})
		if t.Standing != books.Posted || !mined {
			continue
		}
		for _, l := range t.Lines {
			if l.Account != books.Conversion(books.Bitcoin) {
				continue
			}
			i := slices.IndexFunc(out, func(y Yield) bool { return y.Tags == l.Tags })
			if i < 0 {
				i, out = len(out), append(out, Yield{Tags: l.Tags})
			}
			out[i].Earned -= unit.Satoshi(l.Amount)
		}
	}
	return out
}

// Part is the statement of one site or model. Its name is empty for what names none
// and is divided by no key; where it earned nothing there is no cost of a bitcoin.
type Part struct {
	Name string
	Statement
}

// Cut is the cost of a bitcoin by parts, in the order of their names.
type Cut struct {
	Parts []Part
	Keys  []string // by which what names no part was divided
}

// By states what a bitcoin cost in every site or model. Costs belong where their
// tags say; what names no part is divided by the keys of that dimension, or stands
// in a part without a name. Coins and costs of the parts sum to those of the whole.
//
// Source: docs/formula/cost.md.
func By(in Input, yields []Yield, d Dimension) (Cut, error) {
	var whole Statement
	all, err := in.shares(&whole)
	if err != nil {
		return Cut{}, err
	}
	var out Cut
	parts := map[string][]share{}
	for _, x := range all {
		if err := in.spread(&out, x, d, parts); err != nil {
			return Cut{}, err
		}
	}
	work := map[string]unit.Work{}
	earned := map[string]unit.Satoshi{}
	for _, y := range yields {
		name := d.Of(y.Tags)
		work[name], earned[name] = work[name]+y.Work, earned[name]+y.Earned
		if _, known := parts[name]; !known {
			parts[name] = nil
		}
	}
	nothing := [4]Level{{Level: 1}, {Level: 2}, {Level: 3}, {Level: 4}}
	for _, name := range sorted(parts) {
		p := Part{Name: name, Statement: Statement{Earned: earned[name]}}
		if err := p.levels(parts[name], work[name]); err != nil {
			return Cut{}, err
		}
		if p.Levels != nothing || p.Earned != 0 {
			out.Parts = append(out.Parts, p)
		}
	}
	return out, nil
}

// spread gives a share to the part that its tags name, or to several by a key.
func (in Input) spread(out *Cut, x share, d Dimension, parts map[string][]share) error {
	name := d.Of(x.tags)
	i := slices.IndexFunc(in.Keys, func(k Key) bool { return k.fits(d, x.account, x.tags) })
	if name != "" || i < 0 {
		parts[name] = append(parts[name], x)
		return nil
	}
	out.Keys = once(out.Keys, in.Keys[i].Name)
	split, err := in.Keys[i].divide(x.amount)
	for _, n := range sorted(split) {
		y := x
		y.amount = split[n]
		parts[n] = append(parts[n], y)
	}
	return err
}
