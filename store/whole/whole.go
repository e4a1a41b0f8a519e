// Package whole writes files whole or not at all. What was there stays until all
// that is new is on the disk, so that neither a failed program nor a power cut
// leaves half a file, or none.
package whole

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The permissions of a file.
const (
	Public  fs.FileMode = 0o644 // everyone may read it
	Private fs.FileMode = 0o600 // only its owner may
)

// Replace puts what fill writes in the place of the file of that name, which need
// not exist. It is on the disk when Replace returns without error. After an error
// the file is as it was, except that a fault of the folder's own sync leaves open
// which of the two a power cut would leave.
func Replace(name string, mode fs.FileMode, fill func(io.Writer) error) error {
	return write(name, mode, fill, os.Rename)
}

// Create is like Replace for a file that must not exist; else the error wraps
// fs.ErrExist.
func Create(name string, mode fs.FileMode, fill func(io.Writer) error) error {
	return write(name, mode, fill, func(from, to string) error {
		return errors.Join(os.Link(from, to), os.Remove(from)) // a link, unlike a rename, never replaces
	})
}

// Text fills a file with what is at hand already.
func Text(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// write fills a file beside the one wanted and lets place put it there. Its name
// begins with a dot, which keeps it out of listings and of go:embed.
func write(name string, mode fs.FileMode, fill func(io.Writer) error, place func(from, to string) error) error {
	folder := filepath.Dir(name)
	f, err := os.CreateTemp(folder, ".writing-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w := bufio.NewWriter(f)
	err = errors.Join(fill(w), w.Flush(), f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = place(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what could not be written says enough
		return fmt.Errorf("write %s: %w", name, err)
	}
	return SyncFolder(folder)
}

// SyncFolder has the names in a folder on the disk: a synced file whose name was
// not synced can be gone after a power loss.
func SyncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
