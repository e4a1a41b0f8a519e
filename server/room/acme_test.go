package room

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// ca is an authority by RFC 8555 that believes everybody: its orders are ready at once.
type ca struct {
	*httptest.Server
	*authority
	order map[string]any
	chain []byte
	asked int // certificates
}

func newCA(t *testing.T) *ca {
	t.Helper()
	c := &ca{authority: newAuthority(t)}
	mux := http.NewServeMux()
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	c.order = map[string]any{"status": "ready", "finalize": c.URL + "/finalize", "authorizations": []string{}, "identifiers": []map[string]string{{"type": "dns", "value": "room.example"}}}
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Replay-Nonce", "nonce")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/directory", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"newNonce": c.URL + "/nonce", "newAccount": c.URL + "/account", "newOrder": c.URL + "/order"})
	})
	mux.HandleFunc("/nonce", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, nil) })
	mux.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", c.URL+"/account/1")
		answer(w, http.StatusCreated, map[string]string{"status": "valid"})
	})
	mux.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", c.URL+"/order/1")
		answer(w, http.StatusCreated, c.order)
	})
	mux.HandleFunc("/order/1", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, c.order) })
	mux.HandleFunc("/finalize", func(w http.ResponseWriter, req *http.Request) {
		c.issue(t, req)
		w.Header().Set("Location", c.URL+"/order/1")
		answer(w, http.StatusOK, c.order)
	})
	mux.HandleFunc("/cert", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Replay-Nonce", "nonce")
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(c.chain)
	})
	return c
}

// issue signs what a request of RFC 7515 holds.
func (c *ca) issue(t *testing.T, req *http.Request) {
	t.Helper()
	var signed struct{ Payload string }
	var order struct{ CSR string }
	if err := json.NewDecoder(req.Body).Decode(&signed); err != nil {
		t.Error(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(signed.Payload)
	if err == nil {
		err = json.Unmarshal(payload, &order)
	}
	if err != nil {
		t.Error(err)
	}
	der, err := base64.RawURLEncoding.DecodeString(order.CSR)
	if err != nil {
		t.Error(err)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Error(err)
		return
	}
	now := time.Now()
	leaf := c.sign(csr.PublicKey, now.Add(-time.Hour), now.AddDate(0, 3, 0), csr.DNSNames...)
	c.chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})...)
	c.order["status"], c.order["certificate"] = "valid", c.URL+"/cert"
	c.asked++
}

// TestFetchedCertificates come from an authority as the first browser asks, for the names
// that were given and no other, and are kept.
func TestFetchedCertificates(t *testing.T) {
	t.Parallel()
	w, c, cache := newWorld(t, func(c *Config) { c.Secure, c.Hosts = true, []string{"room.example"} }), newCA(t), t.TempDir()
	at := Address{Listen: "127.0.0.1:0", ACME: []string{"room.example"}, Cache: cache, Directory: c.URL + "/directory"}
	l, conf, err := at.Open(t.Context(), slog.New(slog.DiscardHandler), w.clock)
	w.must(err)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.room.Serve(ctx, l, conf) }()
	ask := func(name string) error {
		d := &tls.Dialer{Config: &tls.Config{RootCAs: c.pool(), ServerName: name, MinVersion: tls.VersionTLS12}}
		conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := ask("room.example"); err != nil {
		t.Error(err)
	}
	if err := ask("evil.example"); err == nil {
		t.Error("a certificate for every name")
	}
	w.must(ask("room.example"))
	kept, err := os.ReadDir(cache)
	w.must(err)
	if !slices.ContainsFunc(kept, func(f os.DirEntry) bool { return strings.Contains(f.Name(), "room.example") }) || c.asked != 1 {
		t.Errorf("kept %v, asked %d times", kept, c.asked)
	}
	end()
	w.must(<-served)
}
