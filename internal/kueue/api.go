package kueue

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// API is an administrator's way to an API server.
type API struct {
	Server string // https://host:port
	As     string // user that it pretends to be; empty: the administrator
	token  string
	client *http.Client
}

// Refusal is an answer that is no success.
type Refusal struct {
	Status int
	Says   string
}

func (r Refusal) Error() string { return fmt.Sprintf("status %d: %s", r.Status, r.Says) }

func newAPI(server, token string, cert []byte) API {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return API{Server: server, token: token, client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true},
	}}
}

// NewAPI is the way to a server with a client that trusts it.
func NewAPI(server, token string, client *http.Client) API {
	return API{Server: server, token: token, client: client}
}

// Pretending is the same way as another user.
func (a API) Pretending(user string) API {
	a.As = user
	return a
}

// With is the same way with another token.
func (a API) With(token string) API {
	a.token = token
	return a
}

// Apply posts objects in YAML, each to its path. One that is there already is no error.
func (a API) Apply(ctx context.Context, path, yaml string) error {
	return a.post(ctx, path, "application/yaml", []byte(yaml))
}

// Call does one exchange in JSON. into may be nil. Any status of 300 or more is a Refusal.
func (a API) Call(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	kind := "application/json"
	if method == http.MethodPatch {
		kind = "application/merge-patch+json"
	}
	return a.send(ctx, letter{method, path, kind, text}, into)
}

// Create posts an object; one that is there already is no error.
func (a API) Create(ctx context.Context, path string, object any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return a.post(ctx, path, "application/json", text)
}

func (a API) post(ctx context.Context, path, kind string, text []byte) error {
	err := a.send(ctx, letter{http.MethodPost, path, kind, text}, nil)
	if r, is := err.(Refusal); is && r.Status == http.StatusConflict { //nolint:errorlint // send does not wrap it
		return nil
	}
	return err
}

// letter is one request.
type letter struct {
	method, path, kind string
	text               []byte
}

func (a API) send(ctx context.Context, l letter, into any) error {
	r, err := http.NewRequestWithContext(ctx, l.method, a.Server+l.path, bytes.NewReader(l.text))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	r.Header.Set("Content-Type", l.kind)
	r.Header.Set("Accept", "application/json")
	if a.As != "" {
		r.Header.Set("Impersonate-User", a.As)
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return Refusal{resp.StatusCode, string(answer)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
