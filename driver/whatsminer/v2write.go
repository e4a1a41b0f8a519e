package whatsminer

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/unit"
)

// full reports whether a text says that all tokens are given out.
func full(text string) bool { return strings.Contains(strings.ToLower(text), "over max connect") }

// judge says what an answer means for the order that it answers.
func (a answer) judge() verdict {
	switch {
	case a.code == v2Full || full(a.text):
		return refused(device.Busy, said(a, "all its logins are taken: ask again in a minute"))
	case a.code == v2Forbidden:
		return refused(device.Locked, said(a, "change its password and switch its API on with the maker's tool"))
	case a.code == v2BadToken:
		return refused(device.BadAuth, said(a, "the login was no longer taken, or the password is another: ask once more"))
	case a.code == v2BadJSON:
		return refused(device.BadAuth, said(a, "it could not decrypt the order: the password is another"))
	case a.code == v2Unknown:
		return refused(device.Unsupported, said(a, "this firmware does not know the order"))
	case a.code == v2Failed:
		return refused(device.Other, said(a, "it did not carry the order out"))
	case a.status == "E" || a.status == "F":
		return refused(device.Other, a.text)
	case a.status == "W":
		return accepted("with a warning: " + a.text)
	case a.code == v2OK || a.status == "S" || a.status == "I":
		return accepted(a.text)
	}
	return verdict{class: device.Garbled, text: a.text}
}

// said is what the machine said and what it means.
func said(a answer, means string) string {
	return "code " + strconv.FormatInt(a.code, 10) + " " + strconv.Quote(bounded(a.text, 120)) + ": " + means
}

// order is what is sent for a command, once it is known that it can be.
type order struct {
	words map[string]any
	set   device.Command
	state state // as far as it was asked for
}

// Apply gives one order: it logs in when it must, and a level in watts is
// preceded by reading the limit that it is a percentage of.
func (m *deviceV2) Apply(ctx context.Context, c device.Command) device.Ack {
	asked := time.Now()
	o, v, err := m.orderOf(ctx, c)
	if err != nil {
		return notSent(asked, err)
	}
	if v.class != "" {
		return refuse(asked, v.reason, v.text)
	}
	t, v, err := m.login(ctx)
	if err != nil {
		return notSent(asked, err)
	}
	if v.class != "" {
		return refuse(asked, v.reason, v.text)
	}
	return m.give(ctx, asked, o, t)
}

// give seals an order, sends it and judges the answer. A login that the machine
// does not take is forgotten.
func (m *deviceV2) give(ctx context.Context, asked time.Time, o order, t token) device.Ack {
	request, err := t.seal(o.words)
	if err != nil {
		return notSent(asked, err)
	}
	ctx, cancel := context.WithTimeout(ctx, m.options.Write)
	defer cancel()
	r, err := m.network.Ask(ctx, m.host, m.port, request)
	if err != nil {
		return broken(asked, o.set, r, err)
	}
	a, err := t.open(r.Bytes)
	if err != nil {
		return broken(asked, o.set, r, fmt.Errorf("%w: %w", errGarbled, err))
	}
	v := a.judge()
	if v.reason == device.BadAuth {
		m.token = token{}
	}
	if a.code == v2Failed {
		v.reason = failed(o.set, o.state)
	}
	return obeyed(asked, o.set, v, r.Bytes)
}

// orderOf puts a command into the words of v2, or refuses it.
func (m *deviceV2) orderOf(ctx context.Context, c device.Command) (order, verdict, error) {
	if m.api < 2 {
		return order{}, refused(device.Unsupported, "firmware with API v1 is only read: bring its firmware up to date"), nil
	}
	o := order{set: device.Command{Verb: c.Verb}}
	switch c.Verb {
	case device.Sleep:
		o.words = map[string]any{"cmd": "power_off", "respbefore": "true"}
	case device.Wake: // it keeps its mode and limit over a sleep
		o.words = map[string]any{"cmd": "power_on"}
	case device.SetMode:
		name, ok := mode(c.Mode)
		if !ok {
			return order{}, refused(device.BadValue, badMode(c.Mode)), nil
		}
		o.set.Mode = name
		o.words = map[string]any{"cmd": "set_" + name + "_power"}
	case device.SetPower:
		return m.powerOf(ctx, c.Power)
	case device.Locate:
		o.words = map[string]any{"cmd": "set_led", "color": "red", "period": 500, "duration": 250, "start": 0}
	case device.Reboot:
		o.words = map[string]any{"cmd": "reboot"}
	default:
		return order{}, refused(device.Unsupported, "there is no such order: "+bounded(string(c.Verb), 40)), nil
	}
	return o, verdict{}, nil
}

// powerOf puts a level into words: a percentage of the present limit, or the limit.
func (m *deviceV2) powerOf(ctx context.Context, p unit.Power) (order, verdict, error) {
	o := order{set: device.Command{Verb: device.SetPower, Power: p}}
	if m.options.Restarting {
		if p <= 0 || p >= noLimit {
			return order{}, refused(device.BadValue, badPower(p, m.can.Most)), nil
		}
		o.words = map[string]any{"cmd": "adjust_power_limit", "power_limit": strconv.FormatInt(int64(p), 10)}
		return o, verdict{}, nil
	}
	if p <= 0 {
		return order{}, refused(device.BadValue, badPower(p, m.can.Most)), nil
	}
	got := reports{}
	for _, command := range []string{"status", "summary"} {
		a, err := m.askV2(ctx, command)
		if err != nil {
			return order{}, verdict{}, err
		}
		got[command] = a
	}
	o.state = got.stateV2()
	if !o.state.limit.Known {
		return order{}, verdict{}, errLimit
	}
	share, power, ok := percentOf(p, o.state.limit.Value)
	if !ok {
		return order{}, refused(device.BadValue, badPower(p, o.state.limit.Value)), nil
	}
	o.set.Power = power
	o.words = map[string]any{"cmd": m.percent, "percent": strconv.FormatInt(share, 10)}
	return o, verdict{}, nil
}
