package replay

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/loop/cycle"
)

// ErrNoTurn marks a turn that a run's papers do not hold.
var ErrNoTurn = errors.New("no such turn")

// Find reads one turn from the papers of a run. The turn is its number or an
// instant inside its interval. Nothing but the papers is read, and papers that
// were changed after they were sealed are refused.
func Find(dir, turn string) (*cycle.Turn, error) {
	number, at, err := parseTurn(turn)
	if err != nil {
		return nil, err
	}
	seals, err := filepath.Glob(filepath.Join(dir, "papers-*.seal.json"))
	if err != nil || len(seals) == 0 {
		return nil, fmt.Errorf("%s holds no finished papers (%w): name the folder that a replay printed", dir, ErrNoTurn)
	}
	slices.SortStableFunc(seals, func(a, b string) int { return cmp.Compare(unlikely(a, number, at), unlikely(b, number, at)) })
	var span []time.Time
	for _, path := range seals {
		t, err := findIn(dir, path, number, at, &span)
		if t != nil || err != nil {
			return t, err
		}
	}
	if len(span) == 0 {
		return nil, fmt.Errorf("turn %s: %w in %s", turn, ErrNoTurn, dir)
	}
	return nil, fmt.Errorf("turn %s: %w: the papers in %s reach from %s to %s", turn, ErrNoTurn, dir,
		day(slices.MinFunc(span, time.Time.Compare)), day(slices.MaxFunc(span, time.Time.Compare)))
}

// unlikely orders months by where a turn may be, so that a year is not read for
// one turn: 0 where its instant lies in the month or a day beside it, else 1. A
// number is an instant for each length that an interval may have.
func unlikely(path string, number int64, at time.Time) int {
	month := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "papers-"), ".seal.json")
	instants := []time.Time{at}
	if at.IsZero() {
		instants = nil
		for _, minutes := range []int64{5, 15, 30, 60} {
			instants = append(instants, time.Unix(number*minutes*60, 0).UTC())
		}
	}
	for _, t := range instants {
		for _, shift := range []int{-1, 0, 1} {
			if t.AddDate(0, 0, shift).Format("2006-01") == month {
				return 0
			}
		}
	}
	return 1
}

func parseTurn(turn string) (int64, time.Time, error) {
	if n, err := strconv.ParseInt(turn, 10, 64); err == nil {
		return n, time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, turn); err == nil {
			return 0, t.UTC(), nil
		}
	}
	return 0, time.Time{}, fmt.Errorf("turn %q: give its number or an instant in UTC such as 2025-08-20T22:15Z", turn)
}

// findIn looks through the papers of one month.
func findIn(dir, path string, number int64, at time.Time, span *[]time.Time) (*cycle.Turn, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the caller named the folder
	if err != nil {
		return nil, err
	}
	var s seal
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found *cycle.Turn
	err = book{dir}.read(s, func(line []byte) error {
		if found != nil {
			return nil // the rest of the month is read for its seal
		}
		var head struct {
			Delivery struct {
				Turn   int64
				At     time.Time
				Length time.Duration
			}
		}
		if err := json.Unmarshal(tail(line), &head); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		d := head.Delivery
		*span = append(*span, d.At)
		if d.Turn != number && (at.IsZero() || at.Before(d.At) || !at.Before(d.At.Add(d.Length))) {
			return nil
		}
		found = &cycle.Turn{}
		if err := json.Unmarshal(line, found); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// tail is the end of a line of papers as an object of its own, from Delivery
// on, so that the long plan need not be read to know which turn it is.
func tail(line []byte) []byte {
	i := strings.LastIndex(string(line), `,"Delivery":`)
	if i < 0 {
		return line
	}
	return append([]byte("{"), line[i+1:]...)
}
