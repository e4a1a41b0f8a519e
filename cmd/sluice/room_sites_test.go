package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/server/room"
)

// atRoom is somebody at a control room over HTTP.
type atRoom struct {
	*testing.T

	house  *house
	server *httptest.Server
	cookie string
	keys   int
}

// newAtRoom is a control room of a demonstration, and somebody who may set sites up.
func newAtRoom(t *testing.T, dir string) *atRoom {
	t.Helper()
	demo := room.NewDemo("test")
	h, err := openHouse(t.Context(), house{data: dir, address: room.Address{Listen: "127.0.0.1:0"}, errors: slog.New(slog.DiscardHandler), demo: demo})
	if err != nil {
		t.Fatal(err)
	}
	h.sites.env = append(os.Environ(), asProgram+"=1")
	ctx, stop := context.WithCancel(context.Background())
	if err := h.sites.begin(ctx, h.room); err != nil {
		t.Fatal(err)
	}
	d := &atRoom{T: t, house: h, server: httptest.NewServer(h.room.Handler())}
	t.Cleanup(func() {
		stop()
		h.sites.wait()
		d.server.Close()
		_ = h.close()
	})
	who, err := cast(t.Context(), h.people, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	demo.Enter(who)
	d.must(http.MethodPost, "/v1/demo/anna", nil, nil)
	return d
}

// ask asks, and returns the status and the body.
func (d *atRoom) ask(method, path string, body any) (int, []byte) {
	d.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		d.Fatal(err)
	}
	q, err := http.NewRequestWithContext(d.Context(), method, d.server.URL+path, bytes.NewReader(text))
	if err != nil {
		d.Fatal(err)
	}
	d.keys++
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Idempotency-Key", fmt.Sprintf("test-key-%d", d.keys))
	q.Header.Set("Cookie", d.cookie)
	a, err := d.server.Client().Do(q)
	if err != nil {
		d.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read to its end
	for _, c := range a.Cookies() {
		d.cookie = c.Name + "=" + c.Value
	}
	out, err := io.ReadAll(a.Body)
	if err != nil {
		d.Fatal(err)
	}
	return a.StatusCode, out
}

// must asks, wants a good answer, and reads it.
func (d *atRoom) must(method, path string, body, into any) {
	d.Helper()
	status, text := d.ask(method, path, body)
	if status >= 300 {
		d.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			d.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// fields is a request as the pages send it.
type fields map[string]any

// TestASiteFromNothing walks the way of the pages: the meter is tested, machines are
// looked for and read, a site is drafted, started, attached, ended and started anew.
func TestASiteFromNothing(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 72, miners: 10})
	d := newAtRoom(t, shortFolder(t))
	logins := []fields{{"family": "whatsminer", "user": "super", "password": secret}, {"family": "*", "user": "root", "password": secret}}
	reach := fields{"networks": []string{"127.72.0.0/28", "127.73.0.0/29"}, "port_offset": y.offset}
	with := func(more fields) fields {
		out := fields{}
		for _, m := range []fields{reach, more} {
			maps.Copy(out, m)
		}
		return out
	}
	meter := y.revenue(t)
	var shown room.MeterShown
	d.must(http.MethodPost, "/v1/setup/meter", with(fields{"template": "schneider-pm5000", "address": meter}), &shown)
	if shown.Power == nil || *shown.Power < 10_000 || len(shown.Lines) == 0 || len(shown.Lines[0].Words) == 0 {
		t.Errorf("the meter shows %+v", shown)
	}
	var job room.Job
	d.must(http.MethodPost, "/v1/setup/scan", with(fields{"networks": []string{"127.72.0.0/28"}, "rate": 2000, "credentials": logins}), &job)
	d.until("the scan is over", func() bool {
		d.must(http.MethodGet, "/v1/jobs/"+job.ID, nil, &job)
		return job.State != "running"
	})
	if len(job.Machines) != 10 || job.State != "done" || slices.ContainsFunc(job.Machines, func(m room.FoundMachine) bool { return m.Opened == nil || !*m.Opened }) {
		t.Fatalf("%s: %+v", job.State, job.Machines)
	}
	plan := with(fields{
		"name": "west", "zone": "America/Chicago", "currency": "USD", "limit_w": 60_000, "market": fields{"settlement_point": "HB_HOUSTON", "prices": fields{"shipped": "houston_rt15_2021-2025.csv.gz"}},
		"meters": []fields{{"name": "revenue", "kind": "revenue", "template": "schneider-pm5000", "address": meter}}, "groups": groupsOf(job),
	})
	var draft room.SiteDraft
	d.must(http.MethodPost, "/v1/setup/site", plan, &draft)
	if draft.Draft == "" {
		t.Fatalf("%+v", draft.Faults)
	}
	start := fields{"draft": draft.Draft, "credentials": logins, "run": fields{"market_from": "2025-03-24T22:45:00Z", "speed": 10}}
	d.must(http.MethodPost, "/v1/setup/start", start, nil)
	var site room.SiteDetail
	d.until("the site says where it stands", func() bool {
		d.must(http.MethodGet, "/v1/sites/west", nil, &site)
		return site.Now.Stage == "observe" && site.Now.Machines != nil && site.Now.Machines.All == 10
	})
	d.kept(t, secret)
	d.turned(t)
	d.applied(t)
	if status, _ := d.ask(http.MethodPost, "/v1/setup/start", start); status != http.StatusNotFound {
		t.Errorf("a draft is started twice: %d", status)
	}
	d.must(http.MethodPost, "/v1/setup/site", plan, &draft)
	if draft.Draft != "" && len(draft.Faults) == 0 || draft.Faults[0].Field != "name" {
		t.Errorf("a name is given twice: %+v", draft.Faults)
	}
}

// revenue is the address of the revenue meter.
func (y *yard) revenue(t *testing.T) string {
	t.Helper()
	for _, m := range y.grid.Meters() {
		if m.Name == "revenue" {
			return m.Address.String()
		}
	}
	t.Fatal("no revenue meter")
	return ""
}

// groupsOf makes a group of each model, as the pages do.
func groupsOf(job room.Job) (out []fields) {
	for i, m := range job.Models {
		g := fields{"name": fmt.Sprintf("group-%d", i+1), "model": m.Model, "power_w": m.Power, "hash_ghs": m.Hash}
		var at []string
		for _, x := range job.Machines {
			if x.Family == m.Family && x.Model == m.Model {
				at = append(at, x.Address)
			}
		}
		g["addresses"] = at
		out = append(out, g)
	}
	return out
}

// until asks ten times a second.
func (d *atRoom) until(what string, is func() bool) {
	d.Helper()
	if !soon(d.T, what, 25*time.Second, is) {
		_, text := d.ask(http.MethodGet, "/v1/setup/sites", nil)
		d.Fatalf("not so: %s; %s", what, text)
	}
}

// kept looks that no password stands anywhere in the directory of the room.
func (d *atRoom) kept(t *testing.T, password string) {
	t.Helper()
	dir := d.house.sites.folder("west")
	for _, name := range []string{runName, siteYAML, sealedName, logName, pidName} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || bytes.Contains(text, []byte(password)) {
			t.Errorf("%s: %v, or a password in the clear", name, err)
		}
	}
}

