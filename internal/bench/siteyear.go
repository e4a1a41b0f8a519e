package main

import (
	"context"
	"fmt"
	"time"
)

// cost is what a site-year costs to compute.
func (b *bench) cost(ctx context.Context, all []season) error {
	t := newTable("site-year")
	t.note("One site-year: 15 minutes, 36 hours ahead, cleared again every turn; two threads on two processors; one process of the product, all five policies and papers included.")
	var longest season
	for _, s := range all {
		label := func(what string) string { return fmt.Sprintf("%d %s", s.year, what) }
		how := "getrusage of the process, pack " + s.pack
		t.add(
			figure{Name: label("wall"), Value: s.usage.Wall.Seconds(), Unit: "s", How: "from start to end of the process"}.below("promise", yearWall).atMost(yearWall),
			figure{Name: label("processor"), Value: s.usage.CPU.Seconds(), Unit: "s", How: how},
			figure{Name: label("peak memory"), Value: float64(s.usage.Peak) / 1e6, Unit: "MB resident", How: how}.below("promise", yearMemory).atMost(yearMemory),
			figure{Name: label("processor a turn"), Value: s.usage.CPU.Seconds() * 1000 / float64(s.r.Solver.Turns), Unit: "ms", How: "processor time by turns, everything included"},
		)
		if s.usage.CPU > longest.usage.CPU {
			longest = s
		}
	}
	from, to := yearOf(longest.year)
	shares, err := b.shares(ctx, from, to)
	if err != nil {
		return err
	}
	t.add(shares...)
	return b.publish(t)
}

// sameTwice replays one month twice with one thread and twice with two.
func (b *bench) sameTwice(ctx context.Context) error {
	t := newTable("determinism")
	year := b.years[len(b.years)-1]
	p := play{from: fmt.Sprintf("%d-01-01", year), to: fmt.Sprintf("%d-03-01", year)}
	if year == 2021 {
		p.from = "2021-01-09"
	}
	first := ""
	for _, threads := range []int{1, 1, 2, 2} {
		p.threads = threads
		r, u, err := b.product(ctx, p)
		if err != nil {
			return err
		}
		if first == "" {
			first = r.Papers.SHA256
		}
		f := figure{
			Name: fmt.Sprintf("run %d, %d threads", len(t.Figures)+1, threads), Text: r.Papers.SHA256[:16], Unit: "SHA-256, 16 of 64",
			How: fmt.Sprintf("all papers of January and February %d, %d turns, %.1f s: %s", year, r.Papers.Turns, u.Wall.Seconds(), r.Papers.SHA256),
		}
		t.add(f.promised("as the first", r.Papers.SHA256 == first))
	}
	t.note("Two months, so that two threads plan at the same time; processes that share nothing.")
	return b.publish(t)
}

// settled is how long a figure of a short measurement is repeated.
const settled = 5

// solverStart measures how soon a process has a solver.
func (b *bench) solverStart(ctx context.Context) error {
	t := newTable("solver-start")
	cache, err := b.compiled()
	if err != nil {
		return err
	}
	var cold, second started
	if _, err := again(ctx, &cold, "child-start", cache); err != nil {
		return err
	}
	for k := range settled {
		var s started
		if _, err := again(ctx, &s, "child-start", cache); err != nil {
			return err
		}
		if k == 0 || s.Wall < second.Wall {
			second = s
		}
	}
	seconds := func(name string, d time.Duration, how string) figure {
		return figure{Name: name, Value: d.Seconds(), Unit: "s", How: how}
	}
	t.add(
		seconds("first start", cold.Wall, "wall; compile the module, fill the cache, make an instance, solve one program"),
		seconds("first start, processor", cold.CPU, "processor time of the same"),
		seconds("second start", second.Wall, fmt.Sprintf("wall; the same from the cache in a new process, best of %d", settled)).below("first start", cold.Wall.Seconds()).promised("< 0.2", second.Wall < 200*time.Millisecond),
		seconds("second start, processor", second.CPU, "processor time of the same"),
	)
	return b.publish(t)
}
