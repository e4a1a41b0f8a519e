package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sluice/driver/quotefile"
	counter "sluice/server/tenant"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// tenantServe is the command line of a server for tenants.
type tenantServe struct {
	data, site string
	at         counter.Address
	terms      []string
	accept     []string
	json       bool
	engineFlags
}

func newTenantServe() *cobra.Command {
	f := &tenantServe{}
	c := &cobra.Command{
		Use: "serve --site S.yaml --data DIR --listen ADDRESS:PORT", Short: "Answer tenants over HTTP", Args: cobra.NoArgs,
		Long: `Answers tenants until it is stopped with Ctrl-C. Every request needs a token; what
it answers is that tenant's and no other's. GET /v1/openapi.json describes all.

Away from this computer it speaks TLS alone: give a certificate and its key. They,
and the site file, are read again when they change.

While it runs, the operator's commands reach it through a socket in the data
directory, which only its owner can open.
` + exitHelp,
		Example: "  sluice tenant serve --site site.yaml --data /var/lib/sluice --listen 127.0.0.1:8443 --terms quote.yaml --engine slurm --queue gpu",
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	l := c.Flags()
	l.StringVar(&f.data, "data", "", "data directory in which tenants are kept (required)")
	l.StringVar(&f.site, "site", "", "site file with a hosting section (required)")
	l.StringVar(&f.at.Listen, "listen", "127.0.0.1:8443", "address and port")
	l.StringVar(&f.at.Certificate, "tls-cert", "", "certificate, PEM")
	l.StringVar(&f.at.Key, "tls-key", "", "its key, PEM")
	l.StringArrayVar(&f.terms, "terms", nil, "quote file by which GPU-hours and, where it says so, kilowatts are priced, or MODEL=FILE for one model of GPU (default: nothing is priced)")
	l.StringSliceVar(&f.accept, "accept", nil, "kinds that need no person once they fit: reserved, flexible, on-demand, spot, batch, colocation")
	l.StringVar(&f.engine, "engine", "", "engine in which their jobs run: slurm, kueue=https://HOST:PORT, or virtual")
	l.StringVar(&f.queue, "queue", "", "partition or ClusterQueue through which new tenants come")
	l.StringVar(&f.tokenFile, "engine-token-file", "", "file with our own token for the engine, read again for every request")
	l.StringVar(&f.authority, "engine-ca", "", "PEM of who signed the engine's certificate")
	l.BoolVar(&f.json, "json", false, "print a line of JSON for each request")
	_ = c.MarkFlagRequired("data")
	_ = c.MarkFlagRequired("site")
	return c
}

func (f *tenantServe) run(c *cobra.Command) (err error) {
	ctx := c.Context()
	prices, err := f.prices()
	kinds, bad := f.kinds()
	if err := errors.Join(err, bad); err != nil {
		return input(err)
	}
	store, err := tenants.Open(ctx, f.data)
	if err != nil {
		return input(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return f.over(ctx, store, &lines{w: c.OutOrStdout(), json: f.json}, counter.Config{Prices: prices, Accepts: kinds})
}

// over answers tenants of a store that is open. What of the configuration is there
// already stays: who runs a hall hands over its stations, its clock, and why jobs wait.
func (f *tenantServe) over(ctx context.Context, store *tenants.Store, out *lines, conf counter.Config) error {
	book, err := newSiteBook(f.site, store, out)
	if err == nil {
		err = counter.Bind(ctx, store.Office(), booked(book.file), now())
	}
	if err == nil && conf.Stations == nil {
		conf.Stations, err = f.stations(book.file, time.Now())
	}
	if err != nil {
		return input(err)
	}
	conf.Desk, conf.Clerk = store.Desk(), counter.Registry{Office: store.Office(), Store: store}
	conf.Books, conf.Log = book, out.note
	if conf.Now == nil {
		conf.Now = time.Now
	}
	s, err := counter.New(conf)
	if err != nil {
		return err
	}
	clock := func() time.Time { return conf.Now().UTC().Truncate(time.Second) }
	return f.answer(ctx, out, s, counter.Office{Store: store, Books: book, Now: clock, Turn: s.Turn()})
}

// answer serves tenants and the operator until ctx ends, which is no failure.
func (f *tenantServe) answer(ctx context.Context, out *lines, s *counter.Server, o counter.Office) error {
	l, err := f.at.Open(ctx)
	if err != nil {
		return input(fmt.Errorf("--listen: %w", err))
	}
	door, err := counter.Door(ctx, f.data)
	if err != nil {
		return errors.Join(input(err), l.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- counter.Serve(ctx, l, s) }()
	go func() { ended <- counter.Serve(ctx, door, counter.Inside(o, s)) }()
	scheme := "http"
	if f.at.Certificate != "" {
		scheme = "https"
	}
	if out.json {
		_ = json.NewEncoder(out).Encode(map[string]string{"ready": fmt.Sprintf("%s://%s", scheme, l.Addr()), "socket": filepath.Join(f.data, counter.SocketName)})
	} else {
		fmt.Fprintf(out, "ready: %s://%s, described at /v1/openapi.json, orders through %s (stop with Ctrl-C)\n", scheme, l.Addr(), filepath.Join(f.data, counter.SocketName))
	}
	err = <-ended
	cancel()
	return errors.Join(ignoreEnd(err), ignoreEnd(<-ended))
}

// prices reads the operator's terms.
func (f *tenantServe) prices() (counter.Prices, error) {
	var out counter.Tariffs
	for _, text := range f.terms {
		model, name, cut := strings.Cut(text, "=")
		if !cut {
			model, name = "", text
		}
		q, err := quotefile.Load(name, "", quotefile.Said{})
		if err != nil {
			return nil, fmt.Errorf("--terms: %w", err)
		}
		t := counter.Tariff{Model: model, Terms: q.Terms, Asked: q.Asked}
		if q.Flexibility != nil {
			t.Flexibility = &q.Flexibility.Flexibility
		}
		if q.Colocation != nil {
			t.Colocation, t.AskedMonth = &q.Colocation.Colocation, q.Colocation.Asked
		}
		out = append(out, t)
	}
	return out, nil
}

// kinds reads what needs no person.
func (f *tenantServe) kinds() (out []hosting.Kind, err error) {
	all := []hosting.Kind{hosting.Reserved, hosting.Flexible, hosting.OnDemand, hosting.Spot, hosting.Batch, hosting.Colocation}
	for _, k := range f.accept {
		if !slices.Contains(all, hosting.Kind(k)) {
			return nil, fmt.Errorf("--accept %q: name reserved, flexible, on-demand, spot, batch or colocation", k)
		}
		out = append(out, hosting.Kind(k))
	}
	return out, nil
}

// lines are what the operator reads of a server that runs.
type lines struct {
	mu   sync.Mutex // guards w
	w    io.Writer
	json bool
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// note tells of one request. There is no secret in it.
func (l *lines) note(e counter.Entry) {
	why := ""
	if e.Err != nil {
		why = e.Err.Error()
	}
	if l.json {
		b, _ := json.Marshal(map[string]any{"at": e.At.UTC(), "request": e.Request, "from": e.From, "tenant": e.Tenant, "method": e.Method, "path": e.Path, "status": e.Status, "took_ms": e.Took.Milliseconds(), "error": why})
		fmt.Fprintf(l, "%s\n", b)
		return
	}
	who := e.Tenant
	if who == "" {
		who = "-"
	}
	line := fmt.Sprintf("%s %s %-15s %-12s %d %s %s %s", e.At.UTC().Format(time.RFC3339), e.Request, e.From, who, e.Status, e.Method, clean(e.Path), harmless(why))
	fmt.Fprintln(l, strings.TrimRight(line, " "))
}
