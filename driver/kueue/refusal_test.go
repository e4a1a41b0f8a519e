package kueue_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	driver "sluice/driver/kueue"
	"sluice/engine"
	"sluice/internal/kueue"
	world "sluice/world/kueue"
)

// TestRefusals: every no of an API server is a named error that says what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	hold := engine.Command{Event: "cut-1", Seq: 1, Verb: engine.Hold, Subject: kueue.Spot}
	withhold := engine.Command{Event: "cut-1", Seq: 1, Verb: engine.Withhold, Power: gpuWatts}
	for sentence, c := range map[string]struct {
		spoil   func(*site, *world.World)
		command engine.Command
		wraps   error
		says    string
	}{
		"a missing permission is named": {
			func(_ *site, w *world.World) { w.Deny("patch clusterqueues") }, hold, engine.ErrDenied, "grant Sluice to patch clusterqueues of kueue.x-k8s.io",
		},
		"a missing permission on a part of an object is named": {
			func(_ *site, w *world.World) { w.Deny("patch workloads/status") }, withhold, engine.ErrDenied, "grant Sluice to patch workloads/status of kueue.x-k8s.io in namespace sluice",
		},
		"a missing permission to list is named": {
			func(_ *site, w *world.World) { w.Deny("get workloads") }, withhold, engine.ErrDenied, "grant Sluice to list workloads",
		},
		"a token that is not accepted": {
			func(s *site, _ *world.World) { rewrite(s.at.TokenFile, "another") }, hold, engine.ErrDenied, "the token is not accepted",
		},
		"a token file that is not there": {
			func(s *site, _ *world.World) { s.at.TokenFile += "-gone" }, hold, engine.ErrDenied, "read the token",
		},
		"a server that asks to come later": {
			func(_ *site, w *world.World) { w.Throttle(9) }, hold, driver.ErrBusy, "again after 7s",
		},
		"a certificate of a stranger": {
			func(s *site, _ *world.World) { s.at.Authority = stranger() }, hold, engine.ErrUnreachable, "certificate",
		},
		"a server that says nothing": {
			func(_ *site, w *world.World) { w.Silence(true) }, hold, engine.ErrUnreachable, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s, w := fakeSite(t, nil, hallOf(false))
			c.spoil(&s, w)
			d := s.driver(t)
			a, err := d.Do(t.Context(), c.command)
			if !errors.Is(err, c.wraps) || a.Done || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, %v: want %v and %q", a, err, c.wraps, c.says)
			}
			if _, err := d.View(t.Context()); errors.Is(c.wraps, engine.ErrUnreachable) && !errors.Is(err, engine.ErrUnreachable) {
				t.Errorf("a view of it: %v", err)
			}
		})
	}
}

func rewrite(file, text string) {
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(err)
	}
}

// stranger is a certificate that nobody of ours has signed with.
func stranger() []byte {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	raw := append([]byte(nil), s.Certificate().Raw...)
	raw[len(raw)-1] ^= 1 // the signature is not looked at in a root, its identity is
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// TestDialects: only the dialect that is known is spoken, and only over TLS.
func TestDialects(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		served []string
		says   string
	}{
		"an older dialect is refused":  {[]string{"v1beta1"}, "speaks v1beta1"},
		"a younger dialect is refused": {[]string{"v1"}, "only v1beta2 is known"},
		"the known one among others":   {[]string{"v1beta1", "v1beta2"}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := world.New(world.Setting{Now: time.Now, Token: kueue.Token, Versions: c.served})
			server := httptest.NewTLSServer(w)
			t.Cleanup(server.Close)
			at := config(t, server.URL, kueue.Token, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
			d, err := driver.New(at)
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.Capabilities(t.Context())
			if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, engine.ErrUnsupported) || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v, want %q", err, c.says)
			}
			if _, err := d.View(t.Context()); err != nil && !errors.Is(err, engine.ErrUnsupported) {
				t.Errorf("view: %v", err)
			}
		})
	}
	for _, server := range []string{"http://127.0.0.1:1", "127.0.0.1:1", ""} {
		if _, err := driver.New(driver.Config{Server: server}); err == nil {
			t.Errorf("%q was accepted: a token would be sent in the open", server)
		}
	}
}

// TestConflicts: an object that somebody changes at the same time is read again,
// a bounded number of times.
func TestConflicts(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		times int64
		done  bool
	}{"somebody is faster twice": {2, true}, "somebody is always faster": {1000, false}} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s, w := fakeSite(t, nil, hallOf(false))
			var patched atomic.Int64
			between := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPatch && patched.Add(1) <= c.times {
					touch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"somebody": time.Now().String()}}}
					if err := s.api.Call(r.Context(), http.MethodPatch, r.URL.Path, touch, nil); err != nil {
						t.Error(err)
					}
				}
				w.ServeHTTP(out, r)
			}))
			t.Cleanup(between.Close)
			s.at.Server, s.at.Authority = between.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: between.Certificate().Raw})
			a, err := s.driver(t).Do(t.Context(), engine.Command{Event: "cut-1", Seq: 1, Verb: engine.Hold, Subject: kueue.Spot})
			if a.Done != c.done || (err == nil) != c.done || err != nil && (!errors.Is(err, driver.ErrConflict) || !errors.Is(err, engine.ErrForeign)) {
				t.Errorf("%+v, %v", a, err)
			}
			if n := patched.Load(); n > 10 {
				t.Errorf("it was tried %d times", n)
			}
		})
	}
}

// TestStrangeAnswers: what is no Kubernetes is an error and never a view.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		answer string
		status int
	}{
		"a page of a proxy":     {"<html>please log in</html>", http.StatusOK},
		"half an object":        {`{"versions":[{"version":"v1b`, http.StatusOK},
		"another kind of value": {`{"versions":"v1beta2"}`, http.StatusOK},
		"a redirect":            {"", http.StatusFound},
		"a broken server":       {"oops", http.StatusBadGateway},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
				out.Header().Set("Location", "https://elsewhere.example/")
				out.WriteHeader(c.status)
				_, _ = out.Write([]byte(c.answer))
			}))
			t.Cleanup(server.Close)
			d, err := driver.New(config(t, server.URL, "token", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
			if err != nil {
				t.Fatal(err)
			}
			v, err := d.View(t.Context())
			if err == nil || len(v.Jobs)+len(v.Nodes) > 0 || v.Watts.Known {
				t.Errorf("%+v, %v", v, err)
			}
			var r *driver.Refusal
			if strange := errors.Is(err, driver.ErrStrange); strange == errors.As(err, &r) {
				t.Errorf("%v is neither strange nor a refusal", err)
			}
		})
	}
}

// TestTokenRotates: the token is read again for every request.
func TestTokenRotates(t *testing.T) {
	t.Parallel()
	var last atomic.Value
	server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		last.Store(r.Header.Get("Authorization"))
		_, _ = out.Write([]byte(`{"versions":[{"version":"v1beta2"}]}`))
	}))
	t.Cleanup(server.Close)
	at := config(t, server.URL, "first", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	d, err := driver.New(at)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"first", "second"} {
		rewrite(at.TokenFile, token)
		if _, err := d.Capabilities(t.Context()); err != nil || last.Load() != "Bearer "+token {
			t.Errorf("sent %v, %v: want %s", last.Load(), err, token)
		}
	}
}
