package capital_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
)

func close9(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func TestPresent(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		rate  float64
		flows []float64
		want  float64
	}{
		"nothing":                       {0.1, nil, 0},
		"the first is not discounted":   {0.1, []float64{5}, 5},
		"a year at 10 %":                {0.1, []float64{0, 110}, 100},
		"at no rate they add up":        {0, []float64{1, 2, 3}, 6},
		"a rate below nought":           {-0.5, []float64{0, 0, 1}, 4},
		"a bond of 8 % is worth itself": {0.08, []float64{-100, 8, 8, 108}, 0},
	} {
		if got := capital.Present(c.rate, c.flows); math.Abs(got-c.want) > 1e-12*max(1, math.Abs(c.want)) {
			t.Errorf("%s: %v, want %v", sentence, got, c.want)
		}
	}
}

// TestReturn: rates by hand, those that there are two of, and those that there are none of.
func TestReturn(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		flows   []float64
		want    float64
		several bool
	}{
		"a tenth more after a year":               {[]float64{-100, 110}, 0.1, false},
		"all but a thousandth is lost slowly":     {[]float64{-100, 50}, -0.5, false},
		"a loan is taken":                         {[]float64{100, -110}, 0.1, false},
		"nothing happens between":                 {[]float64{-100, 0, 0, 133.1}, 0.1, false},
		"no gain":                                 {[]float64{-100, 50, 50}, 0, false},
		"two rates, 10 % and 20 %":                {[]float64{-100, 230, -132}, 0.1, true},
		"two rates, -20 % and 10 %":               {[]float64{-100, 190, -88}, 0.1, true},
		"two rates so close that a grid may miss": {[]float64{-1, 1.0100 + 1.0102, -1.0100 * 1.0102}, 0.0100, true},
		"a rate that is only touched":             {[]float64{-100, 220, -121}, 0.1, false},
		"a rate of nought that is only touched":   {[]float64{-1, 2, -1}, 0, false},
		"three rates, 5 %, 30 % and 70 %":         {[]float64{-1, 1.05 + 1.3 + 1.7, -(1.05*1.3 + 1.05*1.7 + 1.3*1.7), 1.05 * 1.3 * 1.7}, 0.05, true},
	} {
		got, several, err := capital.Return(c.flows)
		if err != nil || math.Abs(got-c.want) > 1e-7 || several != c.several {
			t.Errorf("%s: %v, %v, %v, want %v", sentence, got, several, err, c.want)
		}
	}
	for sentence, flows := range map[string][]float64{
		"nothing":              nil,
		"one sign":             {1, 2, 3},
		"only losses":          {-1, 0, -3},
		"no number":            {-1, math.NaN(), 3},
		"endless":              {-1, math.Inf(1)},
		"no rate, two signs":   {-1, 2, -1.5},
		"more than a thousand": {-1, 2000},
		"all is lost":          {-1, 1e-4},
	} {
		if r, _, err := capital.Return(flows); !errors.Is(err, capital.ErrNoReturn) {
			t.Errorf("%s: %v, %v", sentence, r, err)
		}
	}
}

// TestReturnIsRoot: what has one sign change has one rate, at which it is worth
// nothing; the rate of a loan of a known rate is that rate; scale does not matter.
func TestReturnIsRoot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(-0.3, 0.5).Draw(t, "rate")
		in := rapid.SliceOfN(rapid.Float64Range(0, 1000), 1, 180).Draw(t, "received")
		in[len(in)-1] += 1
		flows := append([]float64{0}, in...)
		flows[0] = -capital.Present(rate, flows)
		got, several, err := capital.Return(flows)
		if err != nil || several || math.Abs(got-rate) > 1e-8 {
			t.Fatalf("%v, %v, %v, want %v", got, several, err, rate)
		}
		for i := range flows {
			flows[i] *= -1e6
		}
		if again, _, err := capital.Return(flows); err != nil || math.Abs(again-got) > 1e-9 {
			t.Fatalf("a million times as much, and borrowed: %v, %v", again, err)
		}
	})
}

