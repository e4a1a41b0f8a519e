package braiins

import (
	"context"
	"errors"

	"sluice/device"
)

// Is lets a refused login be told by device.ErrAuth.
func (f *failure) Is(target error) bool {
	return target == device.ErrAuth && f.class == device.Refused && f.reason == device.BadAuth
}

// Gate asks for a token, unless one is held.
func (m *machine) Gate(ctx context.Context) (device.Gate, error) {
	if m.token == "" {
		if err := m.login(ctx); errors.Is(err, device.ErrAuth) {
			return device.Gate{Access: device.Denied}, nil
		} else if err != nil {
			return device.Gate{}, err
		}
	}
	return device.Gate{Access: device.Granted}, nil
}
