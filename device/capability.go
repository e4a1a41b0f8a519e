package device

import (
	"time"

	"sluice/unit"
)

// LevelKind is how a machine can be held below full power.
type LevelKind string

// The kinds of level.
const (
	NoLevels LevelKind = "none"
	Modes    LevelKind = "modes"   // named, without watts
	Presets  LevelKind = "presets" // named, with watts and hash rate
	Watts    LevelKind = "watts"   // any target between a least and a most
	Percent  LevelKind = "percent" // of a limit
)

// LevelCost is what a change of level costs the machine.
type LevelCost string

// The costs, from the cheapest.
const (
	Hot         LevelCost = "hot"     // no restart
	Restarts    LevelCost = "restart" // loses the time of a restart
	Retunes     LevelCost = "tuning"  // minutes to hours off target
	UnknownCost LevelCost = "unknown"
)

// Preset is one step of a machine.
type Preset struct {
	Name  string
	Power unit.Power
	Hash  unit.Hashrate
}

// Capabilities is what this firmware on this model can do. They are found when
// a device is opened, and withdrawn when read-back shows that it says yes and
// does nothing.
type Capabilities struct {
	Sleep, Wake bool
	FastWake    bool
	Silent      bool // a command that worked may well go unanswered
	Dark        bool // the interface is gone while the machine sleeps or wakes
	Persists    bool // sleep survives a reboot

	Level     LevelKind
	LevelCost LevelCost
	Presets   []Preset   // in rising order of power
	Least     unit.Power // Watts: the bounds and the step
	Most      unit.Power
	Step      unit.Power

	PowerSource Source        // who measures the power it states; empty: it states none
	Lag         time.Duration // age that a stated power may have
	Connections int           // simultaneous connections that it bears, at least 1
	Exclusive   bool          // commands need a session that one controller holds
	NeedsClock  bool          // commands carry a time that it checks
	Restart     time.Duration // expected until it answers again after a restart; learned later
	Settle      time.Duration // expected from a wake to steady power; learned later
}
