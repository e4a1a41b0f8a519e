package main

import (
	"compress/gzip"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"sluice/live"
	"sluice/loop/cycle"
	"sluice/replay"
	"sluice/replay/report"
	"sluice/server/room"
	records "sluice/store/room"
	"sluice/store/whole"
	"sluice/world/fleet"
)

// storyFiles holds what the sites of the demonstration did before it begins; see its README.
//
//go:embed all:story
var storyFiles embed.FS

// demoEntity is whose books the history of the demonstration makes.
//
//go:embed demo_entity.yaml
var demoEntity []byte

// demoDays is for how many days before its beginning the pages show what a site of the
// demonstration did. Its books begin with the month that was billed.
const demoDays = 30

// demoStep is the settlement interval of the demonstration.
const demoStep = 15 * time.Minute

// record replays what the sites of the demonstration did before, into a folder.
func (f *demoFlags) record(c *cobra.Command, dir string) error {
	for _, s := range demoSites() {
		if !s.past {
			continue
		}
		if err := f.recordSite(c, dir, s); err != nil {
			return fmt.Errorf("replay the history of %s: %w", s.name, err)
		}
	}
	return nil
}

func (f *demoFlags) recordSite(c *cobra.Command, dir string, s demoSite) error {
	work, err := os.MkdirTemp("", "sluice-story-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // temporary
	site := filepath.Join(work, "site.yaml")
	if err := f.declareSite(s, site); err != nil {
		return err
	}
	begin, err := time.Parse(time.RFC3339, s.begin)
	if err != nil {
		return err
	}
	in := source{site: site, from: demoBilled + "-01", to: s.begin, interval: demoStep, lag: 1}
	setup, err := in.load()
	if err != nil {
		return err
	}
	run, entity := filepath.Join(work, "run"), filepath.Join(work, "entity.yaml")
	if err := os.WriteFile(entity, demoEntity, 0o600); err != nil {
		return err
	}
	var used demoUsage
	out := output{dir: run, threads: 2, books: filepath.Join(work, "books"), entity: entity, metering: used.metering()}
	found, err := runReplay(c.Context(), c.ErrOrStderr(), setup, out)
	if err != nil {
		return err
	}
	if err := packBacktest(*found, run, filepath.Join(dir, s.name+".backtest.gz")); err != nil {
		return err
	}
	if err := used.bill(c.Context(), out.books, work); err != nil {
		return err
	}
	if err := packRows(run, filepath.Join(dir, s.name+".jsonl.gz"), begin.AddDate(0, 0, -demoDays)); err != nil {
		return err
	}
	return packFile(filepath.Join(work, "books", "books.db"), filepath.Join(dir, s.name+".books.gz"))
}

// declareSite writes the site file that the world of a site writes.
func (f *demoFlags) declareSite(s demoSite, path string) error {
	c, w := worldCommand()
	if err := c.ParseFlags(f.worldArguments(s, 0)[1:]); err != nil {
		return err
	}
	w.inside, w.grid.file = "", path
	if err := w.read(); err != nil {
		return err
	}
	machines, err := fleet.New(w.config, time.Now())
	if err != nil {
		return err
	}
	limit, err := w.grid.read()
	if err != nil {
		return err
	}
	_, err = w.grid.declare(machines, limit)
	return err
}

// packRows writes the intervals of a run from an instant on, one a line.
func packRows(run, path string, from time.Time) error {
	return whole.Replace(path, whole.Public, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		e := json.NewEncoder(z)
		if err := replay.Each(run, func(t *cycle.Turn) error {
			if t.Snapshot.At.Before(from) {
				return nil
			}
			return e.Encode(live.RowOf(t, demoStep))
		}); err != nil {
			return err
		}
		return z.Close()
	})
}

// packFile writes a file, compressed.
func packFile(from, path string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // read only
	return whole.Replace(path, whole.Public, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if _, err := io.Copy(z, in); err != nil {
			return err
		}
		return z.Close()
	})
}

// tellStory gives the room what the sites did before. What was not recorded is missing.
func tellStory(ctx context.Context, to *records.Store, shelf *room.BacktestShelf) error {
	var all []error
	for _, s := range demoSites() {
		if err := errors.Join(absent(tellSite(ctx, to, s.name)), absent(tellBacktest(shelf, s))); err != nil {
			all = append(all, fmt.Errorf("history of %s: %w", s.name, err))
		}
	}
	return errors.Join(all...)
}

// absent lets an error pass that says that nothing was recorded.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func tellSite(ctx context.Context, to *records.Store, site string) error {
	z, err := openStory(site + ".jsonl.gz")
	if err != nil {
		return err
	}
	defer z.Close() //nolint:errcheck // read only
	d := json.NewDecoder(z)
	var rows []records.Interval
	for {
		var body json.RawMessage
		if err := d.Decode(&body); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		var head struct{ Start time.Time }
		if err := json.Unmarshal(body, &head); err != nil {
			return err
		}
		rows = append(rows, records.Interval{Start: head.Start, Length: demoStep, Body: body})
	}
	return to.SaveIntervals(ctx, site, rows)
}

// openStory opens a recorded file.
func openStory(name string) (io.ReadCloser, error) {
	f, err := storyFiles.Open("story/" + name)
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(f)
}

// unpackBooks puts the books of a site's history into a folder.
func unpackBooks(site, dir string) error {
	z, err := openStory(site + ".books.gz")
	if err != nil {
		return err
	}
	defer z.Close() //nolint:errcheck // read only
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return whole.Replace(filepath.Join(dir, "books.db"), whole.Private, func(w io.Writer) error {
		_, err := io.Copy(w, z) //nolint:gosec // our own file
		return err
	})
}

// packBacktest writes what every policy would have earned over the history of a site.
func packBacktest(found report.Report, run, path string) error {
	x, err := withReasons(found, run)
	if err != nil {
		return err
	}
	return whole.Replace(path, whole.Public, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if err := json.NewEncoder(z).Encode(x); err != nil {
			return err
		}
		return z.Close()
	})
}

// tellBacktest puts the backtest over a site's history on the shelf.
func tellBacktest(to *room.BacktestShelf, s demoSite) error {
	z, err := openStory(s.name + ".backtest.gz")
	if err != nil {
		return err
	}
	defer z.Close() //nolint:errcheck // read only
	var x room.Replayed
	if err := json.NewDecoder(z).Decode(&x); err != nil {
		return err
	}
	begin, err := time.Parse(time.RFC3339, s.begin)
	if err != nil {
		return err
	}
	return to.Keep(s.name, "story-"+s.name, begin, x)
}
