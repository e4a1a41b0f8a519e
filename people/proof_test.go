package people

import (
	"crypto/sha1" //nolint:gosec // RFC 6238
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCodesOfTheRFC are the vectors of RFC 6238, appendix B.
func TestCodesOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := func(n int) []byte { return []byte(strings.Repeat("1234567890", 7)[:n]) }
	for _, c := range []struct {
		second               int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		step := Step(time.Unix(c.second, 0))
		for _, x := range []struct {
			h    func() hash.Hash
			size int
			want string
		}{{sha1.New, 20, c.sha1}, {sha256.New, 32, c.sha256}, {sha512.New, 64, c.sha512}} {
			if got := code(x.h, secret(x.size), step, 8); got != x.want {
				t.Errorf("%d: %s, want %s", c.second, got, x.want)
			}
		}
		if got := CodeAt(secret(20), step); got != c.sha1[2:] {
			t.Errorf("%d: %s", c.second, got)
		}
	}
}

// TestCheckCode: a code is right once, around its time.
func TestCheckCode(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	now := Step(noon)
	for late := int64(-3); late <= 3; late++ {
		step, right := CheckCode(secret, CodeAt(secret, now+late), noon, 0)
		if right != (late >= -1 && late <= 1) || right && step != now+late {
			t.Errorf("a code %d steps late: %d %v", late, step, right)
		}
	}
	step, _ := CheckCode(secret, CodeAt(secret, now), noon, 0)
	for _, old := range []int64{now - 1, now} {
		if _, again := CheckCode(secret, CodeAt(secret, old), noon, step); again {
			t.Errorf("the code of step %d is right again", old-now)
		}
	}
	if _, next := CheckCode(secret, CodeAt(secret, now+1), noon, step); !next {
		t.Error("the next code is wrong")
	}
	for _, said := range []string{"", "12345", "1234567", "abcdef", "０１２３４５"} {
		if _, right := CheckCode(secret, said, noon, 0); right {
			t.Errorf("%q is right", said)
		}
	}
	if _, right := CheckCode(nil, CodeAt(nil, now), noon, 0); right {
		t.Error("a code without a secret is right")
	}
}

// TestRecoveryCodes differ in every bit, and are read however they are written.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b [RecoveryBytes]byte
		copy(b[:], rapid.SliceOfN(rapid.Byte(), len(b), len(b)).Draw(t, "chance"))
		c := RecoveryCode(b)
		want, right := RecoveryHash(c)
		if !right || len(c.Reveal()) != 19 {
			t.Fatalf("%q", c.Reveal())
		}
		n := rapid.IntRange(0, 79).Draw(t, "bit")
		b[n/8] ^= 1 << (n % 8)
		if other, _ := RecoveryHash(RecoveryCode(b)); other == want {
			t.Fatalf("bit %d is not in it", n)
		}
		said := strings.NewReplacer("-", " ", "0", "O", "1", "l").Replace(strings.ToUpper(c.Reveal()))
		if got, right := RecoveryHash(Hide(said)); !right || got != want {
			t.Fatalf("%q is not %q", said, c.Reveal())
		}
	})
	for _, said := range []string{"", "0000-0000-0000-000", "0000-0000-0000-000u", "0000-0000-0000-0000-0"} {
		if _, right := RecoveryHash(Hide(said)); right {
			t.Errorf("%q can be one", said)
		}
	}
}

// TestPasswords: length counts, and the name does not.
func TestPasswords(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"correct horse battery": "",
		"twelveletter":          "",
		"elevenlette":           "short",
		"":                      "short",
		"ééééàààà":              "short",
		"كلمة السر طويلة":       "",
		"aaaaaaaaaaaaaaaa":      "same few",
		"Ann.Miller.1990":       "your name",
		"annmiller annmiller":   "your name",
		"my friend is ann miller of texas and she swims": "",
		strings.Repeat("abcdefgh", 33):                   "long",
		"half a letter \xff":                             "no text",
		"a nothing in it \x00":                           "no text",
	} {
		err := CheckPassword(Hide(word), "ann.miller", "Ann Miller", "ann.miller@example.org")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || len(word) > 5 && strings.Contains(err.Error(), word)) {
			t.Errorf("%q: %v, want %q", word, err, want)
		}
	}
}

// TestSecretsDoNotPrint, whatever prints them, and are read from JSON.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	var in struct{ Password Secret }
	if err := json.Unmarshal([]byte(`{"Password": "swordfish"}`), &in); err != nil || in.Password.Reveal() != "swordfish" {
		t.Fatal(err)
	}
	type holder struct {
		s Secret
		p *Secret
	}
	h := holder{in.Password, &in.Password}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, x := range []any{in.Password, &in.Password, in, h, &h, []Secret{in.Password}, map[string]Secret{"a": in.Password}, fmt.Errorf("%v", in.Password)} {
			if got := fmt.Sprintf(verb, x); strings.Contains(got, "swordfish") || strings.Contains(got, "73776f7264") {
				t.Errorf("%s of %T: %s", verb, x, got)
			}
		}
	}
	if b, err := json.Marshal(in); err != nil || string(b) != `{"Password":"***"}` {
		t.Errorf("%s %v", b, err)
	}
	if (Secret{}).Reveal() != "" || (Secret{}).String() != "***" {
		t.Error("the empty secret")
	}
}

