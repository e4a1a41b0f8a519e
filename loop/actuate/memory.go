package actuate

import (
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Memory is what must outlive the process: which orders may still act, who
// locked what, and how far the epochs went. It is written before an order goes out.
type Memory struct {
	Stopped      bool
	Term, Number int64 // of the last plan
	Units        []UnitMemory
}

// UnitMemory is what must be kept of one unit.
type UnitMemory struct {
	Confirmed unit.Power
	Setpoint  unit.Power // -1: never proven
	Sequence  int64
	Bad       bool
	Foreign   bool
	LockedBy  string
	Ceiling   unit.Power
	Flight    []Flying
	Idled     bool            // a plan put it to sleep last
	Starts    []time.Duration // after that, in the last day, on the clock of the kernel; negative before it began
}

// Flying is an order whose effect was not proven.
type Flying struct {
	Epoch        Epoch
	Target, Ceil unit.Power
	Wakes        bool // given to a unit that slept on our order
}

// Memory is what to keep now.
func (k *Kernel) Memory() Memory {
	m := Memory{Stopped: k.stopped, Term: k.plan.Term, Number: k.plan.Number}
	for i := range k.units {
		s := &k.units[i]
		u := UnitMemory{
			Confirmed: s.confirmed, Setpoint: s.setpoint, Sequence: s.sequence,
			Bad: s.bad, Foreign: s.foreign, LockedBy: s.locked, Ceiling: s.ceiling,
			Idled: s.idled, Starts: slices.Clone(s.starts),
		}
		for _, f := range s.flights {
			u.Flight = append(u.Flight, Flying{Epoch: f.epoch, Target: f.target, Ceil: f.ceil, Wakes: f.wakes})
		}
		m.Units = append(m.Units, u)
	}
	return m
}

// recall takes up where an earlier run ended. Every unit is silent until polled,
// and counts at its boot draw if it has restarted meanwhile.
func (k *Kernel) recall(m Memory) error {
	if m.Units == nil {
		return nil
	}
	if len(m.Units) != len(k.units) {
		return fmt.Errorf("memory of %d units for a site of %d: start without memory, so that every unit counts in full", len(m.Units), len(k.units))
	}
	k.stopped = m.Stopped
	k.plan.Term, k.plan.Number, k.planned = m.Term, m.Number, false
	for i, u := range m.Units {
		s := &k.units[i]
		s.confirmed, s.setpoint, s.sequence = u.Confirmed, u.Setpoint, u.Sequence
		s.bad, s.foreign, s.locked, s.ceiling = u.Bad, u.Foreign, u.LockedBy, u.Ceiling
		s.idled, s.starts = u.Idled, slices.Clone(u.Starts)
		for _, f := range u.Flight {
			s.flights = append(s.flights, flight{epoch: f.Epoch, target: f.Target, reach: f.Ceil, ceil: f.Ceil, answered: -1, tries: 1, wakes: f.Wakes})
		}
		s.flights = slices.Clip(s.flights)
	}
	return nil
}
