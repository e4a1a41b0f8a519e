package quote_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/quote"
	"sluice/unit"
)

func dollars(usd float64) unit.Amount { return unit.Amount(unit.FromFloat(usd)) }

// TestWorth: rental prices as worth of a facility MWh, and turned round.
func TestWorth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		usd  float64
		gpu  unit.Power
		want float64
	}{{0.80, 1400, 457.1}, {1.25, 1400, 714.3}, {1.25, 2640, 378.8}, {1.71, 2640, 518.2}, {2.91, 2640, 881.8}, {2.95, 1400, 1685.7}, {6.99, 2640, 2118.2}} {
		got := quote.Worth(dollars(c.usd), c.gpu, 1_250_000)
		if math.Abs(got.Float()-c.want) > 0.05 {
			t.Errorf("%v at %d W: %v, want %v", c.usd, c.gpu, got.Float(), c.want)
		}
		if back := quote.Rental(got, c.gpu, 1_250_000); back != dollars(c.usd) {
			t.Errorf("%v comes back as %d", c.usd, back)
		}
	}
}

// TestShortRun: the break-even rental against mining, and the floor.
func TestShortRun(t *testing.T) {
	t.Parallel()
	f := quote.ShortRun(gb300(), 0)
	if f.Gross != 104_166_667 || f.AgainstGross != 343_750 || f.AgainstMining != 330_550 || f.AgainstPower != 148_500 || f.Least != 330_550 {
		t.Errorf("%+v", f)
	}
	h100 := gb300()
	h100.GPU = 1400
	if f := quote.ShortRun(h100, 0); math.Abs(f.AgainstGross.Float()-0.18) > 0.005 {
		t.Errorf("%+v", f)
	}
	if on := quote.ShortRun(h100, 200); on.Least >= quote.ShortRun(h100, 0).Least || on.AgainstGross != 156_250 {
		t.Errorf("a GPU that is left on: %+v", on)
	}
	dear := gb300()
	dear.Energy = 150 * unit.PerMWh
	if f := quote.ShortRun(dear, 0); f.Least != f.AgainstPower || f.Least != 495_000 {
		t.Errorf("power dearer than mining: %+v", f)
	}
	dear.Hashprice = 0
	if f := quote.ShortRun(dear, 0); f.AgainstMining != 0 || f.Least != f.AgainstPower {
		t.Errorf("nothing to mine with: %+v", f)
	}
}

// TestFlexibility: 50 hours at 1,000 USD/MWh, and coincident peaks avoided.
func TestFlexibility(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		clause quote.Flexibility
		gain   float64
		want   unit.Ratio
	}{
		"energy alone": {quote.Flexibility{Hours: 50, Value: 1000 * unit.PerMWh}, 165, 6473},
		"peaks alone":  {quote.Flexibility{Peak: 100_000 * unit.Unit}, 330, 12_945},
		"both":         {quote.Flexibility{Hours: 50, Value: 1000 * unit.PerMWh, Peak: 100_000 * unit.Unit}, 495, 19_418},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			gain, err := c.clause.Gain(2640, 1_250_000)
			if err != nil || gain != dollars(c.gain) {
				t.Errorf("a gain of %v, %v", gain, err)
			}
			if got, err := quote.Discount(gain, dollars(2.91), unit.One); err != nil || got != c.want {
				t.Errorf("a discount of %d, %v", got, err)
			}
		})
	}
	if got, err := quote.Discount(dollars(165), dollars(2.91), 500_000); err != nil || got != 12_945 {
		t.Errorf("off half the hours a discount of %d, %v", got, err)
	}
	if _, err := quote.Discount(1, 0, unit.One); err == nil {
		t.Error("a discount of nothing")
	}
}

// headline is a contract of 9.7 billion as the press told it.
func headline() quote.Deal {
	return quote.Deal{
		Revenue: 9_700_000_000 * unit.Unit, Years: 5, Equipment: 5_800_000_000 * unit.Unit, Hall: 2_000_000_000 * unit.Unit,
		Prepayment: 1_940_000_000 * unit.Unit, Credited: 3, Margin: 850_000,
	}
}

