package kueue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"sluice/driver/wire"
	"sluice/engine"
)

// api is the way to an API server.
type api struct {
	base   string
	token  string // file
	client *http.Client
}

// Bounds of every answer, in bytes, and of a list, in pages.
const (
	answerMax = 64 << 20
	pageMost  = 400
	perPage   = "500"
	patience  = 30 * time.Second // where ctx has no end of its own
)

// Kinds of a body.
const (
	plainJSON  = "application/json"
	mergePatch = "application/merge-patch+json"
	applyPatch = "application/apply-patch+yaml"
)

// What an error of this package may wrap beside those of package engine.
var (
	ErrStrange  = errors.New("the answer is not what the Kubernetes API promises")
	ErrConflict = errors.New("it changed at the same time, again and again")
	ErrBusy     = errors.New("the API server asks to come later")
	errGone     = errors.New("that version is gone")
)

// Refusal is an answer of the API server that is no success.
type Refusal struct {
	Status int
	Reason string // one word of Kubernetes
	Says   string
	Asked  string        // what for: verb, resource and namespace
	After  time.Duration // it asks to wait so long; 0: it does not say
}

func (r *Refusal) Error() string {
	switch r.Status {
	case http.StatusForbidden:
		return fmt.Sprintf("not permitted: grant Sluice to %s (it says: %s)", r.Asked, r.Says)
	case http.StatusUnauthorized:
		return fmt.Sprintf("the token is not accepted for %s: renew it (it says: %s)", r.Asked, r.Says)
	case http.StatusTooManyRequests:
		return fmt.Sprintf("%s: too many requests, again after %v", r.Asked, r.After)
	}
	return fmt.Sprintf("%s: status %d %s: %s", r.Asked, r.Status, r.Reason, r.Says)
}

// Unwrap is the class of a refusal.
func (r *Refusal) Unwrap() []error {
	switch {
	case r.Status == http.StatusForbidden || r.Status == http.StatusUnauthorized:
		return []error{engine.ErrDenied}
	case r.Status == http.StatusNotFound:
		return []error{engine.ErrUnknown}
	case r.Status == http.StatusConflict:
		return []error{engine.ErrForeign, ErrConflict}
	case r.Status == http.StatusGone:
		return []error{errGone}
	case r.Status == http.StatusTooManyRequests:
		return []error{engine.ErrUnreachable, ErrBusy}
	case r.Status >= http.StatusInternalServerError:
		return []error{engine.ErrUnreachable}
	}
	return nil
}

// request is one exchange.
type request struct {
	method, path string
	query        url.Values
	kind         string // of the body
	body         any
}

// asked is a request in the words of a permission: what must be granted where.
func (q request) asked() string {
	verb := map[string]string{http.MethodPost: "create", http.MethodPatch: "patch", http.MethodDelete: "delete", http.MethodPut: "update"}[q.method]
	parts := strings.Split(strings.Trim(q.path, "/"), "/")
	of, where := "", ""
	if parts[0] == "apis" && len(parts) > 3 {
		of, parts = " of "+parts[1], parts[3:]
	} else if len(parts) > 2 {
		parts = parts[2:]
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		where, parts = " in namespace "+parts[1], parts[2:]
	}
	what := parts[0]
	if len(parts) > 2 {
		what += "/" + parts[2]
	}
	if verb == "" {
		verb = "get"
		if len(parts) == 1 {
			verb = "list"
		}
		if q.query.Has("watch") {
			verb = "watch"
		}
	}
	return verb + " " + what + of + where
}

