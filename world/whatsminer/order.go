package whatsminer

import (
	"cmp"
	"strconv"
	"strings"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// order is an order in the words that both dialects share.
type order struct {
	verb, value string
}

// outcome is what became of an order.
type outcome int

const (
	done    outcome = iota
	mute            // carried out without an answer
	bad             // refused
	unknown         // no such order
)

// noLimit removes the limit.
const noLimit = 99_999

// order carries out an order; s.mu is held.
func (s *Server) order(m *machine.Machine, o order) outcome {
	x, now := s.session(m), s.now()
	switch o.verb {
	case "stop":
		m.Sleep(now)
		return s.curt()
	case "start":
		if x.percent != 0 { // a percentage ends with the next start
			x.percent = 0
			m.SetLevel(now, s.level(m), false)
		}
		m.Wake(now, x.fast)
	case "restart":
		x.percent = 0
		m.SetLevel(now, s.level(m), true)
	case "mode":
		return s.mode(m, o.value)
	case "percent":
		return s.percent(m, o.value)
	case "limit":
		return s.limit(m, o.value)
	case "fast":
		x.fast = o.value == "enable"
	case "led":
		x.led = o.value
	case "reboot":
		x.percent, x.grants = 0, nil
		m.Reboot(now, s.rules.Persists)
		return s.curt()
	default:
		return unknown
	}
	return done
}

// curt is the outcome of what some firmware leaves unanswered.
func (s *Server) curt() outcome {
	if s.rules.Quiet {
		return mute
	}
	return done
}

// mode changes the mode, which restarts the machine and goes unanswered.
func (s *Server) mode(m *machine.Machine, name string) outcome {
	p, ok := preset(m, name)
	if !ok {
		return bad
	}
	x := s.session(m)
	x.limit, x.percent = 0, 0
	m.SetLevel(s.now(), p, true)
	return mute
}

// percent holds the machine at a share of its limit, once its ramp is done.
func (s *Server) percent(m *machine.Machine, value string) outcome {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > 100 || !ramped(m.State(s.now())) {
		return bad
	}
	s.session(m).percent = n % 100
	m.SetLevel(s.now(), s.level(m), false)
	return done
}

// limit changes the limit, which restarts the machine.
func (s *Server) limit(m *machine.Machine, value string) outcome {
	n, err := strconv.ParseInt(value, 10, 64)
	p, x := unit.Power(n), s.session(m)
	if err != nil || p != noLimit && (p < m.Spec.Nameplate.Power/4 || p > noLimit) {
		return bad
	}
	x.limit, x.percent = p, 0
	if p == noLimit {
		x.limit = 0
	}
	m.SetLevel(s.now(), s.level(m), true)
	return done
}

// modeName is the mode in force.
func modeName(m *machine.Machine, st machine.State) string {
	return strings.ToLower(cmp.Or(st.Mode, m.Spec.Nameplate.Name, "normal"))
}

// preset is a mode of the machine by name.
func preset(m *machine.Machine, name string) (device.Preset, bool) {
	for _, p := range append([]device.Preset{m.Spec.Nameplate}, m.Spec.Presets...) {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return device.Preset{}, false
}

// bound is the limit in force: the mode's, or a lower one that was set.
func (s *Server) bound(m *machine.Machine) unit.Power {
	p, ok := preset(m, modeName(m, m.State(s.now())))
	if !ok {
		p = m.Spec.Nameplate
	}
	if x := s.session(m); x.limit > 0 && x.limit < p.Power {
		return x.limit
	}
	return p.Power
}

// level is what the machine shall draw under limit and percentage. The hash
// rate goes with the power, which flatters a machine at low power a little.
func (s *Server) level(m *machine.Machine) device.Preset {
	p, x := s.bound(m), s.session(m)
	if x.percent > 0 {
		p = unit.Power(unit.MulDiv(int64(p), x.percent, 100))
	}
	full := m.Spec.Nameplate
	return device.Preset{
		Name: m.State(s.now()).Mode, Power: p,
		Hash: unit.Hashrate(unit.MulDiv(int64(full.Hash), int64(p), max(1, int64(full.Power)))),
	}
}

// ramped reports whether a machine has finished its start.
func ramped(st machine.State) bool {
	return st.Activity == device.Running || st.Activity == device.Tuning
}
