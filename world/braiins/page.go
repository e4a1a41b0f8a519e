package braiins

import (
	"math"
	"strconv"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// firmware is the version that is spoken.
const firmware = "2025-08-06-0-3881c51d-25.07-plus"

// boardCount and chipCount are how many boards a machine shows, and how many chips on each.
const (
	boardCount = 3
	chipCount  = 110
)

// pages are what can be read with a token.
func pages() map[string]func(*server, request) any {
	return map[string]func(*server, request) any{
		"/miner/details": details, "/miner/stats": stats, "/miner/hw/hashboards": hashboards, "/miner/errors": faults,
		"/cooling/state": cooling, "/network": network, "/pools": pools, "/performance/tuner-state": tuner, "/performance/target-profiles": profiles,
		"/configuration/constraints": constraints, "/configuration/miner": configuration,
		"/actions/locate": func(_ *server, r request) any { return r.x.locate },
	}
}

func watt(p unit.Power) any { return map[string]any{"watt": int64(p)} }

func giga(h float64) any { return map[string]any{"gigahash_per_second": h} }

func degree(c float64) any { return map[string]any{"degree_c": math.Round(c*10) / 10} }

// status is the firmware's number for what a machine does.
func status(a device.Activity) int {
	switch a {
	case device.Running, device.Tuning, device.Waking:
		return 2
	case device.Asleep:
		return 3
	case device.Stopped:
		return 4
	case device.Throttled:
		return 5
	case device.Unreachable, device.Unknown:
	}
	return 1
}

func details(s *server, r request) any {
	x := r.m.State(s.now())
	up := int64(s.now().Sub(x.Booted).Seconds())
	var serial any
	if r.m.Spec.Serial != "" {
		serial = r.m.Spec.Serial
	}
	return map[string]any{
		"status": status(x.Activity), "mac_address": r.m.Spec.MAC, "serial_number": serial, "hostname": "Antminer", "uid": "uUTHH0m8",
		"bos_version":    map[string]any{"current": firmware, "bos_plus": true},
		"miner_identity": map[string]any{"name": r.m.Spec.Model, "miner_model": r.m.Spec.Model, "brand": 1, "model": 18},
		"system_uptime":  up, "system_uptime_s": up, "bosminer_uptime_s": up, "sticker_hashrate": giga(float64(r.m.Spec.Nameplate.Hash)),
	}
}

func network(_ *server, r request) any {
	return map[string]any{
		"name": "eth0", "mac_address": r.m.Spec.MAC, "hostname": "Antminer", "protocol": 1,
		"default_gateway": "127.0.0.1", "dns_servers": []string{"127.0.0.1"}, "networks": []any{map[string]any{"address": "127.0.0.1", "netmask": "255.0.0.0"}},
	}
}

// stats leaves the power out when the machine states none.
func stats(s *server, r request) any {
	x := r.m.State(s.now())
	h := float64(x.Hash)
	power := map[string]any{"efficiency": map[string]any{"joule_per_terahash": 21.8}}
	if x.Reported.Known {
		power["approximated_consumption"] = watt(x.Reported.Value)
	}
	return map[string]any{
		"miner_stats": map[string]any{
			"real_hashrate":    map[string]any{"last_5s": giga(h), "last_1m": giga(h * 0.999), "last_24h": giga(h * 0.8), "since_restart": giga(h * 0.97)},
			"nominal_hashrate": giga(float64(nominal(r.m, x.Mode))), "error_hashrate": map[string]any{"megahash_per_second": 0.0}, "best_share": 776342690,
		},
		"pool_stats":  map[string]any{"accepted_shares": 10464, "rejected_shares": 18, "stale_shares": 0},
		"power_stats": power,
	}
}

func nominal(m *machine.Machine, name string) unit.Hashrate {
	for _, p := range m.Spec.Presets {
		if p.Name == name {
			return p.Hash
		}
	}
	return m.Spec.Nameplate.Hash
}

func hashboards(s *server, r request) any {
	x := r.m.State(s.now())
	out := []any{}
	for id := 1; id <= boardCount; id++ {
		out = append(out, map[string]any{
			"id": strconv.Itoa(id), "enabled": true, "chips_count": chipCount, "board_temp": degree(x.ChipC - 15), "lowest_inlet_temp": degree(x.ChipC - 30),
			"highest_chip_temp": map[string]any{"id": id, "location": 1, "temperature": degree(x.ChipC)},
			"stats":             map[string]any{"real_hashrate": map[string]any{"last_5s": giga(float64(x.Hash) / boardCount)}},
		})
	}
	return map[string]any{"hashboards": out}
}

// faults are dated before the clock was set.
func faults(s *server, r request) any {
	out := []any{}
	if r.m.State(s.now()).Activity == device.Stopped {
		out = append(out, map[string]any{"message": "Hashboard does not start", "timestamp": "2015-01-01T00:00:37.638808Z", "error_codes": []any{}, "components": []any{}})
	}
	return map[string]any{"errors": out}
}

func cooling(s *server, r request) any {
	x := r.m.State(s.now())
	rpm := 5904
	if x.Activity == device.Asleep {
		rpm = 0
	}
	fans := []any{}
	for at := range 4 {
		fans = append(fans, map[string]any{"position": at, "rpm": rpm, "target_speed_ratio": 1.0})
	}
	return map[string]any{"fans": fans, "highest_temperature": map[string]any{"id": nil, "location": 1, "temperature": degree(x.ChipC)}}
}

func pools(s *server, r request) any {
	on := r.m.State(s.now()).Activity != device.Asleep
	pool := func(url string, active bool) any {
		return map[string]any{"uid": "bCY9U0", "url": url, "user": "site.worker", "enabled": true, "alive": true, "active": active, "stats": map[string]any{"accepted_shares": 10460}}
	}
	return []any{map[string]any{
		"name": "group", "strategy": map[string]any{"quota": map[string]any{"value": 1}},
		"pools": []any{pool("stratum+tcp://one.example:3333", on), pool("stratum+tcp://two.example:3333", false)},
	}}
}

// tuner tells the target, and whether the machine is on its way to it.
func tuner(s *server, r request) any {
	overall := 2
	switch r.m.State(s.now()).Activity {
	case device.Tuning:
		overall = 3
	case device.Waking:
		overall = 6
	case device.Stopped:
		overall = 4
	case device.Running, device.Throttled, device.Asleep, device.Unreachable, device.Unknown:
	}
	return map[string]any{
		"overall_tuner_state": overall,
		"mode_state":          map[string]any{"powertargetmodestate": map[string]any{"current_target": watt(r.x.target), "profile": map[string]any{"target": watt(r.x.target)}}},
	}
}

// profiles lists the tuned targets.
func profiles(s *server, r request) any {
	out := []any{}
	for i, p := range r.m.Spec.Presets {
		if i >= s.options.Late {
			out = append(out, map[string]any{
				"target": watt(p.Power), "estimated_power_consumption": watt(p.Power), "measured_hashrate": giga(float64(p.Hash)),
				"created": map[string]any{"seconds": 1776086368, "nanos": 337087672},
			})
		}
	}
	return map[string]any{"power_target_profiles": out, "hashrate_target_profiles": []any{}}
}

func constraints(_ *server, r request) any {
	all := r.m.Spec.Presets
	return map[string]any{
		"tuner_constraints":      map[string]any{"power_target": map[string]any{"min": watt(all[0].Power), "default": watt(r.m.Spec.Nameplate.Power), "max": watt(all[len(all)-1].Power)}},
		"hashboards_constraints": map[string]any{"quick_ramping_time_s": map[string]any{"min": 1, "default": 60, "max": 600}},
		"cooling_constraints":    nil,
		"dps_constraints":        nil,
	}
}

func configuration(s *server, r request) any {
	return map[string]any{
		"pool_groups": []any{}, "dps": map[string]any{"enabled": s.options.DPS},
		"tuner": map[string]any{"enabled": true, "tuner_mode": 1, "power_target": watt(r.x.target), "hashrate_target": nil},
	}
}
