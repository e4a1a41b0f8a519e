package hall

import (
	"slices"
	"testing"
	"time"

	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// noLimits lets nothing but evictions be done to the jobs.
func noLimits(b *bench) {
	room, contracts := small()
	b.cfg.Tenancies = nil
	for _, c := range contracts {
		c.Capping = hosting.Capping{}
		t, err := hosting.Compile(c, room, b.cfg.Curves, time.UTC)
		if err != nil {
			b.tb.Fatal(err)
		}
		b.cfg.Tenancies = append(b.cfg.Tenancies, t)
	}
}

// landing orders a fall by evictions, compares it with what the hall really does, and
// gives back.
func landing(b *bench) {
	const ordered = 30 * unit.Kilowatt
	job := unit.Power(8 * (600 - 70 + 420)).Scale(1_200_000) // one is 9.12 kW at the meter
	p, err := b.h.Propose(b.tb.Context(), Wish{By: ordered, Within: 10 * time.Minute})
	if err != nil {
		b.tb.Fatal(err)
	}
	before := b.shows(HallMeter, "")
	b.curtail(ordered, 10*time.Minute, 0)
	b.pass(9 * time.Minute)
	for _, a := range b.status().Event.Acts {
		if a.Lever != shed.Evict {
			b.breach("%s of %s: the day proves nothing of evictions", a.Lever, a.Item)
		}
	}
	fell := before - b.shows(HallMeter, "")
	if fell < ordered || fell > ordered+max(job, ordered/10) {
		b.breach("it fell by %s, ordered was %s", fell, ordered)
	}
	if d := fell - p.Saved; d > 100 || d < -100 {
		b.breach("it fell by %s, the preview said %s", fell, p.Saved)
	}
	b.givesBack(before)
}

// givesBack: everything comes back, and never more than there was.
func (b *bench) givesBack(before unit.Power) {
	b.tb.Helper()
	if b.has("yes_without_fall", "") {
		b.breach("jobs that went are said to draw on")
	}
	if err := b.h.Release(b.tb.Context(), "", 0); err != nil {
		b.tb.Fatal(err)
	}
	for range 180 {
		b.pass(10 * time.Second)
		if now := b.shows(HallMeter, ""); now > before+b.cfg.Timing.Notice {
			b.breach("the hall draws %s while it is given back, %s before the event", now, before)
		}
		if b.status().Event.Phase == curtail.Done {
			break
		}
	}
	b.back()
}

func TestCurtailmentLandsWhereItWasOrdered(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, noLimits, landing) {
		t.Error(what)
	}
}

// Two of eight GPUs of a server: their eviction frees their part of it, and no more is claimed.
func TestEvictionFromASharedServer(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, noLimits, func(b *bench) {
		b.v.Use(func(h *hall.Hall) {
			h.End("spot-5")
			for id, gpus := range map[string]int{"two": 2, "six": 6} {
				if err := h.Submit(jobs.Job{ID: id, Contract: "spot", GPUs: gpus, Work: int64(gpus) * 48 * 3600, Draw: 600, Class: gpu.Training}); err != nil {
					b.tb.Fatal(err)
				}
			}
		})
		b.pass(time.Minute)
		before := b.shows(HallMeter, "")
		b.curtail(2*unit.Kilowatt, 10*time.Minute, 0)
		b.pass(9 * time.Minute)
		acts := b.status().Event.Acts
		if len(acts) != 1 || acts[0].Item != "two" {
			b.breach("taken is %+v, want the job of two GPUs", acts)
		}
		want := unit.Power(2 * (600 - 70 + 420)).Scale(1_200_000)
		if fell := before - b.shows(HallMeter, ""); fell != want || acts[0].Saved != want {
			b.breach("it fell by %s, the act claimed %s, want %s", fell, acts[0].Saved, want)
		}
		b.givesBack(before)
	}) {
		t.Error(what)
	}
}

// A hall whose plates leave out what servers draw beside their GPUs falls too far.
func TestPlatesWithoutServersAreNoticed(t *testing.T) {
	t.Parallel()
	broken := inBubble(t, func(b *bench) {
		noLimits(b)
		m := &b.cfg.Hall.Groups[0].Model
		m.Node = m.Empty + unit.Power(m.PerNode)*(m.TDP-m.Idle)
	}, landing)
	if len(broken) == 0 {
		t.Fatal("nobody noticed it")
	}
	t.Log(broken)
}

// TestPlatesAreLearned: what servers draw beside their GPUs is seen at the meter, so that
// a plate that says too much is not believed for long, also after a restart; without a
// cooling meter the PUE stands in, and where a GPU says nothing, nothing is learned.
func TestPlatesAreLearned(t *testing.T) {
	t.Parallel()
	const truth = (10_200 - 1_800 - 8*(700-70)) / 8
	high := func(b *bench) {
		noLimits(b)
		b.cfg.Hall.Groups[0].Model.Node = 13_000 // 770 W for each GPU by the plate, 420 in truth
	}
	for name, change := range map[string]func(*bench){
		"with a meter of the cooling": func(*bench) {},
		"by the PUE": func(b *bench) {
			b.plant.Gauges = slices.DeleteFunc(b.plant.Gauges, func(g Gauge) bool { return g.Place == CoolingMeter })
		},
	} {
		for _, what := range inBubble(t, func(b *bench) { high(b); change(b) }, func(b *bench) {
			b.pass(20 * time.Minute)
			b.stop()
			b.start()
			if got := b.h.rests["H100 SXM"]; got < truth-5 || got > truth+5 {
				b.breach("%s: %s for each GPU at work, in truth %s", name, got, unit.Power(truth))
			}
			if name == "with a meter of the cooling" {
				landing(b)
			}
		}) {
			t.Error(what)
		}
	}
	for _, what := range inBubble(t, func(b *bench) { high(b); muteNode(b) }, func(b *bench) {
		b.pass(20 * time.Minute)
		if got := b.h.rests["H100 SXM"]; got != 770 {
			b.breach("a GPU says nothing, and %s were learned", got)
		}
	}) {
		t.Error(what)
	}
}

// Where no meter stands the servers' part is taken from their plates.
func TestCurtailmentWithoutAMeterLandsToo(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, func(b *bench) { unmetered(b); noLimits(b) }, landing) {
		t.Error(what)
	}
}
