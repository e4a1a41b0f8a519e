package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting/meter"
)

// counterHall is a server for tenants of the shipped site with GPUs, over a virtual hall.
type counterHall struct {
	data, url string
	tokens    map[string]string // files, by tenant
}

// saidLines collects what a server prints, and hands over where it answers.
type saidLines struct {
	mu    sync.Mutex // guards text
	text  bytes.Buffer
	ready chan string
}

var readyAt = regexp.MustCompile(`ready: (http://[0-9.:]+)`)

func (s *saidLines) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(b)
	if m := readyAt.FindSubmatch(b); m != nil {
		s.ready <- string(m[1])
	}
	return n, err
}

func (s *saidLines) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// shortDir is a folder whose name leaves room for that of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tenants") //nolint:usetesting // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// openCounter makes two tenants, one with a past, and answers them.
func openCounter(t *testing.T) (h counterHall, log *saidLines) {
	t.Helper()
	h = counterHall{data: shortDir(t), tokens: map[string]string{}}
	for _, name := range []string{"aurora", "borealis"} {
		if code, _, errs := call(t, "tenant", "add", name, "--data", h.data, "--label", strings.ToUpper(name)); code != exitOK {
			t.Fatal(errs)
		}
		code, out, errs := call(t, "tenant", "token", name, "--data", h.data)
		if code != exitOK {
			t.Fatal(errs)
		}
		h.tokens[name] = write(t, name+".token", strings.Split(out, "\n")[1]+"\n")
	}
	past(t, h.data, time.Now())
	log = &saidLines{ready: make(chan string, 1)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"tenant", "serve", "--site", "houston-gpu", "--data", h.data, "--listen", "127.0.0.1:0", "--engine", "virtual", "--terms", "H100 SXM=h100", "--terms", "GB300=gb300", "--accept", "spot"}, log, log)
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("serve ended with %d: %s", code, log)
		}
	})
	select {
	case h.url = <-log.ready:
	case code := <-ended:
		ended <- code
		t.Fatalf("serve ended with %d: %s", code, log)
	}
	return h, log
}

