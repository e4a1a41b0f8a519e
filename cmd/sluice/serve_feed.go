package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"sluice/data"
	"sluice/driver/sitefile"
	"sluice/loop"
	"sluice/loop/forecast"
	"sluice/loop/settle"
	"sluice/replay"
)

// feed is the market of a site that runs: files that somebody brings up to date,
// read again when they change.
type feed struct {
	in   source
	file *sitefile.File
	tape *replay.Tape
	seen map[string]time.Time // when each file was changed last
}

// unsettled is how long an interval may wait for its price.
const unsettled = 7 * 24 * time.Hour

// ahead is how far beyond its start a market may be asked.
const ahead = 400 * 24 * time.Hour

func newFeed(in source, file *sitefile.File, now time.Time) (*feed, error) {
	f := &feed{in: in, file: file, seen: map[string]time.Time{}}
	return f, f.read(now)
}

// files are those of the caller; shipped ones never change.
func (f *feed) files() []string {
	all := []string{f.in.prices, f.in.bitcoin, f.in.air}
	if f.file.Prices != nil && f.in.prices == "" {
		all = append(all, f.file.Prices.File)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" || slices.Contains(data.Names(), name) })
}

// read reads everything and tells a new desk what was published before now.
func (f *feed) read(now time.Time) error {
	for _, name := range f.files() {
		if i, err := os.Stat(name); err == nil {
			f.seen[name] = i.ModTime()
		}
	}
	s, err := f.in.market(f.file)
	if err != nil {
		return err
	}
	s.From = now.Add(-unsettled).Truncate(s.Step)
	s.To = s.From.Add(ahead)
	f.tape, err = replay.NewTape(s)
	return err
}

// changed reports whether a file was brought up to date.
func (f *feed) changed() bool {
	return slices.ContainsFunc(f.files(), func(name string) bool {
		i, err := os.Stat(name)
		return err == nil && !i.ModTime().Equal(f.seen[name])
	})
}

// Facts implements live.Feed.
func (f *feed) Facts(ctx context.Context, now time.Time) (loop.Facts, error) {
	if f.changed() {
		if err := f.read(now); err != nil {
			return loop.Facts{}, fmt.Errorf("read the market again: %w", err)
		}
	}
	return f.tape.Facts(ctx, now)
}

// Prices implements live.Feed.
func (f *feed) Prices(start time.Time) (settle.Prices, bool) { return f.tape.Prices(start) }

// Desk implements live.Feed.
func (f *feed) Desk() *forecast.Desk { return f.tape.Desk() }
