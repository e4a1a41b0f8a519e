package antminer

import (
	"context"
	"fmt"
	"net/http"

	"sluice/device"
)

// Gate is the Gate of a machine that is not opened: to open one may ask the power
// page with the credential as well, and wrong ones are counted by some builds.
func (d *Driver) Gate(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Gate, error) {
	return (&Miner{driver: d, address: a, identity: id, credential: device.Keep(c)}).Gate(ctx)
}

// Gate asks the page about the system, first without the credential and then, if
// that is asked for, once with it. An empty credential is not sent.
func (m *Miner) Gate(ctx context.Context) (device.Gate, error) {
	s := m.session()
	a, err := s.knock(ctx, pageSystem)
	switch {
	case err != nil:
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.address.Host, err)
	case a.Status == http.StatusOK:
		return device.Gate{Access: device.Unasked}, nil
	case s.given && m.credential() == (device.Credential{}):
		return device.Gate{Access: device.Denied}, nil
	case s.given:
		a, err = s.authorized(ctx, http.MethodGet, pageSystem, nil)
	}
	switch {
	case err != nil:
		return device.Gate{}, fmt.Errorf("gate of %s: %w", m.address.Host, err)
	case a.Status == http.StatusOK:
		return device.Gate{Access: device.Granted}, nil
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return device.Gate{Access: device.Denied}, nil
	}
	return device.Gate{}, fmt.Errorf("gate of %s: %s: %w %d", m.address.Host, pageSystem, errStatus, a.Status)
}
