package main

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"sluice/capital"
	"sluice/capital/model"
)

// planQuote says of which project a quote is made.
type planQuote struct {
	file, project string
	hours         int
}

// planCommand is sluice plan with what else can be asked of a plan.
func planCommand() *cobra.Command {
	c := newPlan()
	c.AddCommand(newPlanQuote(), newPlanBooks())
	return c
}

func newPlanQuote() *cobra.Command {
	in := planQuote{}
	c := &cobra.Command{
		Use: "quote --file PLAN.yaml --project NAME", Short: "Write a project of a plan as a quote file, for sluice quote", Args: cobra.NoArgs,
		Long: `Writes what a plan knows of a project as a quote file: what the hall and its machines
cost, what power, mining and capital cost at this very site, the rate that is asked,
and what a clause on reduced power is worth by the dearest hours of the site's own
history of prices. 'sluice quote' prices it; 'sluice decide' says at which rate it
beats mining on the futures of the plan.
` + exitHelp,
		Example: `  sluice plan quote --file operator --project "gpu cloud" > quote.yaml
  sluice quote --file quote.yaml`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.project, "project", "", "project that is quoted")
	f.IntVar(&in.hours, "hours", 50, "hours of a year in which a clause on reduced power is called")
	return c
}

func (in planQuote) run(w io.Writer) error {
	p, err := planFlags{file: in.file}.load()
	if err != nil {
		return input(err)
	}
	if in.hours < 1 || in.hours > 8760 {
		return input(fmt.Errorf("--hours %d: take 1 to 8760", in.hours))
	}
	for _, x := range p.plan.Projects {
		if x.Name == in.project {
			return in.write(w, p, x)
		}
	}
	return input(fmt.Errorf("--project %q: the plan has none of that name", in.project))
}

// A GPU where the plan buys none: a rack of 190 kW with 72 of the GB300 class (press).
const (
	usualKW    = 2.64
	usualPrice = 65_000
	usualYears = 5
)

// input of a quote with where it comes from.
type quoteInput struct{ key, value, source string }

func (in planQuote) write(w io.Writer, p *planReport, x capital.Project) error {
	s := siteOfProject(p.plan, x)
	power := powerOfSite(p, s)
	inputs := append(hallInputs(p.plan, x), mineInputs(p.plan, s, power)...)
	fmt.Fprintf(w, "# %s of the plan %s, version %d. Sources say where each figure comes from.\n", x.Name, p.plan.Name, p.plan.Version)
	fmt.Fprintf(w, "quote: %s\n", yamlText(x.Name))
	if x.Contract.Term > 0 {
		fmt.Fprintf(w, "term_years: %d\n", max(x.Contract.Term/12, 1))
	}
	if x.Contract.Unit == capital.PerGPUHour {
		fmt.Fprintf(w, "asked_usd_per_gpu_hour: %s\n", decimal(x.Contract.Rate))
	}
	fmt.Fprintf(w, "facility_mw: %s\n\ninputs:\n", decimal(x.Gross))
	for _, i := range inputs {
		fmt.Fprintf(w, "  %s: %s\n", i.key, i.value)
	}
	fmt.Fprintf(w, "\nsources:\n")
	for _, i := range inputs {
		if i.source != "" {
			fmt.Fprintf(w, "  %s: %s\n", i.key, yamlText(i.source))
		}
	}
	energy := "included"
	if x.Contract.PassThrough {
		energy = "passed through"
	}
	fmt.Fprintf(w, "\ncolocation:\n  operations_usd_per_mw_year: %s\n  occupancy: %s\n  energy: %s\n", decimal(x.Opex/x.PUE), percentOf(billedOf(x.Contract)), energy)
	if rate := perKWMonth(x.Contract); rate > 0 {
		fmt.Fprintf(w, "  asked_usd_per_kw_month: %s\n", decimal(rate))
	}
	in.flexible(w, p, s)
	return nil
}

// flexible is what a clause on reduced power is worth by the site's own history.
func (in planQuote) flexible(w io.Writer, p *planReport, s capital.Site) {
	h := p.histories[s.Power.History]
	if h == nil {
		return
	}
	k := p.plan.Market
	hash := capital.HashpriceBTC(k.Difficulty, capital.SubsidyAt(k.Height)*(1+k.Fees)) * k.Price
	strike := 0.0 // what else the power would do
	if s.Fleet.MW > 0 {
		strike = capital.Strike(hash, s.Fleet.Fee, s.Fleet.Efficiency, s.Fleet.PUE) - s.Fleet.Other
	}
	value := math.Max(h.Dearest(float64(in.hours)/8760)*scaleOf(s, h)+s.Power.Delivery-math.Max(strike, 0), 0)
	fmt.Fprintf(w, "\n# The %d dearest hours of a year of %s, less what mining would pay for the power then.\n", in.hours, s.Power.History)
	fmt.Fprintf(w, "flexibility:\n  hours_per_year: %d\n  value_usd_per_mwh: %s\n  peak_usd_per_mw_year: 0\n", in.hours, decimal(math.Round(value*100)/100))
}

