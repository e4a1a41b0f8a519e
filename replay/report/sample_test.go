package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sluice/replay/report"
	"sluice/unit"
)

// plant is a small honest backtest made for tests: prices are drawn from a
// seed, and every amount follows from them by the rules of the policies, so
// that the report adds up without anyone adjusting it.
type plant struct {
	from    time.Time
	n       int
	minutes int
	price   []int32   // cents per MWh
	even    [][]int32 // per group and day, cents per MWh
	groups  []report.Group
	zone    *time.Location
}

// sample returns a report of so many days on made-up prices.
func sample(tb testing.TB, days, minutes int) report.Report {
	tb.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, zone)
	p := &plant{from: from.UTC(), minutes: minutes, zone: zone, n: int(from.AddDate(0, 0, days).Sub(from).Minutes()) / minutes}
	p.groups = []report.Group{
		{Name: "Hall A", Model: "Antminer S21 (17.5 J/TH)", Count: 6857, Power: 24 * unit.Megawatt, Efficiency: 17_500, Standing: report.Published},
		{Name: "Hall B", Model: "Antminer S19j Pro (30 J/TH)", Count: 5161, Power: 16 * unit.Megawatt, Efficiency: 30_000, Standing: report.Published},
	}
	p.draw(rand.New(rand.NewPCG(2024, 7)))
	return p.report(from.AddDate(0, 0, days).UTC())
}

// draw makes prices with a daily shape, a slow drift, windy nights and rare
// scarcity, and the break-even of each group from a wandering hashprice.
func (p *plant) draw(r *rand.Rand) {
	level, scarce, hashprice := 0.0, 0.0, 62.0
	for i := range p.n {
		at := p.from.Add(time.Duration(i*p.minutes) * time.Minute)
		hour := float64(at.In(p.zone).Hour()) + float64(at.Minute())/60
		season := 1 + 0.5*math.Cos(2*math.Pi*(float64(at.YearDay())-220)/365)
		level = 0.985*level + 1.6*r.NormFloat64()
		scarce *= math.Pow(0.62, float64(p.minutes)/15)
		if r.Float64() < 0.0016*season*float64(p.minutes)/15*(1+math.Exp(-(hour-18)*(hour-18)/6)*6) {
			scarce += math.Exp(4 + 1.3*r.NormFloat64())
		}
		shape := 9*math.Exp(-(hour-18.5)*(hour-18.5)/7) + 4*math.Exp(-(hour-7)*(hour-7)/4) - 6*math.Exp(-(hour-3)*(hour-3)/8)
		v := 24 + shape*season + level + 1.5*r.NormFloat64() + scarce
		p.price = append(p.price, int32(math.Round(min(v, 5000)*100)))
	}
	p.even = make([][]int32, len(p.groups))
	for range p.n*p.minutes/1440 + 2 {
		hashprice = max(41, hashprice*(0.9995+0.012*r.NormFloat64()))
		for g, group := range p.groups {
			p.even[g] = append(p.even[g], int32(math.Round(hashprice/24*1000/group.Efficiency.Float()*100)))
		}
	}
	for g := range p.groups {
		p.groups[g].BreakEven = p.even[g]
	}
}

func (p *plant) breakeven(g, i int) int32 {
	start := p.from.Truncate(24 * time.Hour)
	return p.even[g][int(p.from.Add(time.Duration(i*p.minutes)*time.Minute).Sub(start)/(24*time.Hour))]
}

// rules says which price each policy acts on in interval i.
func (p *plant) rules() map[string]func(i int) int32 {
	back := func(i, n int) int32 { return p.price[max(0, i-n)] }
	day := 1440 / p.minutes
	return map[string]func(i int) int32{
		report.Always:    func(int) int32 { return math.MinInt32 },
		report.Breakeven: func(i int) int32 { return (back(i, day) + back(i, day+1)) / 2 },
		report.Lagged:    func(i int) int32 { return back(i, 1) },
		report.Sluice:    func(i int) int32 { return (back(i, 1)*6 + p.price[i]*4) / 10 },
		report.Hindsight: func(i int) int32 { return p.price[i] },
	}
}

// outcome is one policy's run.
type outcome struct {
	policy report.Policy
	net    []unit.Amount // per interval
	power  report.Trace
	off    []bool
}

