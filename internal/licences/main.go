// Licences gathers the licences of everything that is in the program: Go, the Go modules
// that it is built from, and the npm packages of its pages.
//
// Usage:
//
//	go run ./internal/licences ./cmd/sluice ui > ui/dist/licences.json
//
// The texts are those that lie beside the sources: in the folders of the Go modules and in
// node_modules. What it prints is ignored by git: go.mod and the lock file of npm are the
// pin. A module without a licence is an error, because nobody may pass it on.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		_, _ = fmt.Fprintln(stderr, "usage: go run ./internal/licences <Go package> <folder with package-lock.json>")
		return 2
	}
	all, err := gather(ctx, args[0], args[1])
	if err == nil {
		err = json.NewEncoder(stdout).Encode(map[string]any{"packages": all})
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "licences:", err)
		return 1
	}
	return 0
}

// part is something that is in the program.
type part struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	From    string `json:"from"`    // go or npm
	Licence string `json:"licence"` // by its SPDX name, or "see text"
	Text    string `json:"text,omitempty"`
}

// gather is everything, by where it comes from and its name.
func gather(ctx context.Context, program, pages string) ([]part, error) {
	modules, err := ofGo(ctx, program)
	if err != nil {
		return nil, err
	}
	packages, err := ofNPM(pages)
	if err != nil {
		return nil, err
	}
	all := append(modules, packages...)
	slices.SortFunc(all, func(a, b part) int { return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.Name, b.Name)) })
	return slices.CompactFunc(all, func(a, b part) bool { return a == b }), nil
}

// ofGo are the modules of a Go package, Go itself and this program.
func ofGo(ctx context.Context, program string) ([]part, error) {
	list := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", program)
	list.Stderr = os.Stderr
	text, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the modules of %s: %w", program, err)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find Go: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(lines)
	lines = append(slices.Compact(lines), "Go\t"+runtime.Version()+"\t"+strings.TrimSpace(string(root)))
	var out []part
	var faults []error
	for _, line := range lines {
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			continue // a package of Go itself
		}
		p := part{Name: f[0], Version: f[1], From: "go"}
		if p.Text, err = textIn(f[2]); err == nil && p.Text == "" {
			err = errors.New("it has no licence: leave it out of the program")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("module %s in %s: %w", p.Name, f[2], err))
		}
		p.Licence = kindOf(p.Text)
		out = append(out, p)
	}
	return out, errors.Join(faults...)
}

// locked is the lock file of npm.
type locked struct {
	Packages map[string]struct {
		Version string `json:"version"`
		Licence string `json:"license"`
		Dev     bool   `json:"dev"`
	} `json:"packages"`
}

// taken are the packages for development of which the program holds a part all the same.
func taken() []string { return []string{"highs"} }

// ofNPM are the packages that pages may be built from: all but those for development. Some
// hold their licence in package.json alone.
func ofNPM(dir string) ([]part, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package-lock.json")) //nolint:gosec // named by the build
	var lock locked
	if err == nil {
		err = json.Unmarshal(text, &lock)
	}
	if err != nil {
		return nil, fmt.Errorf("read which npm packages there are: %w", err)
	}
	var out []part
	var faults []error
	delete(lock.Packages, "") // this program
	for at, x := range lock.Packages {
		name := at[strings.LastIndex("/"+at, "/node_modules/")+len("node_modules/"):]
		if x.Dev && !slices.Contains(taken(), name) {
			continue
		}
		p := part{Name: name, Version: x.Version, From: "npm", Licence: x.Licence}
		if p.Text, err = textIn(filepath.Join(dir, at)); err != nil {
			faults = append(faults, fmt.Errorf("npm package %s: %w", name, err))
		}
		if p.Licence == "" {
			p.Licence = kindOf(p.Text)
		}
		if p.Licence == seeText && p.Text == "" {
			faults = append(faults, fmt.Errorf("npm package %s: it has no licence: leave it out of the pages", name))
		}
		out = append(out, p)
	}
	return out, errors.Join(faults...)
}

// mostText bounds the licences of one part, bytes.
const mostText = 256 << 10

// textIn is what stands in the licence files of a folder, with what they have to be passed
// on with; empty: there is none.
func textIn(dir string) (string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	named := regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([._-].*)?$`)
	var b strings.Builder
	for _, f := range files {
		if f.IsDir() || !named.MatchString(f.Name()) || strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name())) //nolint:gosec // of a module that is built in
		if err != nil {
			return "", err
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(strings.ToValidUTF8(strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), "?"))
	}
	if b.Len() > mostText {
		return "", fmt.Errorf("its licence has more than %d bytes: is it one?", mostText)
	}
	return b.String(), nil
}

// seeText is the kind of a licence that is not known by its words.
const seeText = "see text"

// kindOf is the SPDX name of a licence by what only it says.
func kindOf(text string) string {
	plain := strings.Join(strings.Fields(text), " ")
	says := func(words string) bool { return strings.Contains(plain, words) }
	switch {
	case says("Mozilla Public License Version 2.0"), says("Mozilla Public License, version 2.0"):
		return "MPL-2.0"
	case says("Apache License") && says("Version 2.0"):
		return "Apache-2.0"
	case says("GNU LESSER GENERAL PUBLIC LICENSE"), says("GNU GENERAL PUBLIC LICENSE"), says("GNU AFFERO"):
		return seeText // which of them is for a person to read
	case says("Redistribution and use in source and binary forms") && (says("Neither the name") || says("names of its contributors")):
		return "BSD-3-Clause"
	case says("Redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case says("Permission to use, copy, modify, and/or distribute"), says("Permission to use, copy, modify, and distribute this software"):
		return "ISC"
	case says("Permission is hereby granted, free of charge"):
		return "MIT"
	case says("This is free and unencumbered software"):
		return "Unlicense"
	}
	return seeText
}
