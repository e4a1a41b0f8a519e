package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"sluice/device"
	"sluice/driver/scan"
	"sluice/unit"
)

// plan decides what is done to a machine, from what it says now.
func (f *orderFlags) plan(t *task, kept []foundState) {
	switch {
	case t.err != nil:
		t.outcome, t.why = wasUnreadable, explainOpen(t.err)
	case f.restore:
		f.planRestore(t, kept)
	case f.watts > 0:
		f.planLevel(t)
	case says(t.before) == device.Asleep || t.before.Intent.Known && t.before.Intent.Value == device.Asleep:
		f.planSleeper(t)
	case !t.can.Sleep:
		t.outcome, t.why = wasImpossible, "its firmware cannot sleep"
	default:
		t.command = device.Command{Verb: device.Sleep}
	}
}

// planSleeper leaves a machine alone that sleeps, in word and watts.
func (f *orderFlags) planSleeper(t *task) {
	if p := t.before.Power; p.Known && p.Value > tolerance(0) {
		t.command = device.Command{Verb: device.Sleep} // it says so and does not: asking once more is harmless
		return
	}
	t.outcome, t.why = wasAlready, "it sleeps"
}

// planLevel holds a machine at a power.
func (f *orderFlags) planLevel(t *task) {
	p := unit.Power(f.watts)
	least, ok := floor(t.can)
	switch {
	case !ok:
		t.outcome, t.why = wasImpossible, "it has no level in watts; it can only sleep"
	case p < least:
		t.outcome, t.why = wasImpossible, fmt.Sprintf("its lowest level is %s; curtail it without --watts", least)
	case says(t.before) == device.Asleep:
		t.outcome, t.why = wasImpossible, "it sleeps: wake it first"
	case !f.restore && t.before.Power.Known && t.before.Power.Value <= p && t.before.Limit.Known && t.before.Limit.Value <= p:
		t.outcome, t.why = wasAlready, fmt.Sprintf("its limit is %s", t.before.Limit.Value)
	default:
		t.command = device.Command{Verb: device.SetPower, Power: p}
	}
}

// floor is the lowest level in watts, or false when there is none.
func floor(c device.Capabilities) (unit.Power, bool) {
	switch c.Level {
	case device.Watts, device.Percent:
		return c.Least, true
	case device.Presets, device.Modes:
		for _, p := range c.Presets {
			if p.Power > 0 {
				return p.Power, true
			}
		}
	case device.NoLevels, "":
	}
	return 0, false
}

// planRestore wakes a machine or gives it back what it had.
func (f *orderFlags) planRestore(t *task, kept []foundState) {
	asleep := says(t.before) == device.Asleep || t.before.Intent.Known && t.before.Intent.Value == device.Asleep
	had, ok := foundBefore(kept, t)
	switch {
	case f.record != "" && !ok:
		t.outcome, t.why = wasAlready, "this record does not know it; it is left alone"
	case ok && had.MAC != "" && t.found.Identity.MAC != "" && had.MAC != t.found.Identity.MAC:
		t.outcome, t.why = wasImpossible, "another machine stands at this address now: "+clean(t.found.Identity.MAC)+" instead of "+clean(had.MAC)
	case f.watts > 0:
		f.planLevel(t)
	case asleep && !t.can.Wake:
		t.outcome, t.why = wasImpossible, "its firmware cannot be woken"
	case asleep:
		t.command, t.expected = device.Command{Verb: device.Wake, Mode: had.Mode}, had.power()
	case ok && had.Mode != "" && t.before.Mode.Known && t.before.Mode.Value != had.Mode:
		t.command, t.expected = device.Command{Verb: device.SetMode, Mode: had.Mode}, had.power()
	case ok && had.LimitW > 0 && t.before.Limit.Known && int64(t.before.Limit.Value) < had.LimitW:
		t.command = device.Command{Verb: device.SetPower, Power: unit.Power(had.LimitW)}
	default:
		t.outcome, t.why = wasAlready, "it runs"
	}
}

// lone takes the orders away from machines that answer at several addresses:
// one order would be counted twice.
func lone(tasks []*task, twins []scan.Twin) {
	for _, twin := range twins {
		for _, t := range tasks {
			if slices.Contains(twin.Hosts, t.found.Address.Host) {
				t.command, t.outcome = device.Command{}, wasImpossible
				t.why = fmt.Sprintf("%s answers at %d addresses: find out which one it is", clean(twin.Key), len(twin.Hosts))
			}
		}
	}
}

// drop is by how much the draw should fall, negative when it rises; unknown
// when the machine does not say what it draws.
func (t *task) drop() device.Value[unit.Power] {
	now := t.before.Power
	if !now.Known || t.command.Verb == "" {
		return device.Value[unit.Power]{}
	}
	switch t.command.Verb {
	case device.Sleep:
		return now // less the tens of watts that a sleeper keeps
	case device.SetPower:
		return device.Stated(now.Value - reached(t.can, t.command.Power))
	case device.Wake, device.SetMode:
		if t.expected.Known {
			return device.Stated(now.Value - t.expected.Value)
		}
	case device.Locate, device.Reboot:
	}
	return device.Value[unit.Power]{}
}

