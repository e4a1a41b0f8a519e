package room

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// authority signs certificates.
type authority struct {
	testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	n    int64
}

func newAuthority(tb testing.TB) *authority {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	is := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, is, is, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return &authority{tb, key, cert, 1}
}

// sign is a certificate for names and a key, as DER.
func (a *authority) sign(public any, from, until time.Time, names ...string) []byte {
	a.Helper()
	a.n++
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(a.n), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, public, a.key)
	if err != nil {
		a.Fatal(err)
	}
	return der
}

// files writes a certificate and its key, as of some instant of the disk.
func (a *authority) files(dir string, from, until, written time.Time) (certificate, key string) {
	a.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for name, b := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: a.sign(k.Public(), from, until, "localhost")}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			a.Fatal(err)
		}
		if err := os.Chtimes(name, written, written); err != nil {
			a.Fatal(err)
		}
	}
	return certificate, key
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// TestWhereToListen: without TLS at this computer alone, but where somebody says it.
func TestWhereToListen(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	good, key := a.files(dir, noon.Add(-time.Hour), noon.AddDate(1, 0, 0), noon)
	old, oldKey := a.files(t.TempDir(), noon.AddDate(-1, 0, 0), noon.Add(-time.Second), noon)
	for sentence, c := range map[string]struct {
		Address
		fault, log string
	}{
		"this computer":                 {Address{Listen: "127.0.0.1:0"}, "", ""},
		"this computer, by IPv6":        {Address{Listen: "[::1]:0"}, "", ""},
		"all addresses":                 {Address{Listen: "0.0.0.0:0"}, "in the clear", ""},
		"all addresses, and it is said": {Address{Listen: "0.0.0.0:0", Insecure: true}, "", "INSECURE"},
		"all addresses, with TLS":       {Address{Listen: "0.0.0.0:0", Certificate: good, Key: key}, "", ""},
		"no port":                       {Address{Listen: "127.0.0.1"}, "such as 127.0.0.1:8321", ""},
		"a certificate alone":           {Address{Listen: "127.0.0.1:0", Certificate: good}, "needs its key", ""},
		"the key of another":            {Address{Listen: "127.0.0.1:0", Certificate: good, Key: oldKey}, "does not match", ""},
		"one that has ended":            {Address{Listen: "127.0.0.1:0", Certificate: old, Key: oldKey}, "renew it", ""},
		"one that is not there":         {Address{Listen: "127.0.0.1:0", Certificate: "gone.crt", Key: "gone.key"}, "gone.crt", ""},
		"own and fetched":               {Address{Listen: "127.0.0.1:0", Certificate: good, Key: key, ACME: []string{"x"}, Cache: dir}, "not both", ""},
		"fetched and kept nowhere":      {Address{Listen: "127.0.0.1:0", ACME: []string{"x"}}, "a folder", ""},
	} {
		log := &strings.Builder{}
		l, conf, err := c.Open(t.Context(), slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return noon })
		if l != nil {
			_ = l.Close()
		}
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) || !strings.Contains(log.String(), c.log) || c.log == "" && log.Len() > 0 {
			t.Errorf("%s: %v, log %q", sentence, err, log)
		}
		if err == nil && (conf != nil) != c.TLS() {
			t.Errorf("%s: TLS %v", sentence, conf)
		}
	}
}

// TestACertificateIsRenewed under a running server; one that cannot be used is not taken,
// and one that ends soon is warned of.
func TestACertificateIsRenewed(t *testing.T) {
	t.Parallel()
	a, dir, now := newAuthority(t), t.TempDir(), noon
	log := &strings.Builder{}
	certificate, key := a.files(dir, noon.Add(-time.Hour), noon.AddDate(0, 0, 30), noon)
	p := &pair{certificate: certificate, key: key, log: slog.New(slog.NewTextHandler(log, nil)), clock: func() time.Time { return now }}
	serial := func() int64 {
		c, err := p.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	if serial() != 2 || log.Len() > 0 {
		t.Errorf("%d %s", serial(), log)
	}
	now = now.AddDate(0, 0, 10)
	if serial() != 2 || strings.Count(log.String(), "ends soon") != 1 {
		t.Error(log)
	}
	now = now.Add(time.Minute)
	if serial(); strings.Count(log.String(), "ends soon") != 1 {
		t.Error("it is warned of each time")
	}
	a.files(dir, noon, now.AddDate(0, 0, -1), now)
	now = now.Add(time.Minute)
	if serial() != 2 || !strings.Contains(log.String(), "the last one stays") {
		t.Error("one that has ended is used")
	}
	a.files(dir, noon, now.AddDate(1, 0, 0), now.Add(time.Second))
	if now = now.Add(time.Minute); serial() != 4 {
		t.Errorf("%d", serial())
	}
	if err := os.WriteFile(key, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if now = now.Add(time.Minute); serial() != 4 {
		t.Errorf("half a key: %d", serial())
	}
}

// TestServe answers by TLS and HTTP/2, ends streams at once and finishes what was begun.
func TestServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Secure = true })
	w.attach("a")
	begun, finish := make(chan struct{}), make(chan struct{})
	serve(w.room, route{method: "GET", path: "/v1/slow", id: "slow", says: "Takes its time.", group: "test", reach: open}, func(ctx context.Context, _ Visit, _ *struct{}) (First, error) {
		close(begun)
		<-finish
		return First{Needed: ctx.Err() == nil}, nil
	})
	a := newAuthority(t)
	certificate, key := a.files(t.TempDir(), noon.AddDate(-1, 0, 0), noon.AddDate(9, 0, 0), noon)
	l, conf, err := Address{Listen: "127.0.0.1:0", Certificate: certificate, Key: key}.Open(t.Context(), slog.New(slog.DiscardHandler), w.clock)
	w.must(err)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.room.Serve(ctx, l, conf) }()
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: a.pool(), ServerName: "localhost", MinVersion: tls.VersionTLS12, Time: w.clock}}}
	viewer := w.as(people.Viewer, "a")
	ask := func(path string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+l.Addr().String()+path, nil)
		w.must(err)
		req.AddCookie(&http.Cookie{Name: secureCookie, Value: viewer.cookie})
		return client.Do(req)
	}
	stream, err := ask(eventsPath)
	w.must(err)
	defer stream.Body.Close() //nolint:errcheck // it was read to its end
	lines := bufio.NewScanner(stream.Body)
	if !lines.Scan() || stream.ProtoMajor != 2 || stream.StatusCode != http.StatusOK {
		t.Fatalf("%s %d %q", stream.Proto, stream.StatusCode, lines.Text())
	}
	slow := make(chan string, 1)
	go func() {
		got, err := ask("/v1/slow")
		if err != nil {
			slow <- err.Error()
			return
		}
		defer got.Body.Close() //nolint:errcheck // it was read to its end
		text, _ := io.ReadAll(got.Body)
		slow <- string(text)
	}()
	<-begun
	end()
	for lines.Scan() { // until the stream ends
	}
	close(finish)
	if got := <-slow; !strings.Contains(got, `"needed":true`) {
		t.Errorf("what was begun was not finished: %s", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if got, err := ask("/livez"); err == nil {
		_ = got.Body.Close()
		t.Error("it answers on")
	}
}
