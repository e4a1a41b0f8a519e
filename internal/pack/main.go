// Pack makes the data that ships with Sluice: the files of folder data, their
// README and their facts, from the project's collection of public figures.
//
// Usage:
//
//	go run ./internal/pack ../shared/data data
//
// The same input gives the same bytes: gzip carries no name and no time, and
// the made-up prices come from a fixed seed and integer arithmetic only. What
// may ship and what may not is decided by the licences in the collection's own
// README; files marked (T) there are never read by this program.
//
// It must not import package data, because data embeds what it writes.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit code.
func run(args []string, stderr io.Writer) int {
	if len(args) != 2 {
		_, _ = fmt.Fprintln(stderr, "usage: pack <collection> <data folder>")
		return 2
	}
	if err := pack(args[0], args[1]); err != nil {
		_, _ = fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	return 0
}

// pack reads the collection and writes the folder.
func pack(from, to string) error {
	files, err := made(from)
	if err != nil {
		return err
	}
	facts, err := factsJSON(files)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := write(to, f.facts.Name, f.bytes); err != nil {
			return err
		}
	}
	if err := write(to, "facts.json", facts); err != nil {
		return err
	}
	return write(to, "README.md", []byte(readme(files)))
}

func write(folder, name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// made lists every file of the pack, in the order of the README.
func made(from string) ([]file, error) {
	var out []file
	for _, of := range []func(string) (table, error){houston, bitcoin, air, training, inference} {
		t, err := of(from)
		if err != nil {
			return nil, err
		}
		f, err := t.file()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	for _, t := range []table{north(), columbia()} {
		f, err := t.file()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
