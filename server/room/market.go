package room

import (
	"context"
	"math"
	"net/http"
	"time"

	"sluice/live"
	"sluice/loop/forecast"
	"sluice/people"
	"sluice/unit"
)

// MarketView is what a site knows of its market, and how well it foresees it.
type MarketView struct {
	Site      string          `json:"site"`
	Zone      string          `json:"zone"`
	Currency  string          `json:"currency"`
	Now       *time.Time      `json:"now,omitempty" doc:"The site's clock; absent: it was never heard."`
	Seconds   int64           `json:"interval_seconds"`
	Spot      *PriceKnown     `json:"spot,omitempty" doc:"Of energy, the last that was published; absent: none is known."`
	Hashprice *PriceKnown     `json:"hashprice,omitempty" doc:"For a PH/s and day, before pool fees."`
	Forecast  *ForecastMade   `json:"forecast,omitempty" doc:"The newest; absent: there is none yet."`
	Skill     []ForecastSkill `json:"skill" doc:"How each forecast did on all prices that the site was told, by lead and then by model."`
	Headroom  Headroom        `json:"headroom"`
}

// PriceKnown is a price with its times.
type PriceKnown struct {
	Price  Micro     `json:"micro"`
	Of     time.Time `json:"of" doc:"Beginning of the interval or day for which it was published."`
	Known  time.Time `json:"known" doc:"The turn that used it: it was published by then."`
	Source string    `json:"source,omitempty"`
}

// ForecastMade is when the outlook was made, and by which forecast for which lead.
type ForecastMade struct {
	At       time.Time `json:"at"`
	Model    string    `json:"model"`
	Degraded string    `json:"degraded,omitempty" doc:"Why a lesser forecast is used."`
	Reaches  time.Time `json:"reaches" doc:"Until when."`
}

// ForecastSkill is how one forecast did at one lead.
type ForecastSkill struct {
	Model   string `json:"model"`
	Lead    string `json:"lead" enum:"next,hour,4h,day" doc:"Of the interval that was foreseen: the next one, one hour, four hours, or a day ahead."`
	N       int    `json:"n" doc:"Prices that a forecast was compared with."`
	MAE     Micro  `json:"mae_micro_per_mwh"`
	RMSE    Micro  `json:"rmse_micro_per_mwh"`
	Bias    Micro  `json:"bias_micro_per_mwh" doc:"Forecast less price."`
	Regret  Micro  `json:"regret_micro_per_mwh" doc:"What decisions to run or not lost against foresight, by which the forecast that speaks is chosen."`
	Skill   *int64 `json:"skill_millionths,omitempty" doc:"Part of the error of persistence that it avoids; negative: it is worse. Absent: there is nothing to compare."`
	Covered int64  `json:"covered_millionths" doc:"Share of prices between its quantiles of 5 and 95 percent, which promise nine tenths."`
	Chosen  int64  `json:"chosen_millionths" doc:"Share of turns in which it spoke."`
}

// Headroom is what is left of the connection, and what of it is sold.
type Headroom struct {
	Limit    *int64 `json:"limit_w,omitempty"`
	Reserved *int64 `json:"reserved_w,omitempty" doc:"The most that may be drawn, everything outstanding counted."`
	Metered  *int64 `json:"metered_w,omitempty"`
	Free     *int64 `json:"free_w,omitempty" doc:"Limit less reserved: what may still be raised."`
	Ordered  bool   `json:"ordered" doc:"An instruction of the grid is in force."`
	Sold     *int64 `json:"sold_back_w,omitempty" doc:"Of power bought ahead, sold back in the interval that runs; absent: no contract allows it."`
}

func (r *Room) serveMarket() {
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/market", id: "getMarket", says: "What a site knows of its market, how well it foresees it, and what is left of its connection.", group: "plan", reach: atSite, verb: people.Look}, r.market)
}

func (r *Room) market(_ context.Context, _ Visit, in *InSite) (MarketView, error) {
	a := r.at(in.Site)
	if a == nil {
		return MarketView{}, missing("site", in.Site)
	}
	s := a.mirror.last()
	out := MarketView{Site: a.name, Zone: s.Zone, Currency: string(s.Currency), Seconds: s.Interval, Skill: []ForecastSkill{}, Headroom: headroom(s)}
	if !s.At.IsZero() {
		out.Now = new(s.At)
	}
	p := a.past.plan()
	if p == nil {
		return out, nil
	}
	x := p.Snapshot
	if x.Spot.Known {
		out.Spot = &PriceKnown{Micro(x.Spot.Value), x.Spot.At, x.At, x.Spot.Source}
	}
	if x.Hashprice.Known {
		out.Hashprice = &PriceKnown{Micro(x.Hashprice.Value), x.Hashprice.At, x.At, x.Hashprice.Source}
	}
	if n := p.Outlook.Mesh.Len(); n > 0 {
		out.Forecast = &ForecastMade{At: p.Outlook.At, Model: p.Outlook.Model, Degraded: p.Outlook.Degraded, Reaches: p.Outlook.Mesh.Intervals()[n-1].End()}
	}
	out.Skill = skills(p.Scores)
	out.Headroom.Ordered, out.Headroom.Sold = x.Limit.Ordered, soldBack(p)
	return out, nil
}

// headroom is what is left of a connection.
func headroom(s live.Status) Headroom {
	var out Headroom
	if len(s.Groups) > 0 {
		g := s.Groups[0]
		out.Limit, out.Reserved, out.Free = new(int64(g.Limit)), new(int64(g.Reserved)), new(int64(g.Limit-g.Reserved))
	}
	if m := revenue(s); m != nil && m.Known {
		out.Metered = new(int64(m.Power))
	}
	return out
}

// soldBack is what the plan sells back now; nil: no source can be.
func soldBack(p *live.PlanPapers) *int64 {
	var out *int64
	for _, s := range p.Plan.Supply {
		if len(s.Sold) > 0 {
			if out == nil {
				out = new(int64)
			}
			*out += int64(s.Sold[0])
		}
	}
	return out
}

// skills are scores by lead, and then in the order in which models are kept.
func skills(all []forecast.Score) []ForecastSkill {
	out := []ForecastSkill{}
	for _, lead := range []forecast.Band{forecast.Next, forecast.Hour, forecast.FourHours, forecast.Day} {
		var stays *forecast.Score
		for _, s := range all {
			if s.Band == lead && s.Model == forecast.Persistence {
				stays = &s
			}
		}
		for _, s := range all {
			if s.Band == lead && s.N > 0 {
				out = append(out, skillOf(s, stays))
			}
		}
	}
	return out
}

// skillOf holds a score against that of persistence; nil: there is none.
func skillOf(s forecast.Score, stays *forecast.Score) ForecastSkill {
	price := func(f float64) Micro { return Micro(unit.FromFloat(f)) }
	out := ForecastSkill{
		Model: string(s.Model), Lead: s.Band.String(), N: s.N, MAE: price(s.MAE), RMSE: price(s.RMSE), Bias: price(s.Bias), Regret: price(s.Regret),
		Covered: unit.FromFloat(s.Covered[4] - s.Covered[0]), Chosen: unit.FromFloat(s.Chosen),
	}
	if stays != nil && stays.N > 0 && stays.MAE > 0 && !math.IsInf(s.MAE, 0) {
		out.Skill = new(unit.FromFloat(1 - s.MAE/stays.MAE))
	}
	return out
}