// TestReturnFindsAll: from two rates that payments were made of, the nearest to
// nought is given, and it is said that there are several.
func TestReturnFindsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(-0.2, 0.4).Draw(t, "a")
		b := a + rapid.Float64Range(1e-4, 0.5).Draw(t, "apart")
		got, several, err := capital.Return([]float64{-1, 2 + a + b, -(1 + a) * (1 + b)})
		want := a
		if math.Abs(b) < math.Abs(a) {
			want = b
		}
		if math.Abs(math.Abs(a)-math.Abs(b)) < 1e-6 {
			t.Skip("SKIPPED, NOT A CASE: both rates are equally near")
		}
		if err != nil || !several || math.Abs(got-want) > 1e-6 {
			t.Fatalf("%v, %v, %v, want %v of %v and %v", got, several, err, want, a, b)
		}
	})
}

func TestPayback(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		flows []float64
		want  float64
		ok    bool
	}{
		"half of the third period":       {[]float64{-100, 40, 40, 40}, 2.5, true},
		"at the end of a period":         {[]float64{-100, 50, 50, 10}, 2, true},
		"never":                          {[]float64{-100, 50}, 0, false},
		"nothing was paid":               {[]float64{10, 10}, 0, true},
		"negative again, and back again": {[]float64{-100, 200, -150, 100}, 2.5, true},
		"negative again at the end":      {[]float64{-100, 200, -150}, 0, false},
		"no payments":                    {nil, 0, false},
		"no number":                      {[]float64{-100, 200, math.NaN()}, 0, false},
		"periods with nothing":           {[]float64{-100, 0, 0, 200}, 2.5, true},
	} {
		if got, ok := capital.Payback(c.flows); got != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v, want %v", sentence, got, ok, c.want)
		}
	}
}

func TestPerPeriod(t *testing.T) {
	t.Parallel()
	if m := capital.PerPeriod(0.12, 12); math.Abs(m-0.009488792934583046) > 1e-15 || math.Abs(capital.PerYear(m, 12)-0.12) > 1e-15 {
		t.Error(m)
	}
	// a rate that vanishes beside 1 is not lost
	if m := capital.PerPeriod(1e-13, 12); math.Abs(m-1e-13/12) > 1e-20 {
		t.Error(m)
	}
}

// conversion is 18 MW that become 14.4 MW of critical IT for 128 million: payments of
// a year, the first at once.
type conversion struct {
	years     int
	ebitda    float64 // of the first year and a critical MW, 3 % more each year
	hashprice float64 // of the mining that it displaces, 0: none
}

const (
	conversionGross    = 18.0
	conversionCritical = 14.4
	conversionCapex    = 128e6
)

func miningMargin(hashprice float64) float64 {
	return (capital.Strike(hashprice, 0, 18, 1) - 45) * 8760 * conversionGross
}

func (c conversion) flows() []float64 {
	flows := []float64{-conversionCapex}
	for y := range c.years {
		f := c.ebitda * conversionCritical * math.Pow(1.03, float64(y))
		if c.hashprice > 0 {
			f -= miningMargin(c.hashprice) * math.Pow(0.97, float64(y))
		}
		flows = append(flows, f)
	}
	return flows
}

// terminal adds 6 times the last EBITDA to the last payment.
func terminal(flows []float64) []float64 {
	out := slices.Clone(flows)
	out[len(out)-1] += 6 * out[len(out)-1]
	return out
}

// TestConversion: the worked example of a conversion, against computed values of
// somebody else's program (rates to 1e-6, money to 1e-9 of it).
func TestConversion(t *testing.T) {
	t.Parallel()
	plain := conversion{10, 1.05e6, 0}.flows()
	for sentence, c := range map[string]struct {
		flows  []float64
		irr    float64
		npv    float64
		margin float64
	}{
		"colocation, nothing after":   {plain, 0.0564919442682309, -23917795.38788079, 0},
		"colocation, 6 x last EBITDA": {terminal(plain), 0.12744016490895949, 21718587.197468627, 0},
		"over mining at 28":           {conversion{10, 1.05e6, 28}.flows(), 0.023162176259325373, -41118604.61205286, 3124399.999999999},
		"over mining at 35":           {conversion{10, 1.05e6, 35}.flows(), -0.005812847779140318, -55184686.921539344, 5679400.0},
		"over mining at 45":           {conversion{10, 1.05e6, 45}.flows(), -0.050931236476386366, -75279090.2208058, 9329400.000000002},
		"over mining at 56":           {conversion{10, 1.05e6, 56}.flows(), -0.10833630535810707, -97382933.84999885, 13344400.0},
	} {
		irr, several, err := capital.Return(c.flows)
		if err != nil || several || math.Abs(irr-c.irr) > 1e-6 {
			t.Errorf("%s: returns %v, %v, want %v", sentence, irr, err, c.irr)
		}
		if npv := capital.Present(0.1, c.flows); !close9(npv, c.npv) {
			t.Errorf("%s: worth %v, want %v", sentence, npv, c.npv)
		}
		if c.margin > 0 {
			// the margin forgone is what the first payment lacks of the EBITDA
			if got := 15.12e6 - c.flows[1]; !close9(got, c.margin) {
				t.Errorf("%s: mining leaves %v, want %v", sentence, got, c.margin)
			}
		}
	}
}

