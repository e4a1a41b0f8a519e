package braiins

import (
	"encoding/binary"
	"math"
)

// message is a message of gRPC in its wire form: for each field its number, how
// long it is, and its value. What is zero is left out, as the encoding wants it.
// Only the numbers of the fields that virtual machines state are known here.
type message []byte

// The forms of a value.
const (
	varint = 0
	eight  = 1 // eight bytes
	sized  = 2 // its length goes first
)

func (m message) key(field, form uint64) message { return binary.AppendUvarint(m, field<<3|form) }

func (m message) number(field, v uint64) message {
	if v == 0 {
		return m
	}
	return binary.AppendUvarint(m.key(field, varint), v)
}

func (m message) flag(field uint64, v bool) message {
	if !v {
		return m
	}
	return m.number(field, 1)
}

func (m message) real(field uint64, v float64) message {
	if v == 0 {
		return m
	}
	return binary.LittleEndian.AppendUint64(m.key(field, eight), math.Float64bits(v))
}

func (m message) text(field uint64, v string) message {
	if v == "" {
		return m
	}
	return append(binary.AppendUvarint(m.key(field, sized), uint64(len(v))), v...)
}

// part puts a message into a field; an empty one is stated.
func (m message) part(field uint64, v message) message {
	return append(binary.AppendUvarint(m.key(field, sized), uint64(len(v))), v...)
}

// texts reads the fields of a message that are text, until one is of another form.
func texts(b []byte) map[uint64]string {
	out := map[uint64]string{}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 || key&7 != sized {
			break
		}
		length, k := binary.Uvarint(b[n:])
		if k <= 0 || length > uint64(len(b)-n-k) {
			break
		}
		at := n + k
		out[key>>3] = string(b[at : at+int(length)])
		b = b[at+int(length):]
	}
	return out
}