func (p *plant) run(id string, acts func(i int) int32) outcome {
	o := outcome{policy: report.Policy{ID: id, Executable: id != report.Hindsight}}
	step := time.Duration(p.minutes) * time.Minute
	var mined, bought, charged, started unit.Amount
	was := []bool{true, true}
	for i := range p.n {
		var drawn unit.Power
		before := mined + bought + charged + started
		for g, group := range p.groups {
			on := acts(i) < p.breakeven(g, i)
			if on {
				e := group.Power.Over(step)
				drawn += group.Power
				mined += unit.Price(int64(p.breakeven(g, i)) * 10_000).Of(e)
				bought -= unit.Price(int64(p.price[i]) * 10_000).Of(e)
				charged -= (unit.PerMWh / 2).Of(e)
				if !was[g] {
					o.policy.Starts++
					started -= 12 * unit.Unit
				}
			} else {
				o.policy.Idle += group.Power.Over(step)
			}
			was[g] = on
		}
		o.policy.Energy += drawn.Over(step)
		if drawn == 0 {
			o.policy.Off += step
		}
		o.off = append(o.off, drawn == 0)
		o.power = append(o.power, int32(drawn/unit.Kilowatt))
		o.net = append(o.net, mined+bought+charged+started-before)
	}
	o.policy.Money = []report.Line{{Source: report.Mining, Amount: mined}, {Source: report.Power, Amount: bought}, {Source: report.Charges, Amount: charged}, {Source: report.Starts, Amount: started}}
	o.policy.Net = mined + bought + charged + started
	o.policy.Revenue = mined
	o.policy.Bitcoin = unit.Satoshi(unit.MulDiv(int64(mined), int64(unit.Bitcoin), 61_500*int64(unit.Unit)))
	if o.policy.Bitcoin > 0 {
		o.policy.EnergyCostPerBTC = unit.Amount(unit.MulDiv(int64(-bought-charged), int64(unit.Bitcoin), int64(o.policy.Bitcoin)))
	}
	o.policy.WorstHour = p.worst(o.net)
	return o
}

func (p *plant) worst(net []unit.Amount) report.Hour {
	per := 60 / p.minutes
	var worst report.Hour
	for i := 0; i+per <= len(net); i += per {
		var sum unit.Amount
		for _, a := range net[i : i+per] {
			sum += a
		}
		if worst.Start.IsZero() || sum < worst.Amount {
			worst = report.Hour{Start: p.from.Add(time.Duration(i*p.minutes) * time.Minute), Amount: sum}
		}
	}
	return worst
}

