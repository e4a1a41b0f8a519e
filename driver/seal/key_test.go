package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"sluice/device"
)

const canary = "canary-horse-staple"

// cheap is a passphrase whose work takes no time.
func cheap(t *testing.T, text string, work int) Key {
	t.Helper()
	k, err := phrase(text)
	if err != nil {
		t.Fatal(err)
	}
	k.in().work = work
	return k
}

func newKey(t *testing.T) (Key, []byte) {
	t.Helper()
	k, text, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k, text
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	one, _ := newKey(t)
	two, _ := newKey(t)
	words := cheap(t, "correct horse battery", 4)
	text := []byte("*,root," + canary + "\n")
	for sentence, c := range map[string]struct {
		with, by Key
		err      error
	}{
		"a key opens its own":                  {one, one, nil},
		"a passphrase opens its own":           {words, cheap(t, "correct horse battery", 4), nil},
		"another key does not":                 {one, two, ErrWrongKey},
		"another passphrase does not":          {words, cheap(t, "correct horse batterx", 4), ErrWrongKey},
		"a key does not open a passphrase's":   {words, one, ErrWrongKey},
		"a passphrase does not open a key's":   {one, words, ErrWrongKey},
		"no key opens nothing":                 {one, Key{}, ErrNoKey},
		"the zero key is no key to seal with ": {Key{}, one, ErrNoKey},
	} {
		sealed, err := c.with.Seal(text)
		if err == nil {
			if !Sealed(sealed) || bytes.Contains(sealed, []byte(canary)) || Sealed(text) {
				t.Errorf("%s: sealed as %.60q", sentence, sealed)
			}
			var got []byte
			if got, err = c.by.Open(sealed); err == nil && !bytes.Equal(got, text) {
				t.Errorf("%s: opened %q", sentence, got)
			}
		}
		if !errors.Is(err, c.err) || err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v, want %v", sentence, err, c.err)
		}
	}
}

// TestADamagedFileIsFound changes each byte of a sealed file, and cuts it there.
func TestADamagedFileIsFound(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t)
	sealed, err := k.Seal([]byte("*,root," + canary + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if got, err := k.Open(bad); err == nil && !bytes.Contains(got, []byte(canary)) {
			t.Errorf("with byte %d changed it opens as %q", i, got)
		}
		if got, err := k.Open(sealed[:i]); err == nil && i < len(bytes.TrimSpace(sealed)) {
			t.Errorf("with %d of %d bytes it opens as %q", i, len(sealed), got)
		}
	}
}

// TestWorkIsBounded: a file that asks for hours of work is refused at once.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	k := cheap(t, "correct horse battery", 4)
	var b bytes.Buffer
	r, err := age.NewScryptRecipient("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(4)
	w, err := age.Encrypt(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open(b.Bytes()); err != nil {
		t.Fatalf("as it is: %v", err)
	}
	head, rest, _ := bytes.Cut(b.Bytes(), []byte(" 4\n"))
	for _, work := range []string{"19", "30", "64", "99999999999999999999"} {
		asks := append(append(bytes.Clone(head), " "+work+"\n"...), rest...)
		if _, err := k.Open(asks); err == nil {
			t.Errorf("work 2^%s was done", work)
		} else if work == "19" && !strings.Contains(err.Error(), "more work") {
			t.Errorf("work 2^%s: %v", work, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	_, file := newKey(t)
	id := strings.TrimSpace(strings.SplitN(string(file), "\n", 2)[1])
	for text, ok := range map[string]bool{
		string(file):                   true,
		id:                             true,
		"# made today\n\n" + id + "\n": true,
		id[:len(id)-3]:                 false,
		"# " + id + "\n":               false,
		canary + "\n":                  true,
		"canary\n":                     false,
		"canary canary\ncanary\n":      false,
		"":                             false,
	} {
		k, err := ParseKey([]byte(text))
		if (err == nil) != ok || err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), id[20:30])) {
			t.Errorf("%.30q: %v, want it good: %t", text, err, ok)
		}
		var b strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
			fmt.Fprintf(&b, verb+verb+verb, k, struct{ k Key }{k}, struct{ k *Key }{&k})
		}
		if out := b.String(); strings.Contains(out, "canary") || strings.Contains(out, "AGE-SECRET") {
			t.Error(out)
		}
	}
}

// put writes a file with a mode.
func put(t *testing.T, name, text string, m fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), m); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// env answers for an environment.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if v, ok := strings.CutPrefix(p, name+"="); ok {
				return v
			}
		}
		return ""
	}
}

