package tenant

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/service"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// today is the instant of every request here.
var today = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// noon is when the metered interval of every tenant begins.
var noon = today.Add(-2 * time.Hour)

// world is a site with a hall, an engine and some tenants.
type world struct {
	tb    testing.TB
	store *tenants.Store
	conf  Config
	mu    sync.Mutex // guards what follows
	book  hosting.Book
	view  engine.View
	fails error
	now   time.Time
}

// resident is a tenant with one of everything; all its words bear its name.
type resident struct {
	who                                           tenants.Tenant
	name, contract, event, wish, job, token, text string
}

// Book implements Books.
func (w *world) Book(context.Context) (hosting.Book, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.book, nil
}

// View implements Viewer.
func (w *world) View(context.Context) (engine.View, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view, w.fails
}

// Admit implements engine.Registrar.
func (w *world) Admit(_ context.Context, t engine.Tenant) (engine.Access, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return engine.Access{Engine: "it", Account: t.Name, Queue: t.Queue, Endpoint: "https://engine", Secret: "secret-of-" + t.Name, Hint: "submit"}, w.fails
}

// Dismiss implements engine.Registrar.
func (w *world) Dismiss(context.Context, string) error { return nil }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func h100() gpu.Model {
	return gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800, Cooling: "air"}
}

// build is a world without tenants: 100 servers of 8 GPUs.
func build(tb testing.TB) *world {
	tb.Helper()
	s, err := tenants.Open(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	w := &world{tb: tb, store: s, now: today}
	w.book = hosting.Book{Halls: []hosting.Hall{{
		Name: "hall-1", Cooling: use.Cooling{PUE0: 1_150_000}, Groups: []hosting.Group{{Name: "h100", Model: h100(), Nodes: 100, Rack: 4, Boot: time.Minute}},
	}}, Room: map[string]unit.Power{"hall-1": 2 * unit.Megawatt}, Zone: time.UTC}
	w.conf = Config{
		Desk: s.Desk(), Clerk: Registry{s.Office(), s}, Books: w, Now: w.clock, Accepts: []hosting.Kind{hosting.Spot},
		Stations: []Station{{Name: "slurm", Viewer: w, Registrar: w, Queue: "main"}},
		Rate:     Rate{time.Microsecond, 1_000_000}, Wrong: Rate{time.Microsecond, 1_000_000},
	}
	return w
}

func (w *world) must(errs ...error) {
	w.tb.Helper()
	if err := errors.Join(errs...); err != nil {
		w.tb.Fatal(err)
	}
}

// server is a new server of this world.
func (w *world) server(more ...route) *Server {
	w.tb.Helper()
	s, err := with(w.conf, append(routes(), more...))
	w.must(err)
	return s
}

// enrol makes a tenant with one of everything. Gpus is a number that only it has.
func (w *world) enrol(name string, gpus int) resident {
	w.tb.Helper()
	ctx, o := w.tb.Context(), w.store.Office()
	r := resident{name: name, contract: name + "-contract", event: name + "-event", job: name + "-job"}
	var err error
	r.who, err = o.Enrol(ctx, tenants.Profile{Name: name, Label: name + " label", Since: today.AddDate(-1, 0, 0)})
	w.must(err, o.Bind(ctx, r.who, r.contract, today))
	text, token, err := o.Issue(ctx, r.who, name+" key", today.AddDate(0, -1, 0), today.AddDate(1, 0, 0))
	r.text, r.token = text, token.ID
	w.must(err)
	ask := tenants.Wish{Key: name + "-1", Kind: "reserved", Hall: "hall-1", Model: "H100 SXM", GPUs: gpus, From: today.AddDate(0, 1, 0), Until: today.AddDate(0, 2, 0), Says: name + " words"}
	wish, err := w.store.Desk().Ask(ctx, r.who, ask, today)
	r.wish = wish.ID
	w.must(err)
	w.serve(&r, gpus)
	w.work(r, gpus)
	month := rate.Span{From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Unix(), To: noon.Unix()}
	stretch := meter.Stretch{
		Tenant: name, Contract: r.contract, Part: name + "-part", GPUs: int64(gpus), Span: month, Condition: meter.Down, Out: true, Event: r.event,
		Why: name + " node is down", Evidence: [32]byte{byte(gpus), 1},
	}
	w.must(
		o.Hold(ctx, []meter.Hold{{Contract: r.contract, Component: "gpu-h100-sxm", Span: rate.Span{From: noon.Unix() - 3600, To: noon.Unix()}, Why: name + " why", Engine: int64(gpus) * 10, Witness: int64(gpus) * 11, Source: "dcgm"}}, today),
		o.PutService(ctx, r.contract, month, []meter.Stretch{stretch}, today),
		o.Plan(ctx, tenants.Event{ID: r.event, Hall: "hall-1", At: today, Body: []byte(`{"price": "` + name + ` 12345"}`)}),
		o.Notify(ctx, r.who, tenants.Notice{Contract: r.contract, Event: r.event, Revision: 1, At: today, From: today.Add(time.Hour), Until: today.Add(3 * time.Hour), Measure: "power limit", GPUs: gpus, Says: name + " notice"}),
		o.Register(ctx, r.who, engine.Access{Engine: "slurm", Account: name + "-account", Queue: name + "-queue", Endpoint: name + "-host", Hint: name + "-hint"}, today),
	)
	return r
}

// serve enters the contract and its jobs.
func (w *world) serve(r *resident, gpus int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{
		Name: r.contract, Tenant: r.name, Version: 1, Kind: hosting.OnDemand, Hall: "hall-1", Model: "H100 SXM", GPUs: gpus, Start: today.AddDate(0, -6, 0), Price: unit.Amount(gpus) * unit.Unit,
		Renewal: 7_777_777, Level: service.Level{Scope: service.Fleet, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}}},
	})
	job := engine.Job{ID: r.job, Name: r.name + " job", Tenant: r.name + "-account", Queue: r.name + "-queue", Contract: r.contract, State: engine.Running, GPUs: gpus, Submitted: today, Started: today}
	next := job
	next.ID, next.State, next.Position, next.Why, next.Started, next.GPUs = r.job+"-2", engine.Waiting, 1, "Resources", time.Time{}, 1
	w.view.Jobs = append(w.view.Jobs, job, next)
	w.view.Queues = append(w.view.Queues, engine.Queue{Name: r.name + "-queue", Waiting: gpus, Held: true, Event: r.event})
}

