package luxos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sluice/device"
	"sluice/driver/wire"
)

// reply is one answer of the machine.
type reply struct {
	tree wire.Tree
	raw  []byte
	sent bool // the request was written in full
}

// request is the wire form of a command.
type request struct {
	Command   string `json:"command"`
	Parameter string `json:"parameter,omitempty"`
}

// ask does one request. An error with sent set means that the machine may have
// acted. A refusal is no error.
func (l line) ask(ctx context.Context, command, parameter string) (reply, error) {
	b, err := json.Marshal(request{command, parameter})
	if err != nil {
		return reply{}, fmt.Errorf("write %s: %w", command, err)
	}
	got, err := l.net.Ask(ctx, l.host, l.port, b)
	if err != nil {
		return reply{sent: got.Sent}, fmt.Errorf("%s: %w", command, err)
	}
	t, err := wire.Parse(got.Bytes)
	if err == nil && !t.Object() {
		err = wire.ErrNotJSON
	}
	if err != nil {
		return reply{raw: wire.Excerpt(got.Bytes), sent: true}, fmt.Errorf("%s of %s: %w", command, l.host, err)
	}
	return reply{tree: t, raw: wire.Excerpt(got.Bytes), sent: true}, nil
}

// said is what the STATUS section of an answer says: whether there is one,
// whether it is a yes, and why not.
func (r reply) said() (class device.AckClass, reason device.RefusedReason, text string) {
	s := r.tree.At("STATUS")
	text = s.At("Msg").Text()
	code, _ := s.At("Code").Whole()
	switch s.At("STATUS").Word() {
	case "s", "i":
		return device.Accepted, "", text
	case "w":
		return device.Accepted, "", "warning: " + text
	case "e", "f":
		return device.Refused, reasonOf(code), fmt.Sprintf("code %d: %s", code, text)
	}
	return device.Garbled, "", "the answer has no status"
}

// reasonOf reads the codes that are known; messages are for people.
// 402 is documented by the vendor, the others are those of cgminer.
func reasonOf(code int64) device.RefusedReason {
	switch code {
	case 402:
		return device.Busy
	case 14:
		return device.Unsupported
	case 45:
		return device.Locked
	}
	return device.Other
}

// why is the class of a request that failed.
func why(r reply, err error) device.AckClass {
	if errors.Is(err, wire.ErrNotJSON) {
		return device.Garbled
	}
	return wire.Unanswered(r.sent, err)
}
