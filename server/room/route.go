package room

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluice/people"
)

// reach says where the right of a route is looked for.
type reach string

// The reaches.
const (
	open      reach = "open"      // it needs nobody: what it says is of nobody
	oneself   reach = "oneself"   // anybody who is logged in, of themselves
	house     reach = "house"     // held at all sites
	atSite    reach = "site"      // held at the site that the path names
	somewhere reach = "somewhere" // held at any site; the answer holds only those sites
	ofTenant  reach = "tenant"    // held for the tenant that the path names
)

// route is one thing that can be asked. The table of them is all that is served: one
// without a right and a reach stops the program as it starts.
type route struct {
	method, path string
	id           string // of the operation, in lower camel case: the name in the client
	says         string // what it answers, for people
	group        string // under which the description lists it
	reach        reach
	verb         people.Verb // empty where reach is open or oneself
	status       int         // of a good answer; 0: 200
	body         int64       // most bytes of what is sent; 0: 1 MiB
	asks         bool        // what takes two people becomes a request: 202
	empty        bool        // it may have nothing to say: 204
	media        []string    // of an answer that is written as it is, one of these; none: JSON of its type
}

// answer is what comes back: a body and nothing else.
type answer[B any] struct {
	Status int
	Body   B
}

// serve adds a route whose answer is a body.
func serve[I, B any](r *Room, t route, do func(context.Context, Visit, *I) (B, error)) {
	raw(r, t, func(ctx context.Context, v Visit, in *I) (*answer[B], error) {
		b, err := do(ctx, v, in)
		if err != nil {
			return nil, err
		}
		return &answer[B]{Status: t.good(), Body: b}, nil
	})
}

// raw adds a route whose answer has headers or more than one status.
func raw[I, O any](r *Room, t route, do func(context.Context, Visit, *I) (*O, error)) {
	op := t.operation()
	op.Middlewares = huma.Middlewares{r.admit(t)}
	op.Responses["default"] = r.failure()
	if t.empty {
		op.Responses["204"] = &huma.Response{Description: "There is nothing to say."}
	}
	if len(t.media) > 0 {
		op.Responses[strconv.Itoa(t.good())] = &huma.Response{Description: t.says, Content: t.content()}
	}
	r.routes = append(r.routes, t)
	huma.Register(r.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, visitOf(ctx), in)
		if err != nil {
			return nil, r.fail(ctx, t, err)
		}
		return out, nil
	})
}

func (t route) good() int {
	if t.status == 0 {
		return http.StatusOK
	}
	return t.status
}

// operation describes the route.
func (t route) operation() huma.Operation {
	op := huma.Operation{
		OperationID: t.id, Method: t.method, Path: t.path, Summary: t.says, Tags: []string{t.group},
		DefaultStatus: t.good(), MaxBodyBytes: t.body, Responses: map[string]*huma.Response{},
		Extensions: map[string]any{"x-reach": string(t.reach), "x-verb": string(t.verb)},
	}
	if t.reach != open {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	if t.changes() && t.reach != open {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: idempotencyKey, In: "header", Required: true, Schema: &huma.Schema{Type: huma.TypeString, MinLength: new(8), MaxLength: new(128), Pattern: "^[A-Za-z0-9_-]+$"},
			Description: "Chosen by who asks, anew for each deed. The same key and request again is answered as the first time, and done once.",
		})
	}
	return op
}

// as is the route with an answer that is written as it is, as one of these.
func (t route) as(media ...string) route {
	t.media = media
	return t
}

// content describes an answer that is written as it is.
func (t route) content() map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, media := range t.media {
		written := &huma.Schema{}
		if strings.HasPrefix(media, "text/") && media != "text/yaml" { // what YAML holds is read, and is anything
			written.Type = huma.TypeString
		}
		out[media] = &huma.MediaType{Schema: written}
	}
	return out
}

// changes reports whether the route changes anything.
func (t route) changes() bool { return t.method != http.MethodGet }

// failure describes what comes instead of an answer.
func (r *Room) failure() *huma.Response {
	schema := huma.SchemaFromType(r.api.OpenAPI().Components.Schemas, typeOf[Problem]())
	return &huma.Response{Description: "Why not, and what to do.", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

// fail turns an error into what the visitor is told, and logs what they are not.
func (r *Room) fail(ctx context.Context, t route, err error) error {
	p := told(err)
	if p.Status >= http.StatusInternalServerError {
		r.cfg.Log.ErrorContext(ctx, "a request failed", "route", t.id, "problem", p.Code, "cause", p.cause)
	}
	if p.wait > 0 {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {itoa(p.wait)}})
	}
	return p
}

// check reports a route that says too little.
func (t route) check() string {
	_, known := t.verb.Rule()
	switch {
	case t.id == "" || t.says == "" || t.group == "" || !strings.HasPrefix(t.path, "/v1/"):
		return t.method + " " + t.path + " does not say what it is"
	case t.reach == open || t.reach == oneself:
		return ""
	case !known:
		return t.id + " names no right"
	case t.reach == atSite && !strings.Contains(t.path, "{site}"):
		return t.id + " is about a site and names none"
	case t.reach == ofTenant && !strings.Contains(t.path, "{tenant}"):
		return t.id + " is about a tenant and names none"
	case !slices.Contains([]reach{house, atSite, somewhere, ofTenant}, t.reach):
		return t.id + " does not say where its right is held"
	}
	return ""
}

// groups are the groups of the routes, in order.
func groups(all []route) []string {
	found := map[string]bool{}
	for _, t := range all {
		found[t.group] = true
	}
	return slices.Sorted(maps.Keys(found))
}
