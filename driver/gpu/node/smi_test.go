package node

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/gpu"
)

// bench is a fake nvidia-smi with its state.
type bench struct {
	tb  testing.TB
	dir string
}

// smi makes a bench of GPUs that draw so many watts without a limit.
func smi(tb testing.TB, wants ...int) bench {
	tb.Helper()
	b := bench{tb, tb.TempDir()}
	text, err := os.ReadFile("testdata/nvidia-smi")
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "nvidia-smi"), text, 0o700); err != nil { //nolint:gosec // a script to be run
		tb.Fatal(err)
	}
	for i, want := range wants {
		b.put(i, "uuid", "GPU-0000000"+strconv.Itoa(i))
		b.put(i, "name", "NVIDIA H100 80GB HBM3")
		for name, v := range map[string]int{"want": want, "limit": 700, "min": 200, "max": 700, "default": 700, "busy": 98} {
			b.put(i, name, strconv.Itoa(v))
		}
	}
	return b
}

// put states one value of a GPU; an empty one is not stated.
func (b bench) put(gpu int, name, value string) {
	b.file(filepath.Join("gpu"+strconv.Itoa(gpu), name), value)
}

func (b bench) file(name, value string) {
	b.tb.Helper()
	path := filepath.Join(b.dir, name)
	if value == "" {
		_ = os.Remove(path)
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
		b.tb.Fatal(err)
	}
}

func (b bench) open() *SMI {
	b.tb.Helper()
	s, err := NewSMI(filepath.Join(b.dir, "nvidia-smi"))
	if err != nil {
		b.tb.Fatal(err)
	}
	return s
}

