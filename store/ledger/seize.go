package ledger

import (
	"errors"
	"fmt"

	"sluice/store/file"
	"sluice/store/hold"
)

// lockName is the file whose lock says that a program writes the books beside it.
const lockName = "books.lock"

// seize makes the directory where it is missing and takes its lock.
func seize(dir string) (*hold.Lock, error) {
	lock, err := file.Seize(dir, lockName)
	if errors.Is(err, hold.ErrHeld) {
		return nil, fmt.Errorf("%w: %w", ErrHeld, err)
	}
	return lock, err
}
