package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// words is a counter for each word of a list that ought to be short. From the
// 33rd word on they count as "other", so that no caller can fill the memory of
// whoever scrapes.
type words struct {
	c    *prometheus.CounterVec
	mu   sync.Mutex
	seen map[string]prometheus.Counter
}

const mostWords = 32

func newWords(name, help, label string) *words {
	return &words{
		c:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label}),
		seen: map[string]prometheus.Counter{},
	}
}

func (w *words) inc(word string) {
	w.mu.Lock()
	c, ok := w.seen[word]
	if !ok {
		word = clean(word)
		if word == "" {
			word = "none"
		}
		if len(w.seen) >= mostWords {
			word = "other"
		}
		c = w.c.WithLabelValues(word)
		if word != "other" {
			w.seen[word] = c
		}
	}
	w.mu.Unlock()
	c.Inc()
}

// watcher reads the counts of a telemetry when somebody scrapes.
type watcher struct {
	db                                  *DB
	samples, dropped, series, units, up *prometheus.Desc
}

func newWatcher(db *DB) watcher {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return watcher{
		db:      db,
		samples: d("sluice_telemetry_samples_total", "Samples that were stored."),
		dropped: d("sluice_telemetry_dropped_total", "Samples that were dropped, by reason; those with kept=yes were stored otherwise than they came.", "reason", "kept"),
		series:  d("sluice_telemetry_series", "Series in memory."),
		units:   d("sluice_telemetry_machines", "Machines that are remembered."),
		up:      d("sluice_telemetry_up", "1 while telemetry is written, 0 after an error of the disk."),
	}
}

// Describe implements prometheus.Collector.
func (w watcher) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(w, to) }

// Collect implements prometheus.Collector.
func (w watcher) Collect(to chan<- prometheus.Metric) {
	c := w.db.Counts()
	to <- prometheus.MustNewConstMetric(w.samples, prometheus.CounterValue, float64(c.Samples))
	for _, r := range Reasons() {
		kept := "no"
		if r.Kept() {
			kept = "yes"
		}
		to <- prometheus.MustNewConstMetric(w.dropped, prometheus.CounterValue, float64(c.Noted[r]), string(r), kept)
	}
	to <- prometheus.MustNewConstMetric(w.series, prometheus.GaugeValue, float64(c.Series))
	to <- prometheus.MustNewConstMetric(w.units, prometheus.GaugeValue, float64(c.Machines))
	running := 1.0
	if w.db.stop.Load() != nil {
		running = 0
	}
	to <- prometheus.MustNewConstMetric(w.up, prometheus.GaugeValue, running)
}
