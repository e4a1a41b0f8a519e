package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// Options are how senders reach the world. The zero Options are fit for it.
type Options struct {
	Timeout   time.Duration     // of one try; 0: 15 seconds
	Transport http.RoundTripper // nil: one that goes to no address of a link or a group
	Now       func() time.Time  // nil: the clock
}

const (
	usualTimeout = 15 * time.Second
	mostAnswer   = 64 << 10
)

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, usualTimeout) }

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// errForbidden marks an address that no message may go to.
var errForbidden = errors.New("messages do not go to addresses of a link or a group, nor unencrypted to other computers: use https")

// client is one that follows no redirection, since what is told and its signature are for
// the address that somebody entered.
func (o Options) client() *http.Client {
	t := o.Transport
	if t == nil {
		t = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer().DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: usualTimeout,
			MaxIdleConns: 10, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: mostAnswer,
		}
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// dialer goes to no address at which clouds keep the secrets of their computers.
func dialer() *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if a := at.Addr().Unmap(); a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
			return errForbidden
		}
		return nil
	}}
}

// here reports whether a host is this computer.
func here(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// guarded is one request on its way, within the time and rules of a sender.
func guarded(ctx context.Context, c *http.Client, r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !here(r.URL.Hostname()) {
		return nil, errForbidden
	}
	res, err := c.Do(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, mostAnswer), res.Body}
	return res, nil
}

// judged is what the status of an answer means. Its words are not looked at.
func judged(res *http.Response, now time.Time) Outcome {
	why := fmt.Sprintf("its server answered with status %d", res.StatusCode)
	switch s := res.StatusCode; {
	case s >= 200 && s < 300:
		return sent()
	case s >= 300 && s < 400:
		return refused(why + ", which leads elsewhere: enter the address to which it leads")
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusTooManyRequests, s >= 500:
		o := tryAgain(why)
		o.After = retryAfter(res.Header.Get("Retry-After"), now)
		return o
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		return refused(why + ": check the secret or token of this address")
	}
	return refused(why + ": check the address")
}

// retryAfter reads how long a server asks to wait; 0 where it does not.
func retryAfter(header string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(header); err == nil {
		return waiting(time.Duration(min(n, int(mostWait/time.Second))) * time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return waiting(at.Sub(now))
	}
	return 0
}
