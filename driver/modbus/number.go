package modbus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strings"
)

// Why a value that was read is not known.
var (
	errAbsent     = errors.New("the meter marks it as not available")
	errUnreal     = errors.New("not a number")
	errOverflow   = errors.New("too large for the house's integers")
	errOutOfRange = errors.New("beyond the bounds of the template")
	errNegative   = errors.New("a counter is never negative")
	errBeyond     = errors.New("the counter shows more than its width")
)

// bytesOf puts the words of a value in the order of its digits.
func (r Register) bytesOf(words []uint16) []byte {
	b := make([]byte, 0, 2*len(words))
	for i := range words {
		w := words[i]
		if r.LowFirst {
			w = words[len(words)-1-i]
		}
		b = binary.BigEndian.AppendUint16(b, r.turned(w))
	}
	return b
}

// raw is the exact number in the registers, before scale and unit.
func (r Register) raw(words []uint16, extremes bool) (*big.Rat, error) {
	b := r.bytesOf(words)
	switch r.Type {
	case Float32:
		return exact(float64(math.Float32frombits(binary.BigEndian.Uint32(b))))
	case Float64:
		return exact(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case Int16, Int32, Int64, Uint16, Uint32, Uint64, ASCII:
	}
	v := new(big.Int).SetBytes(b)
	bits := uint(8 * len(b))
	if extremes && extreme(b, r.Type.signed()) {
		return nil, errAbsent
	}
	if r.Type.signed() && v.Bit(int(bits)-1) == 1 { //nolint:gosec // at most 64 bits
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), bits))
	}
	return new(big.Rat).SetInt(v), nil
}

// extreme reports the marks of a value that is not available.
func extreme(b []byte, signed bool) bool {
	ones := bytes.Repeat([]byte{0xff}, len(b))
	if !signed {
		return bytes.Equal(b, ones)
	}
	top := append([]byte{0x7f}, ones[1:]...)
	low := append([]byte{0x80}, make([]byte, len(b)-1)...)
	return bytes.Equal(b, top) || bytes.Equal(b, low)
}

// exact turns a float into the very number that it stands for.
func exact(f float64) (*big.Rat, error) {
	r := new(big.Rat).SetFloat64(f)
	if r == nil {
		return nil, errUnreal
	}
	return r, nil
}

// value is the quantity in the house's integer, rounded half to even once, and
// times the transformer's ratio.
func (r Register) value(words []uint16, extremes bool, ratio *big.Rat) (int64, error) {
	v, err := r.raw(words, extremes)
	if err != nil {
		return 0, err
	}
	v.Mul(v, r.Scale.rat())
	if err := r.within(v); err != nil {
		return 0, err
	}
	v.Mul(v, ratio)
	v.Mul(v, new(big.Rat).SetInt64(units(r.Quantity)[r.Unit]))
	if r.Negated {
		v.Neg(v)
	}
	return rounded(v)
}

// rounded is v as an integer, half to even.
func rounded(v *big.Rat) (int64, error) {
	twice := new(big.Int).Lsh(v.Num(), 1)
	twice.Add(twice, v.Denom())
	below := new(big.Int).Lsh(v.Denom(), 1)
	q, rest := new(big.Int).DivMod(twice, below, new(big.Int))
	if rest.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, errOverflow
	}
	return q.Int64(), nil
}

// text is the characters of a text register, up to the first that does not print.
func (r Register) text(words []uint16) string {
	b := r.bytesOf(words)
	if i := bytes.IndexFunc(b, func(c rune) bool { return c < ' ' || c > '~' }); i >= 0 {
		b = b[:i]
	}
	return strings.TrimSpace(string(b))
}
