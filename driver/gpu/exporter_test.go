package gpu

import (
	"math"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	port "sluice/gpu"
)

// exporter reads one node whose exporter says these texts in turn, the last for ever.
func exporter(tb testing.TB, texts ...string) (*Exporters, *time.Time) {
	tb.Helper()
	var n atomic.Int64
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e, err := NewExporters(near(tb), []Node{{"n1", serve(tb, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" || r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(texts[min(int(n.Add(1)), len(texts))-1]))
	})}}, Options{Now: func() time.Time { return at }})
	if err != nil {
		tb.Fatal(err)
	}
	return e, &at
}

func recorded(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("testdata/dcgm.prom")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestExporter(t *testing.T) {
	t.Parallel()
	e, at := exporter(t, recorded(t))
	got, err := e.Read(t.Context())
	want := []port.Reading{
		{
			Node: "n1", Index: 0, UUID: "GPU-604ac76c", Model: "NVIDIA H100 80GB HBM3", Draw: 612, Limit: 650, Min: 200, Max: 700, Default: 700,
			Energy: 83_213_441, Busy: 970_000, Job: "4711", Source: "dcgm", At: *at,
			Has: port.Has{Draw: true, Limit: true, Range: true, Default: true, Energy: true, Busy: true},
		},
		{Node: "n1", Index: 1, UUID: "GPU-11aa22bb", Model: "NVIDIA H100 80GB HBM3", Busy: 0, Source: "dcgm", At: *at, Has: port.Has{Busy: true}},
		{
			Node: "n1", Index: 2, UUID: "GPU-22cc33dd", Model: "NVIDIA H100 80GB HBM3", Draw: 340, Energy: 1_000_000, Busy: 500_000, Shared: true, Source: "dcgm", At: *at,
			Has: port.Has{Draw: true, Energy: true, Busy: true},
		},
		{
			Node: "n1", Index: 3, UUID: "GPU-33ee44ff", Model: "NVIDIA H100 80GB HBM3", Draw: 200, Job: "acme/train \"big\"", Shared: true, Source: "dcgm", At: *at,
			Has: port.Has{Draw: true},
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	t.Run("the limit bites when the counter rises", func(t *testing.T) {
		t.Parallel()
		line := func(v string) string { return `DCGM_FI_DEV_POWER_VIOLATION{gpu="0",UUID="u"} ` + v + "\n" }
		e, _ := exporter(t, line("10"), line("10"), line("25"), line("3"), line("4"))
		for i, want := range []struct{ known, capped bool }{{false, false}, {true, false}, {true, true}, {false, false}, {true, true}} {
			rs, err := e.Read(t.Context())
			if err != nil || rs[0].Has.Capped != want.known || rs[0].Capped != want.capped {
				t.Errorf("reading %d: %v %+v", i+1, err, rs)
			}
		}
	})
	t.Run("a counter that was reset is seen", func(t *testing.T) {
		t.Parallel()
		line := func(v string) string {
			return `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="u"} ` + v + "\n" + `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="u"} 400` + "\n"
		}
		e, at := exporter(t, line("1000000"), line("9000000"), line("2000"))
		var last port.Reading
		for i, want := range []port.Span{{}, {Energy: 8000, For: 20 * time.Second}, {Energy: 8000, For: 20 * time.Second, Estimated: true}} {
			rs, err := e.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := port.Spent(last, rs[0]); i > 0 && (!ok || got != want) {
				t.Errorf("reading %d: %v %+v, want %+v", i+1, ok, got, want)
			}
			last = rs[0]
			*at = at.Add(20 * time.Second)
		}
	})
	for sentence, text := range map[string]string{
		"a value that is no number":   `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="u"} many`,
		"a value that is missing":     `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="u"}`,
		"labels without end":          `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="u`,
		"a GPU without a number":      `DCGM_FI_DEV_POWER_USAGE{UUID="u"} 1`,
		"a GPU with a number of ages": `DCGM_FI_DEV_POWER_USAGE{gpu="70000",UUID="u"} 1`,
		"one number for two":          "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"u\"} 1\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"v\"} 1",
		"a label twice":               `DCGM_FI_DEV_POWER_USAGE{gpu="0",gpu="1",UUID="u"} 1`,
		"a name that rings":           "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"u\a\"} 1",
		"more labels than there are":  `DCGM_FI_DEV_POWER_USAGE{` + strings.Repeat(`x="y",`, 1) + labels(70) + `} 1`,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			e, _ := exporter(t, text)
			if rs, err := e.Read(t.Context()); err == nil || len(rs) > 0 {
				t.Errorf("taken: %+v", rs)
			}
		})
	}
}

func labels(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("l" + strings.Repeat("x", i) + `="y",`)
	}
	return b.String()
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{9223372036854775792, 9223372036854775794, 9223372036854775807, math.NaN(), math.Inf(1), 2147483632, 140737488355328} {
		if !missing(v) {
			t.Errorf("%v is a value", v)
		}
	}
	for _, v := range []float64{0, 1, 700, 1e12, 2147483600, 9.2e18} {
		if missing(v) {
			t.Errorf("%v is none", v)
		}
	}
}

// FuzzMetrics: whatever is taken is plausible or refused as a whole.
func FuzzMetrics(f *testing.F) {
	f.Add([]byte(`DCGM_FI_DEV_POWER_USAGE{gpu="0", UUID="u",pod="a\"b"} 1.5 1395066363000` + "\n# HELP x\nother 3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		cards, err := gather(text)
		if err != nil {
			return
		}
		e := &Exporters{last: map[string]float64{}}
		rs, err := e.readings("n", cards, time.Time{})
		if err != nil {
			return
		}
		for _, r := range rs {
			if err := r.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
