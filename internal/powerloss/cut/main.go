// Command cut takes the power away from the programs of the rig, the sound and
// the broken ones, as often as it is told, and prints what they lost. It fails
// when a sound one lost anything or a broken one nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"sluice/internal/powerloss"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) //nolint:forbidigo // a program begins here
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cut:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if was, err := powerloss.Victim(ctx, os.Getenv(powerloss.Marker), out); was {
		return err
	}
	flags := flag.NewFlagSet("cut", flag.ContinueOnError)
	cuts := flags.Int("cuts", 1000, "cuts of the store; the programs that calibrate the rig get a tenth")
	seed := flags.Uint64("seed", 1, "seed of the moments and of what survives")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !powerloss.Available() {
		return fmt.Errorf("%s is missing: load the kernel module fuse, or run on a machine that has it", powerloss.Device)
	}
	var faults []error
	few := max(*cuts/10, 10)
	for _, t := range []powerloss.Trial{
		{Program: powerloss.Log, Cuts: few},
		{Program: powerloss.LogBare, Cuts: few},
		{Program: powerloss.LogLoose, Cuts: few, Rounds: 1},
		{Program: powerloss.StoreBare, Cuts: few},
		{Program: powerloss.Store, Cuts: *cuts},
	} {
		t.Seed = *seed
		faults = append(faults, try(ctx, t, out))
	}
	return errors.Join(faults...)
}

// try runs one trial in a folder of its own.
func try(ctx context.Context, t powerloss.Trial, out io.Writer) (err error) {
	if t.Binary, err = os.Executable(); err != nil {
		return fmt.Errorf("find own binary: %w", err)
	}
	if t.Folder, err = os.MkdirTemp("", "powerloss"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(t.Folder)) }()
	got, err := powerloss.Run(ctx, t)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Program, err)
	}
	if _, err := fmt.Fprintf(out, "%-14s %v\n", t.Program, got); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	sound := t.Program == powerloss.Log || t.Program == powerloss.Store
	switch {
	case sound && got.Lost+got.Phantoms+got.Unreadable > 0:
		return fmt.Errorf("%s must lose nothing; first: %s", t.Program, got.First)
	case !sound && got.Lost == 0:
		return fmt.Errorf("%s is broken on purpose and lost nothing: do not believe the rig", t.Program)
	}
	return nil
}
