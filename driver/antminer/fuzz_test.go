package antminer

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sluice/device"
	"sluice/driver/wire"
)

// FuzzAnswers reads every kind of answer from any bytes: whatever comes out is
// bounded and makes sense.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"STATS":[{"Type":"Antminer X"},{"GHS 5s":"1.5","temp_chip1":"1-2","fan1":3,"chain_power":"3 W"}]}`))
	f.Add([]byte(`{"SUMMARY":[{"rate_5s":1,"rate_unit":"TH/s","status":[{"type":"a","status":"e","code":1,"msg":"b"}]}],"POOLS":[{"URL":"u","Status":"Alive"}]}`))
	f.Add([]byte("miner power:3250"))
	f.Add([]byte(`{"error_message":"J0:8"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r device.Reading
		if p := readPower(b); p.Known && p.Value < 0 {
			t.Errorf("power %+v", p)
		}
		readWarning(b, &r)
		said(b, device.Sleep)
		tree, err := wire.Parse(b)
		if err != nil {
			return
		}
		readStats(tree, &r)
		readSummary(tree, &r)
		readPools(tree, &r)
		name(tree, &device.Identity{})
		if r.Hash.Value < 0 || r.Power.Value < 0 || r.Uptime.Value < 0 || r.HashMean.Value < 0 {
			t.Errorf("below zero: %+v", r)
		}
		if len(r.Pools) > poolsMax || len(r.Faults) > faultsMax+1 {
			t.Errorf("%d pools, %d faults", len(r.Pools), len(r.Faults))
		}
	})
}

// FuzzConf changes the mode of any configuration: the post is JSON, holds the
// wanted mode, and its pools are those that were read.
func FuzzConf(f *testing.F) {
	f.Add([]byte(`{"pools":[{"url":"u","user":"w","pass":"p"}],"miner-mode":"0","bitmain-freq-level":""}`), 1)
	f.Add([]byte(`{"pools":[],"bitmain-work-mode":3,"bitmain-fan-ctrl":true,}`), 0)
	f.Fuzz(func(t *testing.T, b []byte, mode int) {
		c, err := readConf(b)
		if err != nil {
			return
		}
		c.mode()
		out, err := c.payload("Antminer D9", mode, Numbers)
		if err != nil {
			return
		}
		var back map[string]json.RawMessage
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%q became %q: %v", b, out, err)
		}
		if got, err := readConf(out); err != nil || got.mode() != device.Stated(int64(mode)) {
			t.Errorf("%q became %q: mode %+v, error %v", b, out, got.mode(), err)
		}
		if !bytes.Equal(back["pools"], c["pools"]) {
			t.Errorf("the pools %q became %q", c["pools"], back["pools"])
		}
	})
}

// FuzzChallenge answers any challenge in one line.
func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="antMiner Configuration", nonce="6b1e", qop="auth"`)
	f.Add(`Digest realm="a, b=c", nonce=x, opaque="", stale=TRUE`)
	f.Add(`Digest nonce="`)
	f.Fuzz(func(t *testing.T, header string) {
		c, err := challenged(http.Header{"Www-Authenticate": {header}})
		if err != nil {
			return
		}
		if c.nonce == "" {
			t.Errorf("%q is a challenge without a nonce", header)
		}
		got := c.answer(device.Credential{User: "ro\"ot\n", Secret: "secret"}, "GET", pageConf, 1, "own")
		if strings.ContainsAny(got, "\n") && !strings.ContainsAny(header, "\n") {
			t.Errorf("%q is answered with two lines: %q", header, got)
		}
		if strings.Contains(got, "secret") && !strings.Contains(header, "secret") {
			t.Errorf("%q is answered with the secret", header)
		}
	})
}
