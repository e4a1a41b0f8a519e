package commission

import (
	"time"

	"sluice/device"
	"sluice/unit"
)

// Event is something that happened, as the shell saw it. Its times are on the
// monotonic clock of Step.
type Event interface{ event() }

type (
	// Tick lets the trial act when nothing else happens; about once a second.
	Tick struct{}

	// Read is what the machine said to a question that was sent at Asked.
	Read struct {
		Asked   time.Duration
		Reading device.Reading
	}

	// Unread says that a question of Asked brought no reading.
	Unread struct{ Asked time.Duration }

	// Metered is what the meter showed.
	Metered struct {
		Asked time.Duration
		Power unit.Power
	}

	// Answered is what the machine said to the order of that number. It proves nothing.
	Answered struct {
		Number int
		Ack    device.Ack
	}

	// Stopped is the stop button. From here on only what was found is given back.
	Stopped struct{}
)

func (Tick) event()     {}
func (Read) event()     {}
func (Unread) event()   {}
func (Metered) event()  {}
func (Answered) event() {}
func (Stopped) event()  {}

// Effect is what the shell shall do.
type Effect interface{ effect() }

type (
	// Send is one order. The shell answers it with Answered, whatever happens.
	// No other order is given before that.
	Send struct {
		Number  int
		Command device.Command
		Restore bool // it gives back what was found
	}

	// Began says that a step begins, for people.
	Began struct {
		Step   Step
		Level  string // of a level
		Within time.Duration
		Repeat int // times that its round was begun anew
	}

	// Finished says what a step showed, for people.
	Finished struct {
		Step    Step
		Level   string
		Took    time.Duration            // until it was steady
		Metered device.Value[unit.Power] // mean of the meter, other load included
		Stated  device.Value[unit.Power]
		Hash    device.Value[unit.Hashrate]
	}

	// Ended says why the trial stops here; giving back follows.
	Ended struct {
		Verdict Verdict
		Why     string
	}

	// Done is the last effect.
	Done struct{ Record Record }
)

func (Send) effect()     {}
func (Began) effect()    {}
func (Finished) effect() {}
func (Ended) effect()    {}
func (Done) effect()     {}

// Step names a part of the trial.
type Step string

// The steps.
const (
	Baseline Step = "baseline"
	Sleeping Step = "sleep"
	Waking   Step = "wake"
	FastWake Step = "fast_wake"
	Levelled Step = "level"
	Rebooted Step = "reboot"
	GiveBack Step = "restore"
)

// Verdict is how a trial ended; verdicts are only ever added.
type Verdict string

// The verdicts.
const (
	Learned     Verdict = "learned"
	WasStopped  Verdict = "stopped"        // by a person
	Disobeys    Verdict = "does_not_obey"  // says yes and draws on
	WakeFailed  Verdict = "wake_failed"    // does not come back as it was
	TooHot      Verdict = "too_hot"        // a sensor above the bound
	Faulty      Verdict = "fault"          // reports a fault that was not there before
	MeterStale  Verdict = "meter_stale"    // the meter went silent
	Restless    Verdict = "feeder_moved"   // other load moved more than the resolution, three times
	TooCoarse   Verdict = "too_coarse"     // the resolution is no good for this machine
	Unsteady    Verdict = "unsteady"       // not running steadily as found; nothing was sent
	OutOfTime   Verdict = "out_of_time"    // the whole took too long
	WasRefused  Verdict = "refused"        // it said no
	Unreachable Verdict = "unreachable"    // it could not be asked
	Impossible  Verdict = "nothing_to_try" // its firmware offers nothing that can be given back
)
