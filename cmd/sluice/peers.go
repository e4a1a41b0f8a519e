package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"sluice/capital/peer"
	"sluice/driver/history"
	"sluice/driver/peerfile"
)

// peerFlags say which companies are put side by side, and when.
type peerFlags struct {
	companies, prices, network, period, from, to, example string
	json                                                  bool
}

func newPeers() *cobra.Command {
	in := peerFlags{}
	c := &cobra.Command{
		Use: "peers --companies FILE", Short: "Put mining companies side by side, and their shares against bitcoin", Args: cobra.NoArgs,
		Long: `Puts companies side by side from figures that somebody published: the hashprice
that each earned, its cost and energy of a bitcoin, its enterprise value for a
megawatt and for an EH/s, its bitcoin and its debt; holds production against the
network; and shows baskets of pure, hybrid and AI-first miners against bitcoin
over a window. docs/peers.md walks through one, docs/formula/peer.md has the
formulas and every figure that is known.

A file of companies has a row for each figure, with its unit and its source. A
scale is read from the unit alone (USD, USD_K, USD_M, USD_B). What is missing is
not nought: what cannot be worked out says why. A file of prices has date, ticker
and close. The shipped network file has no fees; give your own with --network.
` + exitHelp,
		Example: `  sluice peers --companies example --prices example
  sluice peers --example > companies.csv
  sluice peers --example=prices > prices.csv
  sluice peers --companies companies.csv --period 2025Q2
  sluice peers --companies companies.csv --prices prices.csv --from 2025-01-02 --to 2025-06-30 --json`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&in.companies, "companies", "", "file of figures: company,period,metric,value,unit,source,note (example: the shipped one, made up)")
	f.StringVar(&in.prices, "prices", "", "file of closes: date,ticker,close, in USD and adjusted for splits (example: the shipped one, made up)")
	f.StringVar(&in.network, "network", shippedBitcoin, "file of bitcoin by day: date, price_usd, difficulty, reward_per_block_btc")
	f.StringVar(&in.period, "period", "", "period that is shown, such as 2025Q2, 2025-06 or 2025 (default: the one that most companies report)")
	f.StringVar(&in.from, "from", "", "first day of the window of the baskets (default: the first close)")
	f.StringVar(&in.to, "to", "", "last day of the window of the baskets (default: the last close)")
	f.StringVar(&in.example, "example", "", "print the shipped example, companies or prices, to be changed")
	f.Lookup("example").NoOptDefVal = peerfile.ExampleCompanies
	f.BoolVar(&in.json, "json", false, "print JSON")
	return c
}

func (in peerFlags) run(w io.Writer) error {
	if in.example != "" {
		text, err := peerfile.Example(in.example)
		if err != nil {
			return input(err)
		}
		_, err = w.Write(text)
		return err
	}
	s, err := in.compare()
	if err != nil {
		return input(err)
	}
	if in.json {
		return printJSON(w, s.view())
	}
	s.print(w)
	return nil
}

// peerReport is all that is to be said of companies.
type peerReport struct {
	companies peerfile.Companies
	prices    *peerfile.Closes // nil: there is no file of closes
	network   history.Source
	notes     []string // on the network file
	invented  bool     // the shipped example

	group  *peer.Group
	period peer.Period
	chosen bool          // by the program
	btc    *peer.Network // over the period; nil: its days are not in the file
	sides  []peer.Side
	checks []peer.Check
	kept   []peer.Keep
	lets   []peer.Contract
	builds []peer.Project

	window  peer.Period
	classes []classOf
}

// classOf is a class of companies and its baskets.
type classOf struct {
	name    string
	apart   []string // companies of the class that have no closes
	baskets []basketOf
}

// basketOf is a basket and how it went, or why that is not known.
type basketOf struct {
	basket peer.Basket
	result peer.Result
	why    string
}

