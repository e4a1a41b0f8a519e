package node

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/gpu"
)

// here opens the GPUs of this machine, or skips and says so.
func here(t *testing.T) Board {
	t.Helper()
	b, err := OpenNVML()
	if err == nil {
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	t.Logf("not by NVML: %v", err)
	s, err := NewSMI("")
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS CHECKED: this machine has no NVIDIA GPU: %v", err)
	}
	if _, err := s.Read(t.Context()); errors.Is(err, ErrNoGPU) {
		t.Skipf("SKIPPED, NOTHING WAS CHECKED: this machine has no NVIDIA GPU: %v", err)
	}
	return s
}

// TestRealGPUReads reads a real GPU and watches its energy counter for SpanLeast. It
// changes nothing.
func TestRealGPUReads(t *testing.T) {
	if os.Getenv("SLUICE_GPU") == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: reading a real GPU for ten seconds is asked for with SLUICE_GPU=1, or by make test-gpu")
	}
	a := New(here(t), Options{Node: "here", Dir: t.TempDir()})
	before, err := a.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(gpu.SpanLeast + time.Second)
	after, err := a.Read(t.Context())
	if err != nil || len(after) != len(before) {
		t.Fatalf("%d GPUs, then %d: %v", len(before), len(after), err)
	}
	counters := 0
	for i, r := range after {
		text, err := json.Marshal(r)
		t.Logf("%s %v", text, err)
		if !r.Has.Energy {
			continue
		}
		counters++
		s, ok := gpu.Spent(before[i], r)
		if !ok || s.Estimated || s.Energy <= 0 {
			t.Errorf("GPU %d: the energy counter does not advance: %d J, then %d J", r.Index, before[i].Energy, r.Energy)
			continue
		}
		t.Logf("GPU %d: %d J in %s, %d W in the mean", r.Index, s.Energy, s.For, int64(s.Mean()))
	}
	if counters == 0 {
		t.Skipf("SKIPPED, NO ENERGY COUNTER WAS CHECKED: by %s the %d GPUs state none; NVML does, with CGO_ENABLED=1", after[0].Source, len(after))
	}
}

// TestRealGPULimit lowers the limit of every real GPU by a twentieth of its range and
// puts it back, whatever fails.
func TestRealGPULimit(t *testing.T) {
	if os.Getenv("SLUICE_GPU_LIMIT") == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: changing the limits of a real GPU is asked for with SLUICE_GPU_LIMIT=1, or by make test-gpu")
	}
	b := here(t)
	a := New(b, Options{Node: "here", Dir: t.TempDir()})
	found, err := a.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { putRight(t, a, b, found) })
	for _, r := range found {
		limit := max(r.Min, r.Limit-(r.Max-r.Min)/20)
		if !r.Has.Range || !r.Has.Limit || limit >= r.Limit {
			t.Skipf("SKIPPED, NOTHING WAS CHECKED: GPU %d states no range, or stands at its lowest limit: %+v", r.Index, r)
		}
		answer, err := a.Set(t.Context(), gpu.Setting{UUIDs: []string{r.UUID}, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if !answer.Taken {
			if rs, _ := a.Read(t.Context()); len(rs) == len(found) && rs[r.Index].Limit != r.Limit {
				t.Errorf("refused, and changed all the same: %+v", rs[r.Index])
			}
			if !strings.Contains(answer.Why, ErrDenied.Error()) && !strings.Contains(answer.Why, ErrCannot.Error()) {
				t.Fatalf("GPU %d refuses: %s", r.Index, answer.Why)
			}
			t.Skipf("SKIPPED, NO LIMIT WAS CHANGED: %s", answer.Why)
		}
		now, err := a.Read(t.Context())
		if err != nil || now[r.Index].Limit != limit {
			t.Errorf("GPU %d: set to %d W, has %+v, %v", r.Index, limit, now, err)
		}
		t.Logf("GPU %d: %d W, then %d W", r.Index, int64(r.Limit), int64(limit))
	}
	if answer, err := a.Restore(t.Context(), 0); err != nil || !answer.Taken {
		t.Errorf("%+v %v", answer, err)
	}
}

// putRight gives every GPU the limit that was found, by the agent and, where that
// fails, without it; and looks.
func putRight(t *testing.T, a *Agent, b Board, found []gpu.Reading) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if answer, err := a.Restore(ctx, 0); err != nil || !answer.Taken {
		t.Logf("restore: %+v %v", answer, err)
	}
	now, err := a.Read(ctx)
	if err != nil || len(now) != len(found) {
		t.Errorf("look by hand whether the limits are %+v: %v", found, err)
		return
	}
	for i, r := range found {
		if now[i].Limit == r.Limit {
			t.Logf("GPU %d: %d W again", r.Index, int64(r.Limit))
			continue
		}
		if err := b.Limit(ctx, r, r.Limit); err != nil {
			t.Errorf("SET GPU %d (%s) TO %d W BY HAND: %v", r.Index, r.UUID, int64(r.Limit), err)
		}
	}
}
