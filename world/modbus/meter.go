package modbus

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"sync"
	"time"

	wiring "github.com/simonvetter/modbus"

	"sluice/unit"
)

// Mischief is what is wrong with a meter. The zero value is a good meter.
type Mischief struct {
	Silent    bool          // takes requests and never answers
	Slow      time.Duration // waits before every answer
	Exception byte          // answers every request with this exception code
	Refused   string        // answers requests that touch this quantity with an illegal address
	Stuck     bool          // shows for ever what it shows now
	Swapped   bool          // current transformers are turned around from now on
	Garbage   bool          // shows noise
}

// Config says what a meter shows and where it stands.
type Config struct {
	Address string // IP address and port to listen at; port 0 takes any
	Map     Map
	Unit    uint8        // unit number; zero: that of the map
	Truth   func() Truth // called for every request, from any goroutine
	Current int64        // current transformer ratio of a meter that shows secondary values; zero: 1
	Voltage int64        // likewise of the voltage transformers
}

// Meter is one simulated meter.
type Meter struct {
	config Config
	at     netip.AddrPort
	server *wiring.ModbusServer
	done   chan struct{}

	mu       sync.Mutex // guards all below
	mischief Mischief
	changed  chan struct{} // closed when the mischief changes
	frozen   *Truth
	since    Truth // counters when the transformers were turned around
	zero     Truth // counters when the meter lost them
	requests int
	noise    uint32
}

// Start lets a meter listen.
func Start(c Config) (*Meter, error) {
	at, err := netip.ParseAddrPort(c.Address)
	if err != nil {
		return nil, fmt.Errorf("start simulated meter: %w: state the address as 127.0.0.1:0", err)
	}
	c.Current, c.Voltage = max(1, c.Current), max(1, c.Voltage)
	if c.Unit == 0 {
		c.Unit = c.Map.unit
	}
	m := &Meter{config: c, done: make(chan struct{}), changed: make(chan struct{}), noise: 1}
	for range 50 {
		if m.at, err = free(at); err != nil {
			break
		}
		if err = m.listen(); err == nil || at.Port() != 0 {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start simulated meter at %s: %w", c.Address, err)
	}
	return m, nil
}

// free turns port 0 into a port that is free now. Another program may take it
// first; then listening fails and the caller tries again.
func free(at netip.AddrPort) (netip.AddrPort, error) {
	if at.Port() != 0 {
		return at, nil
	}
	l, err := net.Listen("tcp", at.String()) //nolint:noctx // returns at once
	if err != nil {
		return at, err
	}
	defer l.Close() //nolint:errcheck // only its number was wanted
	return netip.ParseAddrPort(l.Addr().String())
}

func (m *Meter) listen() error {
	s, err := wiring.NewServer(&wiring.ServerConfiguration{
		URL: "tcp://" + m.at.String(), Timeout: time.Minute, MaxClients: 16, Logger: log.New(io.Discard, "", 0),
	}, m)
	if err != nil {
		return err
	}
	m.server = s
	return s.Start()
}

// Addr is where the meter listens.
func (m *Meter) Addr() netip.AddrPort { return m.at }

// Requests is how many requests it was asked so far.
func (m *Meter) Requests() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.requests
}

// Stop ends the meter and every connection to it.
func (m *Meter) Stop() error {
	select {
	case <-m.done:
		return nil
	default:
		close(m.done)
	}
	return m.server.Stop()
}

// Inflict changes what is wrong with the meter; waiting requests are let go.
func (m *Meter) Inflict(x Mischief) {
	now := m.config.Truth()
	m.mu.Lock()
	defer m.mu.Unlock()
	if x.Swapped && !m.mischief.Swapped {
		m.since = now
	}
	m.frozen = nil
	if x.Stuck {
		shown := m.shown(now)
		m.frozen = &shown
	}
	m.mischief = x
	close(m.changed)
	m.changed = make(chan struct{})
}

// Restart breaks every connection and comes back, with its energies or, when
// they are lost, at zero.
func (m *Meter) Restart(lost bool) error {
	if err := m.server.Stop(); err != nil {
		return fmt.Errorf("restart simulated meter: %w", err)
	}
	now := m.config.Truth()
	m.mu.Lock()
	if lost {
		m.zero = Truth{Import: now.Import, Export: now.Export}
	}
	m.mu.Unlock()
	if err := m.listen(); err != nil {
		return fmt.Errorf("restart simulated meter: %w", err)
	}
	return nil
}

// shown is what the meter makes of the truth. The lock is held.
func (m *Meter) shown(t Truth) Truth {
	if m.frozen != nil {
		return *m.frozen
	}
	if m.mischief.Swapped {
		t.Power = -t.Power
		drawn, fed := t.Import-m.since.Import, t.Export-m.since.Export
		t.Import, t.Export = m.since.Import+fed, m.since.Export+drawn
	}
	t.Import -= min(t.Import, m.zero.Import)
	t.Export -= min(t.Export, m.zero.Export)
	return t
}

