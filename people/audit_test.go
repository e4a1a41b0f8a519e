package people

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// entries are a log of some entries.
func entries(n int) []Sealed {
	c := Begin("test")
	var all []Sealed
	for i := range n {
		e := Entry{
			At: noon.Add(time.Duration(i) * time.Second), Who: "ann", How: "session", And: "bob", Verb: "raise", Site: "houston", Tenant: "acme",
			Subject: fmt.Sprint("limit ", i), Reason: "the <line> is \"repaired\"\n\u2028ok", Before: "25 MW", After: "30 MW", Effects: "حمل +5 MW",
		}
		s := Seal(e, c.Count, c.Hash)
		if err := c.Next(s); err != nil {
			panic(err)
		}
		all = append(all, s)
	}
	return all
}

// check follows a log and says where it breaks.
func check(all []Sealed) error {
	c := Begin("test")
	for _, s := range all {
		if err := c.Next(s); err != nil {
			return err
		}
	}
	return nil
}

// TestChainNotices every change of an entry: of any byte, its time, its place, its order.
func TestChainNotices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := entries(5)
		if err := check(all); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, 4).Draw(t, "entry")
		e := &all[i]
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			x := rapid.SampledFrom(e.texts()).Draw(t, "text")
			b := []byte(*x)
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			*x = string(b)
		case 1:
			e.At = e.At.Add(time.Duration(rapid.SampledFrom([]int{1, 1000, -1000, 1e9}).Draw(t, "ns")))
		case 2:
			e.Hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		case 3:
			e.Sequence++
		case 4: // one is taken out; of the end only a head tells
			if i == 4 {
				return
			}
			all = append(all[:i], all[i+1:]...)
		case 5: // two change places
			j := (i + 1) % 5
			all[i], all[j] = all[j], all[i]
		default: // a letter moves from one text to the next
			e.Before, e.After = e.Before+e.After[:1], e.After[1:]
		}
		err := check(all)
		if !errors.Is(err, ErrChanged) {
			t.Fatalf("nothing was noticed at entry %d: %v", i+1, err)
		}
	})
	if err := check(entries(3)[1:]); !errors.Is(err, ErrChanged) {
		t.Errorf("the beginning is missing: %v", err)
	}
	other := Begin("other")
	if err := other.Next(entries(1)[0]); !errors.Is(err, ErrChanged) {
		t.Errorf("the log of another installation passes: %v", err)
	}
}

// exported is a log as lines.
func exported(tb testing.TB, all []Sealed, after Head) []byte {
	tb.Helper()
	var b bytes.Buffer
	x, err := NewExport(&b, "test", after)
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range all {
		if err := x.Write(s); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := x.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestExportNotices every change of a byte of an exported log, and every cut.
func TestExportNotices(t *testing.T) {
	t.Parallel()
	all := entries(3)
	text := exported(t, all, Begin("test").Head)
	who, end, err := CheckExport(bytes.NewReader(text))
	if err != nil || who != "test" || end != (Head{3, all[2].Hash}) {
		t.Fatal(who, end, err)
	}
	for i := range text {
		for _, bit := range []byte{1, 32} {
			bad := bytes.Clone(text)
			bad[i] ^= bit
			if _, _, err := CheckExport(bytes.NewReader(bad)); err == nil {
				t.Fatalf("byte %d: %q passes", i, bad[max(0, i-20):min(len(bad), i+20)])
			}
		}
		if _, _, err := CheckExport(bytes.NewReader(text[:i])); err == nil && i < len(text)-1 {
			t.Fatalf("cut at %d of %d passes", i, len(text))
		}
	}
	part := exported(t, all[1:], Head{1, all[0].Hash})
	if _, end, err := CheckExport(bytes.NewReader(part)); err != nil || end.Count != 3 {
		t.Errorf("a part: %v %v", end, err)
	}
	x, err := NewExport(&bytes.Buffer{}, "test", Begin("test").Head)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Write(all[1]); !errors.Is(err, ErrChanged) {
		t.Errorf("what is broken is exported: %v", err)
	}
}

// TestPythonAgrees: a program that shares nothing with this one checks the same export.
func TestPythonAgrees(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: python3 is missing, so no other program has read the export (install python3)")
	}
	text := exported(t, entries(50), Begin("test").Head)
	ask := func(body []byte) (string, error) {
		name := filepath.Join(t.TempDir(), "log.jsonl")
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, "testdata/verify.py", name).CombinedOutput()
		return string(out), err
	}
	if out, err := ask(text); err != nil || !strings.Contains(out, "50 entries") {
		t.Errorf("%v: %s", err, out)
	}
	for _, change := range [][2]string{{"limit 17", "limit 18"}, {"حمل", "حمض"}, {`"seq":20`, `"seq":21`}, {`"count":50`, `"count":51`}} {
		bad := bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)
		if out, err := ask(bad); err == nil || !strings.Contains(out, "broken") {
			t.Errorf("%v passes: %s", change, out)
		}
	}
}

// FuzzCheckExport: whatever is read, nothing but an export is one.
func FuzzCheckExport(f *testing.F) {
	f.Add(exported(f, entries(2), Begin("test").Head))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		who, end, err := CheckExport(bytes.NewReader(b))
		if err == nil && end.Count == 0 && end.Hash != First(who) {
			t.Errorf("%q", b)
		}
	})
}

// BenchmarkChain is the check of one entry of about 400 bytes.
func BenchmarkChain(b *testing.B) {
	e := Entry{At: noon, Who: "ann", Verb: "raise", Site: "houston", Subject: "limit", Before: strings.Repeat("b", 150), After: strings.Repeat("a", 150)}
	s := Seal(e, 0, First("test"))
	for b.Loop() {
		c := Begin("test")
		if err := c.Next(s); err != nil {
			b.Fatal(err)
		}
	}
}
