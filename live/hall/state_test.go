package hall

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/hall"
)

func brokenDisk(b *bench) {
	before := b.shows(HallMeter, "")
	b.curtail(25_000, 6*time.Minute, 30*time.Minute)
	b.pass(8 * time.Minute)
	low := b.shows(HallMeter, "")
	if err := b.plant.Store.Close(); err != nil {
		b.tb.Fatal(err)
	}
	if err := b.h.Release(b.tb.Context(), "", 0); err != nil {
		b.tb.Fatal(err)
	}
	b.pass(10 * time.Minute)
	if now := b.shows(HallMeter, ""); now > low+500 {
		b.breach("the hall went from %s to %s although the disk refuses", low, now)
	}
	b.fell(before, 25_000)
	b.want("disk_refuses", "gpu")
}

func shutRecords(b *bench) {
	b.pass(10 * time.Minute)
	b.spy.set(func(s *spy) { s.noRecord = true })
	b.pass(12 * time.Minute)
	b.want("interval_not_metered", "gpu")
	b.spy.set(func(s *spy) { s.noRecord = false })
	b.pass(15 * time.Minute)
	u, err := b.h.Usage(b.tb.Context(), time.Now().Add(-24*time.Hour))
	if err != nil {
		b.tb.Fatal(err)
	}
	begun := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	want := int64(88) * int64(u.Now.Sub(begun)/time.Second)
	var got int64
	for _, l := range u.Lines {
		got += l.GPUSeconds
	}
	if d := want - got; d > 88*10 || d < 0 {
		b.breach("%d GPU-seconds are metered until %s, and %d were used", got, u.Now, want)
	}
	if u.Now.Before(time.Now().Add(-10 * time.Minute)) {
		b.breach("metered until %s only", u.Now)
	}
}

func deaf(b *bench) {
	room, contracts := small()
	curves := b.cfg.Curves
	world, err := hall.New(hall.Config{
		Start: time.Now().UTC(), Hall: room, Contracts: contracts, Curves: curves, Seed: 1, Faults: hall.Faults{Deaf: unit.One / 2, Hangs: 3 * time.Hour},
	})
	if err != nil {
		b.tb.Fatal(err)
	}
	b.v = NewVirtual(b.tb.Context(), world, room, time.Now, 0)
	b.spy.Virtual = b.v
	b.plant.Agents, b.plant.Gauges = []Agent{{Agent: b.v}}, b.v.Gauges("gpu")
	b.v.Use(b.fill)
}

func deafJobs(b *bench) {
	before := b.shows(HallMeter, "")
	b.curtail(28_000, 15*time.Minute, 2*time.Hour)
	b.pass(15 * time.Minute)
	b.want("job_ignores_signals", "")
	b.fell(before, 28_000)
	b.firmRuns()
}

func quota(b *bench) {
	if b.has("quota_lowered", "") {
		b.breach("a quota is called lowered before anybody did it")
	}
	b.spy.set(func(s *spy) { s.lowered = 8 })
	b.pass(time.Minute)
	b.want("quota_lowered", "firm")
	b.spy.set(func(s *spy) { s.lowered = 0 })
	b.pass(time.Minute)
	if b.has("quota_lowered", "") {
		b.breach("the quota is back and still called lowered")
	}
	b.firmRuns()
}

// oversold declares less for spot than it holds, and leaves batch out.
func oversold(b *bench) {
	kept := b.cfg.Tenancies[:0:0]
	for _, t := range b.cfg.Tenancies {
		c := t.Contract()
		switch c.Name {
		case "batch":
			continue
		case "spot":
			c.GPUs = 16
			less, err := hosting.Compile(c, b.cfg.Hall, b.cfg.Curves, time.UTC)
			if err != nil {
				b.tb.Fatal(err)
			}
			t = less
		}
		kept = append(kept, t)
	}
	b.cfg.Tenancies = kept
}

func overQuota(b *bench) {
	b.want("tenant_over_quota", "spot")
	b.want("job_without_contract", "batch-1")
	b.curtail(20_000, 10*time.Minute, 30*time.Minute)
	b.pass(10 * time.Minute)
	b.firmRuns()
	for id, s := range b.states() {
		if strings.HasPrefix(id, "batch") && s != engine.Running {
			b.breach("job %s of nobody is %s", id, s)
		}
	}
}

func steppingClock(b *bench) {
	b.step = &atomic.Int64{}
	b.plant.Clock.Now = func() time.Time { return time.Now().Add(-time.Duration(b.step.Load())) }
}

func clockBack(b *bench) {
	b.step.Store(int64(5 * time.Minute))
	b.pass(time.Minute)
	b.want("clock_went_back", "gpu")
	b.pass(5 * time.Minute)
	if b.has("clock_went_back", "gpu") {
		b.breach("the clock has caught up and is still called back")
	}
	before := b.shows(HallMeter, "")
	b.curtail(10_000, 10*time.Minute, 30*time.Minute)
	b.pass(10 * time.Minute)
	b.fell(before, 10_000)
}

func driverIll(b *bench) {
	b.quiet = &atomic.Bool{}
	b.plant.Ill = func(context.Context) ([]EngineTrouble, error) {
		if b.quiet.Load() {
			return nil, nil
		}
		return []EngineTrouble{{Code: "order_waits", Subject: "gpu", Why: "no quota is free for it", Remedy: "raise the quota of the reserve"}}, nil
	}
}

func toldByDriver(b *bench) {
	b.want("order_waits", "gpu")
	b.quiet.Store(true)
	b.pass(3 * time.Minute)
	if b.has("order_waits", "gpu") {
		b.breach("what the driver does not see any more is still told")
	}
}

// seen is what the hall shows of its engine to others.
func seen(b *bench) {
	if v, err := b.h.View(b.tb.Context()); err != nil || len(v.Jobs) != 11 {
		b.breach("%d jobs are shown, %v", len(v.Jobs), err)
	}
	b.spy.set(func(s *spy) { s.silent = true })
	b.pass(2 * time.Minute)
	if _, err := b.h.View(b.tb.Context()); !errors.Is(err, engine.ErrUnreachable) {
		b.breach("an old view is shown as if it were new: %v", err)
	}
	b.want("engine_unreachable", "gpu")
}
