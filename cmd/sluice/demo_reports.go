package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"sluice/replay/report"
)

// stories are what the demonstration replays.
func stories() []story {
	return []story{
		{"houston-2025", "A 60 MW mine near Houston through 2025", source{site: "houston", from: "2025-01-01", to: "2026-01-01T00:00:00Z", interval: 15 * time.Minute, lag: 1}},
		{"houston-gpu-may-2025", "The same mine with a 12 MW hall of GPUs on its connection, May 2025", source{site: "houston-gpu", from: "2025-05-01", to: "2025-06-01", interval: 15 * time.Minute, lag: 1}},
		{"winter-storm-2021", "The mine in the winter-storm week of February 2021", source{site: "houston", from: "2021-02-12", to: "2021-02-21", interval: 15 * time.Minute, lag: 1}},
	}
}

type story struct {
	name, title string
	in          source
}

// storyFlags is the command line of the replays.
type storyFlags struct {
	out    output
	once   bool
	only   bool
	listen string
}

func newDemo() *cobra.Command {
	var f storyFlags
	var d demoFlags
	var record string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Open the control room of a virtual operator, live on simulators and recorded prices",
		Long: `Opens the control room of an operator whose sites are virtual: machines and meters
that speak the real protocols on loopback addresses, run live by sluice serve on
recorded prices, with a clock that runs 20 times as fast. A spike of the price comes
within the first minutes. Everything lies in a temporary directory, which is removed
at the end unless --keep names an empty one, to look at afterwards. Nothing leaves
the machine and nothing needs a network.

--reports replays the shipped 60 MW Houston site instead: the mine through 2025, a
month of it with a hall of GPUs, and the winter storm of 2021; it prints what each
policy would have earned and serves the reports. --once does so and stops.
` + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.once || f.only {
				return demo(c, f.out, f.once, f.listen)
			}
			d.listen = f.listen
			if record != "" {
				return d.record(c, record)
			}
			return d.run(c)
		},
	}
	c.Flags().BoolVar(&f.once, "once", false, "replay, print the reports and stop")
	c.Flags().BoolVar(&f.only, "reports", false, "replay, and serve the reports instead of the control room")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8321", "address on which the pages are served")
	c.Flags().IntVar(&f.out.threads, "threads", 2, "months planned at a time, of a replay")
	c.Flags().StringVar(&record, "record", "", "replay the history that the sites of the demonstration have, into this folder, and stop: the build does so")
	c.Flags().StringVar(&d.keep, "keep", "", "empty directory in which the demonstration stays when it has ended")
	c.Flags().IntVar(&d.speed, "speed", 20, "the clock of the sites runs so many times faster")
	c.Flags().IntVar(&d.miners, "miners", 120, "virtual machines of each site")
	c.Flags().IntVar(&d.offset, "port-offset", 0, "added to every port of machines and meters (default: one that is free)")
	return c
}

// demo replays every story and serves the pages.
func demo(c *cobra.Command, out output, once bool, listen string) error {
	var listener net.Listener
	if !once {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(c.Context(), "tcp", listen); err != nil {
			return input(fmt.Errorf("serve on %s: %w: choose another address with --listen 127.0.0.1:0", listen, err))
		}
		defer listener.Close() //nolint:errcheck // the server closes it first
	}
	pages := map[string][]byte{}
	for _, s := range stories() {
		fmt.Fprintf(c.ErrOrStderr(), "%s\n", s.title)
		setup, err := s.in.load()
		if err != nil {
			return err
		}
		r, err := runReplay(c.Context(), c.ErrOrStderr(), setup, out)
		if err != nil {
			return err
		}
		if err := report.Text(c.OutOrStdout(), *r); err != nil {
			return err
		}
		for _, l := range report.Languages() {
			var page bytes.Buffer
			if err := report.HTML(&page, *r, l); err != nil {
				return err
			}
			pages["/"+s.name+"."+string(l)+".html"] = page.Bytes()
		}
	}
	if once {
		return nil
	}
	return serve(c, listener, pages)
}

// cover is the page that leads to the reports.
const cover = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice: reports</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-inline-size: 42rem; margin: 3rem auto; padding-inline: 1rem }
li { margin-block: .75rem } a { color: inherit } small { opacity: .7 }
</style>
<h1>Sluice</h1>
<p>Replays of shipped sites on recorded prices. The plant and its tenants are simulated; the prices are real.</p>
<ul>{{range .}}
<li><a href="/{{.Name}}.en.html">{{.Title}}</a><br>
<small><a href="/{{.Name}}.ar.html" lang="ar" dir="rtl">العربية</a> · <a href="/{{.Name}}.pt.html" lang="pt">português</a></small></li>{{end}}
</ul></html>
`

// serve hands the pages out until the context ends.
func serve(c *cobra.Command, listener net.Listener, pages map[string][]byte) error {
	var index bytes.Buffer
	var list []struct{ Name, Title string }
	for _, s := range stories() {
		list = append(list, struct{ Name, Title string }{s.name, s.title})
	}
	if err := template.Must(template.New("cover").Parse(cover)).Execute(&index, list); err != nil {
		return err
	}
	pages["/"] = index.Bytes()
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, found := pages[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
	})}
	fmt.Fprintf(c.OutOrStdout(), "\nReports: http://%s/   (stop with Ctrl-C)\n", listener.Addr())
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-c.Context().Done():
	}
	quiet, stop := context.WithTimeout(context.WithoutCancel(c.Context()), 3*time.Second)
	defer stop()
	if err := server.Shutdown(quiet); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
