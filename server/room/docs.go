package room

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

// docOperation is one operation as the page of the interface lists it.
type docOperation struct {
	Method, Path, Says, ID string
	Right, Where           string
	Parameters             []docField
	Body                   []docField
	Answer                 []docField
}

type docField struct{ Name, Kind, Says string }

type docGroup struct {
	Name       string
	Operations []docOperation
}

// docs is a plain page that lists the interface, with the mark of the nonce in it.
func (r *Room) docs() []byte {
	api := r.api.OpenAPI()
	var all []docGroup
	for _, g := range groups(r.routes) {
		one := docGroup{Name: g}
		for _, t := range r.routes {
			if t.group == g {
				one.Operations = append(one.Operations, documented(api, t))
			}
		}
		all = append(all, one)
	}
	var out bytes.Buffer
	page := template.Must(template.New("docs").Parse(docsPage))
	if err := page.Execute(&out, map[string]any{"Title": api.Info.Title, "Version": api.Info.Version, "Says": api.Info.Description, "Groups": all}); err != nil {
		return []byte("the description of the interface cannot be shown; it is at /v1/openapi.json")
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("NONCE_OF_THE_PAGE"), []byte(nonceMark))
}

func documented(api *huma.OpenAPI, t route) docOperation {
	d := docOperation{Method: t.method, Path: t.path, Says: t.says, ID: t.id, Right: string(t.verb), Where: string(t.reach)}
	op := operationOf(api, t)
	if op == nil {
		return d
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docField{p.Name + " (" + p.In + ")", kindOfSchema(p.Schema), p.Description})
	}
	if op.RequestBody != nil {
		d.Body = fields(api, op.RequestBody.Content)
	}
	if good := op.Responses[itoa(t.good())]; good != nil {
		d.Answer = fields(api, good.Content)
	}
	return d
}

// operationOf finds an operation in the description.
func operationOf(api *huma.OpenAPI, t route) *huma.Operation {
	item := api.Paths[t.path]
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[t.method]
}

// fields are those of a body.
func fields(api *huma.OpenAPI, content map[string]*huma.MediaType) (out []docField) {
	for _, m := range content {
		s := m.Schema
		if s != nil && s.Ref != "" {
			s = api.Components.Schemas.SchemaFromRef(s.Ref)
		}
		if s == nil {
			continue
		}
		for name, f := range s.Properties {
			if slices.Contains(s.Required, name) {
				name += " *"
			}
			out = append(out, docField{name, kindOfSchema(f), f.Description})
		}
	}
	slices.SortFunc(out, func(a, b docField) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func kindOfSchema(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Type == huma.TypeArray:
		return "list of " + kindOfSchema(s.Items)
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}

// described answers with the page of the interface.
func (s *shell) described(w http.ResponseWriter) {
	n := nonce()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy(n))
	_, _ = w.Write(bytes.ReplaceAll(s.docs, []byte(nonceMark), []byte(n))) // who is gone is told nothing
}
