package hall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"sluice/loop"
)

// Client speaks to a hall that runs, over the socket in its data directory.
type Client struct {
	folder string
	http   *http.Client
}

// ErrNobody says that no hall runs on a data directory.
var ErrNobody = errors.New("no hall runs on this data directory: start sluice hall run, or correct --data")

// NewClient is a client of the hall of a data directory. Nothing is opened yet.
func NewClient(folder string) Client {
	socket := filepath.Join(folder, SocketName)
	return Client{folder: folder, http: &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}, DisableKeepAlives: true}}}
}

// mostAnswer is how long an answer may be.
const mostAnswer = 256 << 20

// Ask sends one request, with what as its body unless it is nil, and reads the answer
// into another value. It wraps ErrNo where the hall refuses, and ErrNobody.
func (c Client) Ask(ctx context.Context, method, path string, what, into any) error {
	var body []byte
	if what != nil {
		var err error
		if body, err = json.Marshal(what); err != nil {
			return fmt.Errorf("write the request: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://hall/"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the hall: %w", err)
	}
	a, err := c.http.Do(r)
	if err != nil {
		if _, gone := os.Stat(filepath.Join(c.folder, SocketName)); gone != nil {
			return fmt.Errorf("%s: %w", c.folder, ErrNobody)
		}
		return fmt.Errorf("ask the hall: %w", err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(io.LimitReader(a.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("read the hall's answer: %w", err)
	}
	if a.StatusCode != http.StatusOK {
		return refusal(a, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the hall's answer: %w", err)
	}
	return nil
}

// refused is what a hall said instead of doing it.
type refused struct{ why string }

// Error is the hall's own word.
func (r refused) Error() string { return r.why }

// Is makes it ErrNo.
func (r refused) Is(err error) bool { return err == ErrNo }

func refusal(a *http.Response, text []byte) error {
	var no Answer
	if err := json.Unmarshal(text, &no); err != nil || no.No == "" {
		return fmt.Errorf("the hall answers %s", a.Status)
	}
	if a.StatusCode == http.StatusServiceUnavailable {
		return errors.New(no.No)
	}
	return refused{no.No}
}

// Report is how the hall stands for the market.
func (c Client) Report(ctx context.Context) (loop.HallReport, error) {
	var r loop.HallReport
	err := c.Ask(ctx, http.MethodGet, "market", nil, &r)
	return r, err
}

// Follow hands the hall what the market gives it.
func (c Client) Follow(ctx context.Context, o loop.HallOrder) error {
	var a Answer
	return c.Ask(ctx, http.MethodPost, "market", o, &a)
}
