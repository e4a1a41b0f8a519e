package braiins_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net"
	"net/http"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/braiins"
	"sluice/world/machine"
)

const secret = "not the default"

// noon is the time of the machines here, which does not pass.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// town serves one machine on free ports until the test ends.
func town(t *testing.T) (m *machine.Machine, rpc, far string) {
	t.Helper()
	full := device.Preset{Name: "3031", Power: 3031, Hash: 141_000}
	m = machine.New(machine.Spec{Family: device.Braiins, Model: "Antminer S19 XP", MAC: "02:5c:7f:07:00:01", Nameplate: full, Standby: 40}, noon)
	var l [3]net.Listener
	for i := range l {
		var lc net.ListenConfig
		var err error
		if l[i], err = lc.Listen(t.Context(), "tcp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- braiins.Serve(ctx, braiins.Ports{Web: l[0], RPC: l[1], Far: l[2]},
			func(net.Addr) *machine.Machine { return m }, func() time.Time { return noon }, braiins.Options{Password: secret})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return m, l[1].Addr().String(), l[2].Addr().String()
}

// call makes one call of gRPC and returns its code, the header and the message.
func call(t *testing.T, far, method, token string, body []byte) (string, http.Header, []byte) {
	t.Helper()
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetUnencryptedHTTP2(true)
	defer tr.CloseIdleConnections()
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+far+"/braiins.bos.v1."+method, bytes.NewReader(frame))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc")
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	a, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	got, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	code := a.Trailer.Get("Grpc-Status")
	if code == "" {
		code = a.Header.Get("Grpc-Status")
	}
	if len(got) < 5 {
		return code, a.Header, nil
	}
	return code, a.Header, got[5:]
}

// field finds a field by its path in a message: the rest from its value on.
func field(t *testing.T, b []byte, path ...uint64) []byte {
	t.Helper()
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		b = b[n:]
		length := 0
		switch key & 7 {
		case 0:
			_, length = binary.Uvarint(b)
		case 1:
			length = 8
		case 2:
			size, k := binary.Uvarint(b)
			b, length = b[k:], int(size)
		default:
			t.Fatalf("form %d", key&7)
		}
		if key>>3 == path[0] && len(path) == 1 {
			return b[:length]
		}
		if key>>3 == path[0] {
			return field(t, b[:length], path[1:]...)
		}
		b = b[length:]
	}
	return nil
}

func login(user, password string) []byte {
	out := append([]byte{1<<3 | 2, byte(len(user))}, user...)
	return append(append(out, 2<<3|2, byte(len(password))), password...)
}

// TestFar: a login gives the token that every other call needs; identity and
// power are where gRPC has them, and pausing sleeps.
func TestFar(t *testing.T) {
	t.Parallel()
	m, _, far := town(t)
	if code, h, _ := call(t, far, "AuthenticationService/Login", "", login("root", "wrong")); code != "16" || h.Get("Authorization") != "" {
		t.Errorf("a wrong password: code %s, header %v", code, h)
	}
	if code, _, _ := call(t, far, "ActionsService/PauseMining", "token0001", nil); code != "16" || m.State(noon).Intent != device.Running {
		t.Errorf("a pause without a login: code %s, machine %v", code, m.State(noon).Intent)
	}
	code, h, got := call(t, far, "AuthenticationService/Login", "", login("root", secret))
	token := h.Get("Authorization")
	if code != "0" || token == "" || string(field(t, got, 1)) != token {
		t.Fatalf("login: code %s, token %q, message %x", code, token, got)
	}
	if _, _, got := call(t, far, "MinerService/GetMinerDetails", token, nil); string(field(t, got, 7)) != m.Spec.MAC || string(field(t, got, 2, 3)) != m.Spec.Model || field(t, got, 12)[0] != 2 {
		t.Errorf("details %x", got)
	}
	_, _, got = call(t, far, "MinerService/GetMinerStats", token, nil)
	watts, _ := binary.Uvarint(field(t, got, 3, 1, 1))
	if rate := math.Float64frombits(binary.LittleEndian.Uint64(field(t, got, 2, 1, 1, 1))); watts != 3031 || rate != 141_000 {
		t.Errorf("%d W at %g GH/s", watts, rate)
	}
	for _, step := range []struct {
		method  string
		already bool
		intent  device.Activity
	}{
		{"PauseMining", false, device.Asleep},
		{"PauseMining", true, device.Asleep},
		{"ResumeMining", false, device.Running},
		{"ResumeMining", true, device.Running},
	} {
		code, _, got := call(t, far, "ActionsService/"+step.method, token, nil)
		if already := len(field(t, got, 1)) > 0; code != "0" || already != step.already || m.State(noon).Intent != step.intent {
			t.Errorf("%s: code %s, already %t, machine %v", step.method, code, already, m.State(noon).Intent)
		}
	}
	if code, _, _ := call(t, far, "MinerService/Sing", token, nil); code != "12" {
		t.Errorf("an unknown call: code %s", code)
	}
}

// TestReport: the port of cgminer names the firmware and counts boards from 1;
// several questions are answered under their names.
func TestReport(t *testing.T) {
	t.Parallel()
	m, rpc, _ := town(t)
	ask := func(question string) map[string]any {
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp4", rpc)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, question); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(c)
		if err != nil || !bytes.HasSuffix(b, []byte{0}) {
			t.Fatalf("%q, %v", b, err)
		}
		var out map[string]any
		if err := json.Unmarshal(b[:len(b)-1], &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	text := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	if got := text(ask(`{"command":"version"}`)["VERSION"]); got != `[{"API":"3.7","BOSer":"boser-buildroot 0.1.0-3881c51d"}]` {
		t.Errorf("version %s", got)
	}
	boards := ask("devdetails\n")["DEVDETAILS"].([]any)
	if first := boards[0].(map[string]any); len(boards) != 3 || first["ID"] != 1.0 || first["Model"] != m.Spec.Model {
		t.Errorf("boards %s", text(boards))
	}
	both := ask(`{"command":"summary+devs"}`)
	if both["summary"] == nil || both["devs"] == nil {
		t.Errorf("both %s", text(both))
	}
	if got := text(ask(`{"command":"dance"}`)["STATUS"]); !bytes.Contains([]byte(got), []byte(`"STATUS":"E"`)) {
		t.Errorf("an unknown command: %s", got)
	}
	ask(`{"command":"pause"}`)
	if st := m.State(noon.Add(time.Hour)); st.Activity != device.Asleep || st.Power != unit.Power(40) {
		t.Errorf("after the pause: %v at %d W", st.Activity, st.Power)
	}
}
