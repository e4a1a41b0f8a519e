package option_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/option"
)

// example is 18 MW of the reference: 7.1 M a gross megawatt, 125 USD for a kW and
// month, 70 % of it left; a second block of 12 MW.
func example() option.Conversion {
	return option.Conversion{
		Name: "north", First: 18, Second: 12, At: option.Holding, Quarters: 16, Discount: 0.10,
		Mine: option.Mine{
			Hashprice: 67, Fleet: 20, FleetFalls: 0.08, Machine: 18.5, PUE: 1.03, Fee: 0.01, Uptime: 0.97, Power: 45, Cost: 4,
			Idle: 30_000, Restart: 5_000, Salvage: 150_000, Keep: 0.5,
		},
		Hall: option.Hall{
			PUE: 1.25, Rent: 125, Prelet: true, Escalator: 0.03, Let: 1, Opex: 450_000, Inflation: 0.03, Term: 15,
			Capex: 7_100_000, Build: 4, Deposit: 100_000, Connect: 2,
		},
		Markets: option.Markets{
			HashVolatility: 0.5, Level: 70, HalfLife: 12, Walk: 0.5, RentVolatility: 0.15, CapexVolatility: 0.1, RentCapex: 0.4, HashRent: -0.1,
		},
		Rights: option.Rights{Stop: true, Abandon: true, Expand: true},
	}
}

// quick is enough for signs and orders on common paths.
func quick() option.Settings {
	return option.Settings{Paths: 2_000, Fresh: 2_000, Degree: 2, Seed: 5, FreshSeed: 6}
}

func convert(tb testing.TB, c option.Conversion, s option.Settings) option.Result {
	tb.Helper()
	p, err := c.Problem()
	if err != nil {
		tb.Fatal(err)
	}
	return solve(tb, p, s)
}

// hand is two quarters without chance, with numbers that can be followed by hand: a
// quarter is worth 0.9604 of the one before it, and half of one 0.98.
func hand() option.Conversion {
	return option.Conversion{
		Name: "hand", First: 10, At: option.Holding, Quarters: 2, Discount: math.Pow(0.9604, -4) - 1,
		Mine:    option.Mine{Hashprice: 80, Fleet: 20, Machine: 20, PUE: 1, Uptime: 1, Power: 50, Idle: 40_000, Restart: 5_000, Salvage: 20_000},
		Hall:    option.Hall{PUE: 1.25, Rent: 100, Prelet: true, Let: 1, Term: 1, Capex: 500_000, Build: 1},
		Markets: option.Markets{Level: 80, HalfLife: 12},
		Rights:  option.Rights{Stop: true, Abandon: true},
	}
}

