package quote_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/quote"
	"sluice/unit"
	"sluice/use/mining"
)

// gb300 is the worked base case: every input is an assumption.
func gb300() quote.Terms {
	return quote.Terms{
		GPU: 2640, PUE: 1_250_000, Hardware: 65_000 * unit.Unit, HardwareLife: 60, Hall: 10_000_000 * unit.Unit, HallLife: 180,
		Capital: 110_000, Operations: 1_200_000 * unit.Unit, Energy: 45 * unit.PerMWh, Load: unit.One, Utilisation: 850_000, Fees: 20_000,
		Hashprice: 45_000_000, Efficiency: 18_000, MiningCost: 4 * unit.PerMWh, Available: 950_000,
	}
}

func price(tb rapid.TB, t quote.Terms) quote.Price {
	tb.Helper()
	o, err := quote.GPUHours(t)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := o.Price()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// near reports whether an amount is a number of USD to the fourth decimal.
func near(a unit.Amount, usd float64) bool { return math.Abs(a.Float()-usd) <= 0.0001 }

// TestBaseCase: the worked case to the cent, part by part.
func TestBaseCase(t *testing.T) {
	t.Parallel()
	p := price(t, gb300())
	if !near(p.Least, 3.9676) || !near(p.Bare, 3.7600) || p.GPUs != 303_030_303 || p.Units/1_000_000 != 2_211_236 {
		t.Errorf("%+v", p)
	}
	want := map[string]float64{
		quote.PartHall: 1_390_652, quote.PartHardware: 5_329_415, quote.PartOperations: 1_200_000, quote.PartEnergy: 394_200, quote.PartMining: 459_097, quote.PartResidual: 0,
	}
	for _, part := range p.Parts {
		if math.Abs(part.Yearly.Float()-want[part.Name]) > 0.5 {
			t.Errorf("%s: %v a year, want %v", part.Name, part.Yearly, want[part.Name])
		}
		delete(want, part.Name)
	}
	if len(want) > 0 {
		t.Errorf("parts are missing: %v", want)
	}
}

// TestUsual: the table of sensitivities, every row to 0.0001.
func TestUsual(t *testing.T) {
	t.Parallel()
	rows, err := quote.Compare(gb300(), quote.GPUHours, quote.Usual())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ least, percent float64 }{
		{5.6208, 41.7},
		{3.5500, -10.5},
		{3.3725, -15.0},
		{4.3866, 10.6},
		{4.4287, 11.6},
		{3.7797, -4.7},
		{4.3593, 9.9},
		{3.8418, -3.2},
		{4.0305, 1.6},
		{3.7807, -4.7},
		{4.1545, 4.7},
		{3.8370, -3.3},
		{4.0983, 3.3},
		{3.7600, -5.2},
		{3.9647, -0.1},
		{3.9726, 0.1},
		{3.8246, -3.6},
		{3.6816, -7.2},
		{2.0125, -49.3},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, r := range rows {
		if !near(r.Least, want[i].least) || math.Abs(100*r.Versus.Float()-want[i].percent) > 0.0501 {
			t.Errorf("%s: %v, %.3f %%, want %v", r.Change.Name, r.Least.Float(), 100*r.Versus.Float(), want[i])
		}
		if off := r.Change.Name == "hashprice 20"; r.Mining == off {
			t.Errorf("%s: is there mining to forgo: %v", r.Change.Name, r.Mining)
		}
	}
}

// TestColocation: by hand, the tenant's meter paid by the tenant and by us.
func TestColocation(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		energy bool
		want   float64 // (1,390,652.40 + 400,000 + 459,096.67 [+ 394,200]) / (12 * 800 * 0.9 * 0.98)
	}{"energy passed through": {false, 265.7016}, "energy included": {true, 312.2578}} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			o, err := quote.KilowattMonths(gb300(), quote.Colocation{Operations: 400_000 * unit.Unit, Occupancy: 900_000, Energy: c.energy})
			if err != nil {
				t.Fatal(err)
			}
			if p, err := o.Price(); err != nil || !near(p.Least, c.want) || p.Units != 8_467_200_000 || p.Unit != "kW-month" {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	for _, bad := range []quote.Colocation{{}, {Occupancy: 1_000_001}, {Occupancy: 1, Operations: -1}} {
		if _, err := quote.KilowattMonths(gb300(), bad); !errors.Is(err, quote.ErrTerms) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// drawn are terms within the bounds of every input.
func drawn(t *rapid.T) (out quote.Terms) {
	for _, f := range quote.Fields() {
		out = f.With(out, rapid.Int64Range(f.Least, f.Most).Draw(t, f.Key))
	}
	return out
}

// TestPartsSum: the parts of any price sum to it, and so do parts rounded for show.
func TestPartsSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, err := quote.GPUHours(drawn(t))
		if err != nil {
			t.Fatal(err)
		}
		p, err := o.Price()
		if err != nil {
			t.Fatal(err)
		}
		var sum unit.Amount
		var parts []unit.Amount
		for _, x := range p.Parts {
			sum, parts = sum+x.Of, append(parts, x.Of)
			if (x.Name == quote.PartResidual) != (x.Of < 0) && x.Of != 0 && x.Name != quote.PartEnergy {
				t.Fatalf("%s has the sign of %v", x.Name, x.Of)
			}
		}
		if sum != p.Least {
			t.Fatalf("the parts sum to %d, the price is %d", sum, p.Least)
		}
		for _, step := range []unit.Amount{1, 100, 10_000, 1_000_000} {
			var shown unit.Amount
			for i, x := range quote.Apportion(parts, step) {
				shown += x
				if x%step != 0 || x-parts[i] >= step || parts[i]-x >= step {
					t.Fatalf("part %d of %d is shown as %d by %d", i, parts[i], x, step)
				}
			}
			if off := shown - sum; off > step/2 || -off > step/2 {
				t.Fatalf("by %d the parts are shown as %d, and are %d", step, shown, sum)
			}
		}
	})
}

