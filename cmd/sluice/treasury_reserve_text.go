package main

import (
	"fmt"
	"io"
	"time"

	"sluice/capital"
	"sluice/capital/treasury"
)

// print shows the reserve for people.
func (s *stockReport) print(w io.Writer) {
	p := s.plan
	fmt.Fprintf(w, "%s: surplus energy into a reserve of bitcoin, %d years from %s, in USD\n", harmless(s.file.Name), s.in.years, p.Begin)
	for _, x := range s.warns {
		fmt.Fprintf(w, "WARNING: %s\n", x)
	}
	s.printSeason(w)
	s.printGround(w)
	s.printYears(w)
	s.printStock(w)
}

// printSeason shows the energy of a year and what the fleet can take.
func (s *stockReport) printSeason(w io.Writer) {
	var all, taken float64
	fmt.Fprintf(w, "\nThe season: MWh in the mean of each calendar month, and what %s MW can take of it\n", inTenths(s.in.mw))
	for i, x := range s.season {
		year := s.plan.Begin.Year()
		from := capital.Month(year*12 + i)
		room := s.in.mw * from.Add(1).Begin().Sub(from.Begin()).Hours() * s.in.uptime
		all, taken = all+x, taken+min(x, room)
		if x > 0 {
			fmt.Fprintf(w, "  %-12s%10s%10s\n", from.Begin().Month(), inWhole(x), inWhole(min(x, room)))
		}
	}
	fmt.Fprintf(w, "  %-12s%10s%10s   the fleet runs %s of the hours of a year\n", "a year", inWhole(all), inWhole(taken), inPercent(taken/(s.in.mw*8760)))
}

// printGround shows what was assumed.
func (s *stockReport) printGround(w io.Writer) {
	p, in := s.plan, s.in
	fmt.Fprintf(w, "\nAssumed, where no flag names it\n")
	for _, f := range p.Fleets {
		fmt.Fprintf(w, "  %s       %s MW at %s J/TH for %s M\n", p.Begin.Add(f.Month), inTenths(f.MW), inTenths(f.Efficiency), inMillions(f.Capex))
	}
	fmt.Fprintf(w, "  running       PUE %.2f, uptime %s, pool fee %s, operations %.2f a MWh; the energy would earn %.2f a MWh otherwise\n", p.PUE, inPercent(p.Uptime), inPercent(p.Fee), p.Opex, p.Worth)
	fmt.Fprintf(w, "  held          %s of the coins; the others are sold in their month\n", inPercent(p.Share))
	fmt.Fprintf(w, "  bitcoin       %s at difficulty %.4g and height %s, fees %.4f BTC a block\n", inWhole(s.start.Price), s.start.Difficulty, inWhole(float64(s.start.Height)), p.Fees)
	fmt.Fprintf(w, "  growth        price %s a year, difficulty %s on half of the futures; on the others it lets the network's break-even return\n", inPercent(in.drift), inPercent(s.growth))
	fmt.Fprintf(w, "  futures       %s, seed %d, drawn from %d weeks, %s to %s\n", inWhole(float64(in.paths)), in.seed, s.facts.Weeks, s.facts.From.Format(time.DateOnly), s.facts.To.AddDate(0, 0, -1).Format(time.DateOnly))
}

// stockYear is the months of a year together.
type stockYear struct {
	year                                       int
	energy, spilled, mined, sold, income, held float64
	capex, value                               float64
	halving                                    capital.Month // 0: none
}

// years sums the months of the path without chance up.
func (s *stockReport) years() (out []stockYear) {
	height := func(m capital.Month) int64 {
		return s.plan.Height + int64(m.Begin().Sub(s.plan.Begin.Begin()).Hours()/24*capital.BlocksPerDay)
	}
	for i, m := range s.months {
		if i%12 == 0 {
			out = append(out, stockYear{year: m.Month.Year()})
		}
		y := &out[len(out)-1]
		y.energy, y.spilled, y.mined, y.sold = y.energy+m.Energy, y.spilled+m.Spilled, y.mined+m.Mined, y.sold+m.Sold
		y.income, y.capex, y.held, y.value = y.income+m.Income, y.capex+m.Capex, m.Held, m.Value
		if capital.SubsidyAt(height(m.Month)) != capital.SubsidyAt(height(m.Month.Add(1))) {
			y.halving = m.Month
		}
	}
	return out
}