// past gives aurora an interval of use, an hour down in this month, and a notice.
func past(t *testing.T, dir string, now time.Time) {
	t.Helper()
	s, err := tenants.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, o := t.Context(), s.Office()
	who, err := o.Tenant(ctx, "aurora")
	begin := now.Add(-2 * time.Hour).UTC().Truncate(time.Hour)
	span := rate.Span{From: begin.Unix(), To: begin.Unix() + 300}
	in := meter.Interval{
		Boundary: "hall-c", Span: span,
		Nodes:     []meter.Node{{Name: "h100-a-0001", GPUs: 8, Meter: meter.Count{Name: "pdu-1", Last: 2_550_000, Read: true}}},
		Jobs:      []engine.Usage{{Job: "aurora-7", Run: 1, Tenant: "aurora", Contract: "aurora", GPUs: 8, Nodes: []string{"h100-a-0001"}, From: begin}},
		Contracts: []meter.Contract{{Name: "aurora", Tenant: "aurora", Component: "gpu-h100-sxm", Serves: rate.Span{To: span.To}}},
		Meter:     meter.Count{Name: "hall-c", Last: 2_550_000, Read: true},
	}
	a, bad := meter.Attribute(in)
	zone, none := time.LoadLocation("America/Chicago")
	second := time.Date(now.In(zone).Year(), now.In(zone).Month(), 2, 0, 0, 0, 0, zone)
	day := rate.Span{From: second.Unix(), To: second.Unix() + 86_400}
	cut := day.From + 3600
	down := meter.Stretch{Tenant: "aurora", Contract: "aurora", Part: "h100-a-0001", GPUs: 8, Span: rate.Span{From: day.From, To: cut}, Condition: meter.Down, Out: true, Why: "node h100-a-0001 is down", Evidence: [32]byte{0xab, 0xcd}}
	up := down
	up.Span, up.Condition, up.Out, up.Why = rate.Span{From: cut, To: day.To}, meter.Up, false, ""
	err = errors.Join(
		err, bad, none, o.Bind(ctx, who, "aurora", now), o.PutUsage(ctx, a.Usage(), a.Paper), o.PutWork(ctx, a), o.PutService(ctx, "aurora", day, []meter.Stretch{down, up}, now),
		o.Plan(ctx, tenants.Event{ID: "peak-1", Hall: "hall-c", At: now, Body: []byte(`{}`)}),
		o.Notify(ctx, who, tenants.Notice{Contract: "aurora", Event: "peak-1", Revision: 1, At: now, From: now.Add(2 * time.Hour), Until: now.Add(4 * time.Hour), Measure: "power limit", GPUs: 2560, Says: "the grid is short"}),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// ask runs a command of a tenant.
func (h counterHall) ask(t *testing.T, tenant string, args ...string) (int, string, string) {
	t.Helper()
	return call(t, append([]string{"tenant", args[0], "--server", h.url, "--token-file", h.tokens[tenant]}, args[1:]...)...)
}

// TestTenant walks through all that a tenant and the operator do, over the network.
func TestTenant(t *testing.T) {
	t.Parallel()
	h, log := openCounter(t)
	says := func(tenant string, want []string, args ...string) string {
		t.Helper()
		code, out, errs := h.ask(t, tenant, args...)
		for _, w := range want {
			if code != exitOK || !strings.Contains(out, w) {
				t.Errorf("%v: exit code %d, %q is missing in:\n%s%s", args, code, w, out, errs)
			}
		}
		return out
	}
	from, until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly), time.Now().AddDate(0, 4, 0).Format(time.DateOnly)
	term := []string{"--gpus", "64", "--from", from, "--until", until}
	says("aurora", []string{"64 H100 SXM in hall-c, reserved", "can be had", "USD a GPU-hour: every hour of the term is paid", "for the whole term"}, append([]string{"quote"}, term...)...)
	says("aurora", []string{"cannot be had", "not enough GPUs"}, "quote", "--gpus", "4000", "--from", from)
	out := says("aurora", []string{"winter  waits for the operator"}, append([]string{"reserve", "--key", "winter"}, term...)...)
	id := strings.Fields(out)[0]
	says("aurora", []string{"spot-1  accepted by calendar", "contract aurora-spot-1"}, "reserve", "--key", "spot-1", "--kind", "spot", "--gpus", "8", "--from", from)
	if code, out, errs := call(t, "tenant", "list", "--data", h.data); code != exitOK || !strings.Contains(out, id) || !strings.Contains(out, "fits: yes") || strings.Contains(out, "sluice_") {
		t.Errorf("list: %d\n%s%s", code, out, errs)
	}
	if code, out, errs := call(t, "tenant", "accept", id, "--data", h.data, "--by", "ann"); code != exitOK || !strings.Contains(out, "contract aurora-winter of tenant aurora") {
		t.Errorf("accept: %d\n%s%s", code, out, errs)
	}
	says("aurora", []string{"winter  accepted by ann"}, "reservations")
	says("aurora", []string{"no account"}, "access")
	says("aurora", []string{"virtual: account aurora", "secret virtual-", "shown this once"}, "access", "--issue")
	if out := says("aurora", []string{"account aurora"}, "access"); strings.Contains(out, "secret") {
		t.Errorf("a secret is shown again:\n%s", out)
	}
	if out := says("aurora", []string{"JOB", "running", "aurora"}, "queue"); strings.Contains(out, "borealis") {
		t.Errorf("jobs of another tenant:\n%s", out)
	}
	says("borealis", []string{"no jobs of yours"}, "queue")
	says("aurora", []string{"gpu-h100-sxm  0.666667  GPU-hours", "it            0.708333  kWh"}, "usage")
	says("aurora", []string{"aurora-7  aurora    0.666667   0.708333"}, "usage", "--jobs")
	says("aurora", []string{"contract,meter,component,start,end,quantity,unit,revision,estimated\naurora,hall-c,"}, "usage", "--csv")
	says("borealis", []string{"0 intervals"}, "usage")
	says("aurora", []string{"down                                      480.000 GPU-minutes", "0.958333", "node h100-a-0001 is down (abcd", "credit as it stands                       0.00 of"}, "level")
	says("aurora", []string{"coming", "power limit of 2560 GPUs of aurora", "2h0m0s ahead", "the grid is short"}, "notices")
	says("borealis", []string{"no curtailments"}, "notices")
	h.colocation(t, says, from, until)
	for _, name := range h.tokens {
		token, err := os.ReadFile(name)
		if err != nil || strings.Contains(log.String(), strings.TrimSpace(string(token))) {
			t.Errorf("a token is in the log, or: %v", err)
		}
	}
	if !strings.Contains(log.String(), "aurora       201 POST /v1/reservations") {
		t.Errorf("requests are not told:\n%s", log)
	}
}

// colocation walks through the same with kilowatts.
func (h counterHall) colocation(t *testing.T, says func(tenant string, want []string, args ...string) string, from, until string) {
	t.Helper()
	term := []string{"--kw", "300", "--from", from, "--until", until}
	says("borealis", []string{
		"300 kW in hall-c, colocation", "can be had", "154.000000 USD a kW and month: every month of the term is paid, used or not; energy is paid on top, by the meter", "for the whole term",
	}, append([]string{"quote"}, term...)...)
	says("borealis", []string{"cannot be had", "not enough kW of the hall's power in hall hall-c"}, "quote", "--kw", "9000", "--from", from)
	id := strings.Fields(says("borealis", []string{"racks  waits for the operator: 300 kW, colocation"}, append([]string{"reserve", "--key", "racks"}, term...)...))[0]
	if code, out, errs := call(t, "tenant", "list", "--data", h.data); code != exitOK || !strings.Contains(out, "borealis  colocation  300 kW  hall-c") || !strings.Contains(out, "fits: yes") {
		t.Errorf("list: %d\n%s%s", code, out, errs)
	}
	if code, out, errs := call(t, "tenant", "accept", id, "--data", h.data, "--by", "ann"); code != exitOK || !strings.Contains(out, "until then its power is kept free") {
		t.Errorf("accept: %d\n%s%s", code, out, errs)
	}
	says("borealis", []string{"racks  accepted by ann: 300 kW, colocation", "contract borealis-racks"}, "reservations")
	if out := says("aurora", []string{"winter"}, "reservations"); strings.Contains(out, "kW") {
		t.Errorf("reservations of another tenant:\n%s", out)
	}
}

// TestTenantJSON: every command of a tenant prints the answer of the server as JSON.
func TestTenantJSON(t *testing.T) {
	t.Parallel()
	h, _ := openCounter(t)
	from := time.Now().AddDate(0, 1, 0).Format(time.RFC3339)
	for _, args := range [][]string{
		{"quote", "--gpus", "8", "--from", from},
		{"reserve", "--key", "a", "--gpus", "8", "--from", from},
		{"quote", "--kw", "8", "--from", from},
		{"reserve", "--key", "b", "--kw", "8", "--from", from},
		{"reservations"},
		{"queue"},
		{"usage"},
		{"usage", "--jobs"},
		{"level"},
		{"notices"},
		{"access"},
		{"access", "--issue"},
	} {
		code, out, errs := h.ask(t, "aurora", append(args, "--json")...)
		if code != exitOK || !json.Valid([]byte(out)) || !strings.Contains(out, "\n") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, errs)
		}
	}
	for _, args := range [][]string{{"list"}, {"add", "third"}, {"token", "third"}, {"close", "third"}} {
		code, out, errs := call(t, append(append([]string{"tenant"}, args...), "--data", h.data, "--json")...)
		if code != exitOK || !json.Valid([]byte(out)) {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, errs)
		}
	}
}