// turned ends the program, looks that it stays so, and starts it anew.
func (d *atRoom) turned(t *testing.T) {
	t.Helper()
	state := func() room.SiteProgram { return d.house.sites.List()[0] }
	before := state().Process
	d.must(http.MethodPost, "/v1/setup/sites/west/end", fields{"reason": "test"}, nil)
	d.until("the program has ended", func() bool { return state().State == "ended" })
	if isProgram(before, filepath.Join(d.house.sites.folder("west"), "data")) {
		t.Error("its process runs on")
	}
	d.must(http.MethodPost, "/v1/setup/sites/west/restart", fields{"reason": "test"}, nil)
	d.until("the program runs again", func() bool { return state().State == "running" })
	if now := state(); now.Process == before || now.Restarts != 0 {
		t.Errorf("%+v", now)
	}
}

// nowhere is a room that attaches nothing.
type nowhere struct{ no error }

func (n nowhere) Attach(string, room.Link) error { return n.no }
func (nowhere) Detach(string)                    {}

// TestNothingIsLeftBehind: a site that cannot begin leaves no folder.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	taken := errors.New("the name is taken")
	for sentence, c := range map[string]struct {
		show attaching
		site room.NewSite
		says string
	}{
		"a name that another site has":      {nowhere{taken}, room.NewSite{Name: "west", YAML: []byte("name: west\n")}, "taken"},
		"a site file that cannot be run":    {nowhere{}, room.NewSite{Name: "west", YAML: []byte("name: west\n")}, "ended at once"},
		"a name too long for a socket":      {nowhere{}, room.NewSite{Name: strings.Repeat("w", 100)}, "longer than"},
		"a file that stands somewhere else": {nowhere{}, room.NewSite{Name: "west", Files: map[string][]byte{"../x": nil}}, "another folder"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			dir := shortFolder(t)
			s, err := newRoomSites(dir, func(string) {})
			if err != nil {
				t.Fatal(err)
			}
			s.env, s.ends = append(os.Environ(), asProgram+"=1"), true
			ctx, stop := context.WithCancel(t.Context())
			t.Cleanup(func() { stop(); s.wait() })
			if err := s.begin(ctx, c.show); err != nil {
				t.Fatal(err)
			}
			if err := s.Begin(ctx, c.site); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "sites", "*")); len(left) > 0 || len(s.List()) > 0 {
				t.Errorf("left: %v", left)
			}
			if hidden, _ := filepath.Glob(filepath.Join(dir, "sites", ".*")); len(hidden) > 0 {
				t.Errorf("left: %v", hidden)
			}
		})
	}
}

