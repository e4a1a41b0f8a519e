package meter_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/use/hosting/meter"
)

// scraped is what an exporter read of GPUs of node n1 every step seconds of an hour.
func scraped(source string, gpus int, step int64, job func(gpu int, at int64) string) (out []gpu.Reading) {
	for s := int64(0); s <= 3600; s += step {
		for i := range gpus {
			out = append(out, gpu.Reading{Node: "n1", UUID: string(rune('a' + i)), Job: job(i, s), At: at(s), Source: source})
		}
	}
	return out
}

// TestCrossCheck: the engine's word is held against who else saw the GPUs.
func TestCrossCheck(t *testing.T) {
	t.Parallel()
	hour := span(0, 3600)
	sources := []string{"dcgm", "agent"}
	holds := func(n int, until int64) func(int, int64) string {
		return func(i int, s int64) string {
			if i < n && s < until {
				return "a"
			}
			return ""
		}
	}
	jobs := []engine.Usage{run("A", "a", 4, 0, 3600, "n1")}
	for sentence, c := range map[string]struct {
		seen   []meter.Sighting
		jobs   []engine.Usage
		agrees bool
		want   meter.Check
	}{
		"both say the same": {
			meter.Sightings(scraped("dcgm", 8, 60, holds(4, 9999)), time.Minute), jobs, true,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 14_400, Limit: 144},
		},
		"1 % of the hour on each GPU is agreement": {
			meter.Sightings(scraped("dcgm", 8, 36, holds(4, 3564)), time.Minute), jobs, true,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 14_256, Limit: 144},
		},
		"a second more is not": {
			meter.Sightings(scraped("dcgm", 8, 1, holds(4, 3563)), time.Minute), jobs, false,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 14_252, Limit: 144},
		},
		"a GPU more than the engine says": {
			meter.Sightings(scraped("dcgm", 8, 60, holds(5, 9999)), time.Minute), jobs, false,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 18_000, Limit: 180},
		},
		"what nobody saw is no disagreement, and is told": {
			meter.Sightings(scraped("dcgm", 8, 600, holds(4, 9999)), time.Minute), jobs, true,
			meter.Check{Contract: "A", Engine: 4 * 360, Witness: 4 * 360, Unseen: 4 * 3240, Limit: 144},
		},
		"the node's agent counts where no exporter saw it": {
			meter.Sightings(scraped("agent", 8, 60, holds(2, 9999)), time.Minute), jobs, false,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 7200, Limit: 144},
		},
		"the exporter counts before the agent": {
			meter.Sightings(append(scraped("agent", 8, 60, holds(2, 9999)), scraped("dcgm", 8, 60, holds(4, 9999))...), time.Minute), jobs, true,
			meter.Check{Contract: "A", Engine: 14_400, Witness: 14_400, Limit: 144},
		},
		"a job that the engine does not know": {
			meter.Sightings(scraped("dcgm", 8, 60, holds(1, 9999)), time.Minute), nil, false,
			meter.Check{Witness: 3600, Limit: 36},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := meter.CrossCheck(hour, c.jobs, c.seen, sources)
			if len(got) != 1 || got[0].Agrees() != c.agrees {
				t.Fatalf("%+v", got)
			}
			g := got[0]
			if g.Contract != c.want.Contract || g.Engine != c.want.Engine || g.Witness != c.want.Witness || g.Unseen != c.want.Unseen || g.Limit != c.want.Limit {
				t.Errorf("%+v, want %+v", g, c.want)
			}
		})
	}
}

// TestDispute: what is contradicted is held with both figures, nothing else is.
func TestDispute(t *testing.T) {
	t.Parallel()
	lines := attribute(t, table()).Usage()
	check := meter.Check{Contract: "A", Span: span(0, 3600), Engine: 18_000, Witness: 12_000, Limit: 180, Sources: []string{"dcgm"}}
	free, held := meter.Dispute(lines, []meter.Check{check})
	if len(held) != 1 || held[0].Component != "gpu-h100" || held[0].Engine != 18_000 || held[0].Witness != 12_000 || !strings.Contains(held[0].Why, "18000") || !strings.Contains(held[0].Why, "12000") {
		t.Errorf("%+v", held)
	}
	if len(free) != 5 || !free[0].Estimated || slices.ContainsFunc(free, func(u meter.Usage) bool { return u.Contract == "B" && u.Estimated }) {
		t.Errorf("%+v", free)
	}
	check.Witness = 17_900
	if free, held = meter.Dispute(lines, []meter.Check{check}); len(free) != 6 || len(held) != 0 {
		t.Errorf("%d %d", len(free), len(held))
	}
}
