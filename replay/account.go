package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"sluice/loop/forecast"
	"sluice/power"
	"sluice/replay/report"
	"sluice/series"
	"sluice/unit"
)

// sheet is a policy with its name and its books.
type sheet struct {
	id, name, says string
	executable     bool
	t              *tally
}

// sheets lists the policies in the order of the report.
func (r *run) sheets() []sheet {
	lag := fmt.Sprintf("%d intervals", max(1, r.s.Lag))
	if r.s.Lag <= 1 {
		lag = "one interval"
	}
	all := []sheet{
		{report.Always, "Always on", "Runs every machine at full power whatever the price.", true, r.always},
		{report.Breakeven, "On/off at break-even, price known", "Runs the whole fleet while the price of the interval itself is below the fleet's average break-even; needs the price before it is published.", r.s.dayAhead(), r.breakeven},
		{report.Lagged, "On/off at break-even, " + lag + " late", "The same rule on the latest published price.", true, r.lagged},
		{report.Sluice, "Sluice", "Clears the site's market every interval over the next 36 hours, on what was published by then.", true, r.sluice},
		{report.Hindsight, "Perfect foresight", "A linear program that knows every price, temperature and failure beforehand: the yardstick.", false, r.hindsight},
	}
	if !r.s.mines() {
		all[0].says = "Lets every tenant draw what it wants whatever the price."
	}
	return slices.DeleteFunc(all, func(p sheet) bool { return p.t == nil })
}

// report sums everything up.
func (r *run) report() (*report.Report, error) {
	s := r.s
	out := &report.Report{
		Version: report.Version, Made: s.Made, Site: r.site(), Sources: s.Sources, Notes: slices.Concat(s.Notes, r.m.edges()),
		Period: report.Period{
			From: s.From, To: s.To, Zone: s.Site.Zone.String(), Minutes: int(s.Step / time.Minute), Lag: r.lag(),
			Currency: s.Site.Currency, FX: s.FX,
		},
	}
	if n, known := r.m.network(s.To.Add(-s.Step)); known {
		out.Period.Value = n.Price
	}
	for _, p := range r.sheets() {
		out.Policies = append(out.Policies, r.policy(p))
	}
	out.Capture = report.CaptureOf(out.Policies)
	out.Hosting = r.hosting()
	out.Months = r.months()
	out.Timeline = r.timeline()
	out.Decisions = r.decisions()
	out.Days, out.Moments = r.days(), r.moments()
	out.Forecast = scores(r.desk.Errors())
	t := r.sluice
	out.Solver = report.Solver{Turns: t.turns, Optimal: t.optimal, Fallback: t.fallback, Iterations: t.steps, Alone: t.alone}
	out.Papers = r.papers()
	return out, nil
}

// edges is what a reader must know where the period holds part of a billing
// period: what is then billed in full, and what cannot be billed at all.
func (m *market) edges() []string {
	var out []string
	if m.cutsBilling() {
		out = append(out, report.Note(report.PartMonthNote))
	}
	for _, k := range m.s.Contracts.Coincident {
		if m.s.Load != nil && !slices.ContainsFunc(m.seasons(k), m.covers) {
			out = append(out, fmt.Sprintf("The coincident peak charge %q is neither watched nor billed in this replay: the period, or the load of the grid, holds no whole month or season in which its intervals are counted.", k.Name))
		}
	}
	return out
}

// cutsBilling reports whether the period begins or ends within a period for
// which a demand, fixed or minimum charge is billed.
func (m *market) cutsBilling() bool {
	c := m.s.Contracts
	within := func(of func(time.Time, *time.Location) series.Interval) bool {
		return !of(m.s.From, m.s.Site.Zone).Start.Equal(m.s.From) || !of(m.s.To, m.s.Site.Zone).Start.Equal(m.s.To)
	}
	monthly := len(c.Fixed) > 0 || c.MinimumBill > 0
	for _, d := range c.Demand {
		monthly = monthly || d.Period == power.Monthly
	}
	return monthly && within(series.MonthOf) || len(c.Demand) > 0 && within(series.DayOf)
}

