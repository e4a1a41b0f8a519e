package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"sluice/loop/cycle"
	"sluice/replay/report"
)

// chosen picks the turns that are compared: two thirds evenly over the period,
// the rest right after the dearest interval of each of the dearest days, when
// its price is known and stops, minimum times and restarts decide. Every turn
// has runUp turns before it.
func chosen(prices report.Trace, perDay, n, runUp int) []int {
	var out []int
	even := n - n/3
	for k := range even {
		out = append(out, runUp+k*(len(prices)-1-runUp)/max(1, even-1))
	}
	dearest := make([]int, 0, len(prices)/perDay+1)
	for day := 0; day < len(prices); day += perDay {
		top := day
		for i := day; i < min(day+perDay, len(prices)); i++ {
			if prices[i] > prices[top] {
				top = i
			}
		}
		dearest = append(dearest, top)
	}
	slices.SortStableFunc(dearest, func(a, b int) int { return int(prices[b]) - int(prices[a]) })
	for k, top := range dearest {
		i := min(top+1+k%3, len(prices)-1)
		if len(out) < n && i >= runUp && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stretch is a turn and the turns before it, oldest first.
type stretch []*cycle.Turn

// collect reads the chosen turns, each with its run-up, from the papers of a
// run. Turns are counted from the first of the run.
func collect(dir string, turns []int, runUp int) ([]stretch, error) {
	files, err := filepath.Glob(filepath.Join(dir, "papers-*.jsonl.zst"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no papers in %s: %w", dir, errors.Join(err, os.ErrNotExist))
	}
	slices.Sort(files)
	var out []stretch
	var window [][]byte
	i := 0
	for _, path := range files {
		err := lines(path, func(line []byte) error {
			window = append(window, slices.Clone(line))
			window = window[max(0, len(window)-runUp-1):]
			if slices.Contains(turns, i) {
				s, err := decode(window)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				out = append(out, s)
			}
			i++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) != len(turns) {
		return nil, fmt.Errorf("papers in %s hold %d turns, %d of the %d chosen ones: delete them to make them again", dir, i, len(out), len(turns))
	}
	return out, nil
}

func decode(window [][]byte) (stretch, error) {
	var out stretch
	for _, line := range window {
		t := &cycle.Turn{}
		if err := json.Unmarshal(line, t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// lines hands out the lines of a compressed file.
func lines(path string, each func([]byte) error) error {
	f, err := os.Open(path) //nolint:gosec // a file that this program has listed
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	r := bufio.NewReaderSize(z, 1<<20)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if err := each(line); err != nil {
			return err
		}
	}
}
