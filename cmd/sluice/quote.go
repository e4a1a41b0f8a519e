package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/capital/quote"
	"sluice/driver/quotefile"
	"sluice/unit"
)

// quoteFlags say what is priced.
type quoteFlags struct {
	file, outlook, example string
	said                   quotefile.Said
	json                   bool
}

func newQuote() *cobra.Command {
	in := quoteFlags{said: quotefile.Said{Inputs: map[string]string{}}}
	c := &cobra.Command{
		Use: "quote --file QUOTE.yaml", Short: "Price a hosting contract: the least price that beats mining", Args: cobra.NoArgs,
		Long: `Prices a GPU-hour, and a kW-month of colocation, so that building the hall and
serving earn as much as mining with the same megawatt: the price and its parts,
where it turns, how it moves with each input, and what becomes of it when power
price and hashprice go another way. What no source is named for is printed as
assumed. docs/quote.md walks through one, docs/formula/quote.md has the formulas.

Inputs come from a file, or a shipped example by name (gb300, h100), and from
flags, which count more. Without a file every input is a flag.
` + exitHelp,
		Example: `  sluice quote --file gb300
  sluice quote --file gb300 --hashprice-usd-per-ph-day 60 --price 4.20
  sluice quote --example gb300 > quote.yaml
  sluice quote --file quote.yaml --scenarios outlook.yaml --seed 7 --paths 100000 --json`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c) },
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "quote file, or the name of a shipped example (gb300, h100)")
	f.StringVar(&in.outlook, "scenarios", "", "file with scenarios and monte_carlo that take the place of those of the quote file")
	f.StringVar(&in.example, "example", "", "print the shipped example of this name, to be changed and used with --file")
	f.StringVar(&in.said.Asked, "price", "", "asked price to be judged, USD for a GPU-hour")
	f.StringVar(&in.said.AskedColo, "colo-price", "", "asked price to be judged, USD for a kW of IT and month")
	f.StringVar(&in.said.Size, "facility-mw", "", "size of the contract, MW at the meter; without it all is for one megawatt")
	f.StringVar(&in.said.Term, "term-years", "", "term of the contract over which scenarios are judged")
	f.StringVar(&in.said.Seed, "seed", "", "seed of the walk (default 1)")
	f.StringVar(&in.said.Paths, "paths", "", "paths of the walk, 100 to 1000000 (default 10000)")
	f.BoolVar(&in.json, "json", false, "print JSON")
	for _, x := range quote.Fields() {
		says := x.Says
		if x.Unit != "" {
			says += ", in " + x.Unit
		}
		f.Var(saying{in.said.Inputs, x.Key}, quotefile.Flag(x.Key), says)
	}
	return c
}

// saying is the flag of one input. It keeps the text; the quote file's reader reads it.
type saying struct {
	all map[string]string
	key string
}

// String is what was said so far.
func (s saying) String() string { return s.all[s.key] }

// Set says something.
func (s saying) Set(text string) error {
	s.all[s.key] = text
	return nil
}

// Type is what help calls it.
func (s saying) Type() string { return "text" }

func (in quoteFlags) run(c *cobra.Command) error {
	if in.example != "" {
		text, err := quotefile.Example(in.example)
		if err != nil {
			return input(err)
		}
		_, err = c.OutOrStdout().Write(text)
		return err
	}
	if in.file == "" && len(in.said.Inputs) == 0 {
		return input(errors.New("name what is to be priced: --file with a quote file or a shipped example (gb300, h100), or every input as a flag, see --help"))
	}
	f, err := quotefile.Load(in.file, in.outlook, in.said)
	if err != nil {
		return input(err)
	}
	a, err := assess(c.Context(), f)
	if err != nil {
		return err
	}
	if in.json {
		return printJSON(c.OutOrStdout(), a.view())
	}
	return a.print(c.OutOrStdout())
}

// assessment is all that is to be said of a quote.
type assessment struct {
	file     *quotefile.File
	gpu      judged
	colo     *judged // nil: there is no colocation
	floor    quote.Floor
	idling   quote.Floor // of GPUs that stay on
	gain     unit.Amount // of the clause, USD a GPU and year
	discount unit.Ratio  // that is rational for it
	returns  []unit.Ratio
}

