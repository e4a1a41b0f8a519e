package verify

import (
	"time"

	"sluice/unit"
)

// Code names what was found. Codes are only ever added.
type Code string

// The codes of a Witness.
const (
	MeterStale   Code = "meter_stale"   // the meter is silent or its reading too old
	MeterStuck   Code = "meter_stuck"   // it repeats one number while the load moves
	MeterSwapped Code = "meter_swapped" // current transformers turned round, all or one of three
	MeterScaled  Code = "meter_scaled"  // wrong by 10, 100 or 1000
	MeterDiffers Code = "meter_differs" // two measurements of the same load differ
	CountedTwice Code = "counted_twice" // units state more than the meter sees
	HiddenLoad   Code = "hidden_load"   // the meter sees more than units state, and no named liar explains it
	Liar         Code = "liar"          // says asleep or lowered, and the meter did not fall
	Drifting     Code = "drifting"      // what it states of its changes is wrong otherwise
	AsleepDoubt  Code = "asleep_doubt"  // these say asleep for long while load is hidden: candidates
	Stale        Code = "stale"         // units that were not heard
)

// The codes of Reconcile.
const (
	LyingMiner Code = "lying_miner" // the device states another hash rate than pool and energy
	Redirected Code = "redirected"  // the pool credits less than device and energy
	Overpaid   Code = "overpaid"    // the pool credits more than device and energy
	EnergyOdd  Code = "energy_odd"  // the meter or the assumed efficiency is wrong
	NoTwoAgree Code = "no_two_agree"
	PoolSilent Code = "pool_silent" // not one share was credited
)

// The codes of Pools.
const (
	PoolStranger   Code = "pool_stranger"   // a pool or worker that is not allowed
	PoolDeveloper  Code = "pool_developer"  // the firmware mines for its maker
	PoolUnreadable Code = "pool_unreadable" // no address that can be compared
	PoolUnstated   Code = "pool_unstated"   // the machine does not say where it mines
)

// Group is the unit of a finding that belongs to no single one.
const Group = -1

// Finding is one thing that is wrong, with the numbers behind it.
type Finding struct {
	Code     Code
	Unit     int        // index of the unit; Group: the meter and all behind it
	Power    unit.Power // watts in question, at the meter for the group and of the unit else
	Since    time.Time  // zero where no time is known
	Evidence Evidence
}

// Evidence is the numbers and names behind a finding; what does not belong to
// its code is zero.
type Evidence struct {
	Stated   unit.Power // what units state, at the meter
	Measured unit.Power // what the meter says
	Share    unit.Ratio // the difference as a part; of a liar, the part of its stated changes that the meter lacks
	Chance   unit.Ratio // that the finding is true, as far as the steps tell
	Steps    int        // steps that were weighed
	Count    int        // units meant, where they are many
	Units    []int      // the first of them, worst first
	Slot     int        // of a pool list, from 0
	Text     string     // what a machine said, cleaned and bounded
}

// Remedy is what a person should do about a finding.
func (c Code) Remedy() string {
	switch c {
	case MeterStale:
		return "look at the meter, its gateway and cable; until it answers nothing is proven and nothing should be raised"
	case MeterStuck:
		return "restart the meter or its gateway, and compare its display with what it sends"
	case MeterSwapped:
		return "have an electrician look at the direction of the current transformers: all turned round show the load negative, one of three shows a third of it"
	case MeterScaled:
		return "correct the transformer ratio or the unit of the register in the meter's section of the site file"
	case MeterDiffers:
		return "raise nothing until it is known which is wrong: look for a meter that covers other machines than the site file says"
	case CountedTwice:
		return "look for machines listed twice or behind another meter, and for a current transformer of one phase that is turned round"
	case HiddenLoad:
		return "look for machines and fans that no list has; reserve the load until it is found"
	case Liar:
		return "go and look at the machine: isolate its outlet, or count it at full power until it is repaired"
	case Drifting:
		return "do not trust the power that this machine states; use the factor, or meter it"
	case AsleepDoubt:
		return "wake and put to sleep some of them by themselves, so that the meter can tell"
	case Stale:
		return "count them at full power; look at their switch or network first"
	case LyingMiner:
		return "do not trust what these machines state; compare firmware and settings with an untouched machine"
	case Redirected:
		return "compare the pools and workers of every machine with the list, look for developer fees, and look at the path to the pool"
	case Overpaid:
		return "look for machines that mine under this worker and are not counted"
	case EnergyOdd:
		return "compare the meter with another, and the efficiency with the nameplate"
	case NoTwoAgree:
		return "find out first which machines the meter, the worker and the list cover: they are not the same"
	case PoolSilent:
		return "ask the pool at once: the work may go elsewhere"
	case PoolStranger:
		return "set the pools right, change the password of the machine, and find out who changed them"
	case PoolDeveloper:
		return "this fee goes to the maker of the firmware: add the pool to the list as a fee, or change the firmware"
	case PoolUnreadable:
		return "treat it as a stranger: set the pools of the machine anew"
	case PoolUnstated:
		return "give the program a way to read the pools of this machine"
	}
	return ""
}
