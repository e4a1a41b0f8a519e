package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"sluice/driver/claim"
	"sluice/driver/crew"
	"sluice/driver/scan"
	"sluice/driver/sitefile"
	"sluice/live"
	"sluice/store/sqlite"
)

// serveFlags is the command line of a site that runs.
type serveFlags struct {
	market   source
	data     string
	secrets  string
	sealKey  string
	timeout  time.Duration
	rate     int
	parallel int
	begin    string
	speed    int
	entrust  bool
	trial    int
	asJSON   bool
	listen   string
	learned  []string
	credit   string
	books    string
	entity   string
	halls    []string
}

func newServe() *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:   "serve --site S.yaml --data DIR",
		Short: "Run a site: find its machines, plan, switch, keep the limits, prove it",
		Long: `Runs a site until it is stopped with Ctrl-C. The machines and meters are those of
the control section of the site file. Machines are adopted when they are first
seen and are read in every round; every settlement interval the site's market is
cleared, and between two intervals the connection limit is kept by counting every
machine at the most that it could draw.

A new site begins in observe, and no plan switches anything: two people promote it,
one stage at a time, first to shadow, where it says what its plans would have
earned. A stop, a lock-out and an instruction of the grid act in every stage;
sluice control is how people see and do all of that.

While it runs the site claims its device networks: a second one on this computer
that would command the same machines is refused. Ctrl-C is the usual end, and exit
code 0: machines stay as they are, and sessions with them are given back.

With --books every day that is over is written into the books of the company, and
what the day's plan expects is set aside in them as it begins: see 'sluice ledger'.

The data directory keeps orders, proofs, lock-outs and papers. After a crash or a
power loss the same command takes up where it was: it wakes nothing that it did
not stop, and repeats no order.

--market-from lets a virtual site run on a recorded market: its clock begins at
that instant, and runs --speed times as fast. That needs device networks inside
127.0.0.0/8.
` + exitHelp,
		Example: "  sluice world --miners 60 --port-offset 10000 --feeders 2 --meters 127.8.0.0/24 --site-file virtual.yaml &\n  sluice serve --site virtual.yaml --data /var/lib/sluice --market-from 2025-08-01T12:00",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.bind(c)
	return c
}

func (f *serveFlags) bind(c *cobra.Command) {
	l := c.Flags()
	l.StringVar(&f.market.site, "site", "", "site file with a control section (required)")
	l.StringVar(&f.data, "data", "", "directory for everything that must not be forgotten (required)")
	l.StringVar(&f.secrets, "credentials", "", "file of lines family,user,password, sealed or in the clear")
	l.StringVar(&f.sealKey, "seal-key", "", "file with the key or the passphrase that opens sealed credentials")
	l.StringVar(&f.market.prices, "prices", "", "electricity prices: CSV, read again whenever it changes (default: the site's)")
	l.StringVar(&f.market.bitcoin, "bitcoin", "", "Bitcoin by UTC day: CSV, read again whenever it changes (default: the shipped history)")
	l.StringVar(&f.market.air, "air", "", "air temperature by hour: CSV")
	l.StringVar(&f.market.currency, "currency", "", "currency of the price file, such as EUR")
	l.StringVar(&f.market.fx, "fx", "", "US dollars per unit of the other currency, such as 1.08")
	l.DurationVar(&f.market.interval, "interval", 5*time.Minute, "settlement interval: 5m, 15m, 30m or 1h")
	l.IntVar(&f.market.lag, "lag", 1, "intervals until a spot price is known; 1 is the interval after")
	l.DurationVar(&f.timeout, "timeout", 10*time.Second, "longest wait for one answer of a machine")
	l.IntVar(&f.rate, "rate", 50, "addresses begun a second while machines are looked for")
	l.IntVar(&f.parallel, "parallel", 512, "machines asked at once")
	l.StringVar(&f.begin, "market-from", "", "run a virtual site on the recorded market from this instant on")
	l.IntVar(&f.speed, "speed", 1, "the clock of a virtual site runs so many times faster")
	l.BoolVar(&f.entrust, "entrust", false, "entrust every machine of a virtual site from the start, without promotion")
	l.IntVar(&f.trial, "trial", 1, "promotion of a virtual site waits so many times shorter, and says so everywhere")
	l.StringSliceVar(&f.learned, "learned", nil, "files of sluice device commission: boot draws and times of machines, in the place of cautious assumptions")
	l.StringVar(&f.listen, "listen", "", "loopback address such as 127.0.0.1:9464 at which /metrics and the Prometheus read API answer")
	l.StringVar(&f.credit, "pool-credit", "", "what the pool credited: CSV, read again whenever it changes, to hold against machines and meters")
	l.StringVar(&f.books, "books", "", "folder into which the books of the company that owns the site are written, day by day")
	l.StringVar(&f.entity, "entity", "", "with --books: the company, an entity file with sell: none and payouts: statement")
	l.StringArrayVar(&f.halls, "hall", nil, "data directory of a 'sluice hall run' of this site, whose contracts bid in its market; may be repeated")
	l.BoolVar(&f.asJSON, "json", false, "print a line of JSON for each notice")
	_ = c.MarkFlagRequired("site")
	_ = c.MarkFlagRequired("data")
}

