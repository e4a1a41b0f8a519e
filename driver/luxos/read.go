package luxos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// section is one report of the machine and what it fills in.
type section struct {
	what    device.What
	command string
	fill    func(*device.Reading, wire.Tree)
}

// sections lists the reports in the order in which they are asked for, one
// request each: asking for several at once is not proven on this firmware.
func sections() []section {
	return []section{
		{device.Status, "config", intent},
		{device.Power, "power", func(r *device.Reading, t wire.Tree) { r.Power = watts(t) }},
		{device.Hash, "summary", hash},
		{device.Status | device.Hash, "devs", boards},
		{device.Heat, "temps", heat},
		{device.Heat, "fans", fans},
		{device.Faults, "events", events},
		{device.Pools, "pools", pools},
	}
}

// Read asks for the reports that w needs. A report that the machine refuses is
// absent, since one that boots or sleeps refuses some; only when it refuses
// all of them, or an answer is missing or cannot be read, is there an error,
// beside what was read until then.
func (m *machine) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	asked, refused := 0, 0
	for _, s := range sections() {
		if w&s.what == 0 {
			continue
		}
		asked++
		r, err := m.ask(ctx, s.command, "")
		if err != nil {
			return out, fmt.Errorf("read luxos: %w", err)
		}
		if class, _, _ := r.said(); class == device.Refused {
			refused++
			continue
		}
		s.fill(&out, r.tree)
		if s.command == "config" {
			m.atm = managed(r.tree)
			m.label(&out)
		}
	}
	if asked > 0 && asked == refused {
		return out, fmt.Errorf("read luxos: %s refuses every report: wait until it has started", m.host)
	}
	if asked == 0 {
		return out, errors.New("read luxos: nothing was asked for")
	}
	return out, nil
}

// label gives the profile in force its watts as the limit. It is a label: the
// draw may lie on either side of it.
func (m *machine) label(r *device.Reading) {
	for _, p := range m.can.Presets {
		if r.Mode.Known && p.Name == r.Mode.Value {
			r.Limit = device.Value[unit.Power]{Value: p.Power, Known: true, Source: device.FromNameplate}
		}
	}
}
