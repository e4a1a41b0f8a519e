package room

import (
	"net/http"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/forecast"
	"sluice/people"
	"sluice/series"
	"sluice/unit"
)

// series24 is the local day that holds an instant.
func series24(tb testing.TB, at time.Time, zone *time.Location) series.Interval {
	tb.Helper()
	return series.DayOf(at, zone)
}

// TestMarketView: what is known with its times, what is left of the connection, and how
// much of the error of persistence each forecast avoids.
func TestMarketView(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	viewer := w.as(people.Viewer, "houston")
	var before MarketView
	viewer.do(http.MethodGet, "/v1/sites/houston/market", nil).read(t, &before)
	if before.Spot != nil || before.Forecast != nil || len(before.Skill) != 0 || *before.Headroom.Free != 2_000_000 || *before.Headroom.Metered != 7_000_000 {
		t.Errorf("before the first turn: %+v", before)
	}
	p.change(func(p *plant) {
		p.plan = fourQuarters(noon, 40*unit.PerMWh)
		p.plan.Snapshot.Spot = cycle.Reading[unit.Price]{Value: 33 * unit.PerMWh, Known: true, At: noon.Add(-15 * time.Minute), Source: "hub"}
		p.plan.Outlook.Model = "next=blend"
		p.plan.Plan.Supply = []cycle.SupplyPlan{{Source: "block", Sold: []unit.Power{1 * unit.Megawatt}}, {Source: "spot"}}
		p.plan.Scores = []forecast.Score{
			{Model: forecast.Persistence, Band: forecast.Day, N: 90, MAE: 20, Covered: [5]float64{0.05, 0, 0, 0, 0.95}},
			{Model: forecast.Blend, Band: forecast.Day, N: 90, MAE: 15, Chosen: 1},
			{Model: forecast.Seasonal, Band: forecast.Day, N: 90, MAE: 25},
			{Model: forecast.Persistence, Band: forecast.Next, N: 100, MAE: 0},
			{Model: forecast.Blend, Band: forecast.Next, N: 100, MAE: 1},
			{Model: forecast.DayAhead, Band: forecast.Next},
		}
	})
	w.hear()
	var v MarketView
	viewer.do(http.MethodGet, "/v1/sites/houston/market", nil).read(t, &v)
	if v.Spot == nil || v.Spot.Price != 33_000_000 || v.Spot.Source != "hub" || !v.Spot.Known.Equal(noon) || v.Hashprice != nil || v.Forecast.Model != "next=blend" || !v.Forecast.Reaches.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v %+v", v.Spot, v.Forecast)
	}
	if v.Headroom.Sold == nil || *v.Headroom.Sold != 1_000_000 {
		t.Errorf("%+v", v.Headroom)
	}
	if len(v.Skill) != 5 || v.Skill[0].Lead != "next" || v.Skill[0].Skill != nil || v.Skill[1].Skill != nil {
		t.Fatalf("%+v", v.Skill)
	}
	if s := v.Skill[2:]; *s[0].Skill != 0 || *s[1].Skill != 250_000 || *s[2].Skill != -250_000 || s[0].Covered != 900_000 || s[1].MAE != 15_000_000 || s[1].Chosen != 1_000_000 {
		t.Errorf("%+v", s)
	}
}
