package notify

import (
	"net/mail"
	"strings"
	"testing"

	"sluice/people"
)

// TestMailWantsEncryption: no word and no password leaves where a server offers none, or
// one that nobody trusts.
func TestMailWantsEncryption(t *testing.T) {
	t.Parallel()
	server, client := pair(t)
	for sentence, c := range map[string]struct {
		p    *post
		way  Security
		want Outcome
	}{
		"it offers none":           {&post{mode: takes, auth: "PLAIN"}, StartTLS, refused("its mail server offers no encryption, so nothing was sent: use another port or server")},
		"it offers no login":       {&post{mode: takes, tls: server}, StartTLS, refused("its mail server takes no login: leave the user empty, or use another port")},
		"it refuses the password":  {&post{mode: no, tls: server, auth: "PLAIN"}, StartTLS, refused("its mail server refuses the login: check user and password")},
		"it speaks TLS only later": {&post{mode: takes, tls: server, auth: "PLAIN"}, TLS, tryAgain("the connection broke")},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s, err := NewMail(Letterbox{
				Server: office(t, c.p), Security: c.way, User: "sluice", Password: people.Hide(password), From: "a@example.org", To: "b@example.org", Trust: client,
			}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Send(t.Context(), told()); got != c.want {
				t.Errorf("%+v", got)
			}
			if c.p.mode == takes && len(c.p.heard.all()) > 0 {
				t.Errorf("it heard %q", c.p.heard.all())
			}
		})
	}
	stranger := &post{mode: takes, tls: server, auth: "PLAIN"}
	s, err := NewMail(Letterbox{Server: office(t, stranger), Security: StartTLS, User: "x", Password: people.Hide(password), From: "a@example.org", To: "b@example.org"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Send(t.Context(), told()); got.Result != TryAgain || !strings.Contains(got.Why, "not trusted") || len(stranger.heard.all()) > 0 {
		t.Errorf("a certificate that nobody trusts: %+v, %q", got, stranger.heard.all())
	}
}

// TestLetter: no text becomes a header, and lines keep within what servers take.
func TestLetter(t *testing.T) {
	t.Parallel()
	s, err := NewMail(Letterbox{Server: "localhost:25", Security: Open, From: "Sluice <a@example.org>", To: "b@example.org"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := told()
	m.ID, m.Subject, m.Language = "1>\r\nBcc: x@example.org", "a\r\nBcc: x@example.org "+strings.Repeat("إنذار ", 200), "en\r\nBcc: x"
	raw := string(s.letter(m))
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.HasPrefix(line, "Bcc") {
			t.Errorf("line %q", line)
		}
	}
	got, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil || got.Header.Get("Bcc") != "" || got.Header.Get("Message-Id") != "<1Bccxexample.org@example.org>" || got.Header.Get("Importance") != "high" {
		t.Errorf("%v %v", got, err)
	}
}
