package whatsminer_test

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
)

// script is a machine of v2 that answers each question with fixed words.
type script struct {
	mu      sync.Mutex // guards what is below
	answers map[string]string
	asked   []string
	close   func() // the machine is gone
}

// heard lists the questions so far; a sealed order is "sealed".
func (s *script) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// answer is the answer to a request.
func (s *script) answer(c net.Conn) string {
	var q map[string]any
	if json.NewDecoder(c).Decode(&q) != nil {
		return ""
	}
	command, ok := q["cmd"].(string)
	if !ok {
		command = "sealed"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, command)
	if a, ok := s.answers[command]; ok {
		return a
	}
	return `{"STATUS":"E","When":1,"Code":14,"Msg":"invalid cmd","Description":""}`
}

// play serves a script and returns a driver and the address that reach it.
func play(tb testing.TB, answers map[string]string) (*script, *whatsminer.Driver, device.Address) {
	tb.Helper()
	s := &script{answers: answers}
	l, port := drivertest.Listen(tb)
	done := make(chan struct{})
	s.close = func() { _ = l.Close(); <-done }
	tb.Cleanup(s.close)
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = c.Write(append([]byte(s.answer(c)), 0))
			_ = c.Close()
		}
	}()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	o := whatsminer.Options{PortV2: port, PortV3: closedPort(tb)}
	return s, whatsminer.New(n, o), device.Address{Host: "127.0.0.1"}
}

// opened opens a scripted machine.
func opened(tb testing.TB, answers map[string]string) (*script, device.Device) {
	tb.Helper()
	s, d, at := play(tb, answers)
	id, err := d.Probe(tb.Context(), at)
	if err != nil {
		tb.Fatalf("probe: %v", err)
	}
	m, err := d.Open(tb.Context(), at, id, device.Credential{Secret: password})
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	return s, m
}

// The replies of a small machine, in our own words.
func small(change map[string]string) map[string]string {
	out := map[string]string{
		"get_version":    `{"STATUS":"S","When":5,"Code":131,"Msg":{"api_ver":"2.0.4","fw_ver":"20230101.01.REL","platform":"H6"},"Description":""}`,
		"devdetails":     `{"STATUS":[{"STATUS":"S","Code":69}],"DEVDETAILS":[{"Model":"M30S_VE10","Driver":"bitmicro"}]}`,
		"get_miner_info": `{"STATUS":"S","Code":131,"Msg":{"mac":"02:00:00:00:30:01"}}`,
		"summary":        `{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"HS RT":"90000000.4","MHS av":1,"Power":"3000","Power Limit":3200,"Power Mode":"Low","Upfreq Complete":1,"Elapsed":60,"Env Temp":"24.5"}]}`,
		"status":         `{"STATUS":"S","Code":131,"Msg":{"mineroff":"false","power_limit_set":"3600","power_mode":"high"}}`,
		"devs":           `{"STATUS":[{"STATUS":"S"}],"DEVS":[]}`,
		"get_token":      `{"STATUS":"S","Code":134,"Msg":{"time":"5173","salt":"Qm7Zk2Xe","newsalt":"p0Lr9TbW"}}`,
		"sealed":         `{"STATUS":"S","Code":131,"Msg":"API command OK"}`,
	}
	maps.Copy(out, change)
	return out
}

// read reads w of a scripted machine.
func read(t *testing.T, answers map[string]string, w device.What) device.Reading {
	t.Helper()
	_, m := opened(t, small(answers))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := m.Read(ctx, w)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}
