package path_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/path"
)

// same says that two futures are equal to the bit.
func same(a, b *path.Path) bool {
	return a.Number == b.Number && a.Reverting == b.Reverting && slices.Equal(a.Index, b.Index) && slices.Equal(a.Price, b.Price) &&
		slices.Equal(a.Difficulty, b.Difficulty) && slices.Equal(a.Fees, b.Fees) && slices.Equal(a.HashBTC, b.HashBTC) && slices.Equal(a.Power, b.Power)
}

// TestSameBits: in order, backwards, on many goroutines and into used paths.
func TestSameBits(t *testing.T) {
	t.Parallel()
	b := drawn(t, path.Usual(ends()), made(200))
	const n = 40
	first := make([]path.Path, n)
	for i := range first {
		b.Draw(uint64(i), &first[i])
	}
	var again path.Path
	for i := n - 1; i >= 0; i-- {
		if b.Draw(uint64(i), &again); !same(&again, &first[i]) {
			t.Fatalf("path %d drawn backwards differs", i)
		}
	}
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			var own path.Path
			if b.Draw(uint64(i), &own); !same(&own, &first[i]) {
				t.Errorf("path %d drawn at the same time differs", i)
			}
		})
	}
	wait.Wait()
	other := path.Usual(ends())
	other.Seed = 1
	if drawn(t, other, made(200)).Draw(0, &again); slices.Equal(again.Index, first[0].Index) {
		t.Error("another seed draws the same weeks")
	}
}

// TestStream: the chance of a path is capital.Stream, so that a plan can name it.
func TestStream(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Seed, c.Weeks = 42, 1
	b := drawn(t, c, made(200))
	var p path.Path
	for i := range uint64(300) {
		b.Draw(i, &p)
		r := capital.Stream(42, i)
		if half := r.Uint64()>>63 == 0; p.Reverting != half {
			t.Fatalf("path %d: returns %v", i, p.Reverting)
		}
		if want := 200 - 156 + int(float64(r.Uint64()>>11)/(1<<53)*156); int(p.Index[0]) != want {
			t.Fatalf("path %d begins with week %d, want %d", i, p.Index[0], want)
		}
	}
}

