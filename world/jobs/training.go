package jobs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sluice/unit"
	"sluice/use/hosting"
)

// How long a job may last where the contract does not say, and what counts as short.
const (
	week        = 7 * 24 * time.Hour
	short       = 120 // seconds: the median of all jobs of a large cluster
	shortest    = 10  // seconds
	limitFactor = 2   // tenants state twice of what they need
)

// training repeats the six weeks of the trace, compressed in time so that they
// keep the wanted number of GPUs busy.
type training struct {
	c      Config
	t      *Traces
	span   int64             // seconds of one chunk: the six weeks, compressed
	donors map[int64][]int64 // recorded durations by GPUs of the trace
	shorts int               // short jobs added to a chunk
}

func newTraining(t *Traces, c Config) *training {
	if c.Gang == 0 {
		c.Gang = gang(c.GPUs, c.Model.PerNode)
	}
	if c.Longest == 0 {
		c.Longest = longest(c.Contract)
	}
	s := &training{c: c, t: t, donors: map[int64][]int64{}}
	for _, r := range t.rows {
		if r.duration > 0 {
			s.donors[r.gpus] = append(s.donors[r.gpus], r.duration)
		}
	}
	work, long := int64(0), 0
	for _, r := range t.rows {
		d := s.meant(r)
		work += d * int64(s.size(r))
		if d > short {
			long++
		}
	}
	s.shorts = max(0, 2*long-len(t.rows)) * 26 / 25        // a few more, so that the median lies among them
	wanted := unit.MulDiv(int64(c.Load), int64(c.GPUs), 1) // GPUs, in millionths
	s.span = max(1, unit.MulDiv(work, int64(unit.One), wanted))
	return s
}

// gang is how many GPUs stand for one GPU of the trace: the largest power of two
// with which the trace's common largest gang of 16 takes a quarter of the contract,
// at most two servers full.
func gang(gpus, perNode int) int {
	g := 1
	for 2*g*16 <= gpus/4 && 2*g <= 2*perNode {
		g *= 2
	}
	return g
}

// longest bounds jobs by the kind of contract: a week, a day where work may be
// stopped or has no reservation, a quarter of the time that a deadline leaves.
func longest(c hosting.Contract) time.Duration {
	switch c.Kind {
	case hosting.Spot, hosting.OnDemand:
		return 24 * time.Hour
	case hosting.Batch:
		return max(c.Deadline/4, 10*time.Minute)
	case hosting.Reserved, hosting.Flexible, hosting.Colocation:
	}
	return week
}

// size is the gang of a row in this hall: whole servers where it is larger than
// one, and never more than a quarter of the contract.
func (s *training) size(r row) int {
	per := s.c.Model.PerNode
	n := max(1, min(int(r.gpus)*s.c.Gang, s.c.GPUs/4))
	if n > per {
		n -= n % per
	}
	return n
}

// lent is the recorded durations of the largest gang that has any and is not
// larger than a row's own; every gang of more than 8 GPUs lacks them.
func (s *training) lent(gpus int64) []int64 {
	for g := gpus; g > 0; g-- {
		if d := s.donors[g]; len(d) > 0 {
			return d
		}
	}
	for g := gpus; ; g++ {
		if d := s.donors[g]; len(d) > 0 {
			return d
		}
	}
}

// meant is how long a row lasts in the mean: as recorded, or the mean of what it may be lent.
func (s *training) meant(r row) int64 {
	most := int64(s.c.Longest / time.Second)
	if r.duration > 0 {
		return min(r.duration, most)
	}
	sum, lent := int64(0), s.lent(r.gpus)
	for _, d := range lent {
		sum += min(d, most)
	}
	return sum / int64(len(lent))
}

// chunkOf implements source.
func (s *training) chunkOf(t time.Time) int { return int(t.Unix()-origin().Unix()) / int(s.span) }

// jobs implements source. Arrivals are those of the trace; which job of the trace
// comes at which arrival is turned by a random offset from chunk to chunk.
func (s *training) jobs(chunk int) []Job {
	r := s.c.random(chunk)
	rows := s.t.rows
	turn := r.IntN(len(rows))
	out := make([]Job, 0, len(rows)+s.shorts)
	for i, at := range rows {
		of := rows[(i+turn)%len(rows)]
		out = append(out, s.long(r, of, unit.MulDiv(at.arrive, s.span, traceSpan)))
	}
	for range s.shorts {
		out = append(out, s.short(r))
	}
	start := origin().Add(time.Duration(int64(chunk)*s.span) * time.Second)
	slices.SortStableFunc(out, func(a, b Job) int { return a.Arrive.Compare(b.Arrive) })
	for i := range out {
		s.finish(&out[i], start, fmt.Sprintf("%s-%04d-%05d", s.c.Contract.Name, chunk, i))
	}
	return out
}

// long is a job of the trace. Its arrival counts from year 1 until finish.
func (s *training) long(r *rand.Rand, of row, at int64) Job {
	d := of.duration
	if d == 0 {
		lent := s.lent(of.gpus)
		d = lent[r.IntN(len(lent))]
	}
	d = max(1, min(d, int64(s.c.Longest/time.Second)))
	j := Job{Arrive: time.Unix(min(at, s.span-1), 0), GPUs: s.size(of), Draw: s.t.draw(r, s.c.Model)}
	j.Work = d * int64(j.GPUs)
	j.SaveEvery = s.saves(r)
	return j
}

// short is one of the jobs that the trace lacks: between ten seconds and two
// minutes, on a part of a server.
func (s *training) short(r *rand.Rand) Job {
	d := int64(shortest) + r.Int64N(short-shortest+1)
	j := Job{Arrive: time.Unix(r.Int64N(s.span), 0), GPUs: max(1, min(1<<r.IntN(3), s.c.Model.PerNode, s.c.GPUs/4)), Draw: s.t.draw(r, s.c.Model)}
	j.Work = d * int64(j.GPUs)
	return j
}

// saves is how often a job saves: as the contract says, or where it says nothing
// never for one in five, and every half, one, two or four hours for the others.
func (s *training) saves(r *rand.Rand) time.Duration {
	n := r.IntN(5)
	if s.c.Contract.Saves > 0 {
		return s.c.Contract.Saves
	}
	if n == 0 {
		return 0
	}
	return 15 * time.Minute << n
}

// finish gives a job its name, its place in time and what follows from it.
func (s *training) finish(j *Job, start time.Time, id string) {
	j.ID, j.Contract, j.Class = id, s.c.Contract.Name, s.c.Contract.Class
	j.Arrive = start.Add(time.Duration(j.Arrive.Unix()) * time.Second)
	runs := time.Duration(j.Work/int64(j.GPUs)) * time.Second
	j.Limit = (limitFactor*runs + time.Hour).Truncate(time.Hour)
	if s.c.Contract.Kind == hosting.Batch {
		j.Deadline = j.Arrive.Add(s.c.Contract.Deadline)
	}
}