// read gets one object.
func (a api) read(ctx context.Context, path string, query url.Values, into any) error {
	text, err := a.do(ctx, request{method: http.MethodGet, path: path, query: query})
	if err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := decode(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// do does one exchange and reads its answer whole.
func (a api) do(ctx context.Context, q request) ([]byte, error) {
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	resp, err := a.open(ctx, q)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMax+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", q.asked(), engine.ErrUnreachable, err)
	}
	if len(text) > answerMax {
		return nil, fmt.Errorf("%s: %w: longer than %d bytes", q.asked(), ErrStrange, answerMax)
	}
	return text, nil
}

// open sends a request and returns its answer where that is a success. Whoever
// calls it closes the body.
func (a api) open(ctx context.Context, q request) (*http.Response, error) {
	r, err := a.request(ctx, q)
	if err != nil {
		return nil, err
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w: %w", q.asked(), a.base, engine.ErrUnreachable, err)
	}
	if resp.StatusCode >= http.StatusOK && resp.StatusCode < http.StatusMultipleChoices {
		return resp, nil
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return nil, refusal(q, resp.StatusCode, resp.Header.Get("Retry-After"), text)
}

func (a api) request(ctx context.Context, q request) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	target := a.base + q.path
	if len(q.query) > 0 {
		target += "?" + q.query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, q.method, target, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", plainJSON)
	r.Header.Set("User-Agent", "sluice")
	if q.body != nil {
		r.Header.Set("Content-Type", q.kind)
	}
	if a.token != "" {
		token, err := os.ReadFile(a.token)
		if err != nil {
			return nil, fmt.Errorf("read the token of the cluster: %w: %w", engine.ErrDenied, err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	return r, nil
}

// refusal reads what the server says about its no.
func refusal(q request, status int, after string, text []byte) *Refusal {
	r := &Refusal{Status: status, Asked: q.asked()}
	var s struct {
		Reason, Message string
		Details         struct{ RetryAfterSeconds int64 }
	}
	if json.Unmarshal(text, &s) != nil || s.Message == "" {
		s.Message = string(text)
	}
	r.Reason, r.Says = wire.Bounded(s.Reason), wire.Bounded(s.Message)
	seconds, err := strconv.ParseInt(strings.TrimSpace(after), 10, 32)
	if err != nil {
		seconds = s.Details.RetryAfterSeconds
	}
	r.After = time.Duration(min(max(seconds, 0), 3600)) * time.Second
	return r
}

// listOf reads all objects of a kind, page by page, and the version of the list.
func listOf[T any](ctx context.Context, a api, path string, query url.Values) (items []T, version string, err error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", perPage)
	for range pageMost {
		var page struct {
			Metadata struct{ ResourceVersion, Continue string }
			Items    []T
		}
		if err := a.read(ctx, path, query, &page); err != nil {
			return nil, "", err
		}
		items = append(items, page.Items...)
		if page.Metadata.Continue == "" {
			return items, page.Metadata.ResourceVersion, nil
		}
		query.Set("continue", page.Metadata.Continue)
	}
	return nil, "", fmt.Errorf("%s: %w: more than %d pages", path, ErrStrange, pageMost)
}

// change is what an edit wants: annotations and fields to merge, and what to say.
type change struct {
	annotations map[string]any // nil values take them away
	spec        map[string]any
	outcome
	after error // returned once the change is made
}

// nothing is an edit that changes nothing.
func nothing(why string) (change, error) { return change{outcome: outcome{true, why}}, nil }

// headed is an object of Kubernetes.
type headed interface{ head() meta }

// tries is how often an edit is tried when somebody else is faster.
const tries = 6

// amend reads an object, lets edit say what to change, and changes it unless
// somebody else did meanwhile; then it starts again.
func amend[T headed](ctx context.Context, a api, path string, edit func(T) (change, error)) (outcome, error) {
	for range tries {
		var o T
		if err := a.read(ctx, path, nil, &o); err != nil {
			return outcome{}, err
		}
		c, err := edit(o)
		if err != nil {
			return outcome{}, err
		}
		if len(c.annotations)+len(c.spec) == 0 {
			return c.outcome, c.after
		}
		body := map[string]any{"metadata": map[string]any{"resourceVersion": o.head().ResourceVersion, "annotations": c.annotations}}
		if len(c.spec) > 0 {
			body["spec"] = c.spec
		}
		_, err = a.do(ctx, request{method: http.MethodPatch, path: path, kind: mergePatch, body: body})
		if !errors.Is(err, ErrConflict) {
			if err == nil {
				err = c.after
			}
			return c.outcome, err
		}
	}
	return outcome{}, fmt.Errorf("%s: %w: %w", path, engine.ErrForeign, ErrConflict)
}