// wait holds a request as long as the mischief asks for it; false when it is
// never to be answered.
func (m *Meter) wait() (Mischief, bool) {
	m.mu.Lock()
	m.requests++
	x, changed := m.mischief, m.changed
	m.mu.Unlock()
	if x.Silent {
		select {
		case <-changed:
		case <-m.done:
		}
		return x, false
	}
	if x.Slow > 0 {
		timer := time.NewTimer(x.Slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-changed:
		case <-m.done:
			return x, false
		}
	}
	return x, true
}

// errLate ends a request that was never to be answered.
var errLate = errors.New("never answered")

// registers answers a request for count registers from address.
func (m *Meter) registers(kind string, at uint8, address, count int) ([]uint16, error) {
	x, answering := m.wait()
	switch {
	case !answering:
		return nil, errLate
	case at != m.config.Unit:
		return nil, wiring.ErrGWTargetFailedToRespond
	case x.Exception != 0:
		return nil, exception(x.Exception)
	case count > m.config.Map.largest:
		return nil, wiring.ErrIllegalDataValue
	case x.Garbage:
		return m.noiseOf(count), nil
	}
	truth := m.config.Truth()
	m.mu.Lock()
	truth = m.shown(truth)
	m.mu.Unlock()
	return m.image(kind, truth, x.Refused, address, count)
}

// image is the wanted registers; holes wider than the meter bears are an
// illegal address, others hold all ones.
func (m *Meter) image(kind string, t Truth, refused string, address, count int) ([]uint16, error) {
	out, hole := make([]uint16, count), make([]bool, count)
	for i := range out {
		out[i], hole[i] = 0xFFFF, true
	}
	for quantity, r := range m.config.Map.rows {
		from := r.Address - m.config.Map.first - address
		if r.Kind != kind {
			continue
		}
		for i, w := range m.config.Map.words(quantity, t, m.divisor(quantity)) {
			if at := from + i; at >= 0 && at < count {
				if quantity == refused {
					return nil, wiring.ErrIllegalDataAddress
				}
				out[at], hole[at] = w, false
			}
		}
	}
	run := 0
	for _, h := range hole {
		if run++; !h {
			run = 0
		}
		if run > m.config.Map.gap {
			return nil, wiring.ErrIllegalDataAddress
		}
	}
	return out, nil
}

func (m *Meter) divisor(quantity string) int64 {
	switch quantity {
	case "active_power", "energy_import", "energy_export":
		return m.config.Current * m.config.Voltage
	case "voltage_l1", "voltage_l2", "voltage_l3":
		return m.config.Voltage
	}
	return 1
}

// noiseOf is count registers of noise, the same in every run.
func (m *Meter) noiseOf(count int) []uint16 {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]uint16, count)
	for i := range out {
		m.noise = m.noise*1664525 + 1013904223
		out[i] = uint16(m.noise >> 16) //nolint:gosec // the upper half
	}
	return out
}

// exception is the server's error for an exception code.
func exception(code byte) error {
	known := map[byte]error{
		1: wiring.ErrIllegalFunction, 2: wiring.ErrIllegalDataAddress, 3: wiring.ErrIllegalDataValue, 4: wiring.ErrServerDeviceFailure,
		5: wiring.ErrAcknowledge, 6: wiring.ErrServerDeviceBusy, 8: wiring.ErrMemoryParityError, 10: wiring.ErrGWPathUnavailable, 11: wiring.ErrGWTargetFailedToRespond,
	}
	if err, ok := known[code]; ok {
		return err
	}
	return wiring.ErrServerDeviceFailure
}

// HandleHoldingRegisters answers function 3 and refuses every write.
func (m *Meter) HandleHoldingRegisters(r *wiring.HoldingRegistersRequest) ([]uint16, error) {
	if r.IsWrite {
		return nil, wiring.ErrIllegalFunction
	}
	return m.registers("holding", r.UnitId, int(r.Addr), int(r.Quantity))
}

// HandleInputRegisters answers function 4.
func (m *Meter) HandleInputRegisters(r *wiring.InputRegistersRequest) ([]uint16, error) {
	return m.registers("input", r.UnitId, int(r.Addr), int(r.Quantity))
}

// HandleCoils refuses: a meter has none.
func (m *Meter) HandleCoils(*wiring.CoilsRequest) ([]bool, error) {
	return nil, wiring.ErrIllegalFunction
}

// HandleDiscreteInputs refuses: a meter has none.
func (m *Meter) HandleDiscreteInputs(*wiring.DiscreteInputsRequest) ([]bool, error) {
	return nil, wiring.ErrIllegalFunction
}

// Accrue adds what p moves in d to a truth: its counters and its power.
func (t Truth) Accrue(p unit.Power, d time.Duration) Truth {
	t.Power = p
	t.Import += max(0, p).Over(d)
	t.Export += max(0, -p).Over(d)
	return t
}
