package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/device"
	"sluice/driver/audit"
)

// door is a machine that opens to one credential, and its driver.
type door struct {
	device.Driver
	right  device.Credential
	gate   device.Gate // what Gate says when the credential is right
	refuse bool        // Open itself refuses a wrong one
	broken error
	pools  []device.Pool

	mu     sync.Mutex // guards tried
	tried  []device.Credential
	orders int
}

func (d *door) Open(_ context.Context, _ device.Address, _ device.Identity, c device.Credential) (device.Device, error) {
	d.mu.Lock()
	d.tried = append(d.tried, c)
	d.mu.Unlock()
	switch {
	case d.broken != nil:
		return nil, d.broken
	case d.refuse && c != d.right:
		return nil, device.ErrAuth
	}
	return &visitor{door: d, key: c}, nil
}

type visitor struct {
	*door
	key device.Credential
}

func (v *visitor) Capabilities() device.Capabilities { return device.Capabilities{} }
func (v *visitor) Close(context.Context) error       { return nil }
func (v *visitor) Apply(context.Context, device.Command) device.Ack {
	v.orders++
	return device.Ack{}
}

func (v *visitor) Read(context.Context, device.What) (device.Reading, error) {
	return device.Reading{Pools: v.pools}, nil
}

func (v *visitor) Gate(context.Context) (device.Gate, error) {
	if v.gate.Access == device.Granted && v.key != v.right {
		return device.Gate{Access: device.Denied}, nil
	}
	return v.gate, nil
}

func id(f device.Family, mac string) device.Identity {
	return device.Identity{Family: f, Version: "1", MAC: mac, Weak: mac == ""}
}

