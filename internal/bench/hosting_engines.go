package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	kueuedriver "sluice/driver/kueue"
	slurmdriver "sluice/driver/slurm"
	"sluice/engine"
	"sluice/internal/kueue"
	"sluice/internal/slurm"
	"sluice/unit"
)

// bed is a real engine that is asked for power.
type bed struct {
	name       string
	engine     engine.Engine
	submit     func(ctx context.Context, queue string, gpus int) (string, error)
	firm, spot string
	gone       func(id string) (bool, error) // nothing of a job runs any more; nil: the engine's view is asked
	seq        int
	t          *table
}

// patience is how long an engine may take over one thing.
const patience = 2 * time.Minute

// slurm times a real Slurm of Debian.
func (b *bench) slurm(ctx context.Context, t *table) error {
	if missing := slurm.Missing(); len(missing) > 0 {
		t.note("Slurm was not timed: install %s.", strings.Join(missing, " "))
		return nil
	}
	dir, err := os.MkdirTemp("", "sl-bench-") // a short path: sockets lie in it
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // in the system's own place for such
	c, err := slurm.Start(ctx, dir, 5*time.Second)
	if err != nil {
		return err
	}
	defer c.Stop(context.WithoutCancel(ctx)) //nolint:errcheck // its folder goes with it
	s, err := slurmdriver.New(slurmdriver.Config{
		REST: slurmdriver.REST{Socket: c.Socket()}, Line: slurmdriver.Line{Commands: true, Environment: c.Environment()},
		GPUWatts: unit.Kilowatt, Timeout: 5 * time.Second,
	})
	if err != nil {
		return err
	}
	submit := func(ctx context.Context, queue string, gpus int) (string, error) {
		return c.Submit(ctx, slurm.Job{Name: "job", Tenant: slurm.Tenant, Queue: queue, GPUs: gpus, Limit: time.Hour})
	}
	gone := func(id string) (bool, error) { alive, err := c.Alive(id); return !alive, err }
	return (&bed{name: "Slurm", engine: s, submit: submit, firm: slurm.Firm, spot: slurm.Spot, gone: gone, t: t}).levers(ctx)
}

// kueue times a real Kueue on a real control plane.
func (b *bench) kueue(ctx context.Context, t *table) error {
	bin := os.Getenv(kueue.Folder)
	if bin == "" {
		t.note("Kueue was not timed: %s names no folder with the control plane, which make test-kueue builds.", kueue.Folder)
		return nil
	}
	dir, err := os.MkdirTemp(b.work, "kueue-")
	if err != nil {
		return err
	}
	const watts = 1300
	p, err := kueue.Start(ctx, kueue.Setting{Bin: bin, Dir: dir, Watts: watts})
	if err != nil {
		return err
	}
	defer p.Stop()
	h := kueue.Hall{Namespace: "sluice", Resource: "power.sluice.example/watts", Nodes: []string{"n1", "n2"}, PerNode: 8, Watts: watts, FirmGPUs: 8}
	if err := h.SetUp(ctx, p.API); err != nil {
		return err
	}
	if err := h.Tenant(ctx, p.API, "acme"); err != nil {
		return err
	}
	token := filepath.Join(dir, "token-of-bench")
	if err := os.WriteFile(token, []byte(kueue.Token+"\n"), 0o600); err != nil {
		return err
	}
	d, err := kueuedriver.New(kueuedriver.Config{
		Server: p.Server, Authority: p.Certificate, TokenFile: token, Namespace: "sluice", Reserve: kueue.Reserve, Granule: 5 * unit.Kilowatt, Budget: 16 * watts,
	})
	if err != nil {
		return err
	}
	n := 0
	submit := func(ctx context.Context, queue string, gpus int) (string, error) {
		n++
		uid, err := p.Submit(ctx, kueue.Job{Name: fmt.Sprintf("job-%d", n), Tenant: "acme", Queue: queue, GPUs: gpus, Limit: time.Hour})
		if err != nil {
			return "", err
		}
		var id string
		err = kueue.Until(ctx, func() (err error) { id, err = p.WorkloadOf(ctx, "acme", uid); return err })
		return id, err
	}
	return (&bed{name: "Kueue", engine: d, submit: submit, firm: kueue.Firm, spot: kueue.Spot, t: t}).levers(ctx)
}

