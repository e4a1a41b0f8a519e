package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"sluice/loop/dispatch"
	"sluice/loop/settle"
	"sluice/replay"
	"sluice/replay/report"
	"sluice/solve"
	"sluice/store/ledger"
	"sluice/store/whole"
)

// output is what a person wants of a replay.
type output struct {
	dir, html, language string
	json                bool
	threads             int
	books, entity       string
	metering            replay.Metering
}

func newReplay() *cobra.Command {
	var in source
	var out output
	c := &cobra.Command{
		Use:   "replay --site S.yaml [--prices P.csv] [--bitcoin B.csv]",
		Short: "Replay a site on recorded prices: what each policy would have earned",
		Long: `Replays a site on recorded electricity prices and Bitcoin history. Five policies
run over the same simulated plant: always on; on/off at the fleet's average
break-even; the same rule on the latest published price; Sluice itself, turn by
turn, knowing only what was published by then; and perfect foresight as the
yardstick. Prices come from any CSV with a time stamp and a price; without
--prices the site's own file from the shipped pack is used.

A replay that is interrupted keeps its finished months; the same command goes on
from them. The papers of every turn stay in the run's folder for 'sluice explain'.
` + exitHelp,
		Example: `  sluice replay --site houston --from 2025-01-01 --to 2025-02-01
  sluice replay --site my-site.yaml --prices lmp.csv --price-column LMP --zone America/Chicago --html report.html
  sluice replay --site sweden-se1 --prices se1.csv --currency EUR --fx 1.08 --interval 15m --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return replayTo(c, in, out) },
	}
	in.flags(c)
	f := c.Flags()
	f.StringVar(&out.dir, "run", "", "folder for papers and finished months (default: in the cache, by a hash of all inputs)")
	f.StringVar(&out.html, "html", "", "write the report as one HTML page to this file")
	f.StringVar(&out.language, "language", "en", "language of the page: en, ar or pt")
	f.BoolVar(&out.json, "json", false, "print the report as JSON")
	f.StringVar(&out.books, "books", "", "write the books of the company that owns the site into this folder")
	f.StringVar(&out.entity, "entity", "houston", "with --books: the company, an entity file or the shipped example")
	f.IntVar(&out.threads, "threads", runtime.NumCPU(), "months planned at a time; the result does not depend on it")
	return c
}

func (in *source) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&in.site, "site", "", "site file, or the name of a shipped example (houston, houston-gpu, sweden-se1, washington)")
	f.StringVar(&in.prices, "prices", "", "electricity prices: CSV, plain or .gz")
	f.StringVar(&in.bitcoin, "bitcoin", "", "Bitcoin by UTC day: CSV with date, price_usd, difficulty, reward_per_block_btc")
	f.StringVar(&in.air, "air", "", "air temperature by hour: CSV")
	f.StringVar(&in.from, "from", "", "first day, in the site's zone, or an instant (default: as early as the data allow)")
	f.StringVar(&in.to, "to", "", "day after the last, or an instant (default: as late as the data allow)")
	f.DurationVar(&in.interval, "interval", 15*time.Minute, "settlement interval: 5m, 15m, 30m or 1h")
	f.IntVar(&in.lag, "lag", 1, "intervals until a spot price is known; 1 is the interval after")
	f.StringVar(&in.currency, "currency", "", "currency of the price file, such as EUR")
	f.StringVar(&in.fx, "fx", "", "US dollars per unit of the other currency, such as 1.08")
	f.StringVar(&in.timeColumn, "time-column", "", "column of time stamps (default: found by its name)")
	f.StringVar(&in.priceColumn, "price-column", "", "column of prices (default: found by its name)")
	f.StringVar(&in.minutesColumn, "minutes-column", "", "column with the length of each interval in minutes")
	f.StringVar(&in.layout, "time-layout", "", "Go layout of time stamps, or unix (default: ISO forms)")
	f.StringVar(&in.zone, "zone", "", "zone of time stamps without an offset (default UTC)")
	f.StringVar(&in.label, "stamps", "", "what a stamp names: start or end of its interval (default start)")
	f.StringVar(&in.fill, "fill", "", "what to do about gaps: refuse, hold-last or same-hour-day")
	f.StringVar(&in.dayAhead, "day-ahead", "", "day-ahead prices that help to forecast a real-time price: CSV")
	f.StringVar(&in.dayAheadColumn, "day-ahead-column", "", "column of day-ahead prices (default: found by its name)")
	f.DurationVar(&in.gate, "day-ahead-gate", 13*time.Hour+30*time.Minute, "local time of the day before at which day-ahead prices are out")
	f.StringVar(&in.gridLoad, "load", "", "load of the whole grid, for coincident peaks: CSV in MW")
	f.StringVar(&in.loadColumn, "load-column", "", "column of the actual load (default: found by its name)")
	f.StringVar(&in.loadForecastColumn, "load-forecast-column", "", "column of the load forecast of the day before (default: none)")
	f.BoolVar(&in.perKWh, "per-kwh", false, "prices are per kWh, not per MWh")
}

// replayTo runs a replay and writes what was asked for.
func replayTo(c *cobra.Command, in source, out output) error {
	language, err := languageOf(out.language)
	if err != nil {
		return input(err)
	}
	if err := errors.Join(writable(out.html), out.enough()); err != nil {
		return input(err)
	}
	s, err := in.load()
	if err != nil {
		return err
	}
	r, err := runReplay(c.Context(), c.ErrOrStderr(), s, out)
	if err != nil {
		return err
	}
	if out.html != "" {
		if err := whole.Replace(out.html, whole.Public, func(w io.Writer) error { return report.HTML(w, *r, language) }); err != nil {
			return err
		}
		fmt.Fprintf(c.ErrOrStderr(), "wrote %s\n", out.html)
	}
	if out.json {
		return report.JSON(c.OutOrStdout(), *r)
	}
	return report.Text(c.OutOrStdout(), *r)
}

// enough checks the number of threads.
func (o output) enough() error {
	if o.threads < 1 {
		return fmt.Errorf("--threads %d: use 1 or more", o.threads)
	}
	return nil
}

// writable reports before hours of work that their result could not be written.
func writable(path string) error {
	if path == "" {
		return nil
	}
	if i, err := os.Stat(filepath.Dir(path)); err != nil || !i.IsDir() {
		return fmt.Errorf("--html %s: the folder %s does not exist: make it first, or choose another", path, filepath.Dir(path))
	}
	if i, err := os.Stat(path); err == nil && i.IsDir() {
		return fmt.Errorf("--html %s: this is a folder: name a file in it", path)
	}
	return nil
}

func languageOf(name string) (report.Language, error) {
	for _, l := range report.Languages() {
		if string(l) == name {
			return l, nil
		}
	}
	return "", fmt.Errorf("--language %q: use one of %v", name, report.Languages())
}

// runReplay runs s with a solver, a progress bar and a folder of its own.
func runReplay(ctx context.Context, stderr io.Writer, s *replay.Setup, out output) (*report.Report, error) {
	dir := out.dir
	if dir == "" {
		cache, err := cacheDir()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(cache, "run", s.Digest[:16])
	}
	if err := out.enough(); err != nil {
		return nil, input(err)
	}
	open := solvers(stderr)
	b := newBar(stderr)
	options := replay.Options{
		Dir: dir, Threads: out.threads, Progress: b,
		Solver: func(ctx context.Context) (dispatch.Solver, error) { return open(ctx) },
		Limits: limits(), Metering: out.metering,
	}
	if err := out.keep(ctx, stderr, &options); err != nil {
		return nil, err
	}
	r, err := replay.Run(ctx, s, options)
	b.end()
	if errors.Is(err, replay.ErrOtherRun) {
		return nil, input(err)
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(stderr, "interrupted: finished months are kept in %s; the same command goes on from there\n", dir)
	}
	if err == nil {
		fmt.Fprintf(stderr, "papers are in %s\n", dir)
	}
	return r, err
}

// keep lets a replay write books where that was asked for.
func (o output) keep(ctx context.Context, stderr io.Writer, to *replay.Options) error {
	if o.books == "" {
		return nil
	}
	c, err := companyOf(o.entity)
	if err != nil {
		return input(err)
	}
	to.Entity = c.Company
	to.Books = func(j settle.Journal) (err error) {
		store, err := ledger.Open(ctx, ledger.Config{Directory: o.books})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
		if err := c.open(ctx, store); err != nil {
			return err
		}
		if err := c.book(ctx, store, j); err != nil {
			return fmt.Errorf("write the books of %s into %s: %w", c.Chart.Entity, o.books, err)
		}
		for _, a := range c.Assumed {
			fmt.Fprintf(stderr, "assumed: %s\n", harmless(a))
		}
		fmt.Fprintf(stderr, "%d transactions of %s are in %s; see 'sluice ledger report --books %s'\n", len(j.Transactions), c.Chart.Entity, o.books, o.books)
		return nil
	}
	return nil
}

// limits is how long the solver may think about a turn. They count steps and
// not seconds, so that a slow machine decides as a fast one does.
func limits() solve.Options {
	return solve.Options{IterationLimit: 200_000, NodeLimit: 10_000, Gap: 1e-4}
}