// TestByHand: a quarter of mining pays 30 USD/MWh * 2190 h * 10 MW * 0.98 = 643,860. The lease
// of a year is worth 9,600,000 * 0.245 * (1 + 0.9604 + 0.9604^2 + 0.9604^3) = 8,863,771.99 when
// the hall is ready, so that converting adds 0.9604 * 8,863,771.99 - 5,000,000 * 0.98 =
// 3,612,766.62. At the end the machines bring 200,000.
func TestByHand(t *testing.T) {
	t.Parallel()
	const mining, converted, sold, d = 643_860.0, 3_612_766.621, 200_000.0, 0.9604
	const year, d4 = 0.92330958251168, d * d * d * d
	full := d*(9_600_000*year*(1+1.1*d4)-400_000*year*(1+1.05*d4)+400_000*d4*d4) - 4_900_000
	loses := func(c *option.Conversion) { c.Mine.Hashprice, c.Markets.Level = 20, 20 }
	for sentence, c := range map[string]struct {
		change func(*option.Conversion)
		first  string
		want   map[string]float64 // of the choices now
		never  float64
	}{
		"mining pays, so the last date is best": {nil, option.ToWait, map[string]float64{
			option.ToWait: mining + d*converted, option.ToConvert: converted,
			option.ToStop: -98_000 + d*converted, option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
		"mining loses, so it converts at once": {loses, option.ToConvert, map[string]float64{
			option.ToWait: -mining + d*converted, option.ToConvert: converted,
			option.ToStop: -98_000 + d*converted, option.ToAbandon: sold,
		}, -mining*(1+d) + d*d*sold},
		"nothing pays, so it is given up": {func(c *option.Conversion) { loses(c); c.Hall.Rent = 50 }, option.ToAbandon, map[string]float64{
			option.ToWait: -mining + d*sold, option.ToConvert: d*8_863_771.993/2 - 4_900_000,
			option.ToStop: -98_000 + d*sold, option.ToAbandon: sold,
		}, -mining*(1+d) + d*d*sold},
		"a rent agreed when it is ready is the same without chance": {func(c *option.Conversion) { c.Hall.Prelet = false }, option.ToWait, map[string]float64{
			option.ToWait: mining + d*converted, option.ToConvert: converted, option.ToStop: -98_000 + d*converted, option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
		"machines that stand still restart for 50,000": {func(c *option.Conversion) { c.Stopped = true }, option.ToRestart, map[string]float64{
			option.ToWait: -98_000 + d*converted, option.ToConvert: converted, option.ToRestart: mining - 50_000 + d*converted, option.ToAbandon: sold,
		}, -98_000*(1+d) + d*d*sold},
		"the network gets better: in the second quarter a strike of 64 leaves 14 USD of 30": {func(c *option.Conversion) { c.Mine.FleetFalls = 1 - math.Pow(0.8, 4) }, option.ToWait, map[string]float64{
			option.ToWait: mining + d*converted, option.ToConvert: converted, option.ToStop: -98_000 + d*converted, option.ToAbandon: sold,
		}, mining*(1+d*14/30) + d*d*sold},
		"a deposit of 300,000, a quarter to the grid, two of building": {func(c *option.Conversion) {
			c.Hall.Deposit, c.Hall.Connect, c.Hall.Build, c.Mine.Hashprice, c.Markets.Level = 30_000, 1, 2, 20, 20
		}, option.ToConvert, map[string]float64{
			option.ToWait: -mining + d*sold, option.ToStop: -98_000 + d*sold, option.ToAbandon: sold,
			option.ToConvert: -300_000 - mining + d*(d*d*8_863_771.993-5_000_000*0.98*(1+d)/2),
		}, -mining*(1+d) + d*d*sold},
		"the first block runs, and the second is the same": {func(c *option.Conversion) {
			c.At, c.First, c.Second, c.Rights.Expand = option.Running, 7, 10, true
		}, option.ToWait, map[string]float64{
			option.ToWait: mining + d*converted, option.ToExpand: converted, option.ToStop: -98_000 + d*converted, option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
		"every other input: the strike is 80 again and 60 are left half of the time; two years that rise": {func(c *option.Conversion) {
			c.Mine.Fee, c.Mine.Machine, c.Mine.PUE, c.Mine.Uptime, c.Mine.Power, c.Mine.Cost = 0.2, 12.8, 1.25, 0.5, 15, 5
			c.Hall.Rent, c.Hall.Let, c.Hall.Term, c.Hall.Escalator, c.Hall.Opex, c.Hall.Inflation, c.Hall.Residual = 125, 0.8, 2, 0.1, 50_000, 0.05, 40_000
		}, option.ToWait, map[string]float64{
			option.ToWait: mining + d*full, option.ToConvert: full, option.ToStop: -98_000 + d*full, option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
		"half of the second block mines on while it is built": {func(c *option.Conversion) {
			c.At, c.First, c.Second, c.Rights.Expand, c.Mine.Keep = option.Running, 7, 10, true, 0.5
		}, option.ToWait, map[string]float64{
			option.ToWait: mining + d*(converted+mining/2), option.ToExpand: converted + mining/2,
			option.ToStop: -98_000 + d*(converted-49_000), option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
		"half of it mines on while it is built": {func(c *option.Conversion) { c.Mine.Keep = 0.5 }, option.ToWait, map[string]float64{
			option.ToWait: mining + d*(converted+mining/2), option.ToConvert: converted + mining/2,
			option.ToStop: -98_000 + d*(converted-49_000), option.ToAbandon: sold,
		}, mining*(1+d) + d*d*sold},
	} {
		conversion := hand()
		if c.change != nil {
			c.change(&conversion)
		}
		r := convert(t, conversion, settings(100))
		if r.First != c.first || math.Abs(r.Never-c.never) > 0.01 || math.Abs(r.Value-c.want[c.first]) > 0.01 || r.Error > 1e-6 {
			t.Errorf("%s: %q, never %.2f, value %.2f, want %q, %.2f, %.2f", sentence, r.First, r.Never, r.Value, c.first, c.never, c.want[c.first])
		}
		if len(r.Choices) != len(c.want) {
			t.Errorf("%s: %d choices, want %d", sentence, len(r.Choices), len(c.want))
		}
		for _, choice := range r.Choices {
			if want, ok := c.want[choice.Action]; !ok || math.Abs(choice.Value-want) > 0.01 || math.Abs(r.Value-choice.Value-choice.Behind) > 0.01 {
				t.Errorf("%s: %s is worth %.2f, behind %.2f, want %.2f", sentence, choice.Action, choice.Value, choice.Behind, want)
			}
		}
	}
}

// TestExpandsByHand: three quarters, two blocks of 10 MW. The first is converted at
// once, its hall is let from the second date on, and the second block follows on the third.
func TestExpandsByHand(t *testing.T) {
	t.Parallel()
	c := hand()
	c.Quarters, c.Second, c.Rights.Expand = 3, 10, true
	a, err := c.Answer(t.Context(), settings(100))
	if err != nil {
		t.Fatal(err)
	}
	const mining, converted, sold, d = 643_860.0, 3_612_766.621, 200_000.0, 0.9604
	now := converted + mining*(1+d+d*d) + d*d*d*sold
	want := converted + mining*(1+d) + d*d*converted
	if a.First != option.ToConvert || math.Abs(a.Value-want) > 0.01 || math.Abs(a.Now-now) > 0.01 {
		t.Errorf("%q, value %.2f, now %.2f, want %.2f, %.2f", a.First, a.Value, a.Now, want, now)
	}
	// without a second step the last date is best for the first
	alone := 2*mining*(1+d) + d*d*(converted+mining) + d*d*d*sold
	for _, w := range a.Rights {
		want := map[string]float64{option.ToExpand: want - alone}[w.Name]
		if math.Abs(w.Value-want) > 0.01 {
			t.Errorf("the right to %s is worth %.2f, want %.2f", w.Name, w.Value, want)
		}
	}
	if never := 2*mining*(1+d+d*d) + 2*d*d*d*sold; math.Abs(a.Never-never) > 0.01 || math.Abs(a.Wait-(a.Value-math.Max(now, never))) > 0.01 {
		t.Errorf("never %.2f, wait %.2f, want %.2f", a.Never, a.Wait, never)
	}
}

// TestWaitsForRent: with a rent that moves, waiting a quarter is worth what Black's
// formula says: mining, and then the better of the hall and what is left.
func TestWaitsForRent(t *testing.T) {
	t.Parallel()
	c := hand()
	c.Markets.RentVolatility, c.Hall.Rent = 0.6, 65
	r := convert(t, c, settings(30_000))
	const mining, d = 643_860.0, 0.9604
	perUSD, cost, left := d*8_863_771.993/100, 4_900_000.0, mining+d*200_000
	s := 0.6 * math.Sqrt(0.25)
	d1 := math.Log(perUSD*65/(cost+left))/s + s/2
	call := perUSD*65*capital.Normal(d1) - (cost+left)*capital.Normal(d1-s)
	want := mining + d*(left+call)
	if r.First != option.ToWait || math.Abs(r.Value-want) > 3*r.Error || r.Error > 0.01*want {
		t.Errorf("%q is worth %.0f, error %.0f, want %.0f", r.First, r.Value, r.Error, want)
	}
	// the rule of the second date: convert where the hall is worth more than what is left
	for _, row := range r.Rule {
		if want := (cost + left) / perUSD; row.Date == 1 && (row.Side != option.Above || math.Abs(row.At-want) > 0.01) {
			t.Errorf("%v, want above %.3f", row, want)
		}
	}
	if len(r.Rule) != 3 {
		t.Errorf("%d rows, want the three levels of the second date", len(r.Rule))
	}
}

// TestVolatility: the more rents may move, the more the right to wait is worth.
func TestVolatility(t *testing.T) {
	t.Parallel()
	var last option.Result
	for i, volatility := range []float64{0, 0.1, 0.2, 0.3} {
		c := example()
		c.Markets.RentVolatility = volatility
		r := convert(t, c, quick())
		if i > 0 {
			if more, err, fault := r.Against(last); fault != nil || more < -3*err {
				t.Errorf("at %g: %.0f more, error %.0f, %v", volatility, more, err, fault)
			}
			if i == 3 && r.Value < last.Value+1e6 {
				t.Errorf("at %g: %.0f after %.0f: the volatility does not matter", volatility, r.Value, last.Value)
			}
		}
		last = r
	}
}

// TestPower: dearer power never raises what mining is worth, path by path.
func TestPower(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := example()
		c.Quarters, c.Second, c.Rights.Expand, c.Hall.Capex = 4, 0, false, 1e9 // no hall is worth that
		c.Mine.Power = rapid.Float64Range(-20, 90).Draw(rt, "power")
		s := option.Settings{Paths: 300, Fresh: 300, Degree: 1, Seed: 1, FreshSeed: 2}
		low := convert(t, c, s)
		c.Mine.Power += rapid.Float64Range(0.1, 30).Draw(rt, "dearer")
		high := convert(t, c, s)
		if high.Never >= low.Never {
			rt.Fatalf("mining on is worth %g, and %g with dearer power", low.Never, high.Never)
		}
		if more, err, fault := high.Against(low); fault != nil || more > 3*err {
			rt.Fatalf("mining with its rights is worth %g more with dearer power, error %g, %v", more, err, fault)
		}
	})
}

// TestRent: a higher rent brings conversion forward, and a higher hashprice puts it off.
func TestRent(t *testing.T) {
	t.Parallel()
	by := func(r option.Result, date int) (share float64) {
		for _, s := range r.Shares {
			if s.Action == option.ToConvert && s.Date <= date {
				share += s.Share
			}
		}
		return share
	}
	before := make([]float64, 17)
	for i, rent := range []float64{105, 125, 145, 200} {
		c := example()
		c.Hall.Rent = rent
		r := convert(t, c, quick())
		for date := range before {
			share := by(r, date)
			if i > 0 && share < before[date]-0.02 {
				t.Errorf("at %g USD %.3f have converted by date %d, %.3f at the lower rent", rent, share, date, before[date])
			}
			before[date] = share
		}
		if rent == 200 && (r.First != option.ToConvert || before[0] != 1) {
			t.Errorf("at %g USD it does %q", rent, r.First)
		}
		if rent == 105 && before[16] > 0.5 {
			t.Errorf("at %g USD %.3f convert", rent, before[16])
		}
	}
}

// TestRights: no right lowers the value; the answer adds them up on the same paths.
func TestRights(t *testing.T) {
	t.Parallel()
	a, err := example().Answer(t.Context(), quick())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range a.Rights {
		if w.Value < -3*w.Error {
			t.Errorf("the right to %s is worth %.0f, error %.0f", w.Name, w.Value, w.Error)
		}
	}
	// the worked example of docs/formula/option.md, in million USD
	for name, x := range map[string]struct{ got, err, want float64 }{
		"value": {a.Value, a.Error, 41.88}, "mining on": {a.Never, a.NeverError, 13.82}, "converting at once": {a.Now, a.NowError, 13.22},
		"the right to stop": {a.Rights[0].Value, a.Rights[0].Error, 1.83}, "the right to expand": {a.Rights[2].Value, a.Rights[2].Error, 8.57},
	} {
		if math.Abs(x.got-1e6*x.want) > 3*x.err+0.1e6 { // 2,000 paths make a rule that is a little worse
			t.Errorf("%s is worth %.0f, error %.0f, want %.2f million", name, x.got, x.err, x.want)
		}
	}
	if a.First != option.ToWait || a.Plain > 3*a.PlainError {
		t.Errorf("%q, plain %.0f", a.First, a.Plain)
	}
	if len(a.Rights) != 3 || a.Wait < -3*a.WaitError || a.Value < a.Never-3*a.Error {
		t.Errorf("%+v, wait %.0f, value %.0f", a.Rights, a.Wait, a.Value)
	}
}

// TestRunning: when the first block runs, the answer is about the second.
func TestRunning(t *testing.T) {
	t.Parallel()
	c := example()
	c.At, c.Hall.Rent = option.Running, 220
	r := convert(t, c, quick())
	if r.First != option.ToExpand || !slices.ContainsFunc(r.Choices, func(x option.Choice) bool { return x.Action == option.ToExpand && x.Goes }) {
		t.Errorf("%q of %+v", r.First, r.Choices)
	}
	c.At = option.Deposited
	if r := convert(t, c, quick()); r.First != option.ToBuild {
		t.Errorf("%q of %+v", r.First, r.Choices)
	}
}

// TestFutures: means are what the inputs say, whatever the volatilities; changes have
// the correlations asked for, and half of a deviation is gone after the half-life.
func TestFutures(t *testing.T) {
	t.Parallel()
	c := example()
	c.Markets = option.Markets{
		HashVolatility: 0.5, Level: 100, HalfLife: 12, Walk: 0.5, RentVolatility: 0.2, RentGrowth: 0.02, CapexVolatility: 0.1, CapexGrowth: 0.03,
		HashRent: 0.3, HashCapex: -0.2, RentCapex: 0.5,
	}
	p, err := c.Problem()
	if err != nil {
		t.Fatal(err)
	}
	const n, date = 40_000, 4
	var b, rent, capex, db, dr, dk []float64
	x := make([]float64, 3*p.Dates)
	for i := range uint64(n) {
		p.Draw(capital.Stream(1, i), x)
		b, rent, capex = append(b, math.Exp(x[3*date])), append(rent, math.Exp(x[3*date+1])), append(capex, math.Exp(x[3*date+2]))
		db, dr, dk = append(db, x[3]-x[0]), append(dr, x[4]-x[1]), append(dk, x[5]-x[2])
	}
	for name, m := range map[string]struct {
		sample []float64
		want   float64
	}{
		"hashprice after a year, half of it half way back": {b, 0.5*67 + 0.5*math.Sqrt(67*100)},
		"rent after a year":          {rent, 125 * 1.02},
		"capex after a year":         {capex, 1.03},
		"spread of rent":             {squares(dr), 0.2 * 0.2 / 4},
		"spread of capex":            {squares(dk), 0.1 * 0.1 / 4},
		"hashprice with rent":        {products(db, dr), 0.3},
		"hashprice with capex":       {products(db, dk), -0.2},
		"rent with capex":            {products(dr, dk), 0.5},
		"nothing moves at the begin": {[]float64{x[0], x[0]}, math.Log(67)},
	} {
		if s := capital.SpreadOf(m.sample); math.Abs(s.Mean-m.want) > 4*s.Error+1e-12 {
			t.Errorf("%s: %.5f, error %.5f, want %.5f", name, s.Mean, s.Error, m.want)
		}
	}
}

// squares are those of the deviations of a sample from its mean.
func squares(a []float64) (out []float64) {
	mean := capital.SpreadOf(a).Mean
	for _, x := range a {
		out = append(out, (x-mean)*(x-mean))
	}
	return out
}

// products are those of the deviations of two samples, in units of their spreads:
// their mean is the correlation.
func products(a, b []float64) (out []float64) {
	sa, sb := capital.SpreadOf(a), capital.SpreadOf(b)
	of := math.Sqrt(capital.SpreadOf(squares(a)).Mean * capital.SpreadOf(squares(b)).Mean)
	for i := range a {
		out = append(out, (a[i]-sa.Mean)*(b[i]-sb.Mean)/of)
	}
	return out
}

// BenchmarkConversion is the example with its staged phases, once, on 10,000 paths.
func BenchmarkConversion(b *testing.B) {
	p, err := example().Problem()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		solve(b, p, option.Settings{Paths: 10_000, Fresh: 10_000, Degree: 2, Seed: 5, FreshSeed: 6})
	}
}
