package notify

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/internal/loopback"
)

// mode is how the far end behaves.
type mode string

// The ways of a far end.
const (
	takes  mode = "takes"
	busy   mode = "busy"   // asks to try again
	no     mode = "no"     // refuses for good
	mute   mode = "mute"   // says nothing
	drops  mode = "drops"  // hangs up
	babble mode = "babble" // says what nobody expects, and repeats what it was sent
)

// heard is what a far end was told.
type heard struct {
	mu   sync.Mutex
	text []string
}

func (h *heard) add(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = append(h.text, s)
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.text...)
}

// web is a server that answers as its mode says; well is what its service says when it
// takes a message.
func web(t *testing.T, m mode, well string) (*url.URL, *heard) {
	t.Helper()
	h, over := &heard{}, make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.add(string(body))
		switch m {
		case takes:
			_, _ = io.WriteString(w, well)
		case busy:
			w.Header().Set("Retry-After", "120")
			http.Error(w, r.URL.String(), http.StatusTooManyRequests)
		case no:
			http.Error(w, r.URL.String(), http.StatusForbidden)
		case mute:
			<-over
		case drops:
			panic(http.ErrAbortHandler)
		case babble:
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, strings.Repeat(r.URL.String()+" ", 100))
		}
	}))
	t.Cleanup(func() { close(over); s.Close() })
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u, h
}

// toward sends every request to one server, whatever its address, and nothing outside.
type toward struct{ to *url.URL }

func (d toward) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = d.to.Scheme, d.to.Host
	return http.DefaultTransport.RoundTrip(r)
}

// pair is a certificate for 127.0.0.1, and who trusts it.
func pair(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// post is a mail server for a test.
type post struct {
	mode  mode
	tls   *tls.Config // nil: it offers no encryption
	first bool        // it speaks TLS from the start
	auth  string      // ways to log in
	heard heard
}

// office starts a mail server, and returns its address.
func office(t *testing.T, p *post) string {
	t.Helper()
	port := loopback.Serve(t, "127.0.0.1", func(c net.Conn) {
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		if p.first {
			c = tls.Server(c, p.tls)
		}
		p.talk(c, p.first)
	})
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// talk holds one conversation by RFC 5321.
func (p *post) talk(c net.Conn, secure bool) {
	r := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	switch p.mode {
	case mute:
		_, _ = r.ReadString('\n') // until the other end gives up
		return
	case drops:
		return
	case takes, busy, no, babble:
	}
	say("220 test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.TrimSpace(line))
		switch {
		case strings.HasPrefix(verb, "EHLO"):
			p.greet(say, secure)
		case verb == "STARTTLS":
			say("220 go")
			p.talkOn(c)
			return
		case strings.HasPrefix(verb, "AUTH"):
			p.heard.add(p.login(line, r, say))
		case strings.HasPrefix(verb, "MAIL"):
			p.answer(say, line)
		case strings.HasPrefix(verb, "DATA"):
			say("354 go")
			p.heard.add(letter(r))
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// talkOn goes on encrypted, without a second greeting line.
func (p *post) talkOn(c net.Conn) {
	t := tls.Server(c, p.tls)
	if t.Handshake() != nil {
		return
	}
	front, back := net.Pipe()
	defer func() { _ = front.Close() }()
	go func() { _, _ = io.Copy(front, t); _ = front.Close() }()
	go func() {
		b := bufio.NewReader(front)
		_, _ = b.ReadString('\n') // the greeting, which was said before
		_, _ = io.Copy(t, b)
		_ = t.Close()
	}()
	p.talk(back, true)
	_ = back.Close()
}

func (p *post) greet(say func(string), secure bool) {
	lines := []string{"test"}
	if p.tls != nil && !secure {
		lines = append(lines, "STARTTLS")
	}
	if p.auth != "" && (secure || p.tls == nil) {
		lines = append(lines, "AUTH "+p.auth)
	}
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		say("250" + sep + l)
	}
}

func (p *post) login(line string, r *bufio.Reader, say func(string)) string {
	f := strings.Fields(line)
	if f[1] == "PLAIN" {
		b, _ := base64.StdEncoding.DecodeString(f[2])
		p.welcome(say)
		return "login " + strings.ReplaceAll(string(b), "\x00", " ")
	}
	out := []string{"login"}
	for _, ask := range []string{"Username:", "Password:"} {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(ask)))
		l, _ := r.ReadString('\n')
		b, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(l))
		out = append(out, string(b))
	}
	p.welcome(say)
	return strings.Join(out, " ")
}

func (p *post) welcome(say func(string)) {
	if p.mode == no {
		say("535 no: " + password)
		return
	}
	say("235 welcome")
}

func (p *post) answer(say func(string), line string) {
	switch p.mode {
	case busy:
		say("451 later")
	case no:
		say("550 no")
	case babble:
		say("boo " + line)
	case takes, mute, drops:
		say("250 ok")
	}
}

// letter reads a letter: its subject and its words.
func letter(r *bufio.Reader) string {
	var raw strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, "."))
	}
	m, err := mail.ReadMessage(strings.NewReader(raw.String()))
	if err != nil {
		return err.Error()
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil {
		return err.Error()
	}
	return m.Header.Get("Message-Id") + " " + subject + " " + string(text)
}
