package whatsminer

import (
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// boards is how many hash boards every virtual machine has.
const boards = 3

// truth is what the reports of a machine are written from.
type truth struct {
	m       *machine.Machine
	state   machine.State
	mode    string
	bound   unit.Power
	percent int64
	up      int64 // seconds since the firmware started
}

// truth gathers what a machine says of itself; s.mu is held.
func (s *Server) truth(m *machine.Machine) truth {
	st := m.State(s.now())
	return truth{
		m: m, state: st, mode: modeName(m, st), bound: s.bound(m), percent: s.session(m).percent,
		up: int64(s.now().Sub(st.Booted) / time.Second),
	}
}

// asleep reports whether the settings say that it shall not mine, which is all
// that the firmware itself goes by.
func (t truth) asleep() bool { return t.state.Intent == device.Asleep }

// mega and tera are the hash rate in the units of the two dialects.
func (t truth) mega(of int64) float64 { return float64(int64(t.state.Hash)/of) * 1000 }
func (t truth) tera(of int64) float64 { return float64(int64(t.state.Hash)/of) / 1000 }

// done is 1 when the ramp is finished.
func (t truth) done() int {
	if ramped(t.state) {
		return 1
	}
	return 0
}

// reportV2 is the answer to a question of v2.
func (s *Server) reportV2(m *machine.Machine, command string) map[string]any {
	t := s.truth(m)
	if s.rules.DownErr && t.state.Hash == 0 && strings.Contains("summary devs edevs pools devdetails", command) && command != "" {
		return s.flat("E", 14, "btminer process is down err")
	}
	switch command {
	case "version", "get_version":
		return s.flat("S", 131, map[string]any{"api_ver": s.rules.API, "fw_ver": s.rules.Firmware, "platform": "H616", "chip": "K50B"})
	case "summary":
		return s.listed(11, "Summary", "SUMMARY", s.summaryV2(t))
	case "status":
		return s.flat("S", 131, s.statusV2(t))
	case "devs", "edevs":
		return s.listed(9, strconv.Itoa(boards)+" ASC(s)", "DEVS", s.devsV2(t)...)
	case "devdetails":
		return s.listed(69, "Device Details", "DEVDETAILS", detailsV2(t)...)
	case "pools":
		return s.listed(7, "1 Pool(s)", "POOLS", map[string]any{
			"POOL": 1, "URL": "stratum+tcp://pool.example:3333", "User": "sluice.1", "Status": "Alive",
			"Stratum Active": !t.asleep(), "Accepted": 10, "Rejected": 0, "Priority": 0,
		})
	case "get_psu":
		return s.flat("S", 131, map[string]any{"name": "P222B", "model": "P222B", "hw_version": "V01.00", "sw_version": "V01.01.V01.03", "fan_speed": "6000", "iin": "1400", "vin": "23000"})
	case "get_error_code":
		return s.flat("S", 131, map[string]any{"error_code": hot(t)})
	case "get_miner_info":
		return s.flat("S", 131, map[string]any{"hostname": "WhatsMiner", "ledstat": s.session(m).led, "mac": strings.ToUpper(m.Spec.MAC), "minersn": m.Spec.Serial})
	}
	return s.flat("E", 14, "invalid cmd")
}

func (s *Server) summaryV2(t truth) map[string]any {
	out := map[string]any{
		"Elapsed": t.up, "Uptime": t.up + 30, "Accepted": 10, "Rejected": 0,
		"HS RT": t.mega(1), "MHS av": t.mega(1), "MHS 5s": t.mega(1), "MHS 1m": t.mega(1), "MHS 5m": t.mega(1), "MHS 15m": t.mega(1),
		"Factory GHS": int64(t.m.Spec.Nameplate.Hash), "Power Limit": int64(t.bound), "Power Mode": strings.ToUpper(t.mode[:1]) + t.mode[1:],
		"Upfreq Complete": t.done(), "Hash Stable": ramped(t.state), "Target Freq": 600, "Env Temp": t.state.AirC,
		"Chip Temp Min": t.state.ChipC - 8, "Chip Temp Avg": t.state.ChipC - 3, "Chip Temp Max": t.state.ChipC,
		"Fan Speed In": 5400, "Fan Speed Out": 5280, "MAC": strings.ToUpper(t.m.Spec.MAC), "Firmware Version": "'" + s.rules.Firmware + "'",
	}
	if s.poor {
		delete(out, "MHS 5s")
		delete(out, "MHS 5m")
	}
	if p := t.state.Reported; p.Known {
		out["Power"] = int64(p.Value)
	}
	return out
}

// statusV2 has most of its values as text.
func (s *Server) statusV2(t truth) map[string]any {
	out := map[string]any{
		"mineroff": strconv.FormatBool(t.asleep()), "mineroff_reason": "", "mineroff_time": "", "FirmwareVersion": s.rules.Firmware,
		"power_mode": t.mode, "power_limit_set": strconv.FormatInt(int64(t.bound), 10), "hash_percent": "0",
	}
	if t.percent > 0 {
		out["power_pct"] = strconv.FormatInt(t.percent, 10)
	}
	return out
}

func (s *Server) devsV2(t truth) []map[string]any {
	var out []map[string]any
	for i := range boards {
		b := map[string]any{
			"ASC": i, "Slot": i, "Name": "SM", "Enabled": "Y", "Status": "Alive", "Temperature": t.state.ChipC - 10,
			"MHS av": t.mega(boards), "Factory GHS": int64(t.m.Spec.Nameplate.Hash) / boards, "Upfreq Complete": t.done(),
			"Effective Chips": 135, "PCB SN": "SLUICE" + strconv.Itoa(i), "Chip Temp Min": t.state.ChipC - 8, "Chip Temp Avg": t.state.ChipC - 3, "Chip Temp Max": t.state.ChipC,
		}
		if s.poor {
			delete(b, "Chip Temp Min")
			delete(b, "Chip Temp Avg")
			delete(b, "Chip Temp Max")
		}
		out = append(out, b)
	}
	return out
}

// hot is what the firmware says of heat: its number for a board that protects itself.
func hot(t truth) []any {
	if t.state.Activity != device.Throttled {
		return []any{}
	}
	return []any{map[string]any{"350": t.state.Since.Format(time.DateTime)}}
}

func detailsV2(t truth) []map[string]any {
	var out []map[string]any
	for i := range boards {
		out = append(out, map[string]any{"DEVDETAILS": i, "Name": "SM", "ID": i, "Driver": "bitmicro", "Model": t.m.Spec.Model})
	}
	return out
}
