package shed_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"sluice/use/hosting/shed"
)

func BenchmarkChoose(b *testing.B) {
	for _, n := range []int{5, 100, 2000} {
		items, a := random(rand.New(rand.NewPCG(4, uint64(n))), n, 0.2)
		b.Run(strconv.Itoa(n)+" jobs", func(b *testing.B) {
			b.ReportAllocs()
			p := shed.Choose(items, a)
			for b.Loop() {
				p = shed.Choose(items, a)
			}
			b.ReportMetric(float64(p.Cost)/float64(max(1, p.Bound)), "cost/bound")
			b.ReportMetric(float64(len(p.Choices)), "choices")
		})
	}
}
