package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/driver/sitefile"
	"sluice/engine"
	"sluice/gpu"
	gpuhall "sluice/live/hall"
	"sluice/replay"
	counter "sluice/server/tenant"
	"sluice/store/tenants"
	"sluice/use/hosting"
	gpuworld "sluice/world/hall"
)

// hallRunFlags is the command line of a hall that runs.
type hallRunFlags struct {
	site, data, hall string
	virtual          bool
	from             string
	speed            int
	interval         time.Duration
	timeout          time.Duration
	asJSON           bool
	tenants          tenantServe // answers tenants beside it; no address: nobody does
}

func newHallRun() *cobra.Command {
	f := &hallRunFlags{}
	c := &cobra.Command{
		Use: "run --site S.yaml --data DIR", Short: "Run a hall: watch it, meter it, follow orders", Args: cobra.NoArgs,
		Long: `Runs a GPU hall until it is stopped with Ctrl-C: looks at engine, GPUs and meters in
every control period, carries out the curtailments that are asked for, and meters
who used what. The engine, the agents and the meters are those of the hosting
section of the site file; with engine kind virtual, or --virtual, the hall and its
tenants are simulated, so that everything can be tried without any.

Every order is on disk before it goes out. After a crash or a power loss the same
command goes on where it was, with the curtailment that ran. Leaving gives nothing
back: power that was taken stays away until it is released.

A virtual hall begins at --from with ten days of work behind it, and its clock runs
--speed times as fast. It begins anew with every run: give it a folder of its own.
` + exitHelp,
		Example: "  sluice hall run --site houston-gpu --virtual --speed 20 --data /tmp/hall &\n  sluice hall preview --data /tmp/hall --by-mw 1 --within 10m --hold 1h",
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	l := c.Flags()
	l.StringVar(&f.site, "site", "", "site file with a hosting section, or the name of an example (required)")
	l.StringVar(&f.data, "data", "", "directory for everything that must not be forgotten (required)")
	l.StringVar(&f.hall, "hall", "", "the hall, where the site has several with GPUs")
	l.BoolVar(&f.virtual, "virtual", false, "simulate the hall, whatever engine the site file declares")
	l.StringVar(&f.from, "from", "", "a virtual hall begins at this instant (default: now)")
	l.IntVar(&f.speed, "speed", 1, "the clock of a virtual hall runs so many times faster")
	l.DurationVar(&f.interval, "interval", 5*time.Minute, "interval of metering, a part of an hour")
	l.DurationVar(&f.timeout, "timeout", 10*time.Second, "longest wait for one answer of engine, agent or meter")
	l.StringVar(&f.tenants.at.Listen, "tenants", "", "address and port at which tenants are answered too, as by 'sluice tenant serve' (default: they are not)")
	l.StringVar(&f.tenants.at.Certificate, "tls-cert", "", "certificate for tenants, PEM; needed away from this computer")
	l.StringVar(&f.tenants.at.Key, "tls-key", "", "its key, PEM")
	l.StringArrayVar(&f.tenants.terms, "terms", nil, "quote file by which tenants' GPU-hours are priced, or MODEL=FILE")
	l.StringSliceVar(&f.tenants.accept, "accept", nil, "kinds of reservation that need no person once they fit")
	l.StringVar(&f.tenants.queue, "queue", "", "queue of the engine through which new tenants come")
	l.BoolVar(&f.asJSON, "json", false, "print a line of JSON for each notice")
	_ = c.MarkFlagRequired("site")
	_ = c.MarkFlagRequired("data")
	return c
}

// run runs the hall until the end of the context, which is no failure.
func (f *hallRunFlags) run(c *cobra.Command) error {
	ctx, out := c.Context(), c.OutOrStdout()
	file, err := readSite(f.site)
	if err != nil {
		return input(err)
	}
	b := &hallBuilder{flags: f, file: file, out: out}
	if err := b.config(ctx); err != nil {
		return input(err)
	}
	store, err := tenants.Open(ctx, f.data)
	if err != nil {
		return input(err)
	}
	b.plant.Store = store
	err = b.serve(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // the end that was asked for
	}
	return errors.Join(err, store.Close())
}

// hallBuilder puts a hall together.
type hallBuilder struct {
	flags *hallRunFlags
	file  *sitefile.File
	out   io.Writer
	hall  hosting.Hall
	cfg   gpuhall.Config
	plant gpuhall.Plant
	watch func(context.Context) // of the engine's own; nil: none

	registrar engine.Registrar // that may be asked beside the hall; nil: accounts are made by hand
}

// config reads what the site file says of the hall.
func (b *hallBuilder) config(ctx context.Context) error {
	h := b.file.Hosting
	if h == nil {
		return fmt.Errorf("%s has no hosting section: it says which GPUs stand where; see docs/site-file.md", b.file.Name)
	}
	i := slices.IndexFunc(h.Halls, func(x hosting.Hall) bool { return x.Name == b.flags.hall })
	if b.flags.hall == "" && len(h.Halls) == 1 {
		i = 0
	}
	if i < 0 {
		var names []string
		for _, x := range h.Halls {
			names = append(names, x.Name)
		}
		return fmt.Errorf("name the hall with --hall: %s", strings.Join(names, ", "))
	}
	b.hall = h.Halls[i]
	all, err := b.file.Tenancies()
	if err != nil {
		return err
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		return err
	}
	b.cfg = gpuhall.Config{
		Site: b.file.Site.Name, Hall: b.hall, Curves: curves, Zone: b.file.Site.Zone, Interval: b.flags.interval, Patience: b.flags.timeout,
		Racks: map[string]string{}, Currency: b.file.Site.Currency,
	}
	for _, t := range all {
		if t.Contract().Hall == b.hall.Name {
			b.cfg.Tenancies = append(b.cfg.Tenancies, t)
		}
	}
	b.plant.Folder, b.plant.Note = b.flags.data, b.note
	switch e := h.Engine; {
	case b.flags.virtual || e != nil && e.Kind == "virtual":
		return b.simulated(ctx)
	case e == nil:
		return fmt.Errorf("%s declares no engine: state hosting.engine, or try it with --virtual", b.file.Name)
	case b.flags.speed != 1 || b.flags.from != "":
		return errors.New("--speed and --from are for virtual halls: a real one keeps the time")
	default:
		return b.real(e)
	}
}

// simulated is a virtual hall with the jobs of its tenants.
func (b *hallBuilder) simulated(ctx context.Context) error {
	start := time.Now().UTC().Truncate(time.Second)
	if b.flags.from != "" {
		var err error
		if start, err = parseInstant(b.flags.from, time.UTC); err != nil {
			return fmt.Errorf("--from %q: %w", b.flags.from, err)
		}
	}
	if b.flags.speed < 1 {
		return errors.New("--speed is 1 or more")
	}
	c := gpuworld.Config{Hall: b.hall, Curves: b.cfg.Curves, Start: start.Add(-replay.WarmUp)}
	for _, t := range b.cfg.Tenancies {
		c.Contracts = append(c.Contracts, t.Contract())
	}
	setup := &replay.Setup{From: start}
	if err := loads(setup, &c, b.file.Hosting.Load); err != nil {
		return err
	}
	if f, declared := b.file.Failures["hosting/"+b.hall.Name]; declared {
		c.Failures = gpuworld.Failures{Between: f.Between, Repair: f.Repair}
	}
	world, err := gpuworld.New(c)
	if err != nil {
		return err
	}
	world.Advance(replay.WarmUp)
	b.registrar = &virtualHall{hall: world}
	pace := gpuhall.NewPace(start, b.flags.speed, b.cfg.Defaults().Beat)
	v := gpuhall.NewVirtual(ctx, world, b.hall, pace.Now, b.file.Site.MustRun)
	b.cfg.Racks = v.Racks()
	b.plant.Engine, b.plant.Agents, b.plant.Gauges, b.plant.Clock = v, []gpuhall.Agent{{Agent: v}}, v.Gauges(b.hall.Name), pace.Clock()
	fmt.Fprintf(b.out, "virtual hall %s from %s on, %d times as fast as the clock\n", b.hall.Name, start.Format(time.RFC3339), b.flags.speed)
	return nil
}

// serve runs the hall and its door until one of them ends.
func (b *hallBuilder) serve(ctx context.Context) error {
	h, err := gpuhall.New(ctx, b.cfg, b.plant)
	if errors.Is(err, gpuhall.ErrConfig) {
		err = input(err)
	}
	if err != nil {
		return err
	}
	door, err := gpuhall.Open(ctx, b.flags.data)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 4)
	go func() { ended <- h.Run(ctx) }()
	go func() { ended <- b.answerTenants(ctx, h) }()
	go func() { ended <- h.Serve(ctx, door) }()
	go func() {
		if b.watch != nil {
			b.watch(ctx)
		} else {
			<-ctx.Done()
		}
		ended <- context.Cause(ctx)
	}()
	fmt.Fprintf(b.out, "ready: hall %s, control socket %s (stop with Ctrl-C)\n", b.hall.Name, filepath.Join(b.flags.data, gpuhall.SocketName))
	err = <-ended
	cancel()
	for range cap(ended) - 1 {
		err = errors.Join(err, ignoreEnd(<-ended))
	}
	return err
}

