package replay

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sluice/loop/cycle"
)

// Each reads all papers of a run, turn after turn in their order. Papers that were
// changed after they were sealed are refused.
func Each(dir string, take func(*cycle.Turn) error) error {
	seals, err := filepath.Glob(filepath.Join(dir, "papers-*.seal.json")) // in the order of their months
	if err != nil || len(seals) == 0 {
		return fmt.Errorf("%s holds no finished papers (%w): name the folder that a replay printed", dir, ErrNoTurn)
	}
	for _, path := range seals {
		raw, err := os.ReadFile(path) //nolint:gosec // the caller named the folder
		if err != nil {
			return err
		}
		var s seal
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		err = book{dir}.read(s, func(line []byte) error {
			var t cycle.Turn
			if err := json.Unmarshal(line, &t); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			return take(&t)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
