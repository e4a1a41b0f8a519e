package gpu

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"sluice/driver/wire"
	port "sluice/gpu"
)

// Node is one server and where its agent, or its exporter, listens.
type Node struct {
	Name    string
	Address string // IP address and port
}

// ErrSilent says that a node did not answer, or not in a way that can be read.
var ErrSilent = errors.New("the node does not answer")

// Options adapts a client to a site.
type Options struct {
	Token   []byte           // of the agents; exporters ask for none
	TLS     *tls.Config      // nil: in the clear
	Timeout time.Duration    // for reading one node; 0: ten seconds
	Patient time.Duration    // for an order to one node; 0: a minute, as nvidia-smi takes some seconds for each GPU
	Now     func() time.Time // nil: the clock
}

// atOnce is how many nodes are asked at a time.
const atOnce = 16

// client asks nodes, each on a connection of its own.
type client struct {
	nodes   []Node
	http    *http.Client
	scheme  string
	token   []byte
	timeout time.Duration
	patient time.Duration
	now     func() time.Time
}

func newClient(n *wire.Network, nodes []Node, o Options) (*client, error) {
	var faults []error
	seen := map[string]bool{}
	for _, node := range nodes {
		at, err := netip.ParseAddrPort(node.Address)
		switch {
		case node.Name == "" || !port.Sayable(node.Name) || seen[node.Name]:
			faults = append(faults, fmt.Errorf("GPU node %q: give each a plain name of its own", node.Name))
		case err != nil || at.Port() == 0:
			faults = append(faults, fmt.Errorf("GPU node %q: address %q is no IP address with a port, such as 10.0.0.5:9410", node.Name, node.Address))
		case !n.Holds(at.Addr().String()):
			faults = append(faults, fmt.Errorf("GPU node %q: %s: %w", node.Name, node.Address, wire.ErrOutside))
		}
		seen[node.Name] = true
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c := &client{nodes: nodes, scheme: "http", token: o.Token, timeout: o.Timeout, patient: o.Patient, now: o.Now}
	if c.timeout <= 0 {
		c.timeout = 10 * time.Second
	}
	if c.patient <= 0 {
		c.patient = time.Minute
	}
	if c.now == nil {
		c.now = time.Now
	}
	if o.TLS != nil {
		c.scheme = "https"
	}
	c.http = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				host, p, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				number, err := strconv.Atoi(p)
				if err != nil {
					return nil, err
				}
				return n.Dial(ctx, host, number)
			},
			TLSClientConfig: o.TLS, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
		},
	}
	return c, nil
}

// ask does one exchange and returns the body of an answer with status 200.
func (c *client) ask(ctx context.Context, n Node, method, path string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.scheme+"://"+n.Address+path, body)
	if err != nil {
		return nil, fmt.Errorf("GPU node %q: %w", n.Name, err)
	}
	if len(c.token) > 0 {
		r.Header.Set("Authorization", "Bearer "+string(c.token))
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("GPU node %q: %w: %w", n.Name, ErrSilent, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerMost+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("GPU node %q: %w: %w", n.Name, ErrSilent, err)
	case len(text) > answerMost:
		return nil, fmt.Errorf("GPU node %q: %w", n.Name, wire.ErrTooLong)
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, fmt.Errorf("GPU node %q does not know the token: give both sides the same file", n.Name)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("GPU node %q answers %d: %s", n.Name, answer.StatusCode, excerpt(text))
	}
	return text, nil
}

// answerMost bounds what is read of one answer: an exporter says some hundred lines
// for each GPU.
const answerMost = 8 << 20

// excerpt is the beginning of an answer, fit to be shown.
func excerpt(text []byte) string {
	s := strconv.QuoteToASCII(string(text[:min(len(text), 200)]))
	return s[1 : len(s)-1]
}

// each asks all nodes, some at a time, and joins what failed.
func each[T any](ctx context.Context, c *client, ask func(context.Context, Node) (T, error)) ([]T, error) {
	got, errs := make([]T, len(c.nodes)), make([]error, len(c.nodes))
	room := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, n := range c.nodes {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			ctx, cancel := context.WithTimeout(ctx, c.timeout)
			defer cancel()
			got[i], errs[i] = ask(ctx, n)
		})
	}
	all.Wait()
	var out []T
	for i := range got {
		if errs[i] == nil {
			out = append(out, got[i])
		}
	}
	return out, errors.Join(errs...)
}