// TestMonotone: what costs more makes the price higher, what brings more lower.
func TestMonotone(t *testing.T) {
	t.Parallel()
	for key, rises := range map[string]bool{
		"gpu_kw": true, "pue": true, "gpu_price_usd": true, "gpu_life_years": false, "gpu_residual": false, "datacentre_usd_per_mw": true, "datacentre_life_years": false,
		"cost_of_capital": true, "operations_usd_per_mw_year": true, "load": true, "utilisation": false, "fees": true, "hashprice_usd_per_ph_day": true,
		"mining_j_per_th": false, "mining_cost_usd_per_mwh": false, "mining_availability": true,
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			f, ok := quote.FieldOf(key)
			if !ok {
				t.Fatal("there is no such input")
			}
			rapid.Check(t, func(t *rapid.T) {
				terms := drawn(t)
				terms.Energy = max(terms.Energy, 0)
				if key == "gpu_life_years" || key == "cost_of_capital" {
					terms.Residual = 0 // what is left may be worth more than a longer life brings
				}
				a, b := rapid.Int64Range(f.Least, f.Most).Draw(t, "a"), rapid.Int64Range(f.Least, f.Most).Draw(t, "b")
				low, high := price(t, f.With(terms, min(a, b))), price(t, f.With(terms, max(a, b)))
				// Each of six parts is rounded by itself.
				if less, more := low.Least, high.Least; rises && less > more+6 || !rises && more > less+6 {
					t.Fatalf("%s from %d to %d: from %d to %d", key, min(a, b), max(a, b), less, more)
				}
			})
		})
	}
}

