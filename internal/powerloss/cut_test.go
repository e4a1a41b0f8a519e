package powerloss

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test's own binary be the victim.
func TestMain(m *testing.M) {
	was, err := Victim(context.Background(), os.Getenv(Marker), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if was {
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trial runs one program on the rig, or skips where the system has no such device.
func trial(t *testing.T, program string, cuts, rounds, failSync int) Result {
	t.Helper()
	if !Available() {
		t.Skipf("SKIPPED: %s is missing on this machine, so power loss was NOT tested for %s (load the kernel module fuse)", Device, program)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(t.Context(), Trial{Program: program, Cuts: cuts, Seed: 11, Binary: binary, Folder: t.TempDir(), Rounds: rounds, FailSync: failSync})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %v; first: %s", program, got, got.First)
	if got.Acknowledged < cuts || got.Cuts < cuts && got.Unreadable == 0 {
		t.Fatalf("the rig saw too little: %v", got)
	}
	return got
}

// TestPowerLoss cuts the power of sound programs, which must lose nothing, and of
// broken ones, which must lose: without the second half the first proves nothing.
func TestPowerLoss(t *testing.T) {
	for _, c := range []struct {
		program string
		cuts    int
		rounds  int // 1 gives every cut a new disk, whose names nobody saved yet
		sound   bool
	}{
		{Log, 20, 0, true},
		{LogBare, 10, 0, false},
		{LogLoose, 16, 1, false},
		{Store, 100, 0, true},
		{StoreBare, 15, 0, false},
	} {
		t.Run(c.program, func(t *testing.T) {
			cuts := c.cuts
			if testing.Short() {
				cuts = min(cuts, 16)
			}
			got := trial(t, c.program, cuts, c.rounds, 0)
			if sound := got.Lost+got.Phantoms+got.Unreadable == 0; sound != c.sound {
				t.Errorf("sound is %v, want %v: %v; first: %s", sound, c.sound, got, got.First)
			}
			if !c.sound && got.Lost == 0 {
				t.Errorf("the broken program lost nothing: %v", got)
			}
		})
	}
}

// TestSyncError fails one fsync in each round: the store stops, refuses
// everything after it, and has lost nothing that it acknowledged.
func TestSyncError(t *testing.T) {
	got := trial(t, Store, 10, 0, 3)
	if got.Stops < 10 || got.WentOn > 0 || got.Lost+got.Phantoms+got.Unreadable > 0 {
		t.Errorf("%v, %d stops, %d went on; first: %s", got, got.Stops, got.WentOn, got.First)
	}
}

// TestBrokenSyncIsNoticed: a program that goes on after a failed fsync is seen to.
func TestBrokenSyncIsNoticed(t *testing.T) {
	if got := trial(t, Log, 10, 0, 3); got.WentOn == 0 {
		t.Errorf("the log tries again after an error, and the rig saw none of it: %+v", got)
	}
}

func (d *Disk) text(name string) string {
	if d.current[name] == nil {
		return "(no file)"
	}
	return string(d.current[name].current)
}

// play does to a file what the words say, one after the other.
func play(t *testing.T, d *Disk, f *file, words string) {
	t.Helper()
	for word := range strings.FieldsSeq(words) {
		var fault syscall.Errno
		switch word {
		case "write":
			fault = d.write(f, []byte("new"), 0)
		case "sync":
			fault = d.sync(f)
		case "names":
			fault = d.syncNames()
		case "shorten":
			d.resize(f, 1)
		case "fail":
			d.failing = 1
			if got := d.sync(f); got != syscall.EIO {
				t.Errorf("a failing sync answered %v", got)
			}
		}
		if fault != 0 {
			t.Errorf("%s: %v", word, fault)
		}
	}
}

// TestDisk goes through what survives a cut, without mounting anything.
func TestDisk(t *testing.T) {
	t.Parallel()
	const zeros, none = "\x00\x00\x00", "(no file)"
	for words, c := range map[string]struct {
		may []string // every text that may be there
		all bool     // each of them is seen in some cut
	}{
		"write sync names":         {[]string{"new"}, true},
		"write sync":               {[]string{"new", none}, true},
		"names write":              {[]string{"new", "", zeros}, false},
		"write":                    {[]string{"new", "", zeros, none}, false},
		"write sync names shorten": {[]string{"new", "n"}, true},
		"names write fail":         {[]string{""}, true},
		"names write fail sync":    {[]string{zeros}, true},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			for seed := range uint64(200) {
				d := NewDisk()
				f := d.create("f")
				play(t, d, f, words)
				d.Cut(rand.New(rand.NewPCG(seed, 1)))
				got := d.text("f")
				seen[got] = true
				if !slices.Contains(c.may, got) {
					t.Fatalf("after the cut: %q", got)
				}
			}
			if c.all && len(seen) != len(c.may) {
				t.Errorf("200 cuts left only %v", seen)
			}
		})
	}
}

// TestBlocksSurviveApart: of a long unsynced write some blocks survive, and some are torn.
func TestBlocksSurviveApart(t *testing.T) {
	t.Parallel()
	part, torn := 0, 0
	for seed := range uint64(100) {
		d := NewDisk()
		f := d.create("f")
		fault := d.write(f, make([]byte, 16*block), 0)
		play(t, d, f, "sync names")
		if fault != 0 || d.write(f, bytes.Repeat([]byte{1}, 16*block), 0) != 0 {
			t.Fatal("the disk refused")
		}
		d.Cut(rand.New(rand.NewPCG(seed, 1)))
		whole := 0
		for b := range 16 {
			ones := 0
			for _, c := range d.current["f"].current[b*block : (b+1)*block] {
				ones += int(c)
			}
			switch {
			case ones == block:
				whole++
			case ones%sector != 0:
				t.Fatal("a sector was torn")
			case ones > 0:
				torn++
			}
		}
		if whole > 0 && whole < 16 {
			part++
		}
	}
	if part == 0 || torn == 0 {
		t.Errorf("of 100 cuts %d left a part, %d blocks were torn", part, torn)
	}
}

// TestFullDisk: what finds no room is refused.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	d := NewDisk()
	if fault := d.write(d.create("f"), []byte("x"), d.room); fault != syscall.ENOSPC {
		t.Errorf("fault %v", fault)
	}
}

// TestTally counts losses once and phantoms as such.
func TestTally(t *testing.T) {
	t.Parallel()
	known, out := tally{}, Result{}
	for n := range 5 {
		known.add("0/1", n)
	}
	known.settle([]string{"0/1/0", "0/1/1", "0/1/3", "0/1/3", "0/1/5", "0/1/7", "0/2/0", "junk"}, &out)
	if out.Lost != 2 || out.Phantoms != 3 {
		t.Errorf("%d lost, %d phantoms; want 2 and 3 (twice, out of turn, junk)", out.Lost, out.Phantoms)
	}
	known.settle([]string{"0/1/0", "0/1/1", "0/1/3", "0/1/5", "0/2/0"}, &out)
	if out.Lost != 2 || out.Phantoms != 3 {
		t.Errorf("counted again: %+v", out)
	}
}
