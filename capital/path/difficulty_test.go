package path_test

import (
	"math"
	"testing"
	"time"

	"sluice/capital/path"
	"sluice/unit"
	"sluice/use/mining"
)

// TestNextPublished: the three published cases of the trailing rule, and the band of the
// part of the epoch around each.
func TestNextPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start, quarter, now, latest, height int64
		previous, want                      float64
		low, high                           float64 // distances in points
	}{
		{1706888526, 1707403385, 1707691381, 0, 830027, 7.333505241141637, 8.512745140778843, -1.595, 2.502},
		{1660820820, 1660619814, 1660917833, 0, 750134, 0.6280047707459726, 1.0420538959004633, 0, 0}, // 200 blocks: too early
		{1681984653, 1660619814, 1683212049, 1683212066, 788255, 1.7220298879531821, -1.4512637555574193, 0, 0},
	} {
		at := func(unix int64) time.Time {
			if unix == 0 {
				return time.Time{}
			}
			return time.Unix(unix, 0)
		}
		a, err := path.Next(mining.Progress{
			Height: c.height, Start: at(c.start), Now: at(c.now), Latest: at(c.latest), Quarter: at(c.quarter),
			Previous: unit.Ratio(unit.FromFloat(c.previous / 100)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if a.Early {
			if a.Part >= 0.1 || a.Change != 0 || a.Low != -39_000 || a.High != 73_300 {
				t.Errorf("height %d: %+v", c.height, a)
			}
			continue
		}
		if math.Abs(100*a.Change.Float()-c.want) > 1e-4 {
			t.Errorf("height %d: %v, want %v", c.height, a.Change.Float(), c.want)
		}
		if math.Abs(100*(a.Low-a.Change).Float()-c.low) > 0.01 || math.Abs(100*(a.High-a.Change).Float()-c.high) > 0.01 {
			t.Errorf("height %d: from %v to %v around %v", c.height, a.Low.Float(), a.High.Float(), a.Change.Float())
		}
	}
}

// TestNextBand: the band is that of the table at its points, narrows from there on, and
// is nothing when the last block is found.
func TestNextBand(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	at := func(n int64) path.Ahead {
		a, err := path.Next(mining.Progress{
			Height: 2016*400 + n, Start: start, Now: start.Add(time.Duration(n) * 10 * time.Minute), Quarter: start.Add(time.Duration(n-503) * 10 * time.Minute),
			LastMean: 10 * time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for n, want := range map[int64][2]float64{503: {-4.0, 5.7}, 1007: {-2.3, 4.0}, 1511: {-1.5, 2.3}, 2015: {0, 0}} {
		a := at(n)
		if math.Abs(100*(a.Low-a.Change).Float()-want[0]) > 0.01 || math.Abs(100*(a.High-a.Change).Float()-want[1]) > 0.01 {
			t.Errorf("after %d blocks: %v to %v around %v, want %v", n, a.Low.Float(), a.High.Float(), a.Change.Float(), want)
		}
	}
	if !at(200).Early || at(201).Early {
		t.Error("early ends at a tenth")
	}
	width := at(202).High - at(202).Low
	for n := int64(203); n < 2016; n += 7 {
		a := at(n)
		if w := a.High - a.Low; w > width {
			t.Fatalf("after %d blocks the band is wider than before", n)
		} else {
			width = w
		}
	}
	if _, err := path.Next(mining.Progress{Height: 100, Start: start, Now: start.Add(-time.Hour)}); err == nil {
		t.Error("a projection from before the epoch")
	}
}
