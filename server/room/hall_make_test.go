package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/live/hall"
	"sluice/loop"
	"sluice/loop/curtail"
	"sluice/service"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
	virtual "sluice/world/hall"
	"sluice/world/jobs"
)

// paperHall is a hall that says what the test wants and notes what it is told.
type paperHall struct {
	firm  bool // a plan needs to stop who was promised to run, where that is wanted
	away  bool
	no    bool // it refuses
	event string
	told  []hall.Wish
	back  []hall.Ask

	standing []hall.Standing
	promises []hall.Promise
}

func (p *paperHall) fault() error {
	switch {
	case p.away:
		return errors.New("connection refused")
	case p.no:
		return fmt.Errorf("%w: the engine has shown nothing", hall.ErrNo)
	}
	return nil
}

// Status implements HallLink.
func (p *paperHall) Status(context.Context) (hall.Status, error) {
	s := hall.Status{Site: "a", Hall: "gpu", At: noon, Seen: noon, Power: 100_000, Known: true, Metered: true, Contracts: p.standing}
	if p.event != "" {
		s.Event = &hall.Event{Order: curtail.Order{Event: p.event}}
	}
	return s, p.fault()
}

// Jobs implements HallLink.
func (p *paperHall) Jobs(context.Context, string) ([]hall.Job, error) {
	draw := unit.Power(500)
	of := func(id string, gpus int, limit unit.Power, d *unit.Power, j engine.Job) hall.Job {
		j.ID, j.GPUs = id, gpus
		return hall.Job{Job: j, Of: "spot", Draw: d, Capped: limit}
	}
	runs := engine.Job{State: engine.Running, Queue: "spot", Started: noon}
	return []hall.Job{
		of("r1", 8, 0, &draw, runs), of("r2", 4, 420, &draw, runs), of("r3", 2, 420, nil, runs),
		of("w2", 1, 0, nil, engine.Job{State: engine.Waiting, Queue: "spot", Position: 2, Why: "Priority"}), of("w1", 1, 0, nil, engine.Job{State: engine.Waiting, Queue: "spot", Position: 1, Why: "Resources"}),
		of("s1", 1, 0, nil, engine.Job{State: engine.Waiting, Queue: "spot", Evicted: "c-1"}),
	}, p.fault()
}

// Why implements HallLink.
func (p *paperHall) Why(_ context.Context, job string) (hall.Reason, error) {
	if job != "w1" {
		return hall.Reason{}, fmt.Errorf("%w: no job", hall.ErrNo)
	}
	return hall.Reason{Job: hall.Job{Job: engine.Job{ID: job}}, Because: []string{"it is number 1 in queue spot"}}, p.fault()
}

// Report implements HallLink.
func (p *paperHall) Report(context.Context) (loop.HallReport, error) {
	return loop.HallReport{At: noon}, p.fault()
}

// Promises implements HallLink.
func (p *paperHall) Promises(context.Context) ([]hall.Promise, error) { return p.promises, p.fault() }

// Propose implements HallLink.
func (p *paperHall) Propose(_ context.Context, w hall.Wish) (hall.Proposal, error) {
	out := hall.Proposal{Hall: "gpu", At: noon, From: 100_000, To: max(w.To, 100_000-w.By), Within: w.Within, Saved: 30_000, Cost: 2_000_000, Currency: "USD", Steps: []hall.Step{
		{Lever: shed.Evict, Saved: 10_000, Cost: 500_000, Who: []hall.Taken{{Item: "r1", Contract: "spot", Lever: shed.Evict, Saved: 10_000, Cost: 500_000}}},
	}}
	if p.firm && !w.KeepFirm {
		out.Steps = append(out.Steps, hall.Step{Lever: shed.Evict, Firm: true, Who: []hall.Taken{{Item: "f1", Contract: "aurora", Lever: shed.Evict, Saved: 20_000, Cost: 100_000, Firm: true}}})
	}
	return out, p.fault()
}

// Curtail implements HallLink.
func (p *paperHall) Curtail(_ context.Context, w hall.Wish) (string, error) {
	if err := p.fault(); err != nil {
		return "", err
	}
	p.told, p.event = append(p.told, w), fmt.Sprintf("c-%d", len(p.told)+1)
	return p.event, nil
}

// LetGo implements HallLink.
func (p *paperHall) LetGo(_ context.Context, a hall.Ask) (hall.Answer, error) {
	p.back = append(p.back, a)
	return hall.Answer{Done: "what was taken is given back"}, p.fault()
}

// drawer is an office with one wish.
type drawer struct {
	said []Decision
	no   bool
}

// Wishes implements Office.
func (d *drawer) Wishes(context.Context) ([]Wish, error) {
	return []Wish{{ID: "r-1", Tenant: "acme", Key: "train", Kind: "reserved", GPUs: 64, From: noon, Fits: "yes"}}, nil
}

// Decide implements Office.
func (d *drawer) Decide(_ context.Context, x Decision) (string, error) {
	if d.no {
		return "", fmt.Errorf("%w: it does not fit", ErrOffice)
	}
	d.said = append(d.said, x)
	return "done", nil
}

