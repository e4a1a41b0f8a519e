package whatsminer

import (
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// noLimit is the limit in watts that stands for none [S].
const noLimit = 99_999

// state is what both dialects say, in their own words, about what a machine does.
type state struct {
	works   device.Value[bool] // told to mine
	down    bool               // its mining process does not answer
	ramped  device.Value[bool]
	stable  device.Value[bool]
	percent device.Value[int64] // of the limit; unknown or 0: all of it
	limit   device.Value[unit.Power]
	hash    device.Value[unit.Hashrate]
}

// intent is what the machine was told.
func (s state) intent() device.Value[device.Activity] {
	if !s.works.Known {
		return device.Value[device.Activity]{}
	}
	if s.works.Value {
		return device.Stated(device.Running)
	}
	return device.Stated(device.Asleep)
}

// activity is what the machine does, as far as both what it was told and what
// it shows go together: a machine that was told to sleep and hashes runs.
func (s state) activity() device.Value[device.Activity] {
	hashing := s.hash.Known && s.hash.Value > 0
	switch {
	case !s.works.Known && s.down:
		return device.Stated(device.Stopped)
	case !s.works.Known:
		return device.Value[device.Activity]{}
	case !s.works.Value && hashing:
		return device.Stated(device.Running)
	case !s.works.Value && (s.down || s.hash.Known):
		return device.Stated(device.Asleep)
	case !s.works.Value:
		return device.Value[device.Activity]{}
	case s.down || s.ramped.Known && !s.ramped.Value:
		return device.Stated(device.Waking)
	case !s.hash.Known:
		return device.Value[device.Activity]{}
	case s.stable.Known && !s.stable.Value:
		return device.Stated(device.Tuning)
	case s.share() < 100:
		return device.Stated(device.Throttled)
	}
	return device.Stated(device.Running)
}

// share is the percentage of the limit in force.
func (s state) share() int64 {
	if s.percent.Known && s.percent.Value > 0 && s.percent.Value < 100 {
		return s.percent.Value
	}
	return 100
}

// held is the limit in force with its percentage.
func (s state) held() device.Value[unit.Power] {
	out := s.limit
	if out.Known {
		out.Value = unit.Power(unit.MulDiv(int64(out.Value), s.share(), 100))
	}
	return out
}

// watts is a stated power; what is absent or negative is not known.
func watts(t wire.Tree) device.Value[unit.Power] {
	v, ok := t.Whole()
	if !ok || v < 0 {
		return device.Value[unit.Power]{}
	}
	return device.Stated(unit.Power(v))
}

// bound is a limit in watts; what stands for none is not known.
func bound(t wire.Tree) device.Value[unit.Power] {
	v := watts(t)
	if v.Value <= 0 || v.Value >= noLimit {
		return device.Value[unit.Power]{}
	}
	return v
}

// rate is a hash rate stated in units of ten to the power of exponent GH/s,
// rounded once, half to even.
func rate(t wire.Tree, exponent int) device.Value[unit.Hashrate] {
	digits, own, _ := strings.Cut(strings.ToLower(t.Text()), "e")
	if own != "" {
		n, err := strconv.Atoi(own)
		if err != nil || n < -99 || n > 99 {
			return device.Value[unit.Hashrate]{}
		}
		exponent += n
	}
	v, err := unit.ParseDecimal(digits+"e"+strconv.Itoa(exponent), 0)
	if err != nil || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	return device.Stated(unit.Hashrate(v))
}

// The units of the dialects.
const (
	inMH = -3
	inGH = 0
	inTH = 3
)

func number(t wire.Tree) device.Value[int64] {
	v, ok := t.Whole()
	return device.Value[int64]{Value: v, Known: ok, Source: sourceOf(ok)}
}

func flag(t wire.Tree) device.Value[bool] {
	v, ok := t.Flag()
	return device.Value[bool]{Value: v, Known: ok, Source: sourceOf(ok)}
}

func words(text string) device.Value[string] {
	return device.Value[string]{Value: text, Known: text != "", Source: sourceOf(text != "")}
}

func sourceOf(known bool) device.Source {
	if known {
		return device.FromFirmware
	}
	return ""
}

// lasting is a time in seconds; one too long for a clock is not known.
func lasting(t wire.Tree) device.Value[time.Duration] {
	v, ok := t.Whole()
	if !ok || v < 0 || v > int64(1<<31) {
		return device.Value[time.Duration]{}
	}
	return device.Stated(time.Duration(v) * time.Second)
}

// chip is a temperature in degrees, when one is stated that something can have.
func chip(out []device.Temperature, where string, t wire.Tree) []device.Temperature {
	v, ok := t.Scaled(3)
	if !ok || v <= -100_000 || v >= 300_000 || v == 0 {
		return out
	}
	return append(out, device.Temperature{Where: where, MilliC: v})
}

func fan(out []device.Fan, name string, t wire.Tree) []device.Fan {
	v, ok := t.Whole()
	if !ok || v < 0 {
		return out
	}
	return append(out, device.Fan{Name: name, RPM: v})
}

// stopped reports whether a text says that the mining process is not running.
func stopped(text string) bool { return strings.Contains(strings.ToLower(text), "process is down") }
