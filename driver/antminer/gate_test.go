package antminer_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/drivertest"
)

// TestGateTriesOnce: a wrong password is sent exactly once, and an empty
// credential not at all, since some builds lock their page after a few.
func TestGateTriesOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    device.Credential
		status int // without a credential
		right  bool
		access device.Access
		sent   int64
	}{
		"a wrong password":      {device.Credential{User: "root", Secret: "root"}, 401, false, device.Denied, 1},
		"the right one":         {device.Credential{User: "root", Secret: "root"}, 401, true, device.Granted, 1},
		"none":                  {device.Credential{}, 401, true, device.Denied, 0},
		"a page that asks none": {device.Credential{User: "root", Secret: "root"}, 200, false, device.Unasked, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int64
			l, port := drivertest.Listen(t)
			server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				status := c.status
				if strings.HasPrefix(r.Header.Get("Authorization"), "Digest") {
					sent.Add(1)
					if c.right {
						status = 200
					}
				}
				w.Header().Set("WWW-Authenticate", `Digest realm="antMiner Configuration", nonce="1", qop="auth"`)
				w.WriteHeader(status)
				_, _ = fmt.Fprint(w, "{}")
			})}
			var all sync.WaitGroup
			all.Go(func() { _ = server.Serve(l) })
			t.Cleanup(func() { _ = server.Close(); all.Wait() })
			d := antminer.New(drivertest.Network(t), antminer.Options{Miner: port, Power: port})
			g, err := d.Gate(t.Context(), device.Address{Host: "127.0.0.1", Port: port}, device.Identity{}, c.key)
			if err != nil || g.Access != c.access || sent.Load() != c.sent {
				t.Errorf("%+v, %v; %d credentials were sent, want %d", g, err, sent.Load(), c.sent)
			}
		})
	}
}
