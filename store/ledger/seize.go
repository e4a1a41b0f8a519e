package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file whose lock says that a program writes the books beside it.
const lockName = "books.lock"

// seize makes the directory where it is missing and takes its lock, which ends
// with the process, however it dies.
func seize(dir string) (*os.File, error) {
	if _, err := os.Stat(dir); err != nil {
		if err := errors.Join(os.MkdirAll(dir, 0o700), settleDirectory(dir)); err != nil {
			return nil, fmt.Errorf("create the directory: %w", err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%w): stop the other one or choose another directory", ErrHeld, err), f.Close())
	}
	return f, nil
}

// settleDirectory makes the name of a file durable: a synced file whose name was
// not synced can be gone after a power loss.
func settleDirectory(name string) error {
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
