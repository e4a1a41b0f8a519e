package tenant

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// describe is the description of routes by OpenAPI 3.1.
func describe(all []route) ([]byte, error) {
	schemas := map[string]any{}
	paths := map[string]map[string]any{}
	schemaOf(reflect.TypeFor[Problem](), schemas)
	for _, r := range all {
		at := strings.ReplaceAll(r.path, "...}", "}")
		if paths[at] == nil {
			paths[at] = map[string]any{}
		}
		paths[at][strings.ToLower(r.method)] = operation(r, schemas)
	}
	return json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Sluice for tenants", "version": "1",
			"description": "Reservations, jobs, use, service and curtailments of one tenant. Who you are follows from the token alone. Times are UTC. Money and shares are texts with all their decimals.",
		},
		"security": []any{map[string]any{"token": []any{}}},
		"paths":    paths,
		"components": map[string]any{
			"schemas": schemas,
			"securitySchemes": map[string]any{
				"token": map[string]any{"type": "http", "scheme": "bearer", "description": "sluice_ID_SECRET, from the operator."},
			},
		},
	})
}

func operation(r route, schemas map[string]any) map[string]any {
	body := map[string]any{"application/json": map[string]any{"schema": schemaOf(reflect.TypeOf(r.answer), schemas)}}
	if r.csv {
		body["text/csv"] = map[string]any{"schema": map[string]any{"type": "string"}}
	}
	out := map[string]any{
		"summary": r.says, "operationId": operationID(r),
		"responses": map[string]any{
			strconv.Itoa(r.status): map[string]any{"description": r.says, "content": body},
			"default": map[string]any{"description": "What is wrong, and what to do.", "content": map[string]any{
				"application/problem+json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Problem"}},
			}},
		},
	}
	if r.open {
		out["security"] = []any{}
	}
	params := []any{}
	for _, p := range r.params {
		in := "query"
		if p.path {
			in = "path"
		}
		params = append(params, map[string]any{"name": p.name, "in": in, "required": p.path, "description": p.says, "schema": map[string]any{"type": "string"}})
	}
	if len(params) > 0 {
		out["parameters"] = params
	}
	if r.body != nil {
		content := map[string]any{"schema": schemaOf(reflect.TypeOf(r.body()).Elem(), schemas), "example": json.RawMessage(r.example)}
		if r.also != "" {
			delete(content, "example") // the two exclude each other
			content["examples"] = map[string]any{"one": map[string]any{"value": json.RawMessage(r.example)}, "other": map[string]any{"value": json.RawMessage(r.also)}}
		}
		out["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": content}}
	}
	return out
}

// operationID names a route: getV1JobsEngineId.
func operationID(r route) string {
	var out strings.Builder
	out.WriteString(strings.ToLower(r.method))
	for _, w := range regexp.MustCompile(`[A-Za-z0-9]+`).FindAllString(r.path, -1) {
		out.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return out.String()
}

// schemaOf is the schema of a type; structs are kept by name.
func schemaOf(t reflect.Type, schemas map[string]any) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{"type": "object"}
	}
	switch t.Kind() { //nolint:exhaustive // answers are made of these alone
	case reflect.Pointer:
		return map[string]any{"oneOf": []any{schemaOf(t.Elem(), schemas), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), schemas)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		if _, known := schemas[t.Name()]; !known {
			schemas[t.Name()] = nil // it may hold itself
			schemas[t.Name()] = objectOf(t, schemas)
		}
		return map[string]any{"$ref": "#/components/schemas/" + t.Name()}
	}
	return map[string]any{"type": "string"}
}

// objectOf is the schema of a struct, embedded ones laid open.
func objectOf(t reflect.Type, schemas map[string]any) map[string]any {
	properties, required := map[string]any{}, []string{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for f := range t.Fields() {
			if f.Anonymous {
				add(f.Type)
				continue
			}
			name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				continue
			}
			s := schemaOf(f.Type, schemas)
			if says := f.Tag.Get("doc"); says != "" {
				s["description"] = says
			}
			properties[name] = s
			if rest == "" {
				required = append(required, name)
			}
		}
	}
	add(t)
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
