package modbus

import (
	"encoding/binary"
	"math/big"
	"testing"
)

// FuzzRegisters reads every register of every shipped template from any words: a
// value is within its bounds, or there is none.
func FuzzRegisters(f *testing.F) {
	var all []Register
	var extremes []bool
	for _, name := range Names() {
		m, err := Shipped(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, r := range m.Registers {
			all, extremes = append(all, r), append(extremes, m.Extremes)
		}
	}
	f.Add([]byte{0x43, 0x66, 0x80, 0, 0, 0, 0, 0}, int64(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, int64(4000))
	f.Add([]byte{0x7f, 0x80, 0, 0, 0x80, 0, 0, 0}, int64(80))
	f.Fuzz(func(t *testing.T, b []byte, turns int64) {
		ratio := big.NewRat(max(1, turns), 5)
		for i, r := range all {
			if len(b) < 2*r.Length {
				continue
			}
			words := make([]uint16, r.Length)
			for k := range words {
				words[k] = binary.BigEndian.Uint16(b[2*k:])
			}
			switch {
			case r.Type == ASCII:
				if s := r.text(words); len(s) > 2*r.Length {
					t.Errorf("%s: %q", r.Quantity, s)
				}
			case r.Quantity == Serial:
			case r.Quantity.counter():
				if c, err := r.counter(words, extremes[i], ratio); err == nil && (c.Energy < 0 || c.Step < 0 || !c.Known) {
					t.Errorf("%s: %+v", r.Quantity, c)
				}
			default:
				v, err := r.value(words, extremes[i], ratio)
				again, fault := r.value(words, extremes[i], ratio)
				if v != again || (err == nil) != (fault == nil) {
					t.Errorf("%s: %d and then %d, %v and then %v", r.Quantity, v, again, err, fault)
				}
			}
		}
	})
}