// lag is how many intervals late a decision sees a price; none where the price
// is published the day before.
func (r *run) lag() int {
	if r.s.dayAhead() {
		return 0
	}
	return r.s.Lag
}

func (r *run) site() report.Site {
	s := r.s
	out := report.Site{
		Name: s.Site.Name, Place: s.Site.Place, Zone: s.Site.Zone.String(),
		Limit: s.Site.Connection.Ceiling(), MustRun: s.Site.MustRun, Tariff: s.Tariff,
	}
	for _, g := range s.Rigs {
		one := report.Group{
			Name: g.Group().Name, Model: g.Model().Name, Count: g.Group().Count, Power: g.Capacity(),
			Efficiency: g.Top().Efficiency(), Standing: report.Published,
		}
		for t := s.From.Truncate(24 * time.Hour); t.Before(s.To); t = t.Add(24 * time.Hour) {
			if n, known := r.m.network(t); known {
				one.BreakEven = append(one.BreakEven, cents(g.BreakEven(n.Hashprice())))
			}
		}
		out.Groups = append(out.Groups, one)
	}
	return out
}

func cents(p unit.Price) int32 { return int32(unit.MulDiv(int64(p), 100, int64(unit.PerMWh))) }

// policy sums one policy up. Its money lines sum to its net exactly.
func (r *run) policy(p sheet) report.Policy {
	out := report.Policy{ID: p.id, Name: p.name, Says: p.says, Executable: p.executable, Starts: p.t.starts}
	var mined, run unit.Amount
	for i := range p.t.worth {
		mined += p.t.worth[i]
		run += p.t.run[i]
		out.Bitcoin += p.t.mined[i]
		out.Idle += max(0, r.always.fleet[i]-p.t.fleet[i]).Over(r.s.Step)
	}
	out.Exported = p.t.exports
	for _, l := range p.t.bill.Lines() {
		if l.Kind == power.LineSellBack {
			out.Exported += l.Energy
		}
	}
	if r.s.mines() {
		out.Money = append(out.Money, report.Line{Source: report.Mining, Amount: mined})
	}
	out.Money = append(out.Money, billLines(p.t.bill.Lines())...)
	if run != 0 {
		out.Money = append(out.Money, report.Line{Source: "operation", Amount: run})
	}
	out.Money = append(out.Money, tenantLines(p.t)...)
	for _, l := range out.Money {
		out.Net += l.Amount
		out.Revenue += max(0, l.Amount)
	}
	out.Energy = p.t.imports
	if r.s.mines() {
		out.Off = p.t.off(r.s.Step)
	}
	out.Violations = p.t.over + p.t.flags
	out.WorstHour = r.worstHour(p.t)
	if out.Bitcoin > 0 {
		cost := -p.t.bill.Total()
		out.EnergyCostPerBTC = unit.Amount(unit.MulDiv(int64(cost), int64(unit.Bitcoin), int64(out.Bitcoin)))
	}
	return out
}

// tenantLines is what tenants brought, and what was credited to them.
func tenantLines(t *tally) []report.Line {
	var earned, credited unit.Amount
	for _, c := range t.tenants {
		earned, credited = earned+c.earned, credited+c.credited
	}
	var out []report.Line
	if earned != 0 {
		out = append(out, report.Line{Source: report.Tenants, Amount: earned})
	}
	if credited != 0 {
		out = append(out, report.Line{Source: report.Credits, Amount: -credited})
	}
	return out
}

// billLines adds the bill up by source of money.
func billLines(lines []power.Line) []report.Line {
	var out []report.Line
	for _, l := range lines {
		source := lineSource(l.Kind)
		found := false
		for i := range out {
			if out[i].Source == source {
				out[i].Amount += l.Amount
				found = true
			}
		}
		if !found {
			out = append(out, report.Line{Source: source, Amount: l.Amount})
		}
	}
	return out
}