// applied changes the site by its object: a lower limit at once, a higher one by two
// people; what its program cannot run by changes nothing.
func (d *atRoom) applied(t *testing.T) {
	t.Helper()
	file := filepath.Join(d.house.sites.folder("west"), siteYAML)
	text := func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := text()
	object := func(change func(string) string) fields {
		spec := "  " + strings.ReplaceAll(strings.TrimSpace(change(first)), "\n", "\n  ")
		return fields{"yaml": "apiVersion: sluice/v1\nkind: Site\nmetadata: {name: west}\nspec:\n" + spec + "\n", "reason": "test"}
	}
	limit := func(to string) func(string) string {
		return func(s string) string { return strings.Replace(s, "import_limit_mw: 0.06", "import_limit_mw: "+to, 1) }
	}
	state := func() room.SiteProgram { return d.house.sites.List()[0] }
	before := state().Process
	var out room.ObjectApplied
	d.must(http.MethodPost, "/v1/objects/apply", object(limit("0.05")), &out)
	if len(out.Sites) != 1 || out.Sites[0].State != "restarted" || !strings.Contains(text(), "import_limit_mw: 0.05") || state().Process == before {
		t.Fatalf("%+v\n%s", out, text())
	}
	stands, process := text(), state().Process
	d.must(http.MethodPost, "/v1/objects/apply", object(limit("0.055")), &out)
	if out.Request == nil || text() != stands || state().Process != process {
		t.Fatalf("a higher limit by one person: %+v", out)
	}
	status, said := d.ask(http.MethodPost, "/v1/objects/apply", object(func(s string) string {
		return strings.Replace(limit("0.04")(s), ".csv", "-gone.csv", 1)
	}))
	if status != http.StatusConflict || !strings.Contains(string(said), "not_in_effect") || text() != stands {
		t.Errorf("prices that are not there: %d %s", status, said)
	}
	d.until("the site runs by its old file", func() bool { return state().State == "running" })
	d.must(http.MethodPost, "/v1/demo/ben", nil, nil)
	d.must(http.MethodPost, "/v1/requests/"+out.Request.ID+"/approve", fields{}, nil)
	if !strings.Contains(text(), "import_limit_mw: 0.055") {
		t.Errorf("approved, and not in effect:\n%s", text())
	}
	d.until("the site runs by two people's file", func() bool { return state().State == "running" })
	d.must(http.MethodPost, "/v1/demo/anna", nil, nil)
}
