package crew

import (
	stdheap "container/heap"
	"context"
	"net/netip"
	"time"

	"sluice/unit"
)

// job is one command or read.
type job struct {
	machine int
	berth   *berth
	network *network
	weight  unit.Power
	seq     uint64 // order of coming; commands of one weight begin in it
	command bool
	do      func(context.Context)
	why     error // why it never begins

	at     int   // place in a heap
	heap   *heap // in which it stands
	lined  bool  // stands in a line
	gone   bool  // left its line: lines are passed over, not searched
	hasty  bool  // to end early
	cancel context.CancelCauseFunc
	grace  *time.Timer // until a read yields
}

// berth is one machine as long as it has jobs.
type berth struct {
	running *job
	command *job // waits
	read    *job // waits
}

// network is the machines behind one switch as long as they have jobs.
type network struct {
	prefix   netip.Prefix
	jobs     int // that refer to it
	running  int
	reading  int
	commands heap // kept back: the network is full
	reads    line
}

// heap is commands, the heaviest and then the oldest on top.
type heap []*job

func (h heap) Len() int { return len(h) }

func (h heap) Less(i, k int) bool {
	if h[i].weight != h[k].weight {
		return h[i].weight > h[k].weight
	}
	return h[i].seq < h[k].seq
}

func (h heap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].at, h[k].at = i, k
}

// Push and Pop are for container/heap; push and pop below are for the rest.
func (h *heap) Push(x any) {
	j, _ := x.(*job)
	j.at = len(*h)
	*h = append(*h, j)
}

// Pop takes the last.
func (h *heap) Pop() any {
	old := *h
	j := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return j
}

func (h *heap) push(j *job) {
	j.heap = h
	stdheap.Push(h, j)
}

// pop takes the top, or nil.
func (h *heap) pop() *job {
	if len(*h) == 0 {
		return nil
	}
	j, _ := stdheap.Pop(h).(*job)
	j.heap = nil
	return j
}

func (h *heap) remove(j *job) {
	stdheap.Remove(h, j.at)
	j.heap = nil
}

// line is jobs in the order of coming. Those that are gone are passed over.
type line struct {
	jobs []*job
	head int
}

func (l *line) push(j *job) {
	j.lined = true
	l.jobs = append(l.jobs, j)
}

// pop takes the first that is not gone, or nil.
func (l *line) pop() *job {
	for l.head < len(l.jobs) {
		j := l.jobs[l.head]
		l.jobs[l.head] = nil
		l.head++
		if l.head > 1024 && l.head > len(l.jobs)/2 {
			l.jobs = append(l.jobs[:0], l.jobs[l.head:]...)
			l.head = 0
		}
		j.lined = false
		if !j.gone {
			return j
		}
	}
	l.jobs, l.head = l.jobs[:0], 0
	return nil
}
