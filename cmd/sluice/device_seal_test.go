package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSealTellsNothing walks through making a key, sealing and reading back,
// well and badly, and looks in every output for the secrets.
func TestSealTellsNothing(t *testing.T) {
	t.Parallel()
	const canary = "canary-3391"
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	plain := write(t, "miners.csv", "antminer,root,"+canary+"\n@127.9.0.0/24,root,"+canary+"\n")
	exposed, bad, phrase := write(t, "open.csv", "*,root,"+canary+"\n"), write(t, "bad.csv", canary+",root\n"), write(t, "phrase", canary+" and more\n")
	if err := os.Chmod(exposed, 0o644); err != nil {
		t.Fatal(err)
	}
	test := func(more ...string) []string {
		return append([]string{"test", "127.9.0.1", "--network", "127.9.0.0/24", "--port-offset", "58000", "--timeout", "200ms"}, more...)
	}
	curtail := func(more ...string) []string {
		return append([]string{"curtail", "127.9.0.1", "--network", "127.9.0.0/24", "--port-offset", "58000", "--timeout", "200ms", "--yes"}, more...)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"seal", "--new-key", at("key")}, exitOK, "made the key"},
		{[]string{"seal", "--new-key", at("key")}, exitBadInput, "file exists"},
		{[]string{"seal", "--new-key", at("key"), "--in", plain}, exitBadInput, "--new-key alone"},
		{[]string{"seal", "--in", plain}, exitBadInput, "--in and --out"},
		{[]string{"seal", "--in", plain, "--out", plain, "--seal-key", at("key")}, exitBadInput, "same file"},
		{[]string{"seal", "--in", bad, "--out", at("bad.sealed"), "--seal-key", at("key")}, exitBadInput, "bad.csv:1"},
		{[]string{"seal", "--in", plain, "--out", at("none/a"), "--seal-key", at("key")}, exitBadInput, "no such file"},
		{[]string{"seal", "--in", plain, "--out", at("a.sealed"), "--seal-key", exposed}, exitBadInput, "others may read it"},
		{[]string{"seal", "--in", plain, "--out", at("miners.sealed"), "--seal-key", at("key")}, exitOK, "sealed 1 credentials of families and 1 of addresses"},
		{[]string{"seal", "--in", at("miners.sealed"), "--out", at("twice"), "--seal-key", at("key")}, exitBadInput, "sealed already"},
		{test("--credentials", at("miners.sealed"), "--seal-key", at("key")), exitFailed, "nobody answers"},
		{test("--credentials", at("miners.sealed")), exitBadInput, "no key"},
		{test("--credentials", at("miners.sealed"), "--seal-key", phrase), exitBadInput, "does not open it"},
		{test("--credentials", plain), exitFailed, "warning: " + plain + " holds passwords in the clear"},
		{test("--credentials", exposed), exitFailed, "others may read them"},
		{curtail("--credentials", exposed), exitBadInput, "others may read these passwords"},
		{curtail("--credentials", plain), exitOK, "warning: "},
		{test("--credentials", bad), exitBadInput, "bad.csv:1"},
		{test("--credentials", at("key")), exitBadInput, "key:2"},
	} {
		code, stdout, stderr := call(t, append([]string{"device"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: %d, want %d and %q: %s%s", c.args, code, c.code, c.says, stdout, stderr)
		}
		if out := stdout + stderr; strings.Contains(out, canary) || strings.Contains(out, "AGE-SECRET") {
			t.Errorf("%v told a secret: %s", c.args, out)
		}
	}
	for _, name := range []string{"key", "miners.sealed"} {
		about, err := os.Stat(at(name))
		if err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, about, err)
		}
	}
	if text, err := os.ReadFile(at("miners.sealed")); err != nil || strings.Contains(string(text), canary) {
		t.Errorf("the sealed file says %s, %v", text, err)
	}
}

// TestErrorsDoNotPlayWithTheTerminal: what a machine said may stand in an error.
func TestErrorsDoNotPlayWithTheTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	complain(&out, errors.New("it said \x1b[2J\x1b]0;x\x07 and \u202ebackwards\nand more"))
	if got, want := out.String(), "sluice: it said  [2J ]0;x  and  backwards\nsluice: and more\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
