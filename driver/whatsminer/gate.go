package whatsminer

import (
	"context"
	"fmt"

	"sluice/device"
)

// Gate logs in and asks for the status under seal: who can read the question
// has the key of the password, and only then can tell that it was no order. An
// empty password is not tried. What v2 answers to a sealed question was not
// seen on a real machine.
func (m *deviceV2) Gate(ctx context.Context) (device.Gate, error) {
	if m.api < 2 || m.key().Secret == "" {
		return device.Gate{Access: device.Untold}, nil
	}
	t, v, err := m.login(ctx)
	if err != nil {
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.host, err)
	}
	if v.class != "" {
		return device.Gate{}, fmt.Errorf("gate of %s: no login: %s", m.host, v.text)
	}
	request, err := t.seal(map[string]any{"cmd": "status"})
	if err != nil {
		return device.Gate{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.options.Read)
	defer cancel()
	r, err := m.network.Ask(ctx, m.host, m.port, request)
	if err != nil {
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.host, err)
	}
	a, err := t.open(r.Bytes)
	if err != nil {
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.host, err)
	}
	return m.gateOf(a), nil
}

// gateOf says what the answer to a sealed question means.
func (m *deviceV2) gateOf(a answer) device.Gate {
	switch v := a.judge(); {
	case v.reason == device.Locked:
		return device.Gate{Access: device.Untold, Locked: device.Stated(true)}
	case v.reason == device.BadAuth:
		m.token = token{}
		return device.Gate{Access: device.Denied}
	case v.class == device.Accepted, v.reason == device.Unsupported:
		return device.Gate{Access: device.Granted, Locked: device.Stated(false)}
	}
	return device.Gate{Access: device.Untold}
}

// Gate asks whether orders are switched on. Whether the password is taken, only
// an order would tell: v3 answers questions to everybody.
func (m *deviceV3) Gate(ctx context.Context) (device.Gate, error) {
	a, err := m.askV3(ctx, infoV3())
	if err != nil {
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.host, err)
	}
	g := device.Gate{Access: device.Untold}
	if open, ok := a.msg.At("system", "apiswitch").Flag(); ok {
		g.Locked = device.Stated(!open)
	}
	return g, nil
}
