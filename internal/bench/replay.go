package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sluice/replay/report"
)

// Promises of the replay.
const (
	monthShort = 0.1 // percent of a month's revenue that Sluice may earn less than always on
	yearWall   = 120 // seconds for a site-year on two cores
	yearMemory = 500 // megabytes for the same
)

// season is one year of the shipped site under one Bitcoin file.
type season struct {
	year  int
	pack  string // "shipped" or "fuller"
	r     *report.Report
	usage usage
}

// yearOf is the first instant of a UTC year that the shipped data allow, and
// the first after it.
func yearOf(y int) (from, to string) {
	from = fmt.Sprintf("%d-01-01T00:00:00Z", y)
	if y == 2021 {
		from = "2021-01-09T00:00:00Z" // prices begin on the 8th, and forecasts need a look back
	}
	return from, fmt.Sprintf("%d-01-01T00:00:00Z", y+1)
}

// replay measures what the product earns, what it costs to find out, and
// whether it finds the same twice.
func (b *bench) replay(ctx context.Context) error {
	packs := []string{""}
	fuller := filepath.Join(b.shared, "btc_daily.csv")
	if _, err := os.Stat(fuller); err == nil {
		packs = append(packs, fuller)
	}
	t := newTable("replay")
	t.note("Site houston, 60 MW, as shipped; 15 minutes, prices known one interval late, UTC years, 2021 from 9 January.")
	t.note("Pack shipped: subsidy only, prices estimated after 2025-08-25. Pack fuller: fees and market prices, ../shared/data/btc_daily.csv.")
	if len(packs) == 1 {
		t.note("%s is not there: the shipped pack only.", fuller)
	}
	var shipped []season
	for _, file := range packs {
		all, err := b.seasons(ctx, file)
		if err != nil {
			return err
		}
		t.add(judged(all)...)
		if file == "" {
			shipped = all
		}
	}
	return errors.Join(b.publish(t), b.cost(ctx, shipped), b.sameTwice(ctx), b.solverStart(ctx))
}

// seasons replays every year with one Bitcoin file.
func (b *bench) seasons(ctx context.Context, bitcoin string) ([]season, error) {
	pack := "shipped"
	if bitcoin != "" {
		pack = "fuller"
	}
	var out []season
	for _, y := range b.years {
		from, to := yearOf(y)
		r, u, err := b.product(ctx, play{from: from, to: to, bitcoin: bitcoin, threads: 2})
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(b.stderr, "replayed %d, pack %s: %.0f s\n", y, pack, u.Wall.Seconds())
		out = append(out, season{year: y, pack: pack, r: r, usage: u})
	}
	return out, nil
}

// judged is every figure of the years of one pack.
func judged(all []season) []figure {
	var out []figure
	for _, s := range all {
		out = append(out, s.figures()...)
	}
	return append(append(out, monthFigures(all)...), meanCapture(all)...)
}

// figures are those of one year.
func (s season) figures() []figure {
	label := func(what string) string { return fmt.Sprintf("%d %s %s", s.year, s.pack, what) }
	policies := map[string]report.Policy{}
	for _, p := range s.r.Policies {
		policies[p.ID] = p
	}
	always := policies[report.Always].Net.Float()
	var out []figure
	for _, p := range s.r.Policies {
		f := figure{Name: label("net " + p.ID), Value: p.Net.Float(), Unit: string(s.r.Period.Currency), How: "report of the product: " + p.Name}
		if p.ID != report.Always {
			f = f.above("always on", always)
		}
		out = append(out, f)
	}
	c := s.r.Capture
	ours := figure{Name: label("capture"), Value: c.Sluice.Float(), Unit: "of foresight", How: "(Sluice - always on) / (perfect foresight - always on)"}
	ours = ours.above("lag-one rule", c.Lagged.Float()).promised(">= lag-one rule", c.Sluice >= c.Lagged)
	p := policies[report.Sluice]
	return append(out, ours,
		figure{Name: label("limit violations"), Value: float64(p.Violations), Unit: "intervals", How: "intervals above the connection limit or with a broken commitment, Sluice"}.atMost(0),
		figure{Name: label("fallbacks"), Value: float64(s.r.Solver.Fallback), Unit: fmt.Sprintf("of %d turns", s.r.Solver.Turns), How: "turns decided by merit order because the solver failed"},
		figure{Name: label("papers"), Text: s.r.Papers.SHA256[:min(16, len(s.r.Papers.SHA256))], Unit: "SHA-256, 16 of 64", How: "of all papers of the year: " + s.r.Papers.SHA256},
	)
}

// meanCapture is the mean over 2022 to 2025, where all four were replayed.
func meanCapture(all []season) []figure {
	var ours, lagged float64
	n := 0
	for _, s := range all {
		if s.year >= 2022 {
			ours, lagged = ours+s.r.Capture.Sluice.Float(), lagged+s.r.Capture.Lagged.Float()
			n++
		}
	}
	if n < 4 {
		return nil
	}
	f := figure{Name: "2022-2025 " + all[0].pack + " mean capture", Value: ours / 4, Unit: "of foresight", How: "mean of the four years"}
	return []figure{f.above("lag-one rule", lagged/4)}
}