// TestTenantRefused: what is wrong is told with what to do, and the exit code says
// whose fault it is.
func TestTenantRefused(t *testing.T) {
	t.Parallel()
	h, _ := openCounter(t)
	from := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	away := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusTemporaryRedirect))
	t.Cleanup(away.Close)
	token := []string{"--token-file", h.tokens["aurora"]}
	bad := write(t, "bad.token", "sluice_0123456789abcdef_nonsense\n")
	at := []string{"--server", h.url}
	for sentence, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"no server is named":        {append([]string{"queue"}, token...), exitBadInput, []string{"--server, or SLUICE_SERVER"}},
		"no token":                  {append([]string{"queue"}, at...), exitBadInput, []string{"--token-file", "SLUICE_TOKEN", "sluice tenant token"}},
		"a token file that is none": {append([]string{"queue", "--token-file", "nowhere"}, at...), exitBadInput, []string{"nowhere"}},
		"a wrong token":             {append([]string{"queue", "--token-file", bad}, at...), exitBadInput, []string{"The token is not valid", "ask the operator", "(request "}},
		"nobody answers":            {append([]string{"queue", "--server", "http://127.0.0.1:1"}, token...), exitFailed, []string{"server unreachable at http://127.0.0.1:1", "check --server"}},
		"somebody else answers":     {append([]string{"queue", "--server", other.URL}, token...), exitFailed, []string{"is no server for tenants", "404", "correct --server"}},
		"it sends elsewhere":        {append([]string{"queue", "--server", away.URL}, token...), exitFailed, []string{"a token is not sent after it"}},
		"in the clear":              {append([]string{"queue", "--server", "http://10.0.0.1:8443"}, token...), exitBadInput, []string{"in the clear", "https"}},
		"an address that is none":   {append([]string{"queue", "--server", "tenants.example"}, token...), exitBadInput, []string{"https://HOST:PORT"}},
		"a begin that is none":      {append(append([]string{"quote", "--gpus", "8", "--from", "soon"}, at...), token...), exitBadInput, []string{"--from \"soon\""}},
		"a kind that is none":       {append(append([]string{"quote", "--gpus", "8", "--kind", "free", "--from", from}, at...), token...), exitBadInput, []string{"reserved, flexible"}},
		"GPUs and kilowatts":        {append(append([]string{"quote", "--gpus", "8", "--kw", "8", "--from", from}, at...), token...), exitBadInput, []string{"[gpus kw]"}},
		"neither of them":           {append(append([]string{"reserve", "--key", "k", "--from", from}, at...), token...), exitBadInput, []string{"[gpus kw]"}},
		"no kilowatts":              {append(append([]string{"quote", "--kw", "0", "--from", from}, at...), token...), exitBadInput, []string{"number of kilowatts", "1 to 1000000"}},
		"kilowatts below zero":      {append(append([]string{"reserve", "--key", "k", "--kw", "-5", "--from", from}, at...), token...), exitBadInput, []string{"number of kilowatts"}},
		"kilowatts of another kind": {append(append([]string{"quote", "--kw", "8", "--kind", "spot", "--from", from}, at...), token...), exitBadInput, []string{"let kind be colocation"}},
		"kilowatts of a GPU":        {append(append([]string{"quote", "--kw", "8", "--model", "H100 SXM", "--from", from}, at...), token...), exitBadInput, []string{"leave gpus and model out"}},
		"GPUs of colocation":        {append(append([]string{"quote", "--gpus", "8", "--kind", "colocation", "--from", from}, at...), token...), exitBadInput, []string{"name kw"}},
		"no such reservation":       {append(append([]string{"cancel", "0123456789abcdef"}, at...), token...), exitBadInput, []string{"no reservation of that name"}},
		"a way out of the path":     {append(append([]string{"cancel", "../../v1/me"}, at...), token...), exitBadInput, []string{"no"}},
		"a token as an argument":    {append(append([]string{"queue", "sluice_x_y"}, at...), token...), exitBadInput, []string{"unknown command"}},
		"no data":                   {[]string{"list"}, exitBadInput, []string{"data"}},
		"an empty folder":           {[]string{"list", "--data", t.TempDir()}, exitBadInput, []string{"no tenants are kept here", "sluice tenant add"}},
		"a name that is none":       {[]string{"add", "Acme Inc", "--data", h.data}, exitBadInput, []string{"lower-case letters"}},
		"an account that is none":   {[]string{"add", "acme", "--account", "slurm", "--data", h.data}, exitBadInput, []string{"ENGINE=ACCOUNT"}},
		"a tenant of nobody":        {[]string{"token", "nobody", "--data", h.data}, exitBadInput, []string{"nobody", "no such thing"}},
		"an end that is past":       {[]string{"token", "aurora", "--until", "2020-01-01", "--data", h.data}, exitBadInput, []string{"before it begins"}},
		"a refusal without why":     {[]string{"refuse", "x", "--data", h.data}, exitBadInput, []string{"why"}},
		"a second server":           {[]string{"serve", "--site", "houston-gpu", "--data", h.data, "--listen", "127.0.0.1:0"}, exitBadInput, []string{"another program holds"}},
		"a network in the clear":    {[]string{"serve", "--site", "houston-gpu", "--data", t.TempDir(), "--listen", "0.0.0.0:0"}, exitBadInput, []string{"--listen", "in the clear", "certificate"}},
		"a site without GPUs":       {[]string{"serve", "--site", "houston", "--data", t.TempDir()}, exitBadInput, []string{"no hosting section"}},
		"an engine that is none":    {[]string{"serve", "--site", "houston-gpu", "--data", t.TempDir(), "--engine", "pbs"}, exitBadInput, []string{"virtual, slurm, or kueue="}},
		"a kind to accept":          {[]string{"serve", "--site", "houston-gpu", "--data", t.TempDir(), "--accept", "all"}, exitBadInput, []string{"--accept \"all\""}},
		"terms that are none":       {[]string{"serve", "--site", "houston-gpu", "--data", t.TempDir(), "--terms", "x.yaml"}, exitBadInput, []string{"--terms", "x.yaml"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, out, errs := call(t, append([]string{"tenant"}, c.args...)...)
			if code != c.code || out != "" {
				t.Errorf("exit code %d, printed %q: %s", code, out, errs)
			}
			for _, want := range c.says {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is missing in:\n%s", want, errs)
				}
			}
		})
	}
}

