package path

import (
	"fmt"

	"sluice/unit"
	"sluice/use/mining"
)

// Ahead is the next change of difficulty with the band in which eight of ten came.
type Ahead struct {
	mining.Projection
	Low, High unit.Ratio // P10 and P90 of the change
	Part      float64    // of the epoch that is found, 0 to 1
	// Early says that less than a tenth is found and the change given is none: no rule
	// did better than that by then.
	Early bool
}

// miss is by how many points a projection erred at a part of an epoch, forecast less
// what came: P10 and P90.
type miss struct{ part, low, high float64 }

// misses are those of the mix on 130 epochs, 2021 to 2025. At the end nothing is open.
func misses() [6]miss {
	return [6]miss{{0.10, -7.1, 3.9}, {0.25, -5.7, 4.0}, {0.50, -4.0, 2.3}, {0.75, -2.3, 1.5}, {0.90, -1.1, 0.9}, {1, 0, 0}}
}

// P10 and P90 of all 132 changes of 2021 to 2025: the band of "no change".
const (
	earlyLow  = unit.Ratio(-39_000)
	earlyHigh = unit.Ratio(73_300)
)

// Next projects the next change of difficulty by the mix of package mining and lays
// the band of its back-test around it, linear between the parts of the epoch that
// were tested. The rule erred to the low side while hashrate grew, so the band
// reaches further up. Errors are those of mining.Progress.NextRetarget.
//
// Formula: change less the P90 and the P10 of the error. Source: docs/formula/path.md.
func Next(p mining.Progress) (Ahead, error) {
	n, err := p.NextRetarget()
	if err != nil {
		return Ahead{}, fmt.Errorf("next change of difficulty: %w", err)
	}
	const epoch = 2016
	a := Ahead{Projection: n, Part: float64(p.Height%epoch+1) / epoch}
	table := misses()
	if a.Part < table[0].part {
		a.Early, a.Change, a.Low, a.High = true, 0, earlyLow, earlyHigh
		return a, nil
	}
	i := 1
	for a.Part > table[i].part {
		i++
	}
	from, to := table[i-1], table[i]
	x := (a.Part - from.part) / (to.part - from.part)
	a.Low = a.Change - points(from.high+x*(to.high-from.high))
	a.High = a.Change - points(from.low+x*(to.low-from.low))
	return a, nil
}

// points are hundredths.
func points(x float64) unit.Ratio { return unit.Ratio(unit.FromFloat(x / 100)) }
