// Command simulate runs the kernel of actuation against every fault in virtual
// time and prints for how long each site was above its limit. It ends with 1
// when the kernel was ever above outside the declared shed window, when the use
// of the limit is too low, or when a control that must fail did not.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"sluice/unit"
	"sluice/world/faults"
)

const year = 365 * 24 * time.Hour

// row is one line of the table: a policy, a size, and its part of the years in millionths.
type row struct {
	policy faults.Policy
	units  int
	part   unit.Ratio
}

// rows shares the site-years out; large sites take longest and show least.
func rows() []row {
	return []row{
		{faults.Reserve, 10, 300_000},
		{faults.Reserve, 30, 300_000},
		{faults.Reserve, 100, 240_000},
		{faults.Reserve, 300, 140_000},
		{faults.Reserve, 2000, 20_000},
		{faults.NoSteps, 10, 100_000},
		{faults.NoSteps, 30, 100_000},
		{faults.NoSteps, 100, 100_000},
		{faults.Headroom, 10, 10_000},
		{faults.Headroom, 300, 2_000},
	}
}

func main() {
	years := flag.Int64("years", 10, "site-years of the kernel in all")
	seed := flag.Uint64("seed", 7, "seed of every run")
	workers := flag.Int("workers", runtime.NumCPU(), "runs at the same time")
	flag.Parse()
	if !simulate(*years, *seed, *workers) {
		os.Exit(1)
	}
}

// simulate runs every row and prints the table; false: a row is not as it must be.
func simulate(years int64, seed uint64, workers int) bool {
	all := rows()
	done := make([]chan faults.Result, len(all))
	slots := make(chan struct{}, max(1, workers))
	for i, r := range all {
		done[i] = make(chan faults.Result, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			done[i] <- run(r, time.Duration(years*int64(year/1_000_000))*time.Duration(r.part), seed)
		}()
	}
	fine := true
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(os.Stdout, format, a...) }
	say("%-9s %6s %6s %10s %12s %8s %7s %10s %9s %6s %7s %8s  %s\n",
		"policy", "units", "days", "over s", "in window s", "worst %", "use", "orders", "restarts", "liars", "named", "wronged", "verdict")
	for i, r := range all {
		x := <-done[i]
		verdict := judge(r, x)
		fine = fine && verdict[0] != '!'
		say("%-9s %6d %6d %10.1f %12.0f %8.2f %7.4f %10d %9d %6d %7d %8d  %s\n", r.policy, r.units, x.Length/(24*time.Hour), x.Over.Seconds(),
			(x.OverAll - x.Over).Seconds(), 100*x.Worst.Float(), x.Use.Float(), x.Orders, x.Restarts, x.Lies, x.Named, x.Wronged, verdict)
	}
	return fine
}

func run(r row, length time.Duration, seed uint64) faults.Result {
	c, err := faults.New(r.policy, r.units)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return faults.Run(c, faults.Usual(), r.units, seed, length)
}

// judge says whether a row is as it must be.
func judge(r row, x faults.Result) string {
	switch {
	case r.policy != faults.Reserve && x.Over == 0:
		return "! control passed"
	case r.policy != faults.Reserve:
		return "fails, as it must"
	case x.Over > 0 || x.Unsafe > 0:
		return "! over the limit"
	case r.units >= 300 && x.Use < 960_000:
		return "! use too low"
	}
	return "held"
}
