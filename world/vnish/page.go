package vnish

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// boardCount and chipCount are how many boards and chips a machine shows.
const (
	boardCount = 3
	chipCount  = 65
)

type page = func(*server, request) any

// open are the pages that need no token, inner those that do.
func open() map[string]page {
	return map[string]page{"/info": info, "/status": status, "/summary": summary, "/perf-summary": perf}
}

func inner() map[string]page {
	return map[string]page{"/autotune/presets": presets, "/settings": settingsPage}
}

func info(s *server, r request) any {
	serial := r.m.Spec.Serial
	if serial == "" {
		serial = "N/A"
	}
	return map[string]any{
		"miner": r.m.Spec.Model, "model": strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(r.m.Spec.Model, "Antminer "), " ", "")),
		"fw_name": "Vnish", "fw_version": s.options.Version, "platform": "aml", "install_type": "nand", "algorithm": "sha256d", "hr_measure": "GH/s", "serial": serial,
		"system": map[string]any{
			"os": "GNU/Linux", "miner_name": "miner", "uptime": clockText(s.now().Sub(r.m.State(s.now()).Booted)),
			"network_status": map[string]any{"mac": strings.ToUpper(r.m.Spec.MAC), "dhcp": true, "hostname": "Antminer"},
		},
	}
}

// clockText writes a time as the firmware does: hours and minutes, with days
// before them after the first.
func clockText(d time.Duration) string {
	m := int(d.Minutes())
	text := fmt.Sprintf("%d:%02d", m/60%24, m%60)
	switch days := m / 1440; days {
	case 0:
		return text
	case 1:
		return "1 day, " + text
	default:
		return strconv.Itoa(days) + " days, " + text
	}
}

// word is the firmware's word for what a machine does.
func word(a device.Activity) string {
	switch a {
	case device.Running, device.Throttled:
		return "mining"
	case device.Tuning:
		return "auto-tuning"
	case device.Waking:
		return "initializing"
	case device.Asleep:
		return "stopped"
	case device.Stopped, device.Unreachable, device.Unknown:
	}
	return "failure"
}

func status(s *server, r request) any {
	x := r.m.State(s.now())
	return map[string]any{"miner_state": word(x.Activity), "miner_state_time": int64(s.now().Sub(x.Since).Seconds()), "find_miner": r.x.locate}
}

// summary is the page with everything that changes. instant_hashrate counts in
// TH/s beside the others in GH/s, as on the real machine.
func summary(s *server, r request) any {
	x := r.m.State(s.now())
	h := float64(x.Hash)
	state := map[string]any{"miner_state": word(x.Activity), "miner_state_time": int64(s.now().Sub(x.Since).Seconds())}
	if s.options.throttles() {
		state["throttled"] = min(r.x.throttle, x.Share)
	}
	miner := map[string]any{
		"miner_type": r.m.Spec.Model + " (Vnish " + s.options.Version + ")", "hr_realtime": h, "hr_average": h, "average_hashrate": h / 1000, "instant_hashrate": h / 1000,
		"hr_nominal": float64(nominal(r.m, r.x.current)), "hr_stock": float64(r.m.Spec.Nameplate.Hash), "devfee_percent": 2.812,
		"miner_status": state,
		"chains":       chains(x), "pools": pools(x), "cooling": cooling(x), "psu": map[string]any{"psu_power_metering": x.Reported.Known},
	}
	if x.Reported.Known {
		miner["power_consumption"], miner["power_usage"] = int64(x.Reported.Value), int64(x.Reported.Value)
	}
	return map[string]any{"miner": miner}
}

func nominal(m *machine.Machine, name string) unit.Hashrate {
	for _, p := range m.Spec.Presets {
		if p.Name == name {
			return p.Hash
		}
	}
	return m.Spec.Nameplate.Hash
}

func chains(x machine.State) any {
	out := []any{}
	for id := 1; id <= boardCount; id++ {
		c := math.Round(x.ChipC)
		out = append(out, map[string]any{
			"id": id, "frequency": 495.0, "voltage": 13000, "hashrate_rt": float64(x.Hash) / boardCount, "power_consumption": int64(x.Power) / boardCount,
			"chip_temp": map[string]any{"min": c - 10, "max": c}, "pcb_temp": map[string]any{"min": c - 25, "max": c - 15}, "status": map[string]any{"state": word(x.Activity)},
		})
	}
	return out
}

func pools(x machine.State) any {
	alive := "active"
	if x.Activity == device.Asleep {
		alive = "offline"
	}
	return []any{
		map[string]any{"id": 0, "url": "one.example:3333", "pool_type": "UserPool", "user": "site.worker", "status": alive, "accepted": 1599, "diff": "262K"},
		map[string]any{"id": 1, "url": "two.example:3333", "pool_type": "UserPool", "user": "site.worker", "status": "working", "accepted": 0, "diff": ""},
		map[string]any{"id": 2, "url": "DevFee", "pool_type": "DevFee", "user": "DevFee", "status": "active", "accepted": 224, "diff": "16.4K"},
	}
}

func cooling(x machine.State) any {
	rpm := 5880
	if x.Activity == device.Asleep {
		rpm = 0
	}
	fans := []any{}
	for id := range 4 {
		fans = append(fans, map[string]any{"id": id, "rpm": rpm, "status": "ok", "max_rpm": 6500})
	}
	return map[string]any{"fan_num": 4, "fan_duty": 90, "fans": fans, "settings": map[string]any{"mode": map[string]any{"name": "auto"}}}
}

func perf(s *server, r request) any {
	return map[string]any{
		"current_preset":  s.preset(r.m, r.x.current),
		"preset_switcher": map[string]any{"enabled": s.options.Switcher, "decrease_temp": 75, "rise_temp": 55, "check_time": 300},
	}
}

// preset describes one preset; its name is its watts.
func (s *server) preset(m *machine.Machine, name string) any {
	for _, p := range m.Spec.Presets {
		if p.Name == name {
			tuned := "tuned"
			if s.options.Untuned {
				tuned = "untuned"
			}
			return map[string]any{"name": p.Name, "pretty": fmt.Sprintf("%d watt ~ %d TH", p.Power, p.Hash/1000), "status": tuned, "modded_psu_required": false}
		}
	}
	return nil
}

func presets(s *server, r request) any {
	out := []any{map[string]any{"name": "disabled", "pretty": "Disabled", "status": "untuned", "modded_psu_required": false}}
	for _, p := range r.m.Spec.Presets {
		out = append(out, s.preset(r.m, p.Name))
	}
	return out
}

func settingsPage(s *server, r request) any {
	boards := []any{}
	for range boardCount {
		boards = append(boards, map[string]any{"freq": 555, "chips": make([]int, chipCount), "disabled": false})
	}
	return map[string]any{
		"miner": map[string]any{
			"misc":      map[string]any{"quick_start": false, "remain_stopped_on_reboot": s.options.Stays, "max_startup_delay_time": 0},
			"overclock": map[string]any{"modded_psu": false, "preset": r.x.saved, "globals": map[string]any{"volt": 1270, "freq": 555}, "chains": boards},
		},
		"network": map[string]any{"hostname": "Antminer", "dhcp": true}, "password": nil, "layout": nil,
	}
}
