package hall

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

func TestEvictionLosesWhatWasNotSaved(t *testing.T) {
	t.Parallel()
	h := built(t, small(1))
	j := job("a", "spot", 8, 2*time.Hour)
	j.SaveEvery = 25 * time.Minute
	submit(t, h, j)
	h.Advance(time.Hour)
	do(t, h, engine.Command{Verb: engine.Evict, Subject: "a"})
	h.Advance(19 * time.Second)
	if s := seen(t, h, "a"); s.State != engine.Stopping || !s.Saved.Equal(begin.Add(50*time.Minute)) || h.Draw() <= 1800 {
		t.Errorf("in its grace it draws on: %+v", s)
	}
	h.Advance(time.Second)
	if s := seen(t, h, "a"); s.State != engine.Held || s.Evicted != "call-1" || h.Draw() != 1800 {
		t.Errorf("after its grace: %+v", s)
	}
	n := counts(t, h, "spot")
	if n.Lost != 8*620 || n.Evictions != 1 || n.Served != 8*3620 {
		t.Errorf("ten minutes and the grace were lost: %+v", n)
	}
	h.Advance(time.Hour)
	do(t, h, engine.Command{Verb: engine.Restore, Subject: "a"})
	h.Advance(70*time.Minute + 30*time.Second - time.Second)
	if seen(t, h, "a").State != engine.Running {
		t.Error("it ended before its restart and the work that was not saved were done")
	}
	h.Advance(time.Second)
	if seen(t, h, "a").State != "" || h.More("spot").Restarting != 8*30 {
		t.Errorf("not done when it should be: %+v %+v", seen(t, h, "a"), h.More("spot"))
	}
}

func TestSavesOnASignal(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		saving unit.Ratio
		warn   time.Duration
		lost   int64
	}{
		"time enough and it saves":              {unit.One, 5 * time.Minute, 8 * (3*60 + 20)},
		"time enough and it does not":           {0, 5 * time.Minute, 8 * (65*60 + 20)},
		"a warning too late to save":            {unit.One, time.Minute, 8 * (61*60 + 20)},
		"no warning, and a grace of 20 seconds": {unit.One, 0, 8 * (60*60 + 20)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k := small(1)
			k.Saving = c.saving
			h := built(t, k)
			submit(t, h, job("a", "spot", 8, 9*time.Hour))
			h.Advance(time.Hour)
			if c.warn > 0 {
				do(t, h, engine.Command{Verb: engine.Warn, Subject: "a", By: h.Now().Add(c.warn)})
				h.Advance(c.warn)
			}
			do(t, h, engine.Command{Verb: engine.Evict, Subject: "a"})
			h.Advance(time.Hour)
			if n := counts(t, h, "spot"); n.Lost != c.lost {
				t.Errorf("lost %d GPU-seconds, want %d", n.Lost, c.lost)
			}
		})
	}
}

func TestDeafJobsDrawOn(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Faults = Faults{Deaf: unit.One, Hangs: 10 * time.Minute}
	h := built(t, c)
	submit(t, h, job("a", "spot", 8, 9*time.Hour))
	before := h.Draw()
	do(t, h, engine.Command{Verb: engine.Evict, Subject: "a"})
	h.Advance(10 * time.Minute)
	if h.Draw() != before || seen(t, h, "a").State != engine.Stopping {
		t.Errorf("a job that ignores signals stopped: %v", h.Draw())
	}
	h.Advance(20 * time.Second)
	if h.Draw() != 1800 || seen(t, h, "a").State != engine.Held {
		t.Errorf("it hangs for longer than it should: %v", h.Draw())
	}
}

func TestReservedWorkGetsItsGPUs(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	submit(t, h, job("old", "spot", 8, 9*time.Hour))
	h.Advance(time.Hour)
	submit(t, h, job("new", "spot", 8, 9*time.Hour))
	h.Advance(time.Minute)
	submit(t, h, job("firm", "firm", 8, time.Hour))
	if seen(t, h, "old").State != engine.Running || seen(t, h, "new").State != engine.Stopping {
		t.Errorf("what began last makes room: %v %v", seen(t, h, "old").State, seen(t, h, "new").State)
	}
	h.Advance(20 * time.Second)
	if seen(t, h, "firm").State != engine.Running || seen(t, h, "new").State != engine.Waiting || seen(t, h, "new").Evicted != "" {
		t.Errorf("%+v %+v", seen(t, h, "firm"), seen(t, h, "new"))
	}
	n, m := counts(t, h, "spot"), h.More("spot")
	if n.Evictions != 0 || n.Lost != 0 || m.Preemptions != 1 || m.Preempted != 8*80 {
		t.Errorf("the engine's own preemption is no eviction of ours: %+v %+v", n, m)
	}
	if n := counts(t, h, "firm"); n.Down != 0 || h.More("firm").Waited != 8*20 {
		t.Errorf("twenty seconds until eight GPUs were cleared: %+v %+v", n, h.More("firm"))
	}
	h.Advance(time.Hour)
	if seen(t, h, "new").State != engine.Running {
		t.Error("it does not come back by itself")
	}
}

