package hall

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting/meter"
	"sluice/world/hall"
)

// TestMetering: what is stored sums to what ran and to what the meters counted, the
// cooling included, and a restart within an interval loses nothing.
func TestMetering(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		b.pass(7 * time.Minute)
		b.stop()
		b.start()
		b.pass(14 * time.Minute)
		u, err := b.h.Usage(b.tb.Context(), time.Now().Add(-24*time.Hour))
		if err != nil {
			b.tb.Fatal(err)
		}
		begun := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		seconds := int64(u.Now.Sub(begun) / time.Second)
		want := map[string]int64{"firm": 32, "batch": 16, "spot": 40}
		for _, l := range u.Lines {
			if d := want[l.Contract]*seconds - l.GPUSeconds; d < 0 || d > 10*want[l.Contract] { // it begins with the first beat
				b.breach("%s has %d GPU-seconds in %d s", l.Contract, l.GPUSeconds, seconds)
			}
			if l.IT <= 0 || l.Facility <= l.IT || l.Held > 0 {
				b.breach("%s used %d J, with cooling %d J; %d lines are held", l.Contract, l.IT, l.Facility, l.Held)
			}
		}
		if len(u.Balances) == 0 || u.Balances[0].Standing != meter.Explained {
			b.breach("the hall's meter is not explained: %+v", u.Balances)
		}
	}) {
		t.Error(what)
	}
}

// TestNoCooling: what serves the machines is not guessed: without its meter the lines
// with cooling are held, and those of machines are delivered.
func TestNoCooling(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, func(b *bench) {
		b.plant.Gauges = slices.DeleteFunc(b.plant.Gauges, func(g Gauge) bool { return g.Place == CoolingMeter })
	}, func(b *bench) {
		b.pass(16 * time.Minute)
		u, err := b.h.Usage(b.tb.Context(), time.Now().Add(-24*time.Hour))
		if err != nil {
			b.tb.Fatal(err)
		}
		for _, l := range u.Lines {
			if l.IT <= 0 || l.Facility > 0 || l.Held == 0 {
				b.breach("%s used %d J, with cooling %d J; %d lines are held", l.Contract, l.IT, l.Facility, l.Held)
			}
		}
	}) {
		t.Error(what)
	}
}

// TestLearning: the load of contracts is learned from what was metered, and a curve
// from what a tenant says of its job, with a limit and without.
func TestLearning(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		done := int64(0)
		report := func(rate int64, d time.Duration) {
			for range int(d / time.Minute) {
				if known, err := b.h.Progress(b.tb.Context(), "spot-1", done); err != nil || !known {
					b.breach("progress of a running job was not taken: %v", err)
				}
				b.pass(time.Minute)
				done += 60 * rate
			}
		}
		report(100, 15*time.Minute)
		b.curtail(7_000, 5*time.Minute, 0)
		b.pass(time.Minute)
		report(93, 25*time.Minute)
		all, err := b.h.Curves(b.tb.Context())
		if err != nil {
			b.tb.Fatal(err)
		}
		for _, c := range all {
			if f := c.Forecast; f.At.IsZero() || f.Last <= 0 {
				b.breach("nothing was learned of the load of %s: %+v", c.Contract, f)
			}
			if c.Contract == "spot" && (c.Seen != 1 || c.Curve.Standing != gpu.Learned) {
				b.breach("the curve of spot is %s after %d observations; %+v", c.Curve.Standing, c.Seen, b.notices())
			}
		}
		seen := b.h.school.kept.Seen
		if len(seen) != 1 || seen[0].Speed < 900_000 || seen[0].Speed > 950_000 || seen[0].Power >= unit.One {
			b.breach("observed: %+v", seen)
		}
		if known, err := b.h.Progress(b.tb.Context(), "nobody", 1); err != nil || known {
			b.breach("progress of a job that does not exist was taken: %v", err)
		}
	}) {
		t.Error(what)
	}
}

// TestService: a day in which servers break and an event takes spot jobs is kept for
// the tenant: down while servers lack, and up otherwise.
func TestService(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, func(b *bench) {
		b.cfg.Timing.Period, b.cfg.Beat, b.cfg.Timing.Fresh, b.cfg.Interval = time.Minute, time.Minute, 5*time.Minute, time.Hour
	}, func(b *bench) {
		b.pass(2 * time.Hour)
		lose := func(h *hall.Hall) {
			for i := range 9 {
				h.Break(nodeName(i))
			}
		}
		b.v.Use(lose)
		b.pass(time.Hour)
		b.v.Use(func(h *hall.Hall) {
			for i := range 9 {
				h.Repair(nodeName(i))
			}
		})
		b.pass(23 * time.Hour)
		who, err := b.plant.Store.Office().Owner(b.tb.Context(), "firm")
		if err != nil {
			b.tb.Fatal(err)
		}
		all, err := b.plant.Store.Desk().Service(b.tb.Context(), who, time.Now().Add(-48*time.Hour), time.Now())
		if err != nil || len(all) != 1 {
			b.tb.Fatalf("%d days of service are kept, %v", len(all), err)
		}
		m := meter.Sum(all[0].Stretches)
		// 12 servers less 9 leave 24 GPUs of the 32 that were sold: 8 lack for an hour.
		if lack := m.Down; lack < 7*3600 || lack > 9*3600 {
			b.breach("%d GPU-seconds are down, wanted about %d; %+v", lack, 8*3600, m)
		}
		if m.Contracted != 32*24*3600 || m.Unseen > 32*600 {
			b.breach("%+v", m)
		}
		for _, c := range b.status().Contracts {
			if c.Contract == "firm" && (c.Level == nil || *c.Level >= unit.One) {
				b.breach("the month of firm stands at %v", c.Level)
			}
		}
	}) {
		t.Error(what)
	}
}

