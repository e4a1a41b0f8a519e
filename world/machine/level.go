package machine

import (
	"time"

	"sluice/device"
)

// SetLevel orders a level that need not be one of the presets: for firmware
// that regulates without steps. With restart the machine goes down to standby
// and through its whole ramp again, and its interface is dark meanwhile.
func (m *Machine) SetLevel(now time.Time, p device.Preset, restart bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.set(p)
	if restart && !m.liar && m.on {
		m.from, m.moved, m.up = float64(m.Spec.Standby), m.at, m.Spec.Times.Up
		m.dark, m.booted = m.at.Add(m.Spec.Times.Dark), m.at
	}
}