func TestReservedWorkGetsItsGPUsWhereWattsAbound(t *testing.T) {
	t.Parallel()
	c := small(2)
	c.Budget = unit.Megawatt
	h := built(t, c)
	for _, id := range []string{"a", "b", "c", "d"} {
		submit(t, h, job(id, "spot", 4, 9*time.Hour))
	}
	submit(t, h, job("firm", "firm", 8, time.Hour))
	h.Advance(time.Hour)
	if seen(t, h, "firm").State != engine.Running || h.More("spot").Preemptions < 2 || h.More("spot").Preemptions > 4 {
		t.Errorf("%+v after %d preemptions", seen(t, h, "firm"), h.More("spot").Preemptions)
	}
}

func TestOnDemandLeavesWhatIsReserved(t *testing.T) {
	t.Parallel()
	c := small(3)
	c.Contracts[0].GPUs = 16
	open := c.Contracts[1]
	open.Name, open.Kind = "open", hosting.OnDemand
	c.Contracts = append(c.Contracts, open)
	h := built(t, c)
	submit(t, h, job("a", "open", 8, 9*time.Hour))
	submit(t, h, job("b", "open", 8, 9*time.Hour))
	if seen(t, h, "a").State != engine.Running || seen(t, h, "b").State != engine.Waiting {
		t.Error("eight GPUs are not reserved, and no more")
	}
	submit(t, h, job("c", "spot", 16, 9*time.Hour))
	if seen(t, h, "c").State != engine.Running {
		t.Error("spot work may use what is reserved and idle")
	}
}

func TestABrokenServerTakesItsJobs(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	j := job("gang", "firm", 16, 9*time.Hour)
	j.SaveEvery = time.Hour
	submit(t, h, j)
	h.Advance(90 * time.Minute)
	if !h.Break("h100-0001") || h.Break("h100-0001") || h.Break("nothing") {
		t.Error("only a server that works breaks")
	}
	if s := seen(t, h, "gang"); s.State != engine.Waiting || h.Draw() != 2*1800 {
		t.Errorf("all of the gang stops: %+v, %v", s, h.Draw())
	}
	h.Advance(time.Hour)
	n := counts(t, h, "firm")
	if n.Down != 8*3600 || n.Excused != 0 || n.Lost != 0 || h.More("firm").Broken != 16*1800 {
		t.Errorf("counted %+v %+v", n, h.More("firm"))
	}
	if !h.Repair("h100-0001") || h.Repair("h100-0001") {
		t.Error("only what is broken is repaired")
	}
	h.Advance(8*time.Hour + 30*time.Second - time.Second)
	if seen(t, h, "gang").State != engine.Running {
		t.Error("eight hours and a restart are left")
	}
	h.Advance(time.Second)
	if seen(t, h, "gang").State != "" {
		t.Error("it should be done")
	}
}

func TestReservedGPUsThatAreMissingAreDown(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	h.Break("h100-0000")
	h.Advance(time.Hour)
	if n := counts(t, h, "firm"); n.Down != 8*3600 {
		t.Errorf("nobody asked for them, and they were not there: %+v", n)
	}
}

func TestHeldReservationsAreDownAndExcusedWithinTheTerms(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		flex    hosting.Flex
		excused int64
	}{
		"no terms":                 {hosting.Flex{}, 0},
		"all of it":                {hosting.Flex{Hours: 10 * time.Hour, Share: unit.One}, 8 * 3 * 3600},
		"half of the GPUs":         {hosting.Flex{Hours: 10 * time.Hour, Share: unit.One / 2}, 4 * 3 * 3600},
		"calls of an hour":         {hosting.Flex{Hours: 10 * time.Hour, Event: time.Hour, Share: unit.One}, 8 * 2 * 3600},
		"one call a month":         {hosting.Flex{Hours: 10 * time.Hour, Events: 1, Share: unit.One}, 8 * 2 * 3600},
		"two and a half hours all": {hosting.Flex{Hours: 150 * time.Minute, Share: unit.One}, 8 * 150 * 60},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k := small(1)
			k.Contracts[0].Kind, k.Contracts[0].Flex = hosting.Flexible, c.flex
			h := built(t, k)
			for i := range 2 { // two hours, and one
				do(t, h, engine.Command{Verb: engine.Hold, Subject: "firm"})
				submit(t, h, job([]string{"a", "b"}[i], "firm", 8, time.Hour))
				h.Advance(time.Duration(2-i) * time.Hour)
				do(t, h, engine.Command{Verb: engine.Release, Subject: "firm"})
				h.Advance(2 * time.Hour)
			}
			if n := counts(t, h, "firm"); n.Down != 8*3*3600 || n.Excused != c.excused {
				t.Errorf("counted %+v, want %d excused", n, c.excused)
			}
		})
	}
}

