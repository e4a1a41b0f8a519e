package hall

import (
	"strings"
	"testing"
	"time"

	"sluice/use/hosting"
)

// BenchmarkYear turns a 12 MW hall through a year in steps of 15 minutes.
func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		h := built(b, large(b))
		for range 365 * 96 {
			h.Advance(15 * time.Minute)
			_ = h.Draw()
		}
		var gpus, down int64
		for i, r := range h.Registers() {
			if i < len(h.tenants) && h.set.tenants[i].Kind != hosting.Colocation {
				gpus += r.Service.Served
				down += r.Service.Down
				b.ReportMetric(float64(r.Service.Served)/3600/8760/float64(h.set.tenants[i].GPUs), strings.TrimPrefix(r.Use, "hosting/")+"-busy")
			}
		}
		b.ReportMetric(float64(h.seq), "jobs/year")
		b.ReportMetric(float64(gpus)/3600/8760/6800, "busy")
		b.ReportMetric(float64(down)/3600, "down-GPU-h")
		b.ReportMetric(h.it.MWh()/8760, "mean-IT-MW")
	}
}

// BenchmarkClone copies a full hall.
func BenchmarkClone(b *testing.B) {
	h := built(b, large(b))
	h.Advance(14 * 24 * time.Hour)
	for b.Loop() {
		_ = h.Clone()
	}
	b.ReportMetric(float64(len(h.running)), "running")
}

// BenchmarkStanding says where a full hall stands.
func BenchmarkStanding(b *testing.B) {
	h := built(b, large(b))
	h.Advance(14 * 24 * time.Hour)
	for b.Loop() {
		_ = h.Standing()
	}
}

// BenchmarkView asks a full hall for everything.
func BenchmarkView(b *testing.B) {
	h := built(b, large(b))
	h.Advance(14 * 24 * time.Hour)
	for b.Loop() {
		if _, err := h.View(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
