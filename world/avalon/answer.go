package avalon

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

func (s *server) answer(m *machine.Machine, q machine.Question) map[string]any {
	st := m.State(s.now())
	switch q.Command {
	case "version":
		return map[string]any{"STATUS": s.status("S", 22, "CGMiner versions"), "VERSION": []any{s.version(m)}, "id": 1}
	case "summary":
		return map[string]any{"STATUS": s.status("S", 11, "Summary"), "SUMMARY": []any{s.summary(m, st)}, "id": 1}
	case "devs":
		return map[string]any{"STATUS": s.status("S", 9, "1 ASC(s)"), "DEVS": []any{s.device(m, st)}, "id": 1}
	case "stats", "estats", "litestats":
		return map[string]any{"STATUS": s.status("S", 70, "CGMiner stats"), "STATS": []any{s.stats(m, st, q.Command)}, "id": 1}
	case "pools":
		return map[string]any{"STATUS": s.status("S", 7, "1 Pool(s)"), "POOLS": []any{map[string]any{
			"POOL": 0, "URL": "stratum+tcp://one.example:3333", "User": "site.7", "Status": "Alive", "Stratum Active": true, "Last Share Time": s.clock().Unix(),
		}}, "id": 1}
	case "ascset":
		return s.set(m, q.Parameter)
	}
	return map[string]any{"STATUS": s.status("E", 14, "Invalid command"), "id": 1}
}

func (s *server) version(m *machine.Machine) map[string]any {
	prod := "Avalon " + m.Spec.Model
	if s.options.Plain {
		prod = "AvalonMiner " + m.Spec.Model
	}
	return map[string]any{
		"CGMiner": "4.11.1", "API": "3.7", "PROD": prod, "MODEL": m.Spec.Model, "HWTYPE": "MM4v1_X3", "SWTYPE": "MM319",
		"LVERSION": "24041001_08b0955", "DNA": m.Spec.Serial, "MAC": strings.ReplaceAll(strings.ToLower(m.Spec.MAC), ":", ""),
	}
}

// summary keeps its rates up after a machine went to sleep, as the real one does.
func (s *server) summary(m *machine.Machine, st machine.State) map[string]any {
	mega := float64(m.Spec.Nameplate.Hash) * 1000
	minute := float64(st.Hash) * 1000
	if st.Activity == device.Asleep {
		minute = mega / 100
	}
	return map[string]any{"Elapsed": s.elapsed(st), "MHS av": mega * 0.98, "MHS 5s": minute, "MHS 1m": minute, "MHS 5m": mega * 0.99, "Accepted": s.elapsed(st) / 9, "Rejected": 3}
}

// device is the only device of a machine, with the rates of the summary.
func (s *server) device(m *machine.Machine, st machine.State) map[string]any {
	out := s.summary(m, st)
	out["ASC"], out["ID"], out["Name"], out["Enabled"], out["Status"] = 0, 0, "AVA10", "Y", "Alive"
	return out
}

func (s *server) elapsed(st machine.State) int64 {
	return max(1, int64(s.now().Sub(st.Booted).Seconds()))
}

func (s *server) stats(m *machine.Machine, st machine.State, command string) map[string]any {
	key, text := "MM ID0:Summary", "'STATS':{"+s.blob(m, st)+"}"
	if s.options.Plain {
		key, text = "MM ID0", s.blob(m, st)
	}
	if s.options.Empty == command {
		text = ""
	}
	return map[string]any{"STATS": 0, "ID": "AVALON0", "Elapsed": s.elapsed(st), key: text}
}

// work is what the machine says it does and the number of its order.
func (s *server) work(m *machine.Machine, st machine.State) (string, int) {
	off := 0
	if st.Intent == device.Asleep {
		off = 4
		if s.options.Plain {
			off = 5
		}
	}
	switch {
	case st.Activity == device.Asleep:
		return "In Idle", off
	case st.Activity == device.Waking && s.now().Sub(st.Since) < m.Spec.Times.FirstHash:
		return "In Idle", 6
	}
	return "In Work", off
}

