package luxos

import (
	"fmt"
	"strconv"
	"strings"

	"sluice/device"
	"sluice/world/machine"
)

// carry answers a report or carries out an order.
func (s *server) carry(m *machine.Machine, command, parameter string) answer {
	if report, ok := reports()[command]; ok {
		return report(s, m)
	}
	switch command {
	case "logon":
		return s.logon(m)
	case "session":
		return answer{"S", 319, "Session information", "SESSION", []any{map[string]any{"SessionID": s.live(m).id}}}
	}
	order, ok := orders()[command]
	if !ok {
		return refuse(14, "Invalid command")
	}
	id, args, _ := strings.Cut(parameter, ",")
	if !s.use(m, strings.TrimSpace(id)) {
		return refuse(401, "Invalid session") // the code is an assumption
	}
	return order(s, m, strings.Split(args, ","))
}

// live is the session of m, empty when it has expired.
func (s *server) live(m *machine.Machine) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current(m)
}

func (s *server) current(m *machine.Machine) session {
	x := s.sessions[m]
	if restarts := m.State(s.now()).Restarts; restarts != x.restarts || s.now().Sub(x.used) >= expiry {
		x.id, x.restarts = "", restarts
	}
	return x
}

// logon gives out the session unless somebody has it.
func (s *server) logon(m *machine.Machine) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.current(m)
	if x.id != "" || s.options.Occupied {
		return refuse(402, "Another session is active")
	}
	x.n++
	x.id, x.used = fmt.Sprintf("s%07x", x.n), s.now()
	s.sessions[m] = x
	return answer{"S", 316, "Session created", "SESSION", []any{map[string]any{"SessionID": x.id}}}
}

// use reports whether id is the live session and keeps it alive.
func (s *server) use(m *machine.Machine, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.current(m)
	if id == "" || x.id != id {
		return false
	}
	x.used = s.now()
	s.sessions[m] = x
	return true
}

func (s *server) drop(m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[m]
	x.id = ""
	s.sessions[m] = x
}

// orders are the commands that need the session.
func orders() map[string]func(*server, *machine.Machine, []string) answer {
	return map[string]func(*server, *machine.Machine, []string) answer{
		"logoff":     logoff,
		"curtail":    curtail,
		"profileset": profileset,
		"ledset": func(*server, *machine.Machine, []string) answer {
			return answer{letter: "S", code: 320, msg: "LED mode set"}
		},
		"rebootdevice": reboot,
	}
}

func logoff(s *server, m *machine.Machine, _ []string) answer {
	s.drop(m)
	return answer{letter: "S", code: 317, msg: "Session terminated"}
}

// curtail sleeps or wakes, with or without the slow ramp.
func curtail(s *server, m *machine.Machine, args []string) answer {
	var action string
	switch args[0] {
	case "sleep":
		m.Sleep(s.now())
		action = "sleep mode"
	case "wakeup":
		fast := false
		for _, a := range args[1:] {
			fast = fast || a == "mode=unsafe"
		}
		m.Wake(s.now(), fast)
		action = "wake up"
	default:
		return refuse(336, "Invalid curtail mode") // the code is an assumption
	}
	return answer{"S", 335, "Curtailment command sent", "CURTAIL", []any{map[string]any{"Action": action}}}
}

// profileset takes a name or a selector. Of a bare number from 0 to 3 it makes a
// board, as the real firmware does, and then misses the profile.
func profileset(s *server, m *machine.Machine, args []string) answer {
	if m.State(s.now()).Intent == device.Asleep {
		return refuse(410, "Miner is in curtailment mode") // the code is an assumption
	}
	name := args[0]
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n <= 3 {
		return refuse(403, "Missing profile")
	}
	if w, ok := strings.CutSuffix(name, "W"); ok {
		if n, err := strconv.ParseInt(w, 10, 64); err == nil {
			name = nearest(m, n)
		}
	}
	if name == "" || !m.SetMode(s.now(), name) {
		return refuse(404, "Profile not found") // the code is an assumption
	}
	return answer{"S", 321, "Profile set", "PROFILE", []any{map[string]any{"Board": 0, "Profile": name, "FrequencyStep": 5, "VoltageStep": 0.05}}}
}

// nearest is the name of the highest profile of at most w watts.
func nearest(m *machine.Machine, w int64) string {
	name := ""
	for _, p := range m.Spec.Presets {
		if int64(p.Power) <= w {
			name = p.Name
		}
	}
	return name
}

// reboot is refused while asleep; sleep outlives it.
func reboot(s *server, m *machine.Machine, _ []string) answer {
	if m.State(s.now()).Intent == device.Asleep {
		return refuse(410, "Miner is in curtailment mode") // the code is an assumption
	}
	s.drop(m)
	m.Reboot(s.now(), true)
	return answer{letter: "S", code: 328, msg: "Rebooting device"}
}
