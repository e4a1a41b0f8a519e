// Bench measures what Sluice promises and prints one table per benchmark.
//
// Usage:
//
//	go run ./internal/bench replay [-years 2025,2024] [-shared FOLDER]
//	go run ./internal/bench packages [-benchtime 300ms]
//	go run ./internal/bench peers [-python PYTHON] [-year 2023] [-turns 40]
//	go run ./internal/bench books   [-parts settle,rate,post,close,kill,plant]
//	go run ./internal/bench hosting [-parts quote,shed,slurm,kueue,year]
//	go run ./internal/bench capital [-parts case,paths,numpy,bands,lsm,portfolio,tie] [-paths 10000]
//	go run ./internal/bench ui      [-parts list,now,viewers,page] [-minutes 10m]
//	go run ./internal/bench control [-machines 100000] [-parts poll,command,pyasic]
//	go run ./internal/bench all      replay, then packages
//
// Every table also goes to bench/out/<table>.json. The figures of a replay come
// from the product itself: it is built, run as a process of its own, and its
// report is read. Where a promise is broken the exit code is not zero.
//
// Exit codes: 0 every promise kept, 1 a measurement failed or a promise is
// broken, 2 wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errUsage marks a call that makes no sense.
var errUsage = errors.New("usage: bench replay|packages|peers|control|books|hosting|capital|ui|all [flags]; bench replay -h lists them")

// run is main with its surroundings handed in. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := start(ctx, args, stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	_, _ = fmt.Fprintln(stderr, "bench:", err)
	return 1
}

// everyPart measures all of a command.
const everyPart = "all"

// bench is one run of the program.
type bench struct {
	years     []int
	year      int // that the peers clear
	turns     int // that the peers clear
	shared    string
	out       string
	papers    string
	python    string
	benchtime string
	machines  int           // of the larger of the two commanded fleets; the smaller is a tenth
	pyasic    string        // Python with pyasic
	parts     string        // of control or books
	profile   string        // folder for processor profiles of the clients; "": none
	paths     int           // futures of capital
	minutes   time.Duration // for which viewers of ui listen

	work           string // folder for what need not stay
	stdout, stderr io.Writer
}

// start reads the command and does it.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	if child, found := children()[args[0]]; found {
		return child(ctx, args[1:], stdout)
	}
	b := &bench{stdout: stdout, stderr: stderr}
	commands := map[string][]func(context.Context) error{
		"replay":   {b.replay},
		"packages": {b.packages},
		"peers":    {b.peers},
		"control":  {b.control},
		"books":    {b.books},
		"hosting":  {b.hosting},
		"capital":  {b.capital},
		"ui":       {b.ui},
		"all":      {b.replay, b.packages},
	}
	steps, found := commands[args[0]]
	if !found {
		return fmt.Errorf("%q: %w", args[0], errUsage)
	}
	if err := b.flags(args[1:]); err != nil {
		return err
	}
	var err error
	if b.work, err = os.MkdirTemp("", "sluice-bench-*"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work) //nolint:errcheck // a folder in the system's own place for such
	var faults []error
	for _, step := range steps {
		faults = append(faults, step(ctx))
	}
	return errors.Join(faults...)
}

// flags reads the flags and goes to the repository's root, to which paths relate.
func (b *bench) flags(args []string) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(b.stderr)
	years := f.String("years", "2021,2022,2023,2024,2025", "UTC years to replay")
	f.IntVar(&b.year, "year", 2023, "UTC year from which turns are taken for the peers")
	f.IntVar(&b.turns, "turns", 40, "turns that the peers clear")
	f.StringVar(&b.shared, "shared", "../shared/data", "folder with the fuller Bitcoin file, used where it exists")
	f.StringVar(&b.out, "out", "bench/out", "folder for the tables as JSON")
	f.StringVar(&b.papers, "papers", "", "folder with papers of -year for the peers (default: made anew)")
	f.StringVar(&b.python, "python", ".venv/bin/python", "Python with the packages of test/peers/requirements.txt")
	f.StringVar(&b.benchtime, "benchtime", "300ms", "how long each Go benchmark runs")
	f.IntVar(&b.machines, "machines", 100_000, "virtual machines that are commanded at once by control")
	f.StringVar(&b.pyasic, "pyasic", ".venv/pyasic/bin/python", "Python with the packages of test/peers/pyasic.txt; left out where it does not exist")
	f.StringVar(&b.parts, "parts", everyPart, "which parts are measured: poll,command,pyasic of control; settle,rate,post,close,kill,plant of books; quote,shed,slurm,kueue,year of hosting; case,paths,numpy,bands,lsm,portfolio,tie of capital; list,now,viewers,page of ui")
	f.IntVar(&b.paths, "paths", 10_000, "futures that capital computes")
	f.DurationVar(&b.minutes, "minutes", 10*time.Minute, "how long viewers of ui listen")
	f.StringVar(&b.profile, "profile", "", "folder for processor profiles of the clients of control")
	if err := f.Parse(args); err != nil {
		return errors.Join(errUsage, err)
	}
	for text := range strings.SplitSeq(*years, ",") {
		y, err := strconv.Atoi(text)
		if err != nil || y < 2021 || y > 2025 {
			return fmt.Errorf("-years %q: the shipped pack has 2021 to 2025: %w", *years, errUsage)
		}
		b.years = append(b.years, y)
	}
	slices.Sort(b.years)
	b.years = slices.Compact(b.years)
	if b.turns < 2 || b.year < 2021 || b.year > 2025 {
		return fmt.Errorf("-turns %d -year %d: at least 2 turns of 2021 to 2025: %w", b.turns, b.year, errUsage)
	}
	return toRoot()
}

// measures reports whether a part of a command was asked for.
func (b *bench) measures(part string) bool {
	return b.parts == everyPart || slices.Contains(strings.Split(b.parts, ","), part)
}

// toRoot changes to the folder that holds go.mod.
func toRoot() error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return os.Chdir(dir)
		}
		if filepath.Dir(dir) == dir {
			return errors.New("no go.mod above this folder: run bench inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}
