package gpu

import (
	"cmp"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sluice/internal/beside"
	"sluice/unit"
)

func standard(tb testing.TB) Curves {
	tb.Helper()
	c, err := StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// published is the table of medians that the curves were condensed to once before,
// to three decimals; zero: not stated.
type published struct {
	limit                       unit.Power
	speed, worst, power, energy float64
}

func medians() map[string][]published {
	return map[string][]published{
		"V100": {
			{225, .987, 0, .945, .954},
			{200, .965, .856, .867, .897},
			{175, .941, .881, .781, .845},
			{150, .899, .759, .682, .806},
			{125, .853, .599, .591, .796},
			{100, .725, .469, .508, .836},
		},
		"A40": {
			{250, .989, .944, .961, .956},
			{200, .956, .870, .847, .866},
			{175, .929, .726, .776, .839},
			{150, .751, .537, .674, .954},
			{125, .509, .360, .622, 1.075},
			{100, .354, .227, .538, 1.394},
		},
		"RTX 6000": {
			{200, .971, .889, .848, .871},
			{175, .951, .827, .762, .823},
			{150, .909, .731, .680, .778},
			{125, .821, .623, .597, .795},
			{100, .548, .368, .481, .984},
		},
		"P100": {
			{175, .984, .872, .969, .950},
			{125, .944, .850, .815, .880},
		},
	}
}

func TestMediansAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	for model, rows := range medians() {
		c := standard(t).For(model, Training)
		for _, r := range rows {
			i := slices.IndexFunc(c.Points, func(p Point) bool { return p.Limit == r.limit })
			p := c.Points[i]
			for name, pair := range map[string][2]float64{
				"speed": {r.speed, p.Speed.Float()}, "worst": {r.worst, p.Worst.Float()},
				"power": {r.power, p.Power.Float()}, "energy": {r.energy, p.Energy.Float()},
			} {
				if pair[0] != 0 && math.Abs(pair[0]-pair[1]) > 0.00051 {
					t.Errorf("%s at %d W: %s %.4f, want %.3f", model, r.limit, name, pair[1], pair[0])
				}
			}
		}
	}
}

