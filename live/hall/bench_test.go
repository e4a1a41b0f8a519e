package hall

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// bench is a small hall in virtual time: twelve servers of eight GPUs in three racks,
// full of work, with a Hall that runs it.
type bench struct {
	tb     testing.TB
	dir    string
	v      *Virtual
	cfg    Config
	plant  Plant
	spy    *spy
	h      *Hall
	plan   func(*sabotage)
	cancel context.CancelFunc
	ended  chan error
	broken []string // what must never happen and did
	quiet  *atomic.Bool
	step   *atomic.Int64 // by which the clock was set back
}

// spy stands between the hall and its engine, and may lie, be silent or note.
type spy struct {
	*Virtual

	mu       sync.Mutex
	lies     bool
	silent   bool
	hangs    bool
	lowered  int // GPUs of the quota of every queue that vanish
	sent     []engine.Command
	check    func(engine.Command)
	noRecord bool
	pads     []engine.Usage // that it adds to what ran
}

func (s *spy) ask() (lies, silent, hangs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lies, s.silent, s.hangs
}

func (s *spy) set(do func(*spy)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
}

func (s *spy) commands() []engine.Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]engine.Command(nil), s.sent...)
}

func (s *spy) View(ctx context.Context) (engine.View, error) {
	if _, silent, hangs := s.ask(); silent || hangs {
		return engine.View{}, s.quiet(ctx, hangs)
	}
	v, err := s.Virtual.View(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range v.Queues {
		v.Queues[i].GPUs = max(1, v.Queues[i].GPUs-s.lowered)
	}
	return v, err
}

func (s *spy) quiet(ctx context.Context, hangs bool) error {
	if hangs {
		<-ctx.Done()
	}
	return fmt.Errorf("spy: %w", engine.ErrUnreachable)
}

func (s *spy) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	lies, silent, hangs := s.ask()
	if silent || hangs {
		return engine.Answer{}, s.quiet(ctx, hangs)
	}
	s.mu.Lock()
	s.sent = append(s.sent, c)
	check := s.check
	s.mu.Unlock()
	if check != nil {
		check(c)
	}
	if lies && c.Verb == engine.Evict {
		return engine.Answer{Event: c.Event, Seq: c.Seq, Done: true, At: time.Now()}, nil
	}
	return s.Virtual.Do(ctx, c)
}

func (s *spy) Usage(ctx context.Context, from, to time.Time) ([]engine.Usage, error) {
	s.mu.Lock()
	no, pads := s.noRecord, s.pads
	s.mu.Unlock()
	if no {
		return nil, errors.New("spy: the records are shut")
	}
	out, err := s.Virtual.Usage(ctx, from, to)
	return append(out, pads...), err
}

func h100() gpu.Model {
	return gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800, Cooling: "air"}
}

func tenanted(name string, kind hosting.Kind, gpus int, price float64) hosting.Contract {
	return hosting.Contract{
		Name: name, Tenant: "t-" + name, Kind: kind, Hall: "gpu", Model: "H100 SXM", Class: gpu.Training, GPUs: gpus, Version: 1,
		Start: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), Price: unit.Amount(price * 1e6), Grace: 30 * time.Second, Restart: 6 * time.Minute,
		Capping: hosting.Capping{Slowdown: 200_000},
	}
}

// small is the hall of most tests.
func small() (hosting.Hall, []hosting.Contract) {
	firm := tenanted("firm", hosting.Reserved, 32, 2.9)
	firm.Capping.Slowdown = 100_000
	batch := tenanted("batch", hosting.Batch, 16, 1.4)
	batch.Warn, batch.Deadline = time.Minute, 96*time.Hour
	return hosting.Hall{
		Name: "gpu", Spare: 12, Cooling: use.Cooling{PUE0: 1_200_000},
		Groups: []hosting.Group{{Name: "h100", Model: h100(), Nodes: 12, Rack: 4, Boot: 5 * time.Minute}},
	}, []hosting.Contract{firm, batch, tenanted("spot", hosting.Spot, 40, 1.25)}
}

// inBubble runs a test on a bench in virtual time and returns what it broke.
func inBubble(t *testing.T, change func(*bench), test func(*bench)) (broken []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, change)
		b.start()
		t.Cleanup(b.stop)
		test(b)
		broken = b.broken
	})
	return broken
}

