package jobs

import (
	"time"

	"sluice/gpu"
	"sluice/unit"
)

// Job is one piece of work as its tenant submits it. All of its GPUs start and
// stop together.
type Job struct {
	ID        string
	Name      string // that its tenant gave it; empty: none
	Contract  string
	Arrive    time.Time
	GPUs      int
	Work      int64     // GPU-seconds at full speed; 0 where it serves
	Until     time.Time // of work that serves: it ends then, whatever it got done; zero: it ends when its work is done
	Class     gpu.Class
	Draw      unit.Power    // of one of its GPUs, without a limit
	SaveEvery time.Duration // of work at full speed from save to save; 0: it saves nothing
	Limit     time.Duration // of a run, as it is stated to the engine; 0: none
	Deadline  time.Time     // zero: none
}

// source makes the jobs of a stream, chunk by chunk. It is never changed once made.
type source interface {
	chunkOf(t time.Time) int
	jobs(chunk int) []Job // in order of arrival; all arrive within the chunk
}

// Stream is the jobs of one contract in order of arrival. One goroutine owns it.
type Stream struct {
	from  source
	chunk int
	list  []Job // of the chunk, shared with clones
	at    int
	end   bool
}

// emptyMost bounds how many chunks without a job are passed in search of the next one.
const emptyMost = 1000

// Fixed is a stream of the jobs given, which are in order of arrival.
func Fixed(list []Job) *Stream { return &Stream{list: list} }

func newStream(from source, at time.Time) *Stream {
	s := &Stream{from: from, chunk: from.chunkOf(at)}
	s.list = from.jobs(s.chunk)
	return s.From(at)
}

// From is the same stream, taken up with the first job that arrives at t or later.
func (s *Stream) From(t time.Time) *Stream {
	out := s.Clone()
	if s.from != nil {
		out.chunk = s.from.chunkOf(t)
		out.list = s.from.jobs(out.chunk)
	}
	out.at, out.end = 0, false
	for {
		j, ok := out.Next()
		if !ok || !j.Arrive.Before(t) {
			return out
		}
		out.Take()
	}
}

// Next is the job that comes next, without taking it. False: none comes any more.
func (s *Stream) Next() (Job, bool) {
	for empty := 0; s.at >= len(s.list) && !s.end; empty++ {
		if s.from == nil || empty > emptyMost {
			s.end = true
			break
		}
		s.chunk++
		s.list, s.at = s.from.jobs(s.chunk), 0
	}
	if s.end {
		return Job{}, false
	}
	return s.list[s.at], true
}

// Take goes on behind the next job.
func (s *Stream) Take() { s.at++ }

// Clone copies the stream for another line of time.
func (s *Stream) Clone() *Stream {
	c := *s
	return &c
}

// Position says where the stream stands: streams of one source at equal positions go on alike.
func (s *Stream) Position() (chunk, at int) { return s.chunk, s.at }
