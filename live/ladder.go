package live

import (
	"slices"

	"sluice/device"
	"sluice/unit"
)

// rung is one level at which a machine can be held.
type rung struct {
	power unit.Power
	mode  string // its name, where levels have names
}

// ladder is the levels of one machine that its group's curve may use, rising.
type ladder struct {
	kind  device.LevelKind
	rungs []rung
}

// overNameplate is how far above the highest operating point a level may lie and
// still stand for it, because firmware and catalogue seldom agree to the watt.
const overNameplate = unit.One / 33

// ladderOf joins what a firmware can do with the operating points of the group,
// in watts of one machine, rising. A machine without levels in watts runs whole
// or not at all.
func ladderOf(c device.Capabilities, points []unit.Power) ladder {
	top := points[len(points)-1]
	l := ladder{kind: c.Level}
	switch c.Level {
	case device.Presets:
		for _, p := range c.Presets {
			if p.Power > 0 && p.Power <= top+top.Scale(overNameplate) {
				l.rungs = append(l.rungs, rung{p.Power, p.Name})
			}
		}
	case device.Watts, device.Percent:
		for _, p := range points {
			p = stepped(c, min(p, c.Most))
			if p >= c.Least && p > 0 {
				l.rungs = append(l.rungs, rung{power: p})
			}
		}
	case device.Modes, device.NoLevels, "":
	}
	slices.SortFunc(l.rungs, func(a, b rung) int { return int(a.power - b.power) })
	l.rungs = slices.CompactFunc(l.rungs, func(a, b rung) bool { return a.power == b.power })
	if len(l.rungs) == 0 {
		l.kind, l.rungs = device.NoLevels, []rung{{power: top}}
	}
	return l
}

// stepped is the highest power that a firmware takes and that is not above p.
func stepped(c device.Capabilities, p unit.Power) unit.Power {
	if c.Step <= 1 || p == c.Most {
		return p // the whole is taken, also where the steps do not add up to it
	}
	if c.Level == device.Percent {
		return p / c.Step * c.Step
	}
	return c.Least + (p-c.Least)/c.Step*c.Step
}

// levels are the setpoints of the ladder, for the kernel.
func (l ladder) levels() []unit.Power {
	out := make([]unit.Power, len(l.rungs))
	for i, r := range l.rungs {
		out[i] = r.power
	}
	return out
}

func (l ladder) least() unit.Power { return l.rungs[0].power }
func (l ladder) most() unit.Power  { return l.rungs[len(l.rungs)-1].power }

// asleep reports whether a machine says that it was put to sleep, and whether it
// says anything of it. Its settings count before what it seems to be doing.
func asleep(r device.Reading) (sleeps, known bool) {
	says := r.Intent
	if !says.Known {
		says = r.Activity
	}
	if !says.Known || says.Value == device.Unknown || says.Value == device.Unreachable {
		return false, false
	}
	return says.Value == device.Asleep, true
}

// setpoint is the level at which a machine says that it stands, 0 when asleep.
// It is not known when the machine does not say enough.
func (l ladder) setpoint(r device.Reading) (unit.Power, bool) {
	sleeps, known := asleep(r)
	switch {
	case !known:
		return 0, false
	case sleeps:
		return 0, true
	case l.kind == device.NoLevels:
		return l.most(), true
	}
	if r.Mode.Known {
		if i := slices.IndexFunc(l.rungs, func(x rung) bool { return x.mode != "" && x.mode == r.Mode.Value }); i >= 0 {
			return l.rungs[i].power, true
		}
	}
	if !r.Limit.Known {
		return 0, false
	}
	for _, x := range l.rungs {
		if gap := x.power - r.Limit.Value; max(gap, -gap) <= x.power/100 {
			return x.power, true
		}
	}
	return r.Limit.Value, true
}

// command is what a machine must be told to come to p, from what it said last,
// and false when its settings say that it is there. found is the mode that it
// had before it was put to sleep.
func (l ladder) command(r device.Reading, p unit.Power, found string) (device.Command, bool) {
	at, known := l.setpoint(r)
	sleeps, _ := asleep(r)
	switch {
	case known && at == p:
		return device.Command{}, false
	case p == 0:
		return device.Command{Verb: device.Sleep}, true
	case sleeps || !known:
		return device.Command{Verb: device.Wake, Mode: found}, true
	case l.kind == device.Presets:
		i := slices.IndexFunc(l.rungs, func(x rung) bool { return x.power == p })
		if i < 0 {
			return device.Command{Verb: device.SetPower, Power: p}, true
		}
		return device.Command{Verb: device.SetMode, Mode: l.rungs[i].mode}, true
	}
	return device.Command{Verb: device.SetPower, Power: p}, true
}
