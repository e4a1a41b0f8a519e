package telemetry

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"sluice/unit"
)

// scrape is what /metrics says.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// said uses every figure once.
func said(t *testing.T) *Metrics {
	t.Helper()
	db, _ := hour(t)
	m := NewMetrics("1.2.3")
	if err := m.Watch(db); err != nil {
		t.Fatal(err)
	}
	m.Polled(20_000)
	m.PollFailed("timeout")
	m.Order("limit")
	m.Order("limit")
	m.Answer("accepted")
	m.Proof("proven")
	m.Quarantined(3)
	m.Step(2 * time.Millisecond)
	m.TickLate(-time.Second)
	m.Appended(time.Millisecond)
	m.Reserved("s21", 9*unit.Megawatt, 10*unit.Megawatt)
	m.Stage("s21", "shadow")
	m.Stage("s21", "advisory")
	return m
}

func TestMetricsSayWhatWasSet(t *testing.T) {
	t.Parallel()
	got := scrape(t, said(t))
	for _, want := range []string{
		`sluice_build_info{go="go`, `version="1.2.3"} 1`, "sluice_polls_total 20000", `sluice_poll_failures_total{class="timeout"} 1`,
		`sluice_orders_total{cause="limit"} 2`, `sluice_answers_total{class="accepted"} 1`, `sluice_proofs_total{result="proven"} 1`,
		"sluice_quarantined_machines 3", "sluice_kernel_step_seconds_sum 0.002", "sluice_tick_late_seconds_sum 0\n",
		"sluice_store_append_seconds_count 1", `sluice_reserved_watts{scope="s21"} 9e+06`, `sluice_limit_watts{scope="s21"} 1e+07`,
		`sluice_stage{scope="s21",stage="shadow"} 0`, `sluice_stage{scope="s21",stage="advisory"} 1`,
		"sluice_telemetry_samples_total 4200", `sluice_telemetry_dropped_total{kept="no",reason="too_old"} 0`,
		`sluice_telemetry_dropped_total{kept="yes",reason="ahead"} 0`, "sluice_telemetry_series 35", "sluice_telemetry_machines 4",
		"sluice_telemetry_up 1", "process_resident_memory_bytes ", "go_goroutines ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
}

// TestNamesFollowTheConventions asks Prometheus's own linter.
func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	var catalogue strings.Builder
	for _, d := range Catalogue() {
		catalogue.WriteString("# HELP " + string(d.Metric) + " " + d.Help + "\n# TYPE " + string(d.Metric) + " " + d.Type + "\n" + string(d.Metric) + " 1\n")
		if !strings.HasPrefix(string(d.Metric), "sluice_") || !strings.HasSuffix(d.Help, ".") || !strings.Contains(string(d.Metric), d.Unit) || !strings.HasPrefix(d.Labels, "site") {
			t.Errorf("%+v", d)
		}
	}
	for sentence, text := range map[string]string{"the catalogue": catalogue.String(), "the program's own": scrape(t, said(t))} {
		faults, err := promlint.New(strings.NewReader(text)).Lint()
		if err != nil {
			t.Fatalf("%s: %v", sentence, err)
		}
		for _, f := range faults {
			if strings.HasPrefix(f.Metric, "sluice_") {
				t.Errorf("%s: %s: %s", sentence, f.Metric, f.Text)
			}
		}
	}
	faults, err := promlint.New(strings.NewReader("# HELP sluice_power_kilowatts x\n# TYPE sluice_power_kilowatts counter\nsluice_power_kilowatts 1\n")).Lint()
	if err != nil || len(faults) == 0 {
		t.Errorf("the linter finds nothing in a wrong name: %v", err)
	}
}

// TestWordsAreBounded counts a hundred words from a caller gone wrong.
func TestWordsAreBounded(t *testing.T) {
	t.Parallel()
	m := NewMetrics("x")
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			m.PollFailed("class \xff" + strconv.Itoa(i))
			m.PollFailed("")
			m.Reserved(strings.Repeat("x", i*10), 1, 2)
		})
	}
	all.Wait()
	got := scrape(t, m)
	if n := strings.Count(got, "\nsluice_poll_failures_total{"); n != mostWords+1 {
		t.Errorf("%d words are shown", n)
	}
	sum := 0
	for _, l := range regexp.MustCompile(`(?m)^sluice_poll_failures_total{.*} (\d+)$`).FindAllStringSubmatch(got, -1) {
		n, err := strconv.Atoi(l[1])
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != 200 {
		t.Errorf("%d of 200 were counted", sum)
	}
}

func TestScopesAreBounded(t *testing.T) {
	t.Parallel()
	m := NewMetrics("x")
	for i := range 2 * mostScopes {
		m.Reserved("group-"+strconv.Itoa(i), 1, 2)
		m.Stage("group-"+strconv.Itoa(i), "shadow")
	}
	m.Stage("group-0", "advisory")
	got := scrape(t, m)
	if strings.Count(got, "\nsluice_reserved_watts{") != mostScopes || strings.Count(got, "\nsluice_stage{") != mostScopes+1 {
		t.Errorf("%d and %d scopes are shown", strings.Count(got, "\nsluice_reserved_watts{"), strings.Count(got, "\nsluice_stage{"))
	}
}

// TestWithoutMetrics calls everything on nothing.
func TestWithoutMetrics(t *testing.T) {
	t.Parallel()
	var m *Metrics
	m.Polled(1)
	m.PollFailed("x")
	m.Order("x")
	m.Answer("x")
	m.Proof("x")
	m.Quarantined(1)
	m.Step(1)
	m.TickLate(1)
	m.Appended(1)
	m.Reserved("x", 1, 1)
	m.Stage("x", "y")
	if err := m.Watch(nil); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != 404 {
		t.Errorf("scraping nothing: %d", w.Code)
	}
}
