package main

import (
	"encoding/hex"
	"time"

	"sluice/capital/peer"
)

// peersJSON is a report for programs. A value that is not known is null, and says why.
type peersJSON struct {
	Period      string            `json:"period"`
	Chosen      bool              `json:"chosen_by_program"`
	Invented    bool              `json:"made_up"`
	Bitcoin     *peerNetworkJSON  `json:"bitcoin"`
	Columns     []peerColumnJSON  `json:"columns"`
	Companies   []peerSideJSON    `json:"companies"`
	Contracts   []peerLetJSON     `json:"contracts"`
	Projects    []peerProjectJSON `json:"projects"`
	Kept        []peerKeepJSON    `json:"held_or_sold"`
	Production  []peerCheckJSON   `json:"production_check"`
	Baskets     []peerBasketJSON  `json:"baskets"`
	Warnings    []peerDoubtJSON   `json:"hard_to_believe"`
	Unknown     []peerUnknownJSON `json:"not_known"`
	Assumptions []string          `json:"assumed"`
	Sources     []peerSourceJSON  `json:"sources"`
}

type peerNetworkJSON struct {
	Mean      float64 `json:"mean_price_usd"`
	Last      float64 `json:"last_price_usd"`
	Hashprice float64 `json:"mean_hashprice_usd_per_ph_day"`
	Expected  float64 `json:"sum_hashprice_btc_per_ph"`
	Estimated int     `json:"days_estimated"`
}

type peerColumnJSON struct {
	Key  string `json:"key"`
	Unit string `json:"unit"`
	Says string `json:"says"`
}

type peerFigureJSON struct {
	Value *float64 `json:"value"`
	How   string   `json:"made_of,omitempty"`
	Why   string   `json:"missing,omitempty"`
}

type peerSideJSON struct {
	Company string                    `json:"company"`
	Class   string                    `json:"class,omitempty"`
	Ticker  string                    `json:"ticker"`
	Figures map[string]peerFigureJSON `json:"figures"`
}

type peerLetJSON struct {
	Company string         `json:"company"`
	Name    string         `json:"contract"`
	Power   peerFigureJSON `json:"critical_mw"`
	Yearly  peerFigureJSON `json:"usd_per_year"`
	Years   peerFigureJSON `json:"years"`
	PerMW   peerFigureJSON `json:"usd_per_critical_mw_year"`
	Whole   peerFigureJSON `json:"whole_usd"`
}

type peerProjectJSON struct {
	Company  string         `json:"company"`
	Name     string         `json:"project"`
	Cost     peerFigureJSON `json:"usd"`
	Gross    peerFigureJSON `json:"gross_mw"`
	Critical peerFigureJSON `json:"critical_mw"`
	PerGross peerFigureJSON `json:"usd_per_gross_mw"`
	PerCrit  peerFigureJSON `json:"usd_per_critical_mw"`
}

type peerKeepJSON struct {
	Company   string   `json:"company"`
	Produced  float64  `json:"btc_produced"`
	Sold      *float64 `json:"btc_sold"`
	Price     *float64 `json:"sale_price_usd"`
	Kept      *float64 `json:"btc_kept"`
	AtMean    *float64 `json:"at_mean_price_usd"`
	AtLast    *float64 `json:"at_last_price_usd"`
	Gained    *float64 `json:"holding_brought_usd"`
	Estimated bool     `json:"prices_estimated"`
	Why       string   `json:"missing,omitempty"`
}

type peerCheckJSON struct {
	Company   string   `json:"company"`
	Period    string   `json:"period"`
	Hashrate  *float64 `json:"mean_ehs"`
	Expected  *float64 `json:"sum_hashprice_btc_per_ph"`
	Model     *float64 `json:"model_btc"`
	Published float64  `json:"published_btc"`
	Off       *float64 `json:"off"`
	Within    *bool    `json:"within"`
	Why       string   `json:"not_checked,omitempty"`
}

type peerBasketJSON struct {
	Class     string           `json:"class"`
	Weights   string           `json:"weights"`
	Companies []peerMemberJSON `json:"companies"`
	Apart     []string         `json:"without_closes"`
	From      string           `json:"from"`
	To        string           `json:"to"`
	Result    *peerResultJSON  `json:"result"`
	Why       string           `json:"missing,omitempty"`
}

type peerMemberJSON struct {
	Company string   `json:"company"`
	Ticker  string   `json:"ticker"`
	Begin   *float64 `json:"weight_on_first_day"`
}

type peerResultJSON struct {
	Closes      int           `json:"closes"`
	Basket      peerTrackJSON `json:"basket"`
	Bitcoin     peerTrackJSON `json:"bitcoin"`
	Correlation float64       `json:"correlation"`
	Beta        float64       `json:"beta"`
	Tracking    float64       `json:"tracking_volatility_per_year"`
	Ahead       float64       `json:"return_ahead_of_bitcoin"`
	Carried     int           `json:"closes_carried"`
	Oldest      int           `json:"oldest_carried_days"`
	Estimated   int           `json:"days_of_bitcoin_estimated"`
	Jumps       []string      `json:"hard_to_believe"`
}

type peerTrackJSON struct {
	Return     float64 `json:"return"`
	Volatility float64 `json:"volatility_per_year"`
	Drawdown   float64 `json:"worst_drawdown"`
}

type peerDoubtJSON struct {
	Company string `json:"company"`
	Says    string `json:"says"`
	Place   string `json:"place"`
}

type peerUnknownJSON struct {
	Company string `json:"company"`
	Period  string `json:"period"`
	Metric  string `json:"metric"`
	Value   string `json:"value"`
	Unit    string `json:"unit"`
	Place   string `json:"place"`
}

