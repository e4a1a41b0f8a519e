package braiins

import (
	"context"
	"errors"

	"sluice/device"
)

// Gate asks for a token, unless one is held.
func (m *machine) Gate(ctx context.Context) (device.Gate, error) {
	if err := m.web.Enter(ctx); errors.Is(err, device.ErrAuth) {
		return device.Gate{Access: device.Denied}, nil
	} else if err != nil {
		return device.Gate{}, err
	}
	return device.Gate{Access: device.Granted}, nil
}
