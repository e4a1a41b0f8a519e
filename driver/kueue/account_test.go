package kueue

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"sluice/engine"
)

// made reads an object from JSON.
func made[T any](tb testing.TB, text string) T {
	tb.Helper()
	var o T
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		tb.Fatal(err)
	}
	return o
}

// TestBudget: the watts of a hall are those of all queues and cohorts below its
// topmost cohort, and of no other.
func TestBudget(t *testing.T) {
	t.Parallel()
	d := lone(t)
	cq := func(name, cohort, watts string) queue {
		return made[queue](t, `{"metadata":{"name":"`+name+`"},"spec":{"cohortName":"`+cohort+`","resourceGroups":[{"flavors":[{"resources":[{"name":"nvidia.com/gpu","nominalQuota":8},{"name":"power.sluice.example/watts","nominalQuota":"`+watts+`"}]}]}]}}`)
	}
	cohort := func(name, parent, watts string) queue {
		q := cq(name, "", watts)
		q.Spec.ParentName = parent
		return q
	}
	s := state{
		clusters: []queue{cq("energy-reserve", "left", "10k"), cq("spot", "right", "0"), cq("firm", "hall", "5k"), cq("elsewhere", "other", "700k"), cq("alone", "", "900k")},
		cohorts:  []queue{cohort("hall", "", "1k"), cohort("left", "hall", "2k"), cohort("right", "hall", "300"), cohort("other", "", "4k"), cohort("ring-a", "ring-b", "1"), cohort("ring-b", "ring-a", "1")},
		locals:   []queue{made[queue](t, `{"metadata":{"name":"energy-reserve","namespace":"sluice"},"spec":{"clusterQueue":"energy-reserve"}}`)},
	}
	if w := d.watts(s); !w.Known || w.Budget != 18_300 {
		t.Errorf("%+v: want 18.3 kW", w)
	}
	s.locals[0].Spec.ClusterQueue = "alone"
	if w := d.watts(s); !w.Known || w.Budget != 900_000 {
		t.Errorf("%+v: want 900 kW", w)
	}
	for _, gone := range []func(*state){
		func(s *state) { s.locals = nil },
		func(s *state) { s.clusters = nil },
		func(s *state) { s.clusters = []queue{made[queue](t, `{"metadata":{"name":"alone"}}`)} },
	} {
		c := s
		gone(&c)
		if w := d.watts(c); w != (engine.Watts{}) {
			t.Errorf("%+v: what is not stated is not known", w)
		}
	}
}

// TestOrderOfQueue: a queue is in the order in which Kueue tries it.
func TestOrderOfQueue(t *testing.T) {
	t.Parallel()
	job := func(name, priority, created, evicted string) workload {
		w := made[workload](t, `{"metadata":{"name":"`+name+`","namespace":"t","creationTimestamp":"2026-11-20T`+created+`Z"},"spec":{"priority":`+priority+`}}`)
		if evicted != "" {
			w.Status.Conditions = []condition{{Type: "Evicted", Status: "True", Reason: "PodsReadyTimeout", LastTransitionTime: moment("2026-11-20T" + evicted + "Z")}}
		}
		return w
	}
	all := []workload{job("a", "1000", "09:00:09", ""), job("b", "100", "09:00:01", ""), job("c", "100", "09:00:02", ""), job("d", "100", "09:00:00", "09:00:03"), job("e", "100", "09:00:03", "")}
	for i := range all {
		for j := range all {
			if got := before(all[i], all[j]); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s compare as %d", all[i].Name, all[j].Name, got)
			}
		}
	}
}