func TestNoMemory(t *testing.T) {
	c := path.Usual(ends())
	c.Power = powerWeeks(2021, 5*52)
	b := drawn(t, c, made(200))
	var p path.Path
	b.Draw(0, &p)
	i := uint64(0)
	if n := testing.AllocsPerRun(100, func() { i++; b.Draw(i, &p) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestIdentities: a path is what its weeks make of it.
func TestIdentities(t *testing.T) {
	t.Parallel()
	h := made(220)
	rapid.Check(t, func(t *rapid.T) {
		c := path.Usual(ends())
		c.Seed, c.Weeks = rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 300).Draw(t, "weeks")
		c.Window = rapid.IntRange(26, 219).Draw(t, "window")
		c.Block = rapid.Float64Range(1, 30).Draw(t, "block")
		c.Response.Share = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "share")
		c.Drift = rapid.Float64Range(-1, 1).Draw(t, "drift")
		b, err := path.New(c, h)
		if err != nil {
			t.Fatal(err)
		}
		var p path.Path
		b.Draw(rapid.Uint64().Draw(t, "path"), &p)
		if c.Response.Share != 0.5 && p.Reverting != (c.Response.Share == 1) {
			t.Fatalf("a share of %v, and the path returns: %v", c.Response.Share, p.Reverting)
		}
		f := b.Facts()
		price, difficulty := c.Start.Price, c.Start.Difficulty
		for w, i := range p.Index {
			if int(i) < len(h)-c.Window || int(i) >= len(h) {
				t.Fatalf("week %d is drawn from outside the window", i)
			}
			perWeek := 7 / 365.2425
			step := math.Log(h[i].Price/h[i-1].Price) + (c.Drift-f.Rise)*perWeek
			if got := math.Log(p.Price[w] / price); math.Abs(got-step) > 1e-12 {
				t.Fatalf("week %d: the price moves by %v, want %v", w, got, step)
			}
			if got, step := math.Log(p.Difficulty[w]/difficulty), math.Log(h[i].Difficulty/h[i-1].Difficulty); !p.Reverting && math.Abs(got-step) > 1e-12 {
				t.Fatalf("week %d: difficulty moves by %v, want %v", w, got, step)
			}
			if got, want := p.HashBTC[w], capital.HashpriceBTC(p.Difficulty[w], c.Start.Subsidy(w)*h[i].Fees); got != want || p.Fees[w] != h[i].Fees {
				t.Fatalf("week %d: a hashprice of %v, want %v", w, got, want)
			}
			price, difficulty = p.Price[w], p.Difficulty[w]
		}
	})
}

// TestBlocks: weeks follow each other in blocks of geometric length, around the end of
// the window, and every week is as likely as another.
func TestBlocks(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	b := drawn(t, c, made(200))
	const paths, window = 2000, 156
	var p path.Path
	lengths, seen := map[int]int{}, [window]float64{}
	blocks := 0
	for i := range uint64(paths) {
		b.Draw(i, &p)
		length := 1
		for w, x := range p.Index {
			seen[x-44]++
			if w == 0 {
				continue
			}
			next := p.Index[w-1] + 1
			if next == 200 {
				next = 44
			}
			if x == next {
				length++
				continue
			}
			lengths[length]++
			blocks, length = blocks+1, 1
		}
	}
	// a fresh block begins with the next week by chance in one of 156: 8 becomes 8.05
	apart := 0.125 * (1 - 1.0/window)
	if mean := paths * 519 / float64(blocks); math.Abs(mean*apart-1) > 0.01 {
		t.Errorf("a new block every %.3f weeks", mean)
	}
	for length, share := 1, apart; length <= 20; length, share = length+1, share*(1-apart) {
		got, want := float64(lengths[length]), share*float64(blocks)
		if math.Abs(got-want) > 5*math.Sqrt(want)+0.02*want { // the end of a path cuts long ones
			t.Errorf("%v blocks of %d weeks, want %.0f", got, length, want)
		}
	}
	want := float64(paths) * 520 / window
	for i, n := range seen {
		if math.Abs(n-want) > 6*math.Sqrt(want*15) { // weeks of one block are not independent
			t.Errorf("week %d is drawn %v times, want %.0f", i, n, want)
		}
	}
}

// TestMeans: no drift but the one asked for, the growth of the sample or the one asked
// for, and one half of the paths returns.
func TestMeans(t *testing.T) {
	t.Parallel()
	asked := 0.1
	for sentence, c := range map[string]struct {
		drift  float64
		growth *float64
	}{"as the sample": {}, "as asked": {0.2, &asked}} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			config := path.Usual(ends())
			config.Drift, config.Growth = c.drift, c.growth
			b := drawn(t, config, made(200))
			f := b.Facts()
			if f.Growth < 0.15 || f.Growth > 0.5 || f.Rise == 0 {
				t.Errorf("the sample grows by %v and %v a year", f.Growth, f.Rise)
			}
			want := f.Growth
			if c.growth != nil {
				want = *c.growth
			}
			if f.Used != want {
				t.Errorf("used is %v, want %v", f.Used, want)
			}
			var price, difficulty []float64
			returns := 0
			var p path.Path
			const paths, years = 4000, 520 * 7 / 365.2425
			for i := range uint64(paths) {
				b.Draw(i, &p)
				price = append(price, math.Log(p.Price[519]/config.Start.Price)/years)
				if p.Reverting {
					returns++
				} else {
					difficulty = append(difficulty, math.Log(p.Difficulty[519]/config.Start.Difficulty)/years)
				}
			}
			if s := capital.SpreadOf(price); math.Abs(s.Mean-c.drift) > 4*s.Error {
				t.Errorf("the price drifts by %v +- %v a year", s.Mean, s.Error)
			}
			if s := capital.SpreadOf(difficulty); math.Abs(s.Mean-want) > 4*s.Error {
				t.Errorf("difficulty grows by %v +- %v a year, want %v", s.Mean, s.Error, want)
			}
			if math.Abs(float64(returns)/paths-0.5) > 0.032 {
				t.Errorf("%d of %d paths return", returns, paths)
			}
		})
	}
}

// TestHalving: from height 930,340 at the end of 2025 the subsidy halves within week
// 118, after 715 of its 1,008 blocks, about 10 April 2028.
func TestHalving(t *testing.T) {
	t.Parallel()
	s := ends()
	at, when := s.Halving()
	if at != 118 || when.Format(time.DateOnly) != "2028-04-10" {
		t.Errorf("week %d, %s", at, when)
	}
	split := (715*3.125 + 293*1.5625) / 1008
	for week, want := range map[int]float64{0: 3.125, 117: 3.125, 118: split, 119: 1.5625, 326: 1.5625, 328: 0.78125} {
		if got := s.Subsidy(week); math.Abs(got-want) > 1e-12 {
			t.Errorf("week %d: %v, want %v", week, got, want)
		}
	}
	for height, want := range map[int64]int{1_049_999: 0, 1_048_992: 0, 1_048_991: 1, 1_050_000: 208} {
		s := ends()
		s.Height = height
		if at, _ := s.Halving(); at != want {
			t.Errorf("from height %d in week %d, want %d", height, at, want)
		}
	}
	whole := ends()
	whole.Height = 1_050_000 - 1008 - 1 // the last block of the full subsidy ends week 0
	if whole.Subsidy(0) != 3.125 || whole.Subsidy(1) != 1.5625 {
		t.Errorf("%v, then %v", whole.Subsidy(0), whole.Subsidy(1))
	}
}

