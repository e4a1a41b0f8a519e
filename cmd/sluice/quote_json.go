package main

import (
	"sluice/books"
	"sluice/capital/quote"
	"sluice/unit"
)

// quoteJSON is an assessment for programs; amounts are texts with all their decimals,
// shares are texts from 0 to 1.
type quoteJSON struct {
	Quote       string           `json:"quote"`
	GPU         judgedJSON       `json:"gpu_hour"`
	Colocation  *judgedJSON      `json:"kw_month"` // null: not asked for
	GPUs        string           `json:"gpus_per_mw"`
	Floor       floorJSON        `json:"short_run"`
	Market      []marketJSON     `json:"market"`
	Flexibility *flexibilityJSON `json:"flexibility"`
	Headline    []returnJSON     `json:"headline"`
	Inputs      []inputJSON      `json:"inputs"`
}

type judgedJSON struct {
	Least        string         `json:"least_usd"`
	Bare         string         `json:"without_mining_usd"`
	Asked        string         `json:"asked_usd,omitempty"`
	Beats        *bool          `json:"beats_mining"` // null: nothing is asked
	Parts        []partJSON     `json:"parts"`
	Units        string         `json:"units_paid_per_mw_year"`
	Turns        []turnJSON     `json:"break_even"`
	Compared     []comparedJSON `json:"sensitivities"`
	Scenarios    []outcomeJSON  `json:"scenarios"`
	Probability  string         `json:"probability_of_beating_mining,omitempty"`
	Net          string         `json:"mean_beyond_mining_usd_per_mw,omitempty"`
	NetOfAll     string         `json:"mean_beyond_mining_usd,omitempty"`
	Distribution *spreadJSON    `json:"monte_carlo"`
}

type partJSON struct {
	Name   string `json:"name"`
	Of     string `json:"usd"`
	Yearly string `json:"usd_per_mw_year"`
}

type turnJSON struct {
	Key   string `json:"input"`
	Base  string `json:"base"`
	Least string `json:"at_least,omitempty"`
	Most  string `json:"at_most,omitempty"` // neither: no value turns it
}

type comparedJSON struct {
	Name   string `json:"name"`
	Least  string `json:"least_usd"`
	Versus string `json:"versus_base"`
	Mining bool   `json:"mining_runs"`
}

type outcomeJSON struct {
	Name        string   `json:"name"`
	Probability string   `json:"probability"`
	Least       string   `json:"least_usd"`
	Forgone     []string `json:"mining_forgone_usd_per_mw_by_year"`
	Idle        int64    `json:"months_without_mining"`
	Net         string   `json:"beyond_mining_usd_per_mw,omitempty"`
	Beats       *bool    `json:"beats_mining"`
	Assumed     bool     `json:"assumed"`
}

type spreadJSON struct {
	Paths   int       `json:"paths"`
	Seed    uint64    `json:"seed"`
	Around  string    `json:"around"`
	Assumed bool      `json:"assumed"`
	Least   [3]string `json:"least_usd_p5_p50_p95"`
	Forgone string    `json:"mining_forgone_usd_per_mw_year"`
	Idle    string    `json:"share_of_months_without_mining"`
	Wins    int       `json:"paths_that_beat_mining,omitempty"`
	Share   string    `json:"probability_of_beating_mining,omitempty"`
	Within  []string  `json:"probability_interval_95,omitempty"`
	Net     []string  `json:"beyond_mining_usd_per_mw_p5_p50_p95,omitempty"`
	NetMean string    `json:"mean_beyond_mining_usd_per_mw,omitempty"`
	NetHalf string    `json:"mean_give_or_take_95,omitempty"`
}

type floorJSON struct {
	Floor        string `json:"floor_usd_per_gpu_hour"`
	Mining       string `json:"against_mining"`
	MiningGross  string `json:"against_mining_before_its_other_cost"`
	Power        string `json:"against_power_saved"`
	IdleFloor    string `json:"floor_where_gpus_stay_on,omitempty"`
	MiningPerMWh string `json:"mining_usd_per_mwh"`
}

type marketJSON struct {
	Name   string `json:"name"`
	Price  string `json:"usd_per_gpu_hour"`
	PerMWh string `json:"usd_per_mwh"`
	Source string `json:"source"`
}

type flexibilityJSON struct {
	Gain     string `json:"usd_per_gpu_year"`
	Discount string `json:"largest_discount"`
	Assumed  bool   `json:"assumed"`
}

type returnJSON struct {
	Left   string `json:"left_at_end"`
	Return string `json:"return_per_year"`
}

type inputJSON struct {
	Key     string `json:"input"`
	Value   string `json:"value"`
	Unit    string `json:"unit"`
	Source  string `json:"source"`
	Assumed bool   `json:"assumed"`
}

// usdText is an amount with all its decimals.
func usdText(a unit.Amount) string { return books.Asset("").Text(int64(a)) }

