package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/live"
	"sluice/people"
	"sluice/server/room"
	"sluice/store/ledger"
	persons "sluice/store/people"
	records "sluice/store/room"
	"sluice/ui"
)

// roomFlags is the command line of a control room.
type roomFlags struct {
	data    string
	address room.Address
	hosts   []string
	public  string
	sites   []string
	files   []string

	interval time.Duration // of replays
	halls    []string
	books    []string
	smtp     smtpFlags
	access   accessFlags
}

func newRoom() *cobra.Command {
	f := &roomFlags{}
	c := &cobra.Command{
		Use:   "room --data DIR",
		Short: "Open the control room: the pages and the API for everything",
		Long: `Serves the control room until it is stopped with Ctrl-C: the pages on which a
shift runs its sites, and the API that they use. Sites are attached with --site and
run on without it. Those that are added on the pages have their folders below
DIR/sites; the control room starts them and keeps them going, and they too run on
when it ends: their process numbers stand in DIR/sites/NAME/serve.pid, and each can
be ended on the pages or with kill -INT.

At the first start it prints a link that works once, for a quarter of an hour, and
makes the first administrator. There is no default password.

Without TLS it listens on this computer alone. --certificate and --key give it a
certificate of your own, --acme fetches one, and with --behind-tls a proxy on this
computer ends TLS. --oidc names who else may say who somebody is.
` + exitHelp,
		Example: "  sluice room --data /var/lib/sluice-room --site houston=/var/lib/sluice",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	l := c.Flags()
	l.StringVar(&f.data, "data", "", "directory of the control room: people, objects, alarms, history (required)")
	l.StringArrayVar(&f.sites, "site", nil, "a running site, as NAME=DIR with the data directory of its 'sluice serve'; may be repeated")
	l.StringArrayVar(&f.halls, "hall", nil, "a running hall of GPUs, as NAME=SITE:DIR with the data directory of its 'sluice hall run'; may be repeated")
	l.DurationVar(&f.interval, "replay-interval", 15*time.Minute, "settlement interval at which attached sites are replayed: 5m, 15m, 30m or 1h")
	l.StringArrayVar(&f.files, "site-file", nil, "the site file of an attached site, as NAME=FILE, so that its recorded prices can be replayed; may be repeated")
	l.StringArrayVar(&f.books, "books", nil, "books, as NAME=DIR with a folder that 'sluice serve --books' or a replay writes; may be repeated")
	l.StringVar(&f.address.Listen, "listen", room.UsualAddress, "address at which the pages and the API answer")
	l.StringVar(&f.address.Certificate, "certificate", "", "PEM file with the certificate, read again when it changes")
	l.StringVar(&f.address.Key, "key", "", "PEM file with its key")
	l.StringSliceVar(&f.address.ACME, "acme", nil, "names for which certificates are fetched; browsers ask for them at port 443")
	l.StringVar(&f.address.Mail, "acme-mail", "", "to whom the authority writes")
	l.BoolVar(&f.address.Insecure, "insecure-listen", false, "without TLS also from elsewhere: whoever is on the way reads passwords")
	l.StringSliceVar(&f.hosts, "host", nil, "names by which browsers reach it")
	l.StringVar(&f.public, "public", "", "address of the pages, such as https://room.example, for sign-in by others")
	f.smtp.bind(c)
	f.access.bind(c, &f.address)
	_ = c.MarkFlagRequired("data")
	c.AddCommand(newPlanWorker())
	return c
}

// run serves until the end of the context, which is no failure.
func (f *roomFlags) run(c *cobra.Command) error {
	links, err := f.links()
	if err != nil {
		return input(err)
	}
	mail, err := f.smtp.mail()
	if err != nil {
		return input(err)
	}
	reached, err := f.reached()
	if err != nil {
		return input(err)
	}
	h, err := openHouse(c.Context(), house{data: f.data, address: f.address, access: reached, public: f.public, mail: mail, errors: slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))})
	if err != nil {
		return input(err)
	}
	defer h.close() //nolint:errcheck // told below where it matters
	for _, l := range links {
		if err := h.room.Attach(l.name, live.Dial(l.dir)); err != nil {
			return input(err)
		}
	}
	if err := f.attach(c.Context(), h); err != nil {
		return input(err)
	}
	if err := h.sites.begin(c.Context(), h.room); err != nil {
		return input(err)
	}
	h.sites.tell(c.OutOrStdout())
	if err := h.welcome(c); err != nil {
		return err
	}
	err = h.serve(c.Context())
	if errors.Is(err, context.Canceled) && c.Context().Err() != nil {
		err = nil // the end that was asked for
	}
	return err
}