// compare reads the files and works out all that is to be said.
func (in peerFlags) compare() (*peerReport, error) {
	if in.companies == "" {
		return nil, errors.New("name the figures of the companies: --companies with a file, or with the word example; see --help")
	}
	if in.prices == "" && in.from+in.to != "" {
		return nil, errors.New("--from and --to are the window of the baskets: give their closes with --prices")
	}
	s := &peerReport{invented: in.companies == "example" || in.prices == "example"}
	var err error
	if s.companies, err = peerfile.LoadCompanies(in.companies); err != nil {
		return nil, err
	}
	if s.group, err = peer.Gather(s.companies.Rows); err != nil {
		return nil, err
	}
	if err = s.choose(in.period); err != nil {
		return nil, err
	}
	m, err := s.market(in)
	if err != nil {
		return nil, err
	}
	if n, there := m.Network(s.period); there {
		s.btc = &n
	}
	s.sides, s.checks, s.kept = s.group.Sides(s.period, m), s.group.Production(m), s.group.Kept(s.period, m)
	if !slices.ContainsFunc(s.sides, func(x peer.Side) bool { return !x.Empty() }) {
		return nil, fmt.Errorf("%s: nothing is known of any company for %s: name another --period", s.companies.Name, s.period)
	}
	s.lets, s.builds = s.group.Contracts(s.period), s.group.Projects(s.period)
	return s, s.weigh(in, m)
}

// choose sets the period.
func (s *peerReport) choose(text string) (err error) {
	if text != "" {
		if s.period, err = peer.ParsePeriod(text); err != nil {
			return fmt.Errorf("--period: %w", err)
		}
		return nil
	}
	if s.period, s.chosen = s.group.Reported(); !s.chosen {
		return fmt.Errorf("%s: no company reports a period: say with --period which one is to be shown", s.companies.Name)
	}
	return nil
}

// market reads the network and the closes.
func (s *peerReport) market(in peerFlags) (m peer.Market, err error) {
	f, err := open(in.network)
	if err != nil {
		return m, fmt.Errorf("--network: %w", err)
	}
	days, src, err := history.ReadBitcoin(f, in.network, "USD")
	if err := errors.Join(err, f.close()); err != nil {
		return m, fmt.Errorf("--network: %w", err)
	}
	if s.network = src; f.packed {
		s.notes = f.facts.Notes
	}
	var closes []peer.Close
	if in.prices != "" {
		all, err := peerfile.LoadCloses(in.prices)
		if err != nil {
			return m, err
		}
		s.prices, closes = &all, all.All
	}
	return peer.NewMarket(days, src.EstimatedDays, closes)
}

// weigh holds the baskets against bitcoin.
func (s *peerReport) weigh(in peerFlags, m peer.Market) error {
	if s.prices == nil {
		return nil
	}
	w, there := m.Window()
	if !there {
		return fmt.Errorf("%s: there is no close in it", s.prices.Name)
	}
	err := errors.Join(peerDay(&w.First, in.from, "--from"), peerDay(&w.Last, in.to, "--to"))
	if err != nil {
		return err
	}
	if w.Last.Before(w.First) {
		return fmt.Errorf("the window from %s to %s is empty: --to is its last day", w.First.Format(time.DateOnly), w.Last.Format(time.DateOnly))
	}
	s.window = w
	var first error // why a basket has no figures; told where none has any
	shown := 0
	for _, class := range peer.Classes() {
		x := classOf{name: class}
		for _, by := range []peer.Weighting{peer.Equal, peer.ByCap} {
			b := basketOf{}
			if b.basket, x.apart = s.group.GroupBasket(class, by, w.First, m); len(b.basket.Members) == 0 {
				continue
			}
			if b.result, err = b.basket.Against(m, w); err != nil {
				if b.why = err.Error(); first == nil {
					first = err
				}
			} else {
				shown++
			}
			x.baskets = append(x.baskets, b)
		}
		if len(x.baskets)+len(x.apart) > 0 {
			s.classes = append(s.classes, x)
		}
	}
	if shown == 0 && first != nil {
		return fmt.Errorf("%w; without --prices the companies are shown alone", first)
	}
	return nil
}

// peerDay reads a day that was said.
func peerDay(at *time.Time, text, flag string) error {
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("%s %q: write a day such as 2025-01-02", flag, text)
	}
	*at = t
	return nil
}