// reached is the level that a machine takes for a bound in watts.
func reached(c device.Capabilities, p unit.Power) unit.Power {
	at := p
	for i, s := range c.Presets {
		if s.Power > 0 && s.Power <= p || i == 0 {
			at = s.Power
		}
	}
	if c.Level == device.Watts && c.Most > 0 {
		return min(p, c.Most)
	}
	return at
}

// tellPlan prints the preview for people.
func tellPlan(w io.Writer, tasks []*task) {
	var sum unit.Power
	sent, dumb := 0, 0
	for _, t := range tasks {
		what := t.why
		if t.command.Verb != "" {
			sent++
			what = "will be told: " + order(t.command)
			if d := t.drop(); d.Known {
				sum += d.Value
				what += fmt.Sprintf(" (%s)", change(d.Value))
			} else {
				dumb++
			}
		}
		fmt.Fprintf(w, "%-15s  %-10s  %-9s  %10s  %s\n", t.found.Address.Host, t.found.Identity.Family, says(t.before), value(t.before.Power), what)
	}
	fmt.Fprintf(w, "%d of %d machines get an order; expected at the meter: %s", sent, len(tasks), change(sum))
	if dumb > 0 {
		fmt.Fprintf(w, ", and what %d machines do that do not say what they draw", dumb)
	}
	fmt.Fprintln(w)
}

// change is a drop for people.
func change(drop unit.Power) string {
	if drop < 0 {
		return fmt.Sprintf("%.1f kW more", -float64(drop)/1000)
	}
	return fmt.Sprintf("%.1f kW less", float64(drop)/1000)
}

// order is a command for people.
func order(c device.Command) string {
	switch c.Verb {
	case device.Sleep:
		return "sleep"
	case device.SetPower:
		return fmt.Sprintf("at most %s", c.Power)
	case device.SetMode:
		return fmt.Sprintf("mode %q", clean(c.Mode))
	case device.Wake:
		if c.Mode != "" {
			return fmt.Sprintf("wake in mode %q", clean(c.Mode))
		}
		return "wake"
	case device.Locate, device.Reboot:
	}
	return string(c.Verb)
}

// taskJSON is one machine of an order as scripts read it.
type taskJSON struct {
	machineJSON
	State       device.Activity `json:"state"`
	PowerW      *int64          `json:"power_w"` // null: not stated
	Order       string          `json:"order,omitempty"`
	DropW       *int64          `json:"expected_drop_w"`
	Outcome     string          `json:"outcome,omitempty"`
	Why         string          `json:"why,omitempty"`
	AfterState  device.Activity `json:"after_state,omitempty"`
	AfterPowerW *int64          `json:"after_power_w"`
}

// watts is a value for JSON, null when it is not stated.
func watts(v device.Value[unit.Power]) *int64 {
	if !v.Known {
		return nil
	}
	w := int64(v.Value)
	return &w
}

// errUnproven ends a command of which something is not as it was asked.
var errUnproven = errors.New("count them as drawing their full power until somebody has looked")

// tell prints what became of every machine, and fails when one did not follow.
func (f *orderFlags) tell(w io.Writer, tasks []*task, sent bool) error {
	failed := 0
	for _, t := range tasks {
		if t.outcome != wasProven && t.outcome != wasAlready && t.outcome != "" {
			failed++
		}
	}
	if f.asJSON {
		if err := encode(w, resultsOf(tasks, sent)); err != nil {
			return err
		}
	} else if sent {
		tellOutcome(w, tasks)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d machines did not prove what was asked: %w", failed, len(tasks), errUnproven)
	}
	return nil
}

func resultsOf(tasks []*task, sent bool) any {
	out := struct {
		Sent     bool       `json:"sent"`
		Machines []taskJSON `json:"machines"`
	}{sent, []taskJSON{}}
	for _, t := range tasks {
		x := taskJSON{machineJSON: asMachine(t.found), State: says(t.before), PowerW: watts(t.before.Power), DropW: watts(t.drop()), Outcome: t.outcome, Why: t.why}
		if t.command.Verb != "" {
			x.Order = order(t.command)
		}
		if !t.after.Asked.IsZero() {
			x.AfterState, x.AfterPowerW = says(t.after), watts(t.after.Power)
		}
		out.Machines = append(out.Machines, x)
	}
	return out
}

// tellOutcome prints the proofs and the names of those without one.
func tellOutcome(w io.Writer, tasks []*task) {
	count := map[string]int{}
	for _, t := range tasks {
		count[t.outcome]++
		fmt.Fprintf(w, "%-15s  %-10s  %s: %s\n", t.found.Address.Host, t.found.Identity.Family, t.outcome, t.why)
	}
	fmt.Fprintf(w, "%d proven, %d already so, %d unproven, %d refused, %d others\n", count[wasProven], count[wasAlready], count[wasUnproven], count[wasRefused],
		count[wasNotSent]+count[wasImpossible]+count[wasUnreadable])
}