type peerSourceJSON struct {
	File   string   `json:"file"`
	What   string   `json:"what"`
	Rows   int      `json:"rows"`
	SHA256 string   `json:"sha256"`
	Notes  []string `json:"notes"`
}

func (s *peerReport) view() peersJSON {
	out := peersJSON{
		Period: s.period.String(), Chosen: s.chosen, Invented: s.invented, Assumptions: peerAssumptions(s.prices != nil),
		Columns: []peerColumnJSON{}, Companies: []peerSideJSON{}, Contracts: []peerLetJSON{}, Projects: []peerProjectJSON{}, Kept: []peerKeepJSON{},
		Production: []peerCheckJSON{}, Baskets: []peerBasketJSON{}, Warnings: []peerDoubtJSON{}, Unknown: []peerUnknownJSON{},
	}
	if n := s.btc; n != nil {
		out.Bitcoin = &peerNetworkJSON{n.Mean, n.Last, n.Hashprice, n.HashpriceBTC, n.Estimated}
	}
	for _, c := range peer.Columns() {
		out.Columns = append(out.Columns, peerColumnJSON{c.Key, c.Unit, c.Says})
	}
	for _, x := range s.sides {
		side := peerSideJSON{x.Company, x.Class, x.Ticker, map[string]peerFigureJSON{}}
		for i, f := range x.Figures {
			side.Figures[out.Columns[i].Key] = peerFigure(f)
		}
		out.Companies = append(out.Companies, side)
	}
	for _, c := range s.lets {
		out.Contracts = append(out.Contracts, peerLetJSON{c.Company, c.Name, peerFigure(c.Power), peerFigure(c.Yearly), peerFigure(c.Years), peerFigure(c.PerMW), peerFigure(c.Whole)})
	}
	for _, x := range s.builds {
		out.Projects = append(out.Projects, peerProjectJSON{x.Company, x.Name, peerFigure(x.Cost), peerFigure(x.Gross), peerFigure(x.Critical), peerFigure(x.PerGross), peerFigure(x.PerCritical)})
	}
	s.viewBitcoin(&out)
	for _, x := range s.classes {
		for _, b := range x.baskets {
			out.Baskets = append(out.Baskets, s.basketView(b, x.apart))
		}
	}
	for _, x := range s.group.Warnings() {
		out.Warnings = append(out.Warnings, peerDoubtJSON(x))
	}
	for _, x := range s.group.Unknown() {
		out.Unknown = append(out.Unknown, peerUnknownJSON{x.Company, x.Row.Period, x.Metric, x.Row.Value, x.Row.Unit, x.Place})
	}
	out.Sources = s.sources()
	return out
}

// viewBitcoin adds what was mined, held and sold.
func (s *peerReport) viewBitcoin(out *peersJSON) {
	for _, k := range s.kept {
		row := peerKeepJSON{Company: k.Company, Produced: k.Produced, Estimated: k.Estimated, Why: k.Why}
		if k.Price > 0 {
			row.Price = &k.Price
		}
		if k.Why == "" {
			row.Sold, row.Kept, row.AtMean, row.AtLast, row.Gained = &k.Sold, &k.Kept, &k.AtMean, &k.AtLast, &k.Gained
		}
		out.Kept = append(out.Kept, row)
	}
	for _, c := range s.checks {
		row := peerCheckJSON{Company: c.Company, Period: c.Period.String(), Published: c.Published, Why: c.Why}
		if c.Why == "" {
			row.Hashrate, row.Expected, row.Model, row.Off, row.Within = &c.Hashrate, &c.Expected, &c.Model, &c.Off, &c.Within
		}
		out.Production = append(out.Production, row)
	}
}

// basketView is a basket for programs.
func (s *peerReport) basketView(b basketOf, apart []string) peerBasketJSON {
	out := peerBasketJSON{
		Class: b.basket.Name, Weights: b.basket.Weights.String(), Companies: []peerMemberJSON{}, Apart: append([]string{}, apart...), Why: b.why,
		From: s.window.First.Format(time.DateOnly), To: s.window.Last.Format(time.DateOnly),
	}
	r := b.result
	for k, x := range b.basket.Members {
		m := peerMemberJSON{Company: x.Company, Ticker: x.Ticker}
		if b.why == "" {
			m.Begin = &r.Begin[k]
		}
		out.Companies = append(out.Companies, m)
	}
	if b.why == "" {
		out.From, out.To = r.Window.First.Format(time.DateOnly), r.Window.Last.Format(time.DateOnly)
		out.Result = &peerResultJSON{
			Closes: r.Closes, Basket: peerTrackJSON(r.Basket), Bitcoin: peerTrackJSON(r.BTC), Correlation: r.Correlation, Beta: r.Beta, Tracking: r.Tracking, Ahead: r.Ahead,
			Carried: r.Carried, Oldest: r.Oldest, Estimated: r.Estimated, Jumps: append([]string{}, r.Jumps...),
		}
	}
	return out
}

// sources are the files.
func (s *peerReport) sources() []peerSourceJSON {
	out := []peerSourceJSON{{s.companies.Name, "figures of companies", len(s.companies.Rows), hex.EncodeToString(s.companies.Paper[:]), []string{}}}
	if s.prices != nil {
		out = append(out, peerSourceJSON{s.prices.Name, "closes of shares", len(s.prices.All), hex.EncodeToString(s.prices.Paper[:]), []string{}})
	}
	return append(out, peerSourceJSON{s.network.Name, "bitcoin by day", s.network.Rows, s.network.SHA256, append([]string{}, s.notes...)})
}

func peerFigure(f peer.Figure) peerFigureJSON {
	out := peerFigureJSON{How: f.How, Why: f.Why}
	if f.OK {
		out.Value = &f.Value
	}
	return out
}
