package antminer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
)

// Apply does what is ordered, once. A change of mode reads the configuration
// and posts it back with the mode changed, close together, because whatever
// another writes in between is lost.
func (m *Miner) Apply(ctx context.Context, c device.Command) device.Ack {
	a := wire.Order(ctx, c, m.apply)
	a.Text = short(a.Text)
	return a
}

func (m *Miner) apply(ctx context.Context, c device.Command) device.Ack {
	switch c.Verb {
	case device.Sleep:
		return m.change(ctx, sleeping, device.Command{Verb: c.Verb})
	case device.Wake, device.SetMode:
		return m.mode(ctx, c)
	case device.Locate:
		return m.simple(ctx, http.MethodPost, pageBlink, []byte(`{"blink":true}`), c)
	case device.Reboot:
		return m.simple(ctx, http.MethodGet, pageReboot, nil, c)
	case device.SetPower:
		return refused(device.Unsupported, "this firmware has no target in watts, only modes")
	}
	return refused(device.Unsupported, fmt.Sprintf("this firmware has no %q", c.Verb))
}

// mode wakes to the mode found before sleep, or sets one that the model offers.
func (m *Miner) mode(ctx context.Context, c device.Command) device.Ack {
	if c.Verb == device.Wake && c.Mode == "" {
		c.Mode = "normal"
	}
	n, ok := names()[c.Mode]
	if !ok || n == sleeping {
		return refused(device.BadValue, fmt.Sprintf("%q is no mode to run in: say normal, high or low", c.Mode))
	}
	if c.Verb == device.SetMode && !slices.ContainsFunc(m.able.Presets, func(p device.Preset) bool { return p.Name == c.Mode }) {
		return refused(device.Unsupported, fmt.Sprintf("mode %q is not known to be offered by model %q", c.Mode, m.identity.Model))
	}
	return m.change(ctx, n, device.Command{Verb: c.Verb, Mode: c.Mode})
}

// change writes a mode.
func (m *Miner) change(ctx context.Context, mode int, set device.Command) device.Ack {
	s := m.session()
	defer s.call()()
	b, err := s.page(ctx, pageConf)
	if err != nil {
		return unread(err)
	}
	c, err := readConf(b)
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error(), Raw: wire.Excerpt(b)}
	}
	body, err := c.payload(m.identity.Model, mode, m.driver.options.Style)
	if errors.Is(err, errModes) {
		m.able.Sleep, m.able.Wake, m.able.Level, m.able.Presets = false, false, device.NoLevels, nil
		return refused(device.Unsupported, err.Error())
	}
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	answer, err := s.authorized(ctx, http.MethodPost, pageSetConf, body)
	return judged(answer, err, set)
}

// simple asks a page for one thing, with the challenge of a harmless one: a
// build without a password would do it at the first knock.
func (m *Miner) simple(ctx context.Context, method, path string, body []byte, set device.Command) device.Ack {
	s := m.session()
	if a, err := s.knock(ctx, pageSystem); err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	} else if !s.given && a.Status != http.StatusOK {
		return device.Ack{Class: device.NotSent, Text: fmt.Sprintf("%s: %v %d", pageSystem, errStatus, a.Status)}
	}
	answer, err := s.authorized(ctx, method, path, body)
	return judged(answer, err, device.Command{Verb: set.Verb})
}

// unread is the ack when the configuration could not be had, so that nothing
// was asked.
func unread(err error) device.Ack {
	switch {
	case errors.Is(err, errAuth):
		return refused(device.BadAuth, err.Error())
	case errors.Is(err, errAbsent):
		return refused(device.Unsupported, err.Error())
	}
	return device.Ack{Class: device.NotSent, Text: err.Error()}
}

func refused(why device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: why, Text: text}
}

// judged is the ack of a request that was or may have been sent.
func judged(r wire.Answer, err error, set device.Command) device.Ack {
	a := device.Ack{Raw: wire.Excerpt(r.Body), Set: set}
	if err != nil {
		a.Class, a.Text = wire.Unanswered(r.Sent, err), err.Error()
	} else if a.Class, a.Reason = wire.Class(r.Status); a.Class != device.Accepted {
		a.Text = fmt.Sprintf("status %d", r.Status)
	} else {
		a.Class, a.Reason, a.Text = said(r.Body, set.Verb)
	}
	if a.Class == device.NotSent || a.Class == device.Refused {
		a.Set = device.Command{}
	}
	return a
}

// said is what the text of a page means. Firmware says "stats":"success" and a
// code; a code alone is enough for blink, and a reboot may say what it likes.
func said(b []byte, verb device.Verb) (device.AckClass, device.RefusedReason, string) {
	t, err := wire.Parse(b)
	if verb == device.Reboot && (err != nil || !t.At("stats").Present() && !t.At("success").Present()) {
		return device.Accepted, "", "the restart was asked for"
	}
	if err != nil || !t.Object() {
		return device.Garbled, "", "the answer is no JSON object"
	}
	stats, code, text := t.At("stats").Word(), t.At("code").Text(), t.At("msg").Text()
	yes, stated := t.At("success").Flag()
	blink := verb == device.Locate && (code == "B000" || code == "B100")
	switch {
	case strings.HasPrefix(stats, "success"), stated && yes, blink:
		return device.Accepted, "", strings.TrimSpace(code + " " + text)
	case stats == "" && !stated && code == "":
		return device.Garbled, "", "the answer says neither yes nor no"
	}
	return device.Refused, device.Other, strings.TrimSpace(strings.Join([]string{stats, code, text}, " "))
}
