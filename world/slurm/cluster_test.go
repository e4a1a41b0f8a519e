package slurm_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/world/slurm"
)

// hall is a virtual cluster of two nodes and its time.
type hall struct {
	*slurm.Cluster
	now time.Time
}

func newHall() *hall {
	h := &hall{now: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}
	h.Cluster = slurm.New(slurm.Config{
		Nodes: []string{"n1", "n2"}, PerNode: 8, License: "kw", Licenses: 100, Now: func() time.Time { return h.now }, Partitions: []slurm.Partition{{Name: "spot", Tier: 1}},
	})
	return h
}

// ask is one exchange with slurmrestd.
func (h *hall) ask(tb testing.TB, method, path, body string, into any) {
	tb.Helper()
	out := httptest.NewRecorder()
	h.ServeHTTP(out, httptest.NewRequestWithContext(tb.Context(), method, "/slurm/v0.0.45/"+path, strings.NewReader(body)))
	if out.Code != http.StatusOK {
		tb.Fatalf("%s %s: %d %s", method, path, out.Code, out.Body)
	}
	if err := json.Unmarshal(out.Body.Bytes(), into); err != nil {
		tb.Fatal(err)
	}
}

func (h *hall) node(tb testing.TB, name string) []string {
	tb.Helper()
	var a struct {
		Nodes []struct {
			Name  string
			State []string
		}
	}
	h.ask(tb, http.MethodGet, "nodes", "", &a)
	for _, n := range a.Nodes {
		if n.Name == name {
			return n.State
		}
	}
	return nil
}

func (h *hall) job(tb testing.TB) (states []string, reason string) {
	tb.Helper()
	var a struct {
		Jobs []struct {
			State  []string `json:"job_state"`
			Reason string   `json:"state_reason"`
		}
	}
	h.ask(tb, http.MethodGet, "jobs", "", &a)
	last := a.Jobs[len(a.Jobs)-1]
	return last.State, last.Reason
}

// TestANodeThatIsOffWakesForTheNextJob: as in Slurm, and it hears nothing on its way down.
func TestANodeThatIsOffWakesForTheNextJob(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.ask(t, http.MethodPost, "node/n1", `{"state":["POWER_DOWN_ASAP"]}`, new(any))
	if s := h.node(t, "n1"); !slices.Contains(s, "POWERING_DOWN") {
		t.Errorf("an empty node that is told to power down is %v", s)
	}
	h.ask(t, http.MethodPost, "node/n1", `{"state":["POWER_UP"]}`, new(any))
	h.now = h.now.Add(10 * time.Minute)
	if s := h.node(t, "n1"); !slices.Contains(s, "POWERED_DOWN") {
		t.Errorf("told to power up while it powered down, it is %v", s)
	}
	h.Submit(slurm.Job{Partition: "spot", GPUs: 8})
	h.Submit(slurm.Job{Partition: "spot", GPUs: 8})
	if s := h.node(t, "n1"); !slices.Contains(s, "POWERING_UP") {
		t.Errorf("a job waits for it and it is %v", s)
	}
	h.now = h.now.Add(10 * time.Minute)
	if s, _ := h.job(t); !slices.Equal(s, []string{"RUNNING"}) {
		t.Errorf("the job that woke it is %v", s)
	}
}

// TestARequeuedJobWaitsTwoMinutes: as Slurm's credentials do.
func TestARequeuedJobWaitsTwoMinutes(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.Requeue(h.Submit(slurm.Job{Partition: "spot", GPUs: 1}))
	h.now = h.now.Add(time.Minute)
	if s, why := h.job(t); !slices.Equal(s, []string{"PENDING"}) || why != "BeginTime" {
		t.Errorf("after a minute it is %v because of %s", s, why)
	}
	h.now = h.now.Add(2 * time.Minute)
	if s, _ := h.job(t); !slices.Equal(s, []string{"RUNNING"}) {
		t.Errorf("after three minutes it is %v", s)
	}
}
