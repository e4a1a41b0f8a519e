// Package hold keeps two programs from writing in one folder.
package hold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrHeld is the failure to take a folder that another program has.
var ErrHeld = errors.New("another program holds it: stop the other one or choose another directory")

// Lock is a folder that is taken.
type Lock struct{ file *os.File }

// Folder is the folder that is taken.
func (l *Lock) Folder() string { return filepath.Dir(l.file.Name()) }

// Close gives the folder back. The lock is let go by name and not by closing alone:
// a program that is being started just now still has the file for an instant.
func (l *Lock) Close() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}

// Folder takes a folder by the lock of a file in it. The lock ends with Close and
// with the process, however it dies; the file stays and means nothing by itself.
func Folder(dir, name string) (*Lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("hold %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("hold %s: %w (%w)", dir, ErrHeld, err), f.Close())
	}
	return &Lock{f}, nil
}
