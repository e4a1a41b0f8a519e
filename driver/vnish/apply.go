package vnish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	stop, start := "/mining/stop", "/mining/start"
	if m.pause {
		stop, start = "/mining/pause", "/mining/resume"
	}
	switch c.Verb {
	case device.Sleep:
		return m.post(ctx, stop, nil, set)
	case device.Wake: // the preset is the one that the machine kept
		return m.post(ctx, start, nil, set)
	case device.SetPower:
		return m.bound(ctx, c.Power)
	case device.SetMode:
		for _, p := range m.can.Presets {
			if p.Name == c.Mode {
				return m.setPreset(ctx, p, device.Command{Verb: c.Verb, Mode: p.Name})
			}
		}
		return refusal(device.BadValue, fmt.Sprintf("there is no preset %.40q among the levels", c.Mode))
	case device.Locate:
		if m.version.atLeast(1, 3, 3) {
			return m.post(ctx, "/locate-miner", map[string]bool{"is_enabled": true}, set)
		}
		return m.post(ctx, "/find-miner", map[string]bool{"on": true}, set)
	case device.Reboot:
		return m.post(ctx, "/system/reboot", nil, set)
	}
	return refusal(device.Unsupported, fmt.Sprintf("vnish knows no %.40q", c.Verb))
}

// bound keeps the machine at or below p: by throttle where there is one, else
// by the nearest preset.
func (m *machine) bound(ctx context.Context, p unit.Power) device.Ack {
	if m.can.Level == device.Percent {
		if p < m.can.Least {
			return refusal(device.BadValue, fmt.Sprintf("the throttle ends at %d %%, %d W: %d W is below it", throttleMin, m.can.Least, p))
		}
		share := int64(100)
		if p < m.can.Most {
			share = max(throttleMin, unit.MulDiv(int64(p), 100, int64(m.can.Most)))
			if percent(m.can.Most, share) > p {
				share--
			}
		}
		return m.post(ctx, "/mining/throttle", map[string]int64{"percent": share}, device.Command{Verb: device.SetPower, Power: percent(m.can.Most, share)})
	}
	s, ok := nearest(m.can.Presets, p)
	if !ok {
		return refusal(device.BadValue, fmt.Sprintf("no preset draws %d W or less", p))
	}
	return m.setPreset(ctx, s, device.Command{Verb: device.SetPower, Power: s.Power, Mode: s.Name})
}

// post sends one order. An empty answer is a yes of this interface; what is
// neither empty nor JSON cannot be read.
func (m *machine) post(ctx context.Context, path string, body any, set device.Command) device.Ack {
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			return device.Ack{Class: device.NotSent, Text: err.Error()}
		}
	}
	a, err := m.call(ctx, http.MethodPost, path, b)
	if err != nil {
		return wire.AckOf(err, set)
	}
	ack := device.Ack{Class: device.Accepted, Set: set, Raw: wire.Excerpt(a.Body), Text: "ok"}
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return ack
	}
	t, err := wire.Parse(a.Body)
	if err != nil {
		ack.Class, ack.Text = device.Garbled, err.Error()
		return ack
	}
	if yes, stated := t.At("success").Flag(); stated && !yes || t.At("err").Text() != "" {
		ack.Class, ack.Reason, ack.Text = device.Refused, device.Other, saying(a.Body)
	}
	return ack
}

// setPreset sends the machine's own overclock settings back with another preset,
// and restarts mining when the machine asks for it and does not sleep.
func (m *machine) setPreset(ctx context.Context, p device.Preset, set device.Command) device.Ack {
	settings, err := m.get(ctx, "/settings")
	if err != nil {
		ack := wire.AckOf(err, device.Command{})
		if ack.Class != device.Refused {
			ack.Class = device.NotSent // nothing was ordered yet
		}
		return ack
	}
	change, err := withPreset(settings, p.Name)
	if err != nil {
		return refusal(device.Unsupported, err.Error())
	}
	ack := m.post(ctx, "/settings", change, set)
	if ack.Class == device.Accepted && m.switcher {
		ack.Text += "; the preset switcher is on and may move it"
	}
	t, err := wire.Parse(ack.Raw)
	if restart, _ := t.At("restart_required").Flag(); ack.Class != device.Accepted || err != nil || !restart {
		return ack
	}
	return m.restart(ctx, ack)
}

// restart makes saved settings take force. A machine that sleeps takes them when
// it wakes.
func (m *machine) restart(ctx context.Context, saved device.Ack) device.Ack {
	summary, err := m.get(ctx, "/summary")
	if err != nil {
		saved.Class, saved.Text = device.NoReply, "the preset is saved, and whether mining must restart for it is not known: "+err.Error()
		return saved
	}
	if does, _ := state(summary.At("miner", "miner_status", "miner_state").Word(), false); does.Value == device.Asleep {
		saved.Text += "; saved, in force when it wakes"
		return saved
	}
	ack := m.post(ctx, "/mining/restart", nil, saved.Set)
	switch ack.Class {
	case device.Accepted:
		ack.Text = saved.Text + "; mining restarts"
	case device.Refused, device.NotSent: // the settings are saved all the same
		ack.Class, ack.Reason, ack.Text = device.NoReply, "", "the preset is saved and the restart it needs was not carried out: "+ack.Text
	case device.Garbled, device.NoReply:
	}
	ack.Set = saved.Set
	return ack
}

// withPreset is the part of the settings to send: the whole overclock object as
// it came, with another preset, which stays a number where it was one.
func withPreset(settings wire.Tree, name string) (any, error) {
	old, ok := settings.At("miner", "overclock").Value().(map[string]any)
	if !ok {
		return nil, errors.New("the machine's settings have no overclock section")
	}
	overclock := maps.Clone(old)
	overclock["preset"] = name
	_, number := old["preset"].(json.Number)
	if _, err := strconv.ParseInt(name, 10, 32); number && err == nil {
		overclock["preset"] = json.Number(name)
	}
	return map[string]any{"miner": map[string]any{"overclock": overclock}}, nil
}

// refusal is a no that the machine was spared.
func refusal(r device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: r, Text: text}
}
