package gpu

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/gpu/node"
	"sluice/driver/wire"
	port "sluice/gpu"
	"sluice/unit"
)

const secret = "a-token-of-many-letters"

// near is the network of this computer.
func near(tb testing.TB) *wire.Network {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// serve opens a handler until the test ends and returns its address.
func serve(tb testing.TB, h http.HandlerFunc) string {
	tb.Helper()
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// board is GPUs in memory.
type board struct{ limits []unit.Power }

func (*board) Route() string { return "board" }

func (b *board) Read(context.Context) ([]port.Reading, error) {
	var out []port.Reading
	for i, l := range b.limits {
		out = append(out, port.Reading{
			Index: i, UUID: fmt.Sprintf("GPU-%d", i), Draw: min(690, l), Limit: l, Min: 200, Max: 700, Default: 700,
			Has: port.Has{Draw: true, Limit: true, Range: true, Default: true},
		})
	}
	return out, nil
}

func (b *board) Limit(_ context.Context, g port.Reading, l unit.Power) error {
	b.limits[g.Index] = l
	return nil
}

// agent serves one node with two GPUs.
func agent(tb testing.TB, name string) (*board, http.Handler) {
	tb.Helper()
	b := &board{limits: []unit.Power{700, 700}}
	return b, node.Handler(node.New(b, node.Options{Node: name, Dir: tb.TempDir()}), []byte(secret))
}

func TestAgents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b1, h1 := agent(t, "n1")
	_, h2 := agent(t, "n2")
	a, err := New(near(t), []Node{{"n1", serve(t, h1.ServeHTTP)}, {"n2", serve(t, h2.ServeHTTP)}}, Options{Token: []byte(secret), Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	rs, err := a.Read(t.Context())
	if err != nil || len(rs) != 4 || rs[0].Node != "n1" || rs[3].Node != "n2" || rs[3].UUID != "GPU-1" || !rs[3].At.Equal(at) || rs[2].Draw != 690 {
		t.Fatalf("%v %+v", err, rs)
	}
	got, err := a.Set(t.Context(), port.Setting{Node: "n1", Limit: 450, Epoch: 3})
	if diff := cmp.Diff(port.Answer{Node: "n1", Taken: true, At: at}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if got, err := a.Set(t.Context(), port.Setting{Node: "n1", Limit: 100, Epoch: 3}); err != nil || got.Taken || !strings.Contains(got.Why, "takes 200 to 700 W") {
		t.Errorf("%v %+v", err, got)
	}
	if got, err := a.Set(t.Context(), port.Setting{Node: "n1", Limit: 500, Epoch: 2}); err != nil || got.Taken {
		t.Errorf("an epoch that is over: %v %+v", err, got)
	}
	if diff := cmp.Diff([]unit.Power{450, 450}, b1.limits); diff != "" {
		t.Error(diff)
	}
	if got, err := a.Restore(t.Context(), "n1", 3); err != nil || !got.Taken || b1.limits[0] != 700 {
		t.Errorf("%v %+v %v", err, got, b1.limits)
	}
	if _, err := a.Set(t.Context(), port.Setting{Node: "n9", Limit: 450}); err == nil || !strings.Contains(err.Error(), "not declared") {
		t.Errorf("%v", err)
	}
}

func TestAgentsOverTLS(t *testing.T) {
	t.Parallel()
	_, h := agent(t, "n1")
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	nodes := []Node{{"n1", s.Listener.Addr().String()}}
	trust := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	a, err := New(near(t), nodes, Options{Token: []byte(secret), TLS: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}})
	if err != nil {
		t.Fatal(err)
	}
	if rs, err := a.Read(t.Context()); err != nil || len(rs) != 2 {
		t.Errorf("%v %v", err, rs)
	}
	stranger, err := New(near(t), nodes, Options{Token: []byte(secret), TLS: &tls.Config{MinVersion: tls.VersionTLS12}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Read(t.Context()); !errors.Is(err, ErrSilent) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

// TestHostileAgents: whatever a node says, the others are heard, and what cannot be
// is refused.
func TestHostileAgents(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, says(`{"node":"bad","gpus":[]}`))
	for sentence, h := range map[string]http.HandlerFunc{
		"no JSON":           says("hello"),
		"another node":      says(`{"node":"n7","gpus":[]}`),
		"a draw below zero": says(`{"node":"bad","gpus":[{"index":0,"draw_w":-5}]}`),
		"a megawatt":        says(`{"node":"bad","gpus":[{"index":0,"draw_w":1000000}]}`),
		"an unknown field":  says(`{"node":"bad","gpus":[],"do":"this"}`),
		"one GPU twice":     says(`{"node":"bad","gpus":[{"index":0},{"index":0}]}`),
		"a way elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+elsewhere, http.StatusFound)
		},
		"a refusal of the token": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"an error with a long \n": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "\x1b[31m"+strings.Repeat("x", 10_000), http.StatusInternalServerError)
		},
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the caller leaves
			<-r.Context().Done()
		},
		"an answer without end": func(w http.ResponseWriter, _ *http.Request) {
			for line := []byte(strings.Repeat(" ", 1<<16)); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		},
		"headers without end": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, good := agent(t, "good")
			a, err := New(near(t), []Node{{"bad", serve(t, h)}, {"good", serve(t, good.ServeHTTP)}}, Options{Token: []byte(secret), Timeout: 3 * time.Second, Patient: 3 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			rs, err := a.Read(t.Context())
			if err == nil || !strings.Contains(err.Error(), `"bad"`) || strings.ContainsAny(err.Error(), "\x1b") || len(err.Error()) > 1000 {
				t.Errorf("%v", err)
			}
			if len(rs) != 2 || rs[0].Node != "good" {
				t.Errorf("the other node was not heard: %+v", rs)
			}
			if answer, err := a.Set(t.Context(), port.Setting{Node: "bad", Limit: 450}); err == nil {
				t.Errorf("a setting was believed: %+v", answer)
			}
		})
	}
}

func TestNodesAreChecked(t *testing.T) {
	t.Parallel()
	_, err := New(near(t), []Node{{"", "127.0.0.1:1"}, {"a", "127.0.0.1:1"}, {"a", "127.0.0.1:2"}, {"b", "host:1"}, {"c", "10.0.0.1:1"}, {"d", "127.0.0.1:0"}}, Options{Token: []byte(secret)})
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{"plain name of its own", `"host:1" is no IP`, "declared device network", `"127.0.0.1:0" is no IP`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if _, err := New(near(t), nil, Options{}); err == nil {
		t.Error("no token")
	}
}
