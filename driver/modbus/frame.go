package modbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrGarbled says that the bytes of an answer are not those of the protocol or
// belong to another question.
var ErrGarbled = errors.New("the answer is garbled")

// Exception is a meter's well-formed no, by the code of the protocol.
type Exception byte

// Error names the exception.
func (e Exception) Error() string {
	names := map[Exception]string{
		1: "illegal function", 2: "illegal data address", 3: "illegal data value", 4: "device failure",
		5: "acknowledged, not ready", 6: "device busy", 8: "memory parity error", 10: "gateway path unavailable", 11: "gateway target does not answer",
	}
	if n, ok := names[e]; ok {
		return fmt.Sprintf("exception %d, %s", byte(e), n)
	}
	return fmt.Sprintf("exception %d", byte(e))
}

// function is the code that reads registers of the kind.
func (k Kind) function() byte {
	if k == Input {
		return 4
	}
	return 3
}

// question is the body of a request for s, the same in both framings.
func question(unit byte, s span) []byte {
	b := []byte{unit, s.kind.function()}
	b = binary.BigEndian.AppendUint16(b, s.address)
	return binary.BigEndian.AppendUint16(b, uint16(s.count)) //nolint:gosec // at most readMax
}

// framed is the request as it is sent.
func framed(rtu bool, transaction uint16, body []byte) []byte {
	if rtu {
		return binary.LittleEndian.AppendUint16(body, checksum(body))
	}
	b := binary.BigEndian.AppendUint16(nil, transaction)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body))) //nolint:gosec // six bytes
	return append(b, body...)
}

// answer reads the registers of s from r. It reads no byte more than the
// protocol allows. An Exception is returned as itself.
func answer(r io.Reader, rtu bool, transaction uint16, unit byte, s span) ([]uint16, error) {
	read := func(r io.Reader) ([]byte, error) { return tcpBody(r, transaction) }
	if rtu {
		read = rtuBody
	}
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	switch f := s.kind.function(); {
	case body[0] != unit:
		return nil, fmt.Errorf("%w: unit %d answers for unit %d", ErrGarbled, body[0], unit)
	case body[1] == f|0x80 && len(body) == 3:
		return nil, Exception(body[2])
	case body[1] != f || len(body) < 3 || int(body[2]) != len(body)-3 || len(body)-3 != 2*s.count:
		return nil, fmt.Errorf("%w: function %d with %d bytes in answer to %d registers by function %d", ErrGarbled, body[1], len(body), s.count, f)
	}
	words := make([]uint16, s.count)
	for i := range words {
		words[i] = binary.BigEndian.Uint16(body[3+2*i:])
	}
	return words, nil
}

// tcpBody reads one frame of Modbus TCP: unit, function and data.
func tcpBody(r io.Reader, transaction uint16) ([]byte, error) {
	var head [6]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(head[4:]))
	if got := binary.BigEndian.Uint16(head[:]); got != transaction || head[2] != 0 || head[3] != 0 || length < 3 || length > 3+2*readMax {
		return nil, fmt.Errorf("%w: header % x in answer to transaction %d", ErrGarbled, head, transaction)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(r, body)
	return body, err
}

// rtuBody reads one serial frame and checks its sum.
func rtuBody(r io.Reader) ([]byte, error) {
	body := make([]byte, 3, 5+2*readMax)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	rest := 2
	if body[1]&0x80 == 0 {
		rest += int(body[2])
	}
	if rest > 2+2*readMax {
		return nil, fmt.Errorf("%w: %d bytes announced", ErrGarbled, body[2])
	}
	body = body[:3+rest]
	if _, err := io.ReadFull(r, body[3:]); err != nil {
		return nil, err
	}
	end := len(body) - 2
	if checksum(body[:end]) != binary.LittleEndian.Uint16(body[end:]) {
		return nil, fmt.Errorf("%w: the checksum is wrong", ErrGarbled)
	}
	return body[:end], nil
}

// checksum is the CRC of serial Modbus: polynomial 0xA001 reflected, start 0xFFFF.
func checksum(b []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			low := crc & 1
			if crc >>= 1; low == 1 {
				crc ^= 0xA001
			}
		}
	}
	return crc
}
