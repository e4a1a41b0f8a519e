package gpu

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
)

func TestSpent(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(s int, energy unit.Energy, draw unit.Power, has Has) Reading {
		return Reading{Node: "n", UUID: "u", Energy: energy, Draw: draw, Has: has, At: t0.Add(time.Duration(s) * time.Second)}
	}
	both, drawn := Has{Energy: true, Draw: true}, Has{Draw: true}
	for sentence, c := range map[string]struct {
		a, b Reading
		want Span
		ok   bool
	}{
		"the difference of the counter":        {at(0, 1000, 1, both), at(20, 11_000, 1, both), Span{10_000, 20 * time.Second, false}, true},
		"not in less than ten seconds":         {at(0, 1000, 1, both), at(9, 2000, 1, both), Span{}, false},
		"a counter that fell was reset":        {at(0, 1000, 400, both), at(10, 900, 600, both), Span{5000, 10 * time.Second, true}, true},
		"a counter that leapt is none":         {at(0, 1000, 400, both), at(10, 1e12, 400, both), Span{4000, 10 * time.Second, true}, true},
		"no counter":                           {at(0, 0, 400, drawn), at(10, 0, 400, drawn), Span{4000, 10 * time.Second, true}, true},
		"neither counter nor draw":             {at(0, 0, 0, Has{}), at(10, 0, 0, Has{}), Span{}, false},
		"a reset without a draw tells nothing": {at(0, 1000, 0, Has{Energy: true}), at(10, 10, 0, Has{Energy: true}), Span{}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, ok := Spent(c.a, c.b)
			if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok {
				t.Errorf("%v %s", ok, diff)
			}
		})
	}
	other := at(20, 11_000, 1, both)
	other.UUID = "v"
	if _, ok := Spent(at(0, 1000, 1, both), other); ok {
		t.Error("the energy of two GPUs was taken for one's")
	}
}

// TestFollows plays a GPU whose draw follows its limit after three seconds.
func TestFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := time.Now()
		read := func(limit, draw unit.Power, energy unit.Energy) Reading {
			return Reading{UUID: "u", Limit: limit, Draw: draw, Energy: energy, At: time.Now(), Has: Has{Draw: true, Limit: true, Energy: true}}
		}
		time.Sleep(2 * time.Second)
		if got := Follows(450, set, Reading{}, read(450, 690, 0)); got != Early {
			t.Errorf("before it can: %s", got)
		}
		time.Sleep(4 * time.Second)
		first := read(450, 452, 10_000)
		time.Sleep(10 * time.Second)
		for want, b := range map[Obeys]Reading{
			Held: read(450, 700, 14_500), Exceeds: read(450, 449, 16_000), NotSet: read(700, 449, 14_500), Silent: {UUID: "u", At: time.Now()},
		} {
			if got := Follows(450, set, first, b); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if got := Follows(450, set, Reading{}, read(450, 480, 0)); got != Exceeds {
			t.Errorf("by its draw alone: %s", got)
		}
	})
}

func TestWorst(t *testing.T) {
	t.Parallel()
	r := Reading{Draw: 90, Limit: 400, Default: 700, Max: 1000, Has: Has{Draw: true, Limit: true, Default: true, Range: true}}
	if w, ok := Worst(r, 350); w != 700 || !ok {
		t.Errorf("the boot default: %d", w)
	}
	if w, _ := Worst(r, 900); w != 900 {
		t.Errorf("a limit on its way: %d", w)
	}
	r.Has.Default, r.Default = false, 0
	if w, ok := Worst(r); w != 1000 || !ok {
		t.Errorf("without a default: %d", w)
	}
	if _, ok := Worst(Reading{Draw: 90, Has: Has{Draw: true}}); ok {
		t.Error("a draw alone bounds nothing")
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	full := Report{Node: "n1", Route: "nvml", Epoch: 3, Reloads: 1, At: time.Unix(1, 0).UTC(), Trouble: []string{"look"}, GPUs: []Reading{
		{
			Node: "n1", Index: 0, UUID: "GPU-a", Model: "A40", Draw: 0, Limit: 300, Min: 100, Max: 300, Default: 300, Energy: 12, Busy: 1, Capped: true, Job: "7", Source: "nvml",
			Has: Has{Draw: true, Limit: true, Range: true, Default: true, Energy: true, Busy: true, Capped: true},
		},
		{Node: "n1", Index: 1},
	}}
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what was written is read, and what is not known stays away", func(t *testing.T) {
		t.Parallel()
		got, err := ReadReport(text)
		if diff := cmp.Diff(full, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if !strings.Contains(string(text), `"draw_w":0`) || strings.Count(string(text), "draw_w") != 1 {
			t.Errorf("%s", text)
		}
	})
	for sentence, bad := range map[string]string{
		"an unknown field":       `{"node":"n","gpus":[{"index":0,"draw_kw":1}]}`,
		"a GPU twice":            `{"node":"n","gpus":[{"index":0},{"index":0}]}`,
		"a draw below zero":      `{"node":"n","gpus":[{"index":0,"draw_w":-1}]}`,
		"a draw beyond all GPUs": `{"node":"n","gpus":[{"index":0,"draw_w":9223372036854775807}]}`,
		"a range upside down":    `{"node":"n","gpus":[{"index":0,"min_w":300,"max_w":100}]}`,
		"a name that rings":      `{"node":"n\u0007","gpus":[]}`,
		"something behind it":    `{"node":"n","gpus":[]}{}`,
		"no JSON":                `hello`,
		"an index of billions":   `{"node":"n","gpus":[{"index":4000000000}]}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got, err := ReadReport([]byte(bad)); err == nil {
				t.Errorf("taken: %+v", got)
			}
		})
	}
}

// FuzzReadReport: whatever is taken is plausible and reads back the same.
func FuzzReadReport(f *testing.F) {
	f.Add([]byte(`{"node":"n","route":"nvml","epoch":1,"gpus":[{"index":0,"uuid":"GPU-a","draw_w":5,"min_w":1,"max_w":9}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ReadReport(text)
		if err != nil {
			return
		}
		for _, g := range got.GPUs {
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Skip("SKIPPED, NOT A CASE: a time beyond the year 9999")
		}
		twice, err := ReadReport(again)
		if diff := cmp.Diff(got, twice); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
	})
}
