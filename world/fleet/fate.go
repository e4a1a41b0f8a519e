package fleet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"sluice/device"
	"sluice/world/machine"
)

// Fate is what the years do to a fleet.
type Fate struct {
	Reboots  float64 // restarts a day of each machine that nobody ordered; negative: by the mood
	Air      *Air    // nil: by the mood
	Locked   int     // of a thousand WhatsMiners, those whose operator never enabled orders; negative: by the mood
	Occupied int     // of a thousand LuxOS and WhatsMiners, those whose sessions another controller holds; negative: by the mood
}

// Air is the temperature around a site over a day, degrees Celsius.
type Air struct {
	Mean  float64
	Swing float64 // highest above the mean
}

// Ties is what binds the hands of those who command a machine.
type Ties struct {
	Persists bool // what it was told outlives a restart that nobody ordered
	Locked   bool // it answers questions and refuses orders
	Occupied bool // another controller holds its session, or all its logins
}

// chipMax is where virtual machines begin to protect themselves, degrees
// Celsius: above the nameplate in any ordinary air, and below the highest
// level of some on a hot afternoon.
const chipMax = 88

// checkFate reports all faults of a fate at once.
func (c Config) checkFate() error {
	var faults []error
	if c.Reboots > 1440 || c.Reboots != c.Reboots { //nolint:gocritic // not a number is not equal to itself
		faults = append(faults, fmt.Errorf("%g restarts a day: give at most 1440", c.Reboots))
	}
	if a := c.Air; a != nil && !(a.Mean >= -40 && a.Mean <= 60 && a.Swing >= 0 && a.Swing <= 30) {
		faults = append(faults, fmt.Errorf("air of %g degrees with an amplitude of %g: give -40 to 60, and 0 to 30", a.Mean, a.Swing))
	}
	if c.Locked > 1000 || c.Occupied > 1000 {
		faults = append(faults, fmt.Errorf("%d locked and %d occupied machines of a thousand: at most all of them", c.Locked, c.Occupied))
	}
	return errors.Join(faults...)
}

// restarts is the mean time between those that nobody orders; 0: there are none.
func (c Config) restarts() time.Duration {
	perDay := c.Reboots
	if perDay < 0 {
		perDay = pick(c.Mood, 1.0, 6)
	}
	if perDay == 0 {
		return 0
	}
	return time.Duration(float64(24*time.Hour) / perDay)
}

// fast is how many fast restarts a day of a machine the site file reckons with:
// a tenth of all, and a tenth of one where there are fewer.
func (c Config) fast() string {
	perDay := 1.0
	if mean := c.restarts(); mean > 0 {
		perDay = max(perDay, (24*time.Hour).Seconds()/mean.Seconds())
	}
	return decimal(int64(math.Ceil(perDay*100)), 3)
}

// air is the air of every machine, warmest in the early afternoon of Texas.
func (c Config) air() machine.Air {
	a := Air{Mean: machine.Usual, Swing: pick(c.Mood, 8.0, 8)}
	if c.Air != nil {
		a = *c.Air
	}
	peak := 20*time.Hour + time.Duration(rand.New(rand.NewPCG(c.Seed, 0xa1)).Int64N(int64(3*time.Hour))) //nolint:gosec // weather is no secret
	return machine.Air{Warmer: a.Mean - machine.Usual, Swing: a.Swing, Peak: peak}
}

// ties draws what binds a machine. They have sources of their own, so that they
// change nothing in the others.
func (c Config) ties(u Unit) Ties {
	locked, occupied := c.Locked, c.Occupied
	if locked < 0 {
		locked = pick(c.Mood, 10, 30)
	}
	if occupied < 0 {
		occupied = pick(c.Mood, 5, 20)
	}
	t := Ties{}
	switch u.Family {
	case device.Antminer:
		t.Persists = true
	case device.VNish: // a setting of its owner
		t.Persists = c.lot(u.Address, 0x57a45) < pick(c.Mood, 500, 500)
	case device.WhatsMiner:
		t.Locked = c.lot(u.Address, 0x10c8) < locked
		t.Occupied = c.lot(u.Address, 0x0cc) < occupied
	case device.LuxOS:
		t.Persists, t.Occupied = true, c.lot(u.Address, 0x0cc) < occupied
	case device.Braiins, device.Avalon, device.EPIC:
	}
	return t
}

// lot is a number below a thousand, by the seed, the address and what it is for.
func (c Config) lot(at netip.Addr, purpose uint64) int {
	b := at.As4()
	rng := rand.New(rand.NewPCG(c.Seed, purpose<<32|uint64(binary.BigEndian.Uint32(b[:])))) //nolint:gosec // a virtual machine's fate is no secret
	return rng.IntN(1000)
}

// pick is what a mood says; in a calm fleet nothing at all.
func pick[T int | float64](m Mood, field, hostile T) T {
	switch m {
	case Field:
		return field
	case Hostile:
		return hostile
	case Calm, "":
	}
	return 0
}
