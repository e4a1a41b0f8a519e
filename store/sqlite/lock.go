package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file whose lock says that a program writes in its folder.
const lockName = "sluice.lock"

// seize takes the lock of a data directory. The lock ends with the process,
// however it dies; the file stays and means nothing by itself.
func seize(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock data directory %s: %w (%w): stop the other one or choose another directory", dir, ErrLocked, err)
	}
	return f, nil
}

// settleDirectory makes the names in a folder durable: a synced file whose name
// was not synced can be gone after a power loss.
func settleDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}
