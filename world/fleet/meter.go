package fleet

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"sync"
	"time"

	driver "sluice/driver/modbus"
	"sluice/unit"
	"sluice/world/modbus"
)

// Meter is one virtual meter of a site.
type Meter struct {
	Name    string
	Address netip.Addr
	Wire    *modbus.Meter // as it stands on the network; nil until Open

	site   *Site
	feeder int // counted from zero; -1: the connection

	mu      sync.Mutex // guards what is below
	rng     *rand.Rand
	scale   unit.Ratio
	renewed time.Time
	shown   modbus.Truth
}

func newMeter(s *Site, feeder int, at netip.Addr) *Meter {
	m := &Meter{Name: RevenueMeter, Address: at, site: s, feeder: feeder, scale: unit.One}
	if feeder >= 0 {
		m.Name = feederName(feeder)
	}
	m.rng = rand.New(rand.NewPCG(s.fleet.config.Seed, uint64(feeder+1))) //nolint:gosec // at least zero
	if f := s.grid.Faults[m.Name]; f.Scale > 0 {
		m.scale = f.Scale
	}
	return m
}

// Meters lists the meters, the revenue meter first, then one a feeder.
func (s *Site) Meters() []*Meter { return s.meters }

// Truth is what truly flows where the meter stands, as the machines say it now
// and without any fault of the meter.
func (m *Meter) Truth(now time.Time) Load {
	feeders := m.site.measure(now)
	if m.feeder >= 0 {
		return feeders[m.feeder]
	}
	return m.site.connection(feeders)
}

// truth is what the meter shows before its mischief, renewed at its cadence.
func (m *Meter) truth() modbus.Truth {
	now := m.site.grid.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.renewed.IsZero() && now.Sub(m.renewed) < m.site.grid.Cadence {
		return m.shown
	}
	l := m.site.shared.load(m.feeder, now).times(m.scale)
	if n := m.site.grid.Noise; n > 0 {
		l.Power += unit.Power(math.Round(float64(l.Power) * n.Float() * m.rng.NormFloat64()))
	}
	m.renewed = now
	m.shown = modbus.Truth{
		Power: l.Power, Import: l.Energy, Voltage: 277_000, Frequency: 60_000, PowerFactor: 980_000,
		Serial: strconv.Itoa(9_000_001 + m.feeder),
	}
	return m.shown
}

// Open lets every meter listen, each at port 502 of its address and the offset
// of the fleet. Stop closes them.
func (s *Site) Open() error {
	text, err := driver.File(s.grid.Template)
	if err != nil {
		return err
	}
	sheet, err := modbus.ParseMap(text)
	if err != nil {
		return err
	}
	port := uint16(meterPort + s.fleet.config.Offset) //nolint:gosec // the offset is at most 59000
	for _, m := range s.meters {
		m.Wire, err = modbus.Start(modbus.Config{Address: netip.AddrPortFrom(m.Address, port).String(), Map: sheet, Truth: m.truth})
		if err != nil {
			return errors.Join(fmt.Errorf("meter %s: %w: give another --port-offset", m.Name, err), s.Stop())
		}
		if f, some := s.grid.Faults[m.Name]; some {
			m.Wire.Inflict(f.Mischief)
		}
	}
	return nil
}

// meterPort is the port of Modbus TCP.
const meterPort = 502

// Stop closes every open meter.
func (s *Site) Stop() error {
	var faults []error
	for _, m := range s.meters {
		if m.Wire != nil {
			faults = append(faults, m.Wire.Stop())
		}
	}
	return errors.Join(faults...)
}
