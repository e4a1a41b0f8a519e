// Package claim keeps two sites on one computer from commanding the same machines.
//
// Who runs a site claims its device networks in a folder of the user: one file for
// each claim, held by a lock that ends with the process, however it dies. A file
// that nobody holds means nothing. Sites on two computers do not see each other's
// claims; there the states held_by_another and contended tell.
package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Claim is what a site looks after.
type Claim struct {
	Site      string
	Directory string         // where it keeps its data
	Networks  []netip.Prefix // of its machines and meters
	Offset    int            // added to every port: virtual sites with different ones stand apart
	Process   int
}

// ErrTaken says that another site looks after one of the networks.
var ErrTaken = errors.New("another site looks after these machines")

// Held is a claim that stands until Release, or until the process ends.
type Held struct {
	file *os.File
}

// Folder is where the claims of this user are kept: below the home, so that a
// service and a person at a terminal meet, or else in the folder for temporary
// files.
func Folder() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "sluice", "networks")
	}
	return filepath.Join(os.TempDir(), "sluice-"+strconv.Itoa(os.Getuid()), "networks")
}

// Take claims the networks of c in a folder, which is made when it is missing. It
// returns ErrTaken, with who holds what, where a network overlaps one that a
// living process holds; any other error means that the folder cannot be used.
func Take(folder string, c Claim) (*Held, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("claim the device networks: %w", err)
	}
	gate, err := open(filepath.Join(folder, "gate"))
	if err != nil {
		return nil, err
	}
	defer gate.Close() //nolint:errcheck // the lock ends with it
	if err := syscall.Flock(int(gate.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("claim the device networks: lock %s: %w", folder, err)
	}
	if err := against(folder, c); err != nil {
		return nil, err
	}
	return hold(folder, c)
}

// Release gives the networks back.
func (h *Held) Release() error {
	if h == nil {
		return nil
	}
	return errors.Join(os.Remove(h.file.Name()), h.file.Close())
}

func open(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("claim the device networks: %w", err)
	}
	return f, nil
}

const suffix = ".claim"

// against compares a claim with all that are held. Whoever calls it has the gate.
func against(folder string, c Claim) error {
	all, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("claim the device networks: %w", err)
	}
	for _, e := range all {
		if !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		other, held := read(filepath.Join(folder, e.Name()))
		if !held {
			continue
		}
		if n, both := c.overlaps(other); both {
			return fmt.Errorf("%w: site %s (process %d, data in %s) holds %s: stop it first, or give each site device networks of its own",
				ErrTaken, other.Site, other.Process, other.Directory, n)
		}
	}
	return nil
}

// read reads a claim, and takes away one that nobody holds.
func read(path string) (c Claim, held bool) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return c, false
	}
	defer f.Close() //nolint:errcheck // read only
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		_ = os.Remove(path)
		return c, false
	}
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return c, false // a claim is written before the gate opens, so this is no claim
	}
	return c, true
}

// overlaps is a network that both look after.
func (c Claim) overlaps(other Claim) (netip.Prefix, bool) {
	for _, a := range c.Networks {
		for _, b := range other.Networks {
			if a.Overlaps(b) && c.Offset == other.Offset {
				return b, true
			}
		}
	}
	return netip.Prefix{}, false
}

// hold writes a claim and locks it.
func hold(folder string, c Claim) (*Held, error) {
	f, err := os.CreateTemp(folder, "*"+suffix)
	if err != nil {
		return nil, fmt.Errorf("claim the device networks: %w", err)
	}
	text, err := json.Marshal(c)
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("claim the device networks: %w", err), os.Remove(f.Name()), f.Close())
	}
	return &Held{file: f}, nil
}
