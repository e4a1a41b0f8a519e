package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// Web is the way to the web interface of one machine.
type Web struct {
	Net    *Network
	Client *http.Client // of Net.HTTP; may be shared by all machines
	Host   string
	Port   int
}

// Do sends one request with a JSON body, or none when body is nil, and reads
// the answer whatever its status. Headers are added as they are given. An error
// with Sent set means that the machine may have acted.
func (w Web) Do(ctx context.Context, method, path string, body []byte, header http.Header) (Answer, error) {
	if !w.Net.Holds(w.Host) {
		return Answer{}, fmt.Errorf("%s %s of %s: %w: declare its network or correct the address", method, path, w.Host, ErrOutside)
	}
	var b io.Reader
	if body != nil {
		b = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+net.JoinHostPort(w.Host, strconv.Itoa(w.Port))+path, b)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s of %s: %w", method, path, w.Host, err)
	}
	for k, v := range header {
		r.Header[http.CanonicalHeaderKey(k)] = v
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := Send(w.Client, r)
	if err != nil {
		return a, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return a, nil
}
