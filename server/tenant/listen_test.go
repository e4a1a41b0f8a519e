package tenant

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAddresses: tokens never cross a network in the clear.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for a, says := range map[Address]string{
		{Listen: "0.0.0.0:0"}:                               "in the clear",
		{Listen: "[::]:0"}:                                  "in the clear",
		{Listen: "10.0.0.1:443"}:                            "in the clear",
		{Listen: "somewhere"}:                               "an address and a port",
		{Listen: "127.0.0.1:0", Key: "k"}:                   "a certificate needs its key",
		{Listen: "0.0.0.0:0", Certificate: "c"}:             "a certificate needs its key",
		{Listen: "0.0.0.0:0", Certificate: "no", Key: "no"}: "no such file",
	} {
		l, err := a.Open(t.Context())
		if err == nil {
			_ = l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, dir string, number int64) (pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(number), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), "cert.pem": public} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, "cert.pem"), time.Time{}, time.Unix(number, 0)); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}

// TestTLS: with a certificate it is TLS alone, and a renewed one is taken while it runs.
func TestTLS(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	dir := t.TempDir()
	l, err := Address{Listen: "127.0.0.1:0", Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}.Open(t.Context())
	if err == nil {
		t.Fatal("opened without a certificate")
	}
	pool := certificate(t, dir, 1)
	l, err = Address{Listen: "127.0.0.1:0", Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}.Open(t.Context())
	w.must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, w.server()) }()
	ask := func(pool *x509.CertPool) (int, error) {
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("https://%s/v1/me", l.Addr()), nil)
		r.Header.Set("Authorization", "Bearer "+alpha.text)
		a, err := c.Do(r)
		if err != nil {
			return 0, err
		}
		_, _ = io.Copy(io.Discard, a.Body)
		return a.StatusCode, a.Body.Close()
	}
	if status, err := ask(pool); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
	renewed := certificate(t, dir, 2)
	if status, err := ask(renewed); status != 200 || err != nil {
		t.Errorf("the renewed certificate: %d %v", status, err)
	}
	if _, err := ask(pool); err == nil {
		t.Error("the old certificate is still shown")
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestDoor: the operator's orders reach a server that runs, and nobody else's do.
func TestDoor(t *testing.T) {
	t.Parallel()
	w := build(t)
	dir, err := os.MkdirTemp("", "door") //nolint:usetesting // the name of a socket is short
	w.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if _, err := Tell(t.Context(), dir, Order{Do: "list"}); !errors.Is(err, ErrNobody) {
		t.Errorf("nobody is there: %v", err)
	}
	l, err := Door(t.Context(), dir)
	w.must(err)
	about, err := os.Stat(filepath.Join(dir, SocketName))
	w.must(err)
	if about.Mode().Perm() != 0o600 {
		t.Errorf("others can open it: %v", about.Mode())
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, Office{Store: w.store, Books: w, Now: w.clock}) }()
	if _, err := Door(t.Context(), dir); err == nil {
		t.Error("two servers at one door")
	}
	r, err := Tell(t.Context(), dir, Order{Do: "add", Tenant: "alpha"})
	if err != nil || !strings.Contains(r.Done, "alpha is known") {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := Tell(t.Context(), dir, Order{Do: "token", Tenant: "nobody"}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("%v", err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