func TestWithheldWatts(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	submit(t, h, job("first", "firm", 8, 9*time.Hour))
	do(t, h, engine.Command{Verb: engine.Withhold, Power: 9 * h.watt(0)})
	submit(t, h, job("more", "firm", 8, time.Hour))
	h.Advance(time.Hour)
	if seen(t, h, "first").State != engine.Running || seen(t, h, "more").Why != "watts" {
		t.Errorf("%+v %+v", seen(t, h, "first"), seen(t, h, "more"))
	}
	if n := counts(t, h, "firm"); n.Down != 8*3600 {
		t.Errorf("what is kept out cannot be used: %+v", n)
	}
	h.End("first")
	submit(t, h, job("spot", "spot", 1, 9*time.Hour))
	if seen(t, h, "more").State != engine.Waiting || seen(t, h, "spot").State != engine.Waiting {
		t.Error("seven GPUs have watts: the job of eight waits, and no spot work takes what it waits for")
	}
	do(t, h, engine.Command{Verb: engine.Withhold, Power: 8 * h.watt(0)})
	if seen(t, h, "more").State != engine.Running || seen(t, h, "spot").State != engine.Waiting {
		t.Error("eight GPUs have watts")
	}
}

func TestWhatWaitsIsDownAsLongAsItIsWanted(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	do(t, h, engine.Command{Verb: engine.Withhold, Power: unit.Megawatt})
	for i := range 20 {
		submit(t, h, job(fmt.Sprint("one-", i), "firm", 1, time.Hour))
	}
	h.Advance(time.Hour)
	if n := counts(t, h, "firm"); n.Down != 16*3600 {
		t.Errorf("twenty GPUs are wanted of sixteen, and none is given: %+v", n)
	}
	h = built(t, small(2))
	do(t, h, engine.Command{Verb: engine.Hold, Subject: "firm"})
	j := job("service", "firm", 8, time.Hour)
	j.Work, j.Until = 0, begin.Add(time.Hour)
	submit(t, h, j)
	h.Advance(3 * time.Hour)
	if n := counts(t, h, "firm"); n.Down != 8*3600 || seen(t, h, "service").ID != "" {
		t.Errorf("a service for an hour was kept out for three: %+v", n)
	}
}

func TestReservedWorkGetsItsWatts(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	submit(t, h, job("spot", "spot", 8, 9*time.Hour))
	do(t, h, engine.Command{Verb: engine.Withhold, Power: 8 * h.watt(0)})
	submit(t, h, job("firm", "firm", 8, time.Hour))
	h.Advance(20 * time.Second)
	if seen(t, h, "spot").State != engine.Waiting || seen(t, h, "firm").State != engine.Running {
		t.Errorf("preemptible work makes room where watts are short: %+v %+v", seen(t, h, "spot"), seen(t, h, "firm"))
	}
}

func TestASilentEngineIsUnreachable(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Faults.Silent = unit.One / 2
	h := built(t, c)
	silent := 0
	for range 200 {
		_, err := h.View(t.Context())
		_, second := h.Do(t.Context(), engine.Command{Event: "e", Seq: 1, Verb: engine.Hold, Subject: "spot"})
		if errors.Is(err, engine.ErrUnreachable) != errors.Is(second, engine.ErrUnreachable) {
			t.Fatal("it answers one and not the other")
		}
		if err != nil {
			silent++
		}
		h.Advance(time.Hour)
	}
	if silent < 70 || silent > 130 {
		t.Errorf("silent in %d of 200 hours", silent)
	}
}

func TestServersFailByTheSeed(t *testing.T) {
	t.Parallel()
	c := small(40)
	c.Failures = Failures{Between: 30 * 24 * time.Hour, Repair: 3 * 24 * time.Hour}
	a, b := built(t, c), built(t, c)
	submit(t, b, job("x", "firm", 320, 500*time.Hour))
	down := 0
	for range 365 {
		a.Advance(24 * time.Hour)
		b.Advance(24 * time.Hour)
		for i := range a.nodes {
			if a.nodes[i].broken() != b.nodes[i].broken() {
				t.Fatal("what fails depends on what runs")
			}
			if a.nodes[i].broken() {
				down++
			}
		}
	}
	if share := float64(down) / 365 / 40; share < 0.07 || share > 0.12 {
		t.Errorf("%.3f of the servers are broken on the average, want 3/33", share)
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*Config){
		"no start":                func(c *Config) { c.Start = time.Time{} },
		"unknown power":           func(c *Config) { c.Hall.Groups[0].Model.Empty = 0 },
		"idle beyond empty":       func(c *Config) { c.Hall.Groups[0].Model.Idle = 400 },
		"a contract twice":        func(c *Config) { c.Contracts[1].Name = "firm" },
		"a model that is not":     func(c *Config) { c.Contracts[0].Model = "TPU" },
		"nothing reserved":        func(c *Config) { c.Contracts[0].GPUs = 0 },
		"jobs of nobody":          func(c *Config) { c.Streams = map[string]*jobs.Stream{"x": nil} },
		"no room in a rack":       func(c *Config) { c.Hall.Groups[0].Rack, c.Hall.Groups[0].Limit = 2, 3600 },
		"failures without repair": func(c *Config) { c.Failures.Between = time.Hour },
		"a share of two":          func(c *Config) { c.Faults.Mute = 2 * unit.One },
	} {
		c := small(2)
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s is taken", sentence)
		}
	}
}