// judged is one way to sell the megawatt.
type judged struct {
	asked    unit.Amount // 0: nothing is asked
	price    quote.Price
	compared []quote.Compared
	turns    []quote.BreakEven // none where nothing is asked
	verdict  *quote.Verdict
	spread   *quote.Spread
}

func (j judged) beats() bool { return j.asked >= j.price.Least }

// assess works out all that is to be said.
func assess(ctx context.Context, f *quotefile.File) (a *assessment, err error) {
	a = &assessment{file: f, floor: quote.ShortRun(f.Terms, 0), idling: quote.ShortRun(f.Terms, f.Idle)}
	if a.gpu, err = judge(ctx, f, quote.GPUHours, f.Asked); err != nil {
		return nil, input(err)
	}
	if c := f.Colocation; c != nil {
		sell := func(t quote.Terms) (quote.Offer, error) { return quote.KilowattMonths(t, c.Colocation) }
		j, err := judge(ctx, f, sell, c.Asked)
		if err != nil {
			return nil, input(fmt.Errorf("colocation: %w", err))
		}
		a.colo = &j
	}
	if x := f.Flexibility; x != nil {
		if a.gain, err = x.Gain(f.Terms.GPU, f.Terms.PUE); err != nil {
			return nil, input(err)
		}
		if a.discount, err = quote.Discount(a.gain, a.reference(), f.Terms.Utilisation); err != nil {
			return nil, input(err)
		}
	}
	return a, input(a.headline())
}

// reference is the price that a discount is taken off: what is asked, else the least.
func (a *assessment) reference() unit.Amount {
	if a.gpu.asked > 0 {
		return a.gpu.asked
	}
	return a.gpu.price.Least
}

// judge prices one way to sell the megawatt.
func judge(ctx context.Context, f *quotefile.File, sell quote.Maker, asked unit.Amount) (j judged, err error) {
	j.asked = asked
	o, err := sell(f.Terms)
	if err != nil {
		return j, err
	}
	if j.price, err = o.Price(); err != nil {
		return j, err
	}
	if j.compared, err = quote.Compare(f.Terms, sell, f.Changes); err != nil {
		return j, err
	}
	if asked > 0 {
		if j.turns, _, err = quote.BreakEvens(f.Terms, sell, asked); err != nil {
			return j, err
		}
	}
	if len(f.Scenarios) > 0 {
		v, err := o.Judge(asked, f.Term, f.Scenarios)
		if err != nil {
			return j, err
		}
		j.verdict = &v
	}
	if f.Walk != nil {
		s, err := o.Simulate(ctx, asked, f.Term, f.Walk.Walk)
		if err != nil {
			return j, err
		}
		j.spread = &s
	}
	return j, nil
}

// headline works out what the deal returns.
func (a *assessment) headline() error {
	h := a.file.Headline
	if h == nil {
		return nil
	}
	for _, left := range h.Left {
		cash, err := h.Cash(left)
		if err != nil {
			return err
		}
		r, err := quote.Return(cash)
		if err != nil {
			return fmt.Errorf("headline, %s: %w: check its figures", left.Name, err)
		}
		a.returns = append(a.returns, r)
	}
	return nil
}

// print shows the assessment for people.
func (a *assessment) print(w io.Writer) error {
	f := a.file
	fmt.Fprintf(w, "%s: what a GPU-hour must cost to beat mining with the same megawatt\n", harmless(f.Name))
	a.gpu.printPrice(w, "GPU-hour", 4)
	fmt.Fprintf(w, "  %s GPUs on a facility megawatt, %s GPU-hours a year that are paid\n", shown(unit.Amount(a.gpu.price.GPUs), 2), shown(unit.Amount(a.gpu.price.Units), 0))
	a.printPrices(w)
	a.gpu.printTurns(w, 4)
	a.printCompared(w)
	a.gpu.printVerdict(w, f, 4)
	a.gpu.printSpread(w, f, 4)
	if a.colo != nil {
		a.printColocation(w)
	}
	a.printClause(w)
	a.printHeadline(w)
	a.printInputs(w)
	return nil
}
