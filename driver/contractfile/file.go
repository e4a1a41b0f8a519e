package contractfile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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
	text, err := io.ReadAll(io.LimitReader(r, sizeMax+1))
	if err != nil {
		return nil, fmt.Errorf("read contract %s: %w", name, err)
	}
	if len(text) > sizeMax {
		return nil, fmt.Errorf("read contract %s: more than %d bytes: is it a contract file?", name, sizeMax)
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

// Example is the contract file of that name inside the program.
func Example(name string) ([]byte, error) {
	b, err := examples.ReadFile("example/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no example of a contract is named %q: there are colocation and gpu-reserved", name)
	}
	return b, nil
}

// Load reads the contract file at a path, or the example of that name.
func Load(name string) (*File, error) {
	if !strings.ContainsAny(name, "./\\") {
		b, err := Example(name)
		if err != nil {
			return nil, err
		}
		return Read(bytes.NewReader(b), name)
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	out, err := Read(f, name)
	return out, errors.Join(err, f.Close())
}
