package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/driver/wire"
)

// The hashes were computed with "openssl passwd -1".
func TestMD5Crypt(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ password, salt, want string }{
		"an ordinary password":          {"sluice-test", "Qm7Zk2Xe", "XvSJxF1E9YUEfBug31Rpz/"},
		"a hash as password, with time": {"XvSJxF1E9YUEfBug31Rpz/5173", "p0Lr9TbW", "XWsDb7ppXUwYxN84xQDxL0"},
		"no password":                   {"", "ab", "rn6aQS/o7141mj179E/zA."},
		"one letter":                    {"a", "ab", "NM4FR4Dl/CzoTSJTd3YJ3."},
		"more than a block of letters":  {"a very long password of more than sixteen bytes", "ab", "ss2AdPX7GG3wnH5Pcgf1A."},
	} {
		if got := wire.MD5Crypt(c.password, c.salt); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
	if wire.MD5Crypt("a", "12345678") != wire.MD5Crypt("a", "123456789") || wire.MD5Crypt("a", "1234") != wire.MD5Crypt("a", "1234$5") {
		t.Errorf("a salt ends at eight bytes or at a dollar")
	}
}

func TestECBVector(t *testing.T) {
	t.Parallel()
	key, err := hex.DecodeString("3f2991573659a9f688007ccda64e2aac4817a989bf50d441dfd6eeb5743909a0")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wire.SealECB(key, []byte(`{"cmd":"power_off","respbefore":"true","token":"XWsDb7ppXUwYxN84xQDxL0"}`))
	if got := base64.StdEncoding.EncodeToString(sealed); err != nil || got != "tLu4bqn7vbA2cbaaGASDs2tUamKBUSQ8SSu63KHCNiPS2JA7MamQlcXwgNjIzqUnpxRS5IyvD+E9mtIgi3Eq4m143TrdTPHLWNR6RKq0qeQ=" {
		t.Errorf("sealed %s, %v", got, err)
	}
}

func TestECBOpensEveryFilling(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	text := `{"a":"b}c"}`
	for what, fill := range map[string]string{"zeros": strings.Repeat("\x00", 5), "PKCS#7": strings.Repeat("\x05", 5), "blanks": "     "} {
		sealed, err := wire.SealECB(key, []byte(text+fill))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := wire.OpenECB(key, sealed); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestECBRefuses(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	for what, sealed := range map[string][]byte{"nothing": nil, "part of a block": make([]byte, 17)} {
		if got, err := wire.OpenECB(key, sealed); err == nil {
			t.Errorf("%s was opened as %q", what, got)
		}
	}
	if _, err := wire.SealECB(key[:5], []byte("x")); err == nil {
		t.Errorf("a key of five bytes sealed")
	}
	if _, err := wire.OpenECB(key[:5], make([]byte, 16)); err == nil {
		t.Errorf("a key of five bytes opened")
	}
}

func TestECBGivesBackWhatItTook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		text := "{" + rapid.String().Draw(t, "text") + "}"
		sealed, err := wire.SealECB(key, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := wire.OpenECB(key, sealed); err != nil || string(got) != text {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	})
}
