package hall

import (
	"testing"
	"time"

	"sluice/engine"
)

// TestDrain: what runs in a drained queue stops after its grace and comes back with the
// release, also with one that comes within the grace; what another event stopped stays.
func TestDrain(t *testing.T) {
	t.Parallel()
	for sentence, soon := range map[string]bool{"after a while": false, "within the grace": true} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := built(t, small(1))
			submit(t, h, job("a", "spot", 8, 2*time.Hour))
			submit(t, h, job("b", "spot", 8, 2*time.Hour))
			h.Advance(time.Hour)
			do(t, h, engine.Command{Event: "call-2", Seq: 1, Verb: engine.Evict, Subject: "b"})
			do(t, h, engine.Command{Verb: engine.Drain, Subject: "spot"})
			if s := seen(t, h, "a"); s.State != engine.Stopping {
				t.Errorf("in its grace: %+v", s)
			}
			h.Advance(10 * time.Second)
			if !soon {
				h.Advance(time.Hour)
				if s := seen(t, h, "a"); s.State != engine.Held || s.Evicted != "call-1" {
					t.Errorf("in a drained queue: %+v", s)
				}
				if n := counts(t, h, "spot"); n.Evictions != 2 {
					t.Errorf("two were stopped by us: %+v", n)
				}
			}
			do(t, h, engine.Command{Verb: engine.Release, Subject: "spot"})
			h.Advance(time.Minute)
			if s := seen(t, h, "a"); s.State != engine.Running || s.Evicted != "" {
				t.Errorf("after the release: %+v", s)
			}
			if s := seen(t, h, "b"); s.State != engine.Held || s.Evicted != "call-2" {
				t.Errorf("what another event stopped: %+v", s)
			}
		})
	}
}
