package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// benchmark is one line of `go test -bench`.
type benchmark struct {
	pkg, name string
	ns        float64
	bytes     float64 // allocated an operation
	allocs    float64
}

// measured are the packages whose benchmarks are run. Those of this package are
// the yardsticks that belong to no other.
func measured() []string {
	return []string{"./unit", "./solve", "./power", "./use/mining", "./loop/forecast", "./loop/dispatch", "./internal/bench"}
}

// yardstick says what a benchmark is held against in the same run.
type yardstick struct{ pkg, name, against, says string }

func yardsticks() []yardstick {
	return []yardstick{
		{"internal/bench", "MulDiv", "MulDivBig", "math/big"},
		{"internal/bench", "ClearWarm", "ClearCold", "cleared from nothing"},
		{"solve", "Rolling/96x15min", "Cold", "solved from nothing"},
		{"solve", "RollingGuarded", "Rolling/96x15min", "without guards"},
		{"solve", "Reload", "Cold", "solved from nothing"},
		{"solve", "StartFromCache", "Compile", "compiled"},
	}
}

// packages runs the Go benchmarks.
func (b *bench) packages(ctx context.Context) error {
	t := newTable("packages")
	var all []benchmark
	for _, pkg := range measured() {
		var out bytes.Buffer
		c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", b.benchtime, pkg) //nolint:gosec // a package of this module
		c.Stdout = &out
		if _, err := execute(c); err != nil {
			return fmt.Errorf("benchmarks of %s: %w\n%s", pkg, err, out.String())
		}
		found, err := readBenchmarks(&out, strings.TrimPrefix(pkg, "./"))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(b.stderr, "%s: %d benchmarks\n", pkg, len(found))
		all = append(all, found...)
	}
	for _, x := range all {
		f := figure{
			Name: x.pkg + " " + x.name, Value: x.ns, Unit: "ns/op",
			How: fmt.Sprintf("go test -bench, %s, %.0f B and %.0f allocations an operation", b.benchtime, x.bytes, x.allocs),
		}
		if y, against := yardstickOf(x, all); y != nil {
			f = f.below(y.says, against)
		}
		t.add(f)
	}
	return errors.Join(b.publish(t), lacking(all))
}

// lacking reports yardsticks that name a benchmark which was not run, so that a
// renamed benchmark does not lose its yardstick silently.
func lacking(all []benchmark) error {
	var faults []error
	for _, y := range yardsticks() {
		if found, _ := yardstickOf(benchmark{pkg: y.pkg, name: y.name}, all); found == nil {
			faults = append(faults, fmt.Errorf("yardstick %s of %s %s was not run: was it renamed?", y.against, y.pkg, y.name))
		}
		if !slices.ContainsFunc(all, func(x benchmark) bool { return x.pkg == y.pkg && x.name == y.name }) {
			faults = append(faults, fmt.Errorf("benchmark %s of %s was not run: was it renamed?", y.name, y.pkg))
		}
	}
	return errors.Join(faults...)
}

// yardstickOf finds the yardstick of a benchmark among those of the same run.
func yardstickOf(x benchmark, all []benchmark) (*yardstick, float64) {
	for _, y := range yardsticks() {
		if y.pkg != x.pkg || y.name != x.name {
			continue
		}
		for _, other := range all {
			if other.pkg == y.pkg && other.name == y.against {
				return &y, other.ns
			}
		}
	}
	return nil, 0
}

// reBenchmark is a result line: name, number of processors, runs, values.
var reBenchmark = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// readBenchmarks reads what `go test -bench` prints.
func readBenchmarks(r io.Reader, pkg string) ([]benchmark, error) {
	var out []benchmark
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		m := reBenchmark.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		x := benchmark{pkg: pkg, name: m[1]}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("benchmark %s of %s: %q is no number", x.name, pkg, fields[i])
			}
			switch fields[i+1] {
			case "ns/op":
				x.ns = v
			case "B/op":
				x.bytes = v
			case "allocs/op":
				x.allocs = v
			}
		}
		out = append(out, x)
	}
	return out, lines.Err()
}
