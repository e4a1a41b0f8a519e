package snmp

import (
	"math/big"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"
)

// FuzzObjects enters any object that a strip may send: power and energy are
// known and not beyond all bounds, or there is a fault.
func FuzzObjects(f *testing.F) {
	f.Add(uint8(gosnmp.Gauge32), int64(3300), []byte(nil), int64(1), uint8(0))
	f.Add(uint8(gosnmp.OctetString), int64(0), []byte("12345678901234567890"), int64(100), uint8(3))
	f.Add(uint8(gosnmp.Counter64), int64(-1), []byte("x"), int64(1e9), uint8(12))
	f.Fuzz(func(t *testing.T, kind uint8, n int64, b []byte, digits int64, places uint8) {
		v := gosnmp.SnmpPDU{Type: gosnmp.Asn1BER(kind), Value: any(n)}
		switch v.Type { //nolint:exhaustive // the rest are numbers of one kind or another
		case gosnmp.OctetString, gosnmp.Opaque, gosnmp.BitString:
			v.Value = b
		case gosnmp.Counter64:
			v.Value = uint64(n) //nolint:gosec // any bits will do
		case gosnmp.NoSuchObject, gosnmp.Null:
			v.Value = nil
		}
		if s := text(v); len(s) > 64 || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("text %q", s)
		}
		for q, u := range map[Quantity]string{Power: "W", OutletPower: "W", Energy: "kWh", Serial: ""} {
			o := Object{Quantity: q, Digits: max(1, digits), Places: int(places % 13), Unit: u, Least: new(int64)}
			out := Reading{Outlets: make([]Outlet, 1)}
			err := out.take(wanted{object: o}, v)
			known := out.Power.Known || out.Energy.Known || out.Outlets[0].Power.Known || out.Serial != ""
			if known == (err != nil) {
				t.Errorf("%s: %+v, %v", q, out, err)
			}
			if out.Power.Value < 0 || out.Energy.Value < 0 || out.Outlets[0].Power.Value < 0 {
				t.Errorf("%s: below zero: %+v of %v", q, out, big.NewInt(n))
			}
		}
	})
}
