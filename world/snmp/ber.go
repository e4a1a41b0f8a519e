package snmp

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// Tags of the coding that the agent uses.
const (
	tagInteger   = 0x02
	tagText      = 0x04
	tagNull      = 0x05
	tagOID       = 0x06
	tagSequence  = 0x30
	tagCounter32 = 0x41
	tagGauge32   = 0x42
	tagCounter64 = 0x46
	tagNoObject  = 0x80
	tagNoMore    = 0x82
	tagGet       = 0xA0
	tagGetNext   = 0xA1
	tagResponse  = 0xA2
)

// errCoding says that bytes are not what the coding allows.
var errCoding = errors.New("not a well-formed message")

// piece is one element of a message.
type piece struct {
	tag     byte
	content []byte
}

// element takes the first element off b and returns what follows it. Lengths
// of more than two bytes do not fit a datagram and are refused.
func element(b []byte) (e piece, rest []byte, err error) {
	if len(b) < 2 {
		return e, nil, errCoding
	}
	length, at := int(b[1]), 2
	if n := length - 0x80; n > 0 {
		if n > 2 || len(b) < 2+n {
			return e, nil, errCoding
		}
		length, at = 0, 2+n
		for _, c := range b[2:at] {
			length = length<<8 | int(c)
		}
	} else if n == 0 { // without a stated length
		return e, nil, errCoding
	}
	if len(b) < at+length {
		return e, nil, errCoding
	}
	return piece{b[0], b[at : at+length]}, b[at+length:], nil
}

// expect takes an element of the given tag off b.
func expect(tag byte, b []byte) (content, rest []byte, err error) {
	e, rest, err := element(b)
	if err == nil && e.tag != tag {
		err = errCoding
	}
	return e.content, rest, err
}

// coded is one element.
func coded(tag byte, content ...byte) []byte {
	b := []byte{tag}
	switch n := len(content); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, content...)
}

// signed is the shortest two's complement of v.
func signed(v int64) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(v)) //nolint:gosec // the bits are wanted
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}

// unsigned is v with a leading zero where its first bit would read as a sign.
func unsigned(v uint64) []byte {
	b := binary.BigEndian.AppendUint64([]byte{0}, v)
	for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
		b = b[1:]
	}
	return b
}

// parsed is an object identifier written with dots.
func parsed(oid string) ([]uint32, error) {
	var out []uint32
	for s := range strings.SplitSeq(strings.TrimPrefix(oid, "."), ".") {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return nil, err
		}
		out = append(out, uint32(v))
	}
	if len(out) < 2 || len(out) > 128 || out[0] > 2 || out[1] > 39 {
		return nil, errCoding
	}
	return out, nil
}

// codedOID codes an object identifier.
func codedOID(oid []uint32) []byte {
	b := []byte{byte(oid[0]*40 + oid[1])} //nolint:gosec // parsed and decodedOID keep it below 120
	for _, v := range oid[2:] {
		var digits []byte
		for more := byte(0); ; more = 0x80 {
			digits = append([]byte{byte(v&0x7F) | more}, digits...) //nolint:gosec // seven bits
			if v >>= 7; v == 0 {
				break
			}
		}
		b = append(b, digits...)
	}
	return coded(tagOID, b...)
}

// decodedOID reads the content of an object identifier.
func decodedOID(b []byte) ([]uint32, error) {
	if len(b) == 0 || b[0] >= 120 || len(b) > 128 || b[len(b)-1]&0x80 != 0 {
		return nil, errCoding
	}
	out := []uint32{uint32(b[0]) / 40, uint32(b[0]) % 40}
	v := uint64(0)
	for _, c := range b[1:] {
		if v = v<<7 | uint64(c&0x7F); v > 0xFFFFFFFF {
			return nil, errCoding
		}
		if c&0x80 == 0 {
			out, v = append(out, uint32(v)), 0
		}
	}
	return out, nil
}
