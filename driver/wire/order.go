package wire

import (
	"context"
	"time"

	"sluice/device"
)

// Order gives one order to a machine and completes its receipt: when it was
// asked, how long that took, a text fit for a terminal, and no setting where
// nothing was sent.
func Order(ctx context.Context, c device.Command, apply func(context.Context, device.Command) device.Ack) device.Ack {
	asked := time.Now()
	ack := apply(ctx, c)
	ack.Asked, ack.Took, ack.Text = asked, time.Since(asked), Bounded(ack.Text)
	if ack.Class == device.NotSent {
		ack.Set = device.Command{}
	}
	return ack
}
