package whatsminer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"sluice/world/machine"
)

// askedV3 is a request of v3.
type askedV3 struct {
	Command string `json:"cmd"`
	Param   any    `json:"param"`
	Token   string `json:"token"`
	Account string `json:"account"`
	At      int64  `json:"ts"`
}

// answerV3 is the answer to a request; nil is silence.
func (s *Server) answerV3(m *machine.Machine, request []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var q askedV3
	if json.Unmarshal(request, &q) != nil {
		return s.say(-1, "invalid json", "")
	}
	param, _ := q.Param.(string)
	switch q.Command {
	case "get.device.info":
		return s.say(0, s.infoV3(m, param), q.Command)
	case "get.miner.status":
		return s.say(0, s.statusV3(m, param), q.Command)
	case "get.miner.setting":
		return s.say(0, s.settingV3(m), q.Command)
	}
	o := orderV3(q)
	switch {
	case o.verb == "":
		return s.say(-2, "unknown command", q.Command)
	case s.session(m).locked || !s.signedV3(m, q):
		return s.say(-4, "no permission", q.Command)
	}
	switch s.order(m, o) {
	case done:
		return s.say(0, "ok", q.Command)
	case mute:
		return nil
	case bad, unknown:
	}
	return s.say(-1, "command failed", q.Command)
}

// signedV3 checks who signed an order and when.
func (s *Server) signedV3(m *machine.Machine, q askedV3) bool {
	switch q.Account {
	case "super", "user1", "user2", "user3":
	default:
		return false
	}
	digest := sha256.Sum256([]byte(q.Command + s.rules.Super + saltOf(m) + strconv.FormatInt(q.At, 10)))
	off := s.now().Add(s.rules.Clock).Unix() - q.At
	slack := int64(s.rules.Slack.Seconds())
	return base64.StdEncoding.EncodeToString(digest[:])[:8] == q.Token && off <= slack && -off <= slack
}

// orderV3 puts an order of v3 into the words that both dialects share. The
// percentage must be text although it is documented as a number.
func orderV3(q askedV3) order {
	text, _ := q.Param.(string)
	switch q.Command {
	case "set.miner.service":
		switch text {
		case "stop", "start", "restart":
			return order{verb: text}
		}
		return order{verb: "mode", value: "no such service"}
	case "set.miner.power_mode":
		return order{verb: "mode", value: text}
	case "set.miner.power_percent":
		p, _ := q.Param.(map[string]any)
		percent, _ := p["percent"].(string)
		return order{verb: "percent", value: percent}
	case "set.miner.power_limit":
		w, _ := q.Param.(float64)
		return order{verb: "limit", value: strconv.FormatInt(int64(w), 10)}
	case "set.miner.fastboot":
		return order{verb: "fast", value: text}
	case "set.system.led":
		if text == "auto" {
			return order{verb: "led", value: "auto"}
		}
		return order{verb: "led", value: "manual"}
	case "set.system.reboot":
		return order{verb: "reboot"}
	}
	return order{}
}

// say is an answer of v3.
func (s *Server) say(code int, msg any, desc string) []byte {
	return marshal(map[string]any{"code": code, "when": s.now().Add(s.rules.Clock).Unix(), "msg": msg, "desc": desc})
}