// TestHalvingOfPath: the drawn hashprice has the step, and nothing else has.
func TestHalvingOfPath(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Response.Share = 0
	zero := 0.0
	c.Growth = &zero
	b := drawn(t, c, still(160))
	var p path.Path
	b.Draw(3, &p)
	if got := p.HashBTC[119] / p.HashBTC[117]; math.Abs(got-0.5) > 1e-12 || p.HashBTC[117] != p.HashBTC[0] {
		t.Errorf("the hashprice changes by %v", got)
	}
	if got, want := p.HashBTC[118]/p.HashBTC[117], (715+293*0.5)/1008; math.Abs(got-want) > 1e-12 {
		t.Errorf("in the week of the halving it changes by %v, want %v", got, want)
	}
	if p.HashUSD(0) != p.HashBTC[0]*p.Price[0] {
		t.Error("the hashprice in USD")
	}
}

// normalised is the efficiency-normalised hashprice at the end of a week of a future.
func normalised(c path.Config, p *path.Path, week int) float64 {
	years := float64(week+1) * 7 / 365.2425
	return capital.Efficient(p.HashUSD(week), c.Response.Efficiency*math.Pow(1-c.Response.Trend, years))
}

// TestReturns: where nothing is drawn but stillness, half the distance is gone after a
// half-life, whatever the drifts; and a halving is half made up for after one.
func TestReturns(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Response = path.Response{Share: 1, HalfLife: 26 * 12 * 7 / 365.2425, Level: 100, Efficiency: 33, Trend: 0.1}
	c.Drift = 0.2
	b := drawn(t, c, still(160))
	var p path.Path
	b.Draw(0, &p)
	off := math.Log(b.Facts().Now / 100)
	if math.Abs(off) < 0.3 {
		t.Fatalf("the start is at %v USD/MWh already", b.Facts().Now)
	}
	for _, w := range []int{26, 52, 78, 104} {
		if got, want := math.Log(normalised(c, &p, w-1)/100), off*math.Pow(0.5, float64(w)/26); math.Abs(got-want) > 1e-9 {
			t.Errorf("after %d weeks the distance is %v, want %v", w, got, want)
		}
	}
	before, after, later := math.Log(normalised(c, &p, 117)/100), math.Log(normalised(c, &p, 119)/100), math.Log(normalised(c, &p, 119+26)/100)
	if after-before > -0.6 || math.Abs(later/after-0.5) > 1e-9 {
		t.Errorf("around the halving the distance is %v, %v, %v", before, after, later)
	}
}

// TestNeutral: with neutral growth a still walk keeps b until the halving.
func TestNeutral(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Response.Share, c.Drift = 0, -0.1
	neutral := c.Neutral()
	c.Growth = &neutral
	b := drawn(t, c, still(160))
	var p path.Path
	b.Draw(0, &p)
	for w := range 118 {
		if got := normalised(c, &p, w); math.Abs(got/b.Facts().Now-1) > 1e-9 {
			t.Fatalf("week %d: %v USD/MWh, at the start %v", w, got, b.Facts().Now)
		}
	}
}

// TestMeanReturns: with real noise the mean of ln b comes to the level.
func TestMeanReturns(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Start.Height, c.Weeks = 840_001, 200 // no halving in sight
	c.Response = path.Response{Share: 1, HalfLife: 3, Level: 120, Efficiency: 33, Trend: 0.08}
	b := drawn(t, c, made(200))
	var p path.Path
	var end []float64
	for i := range uint64(3000) {
		b.Draw(i, &p)
		end = append(end, math.Log(normalised(c, &p, 199)))
	}
	if s := capital.SpreadOf(end); math.Abs(s.Mean-math.Log(120)) > 4*s.Error || s.Error > 0.02 {
		t.Errorf("%v USD/MWh +- %v %%", math.Exp(s.Mean), 100*s.Error)
	}
}

