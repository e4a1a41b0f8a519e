package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// glueOf writes minified glue code with the given numbers of imports and exports.
func glueOf(imports, exports int) string {
	var b strings.Builder
	b.WriteString(`function initRuntime(){runtimeInitialized=true;FS.init();wasmExports["v$"]();done}`)
	b.WriteString(`function assign(wasmExports){wasmMemory=wasmExports["u_"];`)
	for i := range exports {
		fmt.Fprintf(&b, `Module["_Highs_fn%d"]=wasmExports["$%d"];`, i, i)
	}
	b.WriteString(`}var wasmImports={`)
	for i := range imports {
		fmt.Fprintf(&b, "k%d:_name$%d,", i, i)
	}
	b.WriteString("};")
	return b.String()
}

// build writes a build folder and returns it with its sums.
func build(t *testing.T, wasm, glue string) (string, sums) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"highs.wasm": wasm, "highs.js": glue} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	return dir, sums{wasm: sum(wasm), glue: sum(glue)}
}

func TestExtractWritesModuleAndNames(t *testing.T) {
	t.Parallel()
	from, want := build(t, "module", glueOf(importCount, exportCount))
	to := t.TempDir()
	if err := extract(from, to, want); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(to, "highs.wasm")); err != nil || string(got) != "module" {
		t.Errorf("highs.wasm = %q, %v", got, err)
	}
	b, err := os.ReadFile(filepath.Join(to, "highs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var n names
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	got := []string{n.Version, n.WasmSHA256, n.Constructor, n.Memory, n.Imports["k7"], n.Exports["Highs_fn12"]}
	if diff := cmp.Diff([]string{packageVersion, want.wasm, "v$", "u_", "_name$7", "$12"}, got); diff != "" {
		t.Error(diff)
	}
	left, err := filepath.Glob(filepath.Join(to, ".highs-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files left: %v, %v", left, err)
	}
}

func TestExtractRefuses(t *testing.T) {
	t.Parallel()
	good := glueOf(importCount, exportCount)
	cases := map[string]struct {
		glue string
		edit func(*sums)
		want string
	}{
		"another module":         {good, func(s *sums) { s.wasm = wasmSum }, "SHA-256"},
		"another glue":           {good, func(s *sums) { s.glue = glueSum }, "SHA-256"},
		"an import less":         {glueOf(importCount-1, exportCount), nil, "19 imports, expected 20"},
		"an export more":         {glueOf(importCount, exportCount+1), nil, "161 exports, expected 160"},
		"no constructor":         {strings.Replace(good, "initRuntime", "initElse", 1), nil, "constructor"},
		"no memory":              {strings.Replace(good, "wasmMemory=", "other=", 1), nil, "memory"},
		"no import table at all": {strings.Replace(good, "wasmImports=", "other=", 1), nil, "import table"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, want := build(t, "module", c.glue)
			if c.edit != nil {
				c.edit(&want)
			}
			to := t.TempDir()
			err := extract(from, to, want)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
			if left, _ := os.ReadDir(to); len(left) != 0 {
				t.Errorf("a refused input left %v", left)
			}
		})
	}
}

func TestExtractWithoutPackage(t *testing.T) {
	t.Parallel()
	err := extract(t.TempDir(), t.TempDir(), sums{})
	if err == nil || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("error %v does not name the remedy", err)
	}
}

func TestRunExitCodes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if got := run(nil, &b); got != 2 || !strings.Contains(b.String(), "usage") {
		t.Errorf("no arguments: code %d, %q", got, b.String())
	}
	if got := run([]string{t.TempDir(), t.TempDir()}, &b); got != 1 {
		t.Errorf("empty folder: code %d", got)
	}
}

// TestPinnedRelease reads the real package where it is installed.
func TestPinnedRelease(t *testing.T) {
	t.Parallel()
	const from = "../../ui/node_modules/highs/build"
	if _, err := os.Stat(from); err != nil {
		t.Skip("SKIPPED: the npm package highs is not installed: make build fetches it")
	}
	to := t.TempDir()
	if err := extract(from, to, sums{wasm: wasmSum, glue: glueSum}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(to, "highs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var n names
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Highs_create": "F", "Highs_run": "N", "Highs_passLp": "U", "Highs_passMip": "V",
		"Highs_getSolution": "Ea", "Highs_zeroAllClocks": "$a", "malloc": "uc", "free": "tc",
	}
	for name, key := range want {
		if n.Exports[name] != key {
			t.Errorf("%s = %q, want %q", name, n.Exports[name], key)
		}
	}
	if n.Constructor != "v" || n.Memory != "u" || n.Imports["q"] != "_emscripten_resize_heap" {
		t.Errorf("constructor %q, memory %q, q %q", n.Constructor, n.Memory, n.Imports["q"])
	}
}
