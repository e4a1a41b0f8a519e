package telemetry

import (
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// fleet is 20,000 machines whose statements move as those of real ones: power,
// hash rate and heat are noisy, the limit stands, shares and uptime grow.
type fleet struct {
	units []Unit
	rng   *rand.Rand
	round int64
}

func newFleet(n int) *fleet {
	f := &fleet{rng: rand.New(rand.NewPCG(1, 2))}
	for i := range n {
		f.units = append(f.units, Unit{
			Site: "houston", Name: "10.20." + strconv.Itoa(i/250) + "." + strconv.Itoa(i%250+1), Hall: "hall-" + strconv.Itoa(i/5000),
			Group: "s21-" + strconv.Itoa(i/2500), Feeder: "feeder-" + strconv.Itoa(i/5000), Model: "Antminer S21",
		})
	}
	return f
}

func (f *fleet) poll(b *Batch, at time.Time) {
	f.round++
	for i, u := range f.units {
		b.Unit(UnitSample{
			Unit: u, At: at.Add(time.Duration(i%900) * time.Millisecond),
			Power: device.Stated(unit.Power(3450 + f.rng.IntN(100))), Limit: device.Stated(unit.Power(3600)),
			Hash: device.Stated(unit.Hashrate(195_000 + f.rng.IntN(10_000))), ChipMilliC: device.Stated(int64(60_000 + 250*f.rng.IntN(20))),
			Uptime: device.Stated(time.Duration(f.round) * 30 * time.Second), Accepted: device.Stated(f.round*3 + int64(f.rng.IntN(2))), Asleep: device.Stated(false),
		})
	}
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// resident is the memory in use that is not a file's, in MB; 0 where the system does not say.
func resident() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "RssAnon:" {
			kilobytes, _ := strconv.ParseFloat(f[1], 64)
			return kilobytes / 1e3
		}
	}
	return 0
}

func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func diskBytes(b *testing.B, dir string) (all float64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if i, err := d.Info(); err == nil {
				all += float64(i.Size())
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// BenchmarkDay is a day of 20,000 machines that are read every 30 s, one round
// per iteration (-benchtime 2880x), 160,000 series. The share of a core is that
// of Commit and of what the database does in the background meanwhile.
func BenchmarkDay(b *testing.B) {
	dir, c := b.TempDir(), &clock{noon}
	before := heap()
	db, err := Open(b.Context(), dir, Options{Now: c.now})
	if err != nil {
		b.Fatal(err)
	}
	f, batch := newFleet(20_000), db.Batch()
	spent, peak := time.Duration(0), 0.0
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		f.poll(batch, c.at)
		c.at = c.at.Add(30 * time.Second)
		b.StartTimer()
		start := processor()
		if err := batch.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		spent += processor() - start
		peak = max(peak, resident())
	}
	b.StopTimer()
	n := float64(db.Counts().Samples)
	b.ReportMetric(n/b.Elapsed().Seconds(), "samples/s")
	b.ReportMetric(float64(db.Counts().Series), "series")
	b.ReportMetric(heap()-before, "heap-MB")
	stored, size := uint64(0), int64(0)
	for _, block := range db.raw.Blocks() {
		stored, size = stored+block.Meta().Stats.NumSamples, size+block.Size()
	}
	if stored > 0 {
		b.ReportMetric(float64(size)/float64(stored), "B/sample-in-blocks")
	}
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(100*spent.Seconds()/(float64(b.N)*30), "%-of-a-core-in-Commit")
	start := processor()
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric((processor() - start).Seconds(), "close-cpu-s")
	b.ReportMetric(diskBytes(b, dir)/n, "B/sample-with-log")
}

// BenchmarkQuery asks what a control room asks of 20,000 machines with three hours of samples.
func BenchmarkQuery(b *testing.B) {
	c := &clock{noon}
	db, err := Open(b.Context(), b.TempDir(), Options{Now: c.now})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	f, batch := newFleet(20_000), db.Batch()
	for range 360 {
		f.poll(batch, c.at)
		c.at = c.at.Add(30 * time.Second)
		if err := batch.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	end := strconv.FormatInt(c.at.Unix(), 10)
	start := strconv.FormatInt(c.at.Add(-3*time.Hour).Unix(), 10)
	for sentence, q := range map[string]struct {
		path string
		form url.Values
	}{
		"power by hall now":              {"/query", form("query", "sum by (hall) (sluice_machine_power_watts)", "time", end)},
		"power by hall, 3 h by a minute": {"/query_range", form("query", "sum by (hall) (sluice_machine_power_watts)", "start", start, "end", end, "step", "60")},
		"one machine, 3 h by 30 s":       {"/query_range", form("query", `{machine="10.20.7.9"}`, "start", start, "end", end, "step", "30")},
		"machines that can be chosen":    {"/label/machine/values", nil},
	} {
		b.Run(sentence, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				db.Handler().ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1"+q.path+"?"+q.form.Encode(), nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
