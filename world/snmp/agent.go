package snmp

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Gauge is an unsigned value of 32 bits that may rise and fall.
type Gauge uint32

// Counter is an unsigned value of 32 bits that only rises and begins again.
type Counter uint32

// Wide is a Counter of 64 bits.
type Wide uint64

// Object is one object of a strip.
type Object struct {
	OID   string
	Value any // int64 (signed), Gauge, Counter, Wide or string
}

// Mischief is what is wrong with a strip. The zero value is a good strip.
type Mischief struct {
	Silent  bool // never answers
	Garbage bool // answers noise
	Half    bool // cuts every answer in half
	Stale   bool // answers with another request's number
	Error   int  // answers every request with this error status
}

// Agent is one simulated strip.
type Agent struct {
	community string
	objects   func() []Object

	mu       sync.Mutex // guards what follows
	mischief Mischief
	requests int
}

// NewAgent makes a strip of a community, which asks objects for every request
// what it has, in any order.
func NewAgent(community string, objects func() []Object) *Agent {
	return &Agent{community: community, objects: objects}
}

// Inflict changes what is wrong with the strip.
func (a *Agent) Inflict(x Mischief) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mischief = x
}

// Requests is how many datagrams reached the strip.
func (a *Agent) Requests() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

func (a *Agent) next() Mischief {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	return a.mischief
}

// Serve answers on conn until ctx ends, and closes it.
func (a *Agent) Serve(ctx context.Context, conn net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	defer conn.Close() //nolint:errcheck // datagrams
	buffer := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("serve simulated strip: %w", err)
		}
		if out := a.answer(buffer[:n], a.next()); out != nil {
			if _, err := conn.WriteTo(out, from); err != nil && ctx.Err() == nil {
				return fmt.Errorf("serve simulated strip: %w", err)
			}
		}
	}
}

// request is a decoded question.
type request struct {
	community []byte
	operation byte
	id        []byte // as it came
	oids      [][]uint32
}

// decode reads a question of SNMP 2c.
func decode(b []byte) (request, error) {
	var r request
	message, _, err := expect(tagSequence, b)
	if err != nil {
		return r, err
	}
	version, rest, err := expect(tagInteger, message)
	if err != nil || len(version) != 1 || version[0] != 1 {
		return r, errCoding
	}
	if r.community, rest, err = expect(tagText, rest); err != nil {
		return r, err
	}
	e, _, err := element(rest)
	if err != nil || e.tag != tagGet && e.tag != tagGetNext {
		return r, errors.Join(errCoding, err)
	}
	r.operation = e.tag
	body := e.content
	if r.id, body, err = expect(tagInteger, body); err != nil || len(r.id) == 0 || len(r.id) > 4 {
		return r, errors.Join(errCoding, err)
	}
	for range 2 { // error status and index, without meaning in a question
		if _, body, err = expect(tagInteger, body); err != nil {
			return r, err
		}
	}
	list, _, err := expect(tagSequence, body)
	if err != nil {
		return r, err
	}
	r.oids, err = names(list)
	return r, err
}

// names are the objects that a question is about.
func names(list []byte) ([][]uint32, error) {
	var out [][]uint32
	for len(list) > 0 {
		pair, rest, err := expect(tagSequence, list)
		if err != nil {
			return nil, err
		}
		name, _, err := expect(tagOID, pair)
		if err != nil {
			return nil, err
		}
		oid, err := decodedOID(name)
		if err != nil || len(out) == 64 {
			return nil, errCoding
		}
		out, list = append(out, oid), rest
	}
	return out, nil
}

// answer is the datagram that goes back, or nil where a strip keeps silent: to
// what it cannot read and to a wrong community.
func (a *Agent) answer(b []byte, x Mischief) []byte {
	r, err := decode(b)
	if err != nil || x.Silent || subtle.ConstantTimeCompare(r.community, []byte(a.community)) == 0 {
		return nil
	}
	if x.Garbage {
		return []byte{0x30, 0x82, 0xFF, 0xFF, 0x02, 0x01, 0x07, 0xDE, 0xAD}
	}
	if x.Stale {
		r.id = []byte{0x7F, 0xFF, 0xFF, r.id[len(r.id)-1] ^ 1}
	}
	var list []byte
	table := a.table()
	for _, oid := range r.oids {
		list = append(list, coded(tagSequence, found(table, oid, r.operation)...)...)
	}
	body := coded(tagInteger, r.id...)
	body = append(body, coded(tagInteger, signed(int64(x.Error))...)...)
	body = append(body, coded(tagInteger, signed(int64(min(x.Error, 1)))...)...)
	body = append(body, coded(tagSequence, list...)...)
	out := coded(tagInteger, 1)
	out = append(out, coded(tagText, r.community...)...)
	out = append(out, coded(tagResponse, body...)...)
	out = coded(tagSequence, out...)
	if x.Half {
		out = out[:len(out)/2]
	}
	return out
}

// entry is one object in its place.
type entry struct {
	oid   []uint32
	value any
}

// table is all objects in order; a name that is none is left out.
func (a *Agent) table() []entry {
	var out []entry
	for _, o := range a.objects() {
		if oid, err := parsed(o.OID); err == nil {
			out = append(out, entry{oid, o.Value})
		}
	}
	slices.SortFunc(out, func(x, y entry) int { return slices.Compare(x.oid, y.oid) })
	return out
}

// found is the name and value that answer a question about oid.
func found(table []entry, oid []uint32, operation byte) []byte {
	i, here := slices.BinarySearchFunc(table, oid, func(e entry, o []uint32) int { return slices.Compare(e.oid, o) })
	if operation == tagGetNext && here {
		i++
	}
	switch {
	case operation == tagGet && !here:
		return append(codedOID(oid), coded(tagNoObject)...)
	case i >= len(table):
		return append(codedOID(oid), coded(tagNoMore)...)
	}
	return append(codedOID(table[i].oid), codedValue(table[i].value)...)
}

func codedValue(v any) []byte {
	switch v := v.(type) {
	case int64:
		return coded(tagInteger, signed(v)...)
	case Gauge:
		return coded(tagGauge32, unsigned(uint64(v))...)
	case Counter:
		return coded(tagCounter32, unsigned(uint64(v))...)
	case Wide:
		return coded(tagCounter64, unsigned(uint64(v))...)
	case string:
		return coded(tagText, []byte(v)...)
	}
	return coded(tagNull)
}
