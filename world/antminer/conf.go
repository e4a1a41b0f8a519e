package antminer

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"sluice/device"
	"sluice/world/machine"
)

// The two keys of the mode.
const (
	keyWork  = "bitmain-work-mode"
	keyMiner = "miner-mode"
)

// settings is what a machine keeps of its configuration, under the names under
// which it is read. The mode itself is the machine's.
type settings map[string]json.RawMessage

// factory is a machine as somebody set it up.
func factory() settings {
	return settings{
		"pools": json.RawMessage(`[{"url":"stratum+tcp://one.example:3333","user":"site.7","pass":"123"},` +
			`{"url":"stratum+tcp://two.example:3333","user":"site.7","pass":""},{"url":"","user":"","pass":""}]`),
		"api-listen": json.RawMessage(`true`), "api-allow": json.RawMessage(`"A:0/0,W:*"`),
		"bitmain-fan-ctrl": json.RawMessage(`false`), "bitmain-fan-pwm": json.RawMessage(`"100"`),
		"bitmain-use-vil": json.RawMessage(`true`), "bitmain-freq-level": json.RawMessage(`"100"`),
		"bitmain-hashrate-percent": json.RawMessage(`"100"`),
	}
}

// keptOf is the configuration of a machine.
func (s *server) keptOf(m *machine.Machine) settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[m] == nil {
		s.kept[m] = factory()
	}
	return s.kept[m]
}

// words pairs the number of a mode with the name of a preset.
func words() map[int]string { return map[int]string{0: "normal", 2: "high", 3: "low"} }

// modeOf is the mode that the settings of a machine ask for.
func modeOf(st machine.State) int {
	if st.Intent == device.Asleep {
		return 1
	}
	for n, name := range words() {
		if name == st.Mode {
			return n
		}
	}
	return 0
}

func (s *server) getConf(w http.ResponseWriter, _ *http.Request, m *machine.Machine) {
	out := map[string]any{}
	for k, v := range s.keptOf(m) {
		out[k] = v
	}
	out[s.options.Reports] = strconv.Itoa(modeOf(m.State(s.now())))
	reply(w, out)
}

// setConf takes what the page posts. What is left out is wiped, as on a real
// machine, and the answer comes before the effect.
func (s *server) setConf(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	b, err := io.ReadAll(r.Body)
	var p map[string]json.RawMessage
	if err != nil || json.Unmarshal(b, &p) != nil || len(p) == 0 {
		reply(w, map[string]any{"stats": "error", "code": "M002", "msg": "Illegal request!"})
		return
	}
	next := settings{}
	for _, k := range []string{"pools", "bitmain-fan-ctrl", "bitmain-fan-pwm", "bitmain-hashrate-percent"} {
		if v, ok := p[k]; ok {
			next[k] = v
		}
	}
	if v, ok := p["freq-level"]; ok {
		next["bitmain-freq-level"] = v
	}
	s.mu.Lock()
	for _, k := range []string{"api-listen", "api-allow", "bitmain-use-vil"} {
		next[k] = factory()[k]
	}
	s.kept[m] = next
	s.mu.Unlock()
	if n, ok := s.posted(p); ok && !s.options.Idle && !s.obey(m, n) {
		reply(w, map[string]any{"stats": "error", "code": "M001", "msg": fmt.Sprintf("mode %d!", n)})
		return
	}
	if s.options.Quiet {
		panic(http.ErrAbortHandler)
	}
	reply(w, map[string]any{"stats": "success", "code": "M000", "msg": "OK!"})
}

// posted is the mode that this build hears in what was posted.
func (s *server) posted(p map[string]json.RawMessage) (int, bool) {
	keys := []string{keyWork, keyMiner}
	if s.options.Obeys != "" {
		keys = []string{s.options.Obeys}
	}
	for _, k := range keys {
		v := string(p[k])
		unquoted, err := strconv.Unquote(v)
		if err == nil {
			v = unquoted
		} else if s.options.Texts {
			continue
		}
		if n, err := strconv.Atoi(v); err == nil {
			return n, true
		}
	}
	return 0, false
}

// obey sets a mode and reports whether the model has it.
func (s *server) obey(m *machine.Machine, mode int) bool {
	now := s.now()
	if mode == 1 {
		return m.Sleep(now)
	}
	st := m.State(now)
	if mode == modeOf(st) {
		return true
	}
	name := words()[mode]
	if name != st.Mode && !m.SetMode(now, name) {
		return false
	}
	return st.Intent != device.Asleep || m.Wake(now, false)
}

func (s *server) blink(w http.ResponseWriter, r *http.Request, _ *machine.Machine) {
	var p struct {
		Blink bool `json:"blink"`
	}
	b, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(b, &p) != nil {
		reply(w, map[string]any{"stats": "error", "code": "B001"})
		return
	}
	code := "B100"
	if p.Blink {
		code = "B000"
	}
	reply(w, map[string]any{"code": code})
}

// reboot restarts; what the machine was told survives it.
func (s *server) reboot(w http.ResponseWriter, _ *http.Request, m *machine.Machine) {
	m.Reboot(s.now(), true)
	text(w, "")
}
