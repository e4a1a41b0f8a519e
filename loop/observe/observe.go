// Package observe turns what meters, devices and markets say into a Snapshot.
//
// It declares the ports through which the loop sees the world; drivers and the
// simulated world implement them. Taking the snapshot itself is pure.
package observe

import (
	"context"

	"sluice/loop/cycle"
	"sluice/unit"
)

// Meter reads the cumulative registers of the site. The loop calls it from one
// goroutine; ctx carries the timeout; reading has no effect, so it may be repeated.
type Meter interface {
	Read(ctx context.Context) (cycle.Registers, error)
}

// Fleet reads the state of every controllable use. The same contract as Meter.
type Fleet interface {
	States(ctx context.Context) ([]cycle.UseState, error)
}

// Facts is what the loop gathered before the turn: each with its age and source.
type Facts struct {
	Spot      cycle.Reading[unit.Price]
	Air       cycle.Reading[int64]
	Hashprice cycle.Reading[unit.Hashprice]
	Uses      []cycle.UseState
}

// Take writes the facts down as the turn's snapshot.
func Take(head cycle.Head, f Facts) cycle.Snapshot {
	return cycle.Snapshot{Head: head, Spot: f.Spot, Air: f.Air, Hashprice: f.Hashprice, Uses: f.Uses}
}
