package hall

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/service"
	"sluice/unit"
	"sluice/use/hosting"
)

// TestClientPeople: what people want of a hall goes over its socket to the path of its
// own interface, and what is refused stays a refusal.
func TestClientPeople(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, SocketName))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 16)
	said := map[string]string{
		"GET /status": `{"hall": "gpu", "power_w": 5}`, "GET /jobs?contract=a+b": `[{"of": "a b"}]`, "GET /why?job=x%2Fy": `{"because": ["it runs"]}`, "GET /notices": `[{"code": "event"}]`,
		"GET /promises": `[{"contract": "firm", "left_s": 7}]`, "POST /preview": `{"saved_w": 3}`, "POST /curtail": `{"event": "c-1"}`, "POST /release": `{"done": "given back"}`,
	}
	srv := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- string(body)
		answer, known := said[r.Method+" "+r.URL.RequestURI()]
		if !known {
			w.WriteHeader(http.StatusConflict)
			answer = `{"no": "not so"}`
		}
		_, _ = io.WriteString(w, answer)
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	c, ctx := NewClient(dir), t.Context()
	if s, err := c.Status(ctx); err != nil || s.Hall != "gpu" || s.Power != 5 {
		t.Error(s, err)
	}
	if all, err := c.Jobs(ctx, "a b"); err != nil || len(all) != 1 || all[0].Of != "a b" {
		t.Error(all, err)
	}
	if r, err := c.Why(ctx, "x/y"); err != nil || len(r.Because) != 1 {
		t.Error(r, err)
	}
	if all, err := c.Notices(ctx); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
	if all, err := c.Promises(ctx); err != nil || len(all) != 1 || *all[0].Left != 7 {
		t.Error(all, err)
	}
	clientActs(ctx, t, c, asked)
	if _, err := c.Why(ctx, "other"); !errors.Is(err, ErrNo) {
		t.Errorf("a refusal is %v", err)
	}
}

// clientActs checks what changes something, and what it says.
func clientActs(ctx context.Context, t *testing.T, c Client, asked chan string) {
	t.Helper()
	for len(asked) > 0 {
		<-asked
	}
	if p, err := c.Propose(ctx, Wish{By: 5, Within: time.Minute}); err != nil || p.Saved != 3 {
		t.Error(p, err)
	}
	if event, err := c.Curtail(ctx, Wish{To: 5, Within: time.Minute, KeepFirm: true, Who: "ann"}); err != nil || event != "c-1" {
		t.Error(event, err)
	}
	if a, err := c.LetGo(ctx, Ask{Event: "c-1", Who: "ann"}); err != nil || a.Done != "given back" {
		t.Error(a, err)
	}
	want := []string{
		`{"by_w":5,"within_ns":60000000000}`, `{"to_w":5,"within_ns":60000000000,"keep_firm":true,"who":"ann"}`, `{"event":"c-1","who":"ann"}`,
	}
	for _, w := range want {
		if diff := cmp.Diff(w, <-asked); diff != "" {
			t.Error(diff)
		}
	}
}

// TestPromise: what of a month may be down, what is left of it, and what is credited.
func TestPromise(t *testing.T) {
	t.Parallel()
	month := time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	level, _, err := hosting.LevelState{}.Add(hosting.Span{From: month, To: month.Add(10 * time.Hour), Counts: hosting.Counts{Committed: 36_000, Down: 500, Excused: 200}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	c := tenanted("firm", hosting.Reserved, 1, 2)
	c.Level = service.Level{Scope: service.Fleet, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}}}
	p := standsFor(c, level, time.UTC)
	whole := int64(30 * 24 * 3600)
	allowed := (whole - 200) / 1000 // one in a thousand of what is not excused
	if p.Recorded != 36_000 || p.Down != 500 || p.Excused != 200 || p.Allowed == nil || *p.Allowed != allowed || *p.Left != allowed-300 || *p.Credit != 0 || p.Fee != 2*720*unit.Unit {
		t.Errorf("%+v: allowed %d left %d", p, *p.Allowed, *p.Left)
	}
	level.Down += allowed
	if p = standsFor(c, level, time.UTC); p.Left != nil || *p.Credit != 144*unit.Unit {
		t.Errorf("after the tier is missed: %+v", p)
	}
	c.Level.Scope = service.Instance
	if p = standsFor(c, level, time.UTC); p.Credit != nil || p.Allowed != nil {
		t.Errorf("nodes are held one by one: %+v", p)
	}
}
