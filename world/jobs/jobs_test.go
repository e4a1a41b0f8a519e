package jobs

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/data"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

var begin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func traces(tb testing.TB) *Traces {
	tb.Helper()
	t, err := Load(data.Open)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func h100() gpu.Model { return gpu.Model{Name: "H100 SXM", TDP: 700, Idle: 70, PerNode: 8} }

func config(kind hosting.Kind, gpus int) Config {
	return Config{
		Contract: hosting.Contract{Name: string(kind), Kind: kind, GPUs: gpus, Class: gpu.Training, Deadline: 24 * time.Hour},
		Model:    h100(), Load: 800_000, Seed: 3, From: begin,
	}
}

// during lists the jobs of a stream that arrive within a stretch of time.
func during(tb testing.TB, c Config, d time.Duration) []Job {
	tb.Helper()
	s, err := traces(tb).Stream(c)
	if err != nil {
		tb.Fatal(err)
	}
	var out []Job
	for {
		j, ok := s.Next()
		if !ok || !j.Arrive.Before(c.From.Add(d)) {
			return out
		}
		out = append(out, j)
		s.Take()
	}
}

func TestTheTraceIsRead(t *testing.T) {
	t.Parallel()
	got := traces(t)
	blank, most := 0, int64(0)
	for _, r := range got.rows {
		if r.duration == 0 {
			blank++
		}
		most = max(most, r.gpus)
	}
	if len(got.rows) != 1983 || blank != 371 || most != 32 || got.rows[0].arrive < 0 || got.rows[len(got.rows)-1].arrive >= traceSpan {
		t.Errorf("%d rows in the six weeks, %d without duration, at most %d GPUs", len(got.rows), blank, most)
	}
	if len(got.tokens) != 58 || slices.Min(got.tokens) <= 0 || len(got.drawn) != 2 {
		t.Errorf("%d whole minutes %v, %d distributions", len(got.tokens), got.tokens, len(got.drawn))
	}
}

func TestJobsKeepTheStatedShareBusy(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for name, c := range map[string]Config{
		"a large reservation":  config(hosting.Reserved, 2560),
		"a small reservation":  config(hosting.Reserved, 64),
		"spot":                 config(hosting.Spot, 1024),
		"batch":                config(hosting.Batch, 512),
		"eight GPUs on demand": config(hosting.OnDemand, 8),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := during(t, c, year)
			var work int64
			var lasting []int64
			for _, j := range list {
				work += j.Work
				lasting = append(lasting, j.Work/int64(j.GPUs))
			}
			slices.Sort(lasting)
			share := float64(work) / year.Seconds() / float64(c.GPUs+c.Contract.GPUs)
			t.Logf("%d jobs a year, %.3f of the GPUs busy, median %d s", len(list), share, lasting[len(lasting)/2])
			if share < 0.74 || share > 0.86 {
				t.Errorf("the jobs would keep %.3f of the GPUs busy, not 0.8", share)
			}
			if m := lasting[len(lasting)/2]; m < 110 || m > 122 {
				t.Errorf("the median job lasts %d s, not two minutes", m)
			}
		})
	}
}

func TestEveryJobMakesSense(t *testing.T) {
	t.Parallel()
	for _, kind := range []hosting.Kind{hosting.Reserved, hosting.Flexible, hosting.OnDemand, hosting.Spot, hosting.Batch} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := config(kind, 300)
			last, seen := begin, map[string]bool{}
			for _, j := range during(t, c, 60*24*time.Hour) {
				lasts := time.Duration(j.Work/int64(j.GPUs)) * time.Second
				switch {
				case seen[j.ID] || j.Contract != string(kind) || j.Arrive.Before(last):
					t.Fatalf("%+v comes after %v", j, last)
				case j.GPUs < 1 || j.GPUs > 75 || j.GPUs > 8 && j.GPUs%8 != 0:
					t.Fatalf("%s takes %d GPUs", j.ID, j.GPUs)
				case j.Draw < 70 || j.Draw > 700 || j.Limit < lasts || j.Work <= 0 || !j.Until.IsZero():
					t.Fatalf("%+v", j)
				case (kind == hosting.Batch) != j.Deadline.Equal(j.Arrive.Add(24*time.Hour)):
					t.Fatalf("%s has the deadline %v", j.ID, j.Deadline)
				case lasts > longest(c.Contract):
					t.Fatalf("%s lasts %v", j.ID, lasts)
				}
				last, seen[j.ID] = j.Arrive, true
			}
		})
	}
}

func TestContractsDiffer(t *testing.T) {
	t.Parallel()
	a, b := config(hosting.Reserved, 64), config(hosting.Reserved, 64)
	b.Contract.Name = "other"
	x, y := during(t, a, 240*time.Hour), during(t, b, 240*time.Hour)
	for i := range min(len(x), len(y)) {
		if x[i].Arrive.Equal(y[i].Arrive) && x[i].Draw == y[i].Draw && x[i].GPUs == y[i].GPUs {
			t.Errorf("job %d of both is the same", i)
		}
	}
	a.Seed++
	if z := during(t, a, 240*time.Hour); cmp.Diff(x, z) == "" {
		t.Error("another seed brings the same jobs")
	}
}

