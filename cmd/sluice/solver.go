package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sluice/loop/dispatch"
	"sluice/solve"
)

// cacheDir is where compiled solver code and finished runs are kept.
func cacheDir() (string, error) {
	if dir := os.Getenv("SLUICE_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a cache folder: %w: set SLUICE_CACHE", err)
	}
	return filepath.Join(dir, "sluice"), nil
}

// solvers opens one solver for every goroutine that asks, over one compiled
// module. A binary without the module gets none: merit order decides, loudly.
func solvers(stderr io.Writer) func(context.Context) (dispatch.Solver, error) {
	var once sync.Once
	var engine *solve.Engine
	var failed error
	return func(ctx context.Context) (dispatch.Solver, error) {
		once.Do(func() {
			dir, err := cacheDir()
			if err == nil {
				dir = filepath.Join(dir, "wasm")
				err = os.MkdirAll(dir, 0o700) // it holds machine code
			}
			if err != nil {
				failed = err
				return
			}
			begin := time.Now()
			engine, failed = solve.New(context.WithoutCancel(ctx), solve.Config{CacheDir: dir, Now: func() time.Duration { return time.Since(begin) }})
		})
		if errors.Is(failed, solve.ErrNoSolver) {
			fmt.Fprintln(stderr, "warning: this binary has no solver; merit order decides every turn")
			return nil, nil //nolint:nilnil // no solver is a working answer: the market falls back by itself
		}
		if failed != nil {
			return nil, failed
		}
		return engine.Instance(ctx)
	}
}
