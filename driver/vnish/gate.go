package vnish

import (
	"context"
	"errors"

	"sluice/device"
)

// Gate says whether the password was taken when the machine was opened, or asks
// now. An empty password is not sent.
func (m *machine) Gate(ctx context.Context) (device.Gate, error) {
	if m.denied || m.key().Secret == "" {
		return device.Gate{Access: device.Denied}, nil
	}
	if err := m.web.Enter(ctx); errors.Is(err, device.ErrAuth) {
		return device.Gate{Access: device.Denied}, nil
	} else if err != nil {
		return device.Gate{}, err
	}
	return device.Gate{Access: device.Granted}, nil
}
