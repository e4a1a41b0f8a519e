package sitefile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use/export"
	"sluice/use/mining"
)

// File is what a site file declares, in the words of the rooms.
type File struct {
	Name   string // as the caller named it
	SHA256 string // of the bytes as read

	Site      site.Site
	Contracts power.Contracts
	Groups    []mining.Group
	Models    []mining.Model // the site's own machine models
	Hosting   *Hosting       // nil: no GPUs

	Control *Control // nil: the file does not say how to run the site live

	Failures map[string]Failures // by group, or hall of GPUs as "hosting/HALL"; who has no entry never fails

	Horizon time.Duration // how far a plan looks ahead
	Fine    time.Duration // how long its intervals stay at the settlement length

	Synthetic bool     // the shipped prices are made up; every report must say so
	Notes     []string // for every report: the file's own, then what Read noticed

	Prices *Prices // nil: prices come with the command
	Air    *Air    // nil: temperatures are unknown
}

// Failures says how often machines of a simulated plant break. It has the
// fields of world.Failures and converts to it; the doors do not import each other.
type Failures struct {
	Between time.Duration // mean time between failures of one machine; 0: nothing fails
	Repair  time.Duration // mean time to repair
	Seed    uint64
}

// Prices is where a replay finds prices when none are named.
type Prices struct {
	File     string         // of the shipped pack, or a path
	Column   string         // "": found by its name
	Time     string         // column of the stamps; "": found by its name
	Zone     *time.Location // of stamps that carry no offset; never nil
	End      bool           // stamps name the end of their interval
	Currency unit.Currency  // "": what the column says, or that of the site
	PerKWh   bool           // prices are per kWh and not per MWh
	Fill     series.Fill    // what to do about gaps; refuse unless declared
}

// Air is where a replay finds air temperatures when none are named.
type Air struct {
	File   string // of the shipped pack, or a path
	Column string // "": found by its name
}

// sizeMax bounds a site file; the shipped ones have about 4 KiB. The YAML
// parser takes time in the square of some texts, so the bound is also one of time.
const sizeMax = 128 << 10

// Read reads a site file. The error joins every Fault of the file, in order of
// lines; the file is then nil.
func Read(r io.Reader, name string) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, sizeMax+1))
	if err != nil {
		return nil, fmt.Errorf("read site file %s: %w", name, err)
	}
	d := &decoder{file: name}
	raw := d.parse(text)
	if raw == nil {
		return nil, d.err()
	}
	sum := sha256.Sum256(text)
	b := &builder{decoder: d, raw: raw}
	f := b.build()
	f.Name, f.SHA256 = name, hex.EncodeToString(sum[:])
	if err := d.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// ReadFile reads the site file at path.
func ReadFile(path string) (*File, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read site file: %w", err)
	}
	file, err := Read(f, path)
	return file, errors.Join(err, f.Close())
}

// err joins the faults in order of lines, one fault of a place once.
func (d *decoder) err() error {
	slices.SortStableFunc(d.faults, func(a, b *Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	seen := map[string]bool{}
	var all []error
	for _, f := range d.faults {
		if text := f.Error(); !seen[text] {
			seen[text] = true
			all = append(all, f)
		}
	}
	if len(all) > faultsMax {
		all = append(all[:faultsMax], &Fault{File: d.file, What: fmt.Sprintf("there are more than %d faults", faultsMax), Remedy: "is it a site file? repair the first ones and read it again"})
	}
	return errors.Join(all...)
}

// Rigs joins the groups to their machine models: the standard catalogue and
// the models of the file. They are in the order of the groups.
func (f *File) Rigs() ([]*mining.Rig, error) {
	catalogue, err := f.catalogue()
	if err != nil {
		return nil, err
	}
	var rigs []*mining.Rig
	var faults []error
	for _, g := range f.Groups {
		r, err := mining.Compile(g, catalogue)
		rigs, faults = append(rigs, r), append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return rigs, nil
}

func (f *File) catalogue() (mining.Catalogue, error) {
	standard, err := mining.Standard()
	if err != nil {
		return mining.Catalogue{}, err
	}
	return standard.With(f.Models...)
}

// FeedIn is the name and the limit of feeding into the grid, and whether the
// contracts allow it. Its prices come with every plan.
func (f *File) FeedIn() (export.FeedIn, bool) {
	most := f.Site.Connection.Outlet()
	if f.Contracts.Spot == nil || !f.Contracts.Spot.Export || most <= 0 {
		return export.FeedIn{}, false
	}
	return export.FeedIn{Use: "export/" + f.Site.Name, Limit: most}, true
}
