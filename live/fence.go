package live

import (
	"sync"

	"sluice/loop/actuate"
	"sluice/store/sqlite"
)

// fence knows which order of each machine is the newest, and which waits for its
// record. Orders leave by two doors, since what lowers does not wait for a slow
// disk: without the fence an older raise could overtake a newer lowering, and the
// retry of a raise its own record.
type fence struct {
	mu   sync.Mutex      // guards what is below
	last []actuate.Epoch // given by the core
	open []actuate.Epoch // on its way to the disk; zero: none
}

func newFence(machines int) *fence {
	return &fence{last: make([]actuate.Epoch, machines), open: make([]actuate.Epoch, machines)}
}

// give notes an order of the core. It reports false for the retry of a raise whose
// record is not kept: the raise itself follows its record.
func (f *fence) give(d Order) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last[d.Machine] = d.Epoch
	if d.Record.Key == "" {
		return !d.Raise || f.open[d.Machine] != d.Epoch
	}
	f.open[d.Machine] = d.Epoch
	return true
}

// kept notes that the record of an order is on the disk.
func (f *fence) kept(machine int, e actuate.Epoch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[machine] == e {
		f.open[machine] = actuate.Epoch{}
	}
}

// newest reports whether no newer order was given to the machine.
func (f *fence) newest(d Order) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last[d.Machine] == d.Epoch
}

// already notes an order that need not be sent, whose record is on its way, and
// returns what to do when it is kept. Anything else waits for nothing.
func (s *Site) already(r sqlite.Record) func() {
	i, known := s.core.Find(r.Subject)
	if r.Kind != sqlite.Order || !known {
		return nil
	}
	e := actuate.Epoch(r.Epoch)
	s.fence.give(Order{Machine: i, Epoch: e, Record: r})
	return func() { s.fence.kept(i, e) }
}
