package path_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/path"
)

func TestFlat(t *testing.T) {
	t.Parallel()
	c, h := path.Usual(ends()), made(200)
	c.Power = powerWeeks(2021, 5*52)
	b := drawn(t, c, h)
	var p path.Path
	b.Draw(1, &p) // what was in the path must be gone
	b.Flat(&p)
	fees := h[199].Fees
	for w := range p.Price {
		want := capital.HashpriceBTC(c.Start.Difficulty, c.Start.Subsidy(w)*fees)
		if p.Price[w] != c.Start.Price || p.Difficulty[w] != c.Start.Difficulty || p.Fees[w] != fees || p.HashBTC[w] != want || p.Index[w] != 199 {
			t.Fatalf("week %d: %v %v %v", w, p.Price[w], p.Difficulty[w], p.HashBTC[w])
		}
	}
	if p.Reverting || p.Number != 0 || len(p.Power) != 520 || p.HashBTC[119] != p.HashBTC[0]/2 {
		t.Errorf("%v %d %d", p.Reverting, p.Number, len(p.Power))
	}
	if err := b.Halving(10, &p); err != nil {
		t.Fatal(err)
	}
	if p.HashBTC[9] != 2*p.HashBTC[10] || p.HashBTC[519] != p.HashBTC[10] {
		t.Errorf("a halving in week 10: %v then %v, %v at the end", p.HashBTC[9], p.HashBTC[10], p.HashBTC[519])
	}
	for _, at := range []int{-1, 520} {
		if err := b.Halving(at, &p); !errors.Is(err, path.ErrScenario) {
			t.Errorf("in week %d: %v", at, err)
		}
	}
}

// TestReplay: the stretch comes again, from another price, then nothing moves.
func TestReplay(t *testing.T) {
	t.Parallel()
	c, h := path.Usual(ends()), made(200)
	b := drawn(t, c, h)
	var p path.Path
	if err := b.Replay(h[30].Begin, h[90].Begin, &p); err != nil {
		t.Fatal(err)
	}
	for w := range 60 {
		if int(p.Index[w]) != 30+w || math.Abs(p.Price[w]/c.Start.Price/(h[30+w].Price/h[29].Price)-1) > 1e-12 ||
			math.Abs(p.Difficulty[w]/c.Start.Difficulty/(h[30+w].Difficulty/h[29].Difficulty)-1) > 1e-12 || p.Fees[w] != h[30+w].Fees {
			t.Fatalf("week %d is history's week %d at %v", w, p.Index[w], p.Price[w])
		}
	}
	if p.Price[60] != p.Price[59] || p.Difficulty[519] != p.Difficulty[59] || p.Index[519] != 89 {
		t.Error("it goes on after the stretch")
	}
	if p.HashBTC[7] != capital.HashpriceBTC(p.Difficulty[7], 3.125*p.Fees[7]) || p.HashBTC[119] != capital.HashpriceBTC(p.Difficulty[119], 1.5625*p.Fees[119]) {
		t.Error("the hashprice is not of its difficulty, fees and the subsidy of the future")
	}
	for sentence, c := range map[string][2]time.Time{
		"before the first change": {h[0].Begin, h[9].Begin}, "after the end": {h[190].Begin, h[199].Begin.AddDate(0, 0, 8)},
		"backwards": {h[9].Begin, h[8].Begin}, "nothing": {h[9].Begin, h[9].Begin},
	} {
		if err := b.Replay(c[0], c[1], &p); !errors.Is(err, path.ErrScenario) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := b.Replay(h[1].Begin, h[199].Begin.AddDate(0, 0, 7), &p); err != nil {
		t.Errorf("all of it: %v", err)
	}
}

// TestLow: a year at the lowest, and never above the flat future.
func TestLow(t *testing.T) {
	t.Parallel()
	c, h := path.Usual(ends()), made(200)
	b := drawn(t, c, h)
	usd, at, err := b.Lowest()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range h {
		x := w.Price * capital.HashpriceBTC(w.Difficulty, 3.125*w.Fees)
		if x < usd || w.Begin.Equal(at) && x != usd {
			t.Fatalf("%v USD/PH/day in the week of %s, and the lowest is said to be %v", x, w.Begin, usd)
		}
	}
	var flat, p path.Path
	b.Flat(&flat)
	if err := b.Low(25, 52, &p); err != nil {
		t.Fatal(err)
	}
	for w := range p.Price {
		want := flat.HashUSD(w)
		if w < 52 {
			want = 25
		}
		if math.Abs(p.HashUSD(w)/want-1) > 1e-12 || p.Price[w] != flat.Price[w] ||
			math.Abs(p.HashBTC[w]/capital.HashpriceBTC(p.Difficulty[w], c.Start.Subsidy(w)*p.Fees[w])-1) > 1e-12 {
			t.Fatalf("week %d: %v USD/PH/day, want %v", w, p.HashUSD(w), want)
		}
	}
	if err := b.Low(25, 1000, &p); err != nil || p.HashUSD(519) > flat.HashUSD(519) {
		t.Errorf("above the flat future after the halvings: %v, %v", p.HashUSD(519), err)
	}
	for _, usd := range []float64{0, -1, math.NaN()} {
		if err := b.Low(usd, 52, &p); !errors.Is(err, path.ErrScenario) {
			t.Errorf("at %v: %v", usd, err)
		}
	}
	if err := b.Low(25, 0, &p); !errors.Is(err, path.ErrScenario) {
		t.Errorf("for no week: %v", err)
	}
}

func TestScarcity(t *testing.T) {
	t.Parallel()
	c := path.Usual(ends())
	c.Power = powerWeeks(2021, 5*52)
	b := drawn(t, c, made(200))
	var p, was path.Path
	b.Draw(4, &p)
	b.Draw(4, &was)
	if err := b.Scarcity(6, 5, &p); err != nil || p.Power[6] != 5 {
		t.Errorf("%d, %v", p.Power[6], err)
	}
	p.Power[6] = was.Power[6]
	if !same(&p, &was) {
		t.Error("something else changed")
	}
	for _, x := range [][2]int{{-1, 5}, {520, 5}, {6, -1}, {6, 260}} {
		if err := b.Scarcity(x[0], x[1], &p); !errors.Is(err, path.ErrScenario) {
			t.Errorf("%v: %v", x, err)
		}
	}
}

// TestRealScenarios: the lowest hashprice of the real history, and the winter of 2022.
func TestRealScenarios(t *testing.T) {
	t.Parallel()
	h, err := path.Weekly(days(t, began()))
	if err != nil {
		t.Fatal(err)
	}
	b := drawn(t, path.Usual(ends()), h)
	usd, at, err := b.Lowest()
	if err != nil || usd < 35.3 || usd > 38 || at.Year() != 2025 {
		t.Errorf("%v USD/PH/day in the week of %s, %v", usd, at, err)
	}
	var p path.Path
	if err := b.Replay(time.Date(2021, 11, 8, 0, 0, 0, 0, time.UTC), time.Date(2023, 1, 2, 0, 0, 0, 0, time.UTC), &p); err != nil {
		t.Fatal(err)
	}
	if fall := p.Price[519]/ends().Price - 1; fall > -0.7 || fall < -0.8 {
		t.Errorf("the price falls by %v", fall)
	}
	f := b.Facts()
	if f.Level < 60 || f.Level > 110 || f.Now < 40 || f.Now > 55 || f.Growth < 0.2 || f.Growth > 0.6 {
		t.Errorf("%+v", f)
	}
	t.Logf("%+v", f)
}
