package quote

import (
	"fmt"

	"sluice/unit"
)

// BreakEven is how far one input may go, the others as they are, until the asked
// price only just beats mining.
type BreakEven struct {
	Field Field
	Base  int64
	// Value is the one nearest to where the verdict turns at which the asked price beats
	// mining.
	Value int64
	// Above: the contract beats mining at Value and above it; else at Value and below.
	Above bool
	// Never: no value within the bounds of the input changes the verdict.
	Never bool
}

// looks is how many values on each side of the base are tried before the nearest
// change of the verdict is pinned down between two of them.
const looks = 64

// BreakEvens asks of every input where the verdict on an asked price turns. An
// input that turns it on both sides has two rows. The second result says whether
// the asked price beats mining as things stand: it is at least the least price.
func BreakEvens(t Terms, sell Maker, asked unit.Amount) (rows []BreakEven, beats bool, err error) {
	p, err := least(t, sell)
	if err != nil {
		return nil, false, err
	}
	beats = p <= asked
	for _, f := range Fields() {
		r := BreakEven{Field: f, Base: f.Of(t), Never: true}
		for _, edge := range []int64{f.Least, f.Most} {
			v, ok, err := turn(t, sell, asked, f, edge)
			if err != nil {
				return nil, false, fmt.Errorf("%s: %w", f.Key, err)
			}
			if ok {
				rows = append(rows, BreakEven{Field: f, Base: r.Base, Value: v, Above: (edge < r.Base) == beats})
				r.Never = false
			}
		}
		if r.Never {
			rows = append(rows, r)
		}
	}
	return rows, beats, nil
}

// turn looks from the base towards an edge for the value nearest to the base at
// which the verdict turns, and returns the last one there that beats mining.
func turn(t Terms, sell Maker, asked unit.Amount, f Field, edge int64) (int64, bool, error) {
	beats := func(v int64) (bool, error) {
		p, err := least(f.With(t, v), sell)
		return p <= asked, err
	}
	base := f.Of(t)
	was, err := beats(base)
	if err != nil || base < f.Least || base > f.Most {
		return 0, false, err // 0 where the input is not there at all
	}
	near, far := base, base
	for i := int64(1); i <= looks; i++ {
		near, far = far, base+unit.MulDiv(edge-base, i, looks)
		is, err := beats(far)
		if err != nil {
			return 0, false, err
		}
		if is != was {
			break
		}
		if i == looks {
			return 0, false, nil
		}
	}
	for far-near > 1 || near-far > 1 {
		middle := near + (far-near)/2
		is, err := beats(middle)
		if err != nil {
			return 0, false, err
		}
		if is == was {
			near = middle
		} else {
			far = middle
		}
	}
	if was {
		return near, true, nil
	}
	return far, true, nil
}
