package braiins

import (
	"context"
	"encoding/json"
	"net"
	"strings"

	"sluice/device"
	"sluice/world/machine"
)

// old is the name under which the firmware answers on the port of cgminer.
const old = "BOSer boser-buildroot 0.1.0-3881c51d"

// report answers one question of cgminer and closes. Boards count from 1 there,
// and so do their names.
func (s *server) report(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil || m.State(s.now()).Dark {
		return
	}
	q, ok := machine.ReadQuestion(conn)
	if !ok {
		return
	}
	m.Send(ctx, conn, append(s.several(m, q.Command), 0))
}

// several answers questions asked together, each under its own name.
func (s *server) several(m *machine.Machine, command string) []byte {
	var out any = s.rows(m, command)
	if strings.Contains(command, "+") {
		all := map[string]any{"id": 1}
		for c := range strings.SplitSeq(command, "+") {
			all[c] = []any{s.rows(m, c)}
		}
		out = all
	}
	b, _ := json.Marshal(out) //nolint:errchkjson // plain maps of plain values
	return b
}

// rows answers one question. Pausing is the only order that is taken here.
func (s *server) rows(m *machine.Machine, command string) map[string]any {
	x := m.State(s.now())
	switch command {
	case "version":
		return s.good(22, "BOSer versions", "VERSION", map[string]any{"API": "3.7", "BOSer": strings.TrimPrefix(old, "BOSer ")})
	case "summary":
		return s.good(11, "Summary", "SUMMARY", s.rates(x, 1))
	case "devs":
		return s.good(9, "3 ASC(s)", "DEVS", s.boards(m, x)...)
	case "devdetails":
		return s.good(69, "Device Details", "DEVDETAILS", models(m)...)
	case "pools":
		return s.good(7, "2 Pool(s)", "POOLS", streams(x)...)
	case "tunerstatus":
		row := map[string]any{"DynamicPowerScaling": "Disabled", "PowerLimit": int64(x.Target), "TunerChainStatus": []any{}}
		if x.Reported.Known {
			row["ApproximateMinerPowerConsumption"] = int64(x.Reported.Value)
		}
		return s.good(202, "Tuner Status", "TUNERSTATUS", row)
	case "pause":
		m.Sleep(s.now())
		return s.good(208, "Pause", "PAUSE", true)
	case "resume":
		m.Wake(s.now(), false)
		return s.good(209, "Resume", "RESUME", true)
	}
	return s.status("E", 14, "Invalid command")
}

func (s *server) good(code int, msg, section string, rows ...any) map[string]any {
	out := s.status("S", code, msg)
	out[section] = rows
	return out
}

func (s *server) status(letter string, code int, msg string) map[string]any {
	return map[string]any{"id": 1, "STATUS": []any{map[string]any{"STATUS": letter, "When": s.now().Unix(), "Code": code, "Msg": msg, "Description": old}}}
}

// rates are the hash rates of a share of the machine, in MH/s.
func (s *server) rates(x machine.State, of float64) map[string]any {
	mega := float64(x.Hash) * 1000 / of
	return map[string]any{
		"Elapsed": int64(s.now().Sub(x.Booted).Seconds()), "MHS 5s": mega, "MHS 1m": mega * 0.999, "MHS 5m": mega * 0.998, "MHS 15m": mega * 0.997, "MHS 24h": mega * 0.8, "MHS av": mega * 0.97,
		"Accepted": 10464, "Rejected": 18, "Stale": 0, "Hardware Errors": 0, "Found Blocks": 0, "Best Share": 776342690,
	}
}

func (s *server) boards(m *machine.Machine, x machine.State) []any {
	var out []any
	for id := 1; id <= boardCount; id++ {
		row := s.rates(x, boardCount)
		row["ASC"], row["ID"], row["Name"], row["Enabled"], row["Status"], row["Temperature"] = id-1, id, "", "Y", "Alive", 0.0
		row["Nominal MHS"] = float64(nominal(m, x.Mode)) * 1000 / boardCount
		out = append(out, row)
	}
	return out
}

func models(m *machine.Machine) []any {
	var out []any
	for id := 1; id <= boardCount; id++ {
		out = append(out, map[string]any{
			"DEVDETAILS": id - 1, "ID": id, "Model": m.Spec.Model, "Name": "HashchainManager " + string(rune('0'+id)), "Driver": "", "Kernel": "", "Device Path": "",
			"Chips": chipCount, "Cores": 0, "Frequency": 573, "Voltage": 14.8,
		})
	}
	return out
}

func streams(x machine.State) []any {
	var out []any
	for i, url := range []string{"stratum+tcp://one.example:3333", "stratum+tcp://two.example:3333"} {
		out = append(out, map[string]any{
			"POOL": i, "URL": url, "User": "site.worker", "Status": "Alive", "Priority": i, "Accepted": 10460, "Rejected": 18,
			"Stratum Active": i == 0 && x.Activity != device.Asleep,
		})
	}
	return out
}
