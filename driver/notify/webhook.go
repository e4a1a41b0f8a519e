package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"sluice/people"
)

// Webhook posts messages as JSON to a program, signed.
type Webhook struct {
	to     people.Secret // some have a token in it
	secret people.Secret
	client *http.Client
	o      Options
}

// leastSecret is how long the secret of a webhook is at least, bytes.
const leastSecret = 16

// mostAddress bounds an address, bytes.
const mostAddress = 2 << 10

// NewWebhook is the sender to an https address; http is taken for this computer alone. The
// secret signs, and has 16 bytes at least.
func NewWebhook(address, secret people.Secret, o Options) (*Webhook, error) {
	text := address.Reveal()
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > mostAddress || u.Hostname() == "" || u.Opaque != "" || u.Fragment != "":
		return nil, errors.New("webhook: the address cannot be read: write one such as https://example.org/alarms")
	case u.User != nil:
		return nil, errors.New("webhook: leave name and password out of the address: messages are signed instead")
	case u.Scheme != "https" && (u.Scheme != "http" || !here(u.Hostname())):
		return nil, errors.New("webhook: the address is not encrypted: use https")
	case len(secret.Reveal()) < leastSecret:
		return nil, errors.New("webhook: the secret is too short: make one of 16 bytes or more, at random")
	}
	return &Webhook{to: address, secret: secret, client: o.client(), o: o}, nil
}

// Send posts a message once.
func (w *Webhook) Send(ctx context.Context, m Message) Outcome {
	body, err := json.Marshal(m)
	if err != nil {
		return refused("the message cannot be written as JSON; please report it")
	}
	ctx, cancel := context.WithTimeout(ctx, w.o.timeout())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.to.Reveal(), bytes.NewReader(body))
	if err != nil {
		return refused("the address cannot be used: enter it again")
	}
	now := w.o.now()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "sluice")
	r.Header.Set(EventHeader, m.ID)
	r.Header.Set(Header, Sign([]byte(w.secret.Reveal()), body, now))
	res, err := guarded(ctx, w.client, r)
	if err != nil {
		return broken(err)
	}
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection can be used again
	_ = res.Body.Close()
	return judged(res, now)
}
