package bitcoin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// The bounds of an exchange over HTTP.
const (
	patience   = 30 * time.Second // for one answer, unless the configuration says otherwise
	answerMost = 16 << 20         // bytes; the largest block has 8 MB in hexadecimal
)

// web is one address that is asked over HTTP.
type web struct {
	base   *url.URL
	client *http.Client
	most   int64 // bytes of an answer
}

// newWeb checks an address. ca are the certificates that are believed; empty:
// those of the system.
func newWeb(address string, ca []byte, timeout time.Duration, most int64) (web, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return web{}, fmt.Errorf("%w: its address must begin with http:// or https:// and name a host", ErrConfig)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return web{}, fmt.Errorf("%w: leave user, password, ? and # out of the address of %s", ErrConfig, u.Host)
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: patience}
	if len(ca) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(ca) {
			return web{}, fmt.Errorf("%w: the certificate for %s is not PEM", ErrConfig, u.Host)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	if timeout <= 0 {
		timeout = patience
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return web{base: u, client: &http.Client{Transport: t, Timeout: timeout, CheckRedirect: stay}, most: most}, nil
}

// near says whether the host is this computer or a private network.
func (w web) near() bool {
	if w.base.Hostname() == "localhost" {
		return true
	}
	ip := net.ParseIP(w.base.Hostname())
	return ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

// reply is an answer read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request and reads the whole answer, up to the bound.
func (w web) do(r *http.Request) (reply, error) {
	resp, err := w.client.Do(r)
	if err != nil {
		return reply{}, fmt.Errorf("ask %s: %w", w.base.Host, plain(r.Context(), err))
	}
	defer resp.Body.Close() //nolint:errcheck // read only: nothing is lost
	body, err := io.ReadAll(io.LimitReader(resp.Body, w.most+1))
	if err != nil {
		return reply{}, fmt.Errorf("ask %s: %w", w.base.Host, plain(r.Context(), err))
	}
	if int64(len(body)) > w.most {
		return reply{}, fmt.Errorf("ask %s: %w: more than %d bytes", w.base.Host, ErrAnswer, w.most)
	}
	return reply{resp.StatusCode, resp.Header, body}, nil
}

// plain takes the address out of an error, which holds what was asked.
func plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u, is := errors.AsType[*url.Error](err); is {
		return u.Err
	}
	return err
}

// quote bounds what is repeated of an answer.
func quote(text string) string {
	const most = 200
	return fmt.Sprintf("%.*q", most, text)
}
