package jobs

import (
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// layers is into how many replicas a service is cut at most.
const layers = 32

// replicas is a service that follows its load by the hour: replica k runs while
// the load is above it. Chunks are weeks from Monday; with the week all replicas
// are replaced, as by a release.
type replicas struct {
	c    Config
	t    *Traces
	unit int // GPUs of a replica
}

func newReplicas(t *Traces, c Config) *replicas {
	n := max(1, c.GPUs/layers)
	if per := c.Model.PerNode; n > per {
		n -= n % per
	}
	return &replicas{c: c, t: t, unit: n}
}

// byHour is the assumed load by the hour of a working day as a share of its peak,
// and weekend that of Saturday and Sunday. The trace shows one hour and neither.
func byHour() []int64 {
	return []int64{
		450, 400, 370, 350, 350, 380, 450, 560, 700, 850, 950, 1000,
		960, 970, 1000, 990, 960, 900, 850, 800, 750, 680, 600, 520,
	}
}

const weekend = 700 // thousandths

const hours = 7 * 24

// levels is the load of a week by the hour, in millionths of the contract's GPUs:
// the assumed shape of the week times bursts as the trace has them.
//
// Formula: l(h) = L * w(h) / mean(w) * (1 + b(h)) / 2, b(h) the mean of four drawn
// minutes of the trace against the mean of all. Source: docs/formula/hall.md.
func (s *replicas) levels(chunk int) []unit.Ratio {
	r := s.c.random(chunk)
	shape, sum := make([]int64, hours), int64(0)
	for h := range shape {
		shape[h] = byHour()[h%24] * 1000
		if h >= 5*24 {
			shape[h] = shape[h] * weekend / 1000
		}
		sum += shape[h]
	}
	all := int64(0)
	for _, n := range s.t.tokens {
		all += n
	}
	mean := max(1, all/int64(len(s.t.tokens)))
	out := make([]unit.Ratio, hours)
	for h := range out {
		drawn := int64(0)
		for range 4 {
			drawn += s.t.tokens[r.IntN(len(s.t.tokens))]
		}
		level := unit.MulDiv(int64(s.c.Load)*hours, shape[h], sum)
		out[h] = min(unit.One, unit.Ratio(unit.MulDiv(level, 4*mean+drawn, 8*mean)))
	}
	return out
}

// chunkOf implements source.
func (s *replicas) chunkOf(t time.Time) int { return int(t.Sub(origin()) / week) }

// jobs implements source: one job for every stretch in which a replica is needed.
func (s *replicas) jobs(chunk int) []Job {
	levels, count := s.levels(chunk), s.c.GPUs/s.unit
	r := s.c.random(^chunk)
	start := origin().Add(time.Duration(chunk) * week)
	var out []Job
	for k := range count {
		above := unit.Ratio(unit.MulDiv(int64(unit.One), int64(2*k+1), int64(2*count)))
		for h := 0; h < hours; h++ {
			if levels[h] <= above {
				continue
			}
			from := h
			for h < hours && levels[h] > above {
				h++
			}
			out = append(out, Job{
				Contract: s.c.Contract.Name, Class: s.c.Contract.Class, GPUs: s.unit, Draw: s.t.draw(r, s.c.Model),
				Arrive: start.Add(time.Duration(from) * time.Hour), Until: start.Add(time.Duration(h) * time.Hour),
				Limit: time.Duration(h-from) * time.Hour,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Job) int { return a.Arrive.Compare(b.Arrive) })
	for i := range out {
		out[i].ID = fmt.Sprintf("%s-%04d-%05d", s.c.Contract.Name, chunk, i)
	}
	return out
}
