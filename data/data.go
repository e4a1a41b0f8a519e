// Package data holds the recorded and made-up market history that ships with
// Sluice, so that a demonstration or a replay runs without a file of one's own.
//
// Where every file comes from, what was done to it and under which licence it
// stands is in Facts and, for people, in README.md beside this file. Files
// whose Facts say Synthetic are records of no market, and a report that uses
// one must say so.
//
// Everything here is written by internal/pack; change nothing by hand.
package data

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

//go:embed *.csv *.csv.gz facts.json
var files embed.FS

// ErrUnknown marks a name that no file of the pack has.
var ErrUnknown = errors.New("no such file in the pack")

// Provenance says what a file is and where it comes from.
type Provenance struct {
	Name      string   // as Open takes it
	Content   string   // one sentence without a full stop
	Units     string   // of every column
	Span      string   // in UTC
	Rows      int      // without header and comment lines
	Origin    []string // owner/repository, or the publisher
	Licence   string   // with the attribution that it asks for
	Done      []string // exactly what was done to the data
	Notes     []string // what a reader of results must know
	Synthetic bool     // made up: a record of no market
	Bytes     int      // as shipped
	SHA256    string   // as shipped, in hexadecimal
}

// Names lists the files, in the order of the README.
func Names() []string {
	var out []string
	for _, p := range pack() {
		out = append(out, p.Name)
	}
	return out
}

// Open returns the bytes of a file as shipped: a name that ends in .gz is
// compressed, which package history undoes by itself. An unknown name is an
// ErrUnknown that lists the names there are.
func Open(name string) (io.Reader, error) {
	if _, err := Facts(name); err != nil {
		return nil, err
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w: the program was built without it; build it again from a whole checkout", name, err)
	}
	return f, nil
}

// Facts returns where a file comes from. An unknown name is an ErrUnknown.
func Facts(name string) (Provenance, error) {
	for _, p := range pack() {
		if p.Name == name {
			return p, nil
		}
	}
	return Provenance{}, fmt.Errorf("open %q: %w: there are %s", name, ErrUnknown, strings.Join(Names(), ", "))
}

// pack reads the facts. They are compiled in, so a failure is a broken build.
func pack() []Provenance {
	var out []Provenance
	content, err := files.ReadFile("facts.json")
	if err == nil {
		err = json.Unmarshal(content, &out)
	}
	if err != nil {
		panic("data: facts.json is broken: " + err.Error())
	}
	return out
}
