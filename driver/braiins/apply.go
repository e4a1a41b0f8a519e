package braiins

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// Apply gives one order.
func (m *machine) Apply(ctx context.Context, c device.Command) device.Ack {
	return wire.Order(ctx, c, m.apply)
}

func (m *machine) apply(ctx context.Context, c device.Command) device.Ack {
	set := device.Command{Verb: c.Verb}
	switch c.Verb {
	case device.Sleep:
		return m.switched(ctx, "/actions/pause", "paused", set)
	case device.Wake: // to the target that the machine kept
		return m.switched(ctx, "/actions/resume", "running", set)
	case device.SetPower:
		return m.bound(ctx, c.Power)
	case device.SetMode:
		for _, p := range m.can.Presets {
			if p.Name == c.Mode {
				return m.target(ctx, device.Command{Verb: c.Verb, Mode: p.Name, Power: p.Power})
			}
		}
		return refusal(device.BadValue, fmt.Sprintf("there is no tuned profile %.40q", c.Mode))
	case device.Locate:
		return m.put(ctx, "/actions/locate", []byte("true"), set)
	case device.Reboot:
		return m.put(ctx, "/actions/reboot", nil, set)
	}
	return refusal(device.Unsupported, fmt.Sprintf("braiins knows no %.40q", c.Verb))
}

// switched pauses or resumes. The answer is a boolean: whether it was so before.
func (m *machine) switched(ctx context.Context, path, what string, set device.Command) device.Ack {
	ack := m.put(ctx, path, nil, set)
	if ack.Class != device.Accepted {
		return ack
	}
	ack.Text = what
	if string(bytes.TrimSpace(ack.Raw)) == "true" {
		ack.Text = "was already " + what
	}
	return ack
}

// bound keeps the target at or below p.
func (m *machine) bound(ctx context.Context, p unit.Power) device.Ack {
	if m.can.Level != device.Watts {
		return refusal(device.Unsupported, "the machine states no bounds for a power target")
	}
	if p < m.can.Least {
		return refusal(device.BadValue, fmt.Sprintf("the least target is %d W: %d W is below it", m.can.Least, p))
	}
	return m.target(ctx, device.Command{Verb: device.SetPower, Power: min(p, m.can.Most)})
}

// target sets an absolute power target. The machine echoes it.
func (m *machine) target(ctx context.Context, set device.Command) device.Ack {
	ack := m.put(ctx, "/performance/power-target", []byte(`{"watt":`+strconv.FormatInt(int64(set.Power), 10)+`}`), set)
	if ack.Class != device.Accepted {
		return ack
	}
	ack.Text = fmt.Sprintf("target %d W", set.Power)
	if t, err := wire.Parse(ack.Raw); err == nil {
		if w, ok := watt(t); ok && w != set.Power {
			ack.Set.Power = w
			ack.Text = fmt.Sprintf("asked for a target of %d W, the machine says %d W", set.Power, w)
		}
	}
	if m.scaled {
		ack.Text += "; dynamic scaling is on and may move it"
	}
	return ack
}

// put sends one order. An empty answer is a yes of this interface; what is
// neither empty nor JSON cannot be read.
func (m *machine) put(ctx context.Context, path string, body []byte, set device.Command) device.Ack {
	a, err := m.call(ctx, http.MethodPut, path, body)
	if err != nil {
		return wire.AckOf(err, set)
	}
	ack := device.Ack{Class: device.Accepted, Set: set, Text: "ok", Raw: wire.Excerpt(a.Body)}
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return ack
	}
	if _, err := wire.Parse(a.Body); err != nil {
		ack.Class, ack.Text = device.Garbled, err.Error()
	}
	return ack
}

// refusal is a no that the machine was spared.
func refusal(r device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: r, Text: text}
}