// attach adds halls and books.
func (f *roomFlags) attach(ctx context.Context, h *house) error {
	var all []error
	for _, text := range f.halls {
		name, rest, _ := strings.Cut(text, "=")
		site, dir, three := strings.Cut(rest, ":")
		if !three || name == "" || site == "" || dir == "" {
			all = append(all, fmt.Errorf("--hall %q: write NAME=SITE:DIR, such as west=houston:/var/lib/hall", text))
			continue
		}
		all = append(all, h.halls.Attach(hallAt(name, site, dir)))
	}
	for _, text := range f.files {
		name, file, two := strings.Cut(text, "=")
		if !two || name == "" || file == "" {
			all = append(all, fmt.Errorf("--site-file %q: write NAME=FILE, such as houston=/etc/sluice/houston.yaml", text))
			continue
		}
		h.replays.name(name, recorded{site: file, interval: f.interval})
	}
	for _, text := range f.books {
		name, dir, two := strings.Cut(text, "=")
		if !two || name == "" || dir == "" {
			all = append(all, fmt.Errorf("--books %q: write NAME=DIR, such as holding=/var/lib/books", text))
			continue
		}
		all = append(all, h.attachBooks(ctx, name, "", dir))
	}
	return errors.Join(all...)
}

// siteLink is a running site and its data directory.
type siteLink struct{ name, dir string }

// links reads --site.
func (f *roomFlags) links() ([]siteLink, error) {
	var out []siteLink
	var faults []error
	for _, s := range f.sites {
		name, dir, both := strings.Cut(s, "=")
		info, err := os.Stat(dir)
		switch {
		case !both || name == "" || dir == "":
			faults = append(faults, fmt.Errorf("--site %q: write NAME=DIR, such as houston=/var/lib/sluice", s))
		case err != nil || !info.IsDir():
			faults = append(faults, fmt.Errorf("--site %q: %s is no directory: name the one of its 'sluice serve --data'", s, dir))
		default:
			out = append(out, siteLink{name, dir})
		}
	}
	return out, errors.Join(faults...)
}

// house is a control room with what it keeps.
type house struct {
	data    string
	address room.Address
	access  access
	public  string
	mail    room.MailServer
	errors  *slog.Logger
	demo    *room.Demo

	people  *persons.Store
	records *records.Store
	library *room.Library
	halls   *room.Halls
	sites   *roomSites
	replays *replayer
	shelf   *room.BacktestShelf
	risks   *room.RiskShelf
	planner *planner
	example *room.SetupExample // of a site that may be added, in a demonstration
	ledgers []*ledger.Reader
	room    *room.Room
	url     string
	serve   func(context.Context) error
}

// openHouse opens what a control room keeps, and listens.
func openHouse(ctx context.Context, h house) (*house, error) {
	listener, secure, err := h.address.Open(ctx, h.errors, time.Now)
	if err != nil {
		return nil, err
	}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, listener.Close(), h.close()) //nolint:contextcheck // what is open is closed whatever became of the context
	}
	scheme := "http"
	if secure != nil {
		scheme = "https"
	}
	h.url = fmt.Sprintf("%s://%s/", scheme, listener.Addr())
	if h.access.behind {
		h.url = strings.TrimSuffix(h.public, "/") + "/"
	}
	h.serve = func(ctx context.Context) error { return h.room.Serve(ctx, listener, secure) }
	return &h, nil
}

