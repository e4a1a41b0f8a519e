package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/people"
)

// Security is how a connection to a mail server is encrypted.
type Security string

// The ways.
const (
	StartTLS Security = "starttls" // usually port 587; without it nothing is sent
	TLS      Security = "tls"      // from the start, usually port 465
	Open     Security = "none"     // to this computer alone
)

// Letterbox is where mail goes, and by which server.
type Letterbox struct {
	Server   string // host and port
	Security Security
	User     string // empty: nobody logs in
	Password people.Secret
	From, To string      // one address each, with or without a name
	Trust    *tls.Config // nil: that of the computer
}

// Mail sends messages to one mailbox.
type Mail struct {
	box      Letterbox
	host     string
	from, to *mail.Address
	o        Options
}

// NewMail is the sender to a mailbox.
func NewMail(b Letterbox, o Options) (*Mail, error) {
	host, port, err := net.SplitHostPort(b.Server)
	if err != nil || host == "" || port == "" {
		return nil, errors.New("mail: write the server with its port, such as mail.example.org:587")
	}
	from, err := mail.ParseAddress(b.From)
	if err != nil {
		return nil, errors.New("mail: the sender's address cannot be read: write one such as sluice@example.org")
	}
	to, err := mail.ParseAddress(b.To)
	if err != nil {
		return nil, errors.New("mail: the address cannot be read: write one such as ann@example.org")
	}
	switch b.Security {
	case StartTLS, TLS:
	case Open:
		if !here(host) {
			return nil, errors.New("mail: without encryption mail goes to a server on this computer alone: use starttls or tls")
		}
	default:
		return nil, errors.New("mail: say how the connection is encrypted: starttls, tls or none")
	}
	return &Mail{box: b, host: host, from: from, to: to, o: o}, nil
}

// Send hands a message to the server once.
func (s *Mail) Send(ctx context.Context, m Message) Outcome {
	ctx, cancel := context.WithTimeout(ctx, s.o.timeout())
	defer cancel()
	conn, err := dialer().DialContext(ctx, "tcp", s.box.Server)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // breaks off what is under way
	defer stop()
	o := s.talk(ctx, conn, m)
	if !o.ok() && ctx.Err() != nil && o.Result == TryAgain {
		return broken(ctx.Err())
	}
	return o
}

func (s *Mail) trust() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.box.Trust != nil {
		c = s.box.Trust.Clone()
	}
	c.ServerName = s.host
	return c
}

func (s *Mail) talk(ctx context.Context, conn net.Conn, m Message) Outcome {
	if s.box.Security == TLS {
		t := tls.Client(conn, s.trust())
		if err := t.HandshakeContext(ctx); err != nil {
			return broken(err)
		}
		conn = t
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return said(err)
	}
	if s.box.Security == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return refused("its mail server offers no encryption, so nothing was sent: use another port or server")
		}
		if err := c.StartTLS(s.trust()); err != nil {
			return said(err)
		}
	}
	if o := s.login(c); !o.ok() {
		return o
	}
	return s.deliver(c, m)
}

// login shows who sends. The password leaves only over an encrypted connection or to this
// computer.
func (s *Mail) login(c *smtp.Client) Outcome {
	if s.box.User == "" {
		return sent()
	}
	ok, ways := c.Extension("AUTH")
	if !ok {
		return refused("its mail server takes no login: leave the user empty, or use another port")
	}
	way := smtp.PlainAuth("", s.box.User, s.box.Password.Reveal(), s.host)
	if all := strings.Fields(strings.ToUpper(ways)); !slices.Contains(all, "PLAIN") && slices.Contains(all, "LOGIN") {
		way = &dialogue{s.box.User, s.box.Password}
	}
	if err := c.Auth(way); err != nil {
		return said(err)
	}
	return sent()
}

func (s *Mail) deliver(c *smtp.Client, m Message) Outcome {
	if err := c.Mail(s.from.Address); err != nil {
		return said(err)
	}
	if err := c.Rcpt(s.to.Address); err != nil {
		return said(err)
	}
	w, err := c.Data()
	if err != nil {
		return said(err)
	}
	if _, err := w.Write(s.letter(m)); err != nil {
		return said(err)
	}
	if err := w.Close(); err != nil {
		return said(err)
	}
	_ = c.Quit() // the server has taken it; how it says farewell changes nothing
	return sent()
}

// said is what the answer of a mail server means; its words are not looked at.
func said(err error) Outcome {
	var e *textproto.Error
	switch {
	case !errors.As(err, &e):
		return broken(err)
	case e.Code == 535 || e.Code == 530 || e.Code == 534:
		return refused("its mail server refuses the login: check user and password")
	case e.Code >= 500:
		return refused("its mail server refuses the message for good: check both addresses")
	}
	return tryAgain("its mail server asks to try again")
}

// letter is the message as it goes over the wire. Letters of every language go as UTF-8 in
// base64, so that no server on the way can break them.
func (s *Mail) letter(m Message) []byte {
	var b bytes.Buffer
	line := func(key, value string) { b.WriteString(key + ": " + value + "\r\n") }
	_, domain, _ := strings.Cut(s.from.Address, "@")
	line("From", s.from.String())
	line("To", s.to.String())
	line("Subject", mime.BEncoding.Encode("utf-8", oneLine(m.Subject)))
	line("Date", m.At.UTC().Format(time.RFC1123Z))
	line("Message-ID", "<"+oneWord(m.ID)+"@"+domain+">")
	line("MIME-Version", "1.0")
	line("Content-Type", "text/plain; charset=utf-8")
	line("Content-Transfer-Encoding", "base64")
	line("Content-Language", oneWord(m.Language))
	line("Auto-Submitted", "auto-generated")
	if m.Urgent {
		line("Importance", "high")
	}
	b.WriteString("\r\n")
	text := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n")))
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
	return b.Bytes()
}

// oneLine keeps a text from becoming further lines of a header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, shortened(strings.ToValidUTF8(s, "?"), 500))
}

// oneWord keeps of a text what may stand in an id.
func oneWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}

// dialogue is the login that servers offer who know no other: name and password, asked
// one after the other.
type dialogue struct {
	user     string
	password people.Secret
}

// Start begins it.
func (d *dialogue) Start(s *smtp.ServerInfo) (string, []byte, error) {
	if !s.TLS && !here(s.Name) {
		return "", nil, errForbidden
	}
	return "LOGIN", nil, nil
}

// Next answers what the server asks.
func (d *dialogue) Next(ask []byte, more bool) ([]byte, error) {
	q := strings.ToLower(string(ask))
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(q, "user"):
		return []byte(d.user), nil
	case strings.HasPrefix(q, "pass"):
		return []byte(d.password.Reveal()), nil
	}
	return nil, errors.New("the server asks what nobody knows")
}
