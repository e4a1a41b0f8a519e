package notify

import (
	"net/http"
	"strings"
	"testing"

	"sluice/people"
)

// FuzzVerify: only what was signed passes, whatever stands in the header.
func FuzzVerify(f *testing.F) {
	body := []byte(`{"id":"1"}`)
	good := Sign([]byte(password), body, noon)
	f.Add(good, []byte(`{"id":"1"}`))
	f.Add("t=1,v1=", []byte("x"))
	f.Add(",,t==,v1=00,t=", []byte(nil))
	f.Fuzz(func(t *testing.T, header string, other []byte) {
		if Verify([]byte(password), other, header, noon) == nil && (string(other) != string(body) || !strings.Contains(header, good[strings.Index(good, "v1=")+3:])) {
			t.Errorf("%q of %q passed", header, other)
		}
	})
}

// gone is where no request arrives.
type gone struct{}

func (gone) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }

// FuzzAddress: whatever is entered as an address, nothing breaks, nothing is claimed to be
// sent, and nothing of it is told.
func FuzzAddress(f *testing.F) {
	for _, c := range chats() {
		f.Add(c.address)
	}
	f.Add("https://example.org/SECRET")
	f.Add("telegram://:@telegram?chats=")
	f.Add("ann@example.org")
	f.Fuzz(func(t *testing.T, address string) {
		o := Options{Transport: gone{}}
		var all []Sender
		if s, err := NewChat(people.Hide(address), o); err == nil {
			all = append(all, s)
		} else if len(address) > 12 && strings.Contains(err.Error(), address) {
			t.Errorf("%v tells the address", err)
		}
		if s, err := NewWebhook(people.Hide(address), people.Hide(password), o); err == nil {
			all = append(all, s)
		}
		for _, s := range all {
			if out := s.Send(t.Context(), told()); out.Result == Sent {
				t.Errorf("%q: sent to nowhere", address)
			}
		}
		_, _ = NewMail(Letterbox{Server: address, Security: StartTLS, From: address, To: address}, Options{})
	})
}
