package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/treasury"
	"sluice/driver/surplusfile"
)

// stockFlags say which energy becomes a reserve, and by what.
type stockFlags struct {
	surplus, bitcoin, begin, example    string
	years, renew, paths, window         int
	height                              int64
	mw, efficiency, gain, capex         float64
	pue, uptime, fee, fees, opex, worth float64
	share, price, difficulty            float64
	drift, growth, network              float64
	seed                                uint64
	json                                bool
	grows                               bool // growth was said
}

func newTreasuryReserve() *cobra.Command {
	in := stockFlags{}
	c := &cobra.Command{
		Use: "reserve --surplus FILE.csv", Short: "Turn energy that nobody takes into a reserve of bitcoin over years", Args: cobra.NoArgs,
		Long: `Works out what a season of surplus energy comes to when a fleet mines with it for
years: coins, what a coin costs with what the energy would have earned otherwise,
what is sold and what is held, and on many futures the worth of the reserve at the
end and its worst fall. The fleet is renewed every few years with better machines;
halvings come when the chain has reached them. docs/treasury.md walks through it,
docs/formula/treasury.md (Reserves) has the formulas.

The file has the columns month and mwh, a row for each month; the mean of each
calendar month comes again every year. spill is shipped: it is made up. Figures that
no flag names are assumed, and printed. Grid, dams and taxes are not known here.
` + exitHelp,
		Example: `  sluice treasury reserve --surplus spill
  sluice treasury reserve --example spill > surplus.csv
  sluice treasury reserve --surplus ./surplus.csv --mw 12 --worth-per-mwh 18 --share 0.5 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			in.grows = c.Flags().Changed("difficulty-growth")
			return in.run(c.Context(), c.OutOrStdout())
		},
	}
	in.bind(c.Flags())
	return c
}

func (in *stockFlags) bind(f *pflag.FlagSet) {
	f.StringVar(&in.surplus, "surplus", "", "surplus energy, CSV with month and mwh, or the name of a shipped example (spill, made up)")
	f.StringVar(&in.example, "example", "", "print the shipped example of this name, to be changed and used with --surplus")
	f.StringVar(&in.bitcoin, "bitcoin", shippedBitcoin, "daily price, difficulty and reward of bitcoin, CSV")
	f.StringVar(&in.begin, "begin", "2026-01", "first month")
	f.IntVar(&in.years, "years", 10, "years, 1 to 30")
	f.Float64Var(&in.mw, "mw", 20, "power of the fleet at the meter, MW")
	f.Float64Var(&in.efficiency, "j-per-th", 15, "efficiency of its machines at the wall, J/TH")
	f.Float64Var(&in.capex, "capex-per-mw", 1_100_000, "machines and their place, USD for a MW")
	f.IntVar(&in.renew, "renew-years", 4, "years after which new machines come, at the same price for a MW; 0: never")
	f.Float64Var(&in.gain, "better-per-year", 0.086, "by what part machines need less each year, of new ones and of the network")
	f.Float64Var(&in.pue, "pue", 1.05, "power of the place for a watt of machines")
	f.Float64Var(&in.uptime, "uptime", 0.95, "share of the time in which the fleet can run")
	f.Float64Var(&in.fee, "pool-fee", 0.01, "of the pool, a share")
	f.Float64Var(&in.fees, "block-fees", 0.024, "fees of the chain, BTC for a block")
	f.Float64Var(&in.opex, "opex-per-mwh", 5, "operations, USD for a MWh used")
	f.Float64Var(&in.worth, "worth-per-mwh", 10, "what the surplus would earn otherwise, USD for a MWh; 0: it is spilled")
	f.Float64Var(&in.share, "share", 0.9, "share of the coins that is held; the rest is sold in its month")
	f.Float64Var(&in.price, "btc-price", 0, "price at the begin, USD (default: the last recorded one)")
	f.Float64Var(&in.difficulty, "difficulty", 0, "difficulty at the begin (default: the last recorded one)")
	f.Int64Var(&in.height, "height", 0, "height of the chain at the begin (default: 930340 at the end of 2025, and 144 blocks a day from then on)")
	f.Float64Var(&in.drift, "btc-drift", 0, "growth of the price a year, a share")
	f.Float64Var(&in.growth, "difficulty-growth", 0, "growth of difficulty a year, a share (default: what drift and better machines bear)")
	f.Float64Var(&in.network, "network-j-per-th", 33, "efficiency of the network's average machine at the begin")
	f.Uint64Var(&in.seed, "seed", 1, "seed of the futures")
	f.IntVar(&in.paths, "paths", 2000, "number of futures, 100 to 20000")
	f.IntVar(&in.window, "window", 156, "last weeks of the history that futures are drawn from")
	f.BoolVar(&in.json, "json", false, "print JSON")
}

// stockReport is all that is to be said of a reserve.
type stockReport struct {
	in      stockFlags
	file    *surplusfile.File
	days    *treasuryDays
	season  [12]float64
	seasons [12]int
	plan    treasury.Reserve
	start   path.Start
	growth  float64 // of difficulty a year
	facts   path.Facts
	flat    treasury.Stock // on a path without chance
	months  []treasury.StockMonth
	spread  treasury.Stocks
	warns   []string
}

func (in stockFlags) run(ctx context.Context, w io.Writer) error {
	if in.example != "" {
		text, err := surplusfile.Example(in.example)
		if err != nil {
			return input(err)
		}
		_, err = w.Write(text)
		return err
	}
	if err := in.check(); err != nil {
		return input(err)
	}
	s, err := in.open()
	if err != nil {
		return input(err)
	}
	if err := s.work(ctx); err != nil {
		return err
	}
	if in.json {
		return printJSON(w, s.view())
	}
	s.print(w)
	return nil
}

// check refuses flags that make no sense; what a plan of reserves asks for is refused
// by it.
func (in stockFlags) check() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, a...))
		}
	}
	fault(in.surplus == "", "name the energy: --surplus with a file of month and mwh, or the shipped example spill, see --help")
	fault(in.years < 1 || in.years > 30, "--years %d: take 1 to 30", in.years)
	fault(in.renew < 0 || in.renew > 30, "--renew-years %d: take 0 to 30", in.renew)
	fault(!(in.share >= 0 && in.share <= 1), "--share %v: no more can be held than was mined, and no more sold: write a share of 0 to 1", in.share)
	fault(!(in.gain >= 0 && in.gain < 0.9), "--better-per-year %v: write a share, such as 0.086", in.gain)
	fault(!(in.capex >= 0 && in.capex < 1e9), "--capex-per-mw %v: write USD for a MW, 0 or more", in.capex)
	fault(!(in.price >= 0 && in.price < 1e10) || !(in.difficulty >= 0 && in.difficulty < 1e30) || in.height < 0, "--btc-price, --difficulty and --height are above 0, or left out")
	fault(!(in.drift > -0.9 && in.drift < 9), "--btc-drift %v: write a share of a year, such as 0.05", in.drift)
	fault(!(in.growth > -0.9 && in.growth < 9), "--difficulty-growth %v: write a share of a year, such as 0.05", in.growth)
	fault(!(in.network >= 1 && in.network < 1e5), "--network-j-per-th %v: write joules per terahash, such as 33", in.network)
	fault(in.paths < 100 || in.paths > 20_000, "--paths %d: take 100 to 20000", in.paths)
	fault(in.window < 26 || in.window > 2600, "--window %d: take 26 to 2600 weeks, usually 156", in.window)
	if _, err := capital.ParseMonth(in.begin); err != nil {
		faults = append(faults, fmt.Errorf("--begin: %w", err))
	}
	return errors.Join(faults...)
}

// known is the height of the chain at a time that is known, and from then on at 144
// blocks a day.
const knownHeight = 930_340

func knownAt() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// open reads the energy and the history, and lays out the plan.
func (in stockFlags) open() (*stockReport, error) {
	s := &stockReport{in: in}
	var err error
	if s.file, err = surplusfile.Load(in.surplus); err != nil {
		return nil, err
	}
	if s.days, err = readTreasuryDays(in.bitcoin, 1); err != nil {
		return nil, err
	}
	if err := s.days.enough(in.window); err != nil {
		return nil, err
	}
	begin, err := capital.ParseMonth(in.begin)
	if err != nil {
		return nil, err
	}
	height := in.height
	if days := int64(begin.Begin().Sub(knownAt()).Hours() / 24); height == 0 {
		if days < 0 {
			return nil, fmt.Errorf("--begin %s: the height of the chain is known here from 2026-01 on: give it with --height", begin)
		}
		height = knownHeight + days*int64(capital.BlocksPerDay)
	}
	last := s.days.weeks[len(s.days.weeks)-1]
	s.start = path.Start{At: begin.Begin(), Height: height, Price: in.price, Difficulty: in.difficulty}
	if in.price == 0 {
		s.start.Price = s.days.price[len(s.days.price)-1]
	}
	if in.difficulty == 0 {
		s.start.Difficulty = last.Difficulty
	}
	s.season, s.seasons = s.file.Season()
	s.plan = in.plan(begin, height, s.season)
	return s, s.plan.Check()
}

// plan is the fleet and its renewals.
func (in stockFlags) plan(begin capital.Month, height int64, season [12]float64) treasury.Reserve {
	r := treasury.Reserve{
		Begin: begin, Height: height, Surplus: season, Worth: in.worth, Opex: in.opex, PUE: in.pue, Uptime: in.uptime, Fee: in.fee, Fees: in.fees, Share: in.share,
	}
	for year := 0; year < in.years; year += in.renew {
		r.Fleets = append(r.Fleets, treasury.Fleet{Month: 12 * year, MW: in.mw, Efficiency: in.efficiency * math.Pow(1-in.gain, float64(year)), Capex: in.capex * in.mw})
		if in.renew == 0 {
			break
		}
	}
	return r
}

// work runs the plan without chance and on futures.
func (s *stockReport) work(ctx context.Context) error {
	b, err := s.futures()
	if err != nil {
		return input(err)
	}
	price, difficulty := s.level()
	if s.flat, err = s.plan.Stock(price, difficulty, func(m treasury.StockMonth) { s.months = append(s.months, m) }); err != nil {
		return err
	}
	var all treasury.Months
	var p path.Path
	for n := range uint64(s.in.paths) {
		if n%128 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b.Draw(n, &p)
		price, difficulty := s.monthly(&p)
		all.Price, all.Difficulty = append(all.Price, price), append(all.Difficulty, difficulty)
	}
	s.spread, err = s.plan.Over(all)
	s.doubt()
	return err
}

// futures draws price and difficulty by weeks.
func (s *stockReport) futures() (*path.Bootstrap, error) {
	c := path.Usual(s.start)
	days := s.plan.Begin.Add(12*s.in.years).Begin().Sub(s.plan.Begin.Begin()).Hours() / 24
	c.Seed, c.Window, c.Weeks = s.in.seed, s.in.window, int(math.Ceil(days/7))
	c.Drift = math.Log1p(s.in.drift)
	c.Response.Efficiency, c.Response.Trend = s.in.network, s.in.gain
	grows := c.Neutral()
	if s.in.grows {
		grows = math.Log1p(s.in.growth)
	}
	c.Growth, s.growth = &grows, math.Expm1(grows)
	b, err := path.New(c, s.days.weeks)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.days.source.Name, err)
	}
	s.facts = b.Facts()
	return b, nil
}

// level is the months of a path without chance: price and difficulty grow evenly.
func (s *stockReport) level() (price, difficulty []float64) {
	for t := range 12 * s.in.years {
		end, middle := float64(t+1)/12, (float64(t)+0.5)/12
		price = append(price, s.start.Price*math.Pow(1+s.in.drift, end))
		difficulty = append(difficulty, s.start.Difficulty*math.Pow(1+s.growth, middle))
	}
	return price, difficulty
}

// monthly is a future by months: the price of the last week that ends in the month,
// the mean of the difficulties of its days.
func (s *stockReport) monthly(p *path.Path) (price, difficulty []float64) {
	origin := s.plan.Begin.Begin()
	day := func(m capital.Month) int { return int(m.Begin().Sub(origin).Hours() / 24) }
	for t := range 12 * s.in.years {
		from, to := day(s.plan.Begin.Add(t)), day(s.plan.Begin.Add(t+1))
		var sum float64
		for d := from; d < to; d++ {
			sum += p.Difficulty[d/7]
		}
		price = append(price, p.Price[max(to/7-1, 0)])
		difficulty = append(difficulty, sum/float64(to-from))
	}
	return price, difficulty
}

// doubt warns where the result rests on little.
func (s *stockReport) doubt() {
	if s.file.MadeUp {
		s.warns = append(s.warns, s.file.Name+" is MADE UP: the record of no plant and no country.")
	}
	least := s.seasons[0]
	for _, n := range s.seasons {
		least = min(least, n)
	}
	if least < treasuryYears {
		s.warns = append(s.warns, fmt.Sprintf("The season is the mean of %d years: every year of the plan is that one, and a dry or a wet one is not among them.", least))
	}
	if s.facts.Warning != "" {
		s.warns = append(s.warns, s.facts.Warning)
	}
	s.days.warn(&s.warns, s.facts.From)
	if last := s.days.begin[len(s.days.begin)-1]; s.in.price == 0 && s.start.At.Sub(last).Hours() > 31*24 {
		s.warns = append(s.warns, fmt.Sprintf("Price and difficulty at the begin are those of %s: give --btc-price and --difficulty.", last.Format(time.DateOnly)))
	}
}
