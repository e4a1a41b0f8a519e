package epic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// machine is one machine.
type machine struct {
	page
	key device.Kept
	can device.Capabilities
}

// Capabilities is what was found when the machine was opened.
func (m *machine) Capabilities() device.Capabilities { return m.can }

// Close has nothing to release: the firmware knows no sessions.
func (m *machine) Close(context.Context) error { return nil }

// Apply gives one order. A level in watts is preceded by reading the settings
// that are sent back with it.
func (m *machine) Apply(ctx context.Context, c device.Command) device.Ack {
	return wire.Order(ctx, c, m.apply)
}

func (m *machine) apply(ctx context.Context, c device.Command) device.Ack {
	set := device.Command{Verb: c.Verb}
	switch c.Verb {
	case device.Sleep:
		return m.order(ctx, "/miner", "Stop", set)
	case device.Wake: // its level is a setting and stays
		return m.order(ctx, "/miner", "Autostart", set)
	case device.SetPower:
		return m.level(ctx, c.Power)
	case device.Reboot:
		return m.order(ctx, "/reboot", nil, set)
	case device.SetMode, device.Locate:
	}
	return refusal(device.Unsupported, fmt.Sprintf("this firmware is not ordered to %.40q", c.Verb))
}

func refusal(reason device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: reason, Text: text}
}

// level aims the tuner at a power.
func (m *machine) level(ctx context.Context, p unit.Power) device.Ack {
	if m.can.Level != device.Watts {
		return refusal(device.Unsupported, "it holds no power: let its tuner run with the algorithm "+powerTune)
	}
	if p < m.can.Least {
		return refusal(device.BadValue, fmt.Sprintf("%d W cannot be held: from %d to %d W", p, m.can.Least, m.can.Most))
	}
	p = min(p, m.can.Most)
	sum, err := m.get(ctx, "/summary")
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	if !tuning(sum) {
		return refusal(device.BadState, "its tuner is off: switch it on")
	}
	param := map[string]any{"algo": powerTune, "target": int64(p)}
	for key, names := range map[string][]string{"min_throttle": {"Min Throttle Target", "Throttle Target"}, "throttle_step": {"Throttle Step"}} {
		for _, name := range names {
			if v := tuner(sum).At(name); v.Present() && param[key] == nil {
				param[key] = v.Value()
			}
		}
	}
	return m.order(ctx, "/perpetualtune/algo", param, device.Command{Verb: device.SetPower, Power: p})
}

// order sends one order with the password and judges the answer.
func (m *machine) order(ctx context.Context, path string, param any, set device.Command) device.Ack {
	body, err := json.Marshal(struct {
		Param    any    `json:"param,omitempty"`
		Password string `json:"password"`
	}{param, string(m.key().Secret)})
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	a, err := m.Do(ctx, http.MethodPost, path, body, nil)
	if err != nil {
		ack := device.Ack{Class: wire.Unanswered(a.Sent, err), Set: set, Text: err.Error(), Raw: wire.Excerpt(a.Body)}
		if ack.Class == device.NotSent {
			ack.Set = device.Command{}
		}
		return ack
	}
	class, reason, text := judge(a)
	return device.Ack{Class: class, Reason: reason, Set: set, Text: text, Raw: wire.Excerpt(a.Body)}
}

// judge says what an answer means: the result in it, then the status.
func judge(a wire.Answer) (device.AckClass, device.RefusedReason, string) {
	t, err := wire.Parse(a.Body)
	yes, stated := t.At("result").Flag()
	text := t.At("error").Text()
	class, reason := wire.Class(a.Status)
	switch {
	case class == device.Refused:
		return class, reason, fmt.Sprintf("status %d %s", a.Status, text)
	case err != nil || !stated || class != device.Accepted:
		return device.Garbled, "", fmt.Sprintf("status %d: %.100q", a.Status, a.Body)
	case yes:
		return device.Accepted, "", text
	case strings.Contains(strings.ToLower(text), "password"):
		return device.Refused, device.BadAuth, text
	}
	return device.Refused, device.Other, text
}
