package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// facts are what a person must know about one file. The field names are those
// of facts.json, which package data embeds.
type facts struct {
	Name      string   `json:"name"`
	Content   string   `json:"content"`
	Units     string   `json:"units"`
	Span      string   `json:"span"`
	Rows      int      `json:"rows"`
	Origin    []string `json:"origin"`
	Licence   string   `json:"licence"`
	Done      []string `json:"done"`
	Notes     []string `json:"notes"`
	Synthetic bool     `json:"synthetic"`
	Bytes     int      `json:"bytes"`
	SHA256    string   `json:"sha256"`
}

// table is one file before it is written.
type table struct {
	facts  facts
	header string
	rows   []string
}

// file is one file as it ships.
type file struct {
	facts facts
	bytes []byte
}

// file writes the comment lines, the header and the rows, and counts them.
func (t table) file() (file, error) {
	var text strings.Builder
	for _, line := range t.comments() {
		text.WriteString("# " + line + "\n")
	}
	text.WriteString(t.header + "\n")
	for _, r := range t.rows {
		text.WriteString(r + "\n")
	}
	content := []byte(text.String())
	if strings.HasSuffix(t.facts.Name, ".gz") {
		var err error
		if content, err = squeeze(content); err != nil {
			return file{}, fmt.Errorf("compress %s: %w", t.facts.Name, err)
		}
	}
	sum := sha256.Sum256(content)
	f := t.facts
	f.Rows, f.Bytes, f.SHA256 = len(t.rows), len(content), hex.EncodeToString(sum[:])
	return file{f, content}, nil
}

// comments stand at the top of every file, so that it explains itself when it
// is copied away from its README.
func (t table) comments() []string {
	first := t.facts.Content
	if t.facts.Synthetic {
		first = "SYNTHETIC, not a record of any market: " + first
	}
	out := []string{first, "Units: " + t.facts.Units}
	for _, o := range t.facts.Origin {
		out = append(out, "Origin: "+o)
	}
	return append(out, "Licence: "+t.facts.Licence, "What was done and what to know: data/README.md")
}

// level is the effort of gzip: the next three cost twice the time for less than 1 %.
const level = 6

// squeeze compresses without a name and without a time, at a fixed level.
func squeeze(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil, err
	}
	if _, err = z.Write(content); err != nil {
		return nil, err
	}
	if err = z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func factsJSON(files []file) ([]byte, error) {
	var all []facts
	for _, f := range files {
		all = append(all, f.facts)
	}
	out, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	return append(out, '\n'), nil
}

// source reads the named columns of one file of the collection.
func source(folder, name string, columns ...string) ([][]string, error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing is lost
	var text io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if text, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	all, err := csv.NewReader(text).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return chosen(all, name, columns)
}

// chosen keeps the named columns, in the order of their names.
func chosen(all [][]string, name string, columns []string) ([][]string, error) {
	if len(all) < 2 {
		return nil, fmt.Errorf("read %s: no rows", name)
	}
	at := map[string]int{}
	for i, h := range all[0] {
		at[h] = i
	}
	out := make([][]string, len(all)-1)
	for _, c := range columns {
		i, ok := at[c]
		if !ok {
			return nil, fmt.Errorf("read %s: no column %s among %v", name, c, all[0])
		}
		for r, row := range all[1:] {
			out[r] = append(out[r], row[i])
		}
	}
	return out, nil
}