// TestOtherWay recomputes prices by paying back year by year instead of by annuity.
func TestOtherWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawn(t)
		terms.HardwareLife, terms.HallLife = 12*rapid.Custom(func(t *rapid.T) quote.Months { return quote.Months(rapid.IntRange(1, 30).Draw(t, "n")) }).Draw(t, "gpu life"), 12*quote.Months(rapid.IntRange(1, 60).Draw(t, "hall life"))
		w := terms.Capital.Float()
		gpus := 1e6 / (float64(terms.GPU) * terms.PUE.Float())
		yearly := owed(terms.Hall.Float(), 0, w, int(terms.HallLife/12)) + owed(gpus*terms.Hardware.Float(), gpus*terms.Hardware.Float()*terms.Residual.Float(), w, int(terms.HardwareLife/12))
		value := mining.Worth(terms.Hashprice, terms.Efficiency, 0, terms.MiningCost) // of use/mining: another way round
		yearly += terms.Operations.Float() + 8760*(terms.Load.Float()*terms.Energy.Float()+terms.Available.Float()*max(0, value.Float()-terms.Energy.Float()))
		want := yearly / (gpus * 8760 * terms.Utilisation.Float() * (1 - terms.Fees.Float()))
		if got := price(t, terms).Least.Float(); math.Abs(got-want) > 1e-5+1e-7*math.Abs(want) {
			t.Fatalf("%v, and year by year %v", got, want)
		}
	})
}

// owed is the even payment at the end of each year by which a debt comes down to
// what is left: found by trying, since what is left falls with the payment.
func owed(debt, left, w float64, n int) float64 {
	after := func(payment float64) float64 {
		d := debt
		for range n {
			d = d*(1+w) - payment
		}
		return d
	}
	// The end is a straight line in the payment.
	none, all := after(0), after(debt+1)
	return (none - left) / (none - all) * (debt + 1)
}

// TestBounds: every input is refused outside its bounds, with what to do, all at once.
func TestBounds(t *testing.T) {
	t.Parallel()
	bad := gb300()
	bad.Utilisation, bad.HardwareLife, bad.PUE, bad.Hashprice = 0, -60, 800_000, 45_000
	_, err := quote.GPUHours(bad)
	if !errors.Is(err, quote.ErrTerms) {
		t.Fatal(err)
	}
	for _, want := range []string{"utilisation: 0 % is not between 1 % and 100 %", "gpu_life_years: -5", "pue: 0.8 is not between 1 and 3", "hashprice_usd_per_ph_day: 0.045", "45, where a TH/s earns 0.045"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 3 {
		t.Errorf("%d faults, want 4: %v", n+1, err)
	}
}

// TestNothingToMine: a hashprice of 0 and a hall that is paid for are what they say.
func TestNothingToMine(t *testing.T) {
	t.Parallel()
	terms := gb300()
	terms.Hashprice = 0
	if p := price(t, terms); p.Least != p.Bare || !near(p.Least, 3.7600) {
		t.Errorf("%+v", p)
	}
	terms.Hall, terms.Hardware, terms.Capital = 0, 0, 0
	if p := price(t, terms); !near(p.Least, (1_200_000+394_200)/2_211_236.36) {
		t.Errorf("%+v", p)
	}
}

// TestText: what is written is read back, and what has no meaning is not read.
func TestText(t *testing.T) {
	t.Parallel()
	for _, f := range quote.Fields() {
		t.Run(f.Key, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				v := rapid.Int64Range(f.Least, f.Most).Draw(t, "v")
				if got, err := f.Parse(f.Text(v)); err != nil || got != v {
					t.Fatalf("%d is written %q and read %d, %v", v, f.Text(v), got, err)
				}
			})
			for _, text := range []string{"", "x", "1e2", "NaN", "-1e9", "99999999999999999999", "1.12345678", "%", "0x10"} {
				if v, err := f.Parse(text); err == nil {
					t.Errorf("%q is read as %d", text, v)
				}
			}
		})
	}
	for text, want := range map[string]string{"85": "with its sign", "12.34567 %": "at most 4 decimals", "0 %": "take-or-pay"} {
		f, _ := quote.FieldOf("utilisation")
		if _, err := f.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"4.3", "0", "-5", "1000000"} {
		f, _ := quote.FieldOf("gpu_life_years")
		if v, err := f.Parse(text); err == nil {
			t.Errorf("%s years are read as %d months", text, v)
		}
	}
}
