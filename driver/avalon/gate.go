package avalon

import (
	"context"

	"sluice/device"
)

// Gate asks nothing: this firmware obeys whoever reaches it.
func (m *Miner) Gate(context.Context) (device.Gate, error) {
	return device.Gate{Access: device.Unasked}, nil
}