// work meters an interval in which the tenant alone used a server.
func (w *world) work(r resident, gpus int) {
	w.tb.Helper()
	span := rate.Span{From: noon.Unix(), To: noon.Unix() + 300}
	in := meter.Interval{
		Boundary: r.name + "-hall", Span: span,
		Nodes:     []meter.Node{{Name: r.name + "-node", GPUs: 8, Meter: meter.Count{Name: r.name + "-meter", First: 1000, Last: unit.Energy(1000 + 100_000*gpus), Read: true}}},
		Jobs:      []engine.Usage{{Job: r.job, Run: 1, Tenant: r.name, Contract: r.contract, GPUs: 4, Nodes: []string{r.name + "-node"}, From: noon, To: noon.Add(time.Hour)}, {Job: "other-job", Run: 1, Tenant: "x", Contract: "gamma", GPUs: 2, Nodes: []string{r.name + "-node"}, From: noon}},
		Contracts: []meter.Contract{{Name: r.contract, Tenant: r.name, Component: "gpu-h100-sxm", Serves: rate.Span{From: 0, To: span.To}}, {Name: "gamma", Tenant: "x", Component: "gpu-h100-sxm", Serves: rate.Span{From: 0, To: span.To}}},
		Meter:     meter.Count{Name: "hall-1", First: 0, Last: unit.Energy(100_000 * gpus), Read: true},
	}
	a, err := meter.Attribute(in)
	w.must(err)
	var own []meter.Usage
	for _, u := range a.Usage() {
		if u.Contract == r.contract {
			own = append(own, u)
		}
	}
	w.must(w.store.Office().PutUsage(w.tb.Context(), own, a.Paper))
	a.Rows = slices.DeleteFunc(a.Rows, func(row meter.Row) bool { return row.Contract != r.contract })
	w.must(w.store.Office().PutWork(w.tb.Context(), a))
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request, such as "GET /v1/me".
func send(h http.Handler, what, token, body string, more ...string) answer {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, "http://tenants.example/", strings.NewReader(body))
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return answer{status: -1} // the server of net/http refuses it itself
	}
	r.URL, r.RequestURI = u, target
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Add(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body)
	return answer{w.Code, w.Header(), string(text)}
}
