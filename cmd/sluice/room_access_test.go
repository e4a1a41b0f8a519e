package main

import (
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/people"
	"sluice/server/room"
)

const corpProvider = `# who signs in
providers:
  - name: corp
    label: Corp
    issuer: https://login.example
    client_id: sluice
    client_secret_file: corp.secret
    scopes: [groups]
    groups_claim: roles
    groups:
      shift west: {role: operator, site: west}
    second_factors: [mfa]
    fresh: true
`

// TestProvidersFile: what stands there is what the room is told.
func TestProvidersFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "oidc.yaml")
	put(t, filepath.Join(dir, "corp.secret"), "hush\n")
	put(t, file, corpProvider)
	got, err := providersFile(file, "")
	if err != nil {
		t.Fatal(err)
	}
	want := room.Provider{
		Name: "corp", Label: "Corp", Issuer: "https://login.example", ClientID: "sluice", Scopes: []string{"groups"}, GroupsClaim: "roles",
		Groups: map[string]people.Grant{"shift west": {Role: people.Operator, Site: "west"}}, Factors: []string{"mfa"}, Fresh: true,
	}
	if len(got) != 1 || got[0].Secret.Reveal() != "hush" {
		t.Fatalf("%+v", got)
	}
	got[0].Secret = people.Secret{}
	if d := cmp.Diff(want, got[0], cmp.Comparer(func(a, b people.Secret) bool { return a.Reveal() == b.Reveal() })); d != "" {
		t.Error(d)
	}
}

// TestASealedProvider: the secret may be sealed, and takes the key then.
func TestASealedProvider(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, key := filepath.Join(dir, "oidc.yaml"), filepath.Join(dir, "seal.key")
	put(t, filepath.Join(dir, "plain"), "hush\n")
	put(t, file, corpProvider)
	for _, f := range []sealFlags{{newKey: key}, {in: filepath.Join(dir, "plain"), out: filepath.Join(dir, "corp.secret"), key: key, other: true}} {
		if err := f.run(io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	got, err := providersFile(file, key)
	if err != nil || got[0].Secret.Reveal() != "hush" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := providersFile(file, ""); err == nil || !strings.Contains(err.Error(), "oidc.yaml:7") {
		t.Errorf("without the key: %v", err)
	}
}

// TestBadProviders: every fault has its line, and says what to write.
func TestBadProviders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "corp.secret"), "hush\n")
	put(t, filepath.Join(dir, "exposed"), "hush\n")
	if err := os.Chmod(filepath.Join(dir, "exposed"), 0o644); err != nil { //nolint:gosec // that is the case
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct{ was, is, want string }{
		"an odd name":       {"name: corp", "name: Corp 1", ":3: providers[0].name"},
		"an issuer":         {"https://login", "http://login", ":5: providers[0].issuer"},
		"no client":         {"client_id: sluice", "client_id: ''", ":6: providers[0].client_id"},
		"no such secret":    {"corp.secret", "gone.secret", ":7: providers[0].client_secret_file"},
		"an exposed secret": {"corp.secret", "exposed", "chmod 600"},
		"an administrator":  {"role: operator", "role: admin", "no group makes an administrator"},
		"no such role":      {"role: operator", "role: king", `:11: providers[0].groups['shift west'].role: "king" is no role`},
		"a key too many":    {"label:", "lable:", "lable"},
		"none":              {corpProvider, "providers: []\n", "there is none"},
		"nothing":           {corpProvider, "", "empty"},
		"half a file":       {"fresh: true", "fresh: [", "oidc.yaml"},
	} {
		file := filepath.Join(t.TempDir(), "oidc.yaml")
		text := strings.Replace(corpProvider, c.was, c.is, 1)
		put(t, file, strings.Replace(text, "_file: ", "_file: "+dir+"/", 1))
		_, err := providersFile(file, "")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReached: flags that do not go together are refused, each with what to write.
func TestReached(t *testing.T) {
	t.Parallel()
	oidc := filepath.Join(t.TempDir(), "oidc.yaml")
	put(t, oidc, strings.Replace(corpProvider, "    client_secret_file: corp.secret\n", "", 1))
	for sentence, c := range map[string]struct {
		change func(*roomFlags)
		want   string
	}{
		"nothing":                 {func(*roomFlags) {}, ""},
		"behind a proxy":          {func(f *roomFlags) { f.access.behindTLS, f.public = true, "https://room.example" }, ""},
		"a proxy without address": {func(f *roomFlags) { f.access.behindTLS = true }, "--public"},
		"a proxy in the clear":    {func(f *roomFlags) { f.access.behindTLS, f.public = true, "http://room.example" }, "--public"},
		"TLS twice": {func(f *roomFlags) {
			f.access.behindTLS, f.public, f.address.Certificate = true, "https://room.example", "x"
		}, "not both"},
		"no proxy":             {func(f *roomFlags) { f.access.proxies = []string{"nginx"} }, "nginx"},
		"by a provider":        {func(f *roomFlags) { f.access.oidc, f.public = oidc, "https://room.example" }, ""},
		"sent back to nowhere": {func(f *roomFlags) { f.access.oidc = oidc }, "--public"},
		"an authority alone":   {func(f *roomFlags) { f.address.Directory = "https://ca.example/directory" }, "--acme NAME"},
		"an authority":         {func(f *roomFlags) { f.address.ACME = []string{"room.example"} }, ""},
	} {
		f := &roomFlags{data: "d"}
		c.change(f)
		_, err := f.reached()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
		if len(f.address.ACME) > 0 && f.address.Cache != filepath.Join("d", "acme") {
			t.Errorf("%s: certificates are kept in %q", sentence, f.address.Cache)
		}
	}
	f := &roomFlags{public: "https://room.example:8443", hosts: []string{"other"}}
	f.access.proxies = []string{"127.0.0.1", "10.1.2.3/8", "2001:db8::/64"}
	a, err := f.reached()
	want := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/64")}
	if err != nil || !slices.Equal(a.hosts, []string{"other", "room.example:8443"}) || !slices.Equal(a.proxies, want) {
		t.Errorf("%+v %v", a, err)
	}
}
