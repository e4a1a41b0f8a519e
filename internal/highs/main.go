// Highs takes the HiGHS solver out of its npm package for package solve.
//
// Usage:
//
//	go run ./internal/highs ui/node_modules/highs/build solve
//
// It checks highs.wasm and highs.js against the pinned SHA-256 sums, derives
// the minified import and export names from the JavaScript glue, and writes
// highs.wasm and highs.json. Both outputs are ignored by git: the lock file of
// the npm package and the sums below are the pin.
//
// It must not import package solve, because solve embeds what it writes.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sluice/store/whole"
)

// The artefact of npm package highs 1.15.3. A new release changes all of these
// and the minified names with them.
const (
	packageVersion = "1.15.3"
	wasmSum        = "528be4365bea1d4188988646b244263f50320df55782e14d6af5bce7cd45c840"
	glueSum        = "0bd23843c9795753f2276e9901eb2a1e66288547b6bcba84fa0665dc037b5c7c"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit code.
func run(args []string, stderr io.Writer) int {
	if len(args) != 2 {
		_, _ = fmt.Fprintln(stderr, "usage: go run ./internal/highs <highs build folder> <output folder>")
		return 2
	}
	if err := extract(args[0], args[1], sums{wasm: wasmSum, glue: glueSum}); err != nil {
		_, _ = fmt.Fprintln(stderr, "highs:", err)
		return 1
	}
	return 0
}

// sums are the expected SHA-256 sums of the two inputs, in hexadecimal.
type sums struct{ wasm, glue string }

// extract checks the inputs in folder from and writes both outputs to folder to.
func extract(from, to string, want sums) error {
	wasm, err := readChecked(filepath.Join(from, "highs.wasm"), want.wasm)
	if err != nil {
		return err
	}
	glue, err := readChecked(filepath.Join(from, "highs.js"), want.glue)
	if err != nil {
		return err
	}
	n, err := parseGlue(glue)
	if err != nil {
		return err
	}
	n.Version, n.WasmSHA256 = packageVersion, want.wasm
	table, err := n.encode()
	if err != nil {
		return err
	}
	// The wasm comes last: make takes its time stamp as proof that the step is complete.
	if err := whole.Replace(filepath.Join(to, "highs.json"), whole.Public, whole.Text(table)); err != nil {
		return err
	}
	return whole.Replace(filepath.Join(to, "highs.wasm"), whole.Public, whole.Text(wasm))
}

// readChecked reads a file and refuses it when its sum is not the expected one.
func readChecked(path, want string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the solver: %w (run npm ci in ui first)", err)
	}
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != want {
		return nil, fmt.Errorf("check %s: SHA-256 is %s, pinned is %s (run npm ci in ui; after a deliberate upgrade pin the new sum)", path, got, want)
	}
	return b, nil
}
