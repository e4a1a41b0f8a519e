package whatsminer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"sluice/world/machine"
)

// asked is a request of v2.
type asked map[string]any

// text is a field as text; numbers count as text.
func (q asked) text(key string) string {
	switch v := q[key].(type) {
	case string:
		return v
	case float64:
		return strings.TrimSuffix(string(marshal(v)), ".0")
	}
	return ""
}

// command is the order, under either of its names.
func (q asked) command() string {
	if c := q.text("cmd"); c != "" {
		return c
	}
	return q.text("command")
}

// readV2 reads one JSON object, or the text form NAME|PARAMETER.
func readV2(conn io.Reader) (asked, error) {
	r := bufio.NewReader(io.LimitReader(conn, machine.RequestMax))
	first, err := r.Peek(1)
	if err != nil {
		return nil, err
	}
	if first[0] == '{' {
		var q asked
		return q, json.NewDecoder(r).Decode(&q)
	}
	line, err := r.Peek(r.Buffered())
	name, parameter, _ := strings.Cut(string(bytes.TrimRight(line, "\r\n\x00")), "|")
	return asked{"cmd": name, "parameter": parameter}, err
}

// answerV2 is the answer to a request; nil is silence.
func (s *Server) answerV2(m *machine.Machine, q asked) []byte {
	s.secret(m) // before the lock: a machine has its own from the factory, ours takes a thousand rounds at the first word
	s.mu.Lock()
	defer s.mu.Unlock()
	if data := q.text("data"); q["enc"] != nil && data != "" {
		return s.sealedV2(m, data)
	}
	switch c := q.command(); {
	case c == "get_token":
		return s.tokenV2(m)
	case strings.Contains(c, "+"):
		return s.joinedV2(m, strings.Split(c, "+"))
	default:
		return marshal(s.reportV2(m, c))
	}
}

// tokenV2 gives out a login.
func (s *Server) tokenV2(m *machine.Machine) []byte {
	g, ok := s.grant(m)
	if !ok {
		return marshal(s.flat("E", 136, "over max connect"))
	}
	return marshal(s.flat("S", 134, map[string]any{"time": g.at, "salt": saltOf(m), "newsalt": g.newsalt}))
}

// joinedV2 answers several reports at once, each in a list under its own name.
func (s *Server) joinedV2(m *machine.Machine, names []string) []byte {
	out := map[string]any{"id": 1}
	for _, n := range names[:min(len(names), 16)] {
		switch n {
		case "summary", "devs", "edevs", "pools", "devdetails", "version":
			out[n] = []any{s.reportV2(m, n)}
		}
	}
	return marshal(out)
}

// sealedV2 carries out a sealed order. Refusals are answered in the clear.
func (s *Server) sealedV2(m *machine.Machine, data string) []byte {
	q, ok := s.unseal(m, data)
	switch {
	case !ok:
		return marshal(s.flat("E", 23, "enc json load err"))
	case !s.signed(m, q.text("token")):
		return marshal(s.flat("E", 135, "check token err"))
	case s.session(m).locked:
		return marshal(s.flat("E", 45, "permission denied"))
	}
	switch s.order(m, orderV2(q)) {
	case done:
		return s.seal(m, marshal(s.flat("S", 131, "API command OK")))
	case mute:
		return nil
	case bad:
		return marshal(s.flat("E", 132, "API command ERROR"))
	case unknown:
	}
	return marshal(s.flat("E", 14, "invalid cmd"))
}

// orderV2 puts an order of v2 into the words that both dialects share.
func orderV2(q asked) order {
	switch c := q.command(); c {
	case "power_off":
		return order{verb: "stop"}
	case "power_on":
		return order{verb: "start"}
	case "restart_btminer":
		return order{verb: "restart"}
	case "set_low_power", "set_normal_power", "set_high_power":
		return order{verb: "mode", value: strings.TrimSuffix(strings.TrimPrefix(c, "set_"), "_power")}
	case "set_power_pct", "set_power_pct_v2":
		return order{verb: "percent", value: q.text("percent")}
	case "adjust_power_limit":
		return order{verb: "limit", value: q.text("power_limit")}
	case "enable_btminer_fast_boot":
		return order{verb: "fast", value: "enable"}
	case "disable_btminer_fast_boot":
		return order{verb: "fast", value: "disable"}
	case "set_led":
		if q.text("param") == "auto" {
			return order{verb: "led", value: "auto"}
		}
		return order{verb: "led", value: "manual"}
	case "reboot":
		return order{verb: "reboot"}
	}
	return order{}
}

// flat is an answer in the way of the firmware's own commands.
func (s *Server) flat(status string, code int, msg any) map[string]any {
	return map[string]any{"STATUS": status, "When": s.now().Add(s.rules.Clock).Unix(), "Code": code, "Msg": msg, "Description": ""}
}

// listed is an answer in the way of cgminer.
func (s *Server) listed(code int, msg, section string, rows ...map[string]any) map[string]any {
	head := map[string]any{"STATUS": "S", "When": s.now().Add(s.rules.Clock).Unix(), "Code": code, "Msg": msg, "Description": "btminer"}
	return map[string]any{"STATUS": []any{head}, section: rows, "id": 1}
}

// marshal writes an answer; nothing that is answered here can fail to be written.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return b
}
