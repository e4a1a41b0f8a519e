package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
)

// heartbeats is how many empty frames may stand before the one that is waited for.
const heartbeats = 64

// errHeartbeats says that a machine sends nothing but empty frames.
var errHeartbeats = errors.New("nothing but empty frames")

// AskFrame sends request as a frame and reads one frame: four bytes of length,
// the lowest first, then as many bytes. Otherwise it is like Ask.
func (n *Network) AskFrame(ctx context.Context, host string, port int, request []byte) (Reply, error) {
	framed, err := Frame(request)
	if err != nil {
		return Reply{}, err
	}
	return n.exchange(ctx, host, port, framed, func(c net.Conn) ([]byte, error) { return ReadFrame(c) })
}

// Frame is body with its length before it.
func Frame(body []byte) ([]byte, error) {
	if len(body) > FrameMax || len(body) > math.MaxUint32 {
		return nil, fmt.Errorf("frame of %d bytes: %w", len(body), ErrTooLong)
	}
	out := make([]byte, 4, 4+len(body))
	binary.LittleEndian.PutUint32(out, uint32(len(body))) //nolint:gosec // bounded above
	return append(out, body...), nil
}

// ReadFrame reads the body of the next frame that is not empty: an empty one is
// a sign of life. It asks for no more memory than bytes have come.
func ReadFrame(r io.Reader) ([]byte, error) {
	for range heartbeats {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, fmt.Errorf("read the length: %w", err)
		}
		length := binary.LittleEndian.Uint32(head[:])
		if length > FrameMax {
			return nil, fmt.Errorf("frame of %d bytes: %w", length, ErrTooLong)
		}
		if length == 0 {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(r, int64(length)))
		if err != nil {
			return nil, fmt.Errorf("read the frame: %w", err)
		}
		if len(body) < int(length) {
			return nil, fmt.Errorf("read the frame: %d of %d bytes: %w", len(body), length, io.ErrUnexpectedEOF)
		}
		return body, nil
	}
	return nil, errHeartbeats
}