// TestStanding: a job stands where its pods and conditions say together.
func TestStanding(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	yes := func(kinds ...string) []condition {
		var out []condition
		for _, k := range kinds {
			out = append(out, condition{Type: k, Status: "True", LastTransitionTime: at, Reason: k})
		}
		return out
	}
	for sentence, c := range map[string]struct {
		active     bool
		conditions []condition
		pods       int // of two, on nodes
		want       engine.State
		why        string
	}{
		"not considered":                          {true, nil, 0, engine.Waiting, "Pending: Kueue has not considered it yet"},
		"checked":                                 {true, yes("QuotaReserved"), 0, engine.Waiting, "UnsatisfiedAdmissionChecks: "},
		"admitted, no pods":                       {true, yes("QuotaReserved", "Admitted"), 0, engine.Waiting, "admitted; its pods have no nodes yet"},
		"admitted, one pod":                       {true, yes("QuotaReserved", "Admitted"), 1, engine.Waiting, "admitted; its pods have no nodes yet"},
		"admitted, all pods":                      {true, yes("QuotaReserved", "Admitted"), 2, engine.Running, ""},
		"was whole, lost a pod":                   {true, yes("QuotaReserved", "Admitted", "PodsReady"), 1, engine.Running, ""},
		"evicted, pods end":                       {true, yes("QuotaReserved", "Admitted", "Evicted"), 2, engine.Stopping, "evicted: Evicted"},
		"evicted, pods ended":                     {true, yes("QuotaReserved", "Admitted", "Evicted"), 0, engine.Waiting, "Evicted: "},
		"deactivated by others, pods end":         {false, yes("Admitted"), 1, engine.Stopping, "evicted: "},
		"deactivated by others":                   {false, nil, 0, engine.Held, "stopped by somebody else"},
		"quota is free and a pod still is there":  {true, yes("Evicted"), 1, engine.Stopping, "evicted: Evicted"},
		"deactivated before it was ever admitted": {false, yes(), 0, engine.Held, "stopped by somebody else"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := made[workload](t, `{"metadata":{"name":"w","namespace":"t","uid":"u","ownerReferences":[{"uid":"j"}]},"spec":{"podSets":[{"count":2}]}}`)
			w.Spec.Active, w.Status.Conditions = &c.active, c.conditions
			var pods []pod
			for range c.pods {
				pods = append(pods, made[pod](t, `{"metadata":{"namespace":"t","ownerReferences":[{"uid":"j"}]},"spec":{"nodeName":"n1"},"status":{"phase":"Running"}}`))
			}
			d := lone(t)
			j := d.job(state{at: at, workloads: []workload{w}, pods: owned([]workload{w}, pods)}, w)
			if on := j.State == engine.Running || j.State == engine.Stopping; j.State != c.want || j.Why != c.why || on != (len(j.Nodes) > 0) || j.State == engine.Running && !j.Started.Equal(at) {
				t.Errorf("%+v: want %s, %q", j, c.want, c.why)
			}
		})
	}
}

// TestRunThatJustEnds: a job that is restored before Kueue has counted the run
// that just ended keeps that run as one of its own.
func TestRunThatJustEnds(t *testing.T) {
	t.Parallel()
	d := lone(t)
	at := func(second int) time.Time { return time.Date(2026, 11, 20, 9, 0, second, 0, time.UTC) }
	w := made[workload](t, `{"metadata":{"name":"w","namespace":"t","annotations":{}}}`)
	set := func(admitted, evicted string, since, past int) {
		w.Status.AccumulatedPastExecutionTimeSeconds = int64(past)
		w.Status.Conditions = []condition{{Type: "Admitted", Status: admitted, LastTransitionTime: at(since)}, {Type: "Evicted", Status: evicted, LastTransitionTime: at(14)}}
	}
	lengths := func() (out []int64) {
		for _, u := range d.usage(state{at: at(50)}, w, time.Time{}) {
			u.GPUs = 1
			out = append(out, u.GPUSeconds(at(50)))
		}
		return out
	}
	set("True", "True", 10, 0)
	w.Annotations[d.key(ranFor)] = writeRuns(d.ending(w))
	for _, c := range []struct {
		what           string
		admitted       string
		since, counted int
		want           []int64
	}{
		{"not counted yet", "True", 10, 0, []int64{4}},
		{"counted", "False", 15, 4, []int64{4}},
		{"counted a second longer", "False", 15, 5, []int64{5}},
		{"runs again", "True", 20, 5, []int64{5, 30}},
		{"ran again, unseen", "False", 40, 25, []int64{4, 21}},
	} {
		set(c.admitted, "True", c.since, c.counted)
		if got := lengths(); !slices.Equal(got, c.want) {
			t.Errorf("%s: runs of %v s, want %v", c.what, got, c.want)
		}
	}
}
