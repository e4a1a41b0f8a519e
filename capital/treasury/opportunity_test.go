package treasury_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/treasury"
)

// TestOpportunity: a coin at 100, 80 and 120, lent at a rate that is 1 % a week.
func TestOpportunity(t *testing.T) {
	t.Parallel()
	mined, price := []float64{1, 1, 1}, []float64{100, 80, 120}
	rate := math.Pow(1.01, 365.0/7) - 1
	w, err := treasury.Opportunity(mined, price, rate, 0, 2)
	sold := 100*1.01*1.01 + 80*1.01 + 120
	if err != nil || !near(w.Held, 360) || !near(w.Sold, sold) || !near(w.Gain, 360-sold) || !near(w.Mean, 100) || !near(w.BreakEven, sold/3) || !near(w.Worst, 160-181) {
		t.Errorf("%+v, %v", w, err)
	}
	// lent at its own return, the money comes to what the coins are worth
	own, several, err := w.Return(mined, price)
	if again, _ := treasury.Opportunity(mined, price, own, 0, 2); err != nil || several || !near(again.Gain, 0) && math.Abs(again.Gain) > 1e-6 {
		t.Errorf("a return of %v, %v, leaves %v: %v", own, several, again.Gain, err)
	}
	h, err := treasury.Windows(mined, price, 0, 2)
	if err != nil || h.Ratio.N != 2 || h.Won != 0.5 || !near(h.Ratio.Greatest, 0.2) || !near(h.Ratio.Least, 160.0/180-1) {
		t.Errorf("%+v, %v", h, err)
	}
	for sentence, c := range map[string]func() error{
		"a window off the path": func() error { _, err := treasury.Opportunity(mined, price, 0, 0, 3); return err },
		"a rate in percent":     func() error { _, err := treasury.Opportunity(mined, price, 40, 0, 2); return err },
		"a window too long":     func() error { _, err := treasury.Windows(mined, price, 0, 4); return err },
		"nothing mined":         func() error { _, err := treasury.Windows([]float64{0, 0, 0}, price, 0, 2); return err },
		"coins below nothing":   func() error { _, err := treasury.Windows([]float64{0, -1, 0}, price, 0, 2); return err },
	} {
		if err := c(); !errors.Is(err, treasury.ErrPath) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestHoldingIsBuying: at flat prices and no interest holding gains nothing, and with
// interest it loses; the gain is that of buying each coin at its week and nothing else.
func TestHoldingIsBuying(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := anyPrices(t, 12)
		mined := make([]float64, 12)
		for i := range mined {
			mined[i] = rapid.Float64Range(0, 2).Draw(t, "mined")
		}
		w, err := treasury.Opportunity(mined, price, 0, 3, 9)
		if err != nil {
			t.Fatal(err)
		}
		var bought float64
		for i := 3; i <= 9; i++ {
			bought += mined[i] * (price[9] - price[i])
		}
		if !near(w.Gain, bought) {
			t.Fatalf("a gain of %v, not %v", w.Gain, bought)
		}
		if lent, err := treasury.Opportunity(mined, price, 0.05, 3, 9); err != nil || lent.Gain > w.Gain+1e-6 {
			t.Fatalf("interest raised the gain of holding from %v to %v, %v", w.Gain, lent.Gain, err)
		}
	})
}