// TestFindings leads from a sentence to what is found at one machine.
func TestFindings(t *testing.T) {
	t.Parallel()
	const mac = "02:00:00:00:00:01"
	root, own := device.Credential{User: "root", Secret: "root"}, device.Credential{User: "root", Secret: "kiruna"}
	granted, locked := device.Gate{Access: device.Granted}, device.Gate{Access: device.Untold, Locked: device.Stated(true)}
	for sentence, c := range map[string]struct {
		door  *door
		id    device.Identity
		key   device.Credential
		err   error // of Key
		quiet bool  // defaults are not tried
		want  []audit.Kind
		tried int
	}{
		"a machine with a password of its own":           {door: &door{right: own, gate: granted}, id: id(device.Antminer, mac), key: own, tried: 2},
		"the factory's password":                         {door: &door{right: root, gate: granted}, id: id(device.Antminer, mac), want: []audit.Kind{audit.KnownPassword}, tried: 2},
		"the factory's password is the operator's":       {door: &door{right: root, gate: granted}, id: id(device.Antminer, mac), key: root, want: []audit.Kind{audit.KnownPassword}, tried: 1},
		"nothing is tried that was not asked for":        {door: &door{right: root, gate: granted}, id: id(device.Antminer, mac), quiet: true, tried: 1},
		"the operator's is not taken":                    {door: &door{right: own, gate: granted}, id: id(device.Antminer, mac), key: device.Credential{Secret: "x"}, want: []audit.Kind{audit.NotTaken}, tried: 2},
		"each of two known ones once":                    {door: &door{right: own, refuse: true, gate: granted}, id: id(device.Braiins, mac), key: own, tried: 3},
		"the second of two":                              {door: &door{right: root, refuse: true, gate: granted}, id: id(device.Braiins, mac), want: []audit.Kind{audit.KnownPassword, audit.NotRead}, tried: 2},
		"no login is tried without a credential":         {door: &door{right: own, refuse: true, gate: granted}, id: id(device.Braiins, mac), quiet: true, want: []audit.Kind{audit.NotRead}},
		"Open says that the credential is wrong":         {door: &door{right: own, refuse: true, gate: granted}, id: id(device.Braiins, mac), key: root, quiet: true, want: []audit.Kind{audit.NotTaken}, tried: 1},
		"it obeys everybody by design":                   {door: &door{gate: device.Gate{Access: device.Unasked}}, id: id(device.LuxOS, mac), want: []audit.Kind{audit.NoPassword}, tried: 1},
		"only an order would tell":                       {door: &door{gate: device.Gate{Access: device.Untold}}, id: id(device.EPIC, mac), want: []audit.Kind{audit.UntoldPassword}, tried: 2},
		"its interface for orders is off":                {door: &door{gate: locked}, id: id(device.WhatsMiner, mac), quiet: true, want: []audit.Kind{audit.OrdersOff}, tried: 1},
		"it does not answer":                             {door: &door{broken: errors.New("silence")}, id: id(device.Antminer, mac), quiet: true, want: []audit.Kind{audit.NotRead}, tried: 1},
		"another machine is there":                       {door: &door{}, id: id(device.Antminer, mac), err: errors.New("changed"), want: []audit.Kind{audit.Changed}},
		"nameless and of no version":                     {door: &door{right: own, gate: granted}, id: device.Identity{Family: device.Antminer, Weak: true}, key: own, quiet: true, want: []audit.Kind{audit.UnknownVersion, audit.UnknownIdentity}, tried: 1},
		"a pool of somebody else, and an empty slot":     {door: &door{right: own, gate: granted, pools: []device.Pool{{URL: "a:1", Worker: "site.1"}, {URL: "b:1", Worker: "site.1"}, {}}}, id: id(device.Antminer, mac), key: own, quiet: true, want: []audit.Kind{audit.ForeignPool}, tried: 1},
		"the right pool and a worker of somebody else's": {door: &door{right: own, gate: granted, pools: []device.Pool{{URL: "a:1", Worker: "thief.1"}}}, id: id(device.Antminer, mac), key: own, quiet: true, want: []audit.Kind{audit.ForeignPool}, tried: 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			found, err := audit.Audit(t.Context(), []audit.Subject{{Address: device.Address{Host: "10.0.0.1"}, Identity: c.id, Driver: c.door}}, audit.Options{
				Key:         func(device.Identity, device.Address) (device.Credential, error) { return c.key, c.err },
				TryDefaults: !c.quiet, Rate: 1e6, Pool: audit.Allow{{URL: "a:1", Worker: "site.*"}}.Holds,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []audit.Kind
			for _, f := range found {
				got = append(got, f.Kind)
				if f.Host != "10.0.0.1" || f.Text == "" || f.Remedy == "" || strings.Contains(f.Text, "kiruna") {
					t.Errorf("%+v", f)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if len(c.door.tried) != c.tried || c.door.orders != 0 {
				t.Errorf("%d logins were tried, want %d; %d orders were given", len(c.door.tried), c.tried, c.door.orders)
			}
			for _, k := range c.door.tried {
				if n := len(slices.DeleteFunc(slices.Clone(c.door.tried), func(x device.Credential) bool { return x != k })); n > 1 {
					t.Errorf("one credential was tried %d times", n)
				}
			}
		})
	}
}

// TestTwice: one MAC at several addresses is one grave finding that names them.
func TestTwice(t *testing.T) {
	t.Parallel()
	sound := &door{gate: device.Gate{Access: device.Granted}}
	at := func(host, mac string) audit.Subject {
		return audit.Subject{Address: device.Address{Host: host}, Identity: id(device.VNish, mac), Driver: sound}
	}
	found, err := audit.Audit(t.Context(), []audit.Subject{at("10.0.0.1", "a"), at("10.0.0.2", "b"), at("10.0.0.3", "a"), at("10.0.0.4", ""), at("10.0.0.5", "")}, audit.Options{
		Key: func(device.Identity, device.Address) (device.Credential, error) { return device.Credential{}, nil },
	})
	if err != nil || len(found) == 0 || found[0].Kind != audit.TwoAddresses || found[0].Host != "10.0.0.1 10.0.0.3" || found[0].Severity != audit.High {
		t.Errorf("%+v, %v", found, err)
	}
	if len(found) != 3 { // and two nameless ones
		t.Errorf("%+v", found)
	}
}

// TestInterrupted: an audit that is stopped says so and keeps what it has.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := audit.Audit(ctx, []audit.Subject{{Driver: &door{}}}, audit.Options{TryDefaults: true})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true},
		{"a", "A", false},
		{"a", "ab", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "x", true},
		{"site.*", "site.", true},
		{"site.*", "site.1.2", true},
		{"site.*", "site", false},
		{"*.1", "a.1", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*b*b*", "b", false},
		{"*b*b*", "abab", true},
		{"**", "x", true},
		{"stratum+tcp://pool.example:3333", "stratum+tcp://pool.example:3333.evil.example:1", false},
	} {
		if got := audit.Matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q %q: %t", c.pattern, c.text, got)
		}
	}
}

// TestMatchesAgainstAnother compares with the plainest possible way.
func TestMatchesAgainstAnother(t *testing.T) {
	t.Parallel()
	var slow func(p, s string) bool
	slow = func(p, s string) bool {
		switch {
		case p == "":
			return s == ""
		case p[0] == '*':
			return slow(p[1:], s) || s != "" && slow(p, s[1:])
		}
		return s != "" && s[0] == p[0] && slow(p[1:], s[1:])
	}
	rapid.Check(t, func(t *rapid.T) {
		p, s := rapid.StringMatching(`[ab*]{0,8}`).Draw(t, "pattern"), rapid.StringMatching(`[ab]{0,10}`).Draw(t, "text")
		if audit.Matches(p, s) != slow(p, s) {
			t.Errorf("%q %q", p, s)
		}
	})
}
