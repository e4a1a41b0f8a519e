package whatsminer

import (
	"errors"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// textMax bounds what an ack tells people.
const textMax = 300

// errGarbled says that an answer came and cannot be read.
var errGarbled = errors.New("an answer that cannot be read")

// refuse is a refusal of our own: nothing was asked.
func refuse(asked time.Time, reason device.RefusedReason, text string) device.Ack {
	return device.Ack{Class: device.Refused, Reason: reason, Text: bounded(text, textMax), Asked: asked, Took: time.Since(asked)}
}

// notSent is an order that could not be given, because of what failed before it.
func notSent(asked time.Time, err error) device.Ack {
	return device.Ack{Class: device.NotSent, Text: bounded(err.Error(), textMax), Asked: asked, Took: time.Since(asked)}
}

// broken is the ack of an order whose answer did not come whole.
func broken(asked time.Time, set device.Command, r wire.Reply, err error) device.Ack {
	a := device.Ack{Class: wire.Unanswered(r.Sent, err), Set: set, Text: bounded(err.Error(), textMax), Raw: wire.Excerpt(r.Bytes), Asked: asked, Took: time.Since(asked)}
	switch {
	case !r.Sent:
		a.Set = device.Command{}
	case errors.Is(err, errGarbled):
		a.Class = device.Garbled
	}
	return a
}

// obeyed is the ack of an order that was answered.
func obeyed(asked time.Time, set device.Command, v verdict, raw []byte) device.Ack {
	return device.Ack{Class: v.class, Reason: v.reason, Set: set, Text: bounded(v.text, textMax), Raw: wire.Excerpt(raw), Asked: asked, Took: time.Since(asked)}
}

// verdict is what an answer means.
type verdict struct {
	class  device.AckClass
	reason device.RefusedReason
	text   string
}

// accepted and refused are the two verdicts of a readable answer.
func accepted(text string) verdict { return verdict{class: device.Accepted, text: text} }

func refused(reason device.RefusedReason, text string) verdict {
	return verdict{class: device.Refused, reason: reason, text: text}
}

// failed is why a machine that understood an order did not carry it out: its
// codes do not tell a bad value from a bad moment, the order and the ramp do.
func failed(c device.Command, s state) device.RefusedReason {
	levels := c.Verb == device.SetPower || c.Verb == device.SetMode
	switch {
	case s.works.Known && !s.works.Value || s.down || s.ramped.Known && !s.ramped.Value:
		return device.BadState
	case levels:
		return device.BadValue
	}
	return device.BadState
}
