package awardfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"

	"sluice/books/reserve"
	"sluice/driver/yamlfile"
	"sluice/unit"
)

// Programme is how a product is settled, with whom, and the text in which it was
// written, which is its evidence.
type Programme struct {
	reserve.Programme
	Counterparty string        // of the market, as in its account
	Currency     unit.Currency // of all prices
	Assumed      []string      // what is not known for sure, for people
	Text         []byte
}

// sizeMax bounds a programme file, bytes.
const sizeMax = 256 << 10

// Read reads a programme file. The error names everything that is wrong with it, by
// line.
func Read(r io.Reader, name string) (*Programme, error) {
	text, err := shelf().Read(r, name)
	if err != nil {
		return nil, err
	}
	b := builder{}
	if b.lines, err = yamlfile.Read(text, &b.in); err != nil {
		return nil, fmt.Errorf("read programme %s: %w", name, err)
	}
	p := b.programme()
	if err := errors.Join(b.faults...); err != nil {
		return nil, fmt.Errorf("programme %s: %w", name, err)
	}
	p.Text = text
	return &p, nil
}

//go:embed example/*.yaml
var examples embed.FS

func shelf() yamlfile.Shelf {
	return yamlfile.Shelf{Kind: "programme", Examples: examples, Most: sizeMax}
}

// Example is the programme file of that name inside the program.
func Example(name string) ([]byte, error) { return shelf().Example(name) }

// Load reads the programme file at a path, or the example of that name.
func Load(name string) (*Programme, error) {
	text, err := shelf().Text(name)
	if err != nil {
		return nil, err
	}
	return Read(bytes.NewReader(text), name)
}
