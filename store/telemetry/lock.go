package telemetry

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// seize takes the lock of a folder. It ends with the process, however it dies;
// the file stays and means nothing by itself.
func seize(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create folder %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "telemetry.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock folder %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock folder %s: %w (%w): stop the other one or choose another folder", dir, ErrLocked, err)
	}
	return f, nil
}

// freeBytes is how much of a folder's disk this program may still fill.
func freeBytes(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", dir, err)
	}
	return int64(s.Bavail * uint64(s.Bsize)), nil
}
