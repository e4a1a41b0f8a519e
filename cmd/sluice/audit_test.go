package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// exportedLog is an audit log of some entries, by line.
func exportedLog(t *testing.T, entries int) []string {
	t.Helper()
	var b bytes.Buffer
	c := people.Begin("00ff")
	x, err := people.NewExport(&b, "00ff", c.Head)
	for i := range entries {
		if err != nil {
			t.Fatal(err)
		}
		s := people.Seal(people.Entry{At: time.Unix(int64(1_700_000_000+i), 0), Who: "ann", Verb: "stop", Reason: "entry " + strconv.Itoa(i+1)}, c.Count, c.Hash)
		if err = c.Next(s); err == nil {
			err = x.Write(s)
		}
	}
	if err == nil {
		_, err = x.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// TestAuditVerify: a log that is whole holds, and whatever was done to it is found, with
// where.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	whole := exportedLog(t, 5)
	head := func(lines []string) string {
		_, end, err := people.CheckExport(strings.NewReader(strings.Join(lines, "\n") + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatInt(end.Count, 10) + ":" + end.Hash.String()
	}
	other := strings.Repeat("0", 64)
	for sentence, c := range map[string]struct {
		change func([]string) []string
		heads  []string
		code   int
		says   string
	}{
		"as it was written":   {func(l []string) []string { return l }, nil, exitOK, "5 entries of installation 00ff hold"},
		"with a head":         {func(l []string) []string { return l }, []string{head(whole), head(exportedLog(t, 3))}, exitOK, "5 entries"},
		"a changed word":      {func(l []string) []string { l[3] = strings.Replace(l[3], "ann", "bob", 1); return l }, nil, exitFailed, "entry 3"},
		"a line removed":      {func(l []string) []string { return slices.Delete(l, 2, 3) }, nil, exitFailed, "entry 3 follows on 1"},
		"two lines in turn":   {func(l []string) []string { l[2], l[3] = l[3], l[2]; return l }, nil, exitFailed, "entry 3 follows on 1"},
		"a line twice":        {func(l []string) []string { return slices.Insert(l, 2, l[2]) }, nil, exitFailed, "entry 2 follows on 2"},
		"cut off":             {func(l []string) []string { return l[:4] }, nil, exitFailed, "without its last line"},
		"shorter than it was": {func([]string) []string { return exportedLog(t, 4) }, []string{head(whole)}, exitFailed, "ends with entry 4 and had 5"},
		"written anew":        {func(l []string) []string { return l }, []string{"2:" + other}, exitFailed, "entry 2 is another one"},
		"a head that is none": {func(l []string) []string { return l }, []string{"2:xyz"}, exitBadInput, "COUNT:HASH"},
		"something else":      {func([]string) []string { return []string{"{}"} }, nil, exitFailed, "no audit log"},
		"nothing in it":       {func([]string) []string { return nil }, nil, exitFailed, "no audit log"},
	} {
		name := filepath.Join(t.TempDir(), "log.jsonl")
		if err := os.WriteFile(name, []byte(strings.Join(c.change(slices.Clone(whole)), "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"audit", "verify", name}
		for _, h := range c.heads {
			args = append(args, "--head", h)
		}
		code, out, errs := call(t, args...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: %d %s%s", sentence, code, out, errs)
		}
	}
	if code, _, _ := call(t, "audit", "verify", "gone.jsonl"); code != exitBadInput {
		t.Errorf("no file: %d", code)
	}
}