// scaleOf is by what a history is multiplied in the first year.
func scaleOf(s capital.Site, h *model.Hours) float64 {
	if len(s.Power.Price) == 0 || h.Mean() <= 0 {
		return 1
	}
	return s.Power.Price[0] / h.Mean()
}

func siteOfProject(p capital.Plan, x capital.Project) capital.Site {
	for _, s := range p.Sites {
		if s.Name == x.Site {
			return s
		}
	}
	return capital.Site{}
}

// powerOfSite is the mean price of power in the plan, delivery in it.
func powerOfSite(p *planReport, s capital.Site) float64 {
	var sum float64
	for _, v := range s.Power.Price {
		sum += v / float64(len(s.Power.Price))
	}
	if h := p.histories[s.Power.History]; h != nil && len(s.Power.Price) == 0 {
		sum = h.Mean()
	}
	return sum + s.Power.Delivery
}

// hallInputs are what the hall and its machines cost.
func hallInputs(p capital.Plan, x capital.Project) []quoteInput {
	kw, said := x.Contract.KW, ""
	if kw == 0 {
		kw, said = usualKW, "not in the plan: a rack of 190 kW with 72 GPUs (press)"
	}
	price, years, residual, source := 0.0, 0.0, 0.0, "equipment of the plan over its GPUs"
	for _, e := range x.Equipment {
		price += e.Cost / (x.Gross / x.PUE * 1000 / kw)
		years, residual = max(years, e.Years), residual+e.Residual*e.Cost
	}
	if price > 0 {
		residual /= price * (x.Gross / x.PUE * 1000 / kw)
	} else {
		price, years, source = usualPrice, usualYears, "not in the plan, which buys no GPUs: assumed"
	}
	var hall, life float64
	for _, f := range x.Phases {
		hall, life = hall+f.Cost, max(life, f.Years)
	}
	load := x.Contract.Load
	if load == 0 {
		load = 1
	}
	return []quoteInput{
		{"gpu_kw", decimal(kw), said},
		{"pue", decimal(x.PUE), "plan"},
		{"gpu_price_usd", decimal(math.Round(price)), source},
		{"gpu_life_years", decimal(years), source},
		{"gpu_residual", percentOf(residual), source},
		{"datacentre_usd_per_mw", decimal(math.Round(hall / x.Gross)), "phases of the plan over gross MW"},
		{"datacentre_life_years", decimal(math.Round(life)), "plan"},
		{"cost_of_capital", percentOf(p.Discount), "plan"},
		{"operations_usd_per_mw_year", decimal(math.Round(x.Opex / x.PUE)), "plan, over gross MW"},
		{"load", percentOf(load), "plan"},
		{"utilisation", percentOf(billedOf(x.Contract)), "plan: take-or-pay and what is billed beside it"},
		{"fees", percentOf(x.Contract.Credits), "plan"},
	}
}

// mineInputs are what mining pays at the site.
func mineInputs(p capital.Plan, s capital.Site, power float64) []quoteInput {
	k := p.Market
	hash := capital.HashpriceBTC(k.Difficulty, capital.SubsidyAt(k.Height)*(1+k.Fees)) * k.Price * (1 - s.Fleet.Fee)
	machine, up := s.Fleet.Efficiency*s.Fleet.PUE, s.Fleet.Uptime
	source := "plan"
	if s.Fleet.MW == 0 {
		machine, up, source = 18, 0.95, "nothing mines at this site: assumed"
	}
	return []quoteInput{
		{"energy_usd_per_mwh", decimal(math.Round(power*100) / 100), "mean of the plan, delivery in it"},
		{"hashprice_usd_per_ph_day", decimal(math.Round(hash*100) / 100), "price and difficulty of the plan, after the pool's fee"},
		{"mining_j_per_th", decimal(math.Round(machine*100) / 100), source},
		{"mining_cost_usd_per_mwh", decimal(s.Fleet.Other), source},
		{"mining_availability", percentOf(up), source},
	}
}

// billedOf is the share of a contract that is paid.
func billedOf(c capital.Lease) float64 { return c.Firm + (1-c.Firm)*c.Billed }

// perKWMonth is a contract's rate per kW of IT and month; 0: it is none.
func perKWMonth(c capital.Lease) float64 {
	switch c.Unit {
	case capital.PerKWMonth:
		return c.Rate
	case capital.PerMWYear:
		return c.Rate / 12_000
	}
	return 0
}

func decimal(x float64) string { return strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', -1, 64) }

func percentOf(x float64) string { return decimal(math.Round(x*1e6)/1e4) + " %" }

// yamlText is a text that YAML reads as it stands.
func yamlText(s string) string { return fmt.Sprintf("%q", s) }