// TestShippedPointsAreTheRawData forms the medians again from every run.
func TestShippedPointsAreTheRawData(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(beside.Open(t, "data", "zeus_power_limit_curves.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type run struct{ seconds, watts float64 }
	runs := map[string]map[string]map[unit.Power]run{} // model, setting, limit
	for _, r := range rows[1:] {
		model := map[string]string{"P100": "P100 PCIe", "V100": "V100 PCIe", "A40": "A40", "RTX6000": "RTX 6000"}[r[0]]
		setting := r[1] + r[2] + r[3] + r[4]
		if runs[model] == nil {
			runs[model] = map[string]map[unit.Power]run{}
		}
		if runs[model][setting] == nil {
			runs[model][setting] = map[unit.Power]run{}
		}
		runs[model][setting][unit.Power(float(t, r[5]))] = run{float(t, r[6]), float(t, r[7])}
	}
	points := 0
	for _, c := range standard(t).All() {
		for _, p := range c.Points {
			var speed, power, energy []float64
			for _, s := range runs[c.Model] {
				if now, ok := s[p.Limit]; ok {
					full := s[c.Full]
					speed = append(speed, full.seconds/now.seconds)
					power = append(power, now.watts/full.watts)
					energy = append(energy, now.watts*now.seconds/(full.watts*full.seconds))
				}
			}
			points++
			for name, pair := range map[string][2]float64{
				"speed": {p.Speed.Float(), rank(speed, .5)}, "low": {p.Low.Float(), rank(speed, .25)}, "worst": {p.Worst.Float(), rank(speed, 0)},
				"power": {p.Power.Float(), rank(power, .5)}, "energy": {p.Energy.Float(), rank(energy, .5)}, "settings": {float64(p.Count), float64(len(speed))},
			} {
				if math.Abs(pair[0]-pair[1]) > 1e-6 {
					t.Errorf("%s at %d W: %s %v, the runs say %v", c.Model, p.Limit, name, pair[0], pair[1])
				}
			}
		}
	}
	t.Logf("%d points formed again from %d runs", points, len(rows)-1)
}

func float(tb testing.TB, text string) float64 {
	tb.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// rank is a quantile by straight lines between ranks.
func rank(values []float64, q float64) float64 {
	slices.Sort(values)
	x := q * float64(len(values)-1)
	i := int(x)
	return values[i] + (values[min(i+1, len(values)-1)]-values[i])*(x-float64(i))
}

// TestBandsAreThePublishedOnes: those were formed of medians with three decimals.
func TestBandsAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	for _, b := range []struct {
		model    string
		from, to unit.Power
		m        float64
	}{
		{"V100", 250, 225, .24},
		{"V100", 225, 200, .28},
		{"V100", 200, 175, .28},
		{"V100", 175, 150, .42},
		{"V100", 150, 125, .51},
		{"V100", 125, 100, 1.54},
		{"A40", 300, 250, .28},
		{"A40", 250, 200, .29},
		{"A40", 200, 175, .38},
		{"A40", 175, 150, 1.75},
		{"A40", 150, 125, 4.65},
		{"A40", 125, 100, 1.85},
		{"RTX 6000", 260, 225, .23},
		{"RTX 6000", 225, 200, .15},
		{"RTX 6000", 200, 175, .23},
		{"RTX 6000", 175, 150, .51},
		{"RTX 6000", 150, 125, 1.06},
		{"RTX 6000", 125, 100, 2.35},
	} {
		c := standard(t).For(b.model, Training)
		short := func(limit unit.Power) Point {
			p := c.Points[slices.IndexFunc(c.Points, func(p Point) bool { return p.Limit == limit })]
			p.Speed, p.Power = unit.Ratio(unit.MulDiv(int64(p.Speed), 1, 1000)*1000), unit.Ratio(unit.MulDiv(int64(p.Power), 1, 1000)*1000)
			return p
		}
		if m := marginal(short(b.from), short(b.to)).Float(); math.Abs(m-b.m) > 0.0101 {
			t.Errorf("%s %d to %d W: m = %.3f, want %.2f", b.model, b.from, b.to, m, b.m)
		}
	}
}

func TestKnees(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]unit.Power{"V100": 125, "A40": 175, "RTX 6000": 150, "P100": 125} {
		c := standard(t).For(model, Training)
		levels := c.Levels()
		if k := c.Points[c.Knee()].Limit; k != want || levels[len(levels)-1].Limit != want {
			t.Errorf("%s: knee at %d W and the lowest level at %d, want %d", model, k, levels[len(levels)-1].Limit, want)
		}
	}
	t.Run("energy that rises ends it before m does", func(t *testing.T) {
		t.Parallel()
		c := Curve{Full: 100, Points: []Point{
			{Limit: 100, Speed: unit.One, Power: unit.One},
			{Limit: 80, Speed: 950_000, Power: 850_000, Energy: 900_000},
			{Limit: 60, Speed: 900_000, Power: 700_000, Energy: 950_000},
		}}
		if c.Knee() != 1 {
			t.Errorf("knee at %d", c.Knee())
		}
	})
	t.Run("losses below noise add up", func(t *testing.T) {
		t.Parallel()
		c := Curve{Full: 100, Points: []Point{{Limit: 100, Speed: unit.One, Power: unit.One}}}
		for i := range 40 {
			c.Points = append(c.Points, Point{Limit: unit.Power(99 - i), Speed: unit.One - unit.Ratio(i+1)*2000, Power: unit.One - unit.Ratio(i+1)*1500})
		}
		if c.Knee() > 3 {
			t.Errorf("knee at %d", c.Knee())
		}
	})
	t.Run("a curve without points has no level", func(t *testing.T) {
		t.Parallel()
		c := standard(t).For("Rubin", Training)
		if c.Knee() != 0 || c.Levels() != nil || c.Band(0) != unit.One || c.Standing != Assumed {
			t.Errorf("%+v", c)
		}
	})
}

func TestNobodyMeasuredHopper(t *testing.T) {
	t.Parallel()
	c := standard(t).For("NVIDIA H100 80GB HBM3", Inference)
	if c.Standing != Assumed || c.Full != 700 || c.Model != "H100 SXM" || c.Class != Inference {
		t.Fatalf("%+v", c)
	}
	levels := c.Levels()
	if knee := levels[len(levels)-1].Limit; knee != 420 {
		t.Errorf("its knee is %d W, want 60 %% of 700", knee)
	}
	for _, o := range []string{"V100", "A40", "RTX 6000"} {
		m := standard(t).For(o, Training)
		if share := over(unit.Ratio(m.Points[m.Knee()].Limit), unit.Ratio(m.Full)); share >= 600_000 {
			t.Errorf("%s has its knee at %v of its limit: the prior is not careful", o, share.Float())
		}
	}
	if v := standard(t).For("V100", Decode); v.Standing != Assumed || v.Class != Decode || len(v.Points) != 7 {
		t.Errorf("the stand-in of another class: %+v", v)
	}
	if p := standard(t).Prior("X", AnyWork, 1000, 750); p.Levels()[len(p.Levels())-1].Limit != 800 {
		t.Errorf("a prior below the lowest limit: %+v", p.Levels())
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	c := standard(t).For("V100", Training)
	for _, x := range []struct{ seen, approved, want unit.Power }{{0, 0, 250}, {200, 0, 200}, {200, 170, 175}, {0, 100, 125}, {50, 0, 125}} {
		l := c.Down(x.seen, x.approved).Levels()
		if got := l[len(l)-1].Limit; got != x.want {
			t.Errorf("seen %d, approved %d: down to %d W, want %d", x.seen, x.approved, got, x.want)
		}
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	c := standard(t).For("V100", Training)
	t.Run("a limit above the draw saves nothing", func(t *testing.T) {
		t.Parallel()
		if p, s := c.Under(225, 177); p != 177 || s != unit.One {
			t.Errorf("%v %v", p, s)
		}
		if c.Careful(225, 177) != unit.One {
			t.Error("and slows nobody down")
		}
	})
	t.Run("a limit below it is drawn, at the speed of that share", func(t *testing.T) {
		t.Parallel()
		p, s := c.Under(138, 177) // 0.779661 of the draw, a hair below the point at 175 W
		if p != 138 || s < 939_000 || s > 940_540 {
			t.Errorf("%v %v", p, s)
		}
		if low := c.Careful(138, 177); low >= s || low < 700_000 {
			t.Errorf("the careful speed is %v", low)
		}
	})
	t.Run("nothing at no limit", func(t *testing.T) {
		t.Parallel()
		if p, s := c.Under(0, 177); p != 0 || s != 0 {
			t.Errorf("%v %v", p, s)
		}
	})
	t.Run("without points speed falls as power does", func(t *testing.T) {
		t.Parallel()
		if p, s := (Curve{}).Under(300, 600); p != 300 || s != 500_000 {
			t.Errorf("%v %v", p, s)
		}
	})
}

// curves draws curves as messy as runs can be.
func curves() *rapid.Generator[Curve] {
	return rapid.Custom(func(t *rapid.T) Curve {
		full := unit.Power(rapid.IntRange(100, 2000).Draw(t, "full"))
		c := Curve{Model: "m", Full: full, Points: []Point{{Limit: full, Speed: unit.One, Power: unit.One}}}
		limits := rapid.SliceOfNDistinct(rapid.IntRange(1, int(full)-1), 0, 12, func(i int) int { return i }).Draw(t, "limits")
		slices.SortFunc(limits, func(a, b int) int { return cmp.Compare(b, a) })
		for _, l := range limits {
			c.Points = append(c.Points, Point{
				Limit: unit.Power(l), Speed: unit.Ratio(rapid.IntRange(1, 1_100_000).Draw(t, "speed")), Power: unit.Ratio(rapid.IntRange(1, 1_100_000).Draw(t, "power")),
				Low: unit.Ratio(rapid.IntRange(0, 1_100_000).Draw(t, "low")), Energy: unit.Ratio(rapid.IntRange(0, 1_500_000).Draw(t, "energy")),
				Count: rapid.IntRange(0, 70).Draw(t, "count"),
			})
		}
		return c
	})
}

func TestLevelsOfAnyCurve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := curves().Draw(t, "curve")
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		levels := c.Levels()
		if len(levels) == 0 || levels[0].Limit != c.Full || levels[0].Speed != unit.One || levels[0].Power != unit.One {
			t.Fatalf("the full limit is not the first level: %v", levels)
		}
		for i := 1; i < len(levels); i++ {
			a, b := levels[i-1], levels[i]
			if b.Limit >= a.Limit || b.Power >= a.Power || b.Speed > a.Speed || b.Low > b.Speed || b.Low > a.Low || b.Worst > b.Low {
				t.Fatalf("level %d does not fall: %v", i, levels)
			}
			if c.Band(i-1) >= unit.One {
				t.Fatalf("band %d costs %v", i-1, c.Band(i-1).Float())
			}
			// Rounding to a millionth may bend a line by two millionths of speed.
			if i > 1 && float64(c.Band(i-1)-c.Band(i-2)) < -4e6/float64(min(a.Power-b.Power, levels[i-2].Power-a.Power)) {
				t.Fatalf("not concave at %d: %v", i, levels)
			}
		}
		if levels[len(levels)-1].Limit < c.Points[c.Knee()].Limit {
			t.Fatal("a level below the knee")
		}
	})
}

