package tenant

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// document is the part of a description that the tests read.
type document struct {
	OpenAPI string                               `json:"openapi"`
	Paths   map[string]map[string]map[string]any `json:"paths"`
	Of      struct {
		Schemas map[string]map[string]any `json:"schemas"`
	} `json:"components"`
}

func described(t *testing.T, s *Server) (d document) {
	t.Helper()
	a := send(s, "GET "+aboutPath, "", "")
	if err := json.Unmarshal([]byte(a.body), &d); err != nil || a.status != 200 {
		t.Fatalf("%d %v", a.status, err)
	}
	return d
}

// TestDescription: every route is described, nothing else is, and every parameter and
// reference of it is there.
func TestDescription(t *testing.T) {
	t.Parallel()
	w := build(t)
	s := w.server()
	d := described(t, s)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("version %q", d.OpenAPI)
	}
	n := 0
	for _, methods := range d.Paths {
		n += len(methods)
	}
	if n != len(s.routes) {
		t.Errorf("%d operations are described and %d served", n, len(s.routes))
	}
	names := map[string]bool{}
	for _, r := range s.routes {
		path := strings.ReplaceAll(r.path, "...}", "}")
		op := d.Paths[path][strings.ToLower(r.method)]
		if op == nil || op["summary"] != r.says {
			t.Errorf("%s %s is not described", r.method, r.path)
			continue
		}
		if id := op["operationId"].(string); names[id] {
			t.Errorf("operation %s is there twice", id)
		} else {
			names[id] = true
		}
		params, _ := op["parameters"].([]any)
		if len(params) != len(r.params) || (op["requestBody"] != nil) != (r.body != nil) {
			t.Errorf("%s %s: parameters or body are missing", r.method, r.path)
		}
	}
	text, _ := json.Marshal(d)
	for ref := range strings.SplitSeq(string(text), `"$ref":"#/components/schemas/`) {
		if name, _, cut := strings.Cut(ref, `"`); cut && !strings.HasPrefix(ref, "{") && d.Of.Schemas[name] == nil {
			t.Errorf("schema %q is missing", name)
		}
	}
}

// TestAnswersAsDescribed: what routes answer, and every problem, is what the
// description says of it, field by field.
func TestAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	d := described(t, s)
	for _, r := range s.routes {
		if r.path == aboutPath {
			continue
		}
		target := holes.ReplaceAllString(strings.Replace(r.path, "{engine}", "slurm", 1), alpha.wish)
		if strings.Contains(r.path, "jobs/{") {
			target = "/v1/jobs/slurm/" + alpha.job
		}
		a := send(s, r.method+" "+target, alpha.text, r.example)
		if a.status != r.status {
			t.Errorf("%s %s: %d %s", r.method, target, a.status, a.body)
			continue
		}
		op := d.Paths[strings.ReplaceAll(r.path, "...}", "}")][strings.ToLower(r.method)]
		content := op["responses"].(map[string]any)[strconv.Itoa(r.status)].(map[string]any)["content"].(map[string]any)
		var v any
		if err := json.Unmarshal([]byte(a.body), &v); err != nil {
			t.Fatal(err)
		}
		for _, fault := range d.check(v, content["application/json"].(map[string]any)["schema"].(map[string]any), r.path) {
			t.Error(fault)
		}
	}
	var v any
	if err := json.Unmarshal([]byte(send(s, "GET /v1/nothing", alpha.text, "").body), &v); err != nil {
		t.Fatal(err)
	}
	for _, fault := range d.check(v, d.Of.Schemas["Problem"], "problem") {
		t.Error(fault)
	}
	if len(d.check(map[string]any{"type": 1.0, "more": ""}, d.Of.Schemas["Problem"], "planted")) < 3 {
		t.Error("planted faults are not found")
	}
}

// check is what is wrong with a value by a schema of the kinds that are used here.
func (d document) check(v any, schema map[string]any, at string) (faults []string) {
	if ref, is := schema["$ref"].(string); is {
		return d.check(v, d.Of.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")], at)
	}
	if one, is := schema["oneOf"].([]any); is {
		if v == nil {
			return nil
		}
		return d.check(v, one[0].(map[string]any), at)
	}
	bad := func(is bool) []string {
		if is {
			return nil
		}
		return []string{fmt.Sprintf("%s: %v is no %v", at, v, schema["type"])}
	}
	switch x := v.(type) {
	case string:
		return bad(schema["type"] == "string")
	case float64:
		return bad(schema["type"] == "integer" && x == float64(int64(x)))
	case bool:
		return bad(schema["type"] == "boolean")
	case []any:
		for i, e := range x {
			faults = append(faults, d.check(e, schema["items"].(map[string]any), fmt.Sprintf("%s[%d]", at, i))...)
		}
		return append(faults, bad(schema["type"] == "array")...)
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for k, e := range x {
			p, known := properties[k].(map[string]any)
			if !known {
				faults = append(faults, at+"."+k+" is not described")
				continue
			}
			faults = append(faults, d.check(e, p, at+"."+k)...)
		}
		required, _ := schema["required"].([]any)
		for _, k := range required {
			if _, there := x[k.(string)]; !there {
				faults = append(faults, fmt.Sprintf("%s.%v is missing", at, k))
			}
		}
		return faults
	}
	return bad(false)
}

// TestProblems: each has its code once, and every one says what to do.
func TestProblems(t *testing.T) {
	t.Parallel()
	w := build(t)
	s := w.server()
	a := send(s, "GET /v1/me", "", "")
	var p Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != http.StatusUnauthorized || p.Request != a.header.Get("X-Request-Id") || p.Remedy == "" || !strings.HasPrefix(p.Type, "urn:sluice:") {
		t.Errorf("%+v %v", p, err)
	}
	if !slices.Equal(a.header.Values("Content-Type"), []string{"application/problem+json"}) {
		t.Error(a.header)
	}
}