// windows is a desk that says who it was asked for.
type windows struct {
	asked  []string
	sent   []string // bodies
	says   string   // its answer; empty: who was asked for
	status int
}

// Ask implements TenantDesk.
func (d *windows) Ask(_ context.Context, tenant string, q TenantAsk) (int, []byte, error) {
	method := strings.TrimPrefix(q.Method+" ", "GET ")
	d.asked, d.sent = append(d.asked, method+tenant+" "+q.Path+"?"+q.Query.Encode()), append(d.sent, string(q.Body))
	if d.says != "" {
		return 200, []byte(d.says), nil
	}
	if d.status != 0 {
		return d.status, []byte(`{"detail":"the stretch is too long","remedy":"ask for less"}`), nil
	}
	return 200, fmt.Appendf(nil, `{"tenant":%q}`, tenant), nil
}

// gallery is a room with a hall at site a.
type gallery struct {
	*world
	hall *paperHall
	desk *drawer
	view *windows
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	halls := NewHalls()
	g := &gallery{world: newWorld(t, func(c *Config) { c.Halls = halls }), hall: &paperHall{}, desk: &drawer{}, view: &windows{}}
	g.hosted()
	g.must(halls.Attach(HallAt{Name: "gpu", Site: "a", Link: g.hall, Office: g.desk, Desk: g.view}))
	return g
}

// small is a hall of twelve servers with a firm tenant, one of batch and one of spot.
func small() (hosting.Hall, []hosting.Contract) {
	of := func(name string, kind hosting.Kind, gpus int, price float64) hosting.Contract {
		return hosting.Contract{
			Name: name, Tenant: "t-" + name, Kind: kind, Hall: "gpu", Model: "H100 SXM", Class: gpu.Training, GPUs: gpus, Version: 1,
			Start: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), Price: unit.Amount(price * 1e6), Grace: 30 * time.Second, Restart: 6 * time.Minute,
			Capping: hosting.Capping{Slowdown: 200_000},
		}
	}
	firm := of("firm", hosting.Reserved, 32, 2.9)
	firm.Level = service.Level{Scope: service.Fleet, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}, {Below: 950_000, Credit: 300_000}}}
	model := gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800, Cooling: "air"}
	batch := of("batch", hosting.Batch, 16, 1.4)
	batch.Deadline = 96 * time.Hour
	return hosting.Hall{
		Name: "gpu", Spare: 12, Cooling: use.Cooling{PUE0: 1_200_000}, Groups: []hosting.Group{{Name: "h100", Model: model, Nodes: 12, Rack: 4, Boot: 5 * time.Minute}},
	}, []hosting.Contract{firm, batch, of("spot", hosting.Spot, 40, 1.25)}
}

// inLiveHall runs a test on a room with a virtual hall that lives, in virtual time.
func inLiveHall(t *testing.T, test func(*world, *hall.Hall)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		halls := NewHalls()
		w := newWorld(t, func(c *Config) { c.Halls = halls })
		w.hosted()
		h := lives(t)
		w.must(halls.Attach(HallAt{Name: "gpu", Site: "a", Link: h}))
		test(w, h)
	})
}

// lives runs a virtual hall until the test ends.
func lives(t *testing.T) *hall.Hall {
	t.Helper()
	curves, err := gpu.StandardCurves()
	check := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	place, contracts := small()
	inside, err := virtual.New(virtual.Config{Start: time.Now().UTC().Truncate(time.Second), Hall: place, Contracts: contracts, Curves: curves, Seed: 1})
	check(err)
	v := hall.NewVirtual(t.Context(), inside, place, time.Now, 0)
	c := hall.Config{Site: "a", Hall: place, Racks: v.Racks(), Curves: curves, Timing: curtail.DefaultTiming(), Currency: "USD"}
	for _, k := range contracts {
		x, err := hosting.Compile(k, place, curves, time.UTC)
		check(err)
		c.Tenancies = append(c.Tenancies, x)
	}
	v.Use(func(x *virtual.Hall) {
		for contract, n := range map[string]int{"firm": 4, "batch": 2, "spot": 5} {
			for i := range n {
				check(x.Submit(jobs.Job{ID: fmt.Sprintf("%s-%d", contract, i+1), Contract: contract, GPUs: 8, Work: 8 * 48 * 3600, Draw: 600, Class: gpu.Training}))
			}
		}
	})
	dir := t.TempDir()
	store, err := tenants.Open(t.Context(), dir)
	check(err)
	h, err := hall.New(t.Context(), c, hall.Plant{Engine: v, Agents: []hall.Agent{{Agent: v}}, Gauges: v.Gauges("gpu"), Folder: dir, Store: store, Clock: hall.Clock{Now: time.Now}})
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		_ = store.Close()
	})
	pass(time.Minute)
	return h
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// givers are the names of who gives way.
func givers(p HallPlan) (out []string) {
	for _, l := range p.Levers {
		for _, g := range l.Who {
			out = append(out, g.Item)
		}
	}
	slices.Sort(out)
	return out
}
