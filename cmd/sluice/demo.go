package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sluice/live"
	"sluice/server/room"
)

// demoFlags is the command line of the live demonstration.
type demoFlags struct {
	listen string
	keep   string
	speed  int
	miners int
	offset int
}

// demoSays is what the banner says.
const demoSays = "Demonstration: virtual sites on recorded prices"

// demoSite is one site of the demonstration.
type demoSite struct {
	name     string
	place    string // it stands on this computer; on the map it stands in a town of the state whose prices it pays
	position string
	seed     int
	network  int // second byte of the addresses of its machines; meters stand one above
	begin    string
	past     bool     // it has a history, recorded by the build
	gpus     int      // of a hall behind its last feeder; 0: it has none
	world    []string // further arguments
	serve    []string
}

// demoSites are the sites. Both begin on the evening of 24 March 2025, a quarter of an
// hour before the price at the Houston hub rose from 30 to 300 USD a MWh.
func demoSites() []demoSite {
	const evening = "2025-03-24T23:15:00Z"
	return []demoSite{
		{name: "bayou", place: "Houston, Texas (virtual)", position: "29.8,-95.4", seed: 7, network: 41, begin: evening, past: true, gpus: 64, serve: []string{"--entrust"}},
		{name: "prairie", place: "Abilene, Texas (virtual)", position: "32.4,-99.7", seed: 11, network: 43, begin: evening, serve: []string{"--trial", "2000"}},
	}
}

// run shows the demonstration until the end of the context, which is no failure.
func (f *demoFlags) run(c *cobra.Command) error {
	if f.speed < 1 || f.miners < 8 || f.miners > 2000 {
		return input(errors.New("--speed is above zero, and --miners from 8 to 2000"))
	}
	dir, remove, err := f.folder()
	if err != nil {
		return err
	}
	defer remove()
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	demo := room.NewDemo(demoSays)
	if f.offset == 0 {
		f.offset = demoOffset()
	}
	h, err := openHouse(c.Context(), house{data: dir, address: room.Address{Listen: f.listen}, errors: log, demo: demo, example: f.example()})
	if err != nil {
		return input(fmt.Errorf("%w; choose another address with --listen 127.0.0.1:0", err))
	}
	defer h.close() //nolint:errcheck // nothing of it is kept
	fmt.Fprintf(c.OutOrStdout(), "Control room: %s   (stop with Ctrl-C)\n%s. The clock of the sites runs %d times as fast; a spike of the price comes in about a minute.\n", h.url, demoSays, f.speed)
	ctx, stop := context.WithCancel(c.Context())
	var programs sync.WaitGroup
	defer programs.Wait()
	defer stop()
	served := make(chan error, 1) // the first page is there while the rest begins
	programs.Go(func() { served <- h.serve(ctx) })
	who, err := cast(ctx, h.people, time.Now())
	if err != nil {
		return err
	}
	demo.Enter(who)
	programs.Go(func() {
		if err := tellStory(ctx, h.records, h.shelf); err != nil && ctx.Err() == nil {
			h.errors.Warn("the history of the demonstration could not be told", "cause", err)
		}
		if err := h.tellPlan(ctx); err != nil && ctx.Err() == nil {
			h.errors.Warn("the plan of the demonstration could not be told", "cause", err)
		}
	})
	for _, s := range demoSites() {
		if err := f.begin(ctx, &programs, h, s); err != nil {
			return err
		}
	}
	if err := f.spare(ctx, &programs, h); err != nil {
		return err
	}
	err = <-served
	if errors.Is(err, context.Canceled) && c.Context().Err() != nil {
		err = nil // the end that was asked for
	}
	return err
}

