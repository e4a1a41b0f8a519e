// Package site holds the nameplate truth of a place that draws power: its
// connection to the grid, the feeders and halls behind it, and its meters. What
// the site does with its power, and what it pays for it, is told elsewhere.
//
// Every limit is a power in watts, positive in its own direction: an import
// limit of 50 MW lets the site draw 50 MW, an export limit of 20 MW lets it
// feed in 20 MW.
package site

import (
	"time"

	"sluice/unit"
)

// Site is one place with one connection to the grid.
type Site struct {
	Name       string    // stable name, for example "pecos"
	Place      string    // for people: town, county, country
	Position   *Position // nil: not stated
	Zone       *time.Location
	Currency   unit.Currency // in which the site is billed and pays
	Connection Connection
	Feeders    []Feeder
	Halls      []Hall
	Meters     []Meter
	MustRun    unit.Power // house load at the meter that always draws: pumps, fans at minimum, offices
}

// Connection is what the grid operator lets through the site's meter.
//
// Import and Export are limits by contract: passing them is a priced, flagged
// fault. Rating is what the equipment bears: nothing ever passes it.
type Connection struct {
	Import        unit.Power // by contract, drawn from the grid
	Export        unit.Power // by contract, fed into the grid; 0: feeding in is not allowed
	Rating        unit.Power // of the equipment, in either direction; never exceeded
	RampPerMinute unit.Power // largest change of the net exchange in a minute; 0: none stated
}

// Feeder is a cable or busbar behind the connection, with its own breaker.
type Feeder struct {
	Name  string
	Limit unit.Power // breaker rating; never exceeded
}

// Hall is a building, container row or room that hangs on one feeder.
type Hall struct {
	Name   string
	Feeder string
	Limit  unit.Power // what its distribution and cooling bear; never exceeded
}

// MeterKind says what a meter measures.
type MeterKind string

// The kinds of meter. A site is settled by its revenue meter.
const (
	RevenueMeter    MeterKind = "revenue"    // at the connection; what the grid operator bills
	FeederMeter     MeterKind = "feeder"     // one feeder
	HallMeter       MeterKind = "hall"       // one hall
	GenerationMeter MeterKind = "generation" // a plant behind the revenue meter
)

// Meter is one meter and what it measures.
type Meter struct {
	Name string
	Kind MeterKind
	Of   string // the feeder, hall or plant that it measures; empty for a revenue meter
}

// Ceiling is the highest import that is both contracted and borne by the
// equipment, in watts.
func (c Connection) Ceiling() unit.Power { return min(c.Import, c.Rating) }

// Outlet is the highest export that is both contracted and borne by the
// equipment, in watts, positive.
func (c Connection) Outlet() unit.Power { return min(c.Export, c.Rating) }

// Room is what a hall may draw: its own limit or that of its feeder, whichever
// is lower. It is false for a hall that the site does not have.
func (s Site) Room(hall string) (unit.Power, bool) {
	for _, h := range s.Halls {
		if h.Name != hall {
			continue
		}
		for _, f := range s.Feeders {
			if f.Name == h.Feeder {
				return min(h.Limit, f.Limit), true
			}
		}
	}
	return 0, false
}

// On lists the halls of a feeder, in the order in which the site states them.
func (s Site) On(feeder string) []Hall {
	var halls []Hall
	for _, h := range s.Halls {
		if h.Feeder == feeder {
			halls = append(halls, h)
		}
	}
	return halls
}