// TestTenantHelp: every command says its exit codes, and none takes a token.
func TestTenantHelp(t *testing.T) {
	t.Parallel()
	for _, c := range tenantCommand().Commands() {
		code, out, _ := call(t, "tenant", c.Name(), "--help")
		if code != exitOK || !strings.Contains(out, "Exit codes:") || strings.Contains(out, "--token ") || !strings.Contains(out, "--json") {
			t.Errorf("help of tenant %s, exit code %d:\n%s", c.Name(), code, out)
		}
	}
}

// TestChangedSite: a site file that changes is taken, one that breaks leaves the last.
func TestChangedSite(t *testing.T) {
	t.Parallel()
	code, yaml, errs := call(t, "site", "example", "houston-gpu")
	if code != exitOK {
		t.Fatal(errs)
	}
	path := write(t, "site.yaml", yaml)
	s, err := tenants.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var out bytes.Buffer
	b, err := newSiteBook(path, s, &out)
	if err != nil {
		t.Fatal(err)
	}
	gpus := func(text string, at int64) int {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, time.Time{}, time.Unix(at, 0))); err != nil {
			t.Fatal(err)
		}
		book, err := b.Book(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return book.Contracts[0].GPUs
	}
	if n := gpus(strings.Replace(yaml, "gpus: 2560", "gpus: 2000", 1), 1000); n != 2000 {
		t.Errorf("%d GPUs", n)
	}
	if n := gpus("nonsense", 2000); n != 2000 || !strings.Contains(out.String(), "the last one stands") {
		t.Errorf("%d GPUs: %s", n, out.String())
	}
}
