package luxos

import (
	"fmt"
	"math"
	"strconv"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// version is the firmware that is spoken.
const version = "2025.4.8.220305-57b389c7"

// boardCount and chipCount are how many boards a machine shows, and how many chips on each.
const (
	boardCount = 3
	chipCount  = 77
)

// reports are the commands that anyone may give.
func reports() map[string]func(*server, *machine.Machine) answer {
	return map[string]func(*server, *machine.Machine) answer{
		"version": versions, "config": config, "power": power, "profiles": profiles, "summary": summary,
		"stats": stats, "devs": devs, "temps": temps, "fans": fans, "events": events, "pools": pools,
	}
}

func versions(_ *server, m *machine.Machine) answer {
	return answer{"S", 22, "LUXminer versions", "VERSION", []any{map[string]any{
		"API": "3.7", "LUXminer": version, "Miner": "2025.4.8.220305", "Type": m.Spec.Model, "CompileTime": "Tue Apr  8 22:05:35 UTC 2025",
	}}}
}

// config states the intent. "Sleep" is what third parties show of a sleeping
// machine; no recording does.
func config(s *server, m *machine.Machine) answer {
	x := m.State(s.now())
	curtail, status := "None", "Normal"
	if x.Intent == device.Asleep {
		curtail = "Sleep"
	}
	if x.Activity == device.Waking {
		status = "Initializing"
	}
	return answer{"S", 33, "LUXminer config", "CONFIG", []any{map[string]any{
		"ASC Count": boardCount, "PGA Count": 0, "Pool Count": 2, "Strategy": "Failover", "OS": "LuxOS", "Hostname": "miner",
		"Model": m.Spec.Model, "MACAddr": m.Spec.MAC, "SerialNumber": m.Spec.Serial, "ControlBoardType": "cvitek",
		"CurtailMode": curtail, "SystemStatus": status, "IsTuning": x.Activity == device.Tuning,
		"IsPowerSupplyOn": x.Activity != device.Asleep, "IsAtmEnabled": s.options.ATM,
		"Profile": x.Mode, "ProfileStep": strconv.Itoa(step(m, x.Mode)), "NameplateTHS": tera(m.Spec.Nameplate.Hash),
		"DNS Servers": "", "Device Code": "", "Hotplug": "None", "Log Interval": 0,
	}}}
}

// step counts profiles from the nameplate, as text on the wire.
func step(m *machine.Machine, name string) int {
	at, zero := 0, 0
	for i, p := range m.Spec.Presets {
		if p.Name == name {
			at = i
		}
		if p.Name == m.Spec.Nameplate.Name {
			zero = i
		}
	}
	return at - zero
}

func tera(h unit.Hashrate) float64 { return float64(h) / 1000 }

// power is refused when the machine states none.
func power(s *server, m *machine.Machine) answer {
	w := m.State(s.now()).Reported
	if !w.Known {
		return refuse(312, "Power usage is not available")
	}
	return answer{"S", 311, "Power usage", "POWER", []any{map[string]any{"PSU": false, "Watts": int64(w.Value)}}}
}

func profiles(_ *server, m *machine.Machine) answer {
	rows := []any{}
	for i, p := range m.Spec.Presets {
		rows = append(rows, map[string]any{
			"Profile Name": p.Name, "Step": strconv.Itoa(step(m, p.Name)), "Watts": int64(p.Power), "Hashrate": tera(p.Hash),
			"Frequency": 190 + 25*i, "Voltage": 11.88, "IsTuned": p.Name == m.Spec.Nameplate.Name, "IsDynamic": true, "CanRestore": true, "HasOverrides": false,
		})
	}
	return answer{"S", 323, "List profiles", "PROFILES", rows}
}

func summary(s *server, m *machine.Machine) answer {
	now := s.now()
	x := m.State(now)
	h := float64(x.Hash)
	up := int64(now.Sub(x.Booted).Seconds())
	return answer{"S", 11, "Summary", "SUMMARY", []any{map[string]any{
		"Elapsed": up, "GHS 5s": h, "GHS 1m": h * 0.998, "GHS 5m": h * 0.997, "GHS 15m": h * 0.996, "GHS 30m": h * 0.995, "GHS av": h * 0.95,
		"Accepted": up / 2, "Rejected": 1, "Best Share": 32768, "Hardware Errors": 0, "Pool Rejected%": 0.0773, "Device Rejected%": 0.0, "Utility": 26.03,
	}}}
}

// stats keeps the traps of the real firmware, which imitates the maker's: "total
// rate" is a mean of boards, "total_acn" counts none, and a fourth board that
// does not exist is all zeros.
func stats(s *server, m *machine.Machine) answer {
	x := m.State(s.now())
	board := float64(x.Hash) / boardCount
	row := map[string]any{
		"STATS": 0, "ID": "BTM_SOC0", "Elapsed": int64(s.now().Sub(x.Booted).Seconds()), "GHS 5s": float64(x.Hash), "GHS av": float64(x.Hash) * 0.95, "rate_30m": float64(x.Hash) * 0.995,
		"rate_unit": "GH", "fan_num": 4, "miner_count": boardCount, "Mode": 2, "Min": 99999999, "temp_num": boardCount, "temp_max": math.Round(x.ChipC), "frequency": 300,
		"total rate": math.Round(board*100) / 100, "total_rateideal": float64(nominal(m, x.Mode)), "total_acn": 4, "chain_rate4": "0", "chain_acn4": 0, "freq4": 0.0,
	}
	for i := 1; i <= boardCount; i++ {
		row[fmt.Sprintf("chain_rate%d", i)] = strconv.FormatFloat(board, 'f', 2, 64)
		row[fmt.Sprintf("chain_acn%d", i)] = chipCount
		row[fmt.Sprintf("freq%d", i)] = 300.0
	}
	for i := 1; i <= boardCount+1; i++ {
		row[fmt.Sprintf("temp_pcb%d", i)] = corners(i, x.ChipC)
		row[fmt.Sprintf("temp_chip%d", i)] = corners(i, x.ChipC)
		row[fmt.Sprintf("fan%d", i)] = rpm(x)
	}
	return answer{"S", 70, "LUXminer stats", "STATS", []any{map[string]any{"Type": m.Spec.Model, "Miner": "2025.4.8.220305"}, row}}
}

// corners are the temperatures of a board's four corners as the text of the
// maker's firmware.
func corners(board int, chip float64) string {
	if board > boardCount {
		return "0-0-0-0"
	}
	out, in := int(math.Round(chip)), int(math.Round(chip))-13
	return fmt.Sprintf("%d-%d-%d-%d", out, in, in, out)
}

// devs lists the boards out of order.
func devs(s *server, m *machine.Machine) answer {
	x := m.State(s.now())
	rows := []any{}
	for _, id := range []int{2, 0, 1} {
		rows = append(rows, map[string]any{
			"ASC": id, "ID": id, "Name": "", "Status": "Alive", "Enabled": "Y", "Profile": x.Mode, "Temperature": math.Round(x.ChipC),
			"MHS 5s": float64(x.Hash) * 1000 / boardCount, "MHS av": float64(x.Hash) * 950 / boardCount,
			"Nominal MHS": float64(nominal(m, x.Mode)) * 1000 / boardCount, "IsRamping": x.Activity == device.Waking, "IsUserShutdown": false,
			"Utility": 0, "ControllerIPVersionStr": "N/A",
		})
	}
	return answer{"S", 9, "3 ASC(s)", "DEVS", rows}
}

// nominal is what a profile should reach.
func nominal(m *machine.Machine, name string) unit.Hashrate {
	for _, p := range m.Spec.Presets {
		if p.Name == name {
			return p.Hash
		}
	}
	return m.Spec.Nameplate.Hash
}

func temps(s *server, m *machine.Machine) answer {
	c := math.Round(m.State(s.now()).ChipC)
	rows := []any{}
	for id := range boardCount {
		rows = append(rows, map[string]any{"ID": id, "TEMP": id, "TopLeft": c, "BottomLeft": c, "TopRight": c - 13, "BottomRight": c - 13})
	}
	return answer{"S", 201, "3 Temp(s)", "TEMPS", rows}
}

// rpm is how fast the fans turn.
func rpm(x machine.State) int {
	if x.Activity == device.Asleep {
		return 1500
	}
	return 5400
}

func fans(s *server, m *machine.Machine) answer {
	turns := rpm(m.State(s.now()))
	rows := []any{}
	for id, name := range []string{"FAN4", "FAN2", "FAN1", "FAN3"} {
		rows = append(rows, map[string]any{"ID": id, "FAN": name, "RPM": turns, "Speed": 20 + turns/60})
	}
	return answer{"S", 202, "4 Fan(s)", "FANS", rows}
}

func events(s *server, m *machine.Machine) answer {
	rows := []any{}
	switch m.State(s.now()).Activity {
	case device.Asleep:
		rows = append(rows, map[string]any{"Code": "SLEEP", "Target": "MINER", "Description": "Miner sleeps."})
	case device.Stopped:
		rows = append(rows, map[string]any{"Code": "REBOOT_NOT_HASHING", "Target": "BOARD", "ID": 0, "Description": "Board does not hash."})
	case device.Throttled: // what the real firmware says of heat is not recorded
		rows = append(rows, map[string]any{"Code": "OVERHEAT", "Target": "MINER", "Description": "Chips are too hot."})
	case device.Running, device.Tuning, device.Waking, device.Unreachable, device.Unknown:
	}
	return answer{"S", 357, "Miner Events", "EVENTS", rows}
}

func pools(s *server, m *machine.Machine) answer {
	on := m.State(s.now()).Activity != device.Asleep
	rows := []any{}
	for i, url := range []string{"stratum+tcp://one.example:3333", "stratum+tcp://two.example:3333"} {
		rows = append(rows, map[string]any{
			"POOL": i, "GROUP": 0, "URL": url, "User": "site.worker", "Status": "Alive", "Stratum Active": on && i == 0,
			"Quota": 1.0, "Priority": i, "Long Pool": "N", "Last Share Time": "00:00:01", "Accepted": 724,
		})
	}
	return answer{"S", 7, "2 Pool(s)", "POOLS", rows}
}
