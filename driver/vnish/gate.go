package vnish

import (
	"context"
	"errors"

	"sluice/device"
)

// Is lets a refused password be told by device.ErrAuth.
func (f *failure) Is(target error) bool {
	return target == device.ErrAuth && f.class == device.Refused && f.reason == device.BadAuth
}

// Gate says whether the password was taken when the machine was opened, or asks
// now. An empty password is not sent.
func (m *machine) Gate(ctx context.Context) (device.Gate, error) {
	switch {
	case m.denied || m.key().Secret == "":
		return device.Gate{Access: device.Denied}, nil
	case m.token == "":
		if err := m.unlock(ctx); errors.Is(err, device.ErrAuth) {
			return device.Gate{Access: device.Denied}, nil
		} else if err != nil {
			return device.Gate{}, err
		}
	}
	return device.Gate{Access: device.Granted}, nil
}
