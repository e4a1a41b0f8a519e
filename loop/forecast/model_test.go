package forecast

import (
	"math"
	"testing"
	"time"

	"sluice/unit"
)

// hourly is a desk for a market of whole hours in UTC, told the same prices on
// each of the given days.
func hourly(tb testing.TB, days ...float64) *Desk {
	tb.Helper()
	d := desk(tb, Config{Step: time.Hour, Zone: time.UTC})
	for i, p := range days {
		for h := range 24 {
			tell(tb, d, i*24+h, p)
		}
	}
	return d
}

// midnight is where the hand-made markets begin.
var midnight = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// tell publishes p for hour i of a hand-made market.
func tell(tb testing.TB, d *Desk, i int, p float64) {
	tb.Helper()
	if err := d.Publish(midnight.Add(time.Duration(i)*time.Hour), price(p)); err != nil {
		tb.Fatal(err)
	}
}

func TestModelsOnHandMadePrices(t *testing.T) {
	t.Parallel()
	flat := []float64{20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20}
	cases := map[string]struct {
		days  []float64
		then  []float64 // the hours after the days
		ahead float64   // day-ahead price of every hour to come; 0 for no curve
		model int
		lead  int
		want  float64
	}{
		"persistence keeps the last price":                    {days: flat, then: []float64{35}, model: iPersistence, lead: 5, want: 35},
		"the season is the plain mean of three days":          {days: []float64{10, 20, 90}, model: iSeasonal, lead: 3, want: 40},
		"two weeks drop the two highest and two lowest":       {days: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1300, 14}, model: iSeasonal, lead: 1, want: 7.5},
		"the blend adds 40/(1+1/2+1/4+1/8) after one hour":    {days: flat, then: []float64{60}, model: iBlend, lead: 1, want: 20 + 40/1.875/2},
		"and a quarter of it after two":                       {days: flat, then: []float64{60}, model: iBlend, lead: 2, want: 20 + 40/1.875/4},
		"a new excursion keeps the prior share of 0.6":        {days: flat, then: []float64{20, 100}, model: iTransition, lead: 1, want: 20 + 0.6*80},
		"which fades by 0.95 per interval":                    {days: flat, then: []float64{20, 100}, model: iTransition, lead: 2, want: 20 + 0.6*0.95*80},
		"a quiet price is expected to stay quiet":             {days: flat, then: []float64{20, 20}, model: iTransition, lead: 7, want: 20},
		"a dip is an excursion, too":                          {days: flat, then: []float64{20, -30}, model: iTransition, lead: 1, want: 20 - 0.6*50},
		"the curve plus half the last residual after an hour": {days: flat, then: []float64{50}, ahead: 30, model: iDayAhead, lead: 1, want: 40},
		"and a quarter after two":                             {days: flat, then: []float64{50}, ahead: 30, model: iDayAhead, lead: 2, want: 35},
		"no curve, no day-ahead forecast":                     {days: flat, then: []float64{50}, model: iDayAhead, lead: 1, want: math.NaN()},
		"an hour never seen has no season":                    {then: []float64{50}, model: iSeasonal, lead: 2, want: math.NaN()},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := hourly(t, c.days...)
			n := 24 * len(c.days)
			if c.ahead != 0 {
				if err := d.PublishDayAhead(midnight.Add(time.Duration(n)*time.Hour), 24*time.Hour, price(c.ahead)); err != nil {
					t.Fatal(err)
				}
			}
			for i, p := range c.then {
				tell(t, d, n+i, p)
			}
			got := d.expect(c.model, c.lead)
			if math.Abs(got-c.want) > 1e-9 || (got != got) != (c.want != c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestTransitionLearns holds the learner to its purpose: where spikes vanish it
// expects less of them than the prior, where they stay it expects more.
func TestTransitionLearns(t *testing.T) {
	t.Parallel()
	left := func(length int) float64 {
		d := hourly(t, 20, 20, 20, 20, 20, 20, 20, 20)
		i := 8 * 24
		for range 40 {
			for h := range 30 {
				p := 20.0
				if h >= 10 && h < 10+length {
					p = 200
				}
				tell(t, d, i, p)
				i++
			}
		}
		for h := range 11 {
			tell(t, d, i+h, []float64{20, 200}[h/10])
		}
		return (d.expect(iTransition, 1) - 20) / 180
	}
	short, long := left(1), left(8)
	if short > 0.3 || long < 0.8 {
		t.Errorf("%.2f of a spike is expected to stay where none did, %.2f where all did; want at most 0.3 and at least 0.8", short, long)
	}
}

func TestRegretIsMoney(t *testing.T) {
	t.Parallel()
	span := math.Log(50)
	cases := map[string]struct{ restart, f, y, want float64 }{
		"a right forecast loses nothing":                   {f: 70, y: 70},
		"below every value nothing is decided wrongly":     {f: -40, y: 10},
		"above every value neither":                        {f: 1500, y: 9000},
		"too low runs dear hours":                          {f: 50, y: 100, want: (100*math.Log(2) - 50) / span},
		"too low pays no restart":                          {restart: 2. / 3, f: 50, y: 100, want: (100*math.Log(2) - 50) / span},
		"too high idles cheap hours":                       {f: 100, y: 50, want: (50 - 50*math.Log(2)) / span},
		"and pays the restart":                             {restart: 2. / 3, f: 100, y: 50, want: (50 - 50*math.Log(2) + 2./3*50) / span},
		"a price beyond the values counts in full":         {f: 500, y: 5000, want: (5000*math.Log(2) - 500) / span},
		"a price below zero costs those who idle the most": {f: 40, y: -60, want: (60*math.Log(2) + 20) / span},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newStake(20, 1000, c.restart).regret(c.f, c.y); math.Abs(got-c.want) > 1e-9 {
				t.Errorf("regret of %v at %v: got %v, want %v", c.f, c.y, got, c.want)
			}
		})
	}
}

