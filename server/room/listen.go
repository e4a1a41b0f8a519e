package room

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// UsualAddress is where the room listens where nothing else is said.
const UsualAddress = "127.0.0.1:8321"

// soon is how long before its end a certificate is warned of.
const soon = 21 * 24 * time.Hour

// endWithin is how long what was begun may take after the end was asked for.
const endWithin = 10 * time.Second

// Address says where the control room is reached.
type Address struct {
	Listen           string   // address and port; empty: this computer alone, port 8321
	Insecure         bool     // without TLS also from elsewhere: whoever is on the way reads passwords
	Certificate, Key string   // PEM files, read again when they change
	ACME             []string // names for which certificates are fetched; empty: none are
	Cache            string   // folder in which they are kept
	Directory        string   // URL of the authority by RFC 8555; empty: Let's Encrypt
	Mail             string   // to whom the authority writes; may be empty
}

// TLS reports whether it is reached by TLS.
func (a Address) TLS() bool { return a.Certificate != "" || len(a.ACME) > 0 }

// Open listens, and says how TLS is done; nil: not at all. Without TLS it listens at an
// address of this computer alone, but where Insecure says otherwise.
func (a Address) Open(ctx context.Context, log *slog.Logger, clock func() time.Time) (net.Listener, *tls.Config, error) {
	if a.Listen == "" {
		a.Listen = UsualAddress
	}
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	conf, err := a.config(log, clock)
	if err != nil {
		return nil, nil, err
	}
	if conf == nil && !a.loopback() {
		log.WarnContext(ctx, "INSECURE: the control room is reached without TLS: whoever is on the way reads passwords and acts in other names", "listen", a.Listen)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("listen at %s: %w: end what listens there, or choose another port", a.Listen, err)
	}
	return l, conf, nil
}

// loopback reports an address of this computer alone.
func (a Address) loopback() bool {
	at, err := netip.ParseAddrPort(a.Listen)
	return err == nil && at.Addr().IsLoopback()
}

func (a Address) check() error {
	at, err := netip.ParseAddrPort(a.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("listen at %q: give an address and a port, such as %s or 0.0.0.0:8443", a.Listen, UsualAddress)
	case (a.Certificate == "") != (a.Key == ""):
		return errors.New("a certificate needs its key, and a key its certificate")
	case a.Certificate != "" && len(a.ACME) > 0:
		return errors.New("certificates are your own or fetched, not both")
	case len(a.ACME) > 0 && a.Cache == "":
		return errors.New("certificates that are fetched need a folder to be kept in")
	case !a.TLS() && !a.loopback() && !a.Insecure:
		return fmt.Errorf("listen at %s: passwords would cross the network in the clear: give a certificate and its key, or the names for which one is fetched, or listen at 127.0.0.1:%d behind a proxy that ends TLS", a.Listen, at.Port())
	}
	return nil
}

// config is how TLS is done.
func (a Address) config(log *slog.Logger, clock func() time.Time) (*tls.Config, error) {
	switch {
	case a.Certificate != "":
		p := &pair{certificate: a.Certificate, key: a.Key, log: log, clock: clock}
		if _, err := p.get(nil); err != nil {
			return nil, err
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.get, NextProtos: []string{"h2", "http/1.1"}}, nil
	case len(a.ACME) > 0:
		m := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(a.Cache), HostPolicy: autocert.HostWhitelist(a.ACME...), Email: a.Mail}
		if a.Directory != "" {
			m.Client = &acme.Client{DirectoryURL: a.Directory}
		}
		conf := m.TLSConfig()
		conf.MinVersion = tls.VersionTLS12
		return conf, nil
	}
	return nil, nil
}

// lookEach is how often it is looked whether the files of a certificate have changed.
const lookEach = 10 * time.Second

// pair is a certificate that may be renewed under a running server.
type pair struct {
	certificate, key string
	log              *slog.Logger
	clock            func() time.Time
	mu               sync.Mutex // guards what follows
	looked           time.Time
	warned           time.Time
	stamp            string // of both files as they were read
	have             *tls.Certificate
}