// TestReturn: what the headline returns, by what is left at the end.
func TestReturn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rest quote.Rest
		want float64
	}{{quote.Rest{}, 0.0278}, {quote.Rest{Hall: 666_667}, 0.0928}, {quote.Rest{Hall: 666_667, Equipment: 150_000}, 0.1261}} {
		cash, err := headline().Cash(c.rest)
		if err != nil {
			t.Fatal(err)
		}
		got, err := quote.Return(cash)
		if err != nil || math.Abs(got.Float()-c.want) > 0.0001 {
			t.Errorf("%+v: %v, %v", c.rest, got.Float(), err)
		}
		var sum, present float64
		for i, x := range cash {
			sum += x.Float()
			present += x.Float() / math.Pow(1+got.Float(), float64(i))
		}
		if math.Abs(present) > 1e5 || sum < 0 {
			t.Errorf("at %v it is worth %v", got.Float(), present)
		}
	}
	if _, err := quote.Return([]unit.Amount{1, 2}); !errors.Is(err, quote.ErrReturn) {
		t.Errorf("nothing was paid: %v", err)
	}
	for _, spoil := range []func(*quote.Deal){
		func(d *quote.Deal) { d.Years = 0 }, func(d *quote.Deal) { d.Margin = 0 }, func(d *quote.Deal) { d.Prepayment = d.Revenue + 1 },
		func(d *quote.Deal) { d.Credited = 6 }, func(d *quote.Deal) { d.Revenue = 0 }, func(d *quote.Deal) { d.Hall, d.Equipment = 0, 0 },
	} {
		d := headline()
		spoil(&d)
		if _, err := d.Cash(quote.Rest{}); !errors.Is(err, quote.ErrDeal) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

// TestCashSums: the prepayment is set off whole, whatever does not divide.
func TestCashSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := quote.Deal{
			Revenue: unit.Amount(rapid.Int64Range(1, 1e16).Draw(t, "revenue")), Years: rapid.IntRange(1, 60).Draw(t, "years"), Hall: unit.Amount(rapid.Int64Range(1, 1e16).Draw(t, "hall")), Margin: unit.One,
		}
		d.Prepayment, d.Credited = unit.Amount(rapid.Int64Range(0, int64(d.Revenue)).Draw(t, "prepaid")), rapid.IntRange(1, d.Years).Draw(t, "credited")
		cash, err := d.Cash(quote.Rest{})
		if err != nil {
			t.Fatal(err)
		}
		var sum unit.Amount
		for _, x := range cash {
			sum += x
		}
		if sum != d.Revenue-d.Hall || len(cash) != d.Years+1 {
			t.Fatalf("%d years of cash sum to %d", len(cash), sum)
		}
	})
}

// TestBreakEvens: beyond the value of each row the verdict turns, at it and between it
// and the base it does not.
func TestBreakEvens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := gb300()
		terms.Load = unit.Ratio(rapid.SampledFrom([]int64{800_000, 950_000, 1_000_000}).Draw(t, "load"))
		asked := unit.Amount(rapid.Int64Range(3_000_000, 5_000_000).Draw(t, "asked"))
		rows, beats, err := quote.BreakEvens(terms, quote.GPUHours, asked)
		if err != nil {
			t.Fatal(err)
		}
		if now := price(t, terms).Least <= asked; now != beats {
			t.Fatalf("beats mining: %v, and is said to: %v", now, beats)
		}
		for _, r := range rows {
			if r.Never {
				continue
			}
			beyond := r.Value + 1
			if r.Above {
				beyond = r.Value - 1
			}
			at, past := price(t, r.Field.With(terms, r.Value)).Least, unit.Amount(math.MaxInt64)
			if r.Field.Check(beyond) == nil {
				past = price(t, r.Field.With(terms, beyond)).Least
			}
			if at > asked || past <= asked || r.Base != r.Field.Of(terms) {
				t.Fatalf("%s turns at %d: %d there, %d beyond, %d asked", r.Field.Key, r.Value, at, past, asked)
			}
		}
	})
}

// TestBreakEvensOfBase: known turns of the base case, asked 4.20 and 3.80.
func TestBreakEvensOfBase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked float64
		beats bool
		want  map[string]string // by key; "": never
	}{
		{4.20, true, map[string]string{"utilisation": "80.2973 %", "gpu_residual": "", "energy_usd_per_mwh": "156.064443", "hashprice_usd_per_ph_day": "71.673129"}},
		{3.80, false, map[string]string{"utilisation": "88.7496 %", "gpu_residual": "11.7198 %", "hashprice_usd_per_ph_day": "25.758488", "energy_usd_per_mwh": ""}},
	} {
		rows, beats, err := quote.BreakEvens(gb300(), quote.GPUHours, dollars(c.asked))
		if err != nil || beats != c.beats {
			t.Fatal(beats, err)
		}
		for _, r := range rows {
			want, ok := c.want[r.Field.Key]
			if got := r.Field.Text(r.Value); ok && (want == "") != r.Never || want != "" && got != want {
				t.Errorf("asked %v, %s: %s, never %v, want %q", c.asked, r.Field.Key, got, r.Never, want)
			}
		}
	}
}