// folder is where the demonstration lies; its name is short, because those of sockets are.
func (f *demoFlags) folder() (string, func(), error) {
	if f.keep != "" {
		dir, err := filepath.Abs(f.keep)
		if there, _ := os.ReadDir(dir); len(there) > 0 {
			err = input(fmt.Errorf("--keep %s: something lies there: name an empty or a new directory", f.keep))
		}
		return dir, func() {}, err
	}
	dir, err := os.MkdirTemp("", "sluice-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// begin starts the world and the program of a site, and attaches it.
func (f *demoFlags) begin(ctx context.Context, programs *sync.WaitGroup, h *house, s demoSite) error {
	dir := filepath.Join(h.data, "sites", s.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.csv"), []byte("whatsminer,super,"+demoPassword+"\n*,root,"+demoPassword+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(demoPassword+"\n"), 0o600); err != nil {
		return err
	}
	if err := shelved(dir); err != nil {
		return err
	}
	ready := make(chan struct{})
	var once sync.Once
	note := func(text string) { h.errors.Warn(text, "site", s.name) }
	world := program{name: "the world of " + s.name, args: f.worldArguments(s, f.offset), log: filepath.Join(dir, "world.log"), said: func(line string) {
		if strings.HasPrefix(line, "ready: ") {
			once.Do(func() { close(ready) })
		}
	}}
	serve := program{name: "site " + s.name, args: f.serveArguments(s), log: filepath.Join(dir, "serve.log")}
	behind := []program{serve}
	if s.gpus > 0 {
		behind = append(behind, program{name: "the hall of " + s.name, args: f.hallArguments(s), log: filepath.Join(dir, "hall.log")})
		if err := priced(dir); err != nil {
			return err
		}
		enrolTenant(ctx, programs, note, filepath.Join(dir, "hall"))
	}
	programs.Go(func() { world.keep(ctx, note) })
	for _, p := range behind { // each needs the site file, which the world writes
		programs.Go(func() {
			select {
			case <-ready:
				p.keep(ctx, note)
			case <-ctx.Done():
			}
		})
	}
	return f.attach(ctx, h, s, dir)
}

// attach attaches a site, its hall, and the books of its history.
func (f *demoFlags) attach(ctx context.Context, h *house, s demoSite, dir string) error {
	h.replays.name(s.name, recorded{site: filepath.Join(dir, siteYAML), interval: demoStep})
	all := []error{h.room.Attach(s.name, live.Dial(filepath.Join(dir, "data")))} //nolint:contextcheck // a dialled site asks with the context of each request
	if s.gpus > 0 {
		all = append(all, h.halls.Attach(hallAt(s.name+"-gpu", s.name, filepath.Join(dir, "hall"))))
	}
	if s.past {
		books := filepath.Join(dir, "books")
		err := unpackBooks(s.name, books)
		if err == nil {
			err = h.attachBooks(ctx, s.name, s.name, books)
		}
		if !errors.Is(err, fs.ErrNotExist) { // the build recorded no history
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// demoPassword is that of all virtual machines: they are reached from this computer alone.
const demoPassword = "Winter-Hall-7"

func (f *demoFlags) worldArguments(s demoSite, offset int) []string {
	return append([]string{
		"world", "--miners", strconv.Itoa(f.miners), "--seed", strconv.Itoa(s.seed), "--network", fmt.Sprintf("127.%d.0.0/16", s.network),
		"--meters", fmt.Sprintf("127.%d.0.0/24", s.network+1), "--feeders", "2", "--pue", "1.05", "--auxiliary-kw", "20",
		"--speed", strconv.Itoa(f.speed), "--port-offset", strconv.Itoa(offset), "--password-file", "password", "--site-file", "site.yaml", "--name", s.name,
		"--place", s.place, "--position", s.position,
	}, append(append(s.hallWorld(), f.limit(s)...), s.world...)...)
}

// limit is the connection of a site, on which everything fits: all machines run when the
// demonstration begins, and nothing moves those of a site that nobody trusts yet.
func (f *demoFlags) limit(s demoSite) []string {
	const machine, gpu = 0.0045, 0.0016 // MW at the meter, the largest of them
	return []string{"--limit-mw", fmt.Sprintf("%.3f", 0.05+machine*float64(f.miners)+gpu*float64(s.gpus))}
}

// hallWorld is what the world of a site with a hall is told.
func (s demoSite) hallWorld() []string {
	if s.gpus == 0 {
		return nil
	}
	return []string{"--gpus", strconv.Itoa(s.gpus), "--gpu-hall", "hall"}
}

func (f *demoFlags) hallArguments(s demoSite) []string {
	return append([]string{"hall", "run", "--site", "site.yaml", "--data", "hall", "--from", s.begin, "--speed", strconv.Itoa(f.speed)}, tenantArguments()...)
}

func (f *demoFlags) serveArguments(s demoSite) []string {
	return append([]string{
		"serve", "--site", "site.yaml", "--data", "data", "--credentials", "keys.csv", "--timeout", "2s", "--rate", "2000",
		"--market-from", s.begin, "--interval", "15m", "--speed", strconv.Itoa(f.speed), "--learned", learnedName,
	}, append(s.hallServe(), s.serve...)...)
}

func (s demoSite) hallServe() []string {
	if s.gpus == 0 {
		return nil
	}
	return []string{"--hall", "hall"}
}

// demoOffset is an offset at which the ports of machines are most likely free.
func demoOffset() int {
	for _, offset := range []int{20000, 24000, 28000, 12000} {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.41.0.1:%d", 4028+offset))
		if err == nil {
			_ = l.Close()
			return offset
		}
	}
	return 16000
}
