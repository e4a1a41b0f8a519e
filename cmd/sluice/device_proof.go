package main

import (
	"fmt"
	"time"

	"sluice/device"
	"sluice/unit"
)

// proof collects the readings that show what became of one order. An answer
// proves nothing; what the machine says of its settings and what it then draws
// must both fit, in readings that were asked for after the answer.
type proof struct {
	want     device.Command // as it was really sent
	before   device.Reading
	expected device.Value[unit.Power] // of a machine that wakes; unknown: anything above standby
	acked    time.Time

	fits int       // readings in a row that fit
	last time.Time // of the last that counted
}

// settledReads is how many readings in a row show a machine at its power, and
// apart how far two readings stand that prove sleep without watts.
const (
	settledReads = 3
	apart        = 5 * time.Second
)

// tolerance is by how much a stated power may be off: a tenth, and at least 150 W.
func tolerance(p unit.Power) unit.Power { return max(150, p/10) }

// see takes a reading and says whether the order is proven, and if not what is missing.
func (p *proof) see(r device.Reading) (proven bool, why string) {
	if !r.Asked.After(p.acked) {
		return false, "the reading is older than the answer"
	}
	if p.want.Verb == device.Sleep {
		return p.asleep(r)
	}
	fits, why := p.running(r)
	if !fits {
		p.fits = 0
		return false, why
	}
	p.fits++
	if p.want.Verb == device.SetPower || p.fits >= settledReads {
		return true, why
	}
	return false, why + ", not for long enough yet"
}

// asleep wants both the word and the watts. Without watts, two zeros of the
// shortest hash rate apart from each other.
func (p *proof) asleep(r device.Reading) (bool, string) {
	says := r.Intent
	if !says.Known {
		says = r.Activity
	}
	if !says.Known || says.Value != device.Asleep {
		p.fits = 0
		return false, "it does not say that it sleeps" + drawn(r)
	}
	if r.Power.Known {
		ceiling := tolerance(p.before.Power.Value)
		return r.Power.Value <= ceiling, fmt.Sprintf("it says that it sleeps and draws %s", r.Power.Value)
	}
	if !r.Hash.Known {
		return false, "it says that it sleeps and states neither power nor hash rate: only a meter can prove it"
	}
	if r.Hash.Value > 0 {
		p.fits = 0
		return false, fmt.Sprintf("it says that it sleeps and hashes at %d GH/s", r.Hash.Value)
	}
	if p.fits == 0 || r.Asked.Sub(p.last) >= apart {
		p.fits, p.last = p.fits+1, r.Asked
	}
	return p.fits >= 2, "it says that it sleeps, states no power, and its hash rate is zero"
}

// running wants a machine that works, at the level that was asked.
func (p *proof) running(r device.Reading) (bool, string) {
	if r.Intent.Known && r.Intent.Value == device.Asleep || r.Activity.Known && (r.Activity.Value == device.Asleep || r.Activity.Value == device.Stopped) {
		return false, fmt.Sprintf("it says that it is %s", says(r))
	}
	if p.want.Verb == device.SetPower {
		return p.held(r)
	}
	if p.want.Mode != "" && r.Mode.Known && r.Mode.Value != p.want.Mode {
		return false, fmt.Sprintf("it is in mode %q instead of %q", clean(r.Mode.Value), clean(p.want.Mode))
	}
	switch {
	case r.Power.Known && p.expected.Known:
		gap := max(r.Power.Value-p.expected.Value, p.expected.Value-r.Power.Value)
		return gap <= tolerance(p.expected.Value), fmt.Sprintf("it draws %s of %s", r.Power.Value, p.expected.Value)
	case r.Power.Known:
		return r.Power.Value > tolerance(0) && (!r.Hash.Known || r.Hash.Value > 0), "it runs" + drawn(r)
	case r.Hash.Known:
		return r.Hash.Value > 0, fmt.Sprintf("it hashes at %d GH/s and states no power", r.Hash.Value)
	}
	return false, "it states neither power nor hash rate: only a meter can prove it"
}

// held wants the setting and the watts at or below what was asked.
func (p *proof) held(r device.Reading) (bool, string) {
	set := r.Limit.Known && r.Limit.Value <= p.want.Power || p.want.Mode != "" && r.Mode.Known && r.Mode.Value == p.want.Mode
	switch {
	case !r.Power.Known:
		return false, "it states no power: only a meter can prove it"
	case !r.Limit.Known && !r.Mode.Known:
		return false, "it states neither a limit nor a mode" + drawn(r)
	case !set && r.Limit.Known:
		return false, fmt.Sprintf("its limit is %s%s", r.Limit.Value, drawn(r))
	case !set && p.want.Mode != "":
		return false, fmt.Sprintf("it is in mode %q instead of %q%s", clean(r.Mode.Value), clean(p.want.Mode), drawn(r))
	}
	return r.Power.Value <= p.want.Power+tolerance(p.want.Power), fmt.Sprintf("it is set to at most %s and draws %s", p.want.Power, r.Power.Value)
}

// drawn is the power of a reading in a sentence.
func drawn(r device.Reading) string {
	if !r.Power.Known {
		return ""
	}
	return fmt.Sprintf(" and draws %s", r.Power.Value)
}

// says is what a machine says of itself.
func says(r device.Reading) device.Activity {
	switch {
	case r.Activity.Known:
		return r.Activity.Value
	case r.Intent.Known:
		return r.Intent.Value
	}
	return device.Unknown
}
