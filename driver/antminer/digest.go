package antminer

import (
	"crypto/md5" //nolint:gosec // the machines know no other digest
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sluice/device"
)

// errChallenge says that an answer asks for no digest that can be given.
var errChallenge = errors.New("no digest challenge with MD5")

// challenge is what a web server wants to see hashed (RFC 2617).
type challenge struct {
	realm, nonce, opaque string
	auth                 bool // qop lists auth
	stale                bool
}

// challenged finds the first digest challenge among the headers of an answer.
func challenged(h http.Header) (challenge, error) {
	for _, line := range h.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.EqualFold(scheme, "Digest") {
			continue
		}
		f := fields(rest)
		if a := f["algorithm"]; a != "" && !strings.EqualFold(a, "MD5") || f["nonce"] == "" {
			continue
		}
		c := challenge{realm: f["realm"], nonce: f["nonce"], opaque: f["opaque"], stale: strings.EqualFold(f["stale"], "true")}
		for _, q := range strings.FieldsFunc(f["qop"], func(r rune) bool { return r == ',' || r == ' ' }) {
			c.auth = c.auth || strings.EqualFold(q, "auth")
		}
		return c, nil
	}
	return challenge{}, errChallenge
}

// fields splits name="value" pairs; commas inside quotes belong to the value.
func fields(s string) map[string]string {
	out := map[string]string{}
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		var value string
		rest = strings.TrimLeft(rest, " \t")
		if quoted, is := strings.CutPrefix(rest, `"`); is {
			value, rest, _ = strings.Cut(quoted, `"`)
			_, s, _ = strings.Cut(rest, ",")
		} else {
			value, s, _ = strings.Cut(rest, ",")
		}
		out[strings.ToLower(strings.Trim(name, " \t,"))] = strings.TrimSpace(value)
	}
	return out
}

// answer is the header that answers the challenge. count is how often its nonce
// was used, this time included, and own is our nonce; both count only with qop.
func (c challenge) answer(who device.Credential, method, path string, count int, own string) string {
	one := sum(who.User + ":" + c.realm + ":" + string(who.Secret))
	two := sum(method + ":" + path)
	head := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=MD5`, plainText(who.User), c.realm, c.nonce, path)
	if c.opaque != "" {
		head += fmt.Sprintf(`, opaque="%s"`, c.opaque)
	}
	if !c.auth {
		return head + fmt.Sprintf(`, response="%s"`, sum(one+":"+c.nonce+":"+two))
	}
	nc := fmt.Sprintf("%08x", count)
	response := sum(strings.Join([]string{one, c.nonce, nc, own, "auth", two}, ":"))
	return head + fmt.Sprintf(`, qop=auth, nc=%s, cnonce="%s", response="%s"`, nc, own, response)
}

// plainText keeps a quote or a line end in a user's name from ending the header.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}

func sum(s string) string {
	b := md5.Sum([]byte(s)) //nolint:gosec // the machines know no other digest
	return hex.EncodeToString(b[:])
}