// open opens the stores and makes the room.
func (h *house) open(ctx context.Context) error {
	var err error
	if h.people, err = persons.Open(ctx, persons.Config{Directory: h.data, Providers: len(h.access.providers) > 0}); err != nil {
		return err
	}
	if h.records, err = records.Open(ctx, h.data); err != nil {
		return err
	}
	pages, err := fs.Sub(ui.Pages, "dist")
	if err != nil {
		return err
	}
	say, err := alarmWords(ui.Words)
	if err != nil {
		return err
	}
	h.library, h.halls = room.NewLibrary(), room.NewHalls()
	if h.sites, err = newRoomSites(h.data, func(text string) { h.errors.Warn(text) }); err != nil {
		return err
	}
	h.sites.ends = h.demo != nil
	if h.replays, err = newReplayer(h.data); err != nil {
		return err
	}
	if h.shelf, err = room.NewBacktests(filepath.Join(h.data, "backtests"), h.replays); err != nil {
		return err
	}
	if h.risks, err = room.NewRisks(filepath.Join(h.data, "risks")); err != nil {
		return err
	}
	if h.planner, err = newPlanner(); err != nil {
		return err
	}
	trials := newRoomTrials(h.data)
	h.room, err = room.New(ctx, room.Config{
		Backtests: h.shelf, Planner: h.planner, Risks: h.risks,
		Books: h.library, Halls: h.halls, Setup: &room.Setup{Drivers: drivers, Families: families(), Programs: h.sites, Example: h.example},
		People: h.people, Version: version, Boot: rand.Text()[:12], Demo: h.demo, Pages: pages, Secure: h.address.TLS() || h.access.behind, Clock: time.Now, Log: h.errors,
		Hosts: h.access.hosts, Proxies: h.access.proxies, OIDC: h.access.providers, Public: h.public, History: h.records, Alarms: h.records, Outbox: h.records, Solvers: solvers(os.Stderr),
		Trials: trials, Shelf: trials,
		Answers: h.records, Objects: h.records, Secrets: h.records, Computer: h.computer, Check: room.CheckSpec, Say: say, Mail: h.mail,
	})
	return err
}

// close closes what was opened.
func (h *house) close() error {
	var all []error
	if h.room != nil {
		h.room.Close()
	}
	for _, l := range h.ledgers {
		all = append(all, l.Close())
	}
	if h.records != nil {
		all = append(all, h.records.Close())
	}
	if h.people != nil {
		all = append(all, h.people.Close())
	}
	return errors.Join(all...)
}

// attachBooks adds the books of every company in a folder. They are only read.
func (h *house) attachBooks(ctx context.Context, name, site, dir string) error {
	l, err := ledger.OpenReader(ctx, ledger.Config{Directory: dir})
	if err != nil {
		return err
	}
	h.ledgers = append(h.ledgers, l)
	all, err := l.Entities(ctx)
	if err != nil {
		return err
	}
	for i, e := range all {
		called := name
		if i > 0 {
			called = fmt.Sprintf("%s-%d", name, i+1)
		}
		if err := h.library.Attach(room.Book{Name: called, Site: site, Entity: e, Ledger: l, Pen: penOf(dir)}); err != nil {
			return err
		}
	}
	return nil
}

// penOf opens the books of a folder to write.
func penOf(dir string) room.Pen {
	return func(ctx context.Context) (*ledger.Store, error) {
		return ledger.Open(ctx, ledger.Config{Directory: dir})
	}
}

// welcome says where the room is, and at the first start how to come in.
func (h *house) welcome(c *cobra.Command) error {
	link, until, err := h.people.FirstLink(c.Context(), time.Now())
	if errors.Is(err, persons.ErrAdmin) {
		fmt.Fprintf(c.OutOrStdout(), "control room: %s (stop with Ctrl-C; sites run on)\n", h.url)
		return nil
	}
	if err != nil {
		return err
	}
	return h.first(c, link, until)
}

// first tells and keeps the link of the first administrator.
func (h *house) first(c *cobra.Command, link people.Secret, until time.Time) error {
	at := h.url + "first#" + link.Reveal()
	file := h.data + "/first-link"
	if err := os.WriteFile(file, []byte(at+"\n"), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "control room: %s (stop with Ctrl-C; sites run on)\n\nNobody administers it yet. This link makes the first administrator; it works once, until %s:\n  %s\nIt stands in %s too, for you alone.\n",
		h.url, until.Format("15:04:05 MST"), at, file)
	return nil
}