// answerTenants serves tenants beside the hall, which holds the store that both need,
// or waits for the end where nobody asked for it.
func (b *hallBuilder) answerTenants(ctx context.Context, h *gpuhall.Hall) error {
	f := &b.flags.tenants
	if f.at.Listen == "" {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	f.data, f.site, f.json = b.flags.data, b.flags.site, b.flags.asJSON
	prices, err := f.prices()
	kinds, bad := f.kinds()
	if err := errors.Join(err, bad); err != nil {
		return input(err)
	}
	station := counter.Station{Name: b.kind(), Viewer: h, Registrar: b.registrar, Queue: cmp.Or(f.queue, "as contracted")}
	return f.over(ctx, b.plant.Store, &lines{w: b.out, json: b.flags.asJSON}, counter.Config{
		Prices: prices, Accepts: kinds, Stations: []counter.Station{station}, Now: b.plant.Clock.Now,
	})
}

// kind names the engine as accounts on it are kept.
func (b *hallBuilder) kind() string {
	if e := b.file.Hosting.Engine; e != nil && !b.flags.virtual {
		return e.Kind
	}
	return "virtual"
}

// note prints a notice.
func (b *hallBuilder) note(n gpuhall.Notice) {
	if b.flags.asJSON {
		_ = encodeLine(b.out, n)
		return
	}
	fmt.Fprintf(b.out, "%s  %-16s %s\n", n.At.UTC().Format(time.RFC3339), n.Code, clean(n.Text))
}
