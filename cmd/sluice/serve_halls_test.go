package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/live"
	gpuhall "sluice/live/hall"
	"sluice/loop/cycle"
	"sluice/unit"
)

// annex is the hall of GPUs of a yard, which runs by itself.
type annex struct {
	data   string
	client gpuhall.Client
	code   chan int
}

// runAnnex runs the hall, and has the meters of the yard show what it draws.
func (y *yard) runAnnex(t *testing.T, speed int) *annex {
	t.Helper()
	a := &annex{data: shortFolder(t), code: make(chan int, 1)}
	a.client = gpuhall.NewClient(a.data)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() {
		a.code <- run(ctx, []string{"hall", "run", "--site", y.file, "--data", a.data, "--from", "2025-08-01T12:00", "--speed", strconv.Itoa(speed)}, io.Discard, io.Discard)
	}()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if s, err := a.status(ctx); err == nil && s.Known {
				y.guest.Draws(time.Now(), s.Power)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if code := <-a.code; code != exitOK {
			t.Errorf("the hall ended with %d", code)
		}
	})
	if !soon(t, "the hall runs", time.Minute, func() bool { s, err := a.status(ctx); return err == nil && s.Known }) {
		t.Fatal("the hall does not run")
	}
	return a
}

func (a *annex) status(ctx context.Context) (s gpuhall.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err = a.client.Ask(ctx, http.MethodGet, "status", nil, &s)
	return s, err
}

// paper is the turn of an instant, as the site keeps it.
func (y *yard) paper(t *testing.T, at time.Time) (out cycle.Turn, known bool) {
	t.Helper()
	known = y.reads(t, "turn?"+url.Values{"at": {at.UTC().Format(time.RFC3339)}}.Encode(), &out)
	return out, known
}

// reads asks the site's control socket.
func (y *yard) reads(t *testing.T, path string, into any) bool {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(y.data, live.SocketName))
	}, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://site/"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client.Do(r)
	if err != nil {
		return false
	}
	defer a.Body.Close() //nolint:errcheck // read only
	return a.StatusCode == http.StatusOK && json.NewDecoder(a.Body).Decode(into) == nil
}

// serveWithAHall runs machines and a hall of GPUs in one market: the plan gives the
// hall its budgets, what a tenant earned stands in the entries, and when the grid
// leaves less than the hall draws it is bound.
func serveWithAHall(t *testing.T) {
	t.Helper()
	y := newYard(t, lot{network: 76, gpus: 64, limit: 90_000, change: map[string]string{"shed_seconds: 60": "shed_seconds: 240", "poll_seconds: 10": "poll_seconds: 15"}})
	a := y.runAnnex(t, pace)
	s := y.serve(t, pace, "--entrust", "--hall", a.data)
	st := y.until(t, "the market gives the hall its budgets", 2*time.Minute, func(s live.Status) bool {
		return len(s.Halls) == 1 && s.Halls[0].Steered && len(s.Halls[0].Budgets) == 2
	})
	if h := st.Halls[0]; h.Most < h.Power || h.Budgets["hosting/firm"] == 0 {
		t.Errorf("the hall is %+v", h)
	}
	y.until(t, "machines outbid the cheap contract", 3*time.Minute, func(s live.Status) bool { return s.Halls[0].Budgets["hosting/spot"] == 0 })
	if !soon(t, "the hall follows", time.Minute, func() bool {
		r, err := a.client.Report(t.Context())
		for _, u := range r.Uses {
			if u.Use == "hosting/spot" {
				return err == nil && u.State.Draw < unit.Kilowatt
			}
		}
		return false
	}) {
		t.Error("the cheap contract still draws power")
	}
	servedAndBooked(t, y)
	_, out, _ := call(t, "control", "status", "--data", y.data)
	if !strings.Contains(out, "hall hall-gpu") || !strings.Contains(out, "budget of hosting/firm") {
		t.Errorf("the status does not show the hall:\n%s", out)
	}
	if _, out, _ := call(t, "hall", "status", "--data", a.data); !strings.Contains(out, "market: firm ") {
		t.Errorf("the hall does not show its budgets:\n%s", out)
	}
	var told struct {
		Data struct {
			Result []struct{ Metric map[string]string }
		}
	}
	query := `{__name__=~"sluice_hall_power_watts|sluice_use_plan_watts"}`
	if !y.reads(t, "api/v1/query?"+url.Values{"query": {query}}.Encode(), &told) || len(told.Data.Result) != 3 {
		t.Errorf("telemetry of the hall: %+v", told.Data.Result)
	}
	boundByTheGrid(t, y, a)
	leave(t, y, s)
}

// servedAndBooked looks for an interval whose tenant was served and has paid.
func servedAndBooked(t *testing.T, y *yard) {
	t.Helper()
	st := y.until(t, "intervals are settled", 2*time.Minute, func(s live.Status) bool { return s.Earned.Intervals >= 3 && s.Shadow.Intervals > 0 })
	for at := st.At.Truncate(5 * time.Minute); at.After(st.At.Add(-time.Hour)); at = at.Add(-5 * time.Minute) {
		p, known := y.paper(t, at)
		if !known || p.Entry.Turn == 0 {
			continue
		}
		for _, x := range p.Entry.Postings {
			if x.Use == "hosting/firm" && x.Account == books.Reservation && x.Amount < 0 {
				return // 32 GPUs were kept for it, and it owes for them
			}
		}
	}
	t.Error("no entry has earned with the tenant")
}

// boundByTheGrid takes more power away than all machines draw.
func boundByTheGrid(t *testing.T, y *yard, a *annex) {
	t.Helper()
	before, err := a.status(t.Context())
	if err != nil || before.Power < 20_000 {
		t.Fatalf("the hall draws %v, %v", before.Power, err)
	}
	y.say(t, "instruct", "--limit-mw", "0.02", "--by", "the grid")
	y.until(t, "the hall is bound", time.Minute, func(s live.Status) bool { return s.Halls[0].Bound > 0 && s.Halls[0].Bound < 20_000 })
	if !soon(t, "the hall keeps its bound", time.Minute, func() bool {
		s, err := a.status(t.Context())
		return err == nil && s.Power < 20_000 && s.Event != nil && strings.HasPrefix(s.Event.Order.Event, "market-")
	}) {
		s, err := a.status(t.Context())
		t.Errorf("bound, the hall draws %v: %+v, %v", s.Power, s.Event, err)
	}
	y.say(t, "instruct", "--limit-mw", "1", "--by", "the grid", "--and", "anna")
	y.until(t, "the bound is lifted", 2*time.Minute, func(s live.Status) bool { return s.Halls[0].Bound == 0 })
}

// TestServeHallInput: a hall that does not run, or is of another site, is named.
func TestServeHallInput(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 78, miners: 2})
	code, _, errs := call(t, append(y.arguments(10), "--hall", t.TempDir())...)
	if code != exitBadInput || !strings.Contains(errs, "has no hosting section") {
		t.Errorf("a hall of a site that has none: %d %s", code, errs)
	}
	z := newYard(t, lot{network: 80, miners: 2, gpus: 8})
	code, _, errs = call(t, append(z.arguments(10), "--hall", t.TempDir())...)
	if code != exitBadInput || !strings.Contains(errs, "no hall runs on this data directory") {
		t.Errorf("a hall that does not run: %d %s", code, errs)
	}
}