// get is the certificate as it is now. One that cannot be used leaves the last one.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	if p.have != nil && now.Sub(p.looked).Abs() < lookEach {
		return p.have, nil
	}
	p.looked = now
	p.warn(now)
	stamp := stampOf(p.certificate) + stampOf(p.key)
	if p.have != nil && stamp == p.stamp {
		return p.have, nil
	}
	c, err := readPair(p.certificate, p.key, now)
	if err == nil {
		p.have, p.stamp = c, stamp
		p.warn(now)
		return c, nil
	}
	if p.have == nil {
		return nil, err
	}
	p.stamp = stamp // it is said once for each change
	p.log.Error("the new certificate is not used, the last one stays", "cause", err)
	return p.have, nil
}

// warn says once a day that the certificate ends soon.
func (p *pair) warn(now time.Time) {
	if p.have == nil || p.have.Leaf.NotAfter.Sub(now) >= soon || now.Sub(p.warned).Abs() < 24*time.Hour {
		return
	}
	p.warned = now
	p.log.Warn("the certificate ends soon: renew it", "file", p.certificate, "until", p.have.Leaf.NotAfter.UTC())
}

func stampOf(name string) string {
	about, err := os.Stat(name)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(about.ModTime().UnixNano(), about.Size(), " ")
}

// readPair reads a certificate and its key, and refuses what no browser would take.
func readPair(certificate, key string, now time.Time) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", certificate, key, err)
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, fmt.Errorf("certificate %s: %w", certificate, err)
		}
	}
	if now.After(c.Leaf.NotAfter) || now.Before(c.Leaf.NotBefore) {
		return nil, fmt.Errorf("certificate %s holds from %s until %s, and now is %s: renew it, or set the clock", certificate,
			c.Leaf.NotBefore.UTC().Format(time.RFC3339), c.Leaf.NotAfter.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return &c, nil
}

// Serve answers at l until ctx ends. Then streams end at once, and what was begun has ten
// seconds. The error is nil where it ended because of ctx. It closes l.
func (r *Room) Serve(ctx context.Context, l net.Listener, conf *tls.Config) error {
	base := context.WithValue(context.WithoutCancel(ctx), endingKey{}, ctx)
	srv := &http.Server{
		Handler: r.hosted(l.Addr(), r.Handler()), TLSConfig: conf, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(r.cfg.Log.Handler(), slog.LevelDebug), // what strangers do to a handshake is no news
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		quiet, end := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
		defer end()
		if err := srv.Shutdown(quiet); err != nil {
			r.cfg.Log.Warn("not all requests ended in time", "cause", err)
			_ = srv.Close() // what is left is cut off
		}
	})
	var err error
	if conf != nil {
		err = srv.ServeTLS(l, "", "")
	} else {
		err = srv.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		<-ended
		return nil
	}
	stop()
	return fmt.Errorf("serve the control room at %s: %w", l.Addr(), err)
}

// hosted refuses names that are not ours where only this computer is meant to ask: a page
// elsewhere could give its own name our address, and read what we answer.
func (r *Room) hosted(at net.Addr, next http.Handler) http.Handler {
	ours := r.hosts(at)
	if ours == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		alive := req.URL.Path == "/livez" || req.URL.Path == "/readyz" // who asks for these knows an address alone
		if !alive && !slices.Contains(ours, strings.ToLower(req.Host)) {
			r.answer(w, problem(http.StatusMisdirectedRequest, "host", fmt.Sprintf("this control room is not %q", clip(req.Host, 100)), "open it by an address that it knows; --host adds one"))
			return
		}
		next.ServeHTTP(w, req)
	})
}

// hosts are the names by which it may be asked; nil: by all.
func (r *Room) hosts(at net.Addr) []string {
	tcp, is := at.(*net.TCPAddr)
	local := is && tcp.IP.IsLoopback()
	if !local && len(r.cfg.Hosts) == 0 {
		return nil
	}
	var out []string
	for _, h := range r.cfg.Hosts {
		out = append(out, strings.ToLower(h))
	}
	if is {
		port := itoa(tcp.Port)
		for _, h := range []string{"localhost", "127.0.0.1", "::1", tcp.IP.String()} {
			out = append(out, net.JoinHostPort(h, port))
		}
	}
	return out
}

// validHosts reports what cannot be the name of a host.
func validHosts(all []string) error {
	var faults []error
	for _, h := range all {
		if err := http.NewCrossOriginProtection().AddTrustedOrigin("https://" + h); err != nil || strings.ContainsAny(h, "/@?# ") {
			faults = append(faults, fmt.Errorf("host %.100q: write a name, and a port where it is not the usual one, such as room.example or room.example:8443", h))
		}
	}
	return errors.Join(faults...)
}