// printYears shows the path without chance.
func (s *stockReport) printYears(w io.Writer) {
	fmt.Fprintf(w, "\nBy year, on a path without chance: price and difficulty grow as stated\n")
	fmt.Fprintf(w, "  %-6s%10s%10s%12s%12s%12s%12s%12s\n", "", "GWh used", "spilled", "BTC mined", "sold", "held", "worth M", "fleet M")
	for _, y := range s.years() {
		note := ""
		if y.halving != 0 {
			note = "   halving in " + y.halving.String()
		}
		fmt.Fprintf(w, "  %-6d%10s%10s%12s%12s%12s%12s%12s%s\n", y.year, inTenths(y.energy/1000), inTenths(y.spilled/1000), hundredthsOf(y.mined), hundredthsOf(y.sold), hundredthsOf(y.held), inMillions(y.value), inMillions(y.capex), note)
	}
	x := s.flat
	fmt.Fprintf(w, "  A coin costs %s: fleet %s, operations %s, energy forgone %s; one in reserve %s after what was sold.\n",
		inWhole(x.Cost), inWhole(x.Capex/max(x.Mined, 1e-8)), inWhole(x.Opex/max(x.Mined, 1e-8)), inWhole(x.Forgone/max(x.Mined, 1e-8)), inWhole(x.Net))
	fmt.Fprintf(w, "  Energy forgone is worth %s M in all.", inMillions(x.Forgone))
	if x.Under > 0 {
		fmt.Fprintf(w, " In %d of the months that mine, a MWh earns less than it would otherwise, with its operations.", x.Under)
	}
	fmt.Fprintln(w)
}

// hundredthsOf is a number with two decimals.
func hundredthsOf(v float64) string { return inMillions(v * 1e6) }

// printStock shows the spread over futures.
func (s *stockReport) printStock(w io.Writer) {
	x := s.spread
	fmt.Fprintf(w, "\nAt the end, on %s futures\n  %-26s%12s%12s%12s%12s%12s%12s\n", inWhole(float64(s.in.paths)), "", "P5", "P10", "P50", "P90", "P95", "mean")
	for _, r := range []struct {
		name string
		of   capital.Spread
		show func(float64) string
	}{
		{"BTC mined", x.Mined, hundredthsOf},
		{"BTC held", x.Held, hundredthsOf},
		{"worth of the reserve, M", x.Value, inMillions},
		{"income of coins sold, M", x.Income, inMillions},
		{"a coin costs", x.Cost, inWhole},
		{"one in reserve, net", x.Net, inWhole},
		{"worst fall of its worth", x.Drawdown, inPercent},
	} {
		fmt.Fprintf(w, "  %-26s%12s%12s%12s%12s%12s%12s ± %s\n", r.name, r.show(r.of.P5), r.show(r.of.P10), r.show(r.of.P50), r.show(r.of.P90), r.show(r.of.P95), r.show(r.of.Mean), r.show(r.of.Error))
	}
	fmt.Fprintf(w, "  A coin in reserve cost more than it is worth at the end on %s of the futures. Money is not discounted.\n", inPercent(x.Behind))
	fmt.Fprintf(w, "  P5 to P95 stands for 80 %%: in the past such bands held less than they claimed.\n")
}

// stockJSON is a reserve for programs.
type stockJSON struct {
	Surplus    string          `json:"surplus"`
	SHA256     string          `json:"surplus_sha256"`
	MadeUp     bool            `json:"made_up"`
	Bitcoin    string          `json:"bitcoin"`
	BitcoinSHA string          `json:"bitcoin_sha256"`
	Warnings   []string        `json:"warnings"`
	Begin      string          `json:"begin"`
	Years      int             `json:"years"`
	Season     [12]float64     `json:"season_mwh"`
	Recorded   [12]int         `json:"season_years"`
	Fleets     []stockFleet    `json:"fleets"`
	Share      float64         `json:"share_held"`
	Worth      float64         `json:"worth_per_mwh"`
	Price      float64         `json:"btc_price"`
	Difficulty float64         `json:"difficulty"`
	Growth     float64         `json:"difficulty_growth"`
	Height     int64           `json:"height"`
	ByYear     []stockYearJSON `json:"years_without_chance"`
	Flat       stockFlat       `json:"without_chance"`
	Futures    stockFutures    `json:"futures"`
}