func TestUnderAnyCurve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := curves().Draw(t, "curve")
		draw := unit.Power(rapid.IntRange(1, 2000).Draw(t, "draw"))
		before := unit.Ratio(0)
		for limit := unit.Power(0); limit <= draw+50; limit += 1 + draw/40 {
			p, s := c.Under(limit, draw)
			if p > limit || p > draw || s < 0 || s > unit.One || s < before {
				t.Fatalf("%d W of %d: %d W at speed %v after %v", limit, draw, p, s, before)
			}
			if low := c.Careful(limit, draw); low > s || low < 0 {
				t.Fatalf("%d W of %d: careful %v, median %v", limit, draw, low, s)
			}
			before = s
		}
	})
}

func TestFelt(t *testing.T) {
	t.Parallel()
	limits := func(c Curve, draw unit.Power) []unit.Power {
		var out []unit.Power
		for _, p := range c.Felt(draw) {
			out = append(out, p.Limit)
		}
		return out
	}
	c := standard(t).For("V100", Training)
	for draw, want := range map[unit.Power][]unit.Power{
		250: {225, 200, 175, 150}, // 125 W are half of it, below the 0.591 of the knee
		177: {175, 150, 125},
		110: nil,
		0:   nil,
	} {
		if got := limits(c, draw); !slices.Equal(got, want) {
			t.Errorf("drawing %d W it feels %v, want %v", draw, got, want)
		}
	}
	if got := (Curve{}).Felt(500); got != nil {
		t.Errorf("without points: %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		c, draw := curves().Draw(t, "curve"), unit.Power(rapid.IntRange(1, 3000).Draw(t, "draw"))
		last := Point{Speed: unit.One, Power: unit.One}
		for _, p := range c.Felt(draw) {
			if lost, saved := last.Speed-p.Speed, last.Power-p.Power; saved <= 0 || lost < 0 || lost > saved+4 {
				t.Fatalf("%+v after %+v costs %v for %v", p, last, lost, saved)
			}
			last = p
		}
	})
}
