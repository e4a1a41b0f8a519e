package bitcoin

import (
	"fmt"
)

// Watch is what is watched.
type Watch struct {
	Network Network
	Targets []Target
	Gap     int   // unused addresses in a row after which a wallet has no more; 0 means GapLimit
	Step    int64 // most blocks that one update goes forward; 0: all there are
}

// GapLimit is how many unused addresses in a row most wallets look at (BIP 44).
const GapLimit = 20

const (
	gapMost    = 1000
	scriptMost = 50_000 // that are watched at once
)

// check says what is wrong before anything is asked.
func (w Watch) check(seen Seen) error {
	if _, err := w.Network.params(); err != nil {
		return err
	}
	if w.Gap < 0 || w.Gap > gapMost {
		return fmt.Errorf("gap %d: %w: want 1 to %d, or 0 for %d", w.Gap, ErrConfig, gapMost, GapLimit)
	}
	if seen.Start < 0 || w.Step < 0 {
		return fmt.Errorf("start at height %d in steps of %d: %w: want 0 or above", seen.Start, w.Step, ErrConfig)
	}
	return nil
}

// Scripts are what is watched when nothing has been received yet.
func (w Watch) Scripts() ([]Script, error) {
	if err := w.check(Seen{}); err != nil {
		return nil, err
	}
	return w.scripts(nil)
}

// scripts are what must be watched now: of endless targets every address up to
// the last that received, and the gap behind it.
func (w Watch) scripts(received []Receipt) ([]Script, error) {
	used := make(map[string]bool, len(received))
	for _, r := range received {
		used[r.Script] = true
	}
	var out []Script
	had := map[string]bool{}
	for _, t := range w.Targets {
		for _, c := range t.chains {
			row, err := w.row(c, used)
			if err != nil {
				return nil, err
			}
			for _, s := range row {
				if !had[s.hex] {
					had[s.hex] = true
					out = append(out, s)
				}
			}
			if len(out) > scriptMost {
				return nil, fmt.Errorf("%w: more than %d addresses: watch fewer keys", ErrTarget, scriptMost)
			}
		}
	}
	return out, nil
}

// row are the addresses of one row.
func (w Watch) row(c chain, used map[string]bool) ([]Script, error) {
	if c.key == nil {
		return []Script{c.fixed}, nil
	}
	gap := w.Gap
	if gap == 0 {
		gap = GapLimit
	}
	var out []Script
	for last := 0; len(out) < last+gap && len(out) <= scriptMost; {
		s, err := c.at(uint32(len(out)))
		if err != nil {
			return nil, err
		}
		if out = append(out, s); used[s.hex] {
			last = len(out)
		}
	}
	return out, nil
}