// infoV3 is all there is to know, or one part of it.
func (s *Server) infoV3(m *machine.Machine, part string) map[string]any {
	t, x := s.truth(m), s.session(m)
	open := "1"
	if x.locked {
		open = "0"
	}
	all := map[string]any{
		"network": map[string]any{"mac": strings.ToUpper(m.Spec.MAC), "hostname": "WhatsMiner", "proto": "dhcp", "ip": "127.0.0.1", "netmask": "255.0.0.0", "gateway": "127.0.0.1", "dns": "127.0.0.1"},
		"miner": map[string]any{
			"working": strconv.FormatBool(!t.asleep()), "type": m.Spec.Model, "hash-board": boards, "miner-sn": m.Spec.Serial, "hash-percent": "0",
			"power-limit-set": strconv.FormatInt(int64(t.bound), 10), "fast-boot": "disable", "upfreq-speed": "0", "cointype": "BTC", "pool-strategy": "failover",
			"pcbsn0": "SLUICE0", "pcbsn1": "SLUICE1", "pcbsn2": "SLUICE2",
		},
		"system":     map[string]any{"api": s.rules.API, "platform": "H616", "fwversion": s.rules.Firmware, "control-board-version": "CB6V5", "apiswitch": open, "ledstatus": x.led},
		"power":      map[string]any{"type": "P463B", "mode": "normal", "hwversion": "V01.00", "swversion": "V01.05", "model": "P463B", "iin": 11.0, "vin": 235.0, "fanspeed": 0, "pin": int64(t.state.Power)},
		"salt":       saltOf(m),
		"error-code": hot(t),
	}
	if v, ok := all[part]; ok {
		return map[string]any{part: v}
	}
	return all
}

// statusV3 has the parts that were asked for; without a parameter, nothing.
func (s *Server) statusV3(m *machine.Machine, param string) any {
	t, out := s.truth(m), map[string]any{}
	if s.rules.DownErr && t.state.Hash == 0 {
		return "btminer process is down err"
	}
	for part := range strings.SplitSeq(param, "+") {
		switch part {
		case "summary":
			out[part] = s.summaryV3(t)
		case "edevs":
			out[part] = devsV3(t)
		case "pools":
			out[part] = []any{map[string]any{"id": 1, "url": "stratum+tcp://pool.example:3333", "account": "sluice.1", "status": "alive", "stratum-active": !t.asleep(), "reject-rate": 0.0, "last-share-time": 1}}
		}
	}
	return out
}

func (s *Server) summaryV3(t truth) map[string]any {
	out := map[string]any{
		"elapsed": t.up, "bootup-time": t.up + 30, "freq-avg": 600, "target-freq": 600, "factory-hash": float64(t.m.Spec.Nameplate.Hash) / 1000,
		"hash-realtime": t.tera(1), "hash-1min": t.tera(1), "hash-15min": t.tera(1), "hash-average": t.tera(1),
		"power-rate": 0.0, "power-limit": int64(t.bound), "up-freq-finish": t.done(), "environment-temperature": t.state.AirC,
		"board-temperature": []float64{t.state.ChipC - 10, t.state.ChipC - 10, t.state.ChipC - 10},
		"chip-temp-min":     t.state.ChipC - 8, "chip-temp-avg": t.state.ChipC - 3, "chip-temp-max": t.state.ChipC,
		"fan-speed-in": 5400, "fan-speed-out": 5280,
	}
	if p := t.state.Reported; p.Known {
		out["power-realtime"], out["power-5min"] = int64(p.Value), float64(p.Value)
	}
	return out
}

func devsV3(t truth) []map[string]any {
	var out []map[string]any
	for _, i := range []int{1, 2, 0} { // in no order
		out = append(out, map[string]any{
			"id": i, "slot": i, "hash-average": t.tera(boards), "factory-hash": float64(int64(t.m.Spec.Nameplate.Hash)/boards) / 1000, "freq": 600, "effective-chips": 135,
			"chip-temp-min": t.state.ChipC - 8, "chip-temp-avg": t.state.ChipC - 3, "chip-temp-max": t.state.ChipC,
		})
	}
	return out
}

func (s *Server) settingV3(m *machine.Machine) map[string]any {
	t := s.truth(m)
	return map[string]any{
		"upfreq-speed": 0, "power-mode": t.mode, "power-limit": int64(t.bound), "power-percent": t.percent, "target-freq": 0, "fast-boot": "disable", "fast-hash": 0, "heat-mode": "normal", "power": int64(t.state.Target),
	}
}
