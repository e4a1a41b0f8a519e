package sqlite

import (
	"errors"
	"fmt"

	"sluice/store/hold"
)

// lockName is the file whose lock says that a program writes in its folder.
const lockName = "sluice.lock"

// seize takes the lock of a data directory.
func seize(dir string) (*hold.Lock, error) {
	f, err := hold.Folder(dir, lockName)
	if errors.Is(err, hold.ErrHeld) {
		return nil, fmt.Errorf("lock data directory %s: %w: %w", dir, ErrLocked, err)
	}
	return f, err
}