// TestNames: one spelling of each, and other spellings mean the same.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"ann": true, "ann.miller": true, "a-1_b": true, "7": true,
		"": false, "Ann": false, ".ann": false, "ann.": false, "a..b": false, "a b": false, "änn": false, "аnn": false, "ann\n": false, strings.Repeat("a", 41): false,
	} {
		if err := CheckName(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
	for pair, want := range map[[2]string]bool{
		{"ann", "bob"}: false, {"ann", "ANN"}: true, {"ann", "a.n.n"}: true, {"ann", " ann "}: true, {"ann", "ann1"}: false,
		{"", "ann"}: true, {"ann", "..."}: true, {"ann", "an\u200bn"}: true,
	} {
		if Same(pair[0], pair[1]) != want || Same(pair[1], pair[0]) != want {
			t.Errorf("%q", pair)
		}
	}
	for mail, want := range map[string]bool{"ann@example.org": true, "a+b@x.y": true, "ann": false, "@x.y": false, "ann@x": false, "a b@x.y": false, "a@b@c.d": false, "a@x.y\n": false} {
		if err := CheckMail(mail); (err == nil) != want {
			t.Errorf("%q: %v", mail, err)
		}
	}
	if Mailbox("Ann+work@Example.org") != Mailbox("ann@example.org") || Mailbox("ann@example.org") == Mailbox("bob@example.org") {
		t.Error("mailboxes")
	}
}

// TestThrottle: guessing gets slow, others are not held up for long, and the owner gets in.
func TestThrottle(t *testing.T) {
	t.Parallel()
	var h Throttle
	now, tried := noon, 0
	for now.Before(noon.Add(24 * time.Hour)) { // a day of guessing at one account from many places
		wait := h.Try("ann", strconv.Itoa(tried), now)
		if wait == 0 {
			tried++
		}
		if wait > accountMost {
			t.Fatalf("%v to wait", wait)
		}
		now = now.Add(max(wait, time.Millisecond))
	}
	if tried > 24*60*2+20 {
		t.Errorf("%d tries a day", tried)
	}
	if h.Try("bob", "elsewhere", now) != 0 {
		t.Error("another account is held up")
	}
	h = Throttle{}
	now, tried = noon, 0
	for now.Before(noon.Add(24 * time.Hour)) { // a day of guessing at many accounts from one place
		wait := h.Try(strconv.Itoa(tried), "here", now)
		if wait == 0 {
			tried++
		}
		now = now.Add(max(wait, time.Millisecond))
	}
	if tried > 24*4+30 {
		t.Errorf("%d tries a day from one address", tried)
	}
	h = Throttle{}
	for range accountFree {
		if h.Try("ann", "here", noon) != 0 {
			t.Fatal("she may not err")
		}
	}
	if h.Try("ann", "there", noon) == 0 {
		t.Error("many at once are one")
	}
	if wait := h.Try("ann", "there", noon.Add(-1000*time.Hour)); wait > accountMost {
		t.Errorf("%v to wait after the clock was set back", wait)
	}
	if h.Try("ann", "here", noon.Add(time.Minute)) != 0 {
		t.Fatal("she has to wait longer than she was told")
	}
	h.Passed("ann", "here")
	if h.Try("ann", "here", noon.Add(time.Minute)) != 0 {
		t.Error("her failures are not forgotten")
	}
}

// TestOwnersAreNotLockedOut by who guesses elsewhere, and their own address does not help
// to guess either.
func TestOwnersAreNotLockedOut(t *testing.T) {
	t.Parallel()
	var h Throttle
	h.Try("ann", "home", noon)
	h.Passed("ann", "home")
	for n := range 1000 {
		h.Try("ann", strconv.Itoa(n), noon)
	}
	if h.Try("ann", "away", noon) == 0 {
		t.Error("guessers are not slowed down")
	}
	if h.Try("ann", "home", noon) != 0 {
		t.Error("she is locked out at home")
	}
	tried := 0
	for range 1000 {
		if h.Try("ann", "home", noon) == 0 {
			tried++
		}
	}
	if tried > addressFree {
		t.Errorf("%d guesses from her address", tried)
	}
}

// TestThrottleIsBounded: and who guesses most is not forgotten for it.
func TestThrottleIsBounded(t *testing.T) {
	t.Parallel()
	var h Throttle
	for range 12 {
		h.Try("ann", "x", noon)
	}
	now := noon
	for range 8 {
		now = now.Add(accountMost + addressMost)
		h.Try("ann", "x", now)
	}
	if h.Try("ann", "y", now) == 0 {
		t.Fatal("she is not held up")
	}
	for n := range mostTries + 500 {
		h.Try(fmt.Sprint("name", n), fmt.Sprint("from", n), now)
	}
	if len(h.accounts) > mostTries || len(h.addresses) > mostTries {
		t.Errorf("%d %d are remembered", len(h.accounts), len(h.addresses))
	}
	if h.Try("ann", "z", now) == 0 {
		t.Error("who was guessed at most is forgotten")
	}
}