func TestSMIReads(t *testing.T) {
	t.Parallel()
	b := smi(t, 690, 63)
	b.put(1, "default", "")
	b.put(1, "busy", "")
	b.put(1, "bmc", "500")
	want := []gpu.Reading{
		{
			Index: 0, UUID: "GPU-00000000", Model: "NVIDIA H100 80GB HBM3", Draw: 690, Limit: 700, Min: 200, Max: 700, Default: 700, Busy: 980_000, Source: "nvidia-smi",
			Has: gpu.Has{Draw: true, Limit: true, Range: true, Default: true, Busy: true, Capped: true},
		},
		{
			Index: 1, UUID: "GPU-00000001", Model: "NVIDIA H100 80GB HBM3", Draw: 63, Limit: 500, Min: 200, Max: 700, Source: "nvidia-smi",
			Has: gpu.Has{Draw: true, Limit: true, Range: true, Capped: true},
		},
	}
	got, err := b.open().Read(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	t.Run("a driver without reasons for its clocks is asked for less", func(t *testing.T) {
		t.Parallel()
		b := smi(t, 690)
		b.file("old", "yes")
		got, err := b.open().Read(t.Context())
		if err != nil || len(got) != 1 || got[0].Has.Capped || got[0].Draw != 690 {
			t.Errorf("%v %+v", err, got)
		}
	})
}

func TestSMISets(t *testing.T) {
	t.Parallel()
	b := smi(t, 690, 690)
	s := b.open()
	b.file("now", "100")
	read := func() gpu.Reading {
		t.Helper()
		rs, err := s.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return rs[1]
	}
	if err := s.Limit(t.Context(), read(), 450); err != nil {
		t.Fatal(err)
	}
	if r := read(); r.Limit != 450 || r.Draw != 690 {
		t.Errorf("at once: %+v", r)
	}
	b.file("now", "103")
	if r := read(); r.Draw != 450 || !r.Capped {
		t.Errorf("after three seconds: %+v", r)
	}
	t.Run("the words of its refusals are understood", func(t *testing.T) {
		t.Parallel()
		r := gpu.Reading{Index: 0, UUID: "GPU-00000000"}
		if err := s.Limit(t.Context(), r, 50); !errors.Is(err, ErrRange) {
			t.Errorf("outside the range: %v", err)
		}
		if err := s.Limit(t.Context(), gpu.Reading{UUID: "GPU-99"}, 300); !errors.Is(err, ErrNoGPU) {
			t.Errorf("an unknown GPU: %v", err)
		}
		if err := s.Limit(t.Context(), gpu.Reading{}, 300); err == nil {
			t.Error("a GPU without UUID")
		}
		d := smi(t, 690)
		d.file("deny", "yes")
		if err := d.open().Limit(t.Context(), r, 300); !errors.Is(err, ErrDenied) {
			t.Errorf("not root: %v", err)
		}
		d.file("none", "yes")
		if _, err := d.open().Read(t.Context()); !errors.Is(err, ErrNoGPU) {
			t.Errorf("no driver: %v", err)
		}
	})
	t.Run("what says too much is cut off", func(t *testing.T) {
		t.Parallel()
		f := smi(t, 690)
		f.file("flood", "yes")
		begun := time.Now()
		if _, err := f.open().Read(t.Context()); err == nil || !strings.Contains(err.Error(), "megabyte") || time.Since(begun) > 30*time.Second {
			t.Errorf("%v", err)
		}
	})
	t.Run("without the program it is said what is missing", func(t *testing.T) {
		t.Parallel()
		if _, err := NewSMI("/nowhere/nvidia-smi"); !errors.Is(err, ErrNoGPU) {
			t.Errorf("%v", err)
		}
	})
}

func TestParseSMI(t *testing.T) {
	t.Parallel()
	const good = "0, GPU-a1, NVIDIA A40, 78.83, 300.00, 300.00, 100.50, 299.70, 300.00, 7, Not Active\n"
	rs, err := parseSMI(good, 11)
	if err != nil || rs[0].Min != 101 || rs[0].Max != 299 || rs[0].Draw != 79 || rs[0].Busy != 70_000 {
		t.Errorf("%v %+v", err, rs)
	}
	t.Run("a GPU that states nothing is there, and nothing of it is known", func(t *testing.T) {
		t.Parallel()
		rs, err := parseSMI("3, [Unknown Error], [GPU is lost], [N/A], [Not Supported], [N/A], N/A, [N/A], [GPU requires reset], [N/A], [N/A]\n", 11)
		if diff := cmp.Diff([]gpu.Reading{{Index: 3, Source: "nvidia-smi"}}, rs); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
	for sentence, bad := range map[string]string{
		"nothing at all":           "",
		"a column too few":         "0, GPU-a1, NVIDIA A40\n",
		"a word for watts":         strings.Replace(good, "78.83", "some", 1),
		"watts below zero":         strings.Replace(good, "78.83", "-3", 1),
		"a megawatt":               strings.Replace(good, "78.83", "1000000", 1),
		"no index":                 strings.Replace(good, "0,", "x,", 1),
		"an index with a point":    strings.Replace(good, "0,", "0.5,", 1),
		"a UUID with a flag in it": strings.Replace(good, "GPU-a1", "GPU-a1 --reset", 1),
		"a UUID that is a flag":    strings.Replace(good, "GPU-a1", "-pl", 1),
		"a name that rings":        strings.Replace(good, "A40", "A\a40", 1),
		"a share beyond all":       strings.Replace(good, ", 7,", ", 101,", 1),
		"another word for capped":  strings.Replace(good, "Not Active", "Perhaps", 1),
		"the same GPU twice":       good + good,
		"a range upside down":      strings.Replace(good, "299.70", "99", 1),
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if rs, err := parseSMI(bad, 11); err == nil {
				t.Errorf("taken: %+v", rs)
			}
		})
	}
}

// FuzzParseSMI: whatever is taken is plausible, and each GPU there once.
func FuzzParseSMI(f *testing.F) {
	f.Add("0, GPU-a1, NVIDIA A40, 78.83, 300.00, 300.00, 100.00, 300.00, 300.00, 7, Not Active\n1, [N/A], x, [N/A], 1, 1, 1, 1, 1, [N/A], Active\n")
	f.Fuzz(func(t *testing.T, text string) {
		rs, err := parseSMI(text, 11)
		if err != nil {
			return
		}
		seen := map[int]bool{}
		for _, r := range rs {
			if err := r.Validate(); err != nil || seen[r.Index] || r.UUID != "" && !UUID(r.UUID) {
				t.Fatalf("%v %+v", err, r)
			}
			seen[r.Index] = true
			if !r.Has.Draw && r.Draw != 0 || !r.Has.Limit && r.Limit != 0 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
