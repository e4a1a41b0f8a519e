package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	counter "sluice/server/tenant"
)

// The variables of a tenant's commands.
const (
	tokenVariable  = "SLUICE_TOKEN"
	serverVariable = "SLUICE_SERVER"
)

// mostAnswer bounds what a server may answer.
const mostAnswer = 64 << 20

// askFlags are those of every command of a tenant.
type askFlags struct {
	server, tokenFile, ca string
	wait                  time.Duration
	json                  bool
}

// bind declares them.
func (f *askFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.server, "server", os.Getenv(serverVariable), "address of the server, such as https://tenants.example:8443 (default: "+serverVariable+")")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "file with your token (default: "+tokenVariable+")")
	c.Flags().StringVar(&f.ca, "ca", "", "PEM of who signed the server's certificate (default: those of this computer)")
	c.Flags().DurationVar(&f.wait, "timeout", 30*time.Second, "longest wait for the answer")
	c.Flags().BoolVar(&f.json, "json", false, "print the answer as JSON")
}

// tenantHelp ends the help of every command of a tenant.
const tenantHelp = `
The token comes from --token-file or from ` + tokenVariable + `, never from the command
line, where others could read it.
` + exitHelp

// token is the tenant's.
func (f *askFlags) token() (string, error) {
	text := os.Getenv(tokenVariable)
	if f.tokenFile != "" {
		b, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return "", fmt.Errorf("--token-file: %w", err)
		}
		text = string(b)
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, " \r\n\t") || len(text) > 200 {
		return "", fmt.Errorf("no token: write it into a file and name that with --token-file, or set %s; the operator issues one with 'sluice tenant token'", tokenVariable)
	}
	return text, nil
}

// base is the address of the server. A token is sent in the clear to this computer alone.
func (f *askFlags) base() (*url.URL, error) {
	if f.server == "" {
		return nil, fmt.Errorf("name the server: --server, or %s", serverVariable)
	}
	u, err := url.Parse(f.server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("--server %q: write https://HOST:PORT", f.server)
	}
	a, err := netip.ParseAddr(u.Hostname())
	if u.Scheme == "http" && (err != nil || !a.IsLoopback()) && u.Hostname() != "localhost" {
		return nil, fmt.Errorf("--server %s: your token would cross the network in the clear: use https", f.server)
	}
	return u, nil
}

// client speaks to the server, and follows it nowhere else.
func (f *askFlags) client() (*http.Client, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.ca != "" {
		text, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--ca %s: it holds no certificate in PEM", f.ca)
		}
	}
	return &http.Client{
		Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the server sends elsewhere, and a token is not sent after it")
		},
	}, nil
}

// ask sends one request and returns the answer as it came.
func (f *askFlags) ask(ctx context.Context, method, path string, body any, accept string) (answer []byte, err error) {
	base, err := f.base()
	if err != nil {
		return nil, input(err)
	}
	token, err := f.token()
	if err != nil {
		return nil, input(err)
	}
	client, err := f.client()
	if err != nil {
		return nil, input(err)
	}
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, base.Scheme+"://"+base.Host+path, bytes.NewReader(text))
	if err != nil {
		return nil, input(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", accept)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := client.Do(r)
	if err != nil {
		return nil, unreachable(f.server, err)
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	answer, err = io.ReadAll(io.LimitReader(a.Body, mostAnswer))
	if err != nil {
		return nil, unreachable(f.server, err)
	}
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return nil, refusedBy(f.server, a, answer)
	}
	return answer, nil
}

// unreachable says why a server does not answer, and what to look at.
func unreachable(server string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	look := "check --server, that 'sluice tenant serve' runs there, and the network between"
	var certificate *tls.CertificateVerificationError
	var failed *net.OpError
	switch {
	case errors.As(err, &certificate):
		look = "its certificate is not trusted here: name who signed it with --ca, or correct --server"
	case errors.Is(err, context.DeadlineExceeded):
		look = "it did not answer in time: try again, or wait longer with --timeout"
	case errors.As(err, &failed):
		err = failed
	}
	return fmt.Errorf("server unreachable at %s: %w: %s", server, err, look)
}

// refusedBy is what a server said against a request.
func refusedBy(server string, a *http.Response, body []byte) error {
	var p counter.Problem
	if json.Unmarshal(body, &p) != nil || p.Title == "" {
		return fmt.Errorf("what answers at %s is no server for tenants: it said %s: correct --server", server, a.Status)
	}
	err := fmt.Errorf("%s: %s: %s (request %s)", p.Title, p.Detail, p.Remedy, p.Request)
	if wait := a.Header.Get("Retry-After"); wait != "" {
		err = fmt.Errorf("%w; wait %s s", err, harmless(wait))
	}
	if a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests {
		return input(err)
	}
	return err
}
