package fleet

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"
)

// Trouble is how a machine fails everybody who calls, for as long as it is served.
type Trouble string

// The troubles. The bad machines of a fleet have the last four in equal shares.
const (
	Sound   Trouble = ""
	Dead    Trouble = "dead"    // hangs up with a reset, as near to a refused connection as a shared port gets
	Hangs   Trouble = "hang"    // takes a request and says nothing until its peer gives up
	Garbage Trouble = "garbage" // answers with bytes that are nothing
	Endless Trouble = "endless" // begins a well-formed answer and never ends it
)

// troubles lists those of bad machines.
func troubles() []Trouble { return []Trouble{Dead, Hangs, Garbage, Endless} }

func (c Config) checkTrouble() error {
	if c.Bad < 0 || c.Bad > 1000 || c.Latency < 0 || c.Latency > time.Minute {
		return fmt.Errorf("%d bad machines of a thousand, latency %v: at most all of them, and at most a minute", c.Bad, c.Latency)
	}
	return nil
}

// trouble draws what is wrong with the machine at an address. It has a source of
// its own, so that bad machines change nothing in the others.
func (c Config) trouble(at netip.Addr) Trouble {
	b := at.As4()
	rng := rand.New(rand.NewPCG(c.Seed, 0xbad<<32|uint64(binary.BigEndian.Uint32(b[:])))) //nolint:gosec // a virtual machine's fate is no secret
	if rng.IntN(1000) >= c.Bad {
		return Sound
	}
	return troubles()[rng.IntN(len(troubles()))]
}

// The endless answer comes in pieces, so that it costs its peer time and memory
// and not this computer's processor: 320 kB a second.
const (
	pieceBytes = 16 << 10
	pieceEvery = 50 * time.Millisecond
)

// answer treats one connection as the trouble would, and closes it.
func (t Trouble) answer(ctx context.Context, c net.Conn, port int, late time.Duration) {
	defer c.Close() //nolint:errcheck // nothing was promised
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	if t == Dead {
		refuse(c)
		return
	}
	first := make([]byte, 4096)
	if _, err := c.Read(first); err != nil {
		return
	}
	if t == Hangs {
		for err := error(nil); err == nil; {
			_, err = c.Read(first)
		}
		return
	}
	if !wait(ctx, late) {
		return
	}
	if t == Garbage {
		_, _ = c.Write([]byte("\x00\xff\x01\x02}{ nothing \xfe that anybody understands\r\n\r\n\x00"))
		return
	}
	endless(ctx, c, port)
}

// endless begins an answer in the way of a port and adds to it until the peer
// has had enough.
func endless(ctx context.Context, c net.Conn, port int) {
	head := []byte(`{"STATUS":[{"STATUS":"S","Msg":"`)
	switch port {
	case web, watts:
		head = append([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"), head...)
	case sign:
		head = append([]byte{0, 0, 0x80, 0}, head...) // eight MiB are announced
	}
	_, err := c.Write(head)
	piece := bytes.Repeat([]byte{'a'}, pieceBytes)
	for err == nil && wait(ctx, pieceEvery) {
		_, err = c.Write(piece)
	}
}

// wait lets real time pass and reports whether ctx allowed it.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
