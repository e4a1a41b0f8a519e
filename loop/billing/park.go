package billing

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/rate"
)

// OtherUnit is the reason of a reading whose unit its term does not count in. The
// other reasons are those of package rate.
const OtherUnit rate.Reason = "unit"

// Parked is a reading, an outage or an exclusion that is not billed, and not forgotten.
type Parked struct {
	ID     string // of its content and its reason
	Kind   string // usage, outage or exclusion
	Reason string
	Says   string // one sentence for people
	At     time.Time
	Paper  books.Hash
}

// ID is the name under which a reading is parked, whatever the reason.
func (r Reading) ID() string {
	return books.DerivedID("usage", r.Contract, r.Meter, r.Component, fmt.Sprint(r.From, " ", r.To, " ", r.Quantity, " ", r.Revision, " ", r.Estimated), string(r.Measure))
}

// parked is a reading in suspense.
func (in *Input) parked(r Reading, why rate.Reason) Parked {
	return Parked{
		ID: r.ID() + "/" + books.Part(string(why)), Kind: "usage", Reason: string(why), Paper: r.Paper, At: time.Unix(r.From, 0).UTC(),
		Says: fmt.Sprintf("%s of meter %s, contract %s, %s to %s, %s, revision %d: %s", r.Component, r.Meter, r.Contract,
			in.instant(r.From), in.instant(r.To), amount(r), r.Revision, says(why)),
	}
}

// foreign is the id under which all readings of a paper are parked that are of one
// contract which nobody knows: a file of a whole site brings thousands of them.
func foreign(r Reading) string {
	return books.DerivedID("usage of a contract", r.Contract, hex.EncodeToString(r.Paper[:]))
}

// unknown parks readings of contracts that nobody knows, by contract and paper.
func (in *Input) unknown(all []Reading) []Parked {
	type heap struct {
		first, last int64
		number      int
		reading     Reading
	}
	heaps := map[string]*heap{}
	for _, r := range all {
		h := heaps[r.Contract+"/"+string(r.Paper[:])]
		if h == nil {
			h = &heap{first: r.From, last: r.To, reading: r}
			heaps[r.Contract+"/"+string(r.Paper[:])] = h
		}
		h.first, h.last, h.number = min(h.first, r.From), max(h.last, r.To), h.number+1
	}
	var out []Parked
	for _, h := range heaps {
		out = append(out, Parked{
			ID: foreign(h.reading), Kind: "usage", Reason: string(rate.Unknown), Paper: h.reading.Paper, At: time.Unix(h.first, 0).UTC(),
			Says: fmt.Sprintf("readings of contract %q, %d of them, %s to %s: %s", h.reading.Contract, h.number, in.instant(h.first), in.instant(h.last), says(rate.Unknown)),
		})
	}
	return out
}

func (in *Input) instant(at int64) string {
	return time.Unix(at, 0).In(in.Contract.zone()).Format("2006-01-02T15:04:05Z07:00")
}

// amount is a quantity for people.
func amount(r Reading) string {
	unit := map[Measure]string{Energy: "J", GPUTime: "GPU-seconds", Count: "pieces"}[r.Measure]
	return fmt.Sprintf("%d %s", r.Quantity, cmp.Or(unit, "units"))
}

// says is what a reason means and what settles it.
func says(why rate.Reason) string {
	switch why {
	case rate.NoTime:
		return "it ends before it begins, or as it begins: send the interval as it was"
	case rate.Negative:
		return "the quantity is negative: send a higher revision"
	case rate.Unknown:
		return "no contract of this name is in the books: bill that contract once, or correct the name"
	case rate.Outside:
		return "it is not within the time for which the contract charges"
	case rate.NoTerm:
		return "the contract charges nothing for this component"
	case rate.OtherMeter:
		return "the contract names other meters for this component"
	case rate.NoPrice:
		return "no price is in force for a part of it: add a version of the price"
	case rate.Overlaps:
		return "another interval of the meter covers a part of it, and both are in doubt: send the right one with a higher revision, or release the wrong one"
	case OtherUnit:
		return "its unit is not one that the term is counted in: send it in the unit of the contract"
	}
	return string(why)
}

// ordered is the parked in the order of time and id, each once.
func ordered(all []Parked) []Parked {
	slices.SortFunc(all, func(a, b Parked) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), slices.Compare(a.Paper[:], b.Paper[:]))
	})
	return slices.CompactFunc(all, func(a, b Parked) bool { return a.ID == b.ID })
}

// stray is an outage or an exclusion of a contract that nobody knows.
func (in *Input) stray(kind, contract, part string, s rate.Span) Parked {
	return Parked{
		ID: books.DerivedID(kind, contract, part, fmt.Sprint(s.From, " ", s.To)), Kind: kind, Reason: string(rate.Unknown), At: time.Unix(s.From, 0).UTC(),
		Says: fmt.Sprintf("%s of %q, contract %s, %s to %s: %s", kind, part, contract, in.instant(s.From), in.instant(s.To), says(rate.Unknown)),
	}
}
