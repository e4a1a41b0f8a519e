package node

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"sluice/gpu"
)

// Bounds of what is asked of an agent.
const (
	bodyMost  = 64 << 10
	tokenMost = 4 << 10
	tokenMin  = 16
	atOnce    = 8
	workTime  = 3 * time.Minute // of one order, putting back left out
)

// Token reads the secret that callers must show from a file that nobody but its
// owner may read.
func Token(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("token: %w: make one: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE", err)
	}
	if info.Mode().Type() != fs.FileMode(0) || info.Mode().Perm()&0o077 != 0 || info.Size() > tokenMost {
		return nil, fmt.Errorf("token: %s must be a plain file that only its owner can read: chmod 600", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < tokenMin || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil, fmt.Errorf("token: %s holds no line of at least %d plain letters without blanks", name, tokenMin)
	}
	return []byte(token), nil
}

// Handler serves an agent to those who show the token: GET /v1/report, POST /v1/limit
// with a gpu.Setting, POST /v1/restore with a Return.
func Handler(a *Agent, token []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/report", func(w http.ResponseWriter, r *http.Request) {
		report, err := a.Report(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("POST /v1/limit", func(w http.ResponseWriter, r *http.Request) {
		var s gpu.Setting
		if take := order(w, r, &s); take {
			answer, err := a.Set(r.Context(), s)
			reply(w, answer, err)
		}
	})
	mux.HandleFunc("POST /v1/restore", func(w http.ResponseWriter, r *http.Request) {
		var s Return
		if take := order(w, r, &s); take {
			if s.Node != "" && s.Node != a.node {
				reply(w, a.refuse(fmt.Sprintf("this is node %q, not %q", a.node, s.Node)), nil)
				return
			}
			answer, err := a.Restore(r.Context(), s.Epoch, s.UUIDs...)
			reply(w, answer, err)
		}
	})
	return guard(mux, token)
}

// Return asks for the limits that were found.
type Return struct {
	Node  string   `json:"node,omitempty"`
	UUIDs []string `json:"uuids,omitempty"` // empty: all that are ours
	Epoch int64    `json:"epoch"`
}

// guard lets through who shows the token, so many at once, for so long.
func guard(next http.Handler, token []byte) http.Handler {
	want := sha256.Sum256(append([]byte("Bearer "), token...))
	room := make(chan struct{}, atOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			say(w, http.StatusUnauthorized, "show the token: Authorization: Bearer ...")
			return
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			say(w, http.StatusServiceUnavailable, "too many ask at once: ask again")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), workTime)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// order reads the body of an order, and answers what is no order itself.
func order(w http.ResponseWriter, r *http.Request, into any) bool {
	in := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMost))
	in.DisallowUnknownFields()
	err := in.Decode(into)
	if err == nil {
		if _, more := in.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err != nil {
		say(w, http.StatusBadRequest, "no order: "+plain(err.Error()))
	}
	return err == nil
}

func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		say(w, http.StatusInternalServerError, plain(err.Error()))
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		say(w, http.StatusInternalServerError, plain(err.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(text, '\n'))
}

// say answers with an error in words.
func say(w http.ResponseWriter, status int, what string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	text, _ := json.Marshal(map[string]string{"error": what})
	_, _ = w.Write(append(text, '\n'))
}

// Server is an HTTP server for a handler, with a bound on every wait.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: workTime + undoTime + 10*time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	}
}
