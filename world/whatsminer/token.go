package whatsminer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"time"

	"sluice/driver/wire"
	"sluice/world/machine"
)

// grant is one login of v2 that was given out.
type grant struct {
	at, newsalt string
	until       time.Time
}

// saltOf is the salt under which a machine keeps its password.
func saltOf(m *machine.Machine) string { return letters(m.Spec.Seed, 0) }

// letters are eight letters that look random.
func letters(seed, n uint64) string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	r := rand.New(rand.NewPCG(seed, 0x5a17+n)) //nolint:gosec // a simulated machine
	out := make([]byte, 8)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// grant gives out a login, or reports that all are taken; s.mu is held.
func (s *Server) grant(m *machine.Machine) (grant, bool) {
	x, now := s.session(m), s.now()
	x.grants = alive(x.grants, now)
	if len(x.grants) >= s.rules.Slots || s.rules.Occupied {
		return grant{}, false
	}
	x.issued++
	g := grant{
		at: strconv.Itoa(1000 + x.issued*37%9000), newsalt: letters(m.Spec.Seed, uint64(x.issued)), //nolint:gosec // counts up from one
		until: now.Add(s.rules.TokenLife),
	}
	x.grants = append(x.grants, g)
	return g, true
}

// alive are the logins that have not run out.
func alive(grants []grant, now time.Time) []grant {
	var out []grant
	for _, g := range grants {
		if now.Before(g.until) {
			out = append(out, g)
		}
	}
	return out
}

// secret is the hashed password and what orders are sealed with.
func (s *Server) secret(m *machine.Machine) (string, []byte) {
	known, ok := s.secrets.Load(m)
	secret, is := known.(string)
	if !ok || !is {
		secret = wire.MD5Crypt(s.rules.Password, saltOf(m)) // dear, and always the same
		s.secrets.Store(m, secret)
	}
	key := sha256.Sum256([]byte(secret))
	return secret, key[:]
}

// unseal reads a sealed order and reports whether it could.
func (s *Server) unseal(m *machine.Machine, data string) (asked, bool) {
	sealed, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, false
	}
	_, key := s.secret(m)
	text, err := wire.OpenECB(key, sealed)
	if err != nil {
		return nil, false
	}
	var q asked
	return q, json.Unmarshal(text, &q) == nil
}

// seal encrypts an answer.
func (s *Server) seal(m *machine.Machine, answer []byte) []byte {
	_, key := s.secret(m)
	sealed, err := wire.SealECB(key, answer)
	if err != nil {
		return answer
	}
	return marshal(map[string]any{"enc": base64.StdEncoding.EncodeToString(sealed)})
}

// signed reports whether a token belongs to a login that is alive; s.mu is held.
func (s *Server) signed(m *machine.Machine, token string) bool {
	secret, _ := s.secret(m)
	for _, g := range alive(s.session(m).grants, s.now()) {
		if token == wire.MD5Crypt(secret+g.at, g.newsalt) {
			return true
		}
	}
	return false
}
