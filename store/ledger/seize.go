package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sluice/store/hold"
	"sluice/store/whole"
)

// lockName is the file whose lock says that a program writes the books beside it.
const lockName = "books.lock"

// seize makes the directory where it is missing and takes its lock.
func seize(dir string) (*hold.Lock, error) {
	if _, err := os.Stat(dir); err != nil {
		if err := errors.Join(os.MkdirAll(dir, 0o700), whole.SyncFolder(filepath.Dir(dir))); err != nil {
			return nil, fmt.Errorf("create the directory: %w", err)
		}
	}
	f, err := hold.Folder(dir, lockName)
	if errors.Is(err, hold.ErrHeld) {
		return nil, fmt.Errorf("%w: %w", ErrHeld, err)
	}
	return f, err
}