type stockFleet struct {
	Month      string  `json:"month"`
	MW         float64 `json:"mw"`
	Efficiency float64 `json:"j_per_th"`
	Capex      float64 `json:"capex"`
}

type stockYearJSON struct {
	Year    int     `json:"year"`
	Energy  float64 `json:"mwh_used"`
	Spilled float64 `json:"mwh_spilled"`
	Mined   float64 `json:"btc_mined"`
	Sold    float64 `json:"btc_sold"`
	Held    float64 `json:"btc_held"`
	Value   float64 `json:"worth"`
	Capex   float64 `json:"capex"`
	Halving string  `json:"halving,omitempty"`
}

type stockFlat struct {
	Mined   float64 `json:"btc_mined"`
	Held    float64 `json:"btc_held"`
	Value   float64 `json:"worth"`
	Income  float64 `json:"income"`
	Capex   float64 `json:"capex"`
	Opex    float64 `json:"operations"`
	Forgone float64 `json:"energy_forgone"`
	Cost    float64 `json:"cost_per_btc"`
	Net     float64 `json:"net_cost_per_btc_held"`
	Under   int     `json:"months_below_worth"`
}

type stockFutures struct {
	Paths    int        `json:"paths"`
	Seed     uint64     `json:"seed"`
	Drawn    int        `json:"drawn_from_weeks"`
	Mined    spreadView `json:"btc_mined"`
	Held     spreadView `json:"btc_held"`
	Value    spreadView `json:"worth"`
	Income   spreadView `json:"income"`
	Cost     spreadView `json:"cost_per_btc"`
	Net      spreadView `json:"net_cost_per_btc_held"`
	Drawdown spreadView `json:"worst_fall"`
	Behind   float64    `json:"cost_more_than_worth"`
}

// view is the reserve for programs.
func (s *stockReport) view() stockJSON {
	p, x := s.plan, s.flat
	out := stockJSON{
		Surplus: s.file.Name, SHA256: s.file.SHA256, MadeUp: s.file.MadeUp, Bitcoin: s.days.source.Name, BitcoinSHA: s.days.source.SHA256, Warnings: append([]string{}, s.warns...),
		Begin: p.Begin.String(), Years: s.in.years, Season: s.season, Recorded: s.seasons, Share: p.Share, Worth: p.Worth,
		Price: s.start.Price, Difficulty: s.start.Difficulty, Growth: s.growth, Height: s.start.Height,
		Flat:    stockFlat{x.Mined, x.Held, x.Value, x.Income, x.Capex, x.Opex, x.Forgone, x.Cost, x.Net, x.Under},
		Futures: stockSpread(s.spread, s.in, s.facts.Weeks),
	}
	for _, f := range p.Fleets {
		out.Fleets = append(out.Fleets, stockFleet{p.Begin.Add(f.Month).String(), f.MW, f.Efficiency, f.Capex})
	}
	for _, y := range s.years() {
		row := stockYearJSON{Year: y.year, Energy: y.energy, Spilled: y.spilled, Mined: y.mined, Sold: y.sold, Held: y.held, Value: y.value, Capex: y.capex}
		if y.halving != 0 {
			row.Halving = y.halving.String()
		}
		out.ByYear = append(out.ByYear, row)
	}
	return out
}

func stockSpread(x treasury.Stocks, in stockFlags, weeks int) stockFutures {
	return stockFutures{
		Paths: in.paths, Seed: in.seed, Drawn: weeks, Mined: viewSpread(x.Mined), Held: viewSpread(x.Held), Value: viewSpread(x.Value), Income: viewSpread(x.Income),
		Cost: viewSpread(x.Cost), Net: viewSpread(x.Net), Drawdown: viewSpread(x.Drawdown), Behind: x.Behind,
	}
}
