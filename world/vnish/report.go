package vnish

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"strconv"

	"sluice/world/machine"
)

// handle answers one report of cgminer and closes.
func (s *server) handle(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil || m.State(s.now()).Dark {
		return
	}
	if q, ok := machine.ReadQuestion(conn); ok {
		m.Send(ctx, conn, append(s.report(m, q.Command), 0))
	}
}

// report answers what the real firmware answers on this port. It has no "version".
func (s *server) report(m *machine.Machine, command string) []byte {
	x := m.State(s.now())
	up := int64(s.now().Sub(x.Booted).Seconds())
	out := map[string]any{"id": 1}
	code, msg, letter := 0, "Invalid command", "E"
	switch command {
	case "stats":
		code, msg, letter = 70, "CGMiner stats", "S"
		row := map[string]any{
			"Elapsed": up, "GHS 5s": strconv.FormatFloat(float64(x.Hash), 'f', 2, 64), "total_rate": float64(x.Hash), "state": word(x.Activity),
			"temp_sens1": "m-m-m-m", "fan_num": 4, "fan1": 5850, "total_acn": boardCount * chipCount,
		}
		for i := 1; i <= boardCount; i++ {
			row[fmt.Sprintf("temp2_%d", i)] = math.Round(x.ChipC)
		}
		out["STATS"] = []any{map[string]any{"Type": m.Spec.Model + " (Vnish " + s.options.Version + ")", "Miner": "0.0.0", "Cgminer": s.options.Version}, row}
	case "summary":
		code, msg, letter = 11, "Summary", "S"
		out["SUMMARY"] = []any{map[string]any{"Elapsed": up, "GHS 5s": float64(x.Hash), "GHS av": float64(x.Hash), "Accepted": 1823}}
	case "pools":
		code, msg, letter = 7, "1 Pool(s)", "S"
		out["POOLS"] = []any{map[string]any{"POOL": 0, "URL": "one.example:3333", "User": "site.worker", "Status": "Alive", "Stratum Active": true}}
	case "devdetails":
		code, msg, letter = 69, "Device Details", "S"
		out["DEVDETAILS"] = []any{map[string]any{"DEVDETAILS": 0, "Name": "BTM", "ID": 0, "Driver": "bitmain_drv", "Model": ""}}
	}
	out["STATUS"] = []any{map[string]any{"STATUS": letter, "When": s.now().Unix(), "Code": code, "Msg": msg, "Description": "cgminer 4.11.1"}}
	b, _ := json.Marshal(out) //nolint:errchkjson // plain maps of plain values
	return b
}