// TestStreamsAreTakenUpAnywhere compares a stream that is taken up at an instant
// with one that was read until then, and a clone with its origin.
func TestStreamsAreTakenUpAnywhere(t *testing.T) {
	t.Parallel()
	tr := traces(t)
	rapid.Check(t, func(t *rapid.T) {
		c := config(hosting.Batch, 256)
		if rapid.Bool().Draw(t, "service") {
			c.Contract.Class = gpu.Inference
		}
		s, err := tr.Stream(c)
		if err != nil {
			t.Fatal(err)
		}
		at := begin.Add(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "at")))
		late := s.From(at)
		for {
			if j, _ := s.Next(); !j.Arrive.Before(at) {
				break
			}
			s.Take()
		}
		twin := s.Clone()
		for range 50 {
			a, _ := s.Next()
			b, _ := late.Next()
			if d := cmp.Diff(a, b); d != "" {
				t.Fatal(d)
			}
			s.Take()
			late.Take()
		}
		first, _ := late.From(at).Next()
		if j, _ := twin.Next(); j.ID != first.ID {
			t.Fatalf("the clone went on to %s with its origin", j.ID)
		}
	})
}

func TestServicesFollowTheirLoad(t *testing.T) {
	t.Parallel()
	c := config(hosting.Reserved, 1280)
	c.Contract.Class, c.Load = gpu.Inference, 500_000
	c.From = origin().AddDate(7, 0, 6) // a Monday
	list := during(t, c, 28*24*time.Hour)
	busy := make([]int, 28*24)
	for _, j := range list {
		if j.Work != 0 || !j.Until.After(j.Arrive) || j.GPUs != 40 {
			t.Fatalf("%+v", j)
		}
		for h := range busy {
			if at := c.From.Add(time.Duration(h) * time.Hour); !at.Before(j.Arrive) && at.Before(j.Until) {
				busy[h] += j.GPUs
			}
		}
	}
	sum, night, noon := 0, 0, 0
	for h, n := range busy {
		sum += n
		switch h % 24 {
		case 4:
			night += n
		case 12:
			noon += n
		}
	}
	mean := float64(sum) / float64(len(busy)) / 1280
	t.Logf("%d replicas come in four weeks, mean load %.3f, at 4 h %.0f and at 12 h %.0f GPUs", len(list), mean, float64(night)/28, float64(noon)/28)
	if mean < 0.4 || mean > 0.6 || slices.Max(busy) > 1280 || noon < 2*night {
		t.Errorf("mean %.3f, highest %d, night %d, noon %d", mean, slices.Max(busy), night, noon)
	}
}

func TestLoadsOfOwnHardware(t *testing.T) {
	t.Parallel()
	p, sum := NewProfile("colo", 750_000, 1), 0.0
	for h := range 1000 {
		share := p.At(begin.Add(time.Duration(h) * time.Hour))
		if share < 600_000 || share > 900_001 || share != p.At(begin.Add(time.Duration(h)*time.Hour+59*time.Minute)) {
			t.Fatalf("hour %d: %d", h, share)
		}
		sum += share.Float() / 1000
	}
	if sum < 0.73 || sum > 0.77 {
		t.Errorf("mean %.3f", sum)
	}
	if full := NewProfile("full", unit.One, 1); full.At(begin) > unit.One {
		t.Error("more than all of it")
	}
}

func TestFixedStreamsEnd(t *testing.T) {
	t.Parallel()
	s := Fixed([]Job{{ID: "a", Arrive: begin}, {ID: "b", Arrive: begin.Add(time.Hour)}})
	if j, ok := s.From(begin.Add(time.Second)).Next(); !ok || j.ID != "b" {
		t.Errorf("taken up late: %v %v", j.ID, ok)
	}
	s.Take()
	s.Take()
	if j, ok := s.Next(); ok {
		t.Errorf("after the end comes %v", j)
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*Config){
		"use Profile":         func(c *Config) { c.Contract.Kind = hosting.Colocation },
		"number of GPUs":      func(c *Config) { c.Contract.GPUs = 0 },
		"a load of 0.000":     func(c *Config) { c.Load = 0 },
		"default power limit": func(c *Config) { c.Model.TDP = 0 },
		"leaves no room":      func(c *Config) { c.Contract.Kind, c.Contract.Deadline = hosting.Batch, 0 },
		"first arrival":       func(c *Config) { c.From = time.Time{} },
	} {
		c := config(hosting.Reserved, 64)
		change(&c)
		if _, err := traces(t).Stream(c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q: %v", says, err)
		}
	}
}

func TestBrokenTracesAreRefused(t *testing.T) {
	t.Parallel()
	for says, text := range map[string]string{
		"no rows":          "arrival_s,gpus,duration_s\n",
		"whole positive":   "arrival_s,gpus,duration_s\n900000,0,10\n900000,1,10\n",
		"wrong number":     "arrival_s,gpus,duration_s\n900000,1\n900000,1,10\n",
		"has a duration":   "arrival_s,gpus,duration_s\n900000,1,\n900001,1,\n",
		"invalid header":   "\x1f\x8bnot gzip at all",
		"no such file now": "",
	} {
		open := func(name string) (io.Reader, error) {
			if name != TrainingFile {
				return data.Open(name)
			}
			if text == "" {
				return nil, errors.New("no such file now")
			}
			return strings.NewReader(text), nil
		}
		if _, err := Load(open); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q: %v", says, err)
		}
	}
}

func FuzzTraces(f *testing.F) {
	f.Add([]byte("arrival_s,gpus,duration_s\n900000,1,10\n900000,8,\n"), []byte("m,s,r,c,g\n1,code,1,2,3\n2,code,1,2,3\n3,code,1,2,3\n"))
	f.Fuzz(func(t *testing.T, training, inference []byte) {
		tr, err := Load(func(name string) (io.Reader, error) {
			if name == TrainingFile {
				return bytes.NewReader(training), nil
			}
			return bytes.NewReader(inference), nil
		})
		if err != nil {
			return
		}
		c := config(hosting.Reserved, 64)
		s, err := tr.Stream(c)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			j, ok := s.Next()
			if ok && (j.GPUs <= 0 || j.Work <= 0 || j.Arrive.Before(begin)) {
				t.Fatalf("%+v", j)
			}
			s.Take()
		}
	})
}