// TestMeanHasLeastRegret checks the reason for the score: of all forecasts of a
// price that is 30 or 400, the mean loses least.
func TestMeanHasLeastRegret(t *testing.T) {
	t.Parallel()
	s, mean := newStake(20, 1000, 0), 0.7*30+0.3*400
	lost := func(f float64) float64 { return 0.7*s.regret(f, 30) + 0.3*s.regret(f, 400) }
	for f := 21.0; f < 500; f++ {
		if f != mean && lost(f) <= lost(mean) {
			t.Errorf("forecasting %v loses %v, the mean %v loses %v", f, lost(f), mean, lost(mean))
		}
	}
}

// TestSeasonFollowsLocalClock: a price that rises every day at 18:00 in Texas
// is expected at 18:00 in Texas after the clocks changed, one hour earlier or
// later in UTC.
func TestSeasonFollowsLocalClock(t *testing.T) {
	t.Parallel()
	zone := chicago(t)
	for name, change := range map[string]time.Time{
		"spring": time.Date(2024, 3, 10, 8, 0, 0, 0, time.UTC),
		"autumn": time.Date(2024, 11, 3, 7, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := desk(t, Config{Step: time.Hour, Zone: zone})
			for at := change.Add(-20 * 24 * time.Hour); at.Before(change); at = at.Add(time.Hour) {
				p := 20 * unit.PerMWh
				if at.In(zone).Hour() == 18 {
					p = 90 * unit.PerMWh
				}
				if err := d.Publish(at, p); err != nil {
					t.Fatal(err)
				}
			}
			for h := 1; h <= 24; h++ {
				want := 20.0
				if change.Add(time.Duration(h-1)*time.Hour).In(zone).Hour() == 18 {
					want = 90
				}
				if got := d.expect(iSeasonal, h); got != want {
					t.Errorf("%d h after the change: got %v, want %v", h, got, want)
				}
			}
		})
	}
}
