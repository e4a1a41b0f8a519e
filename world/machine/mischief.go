package machine

import "time"

// Mischief is what happens to the next answer.
type Mischief struct {
	Delay   time.Duration
	Silent  bool // keep the connection open and say nothing
	Garbage bool
	Half    bool
}

// Break replaces what goes wrong from now on, in place of what the Spec says.
func (m *Machine) Break(f Faults) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = f
	m.liar = m.rng.Float64() < f.Lies
}

// Report replaces the share by which the reported power is off; NaN: none is
// reported from now on.
func (m *Machine) Report(bias float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bias = bias
}

// Late replaces by how much later every answer comes from now on.
func (m *Machine) Late(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Spec.Latency = d
}

// Answers is how many answers the machine has given or spoilt so far. A dialect
// draws one Mischief for each.
func (m *Machine) Answers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// Mischief draws what happens to the next answer of the machine.
func (m *Machine) Mischief() Mischief {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	if m.faults.Spare > 0 {
		m.faults.Spare--
		return Mischief{Delay: m.Spec.Latency}
	}
	f := m.faults
	out := Mischief{Delay: m.Spec.Latency}
	if m.rng.Float64() < f.Slow {
		out.Delay += time.Duration(1+m.rng.IntN(8)) * time.Second
	}
	out.Silent = m.rng.Float64() < f.Silent
	out.Garbage = m.rng.Float64() < f.Garbage
	out.Half = m.rng.Float64() < f.Half
	return out
}

// Spoil turns an answer into what the mischief makes of it.
func (x Mischief) Spoil(answer []byte) []byte {
	switch {
	case x.Garbage:
		return []byte("\x01\x02<html>502</html>{{{")
	case x.Half:
		return answer[:len(answer)/2]
	}
	return answer
}
