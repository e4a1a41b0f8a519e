package tenant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// tell sends an order.
func tell(ctx context.Context, client *http.Client, q Order) (out Report, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return out, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://office/", bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	a, err := client.Do(r)
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return out, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	if err != nil {
		return out, fmt.Errorf("ask the server for tenants: %w", err)
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	if err := json.NewDecoder(io.LimitReader(a.Body, 64<<20)).Decode(&out); err != nil {
		return out, fmt.Errorf("read what the server for tenants said: %w", err)
	}
	switch {
	case a.StatusCode == http.StatusConflict:
		return out, said{out.No}
	case a.StatusCode != http.StatusOK:
		return out, errors.New(out.No)
	}
	return out, nil
}

// said is a refusal in the words of the server.
type said struct{ words string }

// Error is the words.
func (s said) Error() string { return s.words }

// Unwrap makes errors.Is find ErrNo.
func (s said) Unwrap() error { return ErrNo }
