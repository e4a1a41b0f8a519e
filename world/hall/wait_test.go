package hall

import (
	"strconv"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
)

func TestSmallJobsPassForAnHour(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	submit(t, h, job("runs", "spot", 2, 90*time.Minute))
	submit(t, h, job("large", "spot", 14, time.Hour))
	for i := range 8 {
		submit(t, h, job("short-"+strconv.Itoa(i), "firm", 2, 30*time.Minute))
		h.Advance(15 * time.Minute)
	}
	if j := seen(t, h, "large"); j.State != engine.Waiting || j.Position != 1 {
		t.Errorf("it fits on no server: %+v", j)
	}
	submit(t, h, job("spot", "spot", 2, time.Hour))
	if j := seen(t, h, "spot"); j.State != engine.Waiting || j.Position != 2 {
		t.Errorf("nothing passes a job that has waited for an hour: %+v", j)
	}
	h.End("large")
	if j := seen(t, h, "spot"); j.State != engine.Running {
		t.Errorf("it is the first now: %+v", j)
	}
}

func TestAWindowKeepsPowerFree(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	from := h.Now().Add(2 * time.Hour)
	do(t, h, engine.Command{Verb: engine.Window, Power: 8 * h.watt(0), From: from, Until: from.Add(time.Hour)})
	long, short := job("long", "firm", 16, 3*time.Hour), job("short", "firm", 8, time.Hour)
	long.Limit, short.Limit = 3*time.Hour, time.Hour
	submit(t, h, long)
	submit(t, h, short)
	if seen(t, h, "long").Why != "watts" || seen(t, h, "short").State == engine.Running {
		t.Errorf("the first of the queue reaches into the window, and its quota is kept: %+v %+v", seen(t, h, "long"), seen(t, h, "short"))
	}
	h.End("long")
	if seen(t, h, "short").State != engine.Running {
		t.Error("a job that ends before the window may run")
	}
	submit(t, h, long)
	h.Advance(3 * time.Hour)
	if seen(t, h, "long").State != engine.Running {
		t.Errorf("the window is over: %+v", seen(t, h, "long"))
	}
}

func TestWattsThatTheHallDoesNotHaveAreNotExcused(t *testing.T) {
	t.Parallel()
	c := small(2)
	c.Contracts[0].Kind, c.Contracts[0].Flex = hosting.Flexible, hosting.Flex{Hours: 9 * time.Hour, Share: unit.One}
	c.Budget = 8 * 1275
	h := built(t, c)
	submit(t, h, job("a", "firm", 16, time.Hour))
	h.Advance(time.Hour)
	if n := counts(t, h, "firm"); n.Down != 16*3600 || n.Excused != 0 {
		t.Errorf("the engine admits eight GPUs and sixteen were sold: %+v", n)
	}
}

func TestOnlyAgreedCallsAreExcused(t *testing.T) {
	t.Parallel()
	c := small(2)
	c.Agreed = true
	c.Contracts[0].Kind, c.Contracts[0].Flex = hosting.Flexible, hosting.Flex{Hours: 9 * time.Hour, Share: unit.One / 2}
	h := built(t, c)
	from := begin.Add(time.Hour)
	if !h.Agree("firm", hosting.Call{From: from, To: from.Add(3 * time.Hour)}) || h.Agree("nobody", hosting.Call{}) {
		t.Fatal("calls are told of contracts that are there")
	}
	do(t, h, engine.Command{Verb: engine.Hold, Subject: "firm"})
	submit(t, h, job("a", "firm", 16, time.Hour))
	twin := h.Clone()
	h.Advance(2 * time.Hour)
	h.Agree("firm", hosting.Call{From: from, To: from.Add(2 * time.Hour)}) // ends early
	h.Advance(3 * time.Hour)
	if n := counts(t, h, "firm"); n.Down != 16*5*3600 || n.Excused != 8*2*3600 {
		t.Errorf("half of the GPUs for two of five hours were agreed: %+v", n)
	}
	twin.Advance(5 * time.Hour)
	if n := counts(t, twin, "firm"); n.Excused != 8*3*3600 {
		t.Errorf("the call of the clone went on: %+v", n)
	}
}
