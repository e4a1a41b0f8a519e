package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sluice/store/hold"
	"sluice/store/whole"
	"sluice/unit"
)

// memory is what must outlive the agent: it is on the disk before a limit is touched.
type memory struct {
	Epoch   int64           `json:"epoch"`
	Reloads int             `json:"reloads"`
	Boot    string          `json:"boot"` // of the node, when its limits were last seen to
	GPUs    map[string]kept `json:"gpus"` // by UUID: those whose limit is ours
}

// kept is one GPU whose limit is ours.
type kept struct {
	Before    unit.Power `json:"before_w"` // found before the first write
	Found     time.Time  `json:"found"`
	Limit     unit.Power `json:"limit_w"`          // that it must not be above
	Back      unit.Power `json:"back_w,omitempty"` // lower limit to which it returns at Until
	Until     time.Time  `json:"until,omitzero"`
	Restoring bool       `json:"restoring,omitempty"` // Before was ordered back and may be there already
}

const (
	memoryFile = "limits.json"
	memoryMost = 1 << 20
)

// recall reads the memory of a folder, which is empty at first. One that cannot be
// read is an error: what stood before our limits would be lost.
func recall(dir string) (memory, error) {
	name := filepath.Join(dir, memoryFile)
	m := memory{GPUs: map[string]kept{}}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err != nil:
		return m, fmt.Errorf("recall the limits found: %w", err)
	case info.Size() > memoryMost:
		return m, fmt.Errorf("recall the limits found: %s is larger than any this program writes: look at it, and move it away if it is not its own", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return m, fmt.Errorf("recall the limits found: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("recall the limits found: %s: %w: it holds what stood before our limits; mend it, or move it away and set every limit by hand", name, err)
	}
	if m.GPUs == nil {
		m.GPUs = map[string]kept{}
	}
	for id, k := range m.GPUs {
		if !UUID(id) || k.Before <= 0 || k.Limit <= 0 || k.Back < 0 || max(k.Before, k.Limit, k.Back) > 10*unit.Kilowatt {
			return m, fmt.Errorf("recall the limits found: %s: GPU %q with %d and %d W cannot be", name, id, int64(k.Before), int64(k.Limit))
		}
	}
	return m, nil
}

// save puts the memory on the disk.
func (m memory) save(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the limits found: %w", err)
	}
	return whole.Replace(filepath.Join(dir, memoryFile), whole.Private, whole.Text(append(text, '\n')))
}

// take locks the folder, so that a command and a service on one node do not meet. It
// waits for the other as long as ctx lasts.
func take(ctx context.Context, dir string) (*hold.Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for the limits found: %w", err)
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		l, err := hold.Folder(dir, "lock")
		if !errors.Is(err, hold.ErrHeld) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-again.C:
		}
	}
}