func nodeName(i int) string { return "h100-000" + string(rune('0'+i)) }

// TestNotices: the tenants of jobs that are taken are told, and told when it ends.
func TestNotices(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		event := b.curtail(25_000, 6*time.Minute, 5*time.Minute)
		b.pass(2 * time.Minute)
		told := func() []tenants.Notice {
			who, err := b.plant.Store.Office().Owner(b.tb.Context(), "spot")
			if err != nil {
				b.tb.Fatal(err)
			}
			all, err := b.plant.Store.Desk().Notices(b.tb.Context(), who, time.Time{})
			if err != nil {
				b.tb.Fatal(err)
			}
			return all
		}
		if n := told(); len(n) != 1 || n[0].Event != event || n[0].GPUs == 0 || n[0].Says != "the grid is short" {
			b.breach("spot was told %+v", n)
		}
		b.pass(60 * time.Minute)
		if n := told(); len(n) != 1 || n[0].Revision < 2 || n[0].Until.After(time.Now()) {
			b.breach("after the end spot knows %+v", n)
		}
		states, err := b.plant.Store.Office().States(b.tb.Context(), event)
		if err != nil || len(states) != 4 || states[3].State != string(curtail.Done) {
			b.breach("the event is kept as %+v, %v", states, err)
		}
	}) {
		t.Error(what)
	}
}

// TestDoor asks everything that the door answers.
func TestDoor(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		ask := func(method, path, body string, into any) int {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(b.tb.Context(), method, path, strings.NewReader(body))
			b.h.Handler().ServeHTTP(w, r)
			if into != nil {
				if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
					b.breach("%s: %v in %s", path, err, w.Body)
				}
			}
			return w.Code
		}
		var s Status
		if code := ask("GET", "/status", "", &s); code != http.StatusOK || s.Busy != 88 || len(s.Contracts) != 3 {
			b.breach("status %d: %+v", code, s)
		}
		var jobs []Job
		if ask("GET", "/jobs?contract=firm", "", &jobs); len(jobs) != 4 || jobs[0].Of != "firm" || jobs[0].Draw == nil || jobs[0].Tenant != "t-firm" {
			b.breach("jobs of firm: %+v", jobs)
		}
		var p Proposal
		if code := ask("POST", "/preview", `{"by_w":10000,"within_ns":600000000000}`, &p); code != http.StatusOK || p.Saved < 10_000 {
			b.breach("preview %d: %+v", code, p)
		}
		for path, body := range map[string]string{"/release": `{}`, "/stop": `{}`, "/curtail": `{"by_w":1,"nobody":2}`, "/preview": `{"within_ns":1}{}`, "/progress": `{"job":"none"}`} {
			var a Answer
			if code := ask("POST", path, body, &a); code < 400 || a.No == "" {
				b.breach("%s %s was taken with %d %+v", path, body, code, a)
			}
		}
		var a Answer
		if code := ask("POST", "/curtail", `{"by_w":35000,"within_ns":600000000000,"who":"anna"}`, &a); code != http.StatusOK || a.Event == "" {
			b.breach("curtail %d: %+v", code, a)
		}
		b.pass(4 * time.Minute)
		var r Reason
		if ask("GET", "/jobs", "", &jobs); len(jobs) == 0 {
			b.breach("no jobs")
		}
		for _, j := range jobs {
			if j.Evicted != "" {
				ask("GET", "/why?job="+url.QueryEscape(j.ID), "", &r)
			}
		}
		if text := strings.Join(r.Because, "; "); !strings.Contains(text, a.Event+" stopped it") || !strings.Contains(text, "may be evicted") {
			b.breach("why: %q", text)
		}
		if code := ask("GET", "/why?job=none", "", nil); code != http.StatusConflict {
			b.breach("why of a job that does not exist answers %d", code)
		}
		if code := ask("POST", "/stop", `{}`, &a); code != http.StatusOK {
			b.breach("stop %d: %+v", code, a)
		}
		b.pass(time.Minute)
		if code := ask("POST", "/curtail", `{"by_w":5000,"within_ns":600000000000}`, &a); code != http.StatusConflict || !strings.Contains(a.No, "release it first") {
			b.breach("a second curtailment over a stopped one: %d %+v", code, a)
		}
		if code := ask("POST", "/release", `{}`, &a); code != http.StatusOK {
			b.breach("release %d: %+v", code, a)
		}
		b.pass(60 * time.Minute)
		b.back()
		for _, path := range []string{"/usage?from=1999-12-31T00:00:00Z", "/curves", "/notices"} {
			if code := ask("GET", path, "", nil); code != http.StatusOK {
				b.breach("%s answers %d", path, code)
			}
		}
		if code := ask("GET", "/usage", "", nil); code != http.StatusConflict {
			b.breach("usage without a time answers %d", code)
		}
	}) {
		t.Error(what)
	}
}

// TestRemedies: every trouble has one.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for _, c := range Codes() {
		if c.Remedy() == "" {
			t.Errorf("no remedy for %s", c)
		}
	}
}

// TestConfig: what makes no sense is refused, all of it at once.
func TestConfig(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	c := b.cfg.Defaults()
	c.Interval, c.Beat = 7*time.Minute, time.Hour
	p := b.plant
	p.Gauges = append(p.Gauges, p.Gauges[0], Gauge{Place: HallMeter, Name: "other", Meter: p.Gauges[0].Meter})
	_, err := New(t.Context(), c, p)
	for _, want := range []string{"engine, a store", "interval of 7m", "rarer than the control period", "one of each", `hall "other"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
