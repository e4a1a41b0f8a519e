package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// put writes a module with one parser that breaks at the letter b, and one that does not.
func put(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module tried\n\ngo 1.26\n",
		"a/a_test.go": `package a

import "testing"

func FuzzSound(f *testing.F) { f.Fuzz(func(*testing.T, []byte) {}) }

func FuzzBroken(f *testing.F) {
	f.Add([]byte("a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 && b[0] != 'a' {
			t.Error("broken")
		}
	})
}

func Fuzzy(t *testing.T)  {}
`,
		"testdata/b_test.go":     "package b\n\nimport \"testing\"\n\nfunc FuzzNot(f *testing.F) {}\n",
		"node_modules/c_test.go": "no Go",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTargetsAreFound(t *testing.T) {
	t.Parallel()
	got, err := targets(put(t))
	if want := []target{{"a", "FuzzSound"}, {"a", "FuzzBroken"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestEveryDriverIsFuzzed: each folder of a dialect has a target, since what it
// reads is a stranger's.
func TestEveryDriverIsFuzzed(t *testing.T) {
	t.Parallel()
	all, err := targets("../..")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("../../driver")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		switch name := "driver/" + f.Name(); name {
		case "driver/drivertest", "driver/scan", "driver/audit", "driver/crew", "driver/claim", "driver/trial": // they read nothing of their own
		default:
			if !slices.ContainsFunc(all, func(t target) bool { return t.folder == name }) {
				t.Errorf("%s has no fuzz target", name)
			}
		}
	}
}

// TestOnlyLate: the end of the time is no failure, and nothing else is taken for it.
func TestOnlyLate(t *testing.T) {
	t.Parallel()
	const late = "--- FAIL: FuzzX (2.04s)\n    context deadline exceeded\nFAIL\n"
	for said, want := range map[string]bool{
		late: true,
		"--- FAIL: FuzzX (1s)\n    --- FAIL: FuzzX (0s)\n    Failing input written to testdata/fuzz/FuzzX/1\n": false,
		late + "    Failing input written to testdata/fuzz/FuzzX/1\n":                                          false,
		late + "panic: index out of range\n":                                                                   false,
		"FAIL tried/a [setup failed]\n":                                                                        false,
	} {
		if onlyLate(said) != want {
			t.Errorf("%q: %t", said, !want)
		}
	}
}

// TestABrokenParserIsFound runs both targets: the one with the fault fails the run.
func TestABrokenParserIsFound(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: fuzzing builds programs")
	}
	dir := put(t)
	var out strings.Builder
	err := work(t.Context(), &out, dir, "", plan{each: time.Second, workers: 2})
	if err == nil || !strings.Contains(err.Error(), "1 of 2") || !strings.Contains(out.String(), "FAILED") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "a/testdata/fuzz/FuzzBroken/*")); len(kept) != 1 {
		t.Errorf("the input was not kept: %v", kept)
	}
	out.Reset()
	if err := work(t.Context(), &out, dir, "FuzzSound", plan{each: time.Second, workers: 2}); err != nil || !strings.Contains(out.String(), "1 targets") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := work(t.Context(), &out, dir, "none of them", plan{}); err == nil {
		t.Error("no target passed for all of them")
	}
}
