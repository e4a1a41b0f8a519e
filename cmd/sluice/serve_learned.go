package main

import (
	"fmt"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/learned"
	"sluice/live"
	"sluice/loop/commission"
	"sluice/unit"
)

// kind is what machines have in common that behave alike.
type kind struct {
	family          device.Family
	model, firmware string
}

// learn reads what commissioning taught.
func (b *builder) learn() (func(live.Machine) live.Learned, error) {
	var all []commission.Record
	for _, name := range b.flags.learned {
		records, err := learned.Load(name)
		if err != nil {
			return nil, fmt.Errorf("--learned: %w", err)
		}
		all = append(all, records...)
	}
	known := map[kind]live.Learned{}
	for _, m := range learned.Merge(all) {
		known[kind{m.Family, m.Model, m.Firmware}] = live.Learned{
			Boot: unit.Power(worst(m.Boot)), Overshoot: unit.Power(worst(m.Overshoot)),
			Sleep: time.Duration(worst(m.Sleep)) * time.Millisecond, Dark: time.Duration(worst(m.Dark)) * time.Millisecond,
		}
	}
	return func(m live.Machine) live.Learned {
		id := m.Identity
		return known[kind{id.Family, id.Model, strings.TrimSpace(id.Firmware + " " + id.Version)}]
	}, nil
}

// worst is a figure at the far end of its spread; 0 when nobody measured it.
func worst(f *learned.Figure) int64 {
	if f == nil {
		return 0
	}
	return f.Value + f.Spread
}
