package avalon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Apply does what is ordered, once.
func (m *Miner) Apply(ctx context.Context, c device.Command) device.Ack {
	a := wire.Order(ctx, c, m.apply)
	a.Text = short(a.Text)
	return a
}

func (m *Miner) apply(ctx context.Context, c device.Command) device.Ack {
	set := device.Command{Verb: c.Verb}
	switch c.Verb {
	case device.Sleep:
		if m.verbs == Plain {
			return m.send(ctx, "0,softoff", set)
		}
		return m.scheduled(ctx, "0,softoff", set)
	case device.Wake:
		if m.verbs == Plain {
			return m.restart(ctx, set)
		}
		return m.scheduled(ctx, "0,softon", set)
	case device.SetMode:
		return m.mode(ctx, c.Mode)
	case device.Locate:
		return m.send(ctx, "0,led,1-1", set)
	case device.Reboot:
		return m.send(ctx, "0,reboot,1", set)
	case device.SetPower:
		return refused(device.Unsupported, "what this firmware takes for watts is not known")
	}
	return refused(device.Unsupported, fmt.Sprintf("this firmware has no %q", c.Verb))
}

// scheduled sends an order for a little later by the machine's own clock, which
// its answer to an ordinary question tells, so that no other clock matters.
func (m *Miner) scheduled(ctx context.Context, verb string, set device.Command) device.Ack {
	t, err := m.tree(ctx, "version")
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	at, ok := t.At("STATUS", "When").Whole()
	if !ok || at < 0 {
		return device.Ack{Class: device.NotSent, Text: "the machine does not tell its time, and orders are for a time of its clock"}
	}
	at += int64(m.driver.options.Ahead / time.Second)
	return m.send(ctx, verb+",1:"+digits(at), set)
}

// restart wakes a machine that knows no other way. It looks first: one that was
// not told to sleep would lose its work, and one that starts would start anew.
func (m *Miner) restart(ctx context.Context, set device.Command) device.Ack {
	b, err := m.blob(ctx)
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	if told := b.told(); told != device.Stated(device.Asleep) {
		return refused(device.BadState, "it was not told to sleep, and it wakes by a restart only")
	}
	return m.send(ctx, "0,reboot,1", set)
}

// mode sets a work mode that the model is known to have.
func (m *Miner) mode(ctx context.Context, name string) device.Ack {
	if len(m.able.Presets) == 0 {
		return refused(device.Unsupported, "no work modes are known of this model")
	}
	if !slices.ContainsFunc(m.able.Presets, func(p device.Preset) bool { return p.Name == name }) {
		return refused(device.BadValue, fmt.Sprintf("%q is no work mode of this model", name))
	}
	return m.send(ctx, "0,workmode,set,"+name, device.Command{Verb: device.SetMode, Mode: name})
}

func refused(why device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: why, Text: text}
}

// send sends an order.
func (m *Miner) send(ctx context.Context, parameter string, set device.Command) device.Ack {
	r, err := m.driver.ask(ctx, m.address, order(parameter))
	a := device.Ack{Raw: wire.Excerpt(r.Bytes), Set: set}
	if err != nil {
		a.Class, a.Text = wire.Unanswered(r.Sent, err), err.Error()
	} else {
		a.Class, a.Reason, a.Text = said(r.Bytes)
	}
	if a.Class == device.NotSent || a.Class == device.Refused {
		a.Set = device.Command{}
	}
	return a
}

// The codes of the cgminer family that name a reason.
const (
	noCommand = 14
	denied    = 45
)

// said is what an answer means. The letter decides: S and I are a yes, W one
// with a note. The text is for people only.
func said(b []byte) (device.AckClass, device.RefusedReason, string) {
	t, err := wire.Parse(b)
	if err != nil {
		return device.Garbled, "", err.Error()
	}
	s := t.At("STATUS")
	if s.At("STATUS").Text() == "" {
		s = t // the flat form
	}
	letter, text := strings.ToUpper(s.At("STATUS").Text()), s.At("Msg").Text()
	code, _ := s.At("Code").Whole()
	switch letter {
	case "S", "I", "W":
		return device.Accepted, "", text
	case "E", "F":
		return device.Refused, reason(code), text
	}
	return device.Garbled, "", "the answer has no status"
}

func reason(code int64) device.RefusedReason {
	switch code {
	case noCommand:
		return device.Unsupported
	case denied:
		return device.Locked
	}
	return device.Other
}
