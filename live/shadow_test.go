package live

import (
	"testing"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// TestNobodyEntrusted: in shadow and in advisory the same core orders nothing,
// whatever plans and its own limit say; a stop, a lock and the grid are obeyed.
func TestNobodyEntrusted(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		say    func(h *hall) actuate.Event
		orders bool
		cause  actuate.Cause
	}{
		"plans of every kind":        {nil, false, ""},
		"a stop":                     {func(*hall) actuate.Event { return actuate.Stopped{By: "anna"} }, true, actuate.ForStop},
		"a lock-out":                 {func(*hall) actuate.Event { return actuate.Locked{Unit: 3, By: "anna"} }, true, actuate.ForLock},
		"an instruction of the grid": {func(h *hall) actuate.Event { return actuate.Instruction{From: h.core.Since(h.now), Limit: 30_000} }, true, actuate.ForLimit},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := fleet(30)
			p.change = func(c *Config) { c.Entrust = false }
			h := p.build(t) // restarts, loss and a limit that its machines pass
			h.units[2].Sleep(h.now)
			target := unit.Power(0)
			h.steer(func() unit.Power { return target }, 5*time.Minute)
			for range 8 {
				h.pass(20 * time.Minute)
				target = p.limit - target
			}
			if len(h.sent) > 0 {
				t.Fatalf("nobody is entrusted, and %d orders were sent, the first %+v", len(h.sent), h.sent[0])
			}
			if c.say == nil {
				return
			}
			h.tell(Said{By: "anna", What: c.say(h)})
			h.pass(3 * time.Minute)
			if len(h.sent) == 0 {
				t.Fatal("nothing was ordered")
			}
			for _, o := range h.sent {
				if o.Raise || o.Cause != c.cause && o.Cause != actuate.ForRetry {
					t.Errorf("sent %+v", o)
				}
			}
		})
	}
}

// TestStartsOutliveADeath: a plan that jitters does not wear machines out, and
// nobody forgets how often they were started.
func TestStartsOutliveADeath(t *testing.T) {
	t.Parallel()
	p := few(31)
	p.change = func(c *Config) { c.Starts = 3 }
	h := p.build(t)
	target := p.limit
	h.steer(func() unit.Power { return target }, 5*time.Minute)
	wakes := map[int]int{}
	was := map[int]bool{}
	for n := range 18 {
		for range 60 {
			h.pass(20 * time.Second)
			for i := range h.units {
				if is := h.asleep(i); was[i] != is {
					if was[i] = is; !is {
						wakes[i]++
					}
				}
			}
		}
		target = p.limit - target
		if n%5 == 4 {
			h.reborn(t, nil)
		}
	}
	most := 0
	for i, n := range wakes {
		most = max(most, n)
		if n > 3 {
			t.Errorf("machine %d was started %d times", i, n)
		}
	}
	if most < 3 {
		t.Errorf("no machine was started more than %d times: the test shows nothing", most)
	}
	target = p.limit
	h.pass(15 * time.Minute)
	if h.core.Status(h.now).Why[string(actuate.StartsLimit)] == 0 {
		t.Errorf("nobody says why: %v", h.core.Status(h.now).Why)
	}
}
