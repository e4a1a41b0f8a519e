package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Trip is the loss of the supply of a feeder. Its machines and its house load
// draw nothing until it returns; then the machines boot within half a minute.
// The meters have a supply of their own.
type Trip struct {
	Feeder string
	After  time.Duration // since the fleet was built
	For    time.Duration
}

// boots is within what time of the return of supply the machines of a feeder
// begin to boot.
const boots = 30 * time.Second

// checkTrips reports all faults of trips at once and puts them in order.
func (s *Site) checkTrips() error {
	var faults []error
	trips := slices.Clone(s.grid.Trips)
	slices.SortStableFunc(trips, func(a, b Trip) int { return cmp.Or(cmp.Compare(a.Feeder, b.Feeder), cmp.Compare(a.After, b.After)) })
	s.grid.Trips = trips
	for i, t := range trips {
		if s.feeder(t.Feeder) < 0 {
			faults = append(faults, fmt.Errorf("there is no feeder %q to trip: the last is %s", t.Feeder, feederName(s.grid.Feeders-1)))
		}
		if t.After < 0 || t.For <= 0 {
			faults = append(faults, fmt.Errorf("%s trips after %s for %s: neither lies in the past, and supply is lost for some time", t.Feeder, t.After, t.For))
		}
		if i > 0 && trips[i-1].Feeder == t.Feeder && t.After < trips[i-1].After+trips[i-1].For+boots {
			faults = append(faults, fmt.Errorf("%s trips at %s and again at %s: leave the time without supply and %s more between them", t.Feeder, trips[i-1].After, t.After, boots))
		}
	}
	return errors.Join(faults...)
}

// feeder is the number of a feeder from zero; negative: there is none.
func (s *Site) feeder(name string) int {
	for i := range s.grid.Feeders {
		if feederName(i) == name {
			return i
		}
	}
	return -1
}

// trip tells every machine when it loses its supply.
func (s *Site) trip() {
	c, born := s.fleet.config, s.fleet.born
	for i, t := range s.grid.Trips {
		lost := born.Add(t.After)
		for _, u := range s.on(s.feeder(t.Feeder)) {
			wait := rand.New(rand.NewPCG(u.Machine.Spec.Seed, 0x77<<32|uint64(i))).Int64N(max(1, int64(boots)/int64(c.Speed))) //nolint:gosec // a virtual machine's fate is no secret, and i counts up from zero
			u.Machine.Cut(born, lost, lost.Add(t.For+time.Duration(wait)))
		}
	}
}

// dead reports whether a feeder, counted from zero, has no supply then.
func (s *Site) dead(feeder int, since time.Duration) bool {
	return slices.ContainsFunc(s.grid.Trips, func(t Trip) bool {
		return t.Feeder == feederName(feeder) && since >= t.After && since < t.After+t.For
	})
}

// darkness is for how long a feeder had no supply until then.
func (s *Site) darkness(feeder int, since time.Duration) time.Duration {
	var sum time.Duration
	for _, t := range s.grid.Trips {
		if t.Feeder == feederName(feeder) && since > t.After {
			sum += min(t.For, since-t.After)
		}
	}
	return sum
}
