package antminer_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/drivertest"
)

// face is what a machine shows to whom it does not know.
type face struct {
	version string // answer to version; empty: the connection is closed
	status  int    // of the page about the system; 0: the connection is closed
	header  string // its challenge
	body    string
}

// show serves the face and returns a driver and an address for it.
func (f face) show(t *testing.T) (*antminer.Driver, device.Address) {
	t.Helper()
	web, webPort := drivertest.Listen(t)
	miner, minerPort := drivertest.Listen(t)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if f.status == 0 {
			panic(http.ErrAbortHandler)
		}
		if f.header != "" {
			w.Header().Set("WWW-Authenticate", f.header)
		}
		w.WriteHeader(f.status)
		_, _ = fmt.Fprint(w, f.body)
	})}
	var all sync.WaitGroup
	all.Go(func() { _ = server.Serve(web) })
	all.Go(func() { speak(miner, f.version) })
	t.Cleanup(func() { _ = server.Close(); _ = miner.Close(); all.Wait() })
	return antminer.New(drivertest.Network(t), antminer.Options{Miner: minerPort, Power: -1}), device.Address{Host: "127.0.0.1", Port: webPort}
}

// speak answers every connection alike.
func speak(l net.Listener, answer string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if answer != "" {
			_, _ = c.Read(make([]byte, 256))
			_, _ = c.Write([]byte(answer + "\x00"))
		}
		_ = c.Close()
	}
}

// TestProbe checks who is taken for one of ours: third parties' firmware runs
// on the same machines and imitates the maker's.
func TestProbe(t *testing.T) {
	t.Parallel()
	const (
		realm   = `Digest realm="antMiner Configuration", nonce="1", qop="auth"`
		version = `{"STATUS":[{"STATUS":"S"}],"VERSION":[{"API":"3.1","Type":"Antminer S21","CompileTime":"Wed Feb  5 09:41:07 CST 2025"}]}`
	)
	for name, c := range map[string]struct {
		face  face
		model string
		err   error
	}{
		"both interfaces":                         {face{version, 401, realm, ""}, "Antminer S21", nil},
		"the web page only, as asleep":            {face{"", 401, realm, ""}, "", nil},
		"the cgminer interface only":              {face{version, 0, "", ""}, "Antminer S21", nil},
		"a page that asks for no password":        {face{"", 200, "", `{"minertype":"Antminer L7","macaddr":"02:00:00:00:00:01"}`}, "Antminer L7", nil},
		"not ready yet":                           {face{`{"STATUS":[{"STATUS":"E","Code":1,"Msg":"Not ready"}]}`, 401, realm, ""}, "", nil},
		"LuxOS, which says Antminer as well":      {face{`{"STATUS":[{"STATUS":"S"}],"VERSION":[{"LUXminer":"2025.4","Type":"Antminer S21"}]}`, 401, realm, ""}, "", device.ErrNotMine},
		"VNish, which knows no version":           {face{`{"STATUS":[{"STATUS":"E","Code":0,"Msg":"Invalid command"}]}`, 200, "", "<html>AnthillOS</html>"}, "", device.ErrNotMine},
		"VNish by the type":                       {face{`{"STATUS":[{"STATUS":"S"}],"VERSION":[{"Type":"Antminer S21 (Vnish 1.2.7)"}]}`, 401, realm, ""}, "", device.ErrNotMine},
		"a digest of another realm, such as MARA": {face{"", 401, `Digest realm="login", algorithm=MD5, nonce="1"`, ""}, "", device.ErrNotMine},
		"a basic challenge":                       {face{"", 401, `Basic realm="antMiner"`, ""}, "", device.ErrNotMine},
		"another maker's version":                 {face{`{"STATUS":[{"STATUS":"S"}],"VERSION":[{"PROD":"AvalonMiner"}]}`, 0, "", ""}, "", device.ErrNotMine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, a := c.face.show(t)
			id, err := d.Probe(t.Context(), a)
			if !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if id.Model != c.model {
				t.Errorf("identity %+v, want model %q", id, c.model)
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		d, a := face{}.show(t)
		if id, err := d.Probe(t.Context(), a); err == nil || errors.Is(err, device.ErrNotMine) {
			t.Errorf("identity %+v, error %v: silence is no other dialect", id, err)
		}
	})
}

// TestRefusals checks what statuses of the pages mean for an order.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		face   face
		class  device.AckClass
		reason device.RefusedReason
	}{
		"no such page":                   {face{status: 404}, device.Refused, device.Unsupported},
		"a password that is not taken":   {face{status: 401, header: `Digest realm="antMiner", nonce="1"`}, device.Refused, device.BadAuth},
		"a challenge that is not spoken": {face{status: 401, header: `Basic realm="antMiner"`}, device.NotSent, ""},
		"a failure of the server":        {face{status: 500}, device.NotSent, ""},
		"a page that is no JSON":         {face{status: 200, body: "<html>"}, device.NotSent, ""},
		"a configuration without a mode": {face{status: 200, body: `{"pools":[]}`}, device.Refused, device.Unsupported},
		"a configuration without pools":  {face{status: 200, body: `{"miner-mode":"0"}`}, device.NotSent, ""},
		"an answer that is the question": {face{status: 200, body: `{"pools":[],"miner-mode":"0"}`}, device.Garbled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, a := c.face.show(t)
			m, err := d.Open(t.Context(), a, device.Identity{Model: "Antminer T21"}, device.Credential{User: "root", Secret: "root"})
			if err != nil {
				t.Fatal(err)
			}
			if ack := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); ack.Class != c.class || ack.Reason != c.reason {
				t.Errorf("ack %v, want %s (%s)", ack, c.class, c.reason)
			}
			if sleep := m.Capabilities().Sleep; sleep == (name == "a configuration without a mode") {
				t.Errorf("sleep is held possible: %t", sleep)
			}
		})
	}
}
