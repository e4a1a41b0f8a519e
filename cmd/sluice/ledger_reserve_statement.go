package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"sluice/books/supplier"
	"sluice/driver/awardfile"
	"sluice/unit"
)

// reserveCode says how a statement and a settlement differ. Codes are only ever added.
type reserveCode string

// The differences.
const (
	onlyTheirs reserveCode = "only_theirs"   // the operator has an award that is not in the file of awards
	onlyOurs   reserveCode = "only_ours"     // the operator does not have the award
	gapHere    reserveCode = "gap_here"      // part of the award is not known here
	notTaken   reserveCode = "no_shortfall"  // the operator takes nothing back, and we do
	notShed    reserveCode = "shed_not_paid" // the operator does not pay for what was shed
	less       reserveCode = "less"          // the operator pays less, for none of these reasons
	more       reserveCode = "more"          // and more
)

// reserveDifference is one award on which the two do not agree.
type reserveDifference struct {
	code        reserveCode
	award       string
	ours        unit.Amount
	theirs, off unit.Amount // off is theirs less ours
	says        string
}

// reserveStatement is what the operator says, held against the settlement.
type reserveStatement struct {
	name         string
	lines        int
	ours, theirs unit.Amount
	rounding     unit.Amount
	agreed       int // awards
	differences  []reserveDifference
}

// cent is the smallest amount that a statement pays; less is rounding.
const cent = unit.Unit / 100

// compare reads the statement where one is named and holds it against the awards.
func (r *reserveRun) compare() error {
	if r.x.statement == "" {
		return nil
	}
	body, err := r.file("settlement statement", r.x.statement)
	if err != nil {
		return err
	}
	lines, err := awardfile.Statement(bytes.NewReader(body), filepath.Base(r.x.statement), r.s.chart.Currency)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("%s: it has no line", r.x.statement)
	}
	estimate := supplier.Statement{From: r.from, To: r.to, Currency: r.s.chart.Currency}
	final := estimate
	final.ID = filepath.Base(r.x.statement)
	items := map[string]reserveItem{}
	for _, i := range r.items {
		items[i.name] = i
		estimate.Lines = append(estimate.Lines, supplier.Line{Item: i.name, Amount: i.Net()})
	}
	for _, l := range lines {
		final.Lines = append(final.Lines, supplier.Line{Item: l.Award, Amount: l.Amount})
	}
	all, err := supplier.Compare(estimate, final)
	if err != nil {
		return err
	}
	r.statement = &reserveStatement{name: final.ID, lines: len(lines)}
	for _, d := range all {
		i, known := items[d.Item]
		r.statement.add(d, i, known)
	}
	return nil
}

// add holds one award together.
func (s *reserveStatement) add(d supplier.Difference, i reserveItem, known bool) {
	s.ours, s.theirs = s.ours+d.Estimated.Amount, s.theirs+d.Final.Amount
	x := reserveDifference{award: d.Item, ours: d.Estimated.Amount, theirs: d.Final.Amount, off: d.Off}
	missing := d.Final.Item == ""
	if known && !missing && max(d.Off, -d.Off) < cent {
		s.rounding += d.Off
		s.agreed++
		return
	}
	x.code, x.says = explained(i, x, known, missing)
	s.differences = append(s.differences, x)
}

// explained names a difference by what it is likely to be.
func explained(i reserveItem, x reserveDifference, known, missing bool) (reserveCode, string) {
	near := func(a unit.Amount) bool { return max(x.theirs-a, a-x.theirs) < cent }
	text := func(a unit.Amount) string { return strings.TrimSpace(money(a)) }
	switch {
	case !known:
		return onlyTheirs, "the awards of this period do not have it"
	case missing:
		return onlyOurs, "the statement does not have it"
	case len(i.Gaps) > 0:
		return gapHere, "part of it is not known here: " + counted(len(i.Gaps), "gap")
	case i.Penalty != 0 && near(i.Gross+i.Shed):
		return notTaken, "the shortfall of " + text(i.Penalty) + " is not taken back"
	case i.Shed != 0 && near(i.Gross-i.Penalty):
		return notShed, "what was shed, " + text(i.Shed) + ", is not paid"
	case x.off < 0:
		return less, text(-x.off) + " less than worked out, with a shortfall of " + text(i.Penalty) + " here"
	}
	return more, text(x.off) + " more than worked out"
}