// TestLevel: without one, it is the mean over the window.
func TestLevel(t *testing.T) {
	t.Parallel()
	h := still(160)
	c := path.Usual(ends())
	c.Start, _ = h.End(930_340)
	c.Response.Trend = 0
	f := drawn(t, c, h).Facts()
	want := capital.Efficient(90_000*capital.HashpriceBTC(1.48e14, 3.125), 33)
	if math.Abs(f.Level/want-1) > 1e-12 || math.Abs(f.Now/want-1) > 1e-12 {
		t.Errorf("level %v, now %v, want %v", f.Level, f.Now, want)
	}
	c.Response.Trend = 0.1 // machines were worse then, so the same hashprice was less per MWh
	if f := drawn(t, c, h).Facts(); f.Level >= want || f.Level < want*0.8 {
		t.Errorf("level %v with a trend, %v without", f.Level, want)
	}
	if _, err := (path.History{}).End(1); !errors.Is(err, path.ErrHistory) {
		t.Errorf("%v", err)
	}
}

func TestWarning(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		history, window, weeks int
		want                   []string
	}{
		"three years for ten":   {200, 156, 520, []string{"520 weeks", "156 weeks (3.0 years)"}},
		"three years for one":   {200, 156, 52, nil},
		"eight years for ten":   {420, 416, 520, nil},
		"seven years less much": {420, 360, 53, []string{"53 weeks", "360 weeks (6.9 years)"}},
	} {
		config := path.Usual(ends())
		config.Window, config.Weeks = c.window, c.weeks
		neutral := config.Neutral()
		config.Growth = &neutral
		got := drawn(t, config, made(c.history)).Facts().Warning
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q does not say %q", sentence, got, w)
			}
		}
		if c.want == nil && got != "" {
			t.Errorf("%s: %q", sentence, got)
		}
	}
	much := 0.5
	fast := path.Usual(ends())
	fast.Growth = &much
	if w := drawn(t, fast, made(200)).Facts().Warning; !strings.Contains(w, "0.50 a year") || !strings.Contains(w, "146 times") || !strings.Contains(w, "bear 0.09") {
		t.Errorf("difficulty that grows 146 times: %q", w)
	}
	h := made(200)
	h[199].NoFees, h[0].NoFees = true, true
	config := path.Usual(ends())
	config.Response.HalfLife = 30
	f := drawn(t, config, h).Facts()
	if f.NoFees != 1 || !strings.Contains(f.Warning, "1 of 156 weeks") || !strings.Contains(f.Warning, "30 months") {
		t.Errorf("%+v", f)
	}
}

func TestTooShort(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	for _, k := range []struct{ history, window, need int }{{156, 156, 157}, {103, 52, 104}, {0, 52, 104}} {
		c.Window = k.window
		_, err := path.New(c, made(k.history))
		if !errors.Is(err, path.ErrHistory) || !strings.Contains(err.Error(), strconv.Itoa(k.need)+" are needed") {
			t.Errorf("%d weeks: %v", k.history, err)
		}
	}
	c.Window = 156
	if _, err := path.New(c, made(157)); err != nil {
		t.Error(err)
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for sentence, spoil := range map[string]func(*path.Config){
		"no horizon":         func(c *path.Config) { c.Weeks = 0 },
		"an age":             func(c *path.Config) { c.Weeks = 2601 },
		"a narrow window":    func(c *path.Config) { c.Window = 25 },
		"no block":           func(c *path.Config) { c.Block = 0.5 },
		"a block no number":  func(c *path.Config) { c.Block = nan },
		"drift":              func(c *path.Config) { c.Drift = nan },
		"growth":             func(c *path.Config) { c.Growth = &nan },
		"no time":            func(c *path.Config) { c.Start.At = time.Time{} },
		"a height below":     func(c *path.Config) { c.Start.Height = -1 },
		"the last subsidies": func(c *path.Config) { c.Start.Height = 6_930_000 },
		"no price":           func(c *path.Config) { c.Start.Price = 0 },
		"no difficulty":      func(c *path.Config) { c.Start.Difficulty = math.Inf(1) },
		"a share":            func(c *path.Config) { c.Response.Share = 1.01 },
		"no half-life":       func(c *path.Config) { c.Response.HalfLife = 0 },
		"a level below":      func(c *path.Config) { c.Response.Level = -1 },
		"no efficiency":      func(c *path.Config) { c.Response.Efficiency = 0 },
		"a trend to nought":  func(c *path.Config) { c.Response.Trend = 1 },
	} {
		c := path.Usual(ends())
		spoil(&c)
		if _, err := path.New(c, made(200)); !errors.Is(err, path.ErrConfig) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for name, share := range map[string]float64{"walk": 0, "return": 1} {
		c := path.Usual(ends())
		c.Response.Share, c.Power = share, powerWeeks(2021, 5*52)
		f := drawn(b, c, made(200))
		var p path.Path
		b.Run(name, func(b *testing.B) {
			i := uint64(0)
			for b.Loop() {
				f.Draw(i, &p)
				i++
			}
		})
	}
}
