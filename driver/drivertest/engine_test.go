package drivertest

import (
	"strings"
	"testing"
	"time"

	"sluice/engine"
)

// TestEngineSound runs the whole suite against an engine without a fault.
func TestEngineSound(t *testing.T) {
	t.Parallel()
	Engine(t, func(testing.TB) EngineBench { return newToyEngine("").bench() })
}

// listenToEngine runs one check and returns its complaints.
func listenToEngine(t *testing.T, name, fault string) string {
	t.Helper()
	for _, c := range engineChecks() {
		if c.name != name {
			continue
		}
		x, done := &ear{TB: t}, make(chan struct{})
		go func() {
			defer close(done)
			e := newToyEngine(fault)
			b := e.bench()
			b.Again = e.forget
			c.run(newTrial(x, b))
		}()
		<-done
		x.mu.Lock()
		defer x.mu.Unlock()
		return strings.Join(x.heard, "\n")
	}
	t.Fatalf("there is no check %q", name)
	return ""
}

// TestEngineCatchesPlantedFaults runs one check against an engine with one fault
// that it exists to catch.
func TestEngineCatchesPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, check, says string }{
		{"holds and never releases", "says what it can do", "what can be done can be undone"},
		{"newest first", "views are ordered and balanced, and asking has no effect", "in order of ID"},
		{"forgets GPUs", "views are ordered and balanced, and asking has no effect", "its jobs hold 1"},
		{"gives no reason", "a job that waits says why", "says why it waits"},
		{"holds nothing", "a held queue starts nothing, and what runs goes on", "nothing starts in a held queue"},
		{"stops what runs in a held queue", "a held queue starts nothing, and what runs goes on", "the rest runs"},
		{"holds the other queue too", "a held queue starts nothing, and what runs goes on", "runs"},
		{"releases for anybody", "a queue stays held until its last event releases it", "it was another's"},
		{"drains nothing", "a drained queue stops what runs in it, which comes back when it is released", "what ran in it is away"},
		{"drains the other queue too", "a drained queue stops what runs in it, which comes back when it is released", "the rest runs"},
		{"forgets who was drained", "a drained queue stops what runs in it, which comes back when it is released", "runs"},
		{"opens with the drain", "a queue that another event holds stays held when its drain ends", "the other event holds the queue"},
		{"ranks backwards", "ranks are taken, replaced and forgotten, and move nobody", "ranked as said"},
		{"keeps old ranks", "ranks are taken, replaced and forgotten, and move nobody", "ranked as said"},
		{"evicts the newest", "evict stops exactly one job, which stays away until it is restored", "held for our event"},
		{"evicts nothing", "evict stops exactly one job, which stays away until it is restored", "held for our event"},
		{"lets the evicted back in", "evict stops exactly one job, which stays away until it is restored", "held for our event"},
		{"restores for anybody", "restore starts nothing that this event did not stop", "it was another's"},
		{"a warning stops it", "a warned job runs on", "it did not stay so"},
		{"does it again", "the same command twice changes nothing", "given again it is said"},
		{"answers without a name", "the same command twice changes nothing", "an answer names its command"},
		{"withholds nothing", "withheld watts keep waiting jobs out and touch none that runs", "no job enters"},
		{"reclaims what runs", "withheld watts keep waiting jobs out and touch none that runs", "it did not stay so"},
		{"adds where it should replace", "what several events withhold adds up", "the first replaced"},
		{"gives back everything", "what several events withhold adds up", "the second gave its own back"},
		{"withholds for half an hour", "withheld watts do not expire", "after nobody said anything"},
		{"switches busy nodes off", "a node is emptied before it is switched off, and comes back", "takes no more"},
		{"switches on for anybody", "a node is emptied before it is switched off, and comes back", "it was another's"},
		{"switches off again", "a node is emptied before it is switched off, and comes back", "switching it off changed something"},
		{"never comes back", "a node is emptied before it is switched off, and comes back", "runs"},
		{"keeps no windows", "a window keeps long jobs out and lets short ones run", "would reach into the window waits"},
		{"knows everything", "what is not there is unknown", "want ErrUnknown"},
		{"takes no warnings", "what it cannot do is unsupported", "want ErrUnsupported"},
		{"does what makes no sense", "what makes no sense is not done", "makes no sense and was answered"},
		{"takes silence for emptiness", "an engine that does not answer is unreachable, and works later", "want nothing and ErrUnreachable"},
		{"records twice the time", "an evicted and restored job has two records that sum right", "it took between"},
		{"records one run", "an evicted and restored job has two records that sum right", "two records"},
		{"knows no limits", "a tenant is admitted, limited and dismissed", "no more than its limit"},
		{"dismisses nobody", "a tenant is admitted, limited and dismissed", "a dismissed tenant starts nothing"},
		{"kills who is dismissed", "a tenant is admitted, limited and dismissed", "what runs goes on"},
		{"remembers in the driver", "a new driver finds what the old one did", "a new driver sees the evicted job"},
		{"switches busy nodes off", "firm jobs are untouched by all of this", "touched a firm job"},
	} {
		t.Run(c.fault+", "+c.check, func(t *testing.T) {
			t.Parallel()
			if got := listenToEngine(t, c.check, c.fault); !strings.Contains(got, c.says) {
				t.Errorf("heard %q, want %q", got, c.says)
			}
		})
	}
}

// TestEngineTimeStandsStill: a bench whose clock does not go on ends all the same.
func TestEngineTimeStandsStill(t *testing.T) {
	t.Parallel()
	x, done := &ear{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		b := newToyEngine("").bench()
		b.Pass = func(time.Duration) {}
		newTrial(x, b).until("never", func(engine.View) bool { return false })
	}()
	<-done
	if len(x.heard) != 1 || !strings.Contains(x.heard[0], "1000 views") {
		t.Errorf("heard %q", x.heard)
	}
}