// check refuses what makes no sense, and a virtual clock for a real site.
func (f *serveFlags) check(file *sitefile.File) error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if file.Control == nil {
		say("%s has no control section: it says where machines and meters are; see docs/site-file.md", file.Name)
		return errors.Join(faults...)
	}
	if f.timeout <= 0 || f.rate < 1 || f.parallel < 1 || f.speed < 1 || f.trial < 1 {
		say("--timeout, --rate, --parallel, --speed and --trial are above zero")
	}
	if (f.begin != "" || f.speed > 1 || f.entrust || f.trial != 1) && !virtual(file.Control.Networks) {
		say("--market-from, --speed, --trial and --entrust are for virtual sites, whose device networks lie inside 127.0.0.0/8")
	}
	if a, err := netip.ParseAddrPort(f.listen); f.listen != "" && (err != nil || !a.Addr().IsLoopback()) {
		say("--listen %q: give an address of this computer alone, such as 127.0.0.1:9464", f.listen)
	}
	if (f.books == "") != (f.entity == "") {
		say("--books needs --entity, which says whose books they are, and --entity needs --books")
	}
	if f.begin == "" && f.speed > 1 {
		say("--speed needs --market-from: a clock that runs faster needs a recorded market")
	}
	return errors.Join(faults...)
}

// virtual reports whether nobody but virtual machines can stand in the networks.
func virtual(networks []netip.Prefix) bool {
	for _, n := range networks {
		if !n.Addr().IsLoopback() {
			return false
		}
	}
	return len(networks) > 0
}

// run serves until the end of the context, which is no failure.
func (f *serveFlags) run(c *cobra.Command) error {
	ctx := c.Context()
	file, err := readSite(f.market.site)
	if err == nil {
		err = f.check(file)
	}
	if err != nil {
		return input(err)
	}
	store, err := sqlite.Open(ctx, sqlite.Config{Directory: f.data})
	if err != nil {
		return input(err)
	}
	held, err := f.claim(c.OutOrStdout(), file)
	if err == nil {
		err = f.serve(ctx, c.OutOrStdout(), c.ErrOrStderr(), file, store)
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // the end that was asked for
	}
	return errors.Join(err, held.Release(), store.Close())
}

// claim keeps other sites of this computer away from the device networks. Where
// claims cannot be kept the site runs all the same.
func (f *serveFlags) claim(out io.Writer, file *sitefile.File) (*claim.Held, error) {
	data, err := filepath.Abs(f.data)
	if err != nil {
		data = f.data
	}
	c := claim.Claim{Site: file.Site.Name, Directory: data, Networks: file.Control.Networks, Offset: file.Control.PortOffset, Process: os.Getpid()}
	held, err := claim.Take(claim.Folder(), c)
	if err != nil && !errors.Is(err, claim.ErrTaken) {
		fmt.Fprintf(out, "warning: nobody keeps another site of this computer away from these machines: %v\n", err)
		return nil, nil //nolint:nilnil // no claim, and no reason not to run
	}
	return held, input(err)
}

// errArrived says that a machine answers where nobody did before.
var errArrived = errors.New("a machine arrived")

// serve runs the site, and begins anew from what it kept whenever a machine
// arrives: the core has one list of machines from its first second to its last.
func (f *serveFlags) serve(ctx context.Context, out, stderr io.Writer, file *sitefile.File, store *sqlite.Store) error {
	b := &builder{flags: f, file: file, store: store, out: out}
	for {
		err := f.once(ctx, b, stderr)
		if !errors.Is(err, errArrived) && !errors.Is(err, live.ErrAnew) {
			return err
		}
		fmt.Fprintln(out, "the machines of the site have changed: it begins anew with them")
	}
}

// once joins everything and runs it.
func (f *serveFlags) once(ctx context.Context, b *builder, stderr io.Writer) error {
	defer b.close()
	for _, step := range []func(context.Context) error{b.clockAndMarket, b.network, b.recall, b.find, b.meters, b.halls, b.core, b.telemetry, b.pages} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	site, err := b.site(ctx, stderr)
	if err != nil {
		return err
	}
	door, err := live.Open(ctx, f.data)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 7)
	go func() { ended <- b.watch(ctx, site) }()
	go func() { ended <- b.credit(ctx, site) }()
	go func() { ended <- b.arrivals(ctx) }()
	go func() { ended <- site.Serve(ctx, door) }()
	go func() { ended <- site.Run(ctx) }()
	go func() { ended <- b.answer(ctx) }()
	go func() { ended <- b.keepAccounts(ctx, site) }()
	fmt.Fprintf(b.out, "ready: %s, %d machines, control socket %s (stop with Ctrl-C)\n", b.file.Site.Name, len(b.found.Machines), filepath.Join(f.data, live.SocketName))
	err = <-ended
	cancel()
	for range cap(ended) - 1 {
		err = errors.Join(err, ignoreEnd(<-ended))
	}
	return err
}

// ignoreEnd is err unless it is only the end of the program.
func ignoreEnd(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// scanOptions bounds the search for machines.
func (f *serveFlags) scanOptions(offset int) scan.Options {
	return scan.Options{
		Rate: f.rate, Parallel: min(f.parallel, 128), Timeout: f.timeout, Limit: 1 << 17,
		Ports: []int{4028 + offset, 80 + offset, 4433 + offset},
	}
}

// crewConfig bounds the hands that reach machines.
func (f *serveFlags) crewConfig() crew.Config {
	return crew.Config{Parallel: f.parallel, CommandTimeout: 3 * f.timeout, ReadTimeout: f.timeout}
}
