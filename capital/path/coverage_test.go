package path_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"sluice/capital/path"
)

// TestCoverageReproduces: the table of the reference from the real series, within 0.04,
// and the band that is printed for a year.
func TestCoverageReproduces(t *testing.T) {
	t.Parallel()
	h, err := path.Weekly(days(t, began()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := path.Coverage(h, path.UsualStudy())
	if err != nil {
		t.Fatal(err)
	}
	want := map[path.Model][4]float64{
		path.Joint: {0.86, 0.82, 0.84, 0.71}, path.Drift: {0.88, 0.79, 0.81, 0.68},
		path.Apart: {0.88, 0.85, 0.84, 0.77}, path.Normal: {0.87, 0.84, 0.78, 0.71},
	}
	horizons, origins := []int{4, 13, 26, 52}, []int{91, 89, 85, 79}
	for _, c := range got {
		k := slices.Index(horizons, c.Weeks)
		t.Logf("%-28s %2d weeks: %d origins, %.3f within P10..P90 (%.2f), %.3f within P5..P95, %.3f above, %.3f below",
			c.Model, c.Weeks, c.Origins, c.Inner, want[c.Model][k], c.Outer, c.Above, c.Below)
		if c.Origins != origins[k] {
			t.Errorf("%s, %d weeks: %d origins, want %d", c.Model, c.Weeks, c.Origins, origins[k])
		}
		if math.Abs(c.Inner-want[c.Model][k]) > 0.04 {
			t.Errorf("%s, %d weeks: %.3f within P10..P90, want %.2f", c.Model, c.Weeks, c.Inner, want[c.Model][k])
		}
		if c.Model == path.Joint && c.Weeks == 52 && (math.Abs(c.Outer-0.81) > 0.04 || math.Abs(c.Above-0.19) > 0.04 || c.Below > 0.04) {
			t.Errorf("at a year %.3f within P5..P95, %.3f above, %.3f below", c.Outer, c.Above, c.Below)
		}
	}
}

// TestCoverageOfChance: where changes are what the models take them for, bands hold what
// they promise, and the shares are shares.
func TestCoverageOfChance(t *testing.T) {
	t.Parallel()
	h := made(1200)
	s := path.Study{
		From: h[0].Begin, To: h[1199].Begin.AddDate(1, 0, 0), Every: 2, Horizons: []int{1, 4, 13},
		Window: 156, Block: 2, Paths: 500, Seed: 2,
	}
	got, err := path.Coverage(h, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got {
		if math.Abs(c.Outer+c.Above+c.Below-1) > 1e-9 || c.Inner > c.Outer {
			t.Errorf("%+v", c)
		}
		if c.Origins != (1200-156-c.Weeks+1)/2 {
			t.Errorf("%d origins for %d weeks", c.Origins, c.Weeks)
		}
		if c.Weeks <= 4 && (math.Abs(c.Inner-0.8) > 0.07 || math.Abs(c.Outer-0.9) > 0.05) {
			t.Errorf("%+v", c)
		}
	}
	again, err := path.Coverage(h, s)
	if err != nil || !slices.Equal(got, again) {
		t.Errorf("another time it differs: %v", err)
	}
}

// TestCoverageLooksNotAhead: a forecast knows nothing of what comes. A jump after the
// last origin moves no band, so it lies beyond all of them.
func TestCoverageLooksNotAhead(t *testing.T) {
	t.Parallel()
	h := made(180)
	s := path.Study{From: h[0].Begin, To: h[179].Begin.AddDate(1, 0, 0), Every: 100, Horizons: []int{4}, Window: 156, Block: 8, Paths: 500, Seed: 1}
	for sentence, c := range map[string]struct {
		times        float64
		above, below float64
	}{"up": {50, 1, 0}, "down": {0.02, 0, 1}} {
		jumped := slices.Clone(h)
		for i := 157; i < len(jumped); i++ {
			jumped[i].Price *= c.times
		}
		got, err := path.Coverage(jumped, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range got {
			if x.Origins != 1 || x.Above != c.above || x.Below != c.below || x.Inner != 0 {
				t.Errorf("%s: %+v", sentence, x)
			}
		}
	}
	cut := s
	cut.To = h[170].Begin.AddDate(0, 0, 6)
	a, errA := path.Coverage(h, cut)
	b, errB := path.Coverage(h[:171], s)
	if errA != nil || errB != nil || !slices.Equal(a, b) {
		t.Errorf("weeks after the end count: %v %v", errA, errB)
	}
}

// TestCoverageOfDrift: the drift of the price is taken out by all models but one, that of
// difficulty by none.
func TestCoverageOfDrift(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		price, difficulty float64 // growth a week
		above             bool    // what came, of the models without drift
	}{"the price rises": {0.02, 0, true}, "difficulty rises": {0, 0.02, false}} {
		h := made(400)
		for i := range h {
			noise := 0.001 * float64((i*7919)%13-6)
			h[i].Price = 50_000 * math.Exp(c.price*float64(i)+noise)
			h[i].Difficulty, h[i].Fees = 1e14*math.Exp(c.difficulty*float64(i)), 1
		}
		got, err := path.Coverage(h, path.Study{From: h[0].Begin, To: h[399].Begin.AddDate(1, 0, 0), Every: 3, Horizons: []int{4}, Window: 156, Block: 8, Paths: 500, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range got {
			if beyond := c.above && x.Model != path.Drift; beyond != (x.Above == 1) || !beyond && x.Inner < 0.6 {
				t.Errorf("%s: %+v", sentence, x)
			}
		}
	}
}

func TestCoverageRefuses(t *testing.T) {
	t.Parallel()
	h := made(300)
	for sentence, spoil := range map[string]func(*path.Study){
		"no step":        func(s *path.Study) { s.Every = 0 },
		"no window":      func(s *path.Study) { s.Window = 10 },
		"no block":       func(s *path.Study) { s.Block = math.NaN() },
		"few paths":      func(s *path.Study) { s.Paths = 10 },
		"no horizon":     func(s *path.Study) { s.Horizons = nil },
		"unsorted":       func(s *path.Study) { s.Horizons = []int{9, 3} },
		"a horizon of 0": func(s *path.Study) { s.Horizons = []int{0, 3} },
		"too late":       func(s *path.Study) { s.From = h[299].Begin },
		"too short":      func(s *path.Study) { s.To = h[158].Begin },
	} {
		s := path.UsualStudy()
		s.From, s.To = h[0].Begin, h[299].Begin.Add(7*24*time.Hour)
		spoil(&s)
		if _, err := path.Coverage(h, s); !errors.Is(err, path.ErrStudy) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	h[5].Price = 0
	s := path.UsualStudy()
	s.From, s.To = h[0].Begin, h[299].Begin
	if _, err := path.Coverage(h, s); !errors.Is(err, path.ErrHistory) {
		t.Errorf("a bad history: %v", err)
	}
}

func TestBand(t *testing.T) {
	t.Parallel()
	for weeks, want := range map[int][2]float64{1: {0.10, 0.90}, 51: {0.10, 0.90}, 52: {0.05, 0.95}, 520: {0.05, 0.95}} {
		if low, high := path.Band(weeks); low != want[0] || high != want[1] {
			t.Errorf("%d weeks: %v to %v", weeks, low, high)
		}
	}
}

func BenchmarkCoverage(b *testing.B) {
	h, s := made(300), path.UsualStudy()
	s.From, s.To = h[0].Begin, h[299].Begin
	for b.Loop() {
		if _, err := path.Coverage(h, s); err != nil {
			b.Fatal(err)
		}
	}
}