func (p *plant) report(to time.Time) report.Report {
	var runs []outcome
	for _, id := range []string{report.Always, report.Breakeven, report.Lagged, report.Sluice, report.Hindsight} {
		runs = append(runs, p.run(id, p.rules()[id]))
	}
	own := runs[3]
	r := report.Report{
		Made:     "sluice 0.1.0",
		Site:     report.Site{Name: "Example Creek", Place: "ERCOT, HB_HOUSTON", Zone: "America/Chicago", Limit: 42 * unit.Megawatt, MustRun: 600 * unit.Kilowatt, Groups: p.groups, Tariff: []string{"Energy at the 15-minute real-time price of the hub.", "Adders of 0.50 USD/MWh on everything drawn."}},
		Period:   report.Period{From: p.from, To: to, Zone: "America/Chicago", Minutes: p.minutes, Lag: 1, Currency: "USD"},
		Sources:  sampleSources(p.n),
		Timeline: report.Timeline{Start: p.from, Minutes: p.minutes, Price: p.price, Power: own.power, SitePrice: p.price},
		Hosting:  sampleHosting(),
		Months:   p.months(runs), Decisions: p.decisions(runs),
		Forecast: sampleForecast(),
		Solver:   report.Solver{Turns: p.n, Optimal: p.n - 3, Fallback: 3, Iterations: p.n * 41},
		Papers:   report.Papers{Turns: p.n, SHA256: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9", Bytes: int64(p.n) * 1311},
		Notes:    []string{report.Note(report.FeesNote), report.Note(report.EstimatedNote), report.Note(report.PlantNote), report.Note(report.HindsightNote), "Hall B was replayed without its cooling pumps."},
	}
	for _, o := range runs {
		r.Policies = append(r.Policies, o.policy)
	}
	r.Capture = report.CaptureOf(r.Policies)
	return r
}

// sampleHosting is a hall with two contracts.
func sampleHosting() *report.Hosting {
	usd := func(n int64) unit.Amount { return unit.Amount(n) * unit.Unit }
	return &report.Hosting{
		Ways: []report.Way{
			{ID: report.Together, Net: usd(6_130_000), Mined: usd(2_400_000), Tenants: usd(5_900_000), Credits: usd(20_000), Bill: usd(2_150_000), Energy: 41_000 * unit.MegawattHour},
			{ID: report.Apart, Net: usd(5_800_000), Mined: usd(2_050_000), Tenants: usd(5_900_000), Bill: usd(2_150_000), Energy: 36_000 * unit.MegawattHour},
			{ID: report.NoHall, Net: usd(400_000), Mined: usd(2_600_000), Bill: usd(2_200_000), Energy: 42_000 * unit.MegawattHour},
			{ID: report.Foreseen, Net: usd(6_160_000), Mined: usd(2_410_000), Tenants: usd(5_900_000), Bill: usd(2_150_000), Energy: 41_000 * unit.MegawattHour, Down: 3600 * 12, Missed: 1},
		},
		Contracts: []report.Tenancy{
			{Name: "aurora", Kind: "reserved", Size: 2048, Served: 2048 * 3600 * 500, Committed: 2048 * 3600 * 744, Down: 3600, Slowed: 7200, IT: 1_500 * unit.MegawattHour, Meter: 1_800 * unit.MegawattHour, Earned: usd(3_656_909), Credits: usd(20_000), Power: usd(60_000)},
			{Name: "spot", Kind: "spot", Size: 1024, Served: 1024 * 3600 * 400, Lost: 3600 * 90, Evictions: 41, IT: 600 * unit.MegawattHour, Meter: 720 * unit.MegawattHour, Earned: usd(512_000), Power: usd(24_000)},
		},
	}
}

func (p *plant) months(runs []outcome) []report.Month {
	var months []report.Month
	for i := range p.n {
		at := p.from.Add(time.Duration(i*p.minutes) * time.Minute)
		label := at.In(p.zone).Format("2006-01")
		if len(months) == 0 || months[len(months)-1].Label != label {
			months = append(months, report.Month{Start: at, Label: label, Net: make([]unit.Amount, len(runs))})
		}
		m := &months[len(months)-1]
		for k, o := range runs {
			m.Net[k] += o.net[i]
		}
		m.Energy += unit.Power(runs[3].power[i]).Scale(1000 * unit.One).Over(time.Duration(p.minutes) * time.Minute)
		if runs[3].off[i] {
			m.Off += time.Duration(p.minutes) * time.Minute
		}
	}
	return months
}

// decisions are the stretches in which Sluice drew less than always-on.
func (p *plant) decisions(runs []outcome) []report.Decision {
	var list []report.Decision
	always, own := runs[0], runs[3]
	for i := 0; i < p.n; i++ {
		if own.power[i] == always.power[i] {
			continue
		}
		first, gain, top := i, unit.Amount(0), int32(0)
		for ; i < p.n && own.power[i] != always.power[i]; i++ {
			gain += own.net[i] - always.net[i]
			top = max(top, p.price[i])
		}
		at := func(k int) time.Time { return p.from.Add(time.Duration(k*p.minutes) * time.Minute) }
		list = append(list, report.Decision{
			Start: at(first), End: at(i), Gain: gain, What: fmt.Sprintf("drew %d of 40 MW", own.power[first]/1000),
			Why: fmt.Sprintf("the price rose to %.2f USD/MWh, above the break-even of %.2f", float64(top)/100, float64(p.breakeven(1, first))/100),
		})
	}
	slices.SortFunc(list, func(a, b report.Decision) int { return int(b.Gain - a.Gain) })
	return list[:min(8, len(list))]
}

func sampleSources(n int) []report.Source {
	return []report.Source{
		{Role: report.PriceRole, Name: "drawn prices, seed 2024", What: "real-time price, 15 min", Standing: report.Synthetic, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Rows: n, Filled: 4, Note: "4 intervals filled from the same hour of the day before"},
		{Role: report.HashpriceRole, Name: "btc_daily", What: "hashprice by day", Standing: report.Estimated, SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", Origin: "computed from the chain", Licence: "public domain", Rows: 366},
		{Role: report.MachineRole, Name: "asic_models", What: "power and efficiency of models", Standing: report.Published, SHA256: "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13", Origin: "makers' data sheets", Rows: 2},
		{Role: report.TariffRole, Name: "site file", What: "adders and limits", Standing: report.Assumed, Rows: 1},
	}
}

func sampleForecast() []report.ForecastScore {
	score := func(model, lead string, mae float64, chosen unit.Ratio) report.ForecastScore {
		return report.ForecastScore{
			Model: model, Lead: lead, N: 35_040, MAE: unit.Price(mae * 1e6), RMSE: unit.Price(mae * 4.1e6), Bias: unit.Price(-mae * 0.07e6),
			Pinball: unit.Price(mae * 0.38e6), Band: 900_000, Coverage: 874_300, Chosen: chosen,
		}
	}
	return []report.ForecastScore{
		score("persistence", "15 min", 4.31, 120_000), score("blend", "15 min", 3.87, 880_000),
		score("persistence", "6 h", 14.02, 0), score("blend", "6 h", 9.64, 1_000_000),
	}
}
