package main

import (
	"slices"
	"strings"
	"testing"

	"sluice/device"
	"sluice/driver/audit"
)

// audited runs an audit of a town and lists the kinds found at each address.
func audited(t *testing.T, s town, args ...string) (code int, kinds map[string][]audit.Kind, out string) {
	t.Helper()
	code, out, errs := call(t, append([]string{"device", "audit", "127.7.0.0/27", "--network", "127.7.0.0/16", "--port-offset", s.offset, "--json", "--rate", "10000", "--timeout", "2s", "--attempts", "1000"}, args...)...)
	if code != exitOK && code != exitFailed {
		t.Fatalf("%d: %s", code, errs)
	}
	kinds = map[string][]audit.Kind{}
	for _, f := range parse[auditJSON](t, out).Findings {
		for _, a := range f.Addresses {
			kinds[a] = append(kinds[a], f.Kind)
		}
	}
	return code, kinds, out + errs
}

// TestAuditFindsOpenDoors: a town of the factory's passwords, and one of its own.
func TestAuditFindsOpenDoors(t *testing.T) {
	t.Parallel()
	factory := settleWith(t, "", "--miners", "30", "--seed", "5")
	code, kinds, out := audited(t, factory, "--try-defaults")
	if code != exitFailed || strings.Contains(out, "letmein") {
		t.Errorf("%d: %s", code, out)
	}
	of := map[device.Family]int{}
	for _, u := range factory.units {
		of[u.Family]++
		got := kinds[u.Address]
		want := audit.KnownPassword
		switch u.Family {
		case device.LuxOS, device.Avalon:
			want = audit.NoPassword
		case device.EPIC:
			want = audit.UntoldPassword
		case device.WhatsMiner:
			if !slices.Contains(got, want) {
				want = audit.UntoldPassword // the newer dialect
			}
		case device.Antminer, device.Braiins, device.VNish:
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s %s: %v, want %s", u.Family, u.Address, got, want)
		}
	}
	if len(of) < 6 {
		t.Errorf("only %v stand in the town", of)
	}
	if _, kinds, _ := audited(t, factory); slices.ContainsFunc(factory.units, func(u listed) bool { return slices.Contains(kinds[u.Address], audit.KnownPassword) }) {
		t.Error("a password was tried without --try-defaults")
	}
}

// TestAuditOfASoundTown: passwords of its own, and one pool that is not allowed.
func TestAuditOfASoundTown(t *testing.T) {
	t.Parallel()
	s := townOf(t, "--miners", "30", "--seed", "5")
	code, kinds, out := audited(t, s, "--try-defaults", "--credentials", s.secrets, "--pool", "stratum+tcp://*,*", "--pool", "*.example:3333,site.*")
	if code != exitOK || strings.Contains(out, secret) {
		t.Errorf("%d: %s", code, out)
	}
	for _, u := range s.units {
		for _, k := range kinds[u.Address] {
			if k != audit.NoPassword && k != audit.UntoldPassword && k != audit.UnknownIdentity {
				t.Errorf("%s %s: %s", u.Family, u.Address, k)
			}
		}
	}
	if code, _, out := audited(t, s, "--credentials", s.secrets, "--pool", "stratum+tcp://elsewhere.example:3333,*"); code != exitFailed || !strings.Contains(out, string(audit.ForeignPool)) {
		t.Errorf("%d: %s", code, out)
	}
	for _, bad := range [][]string{{"--pool", "url"}, {"--attempts", "0"}} {
		if code, _, errs := call(t, append([]string{"device", "audit", "127.7.0.0/27", "--network", "127.7.0.0/16"}, bad...)...); code != exitBadInput {
			t.Errorf("%v: %d %s", bad, code, errs)
		}
	}
}
