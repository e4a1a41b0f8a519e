package live

import (
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// Event is something that happened, with times on the site's clock.
type Event interface{ event() }

type (
	// Tick lets the core act; once a second.
	Tick struct{}

	// Heard is what became of a Read.
	Heard struct {
		Machine int
		Asked   time.Time // when the question was sent
		Reading device.Reading
		Err     error
		Other   *device.Identity // who answered, where it was asked; nil: not asked
	}

	// Answered is what a machine said to an order.
	Answered struct {
		Machine int
		Epoch   actuate.Epoch
		Ack     device.Ack
	}

	// Metered is one reading of a meter of the site.
	Metered struct {
		Meter int // index of Site.Meters
		Asked time.Time
		Power device.Value[unit.Power]
	}

	// Wished is what a plan wants of every machine. Number rises with every plan.
	Wished struct {
		Number int64
		Until  time.Time // nothing rises on it later
		Target []unit.Power
	}

	// Entrusted says which machines may be moved without a person's word.
	Entrusted struct{ Machines []bool }

	// Said is what a person did: one of actuate's events of people and the grid.
	Said struct {
		By   string
		Why  string // as far as somebody said so
		What actuate.Event
	}
)

func (Tick) event()      {}
func (Heard) event()     {}
func (Answered) event()  {}
func (Metered) event()   {}
func (Wished) event()    {}
func (Entrusted) event() {}
func (Said) event()      {}

// Deed is what the shell shall do, in the order in which it is told.
type Deed interface{ deed() }

type (
	// Read asks a machine for its state, and first who it is where Probe is set.
	Read struct {
		Machine int
		Probe   bool
		Pools   bool
		Heat    bool
		Urgent  bool // the proof of an order waits for it
	}

	// Order commands a machine. Its record is kept before a raise goes out; a
	// lowering does not wait for a disk that refuses, and a stop not at all.
	Order struct {
		Machine int
		Epoch   actuate.Epoch
		Command device.Command
		Cause   actuate.Cause
		Weight  unit.Power // by how much the draw may fall: heavier goes first
		Raise   bool
		AtOnce  bool
		Record  sqlite.Record
	}

	// Keep stores a record.
	Keep struct{ Record sqlite.Record }

	// Alarm is for a person.
	Alarm struct {
		Machine int // -1: the site
		Code    string
		Text    string
	}

	// Quit ends the process, which comes up again and only lowers until it knows.
	Quit struct{ Why string }
)

func (Read) deed()  {}
func (Order) deed() {}
func (Keep) deed()  {}
func (Alarm) deed() {}
func (Quit) deed()  {}
