package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// ErrOutside says that an address lies in no declared device network. It is
// never contacted.
var ErrOutside = errors.New("address is in no declared device network")

// Network is the declared device networks and the only way into them. It is
// never changed after it was made and may be used from many goroutines.
type Network struct {
	allowed []netip.Prefix
	connect time.Duration
	through func(net.Conn) net.Conn // nil: connections are used as they are
}

// NewNetwork declares device networks by their prefixes. connect bounds the
// time until a machine accepts a connection; zero means three seconds.
func NewNetwork(allowed []netip.Prefix, connect time.Duration) (*Network, error) {
	if len(allowed) == 0 {
		return nil, errors.New("declare at least one device network, such as 10.20.0.0/16")
	}
	for _, p := range allowed {
		if !p.IsValid() || p != p.Masked() {
			return nil, fmt.Errorf("device network %s: write the network's first address, %s", p, p.Masked())
		}
	}
	if connect <= 0 {
		connect = 3 * time.Second
	}
	return &Network{allowed: append([]netip.Prefix(nil), allowed...), connect: connect}, nil
}

// Through is the same network, each of whose connections is handed to wrap before
// it is used: by those who count what goes over it, or test what comes.
func (n *Network) Through(wrap func(net.Conn) net.Conn) *Network {
	out := *n
	out.through = wrap
	return &out
}

// Holds reports whether host is an IP address in a declared network. Names are
// never looked up: a name may move.
func (n *Network) Holds(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range n.allowed {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// Dial connects to a machine, or refuses with ErrOutside.
func (n *Network) Dial(ctx context.Context, host string, port int) (net.Conn, error) {
	if !n.Holds(host) {
		return nil, fmt.Errorf("connect to %s: %w: declare its network or correct the address", host, ErrOutside)
	}
	d := net.Dialer{Timeout: n.connect, KeepAlive: -1} // no connection lives long enough for a probe
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil || n.through == nil {
		return conn, err
	}
	return n.through(conn), nil
}

// HTTP is a client that reaches declared networks only, follows no redirect,
// unpacks nothing, uses no proxy and keeps no connection. The answer's size is
// bounded by ReadBody.
func (n *Network) HTTP() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &lone{net: n},
	}
}

// headMax bounds the headers of an answer, all together.
const headMax = 16 << 10

// scant is a connection from which no more is read than an answer may be long,
// however it is cut into chunks.
type scant struct {
	net.Conn
	left int
}

// Read reads up to the bound, and is ErrTooLong beyond it.
func (s *scant) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := s.Conn.Read(b[:min(len(b), s.left)])
	s.left -= n
	return n, err
}
