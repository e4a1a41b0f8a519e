package hall

import (
	"errors"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// TestALargeHallIsCurtailedAndComesBack takes a megawatt and more from a full hall for two
// hours of every third day, by all levers, and gives them back.
func TestALargeHallIsCurtailedAndComesBack(t *testing.T) {
	t.Parallel()
	h := built(t, large(t))
	h.Advance(8 * 24 * time.Hour)
	var before []unit.Energy
	for range 4 {
		full := h.Draw()
		evicted := curtailed(t, h)
		h.Advance(2 * time.Hour)
		sound(t, h)
		if h.Draw() > full-unit.Megawatt {
			t.Errorf("%v of %v were drawn during the call", h.Draw(), full)
		}
		do(t, h, engine.Command{Verb: engine.GiveBack})
		for _, id := range evicted {
			c := engine.Command{Event: "call-1", Seq: 1, Verb: engine.Restore, Subject: id}
			if a, err := h.Do(t.Context(), c); !a.Done && !errors.Is(err, engine.ErrUnknown) { // it may have ended in its grace
				t.Errorf("restore %s: %+v %v", id, a, err)
			}
		}
		for i := range h.nodes {
			_, _ = h.Set(t.Context(), gpu.Setting{Node: h.nodes[i].name, Epoch: 1})
		}
		do(t, h, engine.Command{Verb: engine.Release, Subject: "spot"})
		h.Advance(70 * time.Hour)
		sound(t, h)
		before = energy(t, h, before)
	}
	n := counts(t, h, "spot")
	if n.Evictions == 0 || n.Lost == 0 || n.Slowed == 0 {
		t.Errorf("counted %+v", n)
	}
	if c := counts(t, h, "train"); c.Evictions != 0 || c.Down != 0 || c.Slowed == 0 {
		t.Errorf("reserved work was only slowed down: %+v", c)
	}
}

// curtailed holds spot work back, evicts it, and limits all GPUs.
func curtailed(t *testing.T, h *Hall) []string {
	t.Helper()
	do(t, h, engine.Command{Verb: engine.Hold, Subject: "spot"})
	do(t, h, engine.Command{Verb: engine.Withhold, Power: 100 * unit.Kilowatt})
	v, err := h.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, j := range v.Jobs {
		if j.Queue == "spot" && j.State == engine.Running {
			do(t, h, engine.Command{Verb: engine.Evict, Subject: j.ID})
			out = append(out, j.ID)
		}
	}
	for _, n := range v.Nodes {
		_, _ = h.Set(t.Context(), gpu.Setting{Node: n.Name, Limit: 450, Epoch: 1})
	}
	return out
}
