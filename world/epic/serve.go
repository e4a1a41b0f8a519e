package epic

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// Rules are what all machines of a server have in common.
type Rules struct {
	Password string // "letmein" when empty
	Software string // such as PowerPlay-BM v1.15.4
	Untuned  bool   // the tuner is off
	Stays    bool   // sleep survives a reboot
}

// server is the firmware of a range of machines.
type server struct {
	now   func() time.Time
	rules Rules
}

// Ports is where machines listen.
type Ports struct {
	API net.Listener // HTTP on 4028
	Web net.Listener // the page for people on 80; nil: none
}

// Serve answers until ctx is over or a listener fails.
func Serve(ctx context.Context, p Ports, unit machine.Unit, now func() time.Time, rules Rules) error {
	if rules.Password == "" {
		rules.Password = "letmein"
	}
	if rules.Software == "" {
		rules.Software = "PowerPlay-BM v1.15.4"
	}
	s := &server{now: now, rules: rules}
	doors := []func(context.Context) error{func(ctx context.Context) error { return machine.ServeWeb(ctx, p.API, unit, now, s.answer) }}
	if p.Web != nil {
		doors = append(doors, func(ctx context.Context) error { return machine.ServeWeb(ctx, p.Web, unit, now, front) })
	}
	return machine.Together(ctx, doors...)
}

// front is the page for people, which names the firmware.
func front(w http.ResponseWriter, _ *http.Request, _ *machine.Machine) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<html><head><title>Miner Web Dashboard</title></head></html>")
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case r.Method == http.MethodPost:
		s.order(w, r, m, path)
	case path == "summary":
		say(w, s.summary(m))
	case path == "capabilities":
		say(w, s.capabilities(m))
	case path == "network":
		say(w, map[string]any{"dhcp": map[string]any{"address": "127.0.0.1", "netmask": "255.0.0.0", "mac_address": strings.ToUpper(m.Spec.MAC)}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// order carries out what was posted.
func (s *server) order(w http.ResponseWriter, r *http.Request, m *machine.Machine, path string) {
	var q struct {
		Param    any    `json:"param"`
		Password string `json:"password"`
	}
	if json.NewDecoder(r.Body).Decode(&q) != nil {
		refuse(w, "invalid request")
		return
	}
	if q.Password != s.rules.Password {
		refuse(w, "incorrect password")
		return
	}
	switch {
	case path == "miner" && q.Param == "Stop":
		m.Sleep(s.now())
	case path == "miner" && q.Param == "Autostart":
		m.Wake(s.now(), false)
	case path == "reboot":
		m.Reboot(s.now(), s.rules.Stays)
	case path == "perpetualtune/algo" && s.tune(m, q.Param):
	default:
		refuse(w, "bad parameter")
		return
	}
	say(w, map[string]any{"result": true, "error": nil})
}

// tune aims at a power within the bounds. What is left out is forgotten, so an
// order without the other settings is refused here to be seen.
func (s *server) tune(m *machine.Machine, param any) bool {
	p, _ := param.(map[string]any)
	w, ok := p["target"].(float64)
	target := unit.Power(w)
	if !ok || p["algo"] != "PowerTune" || p["min_throttle"] == nil || p["throttle_step"] == nil || target < least(m) || target > m.Spec.Nameplate.Power {
		return false
	}
	full := m.Spec.Nameplate
	m.SetLevel(s.now(), device.Preset{
		Name: full.Name, Power: target, Hash: unit.Hashrate(unit.MulDiv(int64(full.Hash), int64(target), max(1, int64(full.Power)))),
	}, false)
	return true
}

// least is the lowest power that the tuner aims at.
func least(m *machine.Machine) unit.Power { return m.Spec.Nameplate.Power * 2 / 5 }

func (s *server) capabilities(m *machine.Machine) map[string]any {
	return map[string]any{
		"Model": m.Spec.Model, "Model Subtype": "", "Default Hashrate": float64(m.Spec.Nameplate.Hash) / 1000, "Max HBs": 3,
		"PerpetualTune": []any{
			map[string]any{"algorithm": "ChipTune", "min": 50, "max": 200, "name": "Chip Tune"},
			map[string]any{"algorithm": "PowerTune", "min": int64(least(m)), "max": int64(m.Spec.Nameplate.Power), "name": "Power Tune"},
		},
	}
}

func (s *server) summary(m *machine.Machine) map[string]any {
	st := m.State(s.now())
	psu := map[string]any{"Output Voltage": 13.2, "Target Voltage": 13.2}
	if st.Reported.Known {
		psu["Input Power"] = float64(st.Reported.Value) + 0.25
	}
	var boards []any
	for _, i := range []int{2, 0, 1} {
		boards = append(boards, map[string]any{"Index": i, "Hashrate": []float64{float64(st.Hash) * 1000 / 3, 98.5}, "Temperature": st.ChipC, "Core Clock Avg": 500.0, "Input Voltage": 13.2})
	}
	return map[string]any{
		"Software": s.rules.Software, "Hostname": "epic", "Status": map[string]any{"Operating State": word(st), "Last Error": trouble(st)},
		"Power Supply Stats": psu, "HBs": boards,
		"Session":        map[string]any{"Uptime": int64(s.now().Sub(st.Booted) / time.Second), "Accepted": 10, "Rejected": 0},
		"Fans Rpm":       map[string]any{"Fans Speed 1": 5000, "Fans Speed 2": 5010},
		"Stratum":        map[string]any{"Current Pool": "stratum+tcp://pool.example:3333", "Current User": "sluice.1"},
		"StratumConfigs": []any{map[string]any{"pool": "stratum+tcp://pool.example:3333", "login": "sluice.1", "password": "x"}},
		"PerpetualTune": map[string]any{"Running": !s.rules.Untuned, "Algorithm": map[string]any{"PowerTune": map[string]any{
			"Target": int64(st.Target), "Min Throttle Target": 10, "Throttle Step": 5, "Optimized": st.Activity != device.Tuning, "Unit": "W",
		}}},
	}
}

// trouble is the last error. The word for heat is an assumption.
func trouble(st machine.State) any {
	if st.Activity == device.Throttled {
		return "Overheating"
	}
	return nil
}

// word is what the firmware calls what it was told.
func word(st machine.State) string {
	switch {
	case st.Intent == device.Asleep:
		return "Idling"
	case st.Activity == device.Waking:
		return "Initializing"
	}
	return "Mining"
}

func refuse(w http.ResponseWriter, text string) {
	say(w, map[string]any{"result": false, "error": text})
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte("{}")
	}
	_, _ = w.Write(b)
}
