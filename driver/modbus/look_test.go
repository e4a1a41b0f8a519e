package modbus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/driver/modbus"
	world "sluice/world/modbus"
)

// TestLook shows every register of every shipped template, and reads what Read reads.
func TestLook(t *testing.T) {
	t.Parallel()
	for _, name := range modbus.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := shipped(t, name)
			tpl, err := modbus.Parse(name, src)
			if err != nil {
				t.Fatal(err)
			}
			b := open(t, src, func(o *modbus.Options, _ *world.Config) {
				if tpl.Secondary {
					o.Current = modbus.Transformer{Primary: 1, Secondary: 1}
				}
			})
			got, seen, err := b.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := read(t, b)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(modbus.Reading{}, "Serial", "Faults"), cmp.AllowUnexported(modbus.Counter{})); diff != "" {
				t.Error(diff)
			}
			if len(seen) != len(tpl.Registers) {
				t.Errorf("%d registers of %d", len(seen), len(tpl.Registers))
			}
			for _, s := range seen {
				if len(s.Words) != s.Register.Length || s.Err == nil && s.Scaled == "" {
					t.Errorf("%s: %+v", s.Register.Quantity, s)
				}
			}
		})
	}
}