func lineSource(k power.LineKind) string {
	switch k {
	case power.LineSpot:
		return report.Power
	case power.LineBlock, power.LineForfeit:
		return report.Block
	case power.LineSellBack:
		return report.SoldBack
	case power.LineEnergy, power.LineBeyond:
		return report.Charges
	case power.LineExport:
		return report.Export
	case power.LineDemand:
		return report.Demand
	case power.LineCoincident:
		return report.Peak
	case power.LineCarbon:
		return report.Carbon
	case power.LineFixed, power.LineMinimum:
		return report.Fixed
	case power.LineGeneration:
		return "generation"
	}
	return string(k)
}

// worstHour is the hour that brought least, charges by month left out.
func (r *run) worstHour(t *tally) report.Hour {
	var worst report.Hour
	var sum unit.Amount
	per := max(1, int(time.Hour/r.s.Step))
	for i := range t.energy {
		sum += t.net(i)
		if (i+1)%per != 0 {
			continue
		}
		if worst.Start.IsZero() || sum < worst.Amount {
			worst = report.Hour{Start: r.m.grid.Start(i + 1 - per), Amount: sum}
		}
		sum = 0
	}
	return worst
}

// months is every local month, with the charges that are billed by month.
func (r *run) months() []report.Month {
	var out []report.Month
	sheets := r.sheets()
	for _, g := range r.legs {
		m := report.Month{Start: r.m.grid.Start(g.first), Label: g.month}
		period := series.MonthOf(m.Start, r.s.Site.Zone)
		for _, p := range sheets {
			net := unit.Amount(0)
			for i := g.first; i < g.last; i++ {
				net += p.t.worth[i] + p.t.run[i] + p.t.served[i]
			}
			for _, l := range p.t.bill.Lines() {
				if l.Period.Start.Equal(period.Start) {
					net += l.Amount
				}
			}
			m.Net = append(m.Net, net)
		}
		for i := g.first; i < g.last; i++ {
			m.Revenue += r.sluice.worth[i] + r.sluice.served[i]
			m.Energy += r.sluice.load[i].Over(r.s.Step)
			if r.s.mines() && r.sluice.fleet[i] == 0 {
				m.Off += r.s.Step
			}
		}
		out = append(out, m)
	}
	return out
}

func (r *run) timeline() report.Timeline {
	t := report.Timeline{Start: r.s.From, Minutes: int(r.s.Step / time.Minute)}
	for i := range r.m.grid.Len() {
		p, _ := r.m.price(i)
		t.Price = append(t.Price, cents(p))
		t.Power = append(t.Power, int32(r.sluice.load[i]/unit.Kilowatt))
		t.SitePrice = append(t.SitePrice, cents(r.sluice.price[i]))
	}
	return t
}

// scores writes the desk's rolling errors down as integers.
func scores(all []forecast.Score) []report.ForecastScore {
	var out []report.ForecastScore
	price := func(f float64) unit.Price { return unit.Price(unit.FromFloat(f)) }
	ratio := func(f float64) unit.Ratio { return unit.Ratio(unit.FromFloat(f)) }
	for _, s := range all {
		if s.N == 0 {
			continue
		}
		out = append(out, report.ForecastScore{
			Model: string(s.Model), Lead: s.Band.String(), N: s.N, MAE: price(s.MAE), RMSE: price(s.RMSE), Bias: price(s.Bias),
			Pinball: price(s.Pinball), Band: ratio(0.9), Coverage: ratio(s.Covered[4] - s.Covered[0]), Chosen: ratio(s.Chosen),
		})
	}
	return out
}

// papers is the hash over the hashes of all months, in order.
func (r *run) papers() report.Papers {
	sum := sha256.New()
	var p report.Papers
	for _, s := range r.seals {
		p.Turns += s.Turns
		p.Bytes += s.Bytes
		sum.Write([]byte(s.SHA256 + "\n"))
	}
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return p
}
