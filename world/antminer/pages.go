package antminer

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"

	"sluice/device"
	"sluice/world/machine"
)

// compiled is when the build that is served was made, in its own words.
const compiled = "Wed Feb  5 09:41:07 CST 2025"

func text(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprintf(w, format, args...)
}

func reply(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}

func modelOf(m *machine.Machine) string { return "Antminer " + m.Spec.Model }

func (s *server) system(w http.ResponseWriter, _ *http.Request, m *machine.Machine) {
	out := map[string]any{
		"minertype": modelOf(m), "nettype": "DHCP", "hostname": "Antminer", "macaddr": m.Spec.MAC,
		"system_filesystem_version": compiled, "firmware_type": "Release",
	}
	if m.Spec.Serial != "" {
		out["serinum"] = m.Spec.Serial
	}
	reply(w, out)
}

func info(m *machine.Machine) map[string]any {
	return map[string]any{"miner_version": "uart_trans.1.3", "CompileTime": compiled, "type": modelOf(m)}
}

func (s *server) summaryPage(w http.ResponseWriter, _ *http.Request, m *machine.Machine) {
	st := m.State(s.now())
	reply(w, map[string]any{
		"STATUS": map[string]any{"STATUS": "S", "when": s.now().Unix(), "Msg": "summary", "api_version": "1.0.0"},
		"INFO":   info(m),
		"SUMMARY": []any{map[string]any{
			"elapsed": s.elapsed(st), "rate_5s": float64(st.Hash), "rate_30m": s.mean(m, st), "rate_avg": s.mean(m, st),
			"rate_ideal": float64(ideal(m, st)), "rate_unit": "GH/s", "hw_all": 0, "bestshare": 0,
			"status": []any{
				map[string]any{"type": "rate", "status": "s", "code": 0, "msg": ""},
				heat(st),
			},
		}},
	})
}

// heat is the line of the temperatures. Its code for a level lowered by heat is
// an assumption.
func heat(st machine.State) map[string]any {
	if st.Activity == device.Throttled {
		return map[string]any{"type": "temp", "status": "w", "code": 1, "msg": "over max temp"}
	}
	return map[string]any{"type": "temp", "status": "s", "code": 0, "msg": ""}
}

func (s *server) statsPage(w http.ResponseWriter, _ *http.Request, m *machine.Machine) {
	reply(w, map[string]any{"INFO": info(m), "STATS": []any{s.newStats(m, m.State(s.now()))}})
}

// elapsed is how long the mining program runs: it starts anew with a mode.
func (s *server) elapsed(st machine.State) int64 {
	if st.Activity == device.Asleep {
		return 1
	}
	since := st.Since
	if st.Booted.After(since) {
		since = st.Booted
	}
	return max(1, int64(s.now().Sub(since).Seconds()))
}

// mean is the rate of half an hour, which stays where it was after going to sleep.
func (s *server) mean(m *machine.Machine, st machine.State) float64 {
	return float64(ideal(m, st)) * 0.99
}

// ideal is the hash rate of the mode in force.
func ideal(m *machine.Machine, st machine.State) int64 {
	for _, p := range m.Spec.Presets {
		if p.Name == st.Mode {
			return int64(p.Hash)
		}
	}
	return int64(m.Spec.Nameplate.Hash)
}

const boards, chips = 3, 108

// newStats is the answer to stats with the flag new_api.
func (s *server) newStats(m *machine.Machine, st machine.State) map[string]any {
	fan := 4200
	if st.Activity == device.Asleep {
		fan = 0
	}
	var chain []any
	for i := range boards {
		c := math.Round(st.ChipC)
		chain = append(chain, map[string]any{
			"index": i, "freq_avg": 490, "rate_ideal": float64(ideal(m, st)) / boards, "rate_real": float64(st.Hash) / boards,
			"asic_num": chips, "temp_pic": []float64{c - 20, c - 18}, "temp_pcb": []float64{c - 15, c - 12}, "temp_chip": []float64{c - 1, c, c + 1, c}, "hw": 0, "sn": "",
		})
	}
	out := map[string]any{
		"elapsed": s.elapsed(st), "rate_5s": float64(st.Hash), "rate_30m": s.mean(m, st), "rate_avg": s.mean(m, st),
		"rate_ideal": float64(ideal(m, st)), "rate_unit": "GH/s", "chain_num": boards, "fan_num": 4, "fan": []int{fan, fan + 30, fan + 60, fan},
		"miner-mode": modeOf(st), "chain": chain,
	}
	if s.options.Watts == InStats && st.Reported.Known {
		out["chain_power"] = fmt.Sprintf("%d W", st.Reported.Value)
	}
	return out
}
