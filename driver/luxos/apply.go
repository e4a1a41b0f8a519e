package luxos

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// machine is one machine. held is the session that could not be given back.
type machine struct {
	line
	can  device.Capabilities
	atm  bool // the temperature manager was on when last read
	held string
}

// Capabilities is what was found when the machine was opened.
func (m *machine) Capabilities() device.Capabilities { return m.can }

// farewell bounds the wait for the answer to a session's end in Close. The
// session ends by itself within a minute, so nothing depends on it.
const farewell = 300 * time.Millisecond

// Close gives back a session that an earlier Apply could not.
func (m *machine) Close(ctx context.Context) error {
	held := m.held
	m.held = ""
	if held == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	if _, err := m.ask(ctx, "logoff", held); err != nil {
		return fmt.Errorf("close: give back the session (it ends by itself within a minute): %w", err)
	}
	return nil
}

// order is a command in the words of the dialect.
type order struct {
	command string
	args    string // after the session
	set     device.Command
	note    string
}

// Apply logs on, gives one order and logs off. The answer is Accepted only when
// all three were answered: a session that was not given back blocks everyone
// for a minute, and reading back costs less than not knowing.
func (m *machine) Apply(ctx context.Context, c device.Command) device.Ack {
	return wire.Order(ctx, c, m.apply)
}

func (m *machine) apply(ctx context.Context, c device.Command) device.Ack {
	o, no := m.translate(c)
	if no != nil {
		return *no
	}
	session, no := m.logon(ctx)
	if no != nil {
		return *no
	}
	ack := m.give(ctx, o, session)
	if r, err := m.ask(ctx, "logoff", session); err != nil {
		m.held = session
		if ack.Class == device.Accepted && c.Verb != device.Reboot {
			ack.Class = why(r, err)
			if ack.Class == device.NotSent {
				ack.Class = device.NoReply
			}
		}
		ack.Text = wire.Bounded(ack.Text + "; logging off failed, the session ends by itself within a minute")
	}
	return ack
}

// give sends the order within a session.
func (m *machine) give(ctx context.Context, o order, session string) device.Ack {
	r, err := m.ask(ctx, o.command, session+","+o.args)
	if err != nil {
		ack := device.Ack{Class: why(r, err), Text: wire.Bounded(err.Error()), Raw: r.raw}
		if ack.Class != device.NotSent {
			ack.Set = o.set
		}
		return ack
	}
	class, reason, text := r.said()
	if o.note != "" && class == device.Accepted {
		text += "; " + o.note
	}
	return device.Ack{Class: class, Reason: reason, Set: o.set, Text: wire.Bounded(text), Raw: r.raw}
}

// logon takes the session. Until it is there nothing was ordered, so whatever
// goes wrong is a refusal or not sent.
func (m *machine) logon(ctx context.Context) (string, *device.Ack) {
	if m.held != "" {
		_, _ = m.ask(ctx, "logoff", m.held) // ours, left over; when it is gone, all the better
		m.held = ""
	}
	r, err := m.ask(ctx, "logon", "")
	if err != nil {
		return "", &device.Ack{Class: device.NotSent, Text: wire.Bounded(err.Error()), Raw: r.raw}
	}
	class, reason, text := r.said()
	if class == device.Refused {
		return "", &device.Ack{Class: class, Reason: reason, Text: wire.Bounded("logon: " + text), Raw: r.raw}
	}
	session := r.tree.At("SESSION", "SessionID").Text()
	if class != device.Accepted || session == "" {
		return "", &device.Ack{Class: device.NotSent, Text: "logon: no session in the answer", Raw: r.raw}
	}
	return session, nil
}

// translate puts a command into the words of the dialect, or refuses what the
// machine cannot do.
func (m *machine) translate(c device.Command) (order, *device.Ack) {
	set := device.Command{Verb: c.Verb}
	switch c.Verb {
	case device.Sleep:
		return order{command: "curtail", args: "sleep", set: set}, nil
	case device.Wake:
		o := order{command: "curtail", args: "wakeup", set: set}
		if c.Fast {
			o.args, o.set.Fast = "wakeup,mode=unsafe", true
		}
		if c.Mode != "" {
			o.note = "the profile is the one the machine kept"
		}
		return o, nil
	case device.SetPower:
		return m.below(c.Power)
	case device.SetMode:
		for _, p := range m.can.Presets {
			if p.Name == c.Mode {
				return m.profile(device.Command{Verb: c.Verb, Mode: p.Name}, p), nil
			}
		}
		return order{}, refusal(device.BadValue, fmt.Sprintf("there is no profile %.40q", c.Mode))
	case device.Locate:
		return order{command: "ledset", args: "red,blink", set: set}, nil
	case device.Reboot:
		return order{command: "rebootdevice", set: set}, nil
	}
	return order{}, refusal(device.Unsupported, fmt.Sprintf("luxos knows no %.40q", c.Verb))
}

// below is the highest profile whose label is at most p.
func (m *machine) below(p unit.Power) (order, *device.Ack) {
	for _, s := range slices.Backward(m.can.Presets) {
		if s.Power <= p {
			return m.profile(device.Command{Verb: device.SetPower, Power: s.Power, Mode: s.Name}, s), nil
		}
	}
	return order{}, refusal(device.BadValue, fmt.Sprintf("no profile draws %d W or less", p))
}

func (m *machine) profile(set device.Command, p device.Preset) order {
	o := order{command: "profileset", args: p.Name, set: set, note: fmt.Sprintf("profile %s is labelled %d W", p.Name, p.Power)}
	if m.atm {
		o.note += "; the temperature manager is on and may move it"
	}
	return o
}

// refusal is a no that the machine was spared.
func refusal(r device.RefusedReason, text string) *device.Ack {
	return &device.Ack{Class: device.Refused, Reason: r, Text: text}
}