// blob is the text of values.
func (s *server) blob(m *machine.Machine, st machine.State) string {
	work, off := s.work(m, st)
	fan, chip := 4300, st.ChipC
	if st.Activity == device.Asleep {
		fan, chip = 0, 0
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Ver[%s-24041001_08b0955] DNA[%s] NETFAIL[0 0 0 0] SSID[] SYSTEMSTATU[Work: %s, Hash Board: 3 ] Elapsed[%d] BOOTBY[0x01.00000000] ", m.Spec.Model, m.Spec.Serial, work, s.elapsed(st))
	fmt.Fprintf(&b, "DH[1.402%%] ITemp[%.0f] TMax[%.0f] TAvg[%.0f] Fan1[%d] Fan2[%d] FanR[55%%] ", st.AirC, chip, chip*0.95, fan, fan)
	if p := st.Reported; p.Known {
		b.WriteString(supply(m, st, int64(p.Value)))
	}
	fmt.Fprintf(&b, "GHSspd[%.2f] GHSmm[%.2f] GHSavg[%.2f] ", float64(st.Hash), float64(ideal(m, st)), float64(ideal(m, st))*0.98)
	fmt.Fprintf(&b, "PING[17] SoftOFF[%d] ", off)
	if !s.options.Plain {
		state := 1
		if st.Activity == device.Asleep {
			state = 2
		}
		fmt.Fprintf(&b, "STATE[%d] WORKMODE[%s] WORKLEVEL[0] ", state, st.Mode)
	}
	fmt.Fprintf(&b, "MPO[%d] Nonce Mask[25]", st.Target)
	return b.String()
}

// supply is the list of the power supply: output and wall, or the wall alone
// when nothing is put out.
func supply(m *machine.Machine, st machine.State, wall int64) string {
	if st.Activity == device.Asleep && float64(st.Power) <= 1.5*float64(m.Spec.Standby) {
		return fmt.Sprintf("PS[0 1198 0 0 0 1393 %d] ", wall)
	}
	output := wall * 94 / 100
	return fmt.Sprintf("PS[0 1199 1391 %d %d 1393 %d] WALLPOWER[%d] ", output*100/1391, output, wall, wall)
}

func ideal(m *machine.Machine, st machine.State) unit.Hashrate {
	for _, p := range m.Spec.Presets {
		if p.Name == st.Mode {
			return p.Hash
		}
	}
	return m.Spec.Nameplate.Hash
}

// set carries out an order.
func (s *server) set(m *machine.Machine, parameter string) map[string]any {
	yes := map[string]any{"STATUS": s.status("S", 119, "ASC 0 set OK"), "id": 1}
	told := map[string]any{"STATUS": s.status("I", 118, "ASC 0 set info: success "+parameter), "id": 1}
	p := strings.Split(parameter, ",")
	if len(p) < 2 || p[0] != "0" {
		return s.no("missing device")
	}
	switch {
	case p[1] == "help":
		list := "help|led|reboot|softoff|softon|workmode|worklevel"
		if s.options.Plain {
			list = "help|led|reboot|softoff"
		}
		return map[string]any{"STATUS": s.status("I", 118, "ASC 0 set help: "+list), "id": 1}
	case p[1] == "led" && len(p) == 3:
		return yes
	case p[1] == "reboot" && len(p) == 3:
		m.Reboot(s.now(), false)
		return nil
	case p[1] == "softoff" && s.options.Plain && len(p) == 2:
		m.Sleep(s.now())
		return yes
	case (p[1] == "softoff" || p[1] == "softon") && !s.options.Plain && len(p) == 3:
		return s.later(m, p, told)
	case p[1] == "workmode" && len(p) == 4 && p[2] == "set" && !s.options.Plain:
		if m.State(s.now()).Intent == device.Asleep || !m.SetMode(s.now(), p[3]) {
			return s.no("workmode " + p[3])
		}
		return told
	}
	return s.no("unknown option " + p[1])
}

func (s *server) no(why string) map[string]any {
	return map[string]any{"STATUS": s.status("E", 120, "ASC 0 set failed: "+why), "id": 1}
}

// later schedules sleep or running for a time of the machine's clock. A wake
// closes the connection without an answer.
func (s *server) later(m *machine.Machine, p []string, told map[string]any) map[string]any {
	kind, at, ok := strings.Cut(p[2], ":")
	stamp, err := strconv.ParseInt(at, 10, 64)
	if !ok || kind != "1" || err != nil || stamp < 0 || stamp > math.MaxInt32*4 {
		return s.no("time " + p[2])
	}
	m.Later(s.now(), time.Unix(stamp, 0).Add(-s.options.Skew), p[1] == "softoff")
	if p[1] == "softon" {
		return nil
	}
	return told
}
