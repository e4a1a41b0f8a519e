package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/capital/quote"
	"sluice/driver/quotefile"
	"sluice/replay/report"
	"sluice/unit"
)

// hosting measures what one market for miners and tenants is worth, what taking
// power from tenants costs in which order, how long engines take, and the worked quote.
func (b *bench) hosting(ctx context.Context) error {
	t := newTable("hosting")
	t.note("Site houston-gpu as shipped: 60 MW, miners and a hall of 6,800 GPUs; contracts, prices and idle power are made up, jobs follow recorded ones of other clusters.")
	var faults []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *table) error
	}{{"quote", b.quoted}, {"shed", b.shed}, {"slurm", b.slurm}, {"kueue", b.kueue}, {"year", b.together}} {
		if !b.measures(part.name) {
			continue
		}
		begin := time.Now()
		if err := part.run(ctx, t); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", part.name, err))
		}
		_, _ = fmt.Fprintf(b.stderr, "%s: %.0f s\n", part.name, time.Since(begin).Seconds())
	}
	return errors.Join(append(faults, b.publish(t))...)
}

// quoted is the worked quote of the formula page and its variants.
func (b *bench) quoted(_ context.Context, t *table) error {
	f, err := quotefile.Load("gb300", "", quotefile.Said{})
	if err != nil {
		return err
	}
	rows, err := quote.Compare(f.Terms, quote.GPUHours, quote.Usual())
	if err != nil {
		return err
	}
	base, err := quote.GPUHours(f.Terms)
	if err != nil {
		return err
	}
	p, err := base.Price()
	if err != nil {
		return err
	}
	worked := unit.Amount(3_967_600)
	t.add(figure{Name: "quote, worked base case", Value: p.Least.Float(), Unit: "USD/GPU-h", How: "capital/quote on the shipped example gb300"}.
		promised("3.9676", near(p.Least, worked)))
	for _, r := range rows {
		t.add(figure{Name: "quote, " + r.Change.Name, Value: r.Least.Float(), Unit: "USD/GPU-h", How: "one input changed"})
	}
	return nil
}

// near is the same to four decimals.
func near(a, b unit.Amount) bool { return a-b < 50 && b-a < 50 }

// together replays a year of the shipped site with its hall, once.
func (b *bench) together(ctx context.Context, t *table) error {
	from, to := yearOf(2025)
	r, u, err := b.product(ctx, play{site: "houston-gpu", from: from, to: to, threads: 2})
	if err != nil {
		return err
	}
	if r.Hosting == nil {
		return errors.New("the report says nothing of halls")
	}
	t.add(figure{Name: "year 2025 with the hall, wall", Value: u.Wall.Seconds(), Unit: "s", How: "all policies, the hall apart, the miners alone, papers"})
	ways := map[string]report.Way{}
	for _, w := range r.Hosting.Ways {
		ways[w.ID] = w
		usd := func(what string, a unit.Amount) {
			t.add(figure{Name: w.ID + ", " + what, Value: a.Float(), Unit: "USD", How: "replay of 2025"})
		}
		usd("net", w.Net)
		usd("credits paid", w.Credits)
		t.add(figure{Name: w.ID + ", promised GPU-hours down", Value: float64(w.Down) / 3600, Unit: "GPU-h", How: "reserved, flexible and colocation, excused not counted"})
	}
	one, apart, alone, best := ways[report.Together], ways[report.Apart], ways[report.NoHall], ways[report.Foreseen]
	t.add(
		figure{Name: "one market against a fixed share", Value: (one.Net - apart.Net).Float(), Unit: "USD", How: "net margin of the year"}.above("fixed share's net", apart.Net.Float()).promised("> 0", one.Net > apart.Net),
		figure{Name: "one market against mining only", Value: (one.Net - alone.Net).Float(), Unit: "USD", How: "net margin of the year"}.above("mining's net", alone.Net.Float()),
		figure{Name: "contract months below their level, avoidable", Value: float64(max(0, one.Missed-best.Missed)), Unit: "months", How: fmt.Sprintf("%d missed, %d by the program that knows everything", one.Missed, best.Missed)}.atMost(0),
	)
	return nil
}