func TestFindKey(t *testing.T) {
	t.Parallel()
	_, file := newKey(t)
	given := filepath.Dir(put(t, "sluice-seal", canary+"\n", 0o440))
	for sentence, c := range map[string]struct {
		file string
		env  func(string) string
		says string // empty: it is found
	}{
		"a file of its owner":             {put(t, "k", string(file), 0o600), env(), ""},
		"a passphrase in a file":          {put(t, "k", canary, 0o400), env(), ""},
		"a file that others may read":     {put(t, "k", string(file), 0o644), env(), "others may read it"},
		"a file that its group may write": {put(t, "k", string(file), 0o620), env(), "others may read it"},
		"no such file":                    {filepath.Join(given, "none"), env(), "no such file"},
		"the file goes first":             {put(t, "k", "short", 0o600), env("SLUICE_SEAL_PASSPHRASE=" + canary), "at least 12"},
		"the environment":                 {"", env("SLUICE_SEAL_PASSPHRASE=" + canary), ""},
		"a short one in the environment":  {"", env("SLUICE_SEAL_PASSPHRASE=canary"), "SLUICE_SEAL_PASSPHRASE: a passphrase has"},
		"systemd":                         {"", env("CREDENTIALS_DIRECTORY=" + given), ""},
		"systemd gives another one":       {"", env("CREDENTIALS_DIRECTORY=" + filepath.Dir(given)), "no such file"},
		"nothing":                         {"", env(), "no key: name a key file"},
	} {
		k, err := FindKey(c.file, c.env)
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		}
		if (k.in == nil) != (c.says != "") {
			t.Errorf("%s: a key came: %t", sentence, k.in != nil)
		}
	}
}

// TestLoad walks through the ways in which credentials are given.
func TestLoad(t *testing.T) {
	t.Parallel()
	k, keyText := newKey(t)
	const lines = "luxos,me," + canary + "\n"
	sealed, err := k.Seal([]byte(lines))
	if err != nil {
		t.Fatal(err)
	}
	keyName := put(t, "seal.key", string(keyText), 0o600)
	_, otherText := newKey(t)
	other := put(t, "other.key", string(otherText), 0o600)
	all := env("SLUICE_DEVICE_USER=someone", "SLUICE_DEVICE_PASSWORD=canary-else")
	for sentence, c := range map[string]struct {
		source  Source
		warning string
		err     string
	}{
		"nothing but the environment":    {Source{}, "", ""},
		"sealed":                         {Source{File: put(t, "a.sealed", string(sealed), 0o644), KeyFile: keyName, Writes: true}, "", ""},
		"sealed, without a key":          {Source{File: put(t, "a.sealed", string(sealed), 0o600)}, "", "no key"},
		"sealed, another key":            {Source{File: put(t, "a.sealed", string(sealed), 0o600), KeyFile: other}, "", "does not open it"},
		"sealed and cut":                 {Source{File: put(t, "a.sealed", string(sealed[:len(sealed)-80]), 0o600), KeyFile: keyName}, "", "damaged"},
		"in the clear":                   {Source{File: put(t, "a.csv", lines, 0o600), Writes: true}, "holds passwords in the clear: sluice device seal", ""},
		"in the clear, open, to read":    {Source{File: put(t, "a.csv", lines, 0o640)}, "others may read them: chmod 600", ""},
		"in the clear, open, to command": {Source{File: put(t, "a.csv", lines, 0o604), Writes: true}, "", "others may read these passwords: chmod 600"},
		"a bad line":                     {Source{File: put(t, "a.csv", "luxos,"+canary+"\n", 0o600)}, "", "a.csv:1: write family"},
		"no such file":                   {Source{File: filepath.Join(t.TempDir(), "none")}, "", "no such file"},
	} {
		c.source.Env, c.source.Families = all, []device.Family{device.LuxOS, device.VNish}
		b, warning, err := Load(c.source)
		if said := warning + fmt.Sprint(err); strings.Contains(said, "canary") || strings.Contains(said, "AGE-SECRET") {
			t.Errorf("%s: told a secret: %s", sentence, said)
		}
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", sentence, err, c.err)
			}
			continue
		}
		if err != nil || !strings.Contains(warning, c.warning) || c.warning == "" && warning != "" {
			t.Errorf("%s: %v, warning %q, want %q", sentence, err, warning, c.warning)
		}
		luxos, _ := b.For(device.Identity{Family: device.LuxOS}, device.Address{Host: "10.0.0.1"})
		rest, _ := b.For(device.Identity{Family: device.VNish}, device.Address{Host: "10.0.0.1"})
		if rest.User != "someone" || rest.Secret != "canary-else" || c.source.File != "" && luxos.Secret != canary {
			t.Errorf("%s: users %q and %q", sentence, luxos.User, rest.User)
		}
	}
}

// FuzzOpen looks for a sealed file that brings the program down or opens as
// something that was never sealed.
func FuzzOpen(f *testing.F) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	k := (&lock{identity: id}).key()
	sealed, err := k.Seal([]byte(canary))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nAA\n--- AA\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := k.Open(text); err == nil && string(got) != canary {
			t.Errorf("opened %q", got)
		}
	})
}

// FuzzParseKey: any text is a key that seals and opens, or an error that tells
// nothing of it.
func FuzzParseKey(f *testing.F) {
	f.Add([]byte("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"))
	f.Add([]byte("# x\n\nAGE-SECRET-KEY-1\n"))
	f.Add([]byte(canary + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParseKey(text)
		if err != nil {
			if len(text) > 8 && strings.Contains(err.Error(), string(text)) {
				t.Errorf("%q is told by %v", text, err)
			}
			return
		}
		k.in().work = 1
		sealed, err := k.Seal([]byte(canary))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(sealed); err != nil || string(got) != canary {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	})
}
