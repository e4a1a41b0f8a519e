package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

var (
	password = "pass-Word-0123456789"
	noon     = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
)

// told is a message of which every sender has to bring the words.
func told() Message {
	return Message{
		ID: "tell-7", At: noon, Language: "ar", Subject: "إنذار 1: houston", Text: "الموقع متوقف\nsecond line", Urgent: true,
		Event: json.RawMessage(`{"kind":"raised","code":"stopped"}`),
	}
}

// far makes a far end of a kind and a sender to it; it says what arrived.
type far func(t *testing.T, m mode, o Options) (Sender, func() string)

// fars are all kinds of senders.
func fars() map[string]far {
	out := map[string]far{
		"webhook":       webhookFar,
		"mail starttls": mailFar(StartTLS, "PLAIN LOGIN"),
		"mail tls":      mailFar(TLS, "PLAIN"),
		"mail login":    mailFar(StartTLS, "LOGIN"),
		"mail none":     mailFar(Open, ""),
	}
	for scheme, c := range chats() {
		out[scheme] = chatFar(c.address, c.well)
	}
	return out
}

func scheme(address string) string {
	s, _, _ := strings.Cut(address, ":")
	return s
}

// chats are an address of each service, and what the service says when it takes a message.
func chats() map[string]struct{ address, well string } {
	return map[string]struct{ address, well string }{
		"googlechat": {"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=SECRETkey&token=SECRETtoken", "{}"},
		"gotify":     {"gotify://gotify.example.org/Aaa.bbb.SECRETt", "{}"},
		"mattermost": {"mattermost://mm.example.org/SECRETtokentokentokentoken", "ok"},
		"ntfy":       {"ntfy://ann:SECRETword@ntfy.example.org/alarms", "{}"},
		"pagerduty":  {"pagerduty:///0123456789abcdef0123456789abcdef", `{"status":"success"}`},
		"pushover":   {"pushover://:SECRETtoken@usertoken", `{"status":1}`},
		"rocketchat": {"rocketchat://rc.example.org/SECRETtokenA/SECRETtokenB", `{"success":true}`},
		"slack":      {"slack://hook:AAAAAAAAA-BBBBBBBBB-SECRET789123456789123456@webhook", "ok"},
		"telegram":   {"telegram://123456:SECRET-DEF1234ghIkl@telegram?chats=-100123", `{"ok":true,"result":{}}`},
	}
}

func webhookFar(t *testing.T, m mode, o Options) (Sender, func() string) {
	t.Helper()
	to, h := web(t, m, "")
	s, err := NewWebhook(people.Hide(to.String()+"/in?key=SECRETkey"), people.Hide(password), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, func() string {
		var got Message
		for _, b := range h.all() {
			if err := json.Unmarshal([]byte(b), &got); err != nil {
				return err.Error()
			}
		}
		return got.Subject + " " + got.Text
	}
}

func chatFar(address, well string) far {
	return func(t *testing.T, m mode, o Options) (Sender, func() string) {
		t.Helper()
		to, h := web(t, m, well)
		o.Transport = toward{to}
		s, err := NewChat(people.Hide(address), o)
		if err != nil {
			t.Fatal(err)
		}
		return s, func() string {
			all := strings.Join(h.all(), " ")
			if form, err := url.QueryUnescape(all); err == nil && scheme(address) == "pushover" {
				return form
			}
			return all
		}
	}
}

func mailFar(way Security, auth string) far {
	return func(t *testing.T, m mode, o Options) (Sender, func() string) {
		t.Helper()
		server, client := pair(t)
		p := &post{mode: m, tls: server, first: way == TLS, auth: auth}
		box := Letterbox{Security: way, From: "Sluice <sluice@example.org>", To: "ann@example.org", Trust: client}
		if way == Open {
			p.tls = nil
		}
		if auth != "" {
			box.User, box.Password = "sluice", people.Hide(password)
		}
		box.Server = office(t, p)
		s, err := NewMail(box, o)
		if err != nil {
			t.Fatal(err)
		}
		return s, func() string { return strings.ReplaceAll(strings.Join(p.heard.all(), " "), "\r\n", "\n") }
	}
}

// TestSenders is what every sender has to do, whatever the far end does.
func TestSenders(t *testing.T) {
	t.Parallel()
	for name, open := range fars() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for m, want := range map[mode]Result{takes: Sent, busy: TryAgain, no: Refused, mute: TryAgain, drops: TryAgain, babble: TryAgain} {
				t.Run(string(m), func(t *testing.T) {
					t.Parallel()
					o := Options{Timeout: 10 * time.Second}
					if m == mute {
						o.Timeout = 100 * time.Millisecond
					}
					s, got := open(t, m, o)
					out := s.Send(t.Context(), told())
					if out.Result != want || (out.Why == "") != (want == Sent) {
						t.Fatalf("%+v, want %s", out, want)
					}
					if heard := got(); m == takes && (!strings.Contains(heard, "إنذار 1: houston") || !strings.Contains(heard, "الموقع متوقف") || !strings.Contains(heard, "second line")) {
						t.Errorf("it heard %q", heard)
					}
					secrets(t, fmt.Sprintf("%+v %+v %#v", out, s, s))
					if m == busy && !strings.HasPrefix(name, "mail") && out.After != 2*time.Minute {
						t.Errorf("it waits %s", out.After)
					}
				})
			}
		})
	}
}

// TestEverySchemeIsTested: no service is carried that was not tried.
func TestEverySchemeIsTested(t *testing.T) {
	t.Parallel()
	for _, scheme := range Chats() {
		if _, ok := chats()[scheme]; !ok {
			t.Errorf("%s is not tested", scheme)
		}
	}
}

func secrets(t *testing.T, said string) {
	t.Helper()
	for _, s := range []string{"SECRET", password, "0123456789"} {
		if strings.Contains(said, s) {
			t.Errorf("a secret is in %s", said)
		}
	}
}

// TestBrokenOff: a sender ends when its caller does.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	for name, open := range fars() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t, mute, Options{Timeout: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if out := s.Send(ctx, told()); out.Result != TryAgain {
				t.Errorf("%+v", out)
			}
		})
	}
}

// TestNobodyThere: a server that is away is tried again.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s, err := NewWebhook(people.Hide("http://127.0.0.1:1/x"), people.Hide(password), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if out := s.Send(t.Context(), told()); out != tryAgain("nobody answers at its server") {
		t.Errorf("%+v", out)
	}
	m, err := NewMail(Letterbox{Server: "127.0.0.1:1", Security: StartTLS, From: "a@example.org", To: "b@example.org"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if out := m.Send(t.Context(), told()); out != tryAgain("nobody answers at its server") {
		t.Errorf("%+v", out)
	}
}
