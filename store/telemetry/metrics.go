package telemetry

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sluice/unit"
)

// Metrics are the figures that the program states about itself, for a
// Prometheus that scrapes it. They carry no machine's label. Every method may
// be called from any goroutine; a nil Metrics takes everything and keeps nothing.
type Metrics struct {
	registry *prometheus.Registry

	polls       prometheus.Counter
	pollFailed  *words
	orders      *words
	answers     *words
	proofs      *words
	quarantined prometheus.Gauge
	step        prometheus.Histogram
	late        prometheus.Histogram
	appended    prometheus.Histogram
	reserved    *prometheus.GaugeVec
	limit       *prometheus.GaugeVec
	stage       *prometheus.GaugeVec

	mu     sync.Mutex
	stages map[string]string // the stage of each scope, so that the old one goes to zero
	scopes map[string]bool   // scopes of reserved and limit that were named
}

// NewMetrics makes the figures with a registry of their own.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), stages: map[string]string{}, scopes: map[string]bool{},
		polls:       counter("sluice_polls_total", "Readings of machines that were tried."),
		pollFailed:  newWords("sluice_poll_failures_total", "Readings of machines that failed, by class.", "class"),
		orders:      newWords("sluice_orders_total", "Orders sent to machines, by cause.", "cause"),
		answers:     newWords("sluice_answers_total", "Answers of machines to orders, by class. An answer is no proof.", "class"),
		proofs:      newWords("sluice_proofs_total", "Orders whose effect was looked for, by result.", "result"),
		quarantined: gauge("sluice_quarantined_machines", "Machines that get no orders because they did not do what they said."),
		step:        histogram("sluice_kernel_step_seconds", "Time of one step of the kernel.", 1e-6, 10, 8),
		late:        histogram("sluice_tick_late_seconds", "How much later than planned a tick came.", 1e-4, 10, 7),
		appended:    histogram("sluice_store_append_seconds", "Time until the store acknowledged records.", 1e-4, 10, 7),
		reserved:    gauges("sluice_reserved_watts", "Worst case of everything in a group, feeder or site.", "scope"),
		limit:       gauges("sluice_limit_watts", "Limit that holds for a group, feeder or site.", "scope"),
		stage:       gauges("sluice_stage", "1 for the stage of trust in which a scope is, 0 for those in which it was.", "scope", "stage"),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sluice_build_info", Help: "1, with the version as label.",
		ConstLabels: prometheus.Labels{"version": clean(version), "go": runtime.Version()},
	}, func() float64 { return 1 })
	m.registry.MustRegister(
		m.polls, m.pollFailed.c, m.orders.c, m.answers.c, m.proofs.c, m.quarantined, m.step, m.late, m.appended,
		m.reserved, m.limit, m.stage, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, least, factor float64, n int) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(least, factor, n),
	})
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Registry: m.registry})
}

// Polled counts readings that were tried.
func (m *Metrics) Polled(n int) {
	if m != nil {
		m.polls.Add(float64(max(n, 0)))
	}
}

// PollFailed counts a reading that failed.
func (m *Metrics) PollFailed(class string) {
	if m != nil {
		m.pollFailed.inc(class)
	}
}

// Order counts an order that was sent, by what it goes back to.
func (m *Metrics) Order(cause string) {
	if m != nil {
		m.orders.inc(cause)
	}
}

// Answer counts what a machine answered to an order.
func (m *Metrics) Answer(class string) {
	if m != nil {
		m.answers.inc(class)
	}
}

// Proof counts an order whose effect was looked for, such as proven, missed or contrary.
func (m *Metrics) Proof(result string) {
	if m != nil {
		m.proofs.inc(result)
	}
}

// Quarantined sets how many machines get no orders.
func (m *Metrics) Quarantined(n int) {
	if m != nil {
		m.quarantined.Set(float64(n))
	}
}

// Step notes how long one step of the kernel took.
func (m *Metrics) Step(d time.Duration) {
	if m != nil {
		m.step.Observe(d.Seconds())
	}
}

// TickLate notes how much later than planned a tick came; early is not late.
func (m *Metrics) TickLate(d time.Duration) {
	if m != nil {
		m.late.Observe(max(d, 0).Seconds())
	}
}

// Appended notes how long the store took to acknowledge.
func (m *Metrics) Appended(d time.Duration) {
	if m != nil {
		m.appended.Observe(d.Seconds())
	}
}

// mostScopes is how many groups, feeders and sites are shown; more are left out.
const mostScopes = 1000

// Reserved sets the worst case and the limit of a group, feeder or site.
func (m *Metrics) Reserved(scope string, reserved, limit unit.Power) {
	if m == nil {
		return
	}
	scope = clean(scope)
	m.mu.Lock()
	if !m.scopes[scope] && len(m.scopes) >= mostScopes {
		m.mu.Unlock()
		return
	}
	m.scopes[scope] = true
	m.mu.Unlock()
	m.reserved.WithLabelValues(scope).Set(float64(reserved))
	m.limit.WithLabelValues(scope).Set(float64(limit))
}

// Stage sets the stage of trust in which a scope is.
func (m *Metrics) Stage(scope, stage string) {
	if m == nil {
		return
	}
	scope, stage = clean(scope), clean(stage)
	m.mu.Lock()
	defer m.mu.Unlock()
	before, known := m.stages[scope]
	if !known && len(m.stages) >= mostScopes {
		return
	}
	if known {
		m.stage.WithLabelValues(scope, before).Set(0)
	}
	m.stages[scope] = stage
	m.stage.WithLabelValues(scope, stage).Set(1)
}

// Watch shows what becomes of the samples of a telemetry. Call it once.
func (m *Metrics) Watch(db *DB) error {
	if m == nil || db == nil {
		return nil
	}
	return m.registry.Register(newWatcher(db))
}
