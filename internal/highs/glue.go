package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// The counts of the pinned release. Another count means that the expressions
// below no longer see what they should.
const (
	importCount = 20
	exportCount = 160
)

// The expressions read minified JavaScript; keys may contain $ and _.
var (
	importTable = regexp.MustCompile(`\bwasmImports=\{([^}]*)\}`)
	importEntry = regexp.MustCompile(`([\w$]+):([\w$]+)`)
	exportEntry = regexp.MustCompile(`Module\["_(\w+)"\]=wasmExports\["([^"]+)"\]`)
	constructor = regexp.MustCompile(`function initRuntime\(\)\{[^}]*?wasmExports\["([^"]+)"\]\(\)`)
	memory      = regexp.MustCompile(`\bwasmMemory=wasmExports\["([^"]+)"\]`)
)

// names is the content of highs.json: how the minified module calls its parts.
type names struct {
	Version     string            `json:"version"`     // npm package version
	WasmSHA256  string            `json:"wasm_sha256"` // sum of the module the names belong to
	Constructor string            `json:"constructor"` // export to call once after instantiation
	Memory      string            `json:"memory"`      // export of the linear memory
	Imports     map[string]string `json:"imports"`     // import key to C or emscripten name
	Exports     map[string]string `json:"exports"`     // C name to export key
}

// parseGlue derives the names from the JavaScript glue code.
func parseGlue(glue []byte) (*names, error) {
	n := &names{Imports: map[string]string{}, Exports: map[string]string{}}
	var err error
	if n.Constructor, err = one(constructor, glue, "the constructor call in initRuntime"); err != nil {
		return nil, err
	}
	if n.Memory, err = one(memory, glue, "the memory export"); err != nil {
		return nil, err
	}
	table, err := one(importTable, glue, "the import table wasmImports")
	if err != nil {
		return nil, err
	}
	for _, m := range importEntry.FindAllStringSubmatch(table, -1) {
		n.Imports[m[1]] = m[2]
	}
	for _, m := range exportEntry.FindAllSubmatch(glue, -1) {
		n.Exports[string(m[1])] = string(m[2])
	}
	return n, n.check()
}

// one returns the first group of an expression that must match.
func one(re *regexp.Regexp, glue []byte, what string) (string, error) {
	m := re.FindSubmatch(glue)
	if m == nil {
		return "", fmt.Errorf("parse highs.js: %s not found (has the package been upgraded?)", what)
	}
	return string(m[1]), nil
}

// check compares the counts with the pinned release.
func (n *names) check() error {
	var faults []error
	if len(n.Imports) != importCount {
		faults = append(faults, fmt.Errorf("parse highs.js: %d imports, expected %d", len(n.Imports), importCount))
	}
	if len(n.Exports) != exportCount {
		faults = append(faults, fmt.Errorf("parse highs.js: %d exports, expected %d", len(n.Exports), exportCount))
	}
	return errors.Join(faults...)
}

// encode returns the table as JSON. Map keys are sorted, so equal input gives equal bytes.
func (n *names) encode() ([]byte, error) {
	b, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode highs.json: %w", err)
	}
	return append(b, '\n'), nil
}
