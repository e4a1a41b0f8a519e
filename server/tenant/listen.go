package tenant

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sluice/driver/door"
)

// SocketName is the file in the data directory at which the operator reaches a server
// that runs. Only its owner may open it.
const SocketName = "tenants.sock"

// Address says where tenants are answered. Without certificate and key it is an address
// of this computer alone: a token in the clear is everybody's.
type Address struct {
	Listen           string
	Certificate, Key string // PEM files, read again when they change
}

// Open listens for tenants.
func (a Address) Open(ctx context.Context) (net.Listener, error) {
	at, err := netip.ParseAddrPort(a.Listen)
	switch {
	case err != nil:
		return nil, fmt.Errorf("listen at %q: give an address and a port, such as 127.0.0.1:8443", a.Listen)
	case (a.Certificate == "") != (a.Key == ""):
		return nil, errors.New("a certificate needs its key, and a key its certificate")
	case a.Certificate == "" && !at.Addr().IsLoopback():
		return nil, fmt.Errorf("listen at %s: tokens would cross the network in the clear: give a certificate and its key, or an address of this computer such as 127.0.0.1:%d behind a proxy that has them", at, at.Port())
	}
	var conf *tls.Config
	if a.Certificate != "" {
		pair := &pair{certificate: a.Certificate, key: a.Key}
		if _, err := pair.get(nil); err != nil {
			return nil, err
		}
		conf = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get, NextProtos: []string{"h2", "http/1.1"}}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Listen)
	if err != nil || conf == nil {
		return l, err
	}
	return tls.NewListener(l, conf), nil
}

// pair is a certificate that is renewed under a running server.
type pair struct {
	certificate, key string
	mu               sync.Mutex // guards what follows
	at               time.Time
	have             *tls.Certificate
}

// get is the certificate as it is now; one that cannot be read leaves the last one.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	about, err := os.Stat(p.certificate)
	if err == nil && (p.have == nil || !about.ModTime().Equal(p.at)) {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(p.certificate, p.key); err == nil {
			p.have, p.at = &c, about.ModTime()
		}
	}
	if p.have == nil {
		return nil, fmt.Errorf("certificate %s: %w", p.certificate, err)
	}
	return p.have, nil
}

// Serve answers at l until ctx ends.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 40 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0), // what strangers do to a handshake is no news
	}
	end := func() {
		quiet, stop := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer stop()
		_ = srv.Shutdown(quiet)
		_ = srv.Close()
	}
	stop := context.AfterFunc(ctx, end)
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return context.Cause(ctx)
}

// Door listens for the operator at the socket of a data directory. A socket that nobody
// answers at is left over and is replaced.
func Door(ctx context.Context, dir string) (net.Listener, error) {
	return door.Open(ctx, filepath.Join(dir, SocketName), "server for tenants")
}

// ServeHTTP answers the operator, over the door alone.
func (o Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q Order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody)).Decode(&q); err != nil {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	out, err := o.Carry(r.Context(), q)
	status := http.StatusOK
	if err != nil {
		out = Report{No: err.Error()}
		status = http.StatusConflict
		if !errors.Is(err, ErrNo) {
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// ErrNobody says that no server runs on a data directory.
var ErrNobody = errors.New("no server for tenants runs on this data directory")

// Tell has the server of a data directory carry out an order.
func Tell(ctx context.Context, dir string, q Order) (Report, error) {
	return tell(ctx, inside(dir), q)
}