func newBench(tb testing.TB, change func(*bench)) *bench {
	tb.Helper()
	curves, err := gpu.StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb: tb, dir: tb.TempDir(), plan: func(*sabotage) {}}
	room, contracts := small()
	world, err := hall.New(hall.Config{Start: time.Now().UTC().Truncate(time.Second), Hall: room, Contracts: contracts, Curves: curves, Seed: 1})
	if err != nil {
		tb.Fatal(err)
	}
	b.v = NewVirtual(tb.Context(), world, room, time.Now, 0)
	b.spy = &spy{Virtual: b.v}
	timing := curtail.DefaultTiming()
	timing.Notice, timing.Granule = 500, unit.Kilowatt
	b.cfg = Config{Site: "test", Hall: room, Racks: b.v.Racks(), Curves: curves, Timing: timing}
	for _, c := range contracts {
		t, err := hosting.Compile(c, room, curves, time.UTC)
		if err != nil {
			tb.Fatal(err)
		}
		b.cfg.Tenancies = append(b.cfg.Tenancies, t)
	}
	b.plant = Plant{Engine: b.spy, Agents: []Agent{{Agent: b.v}}, Gauges: b.v.Gauges("gpu"), Folder: b.dir, Clock: Clock{Now: time.Now}}
	b.v.Use(b.fill)
	if change != nil {
		change(b)
	}
	return b
}

// fill lets tenants submit their jobs: four firm ones, two of batch, five of spot.
func (b *bench) fill(h *hall.Hall) {
	for contract, n := range map[string]int{"firm": 4, "batch": 2, "spot": 5} {
		for i := range n {
			j := jobs.Job{ID: fmt.Sprintf("%s-%d", contract, i+1), Contract: contract, GPUs: 8, Work: 8 * 48 * 3600, Draw: 600, Class: gpu.Training}
			if err := h.Submit(j); err != nil {
				b.tb.Fatal(err)
			}
		}
	}
}

// start opens the store and runs the hall until stop.
func (b *bench) start() {
	b.tb.Helper()
	store, err := tenants.Open(b.tb.Context(), b.dir)
	if err != nil {
		b.tb.Fatal(err)
	}
	b.plant.Store = store
	var s sabotage
	b.plan(&s)
	if b.h, err = made(b.tb.Context(), b.cfg, b.plant, s); err != nil {
		b.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.ended = cancel, make(chan error, 1)
	go func() { b.ended <- b.h.Run(ctx) }()
	b.pass(time.Minute)
}

// stop ends the hall as a kill would: nothing is given back.
func (b *bench) stop() {
	b.tb.Helper()
	if b.cancel == nil {
		return
	}
	b.cancel()
	b.cancel = nil
	if err := <-b.ended; !errors.Is(err, context.Canceled) {
		b.tb.Error(err)
	}
	if err := b.plant.Store.Close(); err != nil {
		b.tb.Error(err)
	}
}

func (b *bench) pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

func (b *bench) breach(format string, args ...any) {
	b.broken = append(b.broken, fmt.Sprintf(format, args...))
}

// status is where the hall stands.
func (b *bench) status() Status {
	b.tb.Helper()
	s, err := b.h.Status(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	return s
}

// shows is what a meter of the virtual hall shows, asked beside the Hall.
func (b *bench) shows(place Place, name string) unit.Power {
	b.tb.Helper()
	for _, g := range b.v.Gauges("gpu") {
		if g.Place == place && (name == "" || g.Name == name) {
			s, err := g.Meter.Sample(b.tb.Context())
			if err != nil {
				b.tb.Fatal(err)
			}
			return s.Power
		}
	}
	b.tb.Fatalf("no meter of %s %q", place, name)
	return 0
}

// curtail begins an event that takes so much.
func (b *bench) curtail(by unit.Power, within, hold time.Duration) string {
	b.tb.Helper()
	event, err := b.h.Curtail(b.tb.Context(), Wish{By: by, Within: within, Hold: hold, Who: "anna", Why: "the grid is short"})
	if err != nil {
		b.tb.Fatal(err)
	}
	return event
}

// has reports whether a trouble is there.
func (b *bench) has(code, subject string) bool {
	b.tb.Helper()
	for _, t := range b.status().Troubles {
		if t.Code == code && (subject == "" || t.Subject == subject) {
			if t.Remedy == "" {
				b.breach("no remedy for %s", code)
			}
			return true
		}
	}
	return false
}

// states are the states of all jobs.
func (b *bench) states() map[string]engine.State {
	b.tb.Helper()
	v, err := b.v.View(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	out := map[string]engine.State{}
	for _, j := range v.Jobs {
		out[j.ID] = j.State
	}
	return out
}

// limits are the limits below the default that GPUs have, by node.
func (b *bench) limits() map[string]unit.Power {
	b.tb.Helper()
	all, err := b.v.Read(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	out := map[string]unit.Power{}
	for _, r := range all {
		if r.Limit < r.Default {
			out[r.Node] = r.Limit
		}
	}
	return out
}
