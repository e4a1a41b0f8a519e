package drivertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sluice/device"
)

// gated is a device that tells what guards its machine.
type gated interface {
	Gate(ctx context.Context) (device.Gate, error)
}

// gate checks that a device tells whether the machine takes its credential,
// without telling the machine anything.
func gate(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	before := b.Machine.State(b.Now())
	for _, c := range []struct {
		key   device.Credential
		right bool
	}{{b.Right, true}, {b.Wrong, false}} {
		g, err := s.gateOf(tb, b, c.key)
		unasked := b.Right == (device.Credential{})
		switch {
		case err != nil:
			tb.Errorf("the right credential: %t: the gate: %v", c.right, err)
		case unasked != (g.Access == device.Unasked):
			tb.Errorf("the machine asks for a credential: %t; the gate says %s", !unasked, g.Access)
		case c.right && g.Access == device.Denied, !unasked && !c.right && g.Access == device.Granted:
			tb.Errorf("the right credential: %t: the gate says %s", c.right, g.Access)
		}
		if unasked {
			break
		}
	}
	if after := b.Machine.State(b.Now()); after.Intent != before.Intent || after.Target != before.Target {
		tb.Errorf("asking about the gate took the machine from %s at %d W to %s at %d W", before.Intent, before.Target, after.Intent, after.Target)
	}
	if b.Lock == nil {
		return
	}
	b.Lock()
	if g, err := s.gateOf(tb, b, b.Right); err != nil || !g.Locked.Known || !g.Locked.Value {
		tb.Errorf("writing is switched off and the gate says %+v, %v", g, err)
	}
}

// gateOf opens the machine and asks about its gate. That Open is refused for the
// credential counts as an answer.
func (s MachineSuite) gateOf(tb testing.TB, b MachineBench, key device.Credential) (g device.Gate, err error) {
	tb.Helper()
	s.within(tb, generous, func(ctx context.Context) {
		var id device.Identity
		if id, err = b.Driver.Probe(ctx, b.Address); err != nil {
			return
		}
		var d device.Device
		if d, err = b.Driver.Open(ctx, b.Address, id, key); errors.Is(err, device.ErrAuth) {
			g, err = device.Gate{Access: device.Denied}, nil
			return
		} else if err != nil {
			return
		}
		defer d.Close(ctx) //nolint:errcheck // what it holds is the world's
		asked, ok := d.(gated)
		if !ok {
			err = errors.New("the device has no Gate")
			return
		}
		g, err = asked.Gate(ctx)
	})
	return g, err
}

// hidden checks that whatever prints a device, its driver or what it answers
// finds no secret in it.
func hidden(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	secret := string(b.Right.Secret)
	if secret == "" {
		return
	}
	d := s.open(tb, b, b.Right)
	r := s.read(tb, d)
	a := s.apply(tb, d, generous, device.Command{Verb: device.Sleep})
	for name, v := range map[string]any{"the driver": b.Driver, "the device": d, "the reading": r, "the ack": a, "the capabilities": d.Capabilities()} {
		said, _ := json.Marshal(v) //nolint:errchkjson // a failure is printed as nothing
		var all strings.Builder
		all.Write(said)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&all, "\n"+verb, v)
		}
		if strings.Contains(all.String(), secret) {
			tb.Errorf("printing %s shows the secret", name)
		}
	}
}
