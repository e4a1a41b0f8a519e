package telemetry

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"sluice/store/hold"
)

// seize makes the folder where it is missing and takes its lock.
func seize(dir string) (*hold.Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create folder %s: %w", dir, err)
	}
	f, err := hold.Folder(dir, "telemetry.lock")
	if errors.Is(err, hold.ErrHeld) {
		return nil, fmt.Errorf("lock folder %s: %w: %w", dir, ErrLocked, err)
	}
	return f, err
}

// freeBytes is how much of a folder's disk this program may still fill.
func freeBytes(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", dir, err)
	}
	return int64(s.Bavail * uint64(s.Bsize)), nil
}
