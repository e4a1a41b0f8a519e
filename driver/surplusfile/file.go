package surplusfile

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/driver/csvfile"
)

// ErrFile is what every complaint about a file of surplus energy is.
var ErrFile = errors.New("the surplus cannot be used")

const (
	sizeMost  = 1 << 20 // bytes
	cellMost  = 40      // bytes of a number
	rowsMost  = 1200    // a century
	rowsLeast = 12      // each calendar month once
	// energyMost bounds a month: several times the largest plant there is.
	energyMost = 1e8 // MWh
	madeUp     = "# MADE UP"
)

// Row is a month and where it stands.
type Row struct {
	Month capital.Month
	MWh   float64 // not negative
	csvfile.Place
}

// File is surplus energy as somebody wrote it down.
type File struct {
	Name   string
	MadeUp bool   // the file itself says that it is no record
	SHA256 string // of the text, in hexadecimal
	Rows   []Row  // months that follow each other, twelve or more
}

// Read reads a file. The error is ErrFile and names everything that is wrong with it.
func Read(r io.Reader, name string) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, sizeMost+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", name, err, ErrFile)
	}
	if len(text) > sizeMost {
		return nil, fmt.Errorf("read %s: more than %d bytes: a row is a month, not an hour: sum the hours up: %w", name, sizeMost, ErrFile)
	}
	t, err := csvfile.Open(bytes.NewReader(bare(text)), name, []string{"month", "mwh"}, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrFile)
	}
	f := &File{Name: name, MadeUp: bytes.HasPrefix(text, []byte(madeUp)), SHA256: fmt.Sprintf("%x", sha256.Sum256(text))}
	for t.Next() && len(f.Rows) <= rowsMost {
		f.add(t)
	}
	if t.Faults() == 0 {
		f.whole(t)
	}
	if err := t.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrFile)
	}
	return f, nil
}

// bare empties the lines that are comments, so that all others keep their number.
func bare(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("#")) {
			line = []byte("\n")
		}
		out = append(out, line...)
	}
	return out
}

// add reads a row.
func (f *File) add(t *csvfile.Table) {
	row := Row{Place: t.Place()}
	var err error
	if row.Month, err = capital.ParseMonth(t.Cell("month")); err != nil {
		t.Fault("month %.40q: write a year and a month, such as 2024-05", t.Cell("month"))
		return
	}
	if row.MWh, err = energy(t.Cell("mwh")); err != nil {
		t.Fault("mwh %.40q: %w", t.Cell("mwh"), err)
		return
	}
	if n := len(f.Rows); n > 0 {
		switch due := f.Rows[n-1].Month.Add(1); {
		case row.Month == due-1:
			t.Fault("month %s stands twice, in line %d too: keep one of them", row.Month, f.Rows[n-1].Line)
		case row.Month < due:
			t.Fault("month %s comes after %s: sort the rows, the oldest first", row.Month, f.Rows[n-1].Month)
		case row.Month > due:
			t.Fault("month %s is expected here, not %s: a month without surplus is written as 0", due, row.Month)
		}
	}
	f.Rows = append(f.Rows, row)
}

// whole refuses a file that lacks a season, or is one of nothing.
func (f *File) whole(t *csvfile.Table) {
	switch {
	case len(f.Rows) > rowsMost:
		t.Fault("more than %d months: a row is a month: leave the oldest out", rowsMost)
	case len(f.Rows) < rowsLeast:
		t.Fault("%d months are there and %d are needed, so that each calendar month is known: add the others, 0 where nothing is left over", len(f.Rows), rowsLeast)
	case !slices.ContainsFunc(f.Rows, func(r Row) bool { return r.MWh > 0 }):
		t.Fault("no month has any surplus: there is nothing to mine with")
	}
}

// energy reads megawatt-hours of a month.
func energy(text string) (float64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	plain := whole != "" && len(text) <= cellMost && strings.Trim(whole+fraction, "0123456789") == "" && (!point || fraction != "")
	switch v, err := strconv.ParseFloat(text, 64); {
	case strings.HasPrefix(text, "-"):
		return 0, errors.New("surplus is not negative: write 0 where energy was lacking")
	case text == "":
		return 0, errors.New("is missing: write 0 where nothing was left over")
	case !plain || err != nil:
		return 0, errors.New("write a plain number with a point, such as 31500.5")
	case v > energyMost:
		return 0, fmt.Errorf("more than %.0f MWh in a month: is it in kWh? divide by 1000", energyMost)
	default:
		return v, nil
	}
}

// Season is the mean surplus of each calendar month, MWh, January first, and of how
// many years each is.
func (f *File) Season() (mwh [12]float64, years [12]int) {
	for _, r := range f.Rows {
		i := int(r.Month) % 12
		mwh[i] += r.MWh
		years[i]++
	}
	for i := range mwh {
		mwh[i] /= float64(max(years[i], 1))
	}
	return mwh, years
}

//go:embed example/*.csv
var examples embed.FS

// Example is the file of that name inside the program.
func Example(name string) ([]byte, error) {
	if b, err := fs.ReadFile(examples, "example/"+name+".csv"); err == nil {
		return b, nil
	}
	all, err := fs.Glob(examples, "example/*.csv")
	for i, file := range all {
		all[i] = strings.TrimSuffix(strings.TrimPrefix(file, "example/"), ".csv")
	}
	return nil, errors.Join(fmt.Errorf("no example of surplus energy is named %.60q: there is %s; a file of your own is written as ./%.60s.csv: %w", name, strings.Join(all, " and "), name, ErrFile), err)
}

// Load reads the file at a path, or the example of that name.
func Load(name string) (*File, error) {
	if !strings.ContainsAny(name, `./\`) {
		text, err := Example(name)
		if err != nil {
			return nil, err
		}
		return Read(bytes.NewReader(text), name)
	}
	r, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("read surplus: %w: %w", err, ErrFile)
	}
	f, err := Read(r, name)
	if closed := r.Close(); err == nil {
		err = closed
	}
	return f, err
}
