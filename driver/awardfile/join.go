package awardfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sluice/driver/csvfile"

	"sluice/books/reserve"
)

// Join holds the deliveries of one meter together, as package reserve does, and
// tells with both places what cannot both be right: one revision of a stretch with
// two energies, stretches that overlap, a second meter. twice is how many rows stand
// twice in one file; they count once.
func Join(all []Reading) (out []reserve.Reading, twice int, err error) {
	in := slices.Clone(all)
	slices.SortStableFunc(in, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Revision, b.Revision))
	})
	var faults []error
	meter := Reading{}
	for i, r := range in {
		if r.Meter != "" && meter.Meter == "" {
			meter = r
		}
		if r.Meter != "" && r.Meter != meter.Meter {
			faults = append(faults, fmt.Errorf("%s: meter %q, and %q at %s: settle from one meter, that at the point of delivery", r.Place, r.Meter, meter.Meter, meter.Place))
		}
		if i > 0 {
			same, err := beside(in[i-1], r)
			faults = append(faults, err)
			if same {
				twice++
			}
		}
		out = append(out, r.Reading)
	}
	return out, twice, few(faults)
}

// beside tells whether two neighbours are one row twice, or cannot both be right.
func beside(a, b Reading) (same bool, err error) {
	switch {
	case a.Span == b.Span && a.Revision == b.Revision && a.Energy != b.Energy:
		return false, fmt.Errorf("%s: %w: %d J, and %d J at %s in the same revision %d: give the later one a higher revision", b.Place, reserve.ErrConflict, b.Energy, a.Energy, a.Place, b.Revision)
	case a.Span == b.Span:
		return a.Revision == b.Revision && a.File == b.File, nil
	case b.From < a.To:
		return false, fmt.Errorf("%s: %w: it begins before the reading at %s ends: deliver both in the same stretches", b.Place, reserve.ErrConflict, a.Place)
	}
	return false, nil
}

// few joins faults, and says how many more there are.
func few(faults []error) error {
	faults = slices.DeleteFunc(faults, func(err error) bool { return err == nil })
	if n := len(faults) - csvfile.FaultsMost; n > 0 {
		faults = append(faults[:csvfile.FaultsMost], fmt.Errorf("and %d faults more", n))
	}
	return errors.Join(faults...)
}
