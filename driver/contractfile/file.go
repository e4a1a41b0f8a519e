package contractfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"

	"sluice/driver/yamlfile"
	"sluice/loop/billing"
)

// File is a contract and the text in which it was written, which is its evidence.
type File struct {
	billing.Contract
	Text []byte
}

// sizeMax bounds a contract file, bytes.
const sizeMax = 256 << 10

// Read reads a contract file. The error names everything that is wrong with it, by line.
func Read(r io.Reader, name string) (*File, error) {
	text, err := shelf().Read(r, name)
	if err != nil {
		return nil, err
	}
	b := builder{}
	if b.lines, err = yamlfile.Read(text, &b.in); err != nil {
		return nil, fmt.Errorf("read contract %s: %w", name, err)
	}
	c := b.contract()
	if err := errors.Join(b.faults...); err != nil {
		return nil, fmt.Errorf("contract %s: %w", name, err)
	}
	return &File{Contract: c, Text: text}, nil
}

//go:embed example/*.yaml
var examples embed.FS

func shelf() yamlfile.Shelf {
	return yamlfile.Shelf{Kind: "contract", Examples: examples, Most: sizeMax}
}

// Example is the contract file of that name inside the program.
func Example(name string) ([]byte, error) { return shelf().Example(name) }

// Load reads the contract file at a path, or the example of that name.
func Load(name string) (*File, error) {
	text, err := shelf().Text(name)
	if err != nil {
		return nil, err
	}
	return Read(bytes.NewReader(text), name)
}
