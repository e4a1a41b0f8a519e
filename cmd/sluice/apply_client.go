package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/server/room"
)

// tokenFileVariable names the file with the token for the control room.
const tokenFileVariable = "SLUICE_TOKEN_FILE"

// roomHelp says how commands reach a control room.
const roomHelp = `
The control room is named by --server or ` + serverVariable + `. Who you are is shown by a
token, which you make on the page "People" or with POST /v1/tokens; it stands in the file
that --token-file or ` + tokenFileVariable + ` names, never on the command line.
`

// roomAsk is how a command reaches a control room.
type roomAsk struct{ askFlags }

// bind declares the flags.
func (f *roomAsk) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.server, "server", os.Getenv(serverVariable), "address of the control room, such as https://room.example (default: "+serverVariable+")")
	c.Flags().StringVar(&f.tokenFile, "token-file", os.Getenv(tokenFileVariable), "file with your token (default: "+tokenFileVariable+")")
	c.Flags().StringVar(&f.ca, "ca", "", "PEM of who signed the server's certificate (default: those of this computer)")
	c.Flags().DurationVar(&f.wait, "timeout", 30*time.Second, "longest wait for the answer")
	c.Flags().BoolVar(&f.json, "json", false, "print the answer as JSON")
}

// token is that of the file.
func (f *roomAsk) token() (string, error) {
	if f.tokenFile == "" {
		return "", fmt.Errorf("no token: write it into a file and name that with --token-file or %s", tokenFileVariable)
	}
	b, err := os.ReadFile(f.tokenFile)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	text := strings.TrimSpace(string(b))
	if text == "" || strings.ContainsAny(text, " \r\n\t") || len(text) > 200 {
		return "", fmt.Errorf("--token-file %s: it holds no token: make one on the page \"People\", and write it there", f.tokenFile)
	}
	return text, nil
}

// ask sends one request and returns the answer as it came. A refusal is an error with
// everything that was said.
func (f *roomAsk) ask(ctx context.Context, method, path string, body any) (answer []byte, err error) {
	r, client, err := f.request(method, path, body)
	if err != nil {
		return nil, input(err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	a, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return nil, roomUnreachable(f.server, err)
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	if answer, err = io.ReadAll(io.LimitReader(a.Body, mostAnswer)); err != nil {
		return nil, roomUnreachable(f.server, err)
	}
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return nil, refusedByRoom(f.server, a, answer)
	}
	return answer, nil
}

// request is what is sent, and who sends it.
func (f *roomAsk) request(method, path string, body any) (*http.Request, *http.Client, error) {
	base, err := f.base()
	if err != nil {
		return nil, nil, err
	}
	token, err := f.token()
	if err != nil {
		return nil, nil, err
	}
	client, err := f.client()
	if err != nil {
		return nil, nil, err
	}
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return nil, nil, err
		}
	}
	r, err := http.NewRequest(method, base.Scheme+"://"+base.Host+path, bytes.NewReader(text)) //nolint:noctx // the caller gives it one
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", rand.Text())
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, client, nil
}

// roomUnreachable says why a control room does not answer.
func roomUnreachable(server string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	look := "check --server, that 'sluice room' runs there, and the network between"
	if errors.Is(err, context.DeadlineExceeded) {
		look = "it did not answer in time: try again, or wait longer with --timeout"
	}
	return fmt.Errorf("control room unreachable at %s: %w: %s", server, err, look)
}

// refusedByRoom is what a control room said against a request, every fault on a line.
func refusedByRoom(server string, a *http.Response, body []byte) error {
	var p room.Problem
	if json.Unmarshal(body, &p) != nil || p.Code == "" {
		return input(fmt.Errorf("what answers at %s is no control room: it said %s: correct --server", server, a.Status))
	}
	says := fmt.Sprintf("%s; %s", p.Detail, p.Hint)
	if wait := a.Header.Get("Retry-After"); wait != "" {
		says += "; wait " + wait + " s"
	}
	err := errors.New(strings.Join(append(p.Faults, says), "\n"))
	if a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests {
		return input(err)
	}
	return err
}

// sought is a question for objects.
func sought(kind, site string, labels []string) string {
	q := url.Values{}
	for name, value := range map[string]string{"kind": kind, "site": site} {
		if value != "" {
			q.Set(name, value)
		}
	}
	q["label"] = labels
	if text := q.Encode(); text != "" {
		return "?" + text
	}
	return ""
}
