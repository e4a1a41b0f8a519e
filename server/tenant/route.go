package tenant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// aboutPath is where the description of all routes is served.
const aboutPath = "/v1/openapi.json"

// mostBody bounds what a tenant may send.
const mostBody = 64 << 10

// route is one thing that can be asked. The table of them is all that is served.
type route struct {
	method, path string
	says         string  // what it answers, for people
	params       []param // of the query and of the path
	open         bool    // it needs no token: what it says is of no tenant
	body         func() any
	example      string // of the body
	also         string // another one, of other fields
	answer       any    // what comes back, for the description
	csv          bool   // it comes as CSV too
	status       int
	do           func(call) (any, error)
}

// param is one parameter of a route.
type param struct {
	name, says string
	path       bool
	example    string
}

// call is a request that is understood, by who sent it.
type call struct {
	request
	ctx    context.Context //nolint:containedctx // it lives as long as the request
	server *Server
	path   func(string) string
	query  url.Values
	body   any
	csv    bool
}

// table is an answer in CSV.
type table []byte

// parse reads a query. What the route does not know is refused: it would be
// believed to have had an effect.
func (r route) parse(raw string) (url.Values, error) {
	all, err := url.ParseQuery(raw)
	if err != nil {
		return nil, wrong("the query cannot be read", "write name=value, joined by &")
	}
	for name, values := range all {
		known := slices.ContainsFunc(r.params, func(p param) bool { return p.name == name && !p.path })
		if !known {
			return nil, wrong(fmt.Sprintf("the query holds %.40q, which this route does not know", name), "leave it out; who you are follows from the token alone")
		}
		if len(values) != 1 {
			return nil, wrong(fmt.Sprintf("%q is given more than once", name), "give it once")
		}
	}
	return all, nil
}

// read reads the body.
func (r route) read(w http.ResponseWriter, in *http.Request) (any, error) {
	if kind, _, err := mime.ParseMediaType(in.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, problem(http.StatusUnsupportedMediaType, "media-type", "The body is of the wrong kind", "the body is not marked as JSON", "send Content-Type: application/json")
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, in.Body, mostBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, problem(http.StatusRequestEntityTooLarge, "too-large", "The body is too large", fmt.Sprintf("it has more than %d bytes", mostBody), "send less")
	}
	if err != nil {
		return nil, wrong("the body did not arrive as a whole", "send it again")
	}
	into := r.body()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows")
		}
	}
	if err != nil {
		return nil, wrong("the body is not the JSON that this route takes: "+plainly(err), "see GET "+aboutPath+" for its fields")
	}
	return into, nil
}

// plainly is what is wrong with JSON, without the words of the library.
func plainly(err error) string {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("%.60q is of the wrong kind", kind.Field)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "it has an unknown field " + fmt.Sprintf("%.60s", strings.TrimPrefix(err.Error(), "json: unknown field "))
	}
	return "it cannot be read"
}

func wantsCSV(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Accept"))
	return err == nil && kind == "text/csv"
}

// instant reads an instant of the query.
func (c call) instant(name string, otherwise time.Time) (time.Time, error) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1970 && t.Year() < 3000 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, wrong(name+" is no instant", "write it as 2025-09-01T12:00:00Z, or a day as 2025-09-01 for its begin in UTC")
}

// stretch reads from and to.
func (c call) stretch(back, most time.Duration) (from, to time.Time, err error) {
	if to, err = c.instant("to", c.at); err != nil {
		return from, to, err
	}
	if from, err = c.instant("from", to.Add(-back)); err != nil {
		return from, to, err
	}
	if !from.Before(to) || to.Sub(from) > most {
		return from, to, wrong("from and to hold no stretch that can be answered", "let from lie before to, by at most "+days(most))
	}
	return from, to, nil
}

func days(d time.Duration) string { return fmt.Sprintf("%d days", int(d/(24*time.Hour))) }
