package hall

import (
	"testing"
	"time"

	"sluice/data"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// begin is the start of most halls here.
var begin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// h100 is a server of eight, with the figures that its maker leaves open assumed.
func h100() gpu.Model {
	return gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800, Cooling: "air"}
}

// curves are the shipped ones.
func curves(tb testing.TB) gpu.Curves {
	tb.Helper()
	c, err := gpu.StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func traces(tb testing.TB) *jobs.Traces {
	tb.Helper()
	t, err := jobs.Load(data.Open)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// contracts of a 12 MW hall.
func contracts() []hosting.Contract {
	one := func(name string, kind hosting.Kind, class gpu.Class, gpus int) hosting.Contract {
		return hosting.Contract{
			Name: name, Tenant: "tenant-" + name, Kind: kind, Hall: "gpu", Model: "H100 SXM", Class: class, GPUs: gpus,
			Start: begin, Grace: time.Minute, Restart: 6 * time.Minute,
		}
	}
	colo := hosting.Contract{Name: "colo", Tenant: "tenant-colo", Kind: hosting.Colocation, Hall: "gpu", Start: begin, Power: 800 * unit.Kilowatt}
	flex := one("flex", hosting.Flexible, gpu.Training, 1024)
	flex.Flex = hosting.Flex{Hours: 200 * time.Hour, Event: 4 * time.Hour, Events: 10, Share: unit.One}
	batch := one("batch", hosting.Batch, gpu.HPC, 512)
	batch.Deadline = 24 * time.Hour
	return []hosting.Contract{
		one("train", hosting.Reserved, gpu.Training, 2560), flex, one("serve", hosting.Reserved, gpu.Inference, 1280),
		one("open", hosting.OnDemand, gpu.Training, 512), batch, one("spot", hosting.Spot, gpu.Training, 2048), colo,
	}
}

// large is a 12 MW hall of 850 servers with streams of every kind.
func large(tb testing.TB) Config {
	tb.Helper()
	t := traces(tb)
	c := Config{
		Start: begin, Seed: 7, Contracts: contracts(), Curves: curves(tb), Saving: unit.One / 2,
		Hall: hosting.Hall{
			Name: "gpu", Spare: 8, Cooling: use.Cooling{PUE0: 1_150_000, PerDegree: 4_000, Threshold: 20_000},
			Groups: []hosting.Group{{Name: "h100", Model: h100(), Nodes: 850, Rack: 4, Boot: 5 * time.Minute}},
		},
		Failures: Failures{Between: 60 * 24 * time.Hour, Repair: 36 * time.Hour},
		Streams:  map[string]*jobs.Stream{}, Profiles: map[string]*jobs.Profile{"colo": jobs.NewProfile("colo", 800_000, 7)},
	}
	for _, k := range c.Contracts {
		if k.Kind == hosting.Colocation {
			continue
		}
		s, err := t.Stream(jobs.Config{Contract: k, Model: h100(), Load: 800_000, Seed: 7, From: begin})
		if err != nil {
			tb.Fatal(err)
		}
		c.Streams[k.Name] = s
	}
	return c
}

// built is a hall that must be right.
func built(tb testing.TB, c Config) *Hall {
	tb.Helper()
	h, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// job is a job of one GPU group with round figures.
func job(id, contract string, gpus int, lasts time.Duration) jobs.Job {
	return jobs.Job{ID: id, Contract: contract, GPUs: gpus, Work: int64(gpus) * int64(lasts/time.Second), Draw: 600, Class: gpu.Training}
}

// submit lets a job in that must be taken.
func submit(tb testing.TB, h *Hall, j jobs.Job) {
	tb.Helper()
	if err := h.Submit(j); err != nil {
		tb.Fatal(err)
	}
}

// do gives a command that must be done.
func do(tb testing.TB, h *Hall, c engine.Command) engine.Answer {
	tb.Helper()
	if c.Event == "" {
		c.Event = "call-1"
	}
	c.Seq = 1
	a, err := h.Do(tb.Context(), c)
	if err != nil || !a.Done {
		tb.Fatalf("%s %s: %+v %v", c.Verb, c.Subject, a, err)
	}
	return a
}

// seen is a job as a view shows it.
func seen(tb testing.TB, h *Hall, id string) engine.Job {
	tb.Helper()
	v, err := h.View(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, j := range v.Jobs {
		if j.ID == id {
			return j
		}
	}
	return engine.Job{}
}

// counts is what a contract was counted.
func counts(tb testing.TB, h *Hall, contract string) hosting.Counts {
	tb.Helper()
	for _, r := range h.Registers() {
		if r.Use == "hosting/"+contract {
			return r.Service
		}
	}
	tb.Fatalf("no contract %s", contract)
	return hosting.Counts{}
}
