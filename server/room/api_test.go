package room

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// described31 is what is looked at in a description.
type described31 struct {
	OpenAPI    string `json:"openapi"`
	Info       struct{ Title, Version string }
	Paths      map[string]map[string]operation31
	Components struct {
		Schemas         map[string]any
		SecuritySchemes map[string]any
	}
	Tags []struct{ Name string }
}

type operation31 struct {
	OperationID string `json:"operationId"`
	Summary     string
	Tags        []string
	Security    []map[string][]string
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   any
	}
	Responses map[string]any
	Reach     string `json:"x-reach"`
	Verb      string `json:"x-verb"`
}

// TestTheDescription is OpenAPI 3.1 and has every route, its right, and its refusals.
func TestTheDescription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := w.nobody().ok(http.StatusOK, "GET", "/v1/openapi.json", nil).body
	printed, err := Describe("test")
	if err != nil || strings.TrimSpace(string(printed)) != strings.TrimSpace(text) {
		t.Errorf("what is printed is not what is served: %v", err)
	}
	var d described31
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1") || d.Info.Title == "" || d.Info.Version == "" {
		t.Errorf("%s %+v", d.OpenAPI, d.Info)
	}
	ids := map[string]bool{}
	for _, x := range w.room.routes {
		op, there := d.Paths[x.path][strings.ToLower(x.method)]
		if !there || op.OperationID != x.id || op.Summary == "" || op.Reach != string(x.reach) || op.Verb != string(x.verb) || ids[x.id] {
			t.Errorf("%s: %+v", x.id, op)
		}
		ids[x.id] = true
		for _, fault := range op.faults(x) {
			t.Errorf("%s: %s", x.id, fault)
		}
	}
	n := 0
	for _, item := range d.Paths {
		n += len(item)
	}
	if n != len(w.room.routes) {
		t.Errorf("%d operations, %d routes", n, len(w.room.routes))
	}
}

// faults is what an operation lacks.
func (op operation31) faults(x route) (out []string) {
	declared := map[string]bool{}
	for _, p := range op.Parameters {
		declared[p.In+" "+p.Name] = p.Required
		if p.Schema == nil {
			out = append(out, "no schema of "+p.Name)
		}
	}
	if x.changes() && x.reach != open && !declared["header "+idempotencyKey] {
		out = append(out, "needs no key")
	}
	if (len(op.Security) == 0) != (x.reach == open) {
		out = append(out, fmt.Sprintf("security %v", op.Security))
	}
	if op.Responses["default"] == nil || len(op.Responses) < 2 || len(op.Tags) != 1 {
		out = append(out, "lacks answers or a group")
	}
	return out
}

// TestPathParameters are all read: what stands in a struct whose name is small is not, and
// the handler would be given an empty text.
func TestPathParameters(t *testing.T) {
	t.Parallel()
	r := table(Config{Version: "test"})
	for _, x := range r.routes {
		for _, name := range parameter.FindAllStringSubmatch(x.path, -1) {
			read := slices.ContainsFunc(operationOf(r.api.OpenAPI(), x).Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name[1] })
			if !read {
				t.Errorf("%s does not read %s", x.id, name[1])
			}
		}
	}
}

// TestSchemas are all JSON Schema of 2020-12, and what they refer to is there.
func TestSchemas(t *testing.T) {
	t.Parallel()
	text, err := Describe("test")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("https://sluice.test/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	var d described31
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for name := range d.Components.Schemas {
		if _, err := c.Compile("https://sluice.test/openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		name, ours := strings.CutPrefix(ref[1], "#/components/schemas/")
		if !ours || d.Components.Schemas[name] == nil {
			t.Errorf("%s is not there", ref[1])
		}
	}
	if len(d.Components.Schemas) < 20 {
		t.Errorf("%d schemas", len(d.Components.Schemas))
	}
}
