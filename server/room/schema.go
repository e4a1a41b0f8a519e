package room

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// asWritten corrects the description of types that come from other packages: a field
// that is written as a text is described as one, and one that may be left out is not
// asked for.
func asWritten(all huma.Registry) {
	for name, s := range all.Map() {
		if t := all.TypeFromRef("#/components/schemas/" + name); t != nil {
			correct(s, t)
		}
	}
}

func correct(s *huma.Schema, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || s.Properties == nil {
		return
	}
	for f := range t.Fields() {
		if f.Anonymous && f.Tag.Get("json") == "" {
			correct(s, f.Type)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if s.Properties[name] == nil {
			continue
		}
		said := strings.Split(options, ",")
		if slices.Contains(said, "string") {
			s.Properties[name] = digits(s.Properties[name].Description)
		}
		if slices.Contains(said, "omitzero") {
			s.Required = slices.DeleteFunc(s.Required, func(r string) bool { return r == name })
		}
	}
}

// named is the name of a type in the description: one of another package is called
// after it too, because two may have types of one name.
func named(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	i := strings.LastIndex(t.PkgPath(), "/")
	if t.Name() == "" || strings.HasSuffix(t.PkgPath(), "server/room") || i < 0 {
		return name
	}
	from := t.PkgPath()[i+1:]
	return strings.ToUpper(from[:1]) + from[1:] + name
}

// unread names the parts of a route's path that nothing reads: the handler would see
// them empty.
func (r *Room) unread(t route) []string {
	item := r.api.OpenAPI().Paths[strings.ReplaceAll(t.path, "...}", "}")]
	if item == nil {
		return []string{t.id + " is not described"}
	}
	op := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[t.method]
	var out []string
	names := regexp.MustCompile(`\{([a-z_]+)(?:\.\.\.)?\}`)
	for _, p := range names.FindAllStringSubmatch(t.path, -1) {
		if op == nil || !slices.ContainsFunc(op.Parameters, func(x *huma.Param) bool { return x.In == "path" && x.Name == p[1] }) {
			out = append(out, t.id+" does not read {"+p[1]+"} of its path")
		}
	}
	return out
}
