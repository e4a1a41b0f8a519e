package tenants

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTokens: who has the text of a token is its tenant, and nobody else is.
func TestTokens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	ctx, o := t.Context(), s.Office()
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	now := at(60)
	who := func(text string) string {
		got, err := s.Desk().Authenticate(ctx, text, now)
		if err != nil && !errors.Is(err, ErrToken) {
			t.Error(err)
		}
		return got.Name()
	}
	last := alpha.secret[len(alpha.secret)-1:]
	other := map[bool]string{true: "Q", false: "A"}[last == "A"]
	for sentence, c := range map[string]struct{ text, want string }{
		"the token itself":         {alpha.secret, "alpha"},
		"another tenant's":         {beta.secret, "beta"},
		"nothing":                  {"", ""},
		"its id alone":             {"sluice_" + alpha.token + "_", ""},
		"another last character":   {strings.TrimSuffix(alpha.secret, last) + other, ""},
		"the secret of another":    {"sluice_" + alpha.token + "_" + beta.secret[len("sluice_")+17:], ""},
		"a space behind":           {alpha.secret + " ", ""},
		"without its prefix":       {strings.TrimPrefix(alpha.secret, "sluice_"), ""},
		"an id that never was":     {"sluice_0123456789abcdef_" + alpha.secret[len("sluice_")+17:], ""},
		"an id with a wild card":   {"sluice_%%%%%%%%%%%%%%%%_" + alpha.secret[len("sluice_")+17:], ""},
		"the hash that is on disk": {"sluice_" + alpha.token + "_" + strings.Repeat("A", 43), ""},
	} {
		if got := who(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", sentence, got, c.want)
		}
	}
	if now = at(86_400); who(alpha.secret) != "" {
		t.Error("a token is valid after its end")
	}
	now = at(86_399)
	if err := o.Revoke(ctx, beta.Tenant, alpha.token, now); !errors.Is(err, ErrUnknown) || who(alpha.secret) != "alpha" {
		t.Errorf("the token of another was revoked: %v", err)
	}
	if err := o.Revoke(ctx, alpha.Tenant, alpha.token, now); err != nil || who(alpha.secret) != "" {
		t.Errorf("a revoked token is valid: %v", err)
	}
	if err := o.Part(ctx, beta.Tenant, now); err != nil || who(beta.secret) != "" {
		t.Errorf("a token of who left is valid: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{alpha.secret, beta.secret} {
		notOnDisk(t, dir, secret[len("sluice_")+17:])
	}
}

// notOnDisk: no file holds the secret of a token, nor the bytes of it.
func notOnDisk(t *testing.T, dir, secret string) {
	t.Helper()
	_, raw, _ := parse("sluice_0123456789abcdef_" + secret)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(body, []byte(secret)) || bytes.Contains(body, raw) {
			t.Errorf("%s holds the secret of a token", f)
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v %v", f, info.Mode(), err)
		}
	}
}

// TestTokensDiffer: no two tokens are alike, and too many are refused.
func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha := enrol(t, s, "alpha")
	seen := map[string]bool{alpha.secret: true}
	for range mostTokens - 1 {
		text, _, err := s.Office().Issue(t.Context(), alpha.Tenant, "", at(0), time.Time{})
		if err != nil || seen[text] || len(text) != len(alpha.secret) {
			t.Fatalf("%q %v", text, err)
		}
		seen[text] = true
	}
	if _, _, err := s.Office().Issue(t.Context(), alpha.Tenant, "", at(0), time.Time{}); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
}

// FuzzParse: whatever is sent as a token, only what Issue writes is whole.
func FuzzParse(f *testing.F) {
	f.Add("sluice_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("sluice__")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		id, secret, whole := parse(text)
		if len(secret) != secretBytes || whole != (id != "") || whole && len(text) != len(tokenPrefix)+2*idBytes+1+43 {
			t.Errorf("%q: %q %d %v", text, id, len(secret), whole)
		}
	})
}
