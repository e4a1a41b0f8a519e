package notify

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// TestSignature: what is signed, and what is noticed.
func TestSignature(t *testing.T) {
	t.Parallel()
	secret, body := []byte(password), []byte(`{"id":"1"}`)
	good := Sign(secret, body, noon)
	for sentence, c := range map[string]struct {
		secret, body, header string
		now                  time.Time
		want                 error
	}{
		"as it was sent":        {password, `{"id":"1"}`, good, noon, nil},
		"5 minutes later":       {password, `{"id":"1"}`, good, noon.Add(Tolerance), nil},
		"a second more":         {password, `{"id":"1"}`, good, noon.Add(Tolerance + time.Second), ErrOldSignature},
		"from the future":       {password, `{"id":"1"}`, good, noon.Add(-Tolerance - time.Second), ErrOldSignature},
		"another body":          {password, `{"id":"2"}`, good, noon, ErrOtherContent},
		"another secret":        {password + "x", `{"id":"1"}`, good, noon, ErrOtherContent},
		"another time":          {password, `{"id":"1"}`, strings.Replace(good, "t=", "t=0", 1), noon, ErrOtherContent},
		"no secret":             {"", `{"id":"1"}`, Sign(nil, body, noon), noon, ErrNoSignature},
		"a second secret":       {password, `{"id":"1"}`, good + ",v1=" + strings.Repeat("0", 64), noon, nil},
		"of a version to come":  {password, `{"id":"1"}`, good + ",v2=zz", noon, nil},
		"nothing":               {password, `{"id":"1"}`, "", noon, ErrNoSignature},
		"two times":             {password, `{"id":"1"}`, good + ",t=1", noon, ErrNoSignature},
		"half a signature":      {password, `{"id":"1"}`, good[:len(good)-2], noon, ErrNoSignature},
		"a header without end":  {password, `{"id":"1"}`, good + strings.Repeat(",", 2000), noon, ErrNoSignature},
		"a time that is no one": {password, `{"id":"1"}`, strings.Replace(good, "t=", "t=x", 1), noon, ErrNoSignature},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if err := Verify([]byte(c.secret), []byte(c.body), c.header, c.now); !errors.Is(err, c.want) || err != nil && c.want == nil {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestPythonVerifies: the example of the docs takes what is signed here, and nothing else.
func TestPythonVerifies(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: python3 is missing, so no other program has verified a signature (make debian installs it)")
	}
	body, now := `{"text":"الموقع"}`, strconv.FormatInt(noon.Unix()+60, 10)
	for sentence, c := range map[string]struct {
		secret, header, now string
		want                string
	}{
		"as it was sent":   {password, Sign([]byte(password), []byte(body), noon), now, ""},
		"another secret":   {"other", Sign([]byte(password), []byte(body), noon), now, "of another content or secret"},
		"an hour ago":      {password, Sign([]byte(password), []byte(body), noon.Add(-time.Hour)), now, "too old or too new"},
		"without a time":   {password, "v1=00", now, "no signature"},
		"two signatures":   {password, "v1=00," + Sign([]byte(password), []byte(body), noon), now, ""},
		"a foreign letter": {password, "t=" + now + ",v1=é", now, "of another content or secret"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := exec.CommandContext(t.Context(), python, "testdata/verify.py", c.secret, c.header, c.now)
			p.Stdin = strings.NewReader(body)
			out, err := p.CombinedOutput()
			if got := strings.TrimSpace(string(out)); got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// TestWebhookIsSigned: what arrives verifies, carries its id, and goes nowhere else.
func TestWebhookIsSigned(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirection was followed") }))
	defer elsewhere.Close()
	var found error
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		found = Verify([]byte(password), body, r.Header.Get(Header), noon)
		if r.Header.Get(EventHeader) != told().ID {
			found = errors.New("the id is missing")
		}
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	h, err := NewWebhook(people.Hide(s.URL), people.Hide(password), Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	if out := h.Send(t.Context(), told()); out.Result != Refused || !strings.Contains(out.Why, "leads elsewhere") || found != nil {
		t.Errorf("%+v, %v", out, found)
	}
}

// TestAddresses that are refused before anything is sent, and nothing of them is told.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, secret, says string }{
		{"http://example.org/SECRET", password, "not encrypted"},
		{"ftp://example.org/SECRET", password, "not encrypted"},
		{"https://ann:SECRET@example.org/", password, "leave name and password out"},
		{"https:///SECRET", password, "cannot be read"},
		{"SECRET", password, "cannot be read"},
		{"https://example.org/" + strings.Repeat("SECRET", 500), password, "cannot be read"},
		{"https://example.org/\x7fSECRET", password, "cannot be read"},
		{"https://example.org/SECRET", "short", "too short"},
	} {
		_, err := NewWebhook(people.Hide(c.address), people.Hide(c.secret), Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", c.address, err)
		}
	}
	for _, address := range []string{
		"", "SECRET", "discord://SECRET@x", "telegram://SECRET@telegram?chats=1", "telegram://123456:SECRET@telegram", "slack://hook:SECRET@webhook", "gotify://host/SECRET",
		"ntfy://ann:SECRET@host", "telegram://1:SECRET@telegram?chats=1&SECRET=2", "pagerduty://SECRET\x7f", "smtp://ann:SECRET@host",
	} {
		if _, err := NewChat(people.Hide(address), Options{}); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", address, err)
		}
	}
	good := Letterbox{Server: "mail.example.org:587", Security: StartTLS, From: "a@example.org", To: "b@example.org"}
	if _, err := NewMail(good, Options{}); err != nil {
		t.Error(err)
	}
	for says, turn := range map[string]func(*Letterbox){
		"with its port":                func(b *Letterbox) { b.Server = "mail.example.org" },
		"sender's address":             func(b *Letterbox) { b.From = "SECRET\r\nBcc: x@example.org" },
		"the address cannot":           func(b *Letterbox) { b.To = "b@example.org\r\nBcc: SECRET@example.org" },
		"on this computer alone":       func(b *Letterbox) { b.Security = Open },
		"how the connection":           func(b *Letterbox) { b.Security = "" },
		"the address cannot be read":   func(b *Letterbox) { b.To = "" },
		"write the server with its po": func(b *Letterbox) { b.Server = ":587" },
	} {
		b := good
		turn(&b)
		if _, err := NewMail(b, Options{}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// TestForbiddenAddresses: no message goes where clouds keep the secrets of a computer.
func TestForbiddenAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"https://169.254.169.254/latest", "https://[fe80::1]/", "https://0.0.0.0/", "https://224.0.0.1/", "https://[::ffff:169.254.169.254]/"} {
		s, err := NewWebhook(people.Hide(a), people.Hide(password), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if out := s.Send(t.Context(), told()); out.Result != TryAgain || !strings.Contains(out.Why, "link or a group") {
			t.Errorf("%s: %+v", a, out)
		}
	}
}

// TestChatsSayNo in the body of an answer that looks well, or unencrypted.
func TestChatsSayNo(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ address, well, want string }{
		"slack refuses the token":     {chats()["slack"].address, "invalid_token", "says no"},
		"telegram says it is not ok":  {chats()["telegram"].address, `{"ok":false,"description":"chat not found"}`, "says no"},
		"gotify without encryption":   {chats()["gotify"].address + "?disabletls=yes", "{}", "use https"},
		"ntfy without encryption":     {chats()["ntfy"].address + "?scheme=http", "{}", "use https"},
		"a message that is too long":  {chats()["telegram"].address, `{"ok":true,"result":{}}`, ""},
		"mattermost unencrypted":      {chats()["mattermost"].address + "?disabletls=yes", "ok", "use https"},
		"ntfy with a broken answer":   {chats()["ntfy"].address, "SECRET{", "says no"},
		"gotify with a broken answer": {chats()["gotify"].address, "SECRET{", "says no"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s, _ := chatFar(c.address, c.well)(t, takes, Options{})
			m := told()
			m.Text = strings.Repeat("الموقع ", 2000)
			out := s.Send(t.Context(), m)
			if (out.Result == Sent) != (c.want == "") || !strings.Contains(out.Why, c.want) {
				t.Errorf("%+v", out)
			}
			secrets(t, out.Why)
		})
	}
}