// breakEvenEBITDA is the first year's EBITDA of a critical MW at which 10 % are
// earned: the worth of a conversion is a straight line in it.
func breakEvenEBITDA(years int, hashprice float64) float64 {
	at := func(ebitda float64) float64 {
		return capital.Present(0.1, conversion{years, ebitda, hashprice}.flows())
	}
	return -at(0) / (at(1) - at(0))
}

func TestConversionBreakEven(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ hashprice, ten, fifteen, twenty float64 }{
		{0, 1291287.0216466447, 992324.5669461881, 850572.9197945916},
		{28, 1464811.8787794046, 1150402.0878233053, 997370.8598048845},
		{35, 1606713.0469954466, 1279671.0885405743, 1117415.9042058252},
		{45, 1809429.001589792, 1464341.089565244, 1288908.8247785973},
	} {
		for years, want := range map[int]float64{10: c.ten, 15: c.fifteen, 20: c.twenty} {
			got := breakEvenEBITDA(years, c.hashprice)
			if math.Abs(got-want) > 1e-7*want { // a difference of two worths loses digits
				t.Errorf("mining at %v, %d years: %v, want %v", c.hashprice, years, got, want)
			}
			if irr, _, err := capital.Return(conversion{years, got, c.hashprice}.flows()); err != nil || math.Abs(irr-0.1) > 1e-9 {
				t.Errorf("mining at %v, %d years: it returns %v, %v", c.hashprice, years, irr, err)
			}
		}
	}
}

// cloud is GPUs for five years on the same facility: a fifth of the contract is paid
// in advance and credited in equal parts from year first on.
func cloud(margin, residual float64, first int) []float64 {
	const years, gpus, rent = 5, 29e6 * conversionCritical, 9.7e6 * conversionCritical
	prepaid := 0.2 * rent * years
	flows := []float64{-conversionCapex - gpus + prepaid}
	for y := 1; y <= years; y++ {
		f := rent * margin
		if y >= first {
			f -= prepaid / float64(years-first+1)
		}
		flows = append(flows, f)
	}
	flows[years] += 0.6*conversionCapex + residual*gpus
	return flows
}

func TestConversionCloud(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ margin, residual, evenly, late float64 }{
		{0.7, 0.2, 0.0659982749519824, 0.07212328275456537},
		{0.7, 0, 0.014541640295213099, 0.016154576327400805},
		{0.8, 0.2, 0.10914704821363264, 0.118823467293934},
		{0.8, 0, 0.06368575217757544, 0.07026291736813672},
		{0.85, 0.2, 0.13037114916943182, 0.14167894619326604},
		{0.85, 0, 0.08751990053250569, 0.09626702740948845},
	} {
		for first, want := range map[int]float64{1: c.evenly, 3: c.late} {
			if got, _, err := capital.Return(cloud(c.margin, c.residual, first)); err != nil || math.Abs(got-want) > 1e-6 {
				t.Errorf("margin %v, residual %v, credited from year %d: %v, %v, want %v", c.margin, c.residual, first, got, err, want)
			}
		}
	}
}

func BenchmarkReturn(b *testing.B) {
	once, twice := make([]float64, 181), make([]float64, 181)
	for i := range once {
		once[i], twice[i] = 1, 1
	}
	once[0], twice[0], twice[180] = -100, -100, -20
	for name, flows := range map[string][]float64{"one change": once, "two changes": twice} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := capital.Return(flows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