// levers takes power from one spot job beside a firm one with every lever, and gives
// it back.
func (b *bed) levers(ctx context.Context) error {
	firm, err := b.runs(ctx, b.firm, 8)
	if err != nil {
		return err
	}
	spot, err := b.runs(ctx, b.spot, 4)
	if err != nil {
		return err
	}
	away := b.jobIs(spot, engine.Held)
	if b.gone != nil {
		away = func(context.Context) (bool, error) { return b.gone(spot) }
	}
	steps := []struct {
		what string
		c    engine.Command
		seen func(context.Context) (bool, error)
	}{
		{"hold of a queue, seen", engine.Command{Verb: engine.Hold, Subject: b.spot}, b.held(true)},
		{"eviction, to the end of the job", engine.Command{Verb: engine.Evict, Subject: spot}, away},
		{"withheld watts, seen", engine.Command{Verb: engine.Withhold, Power: 4 * unit.Kilowatt}, b.withheld(true)},
		{"withheld watts given back, seen", engine.Command{Verb: engine.GiveBack}, b.withheld(false)},
		{"release of a queue, seen", engine.Command{Verb: engine.Release, Subject: b.spot}, b.held(false)},
		{"restore, to running again", engine.Command{Verb: engine.Restore, Subject: spot}, b.jobIs(spot, engine.Running)},
	}
	for _, s := range steps {
		if err := b.time(ctx, s.what, s.c, s.seen); err != nil {
			return err
		}
	}
	untouched, err := b.jobIs(firm, engine.Running)(ctx)
	b.t.add(figure{Name: b.name + ", firm job touched", Value: float64(indicator(!untouched)), Unit: "jobs", How: "the firm job still runs, and so does the spot job"}.atMost(0))
	return err
}

func indicator(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// runs submits a job and waits until it runs.
func (b *bed) runs(ctx context.Context, queue string, gpus int) (string, error) {
	id, err := b.submit(ctx, queue, gpus)
	if err != nil {
		return "", err
	}
	return id, b.until(ctx, "job "+id+" runs", b.jobIs(id, engine.Running))
}

// time gives one command and waits for its effect.
func (b *bed) time(ctx context.Context, what string, c engine.Command, seen func(context.Context) (bool, error)) error {
	b.seq++
	c.Event, c.Seq, c.Why = "bench", b.seq, "a measurement"
	begin := time.Now()
	a, err := b.engine.Do(ctx, c)
	if err != nil || !a.Done {
		return fmt.Errorf("%s: %s: %+v: %w", b.name, what, a, err)
	}
	if err := b.until(ctx, what, seen); err != nil {
		return err
	}
	b.t.add(figure{Name: b.name + ", " + what, Value: time.Since(begin).Seconds(), Unit: "s", How: "from the command to what it orders, on the real engine, asked again after a fiftieth of a second"})
	return nil
}

// until asks until something is so.
func (b *bed) until(ctx context.Context, what string, seen func(context.Context) (bool, error)) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := seen(ctx)
		if ok && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %s: not within %v: %w", b.name, what, patience, err)
		case <-tick.C:
		}
	}
}

func (b *bed) jobIs(id string, s engine.State) func(context.Context) (bool, error) {
	return b.view(func(v engine.View) bool {
		return slices.ContainsFunc(v.Jobs, func(j engine.Job) bool { return j.ID == id && j.State == s })
	})
}

func (b *bed) held(want bool) func(context.Context) (bool, error) {
	return b.view(func(v engine.View) bool {
		return slices.ContainsFunc(v.Queues, func(q engine.Queue) bool { return strings.HasSuffix(q.Name, b.spot) && q.Held == want })
	})
}

func (b *bed) withheld(want bool) func(context.Context) (bool, error) {
	return b.view(func(v engine.View) bool { return (v.Watts.Withheld > 0) == want })
}

func (b *bed) view(is func(engine.View) bool) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		v, err := b.engine.View(ctx)
		return err == nil && is(v), err
	}
}
