package tables

import (
	"math"
	"strconv"
	"testing"
	"time"

	"sluice/unit"
	"sluice/use/mining"
)

const epoch = 2016

// blockTimes is the time in the header of every block from the first height on.
func blockTimes(t *testing.T) (first int64, times []time.Time) {
	t.Helper()
	for i, row := range records(t, "btc_block_times_2021-2025.csv.gz") {
		height, err := strconv.ParseInt(row[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = height
		}
		if height != first+int64(i) {
			t.Fatalf("height %d stands in row %d", height, i)
		}
		seconds, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Unix(seconds, 0))
	}
	return first, times
}

// difficulties is the difficulty of every epoch.
func difficulties(t *testing.T) []float64 {
	t.Helper()
	var out []float64
	for _, row := range records(t, "btc_difficulty_epochs.csv") {
		out = append(out, number(t, row[4]))
	}
	return out
}

// forecast is a mean absolute error, in points of the change, at a share of an epoch.
type forecast struct{ percent, trailing, mix, still float64 }

// TestProjectionErrors repeats the published back-test of the projections of
// the next retarget. The trailing rule and "no change" agree to the printed
// digit; the mix, whose window the publication leaves open by one block, to
// 0.015 points.
func TestProjectionErrors(t *testing.T) {
	t.Parallel()
	first, times := blockTimes(t)
	d := difficulties(t)
	for _, want := range []forecast{
		{10, 4.48, 3.90, 4.19}, {25, 3.89, 3.32, 4.19}, {50, 2.21, 2.21, 4.19}, {75, 1.18, 1.20, 4.19}, {90, 0.62, 0.63, 4.19},
	} {
		var sum forecast
		n := 0.0
		for e := first/epoch + 2; (e+1)*epoch <= first+int64(len(times)); e++ {
			p := progress(e*epoch-first, int64(epoch*want.percent/100), times)
			p.Height, p.Previous = p.Height+first, unit.Ratio(math.Round(1e6*(d[e]/d[e-1]-1)))
			change := d[e+1]/d[e] - 1
			trailing, errTrailing := p.Trailing()
			mix, errMix := p.NextRetarget()
			if errTrailing != nil || errMix != nil {
				t.Fatal(errTrailing, errMix)
			}
			sum.trailing += 100 * math.Abs(trailing.Change.Float()-change)
			sum.mix += 100 * math.Abs(mix.Change.Float()-change)
			sum.still += 100 * math.Abs(change)
			n++
		}
		if n != 130 || math.Abs(sum.trailing/n-want.trailing) > 0.0051 || math.Abs(sum.mix/n-want.mix) > 0.015 || math.Abs(sum.still/n-want.still) > 0.0051 {
			t.Errorf("%v %% into %v epochs: trailing %.3f, mix %.3f, still %.3f instead of %+v", want.percent, n, sum.trailing/n, sum.mix/n, sum.still/n, want)
		}
	}
}

// progress is the state of the chain n blocks into the epoch that starts at the
// block numbered start of times.
func progress(start, n int64, times []time.Time) mining.Progress {
	at := start + n
	return mining.Progress{
		Height: at, Start: times[start], Latest: times[at], Now: times[at], Quarter: times[at-epoch/4+1],
		LastMean: times[start].Sub(times[start-epoch]) / epoch,
	}
}
