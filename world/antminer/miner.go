package antminer

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"

	"sluice/device"
	"sluice/world/machine"
)

// miner answers one question on the cgminer interface and hangs up.
func (s *server) miner(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil {
		return
	}
	st := m.State(s.now())
	if st.Dark || s.options.Asleep == Mute && st.Activity == device.Asleep {
		return
	}
	q, ok := machine.ReadQuestion(conn)
	if !ok {
		return
	}
	b, err := json.Marshal(s.answer(m, st, q))
	if err != nil {
		return
	}
	m.Send(ctx, conn, append(b, 0))
}

func (s *server) status(letter string, code int, msg string) []any {
	return []any{map[string]any{"STATUS": letter, "When": s.now().Unix(), "Code": code, "Msg": msg, "Description": "cgminer 1.0.0"}}
}

func (s *server) answer(m *machine.Machine, st machine.State, q machine.Question) map[string]any {
	switch q.Command {
	case "version":
		return map[string]any{"STATUS": s.status("S", 22, "CGMiner versions"), "VERSION": []any{identification(m)}, "id": 1}
	case "summary":
		return map[string]any{"STATUS": s.status("S", 11, "Summary"), "SUMMARY": []any{s.summary(m, st)}, "id": 1}
	case "stats":
		return map[string]any{"STATUS": s.status("S", 70, "CGMiner stats"), "STATS": s.stats(m, st, q.NewAPI && !s.options.Old), "id": 1}
	case "pools":
		return map[string]any{"STATUS": s.status("S", 7, "Pool(s)"), "POOLS": s.pools(m), "id": 1}
	}
	return map[string]any{"STATUS": s.status("E", 14, "Invalid command"), "id": 1}
}

func identification(m *machine.Machine) map[string]any {
	return map[string]any{"BMMiner": "1.0.0", "API": "3.1", "Miner": "uart_trans.1.3", "CompileTime": compiled, "Type": modelOf(m)}
}

func (s *server) summary(m *machine.Machine, st machine.State) map[string]any {
	out := map[string]any{"Elapsed": s.elapsed(st), "GHS 5s": 0, "GHS av": 0.0, "GHS 30m": 0.0, "Accepted": 0, "Rejected": 0, "Pool Stale%%": 0.0}
	if st.Activity == device.Asleep {
		return out
	}
	out["GHS 5s"] = strconv.FormatInt(int64(st.Hash), 10) + ".00" // a text on many builds
	out["GHS av"], out["GHS 30m"], out["Accepted"] = s.mean(m, st), s.mean(m, st), s.elapsed(st)/12
	return out
}

// stats lists what the build says: the new answer in one object, the old one
// after the identification, and asleep only what its shape leaves.
func (s *server) stats(m *machine.Machine, st machine.State, fresh bool) []any {
	if st.Activity == device.Asleep && s.options.Asleep == Bare {
		return []any{identification(m)}
	}
	if fresh {
		return []any{s.newStats(m, st)}
	}
	old := map[string]any{
		"STATS": 0, "ID": "BTM_SOC0", "Elapsed": s.elapsed(st), "GHS 5s": float64(st.Hash), "GHS av": s.mean(m, st), "rate_30m": s.mean(m, st),
		"rate_unit": "GH", "Mode": 2, "miner_count": boards, "fan_num": 4, "total_rateideal": float64(ideal(m, st)), "chain_rate4": "", "chain_acn4": 0, "temp_chip4": "0-0-0-0",
	}
	if st.Activity == device.Asleep {
		old["Mode"] = 1
	}
	for i := 1; i <= boards; i++ {
		n, c := strconv.Itoa(i), int(st.ChipC)
		old["chain_acn"+n] = chips
		old["chain_rate"+n] = strconv.FormatInt(int64(st.Hash)/boards, 10) + ".10"
		old["temp_chip"+n] = fmt.Sprintf("%d-%d-%d-%d", c-1, c, c+1, c)
		old["temp_pcb"+n] = fmt.Sprintf("%d-%d-%d-%d", c-15, c-14, c-13, c-12)
	}
	for i := 1; i <= 4; i++ {
		old["fan"+strconv.Itoa(i)] = 4200
		if st.Activity == device.Asleep {
			old["fan"+strconv.Itoa(i)] = 0
		}
	}
	return []any{identification(m), old}
}

// pools lists the pools of the settings, the first alive.
func (s *server) pools(m *machine.Machine) []any {
	var kept []struct{ URL, User string }
	if json.Unmarshal(s.keptOf(m)["pools"], &kept) != nil {
		return nil
	}
	var out []any
	for i, p := range kept {
		if p.URL == "" {
			continue
		}
		status := "Dead"
		if i == 0 {
			status = "Alive"
		}
		out = append(out, map[string]any{"POOL": i, "URL": p.URL, "User": p.User, "Status": status, "Priority": i, "Stratum Active": i == 0, "Last Share Time": "0:00:03"})
	}
	return out
}