// shareText is a share from 0 to 1 with all its decimals.
func shareText(r unit.Ratio) string { return books.Asset("").Text(int64(r)) }

func (a *assessment) view() quoteJSON {
	f := a.file
	out := quoteJSON{
		Quote: f.Name, GPU: a.judgment(a.gpu), GPUs: usdText(unit.Amount(a.gpu.price.GPUs)), Market: []marketJSON{}, Headline: []returnJSON{}, Inputs: []inputJSON{},
		Floor: floorJSON{Floor: usdText(a.floor.Least), Mining: usdText(a.floor.AgainstMining), MiningGross: usdText(a.floor.AgainstGross), Power: usdText(a.floor.AgainstPower), MiningPerMWh: usdText(unit.Amount(a.floor.Mining))},
	}
	if f.Idle > 0 {
		out.Floor.IdleFloor = usdText(a.idling.Least)
	}
	if a.colo != nil {
		j := a.judgment(*a.colo)
		out.Colocation = &j
	}
	for _, m := range f.Market {
		out.Market = append(out.Market, marketJSON{m.Name, usdText(m.Price), usdText(unit.Amount(quote.Worth(m.Price, m.Power, f.Terms.PUE))), m.Source})
	}
	if x := f.Flexibility; x != nil {
		out.Flexibility = &flexibilityJSON{usdText(a.gain), shareText(a.discount), x.Source == ""}
	}
	for i, r := range a.returns {
		out.Headline = append(out.Headline, returnJSON{f.Headline.Left[i].Name, shareText(r)})
	}
	for _, x := range quote.Fields() {
		source := f.Sources[x.Key]
		out.Inputs = append(out.Inputs, inputJSON{x.Key, x.Text(x.Of(f.Terms)), x.Unit, source, source == ""})
	}
	return out
}

func (a *assessment) judgment(j judged) judgedJSON {
	out := judgedJSON{
		Least: usdText(j.price.Least), Bare: usdText(j.price.Bare), Units: usdText(unit.Amount(j.price.Units)),
		Parts: []partJSON{}, Turns: []turnJSON{}, Compared: []comparedJSON{}, Scenarios: []outcomeJSON{},
	}
	for _, p := range j.price.Parts {
		out.Parts = append(out.Parts, partJSON{p.Name, usdText(p.Of), usdText(p.Yearly)})
	}
	if j.asked > 0 {
		beats := j.beats()
		out.Asked, out.Beats = usdText(j.asked), &beats
	}
	for _, r := range j.turns {
		row := turnJSON{Key: r.Field.Key, Base: r.Field.Text(r.Base)}
		if at := r.Field.Text(r.Value); r.Above {
			row.Least = at
		} else if !r.Never {
			row.Most = at
		}
		out.Turns = append(out.Turns, row)
	}
	for _, c := range j.compared {
		out.Compared = append(out.Compared, comparedJSON{c.Change.Name, usdText(c.Least), shareText(c.Versus), c.Mining})
	}
	a.outlook(&out, j)
	return out
}

// outlook adds scenarios and walks.
func (a *assessment) outlook(out *judgedJSON, j judged) {
	f := a.file
	if v := j.verdict; v != nil {
		for i, o := range v.Outcomes {
			row := outcomeJSON{Name: o.Name, Probability: shareText(o.Probability), Least: usdText(o.Least), Idle: int64(o.Idle), Assumed: f.Outlook[i] == "", Forgone: []string{}}
			for _, y := range o.Forgone {
				row.Forgone = append(row.Forgone, usdText(y))
			}
			if j.asked > 0 {
				row.Net, row.Beats = usdText(o.Net), &o.Beats
			}
			out.Scenarios = append(out.Scenarios, row)
		}
		if j.asked > 0 {
			out.Probability, out.Net = shareText(v.Share), usdText(v.Net)
			if all, ok := unit.TryMulDiv(int64(v.Net), int64(f.Size), int64(unit.Megawatt)); ok && f.Size > 0 {
				out.NetOfAll = usdText(unit.Amount(all))
			}
		}
	}
	if s := j.spread; s != nil {
		out.Distribution = &spreadJSON{
			Paths: s.Paths, Seed: s.Seed, Around: f.Walk.Around.Name, Assumed: f.Walk.Source == "", Forgone: usdText(s.Forgone), Idle: shareText(s.Idle),
			Least: [3]string{usdText(s.Least.P5), usdText(s.Least.P50), usdText(s.Least.P95)},
		}
		if j.asked > 0 {
			d := out.Distribution
			d.Wins, d.Share, d.Within = s.Wins, shareText(s.Share), []string{shareText(s.Low), shareText(s.High)}
			d.Net, d.NetMean, d.NetHalf = []string{usdText(s.Net.P5), usdText(s.Net.P50), usdText(s.Net.P95)}, usdText(s.NetMean), usdText(s.NetHalf)
		}
	}
}
