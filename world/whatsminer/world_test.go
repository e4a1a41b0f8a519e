package whatsminer_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/machine"
	"sluice/world/whatsminer"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// serve serves one machine in both dialects and returns where.
func serve(t *testing.T, rules whatsminer.Rules) (*machine.Machine, string, string) {
	t.Helper()
	m := machine.New(machine.Spec{
		Model: "M60S_VK30", MAC: "02:00:00:00:60:01", Serial: "S1", Standby: 30, Seed: 3,
		Nameplate: device.Preset{Name: "normal", Power: 3400, Hash: 180 * unit.Terahash}, Times: machine.Times{Down: time.Second, Dark: time.Minute, Up: 5 * time.Minute},
	}, noon)
	var lc net.ListenConfig
	var doors [2]net.Listener
	for i := range doors {
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		doors[i] = l
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- whatsminer.Serve(ctx, whatsminer.Doors{V2: doors[0], V3: doors[1]}, func(net.Addr) *machine.Machine { return m }, func() time.Time { return noon }, rules)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serving ended with %v", err)
		}
	})
	return m, doors[0].Addr().String(), doors[1].Addr().String()
}

// say sends one request of v2 and returns all that comes back.
func say(t *testing.T, address, request string) string {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // read to its end
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWireOfV2(t *testing.T) {
	t.Parallel()
	_, v2, _ := serve(t, whatsminer.Rules{})
	for what, c := range map[string]struct{ request, want string }{
		"the object form":                    {`{"cmd":"status"}`, `"mineroff":"false"`},
		"the other name of the command":      {`{"command":"summary"}`, `"HS RT":180000000`},
		"the text form":                      {"devdetails|", `"Model":"M60S_VK30"`},
		"several reports at once":            {`{"cmd":"summary+pools+get_psu"}`, `"pools":[{`},
		"a command that does not exist":      {`{"cmd":"explode"}`, `"Code":14`},
		"an order in the clear":              {`{"cmd":"power_off","token":"x"}`, `"Code":14`},
		"a sealed order of a wrong password": {`{"enc":1,"data":"AAAAAAAAAAAAAAAAAAAAAA=="}`, `"Code":23`},
		"a frame of the other dialect":       {"\x1b\x00\x00\x00{\"cmd\":\"get.miner.setting\"}", `"Code":14`},
	} {
		if got := say(t, v2, c.request); !strings.Contains(got, c.want) || !strings.HasSuffix(got, "}\x00") {
			t.Errorf("%s: %q, want %q and a NUL at the end", what, got, c.want)
		}
	}
	if got := say(t, v2, `{"cmd":"summary+get_psu"}`); strings.Contains(got, "get_psu") {
		t.Errorf("get_* cannot be joined: %q", got)
	}
	if got := say(t, v2, `{"cmd":"devs"}`); strings.Contains(got, "Chip Temp") {
		t.Errorf("v2 beside v3 states no chip temperatures of boards: %q", got)
	}
}

// ask sends frames on one connection and returns the last answer.
func ask(t *testing.T, address string, requests ...string) map[string]any {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // the answers were read
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	var out map[string]any
	for _, r := range requests {
		framed, err := wire.Frame([]byte(r))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write(append([]byte{0, 0, 0, 0}, framed...)); err != nil { // after a sign of life
			t.Fatal(err)
		}
		b, err := wire.ReadFrame(c)
		if err != nil {
			t.Fatal(err)
		}
		out = nil
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
	return out
}

func TestWireOfV3(t *testing.T) {
	t.Parallel()
	m, _, v3 := serve(t, whatsminer.Rules{})
	if got := ask(t, v3, `{"cmd":"get.miner.setting"}`, `{"cmd":"get.device.info","param":"miner"}`); got["code"] != 0.0 || len(got["msg"].(map[string]any)) != 1 {
		t.Errorf("one part of the information: %v", got)
	}
	if got := ask(t, v3, `{"cmd":"get.miner.status"}`); len(got["msg"].(map[string]any)) != 0 {
		t.Errorf("a status without a parameter answers nothing: %v", got)
	}
	for request, code := range map[string]float64{
		`{"cmd":"no.such"}`: -2, `{`: -1,
		`{"cmd":"set.miner.service","param":"stop"}`:                                                       -4,
		`{"cmd":"set.miner.service","param":"stop","token":"AAAAAAAA","account":"super","ts":1}`:           -4,
		`{"cmd":"set.miner.service","param":"stop","token":"AAAAAAAA","account":"nobody","ts":1777896000}`: -4,
	} {
		if got := ask(t, v3, request); got["code"] != code {
			t.Errorf("%s: %v, want code %v", request, got, code)
		}
	}
	if got := m.State(noon).Intent; got != device.Running {
		t.Errorf("nobody signed and the machine was told %s", got)
	}
}

// TestDarkMachinesSayNothing: while a machine starts its doors are shut.
func TestDarkMachinesSayNothing(t *testing.T) {
	t.Parallel()
	m, v2, _ := serve(t, whatsminer.Rules{})
	m.Reboot(noon, true)
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", v2)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // nothing was said
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a machine that starts said something")
	}
}

func FuzzTalk(f *testing.F) {
	f.Add([]byte(`{"cmd":"summary+devs"}`))
	f.Add([]byte(`{"enc":1,"data":"AAAA"}`))
	f.Add([]byte("status|\n"))
	f.Add([]byte("\x02\x00\x00\x00{}"))
	m := machine.New(machine.Spec{Nameplate: device.Preset{Power: 3000, Hash: 100}, Standby: 30}, noon)
	f.Fuzz(func(t *testing.T, request []byte) {
		answer := whatsminer.New(func(net.Addr) *machine.Machine { return m }, func() time.Time { return noon }, whatsminer.Rules{}).Answer(m, request)
		if answer != nil && !json.Valid(answer) {
			t.Errorf("%q was answered %q", request, answer)
		}
		if m.State(noon).Intent != device.Running {
			t.Fatalf("%q put the machine to sleep without a password", request)
		}
	})
}

// TestPasswords: without one of its own, each API has the password that it is
// delivered with.
func TestPasswords(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		rules whatsminer.Rules
		word  string
		code  int
	}{
		"as delivered":          {whatsminer.Rules{}, "super", 0},
		"the other API's":       {whatsminer.Rules{}, "admin", -4},
		"one for all":           {whatsminer.Rules{Password: "both"}, "both", 0},
		"one for v3 alone":      {whatsminer.Rules{Password: "both", Super: "mine"}, "mine", 0},
		"not the other's there": {whatsminer.Rules{Password: "both", Super: "mine"}, "both", -4},
	} {
		_, _, v3 := serve(t, c.rules)
		ask := func(request string) map[string]any {
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", v3)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // read to its end
			framed, err := wire.Frame([]byte(request))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write(framed); err != nil {
				t.Fatal(err)
			}
			b, err := wire.ReadFrame(conn)
			if err != nil {
				t.Fatal(err)
			}
			var out map[string]any
			if err := json.Unmarshal(b, &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		salt := ask(`{"cmd":"get.device.info","param":"salt"}`)["msg"].(map[string]any)["salt"].(string)
		digest := sha256.Sum256(fmt.Appendf(nil, "set.miner.service%s%s%d", c.word, salt, noon.Unix()))
		got := ask(fmt.Sprintf(`{"cmd":"set.miner.service","param":"stop","account":"super","ts":%d,"token":%q}`, noon.Unix(), base64.StdEncoding.EncodeToString(digest[:])[:8]))
		if got["code"] != float64(c.code) {
			t.Errorf("%s: %v", what, got)
		}
	}
}
