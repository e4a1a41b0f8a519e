package antminer

import (
	"crypto/md5" //nolint:gosec // the firmware knows no other digest
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sluice/world/machine"
)

// noncesMax is how many challenges of one machine stay valid.
const noncesMax = 8

// guarded lets through who answers a challenge with root's password.
func (s *server) guarded(p page) func(http.ResponseWriter, *http.Request, *machine.Machine) {
	return func(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
		w.Header().Set("Connection", "keep-alive") // as its web server does
		authorization := r.Header.Get("Authorization")
		if authorization == "" && s.drop() {
			panic(http.ErrAbortHandler)
		}
		fresh, right := s.verify(m, authorization, r.Method, r.URL.RequestURI())
		if fresh && right {
			p(w, r, m)
			return
		}
		w.Header().Set("WWW-Authenticate", s.challenge(m, right))
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("<html><body>401 Unauthorized</body></html>"))
	}
}

// drop reports whether a challenge is to be dropped, so many times.
func (s *server) drop() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops--
	return s.drops >= 0
}

// challenge gives a new nonce.
func (s *server) challenge(m *machine.Machine, stale bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given++
	nonce := fmt.Sprintf("%016x", s.given*0x9e3779b97f4a7c15)
	old := s.nonces[m]
	if len(old) == noncesMax {
		old = slices.Delete(old, 0, 1)
	}
	s.nonces[m] = append(old, nonce)
	head := fmt.Sprintf(`Digest realm="antMiner Configuration", nonce="%s"`, nonce)
	if !s.options.NoQop {
		head += `, qop="auth"`
	}
	if stale {
		head += `, stale=true`
	}
	return head
}

// verify reports whether an answer uses a nonce that was given and whether it
// knows the password.
func (s *server) verify(m *machine.Machine, header, method, path string) (fresh, right bool) {
	f := map[string]string{}
	rest, ok := strings.CutPrefix(header, "Digest ")
	if !ok {
		return false, false
	}
	for pair := range strings.SplitSeq(rest, ", ") {
		name, value, _ := strings.Cut(pair, "=")
		f[name] = strings.Trim(value, `"`)
	}
	s.mu.Lock()
	fresh = slices.Contains(s.nonces[m], f["nonce"])
	s.mu.Unlock()
	one := sum("root:" + f["realm"] + ":" + s.options.Secret)
	two := sum(method + ":" + path)
	want := sum(one + ":" + f["nonce"] + ":" + two)
	if !s.options.NoQop {
		want = sum(strings.Join([]string{one, f["nonce"], f["nc"], f["cnonce"], f["qop"], two}, ":"))
	}
	right = f["username"] == "root" && f["uri"] == path && f["response"] == want && (s.options.NoQop || f["nc"] != "")
	return fresh, right
}

func sum(s string) string {
	b := md5.Sum([]byte(s)) //nolint:gosec // the firmware knows no other digest
	return hex.EncodeToString(b[:])
}
