package peerfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluice/books"
	"sluice/capital/peer"
	"sluice/driver/csvfile"
)

// The most bytes of a name and of a sentence.
const (
	nameMost     = 80
	sentenceMost = 500
)

// rowsMost bounds the figures of a file.
const rowsMost = 200_000

// years that a close may be of.
const (
	firstYear = 2009
	lastYear  = 2999
)

// Companies is what stands in a file of figures.
type Companies struct {
	Name  string
	Rows  []peer.Row
	Paper books.Hash // of the whole file
}

// ReadCompanies reads figures. Each keeps its text; package peer understands it.
func ReadCompanies(r io.Reader, name string) (Companies, error) {
	t, err := csvfile.Open(r, name, []string{"company", "period", "metric", "value", "unit"}, []string{"source", "source_url", "note"})
	if err != nil {
		return Companies{}, err
	}
	if t.Has("source") && t.Has("source_url") {
		return Companies{}, fmt.Errorf("read %s: line 1: source and source_url are both there: keep one", name)
	}
	out := Companies{Name: name, Paper: t.Paper}
	for t.Next() {
		if len(out.Rows) == rowsMost {
			t.Fault("more than %d figures: split the file", rowsMost)
			break
		}
		row := peer.Row{
			Company: t.Text("company", nameMost), Period: t.Text("period", nameMost), Metric: t.Text("metric", nameMost), Value: t.Text("value", nameMost), Unit: t.Text("unit", nameMost),
			Source: t.Text("source", sentenceMost) + t.Text("source_url", sentenceMost), Note: t.Text("note", sentenceMost), Place: t.Place().String(),
		}
		out.Rows = append(out.Rows, row)
	}
	return out, t.Err()
}

// Closes is what stands in a file of closes.
type Closes struct {
	Name  string
	All   []peer.Close
	Paper books.Hash // of the whole file
}

// ReadCloses reads closes of shares, in any order.
func ReadCloses(r io.Reader, name string) (Closes, error) {
	t, err := csvfile.Open(r, name, []string{"date", "ticker", "close"}, []string{"source"})
	if err != nil {
		return Closes{}, err
	}
	out := Closes{Name: name, Paper: t.Paper}
	for t.Next() {
		c := peer.Close{Ticker: t.Text("ticker", nameMost), Source: t.Text("source", sentenceMost), Place: t.Place().String()}
		if c.Ticker == "" {
			t.Fault("ticker is missing")
		}
		at, err := time.Parse(time.DateOnly, t.Cell("date"))
		if err != nil || at.Year() < firstYear || at.Year() > lastYear {
			t.Fault("date %.40q: write a day such as 2025-06-30", t.Cell("date"))
		}
		c.Day = at
		if c.Price, err = peer.ParseNumber(t.Cell("close")); err != nil {
			t.Fault("close %.40q: %w; leave a day out that has none", t.Cell("close"), err)
		} else if c.Price <= 0 {
			t.Fault("close %s: write a price above zero", t.Cell("close"))
		}
		out.All = append(out.All, c)
	}
	return out, t.Err()
}

//go:embed example/*.csv
var examples embed.FS

// Names of the files of the example, which is made up.
const (
	ExampleCompanies = "companies"
	ExamplePrices    = "prices"
)

// exampleName is how a file of the example is named where a path is asked for.
const exampleName = "example"

// Example is a file of the example: companies or prices.
func Example(name string) ([]byte, error) {
	if name != ExampleCompanies && name != ExamplePrices {
		return nil, fmt.Errorf("no example is named %q: there is %s and %s", name, ExampleCompanies, ExamplePrices)
	}
	return examples.ReadFile("example/" + name + ".csv")
}

// LoadCompanies reads the file at a path, or the one of the example by the name example.
func LoadCompanies(path string) (out Companies, err error) {
	err = load(path, ExampleCompanies, func(r io.Reader, name string) error {
		out, err = ReadCompanies(r, name)
		return err
	})
	return out, err
}

// LoadCloses reads the file at a path, or the one of the example by the name example.
func LoadCloses(path string) (out Closes, err error) {
	err = load(path, ExamplePrices, func(r io.Reader, name string) error {
		out, err = ReadCloses(r, name)
		return err
	})
	return out, err
}

// load opens what is named and hands it on.
func load(path, example string, read func(io.Reader, string) error) error {
	if path == exampleName {
		text, err := Example(example)
		if err != nil {
			return err
		}
		return read(bytes.NewReader(text), exampleName)
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("read %s: %w: check the path, or write example", strings.ToLower(example), err)
	}
	return errors.Join(read(f, path), f.Close())
}
