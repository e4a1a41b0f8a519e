package objectfile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"sluice/capital/quote"
	"sluice/driver/objectfile"
	"sluice/driver/sitefile"
	"sluice/object"
)

var update = flag.Bool("update", false, "rewrite the files in schema and the tables of docs/objects.md")

// scheme is a JSON Schema as a tree.
type scheme = map[string]any

// specOf is the schema of the spec of a kind, from where its keys are declared.
func specOf(t *testing.T, k object.Kind) scheme {
	t.Helper()
	switch k {
	case object.Site:
		return parsed(t, sitefile.Schema())
	case object.Entity:
		return keysOf(t, "../entityfile", "../../docs/entity-file.md", []string{"entity", "currency", "time_zone", "bank", "pool", "wallet", "utility", "price_policy", "sell"})
	case object.Quote:
		s := keysOf(t, "../quotefile", "../../docs/quote.md", []string{"inputs"})
		inputs := scheme{}
		for _, f := range quote.Fields() {
			inputs[f.Key] = scheme{"type": []string{"string", "number"}, "description": strings.ToUpper(f.Says[:1]) + f.Says[1:] + ": " + f.Remedy + ".", "x-unit": f.Unit}
			if f.Unit == "" {
				delete(inputs[f.Key].(scheme), "x-unit")
			}
		}
		in := s["properties"].(scheme)["inputs"].(scheme)
		in["properties"], in["additionalProperties"] = inputs, false
		return s
	case object.CapitalPlan:
		return planKeys(t)
	case object.MeterTemplate:
		return reflected(t, &meterSpec{})
	case object.Contact:
		return reflected(t, &object.ContactSpec{})
	case object.Route:
		return reflected(t, &object.RouteSpec{})
	case object.Policy:
		return reflected(t, &object.PolicySpec{})
	case object.GroupRole:
		return reflected(t, &object.GroupRoleSpec{})
	}
	t.Fatalf("no spec of %s", k)
	return nil
}

// parsed is the text of a schema as a tree, without what only its outermost level has.
func parsed(t *testing.T, text []byte) scheme {
	t.Helper()
	var s scheme
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"$schema", "$id", "$comment", "title"} {
		delete(s, key)
	}
	return s
}

// reflected is the schema of a Go type.
func reflected(t *testing.T, of any) scheme {
	t.Helper()
	r := jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true}
	text, err := json.Marshal(r.Reflect(of))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, text)
}

const nameForm = "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$"

// wholeOf is the schema of an object of a kind.
func wholeOf(t *testing.T, row object.Row) scheme {
	t.Helper()
	metadata := scheme{
		"name":    scheme{"type": "string", "pattern": nameForm, "description": "Name of the object, unique within its kind."},
		"version": scheme{"type": "integer", "minimum": 0, "description": "Version of the stored object from which this was exported; with it a change of somebody else in between is a conflict. Absent: not compared."},
		"labels":  scheme{"type": "object", "additionalProperties": scheme{"type": "string", "pattern": nameForm}, "description": "Words by which objects are found and pruned."},
	}
	need := []string{"name"}
	if row.Place != object.House && row.Place != object.Itself {
		metadata["site"] = scheme{"type": "string", "pattern": nameForm, "description": "Name of the site to which it belongs."}
		if row.Place != object.Either {
			need = append(need, "site")
		}
	}
	spec := specOf(t, row.Kind)
	spec["description"] = strings.ToUpper(row.Says[:1]) + row.Says[1:] + "."
	whole := scheme{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "Written by go test ./driver/objectfile -update.",
		"title": string(row.Kind), "type": "object", "additionalProperties": false, "required": []string{"apiVersion", "kind", "metadata", "spec"},
		"properties": scheme{
			"apiVersion": scheme{"const": object.APIVersion, "description": "Version of the form of all objects."},
			"kind":       scheme{"const": string(row.Kind), "description": "What the object is."},
			"metadata":   scheme{"type": "object", "additionalProperties": false, "required": need, "properties": metadata, "description": "Its name, and what finds it."},
			"spec":       spec,
		},
	}
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(whole); err != nil {
		t.Fatal(err)
	}
	var plain scheme
	d := json.NewDecoder(&text)
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	enrich(plain, plain["title"].(string), valuesOf(t, row.Kind))
	return plain
}

// enrich gives every key a title, its unit, and an example from a shipped file.
func enrich(s scheme, title string, seen []any) {
	s["title"] = title
	said, _ := s["description"].(string)
	if m := regexp.MustCompile(` In ([^.]+)\.( Absent:.*)?$`).FindStringSubmatch(said); m != nil && s["x-unit"] == nil && m[1] != "plain figures" {
		s["x-unit"] = m[1]
	}
	if _, given := s["examples"]; !given && s["const"] == nil && s["properties"] == nil && s["items"] == nil {
		for _, v := range seen {
			if _, nested := v.(map[string]any); !nested && v != nil {
				s["examples"] = []any{v}
				break
			}
		}
	}
	if p, ok := s["properties"].(scheme); ok {
		for _, key := range slices.Sorted(maps.Keys(p)) {
			var below []any
			for _, v := range seen {
				if m, ok := v.(map[string]any); ok && m[key] != nil {
					below = append(below, m[key])
				}
			}
			enrich(p[key].(scheme), titled(key), below)
		}
	}
	if items, ok := s["items"].(scheme); ok {
		var below []any
		for _, v := range seen {
			if l, ok := v.([]any); ok {
				below = append(below, l...)
			}
		}
		enrich(items, title, below)
	}
}

// titled is a key as the label of a form: import_limit_mw is Import limit.
func titled(key string) string {
	words := regexp.MustCompile(`[a-z0-9]+|[A-Z][a-z0-9]*`).FindAllString(key, -1)
	if n := len(words); n > 1 && slices.Contains([]string{"mw", "w", "ths", "percent", "minutes", "seconds", "hours", "days", "c"}, words[n-1]) {
		words = words[:n-1]
	}
	s := strings.ToLower(strings.Join(words, " "))
	for _, short := range []string{"gpu", "gpus", "pue", "ppas", "tdp", "url", "mwh", "usd", "kw", "mw"} {
		s = regexp.MustCompile(`\b`+short+`\b`).ReplaceAllStringFunc(s, strings.ToUpper)
	}
	if s == "" {
		return key
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// valuesOf are the shipped examples of a kind as trees, whole objects.
func valuesOf(t *testing.T, k object.Kind) []any {
	t.Helper()
	var out []any
	for _, o := range shipped(t) {
		if o.kind != k {
			continue
		}
		text, err := json.Marshal(o.read(t))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// TestTheSchemasAreFresh holds the files in schema to the readers' own keys.
func TestTheSchemasAreFresh(t *testing.T) {
	t.Parallel()
	for _, row := range object.Kinds() {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		if err := e.Encode(wholeOf(t, row)); err != nil {
			t.Fatal(err)
		}
		file := "schema/" + objectfile.SchemaName(row.Kind)
		if *update {
			if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := objectfile.Schema(row.Kind); err != nil || !bytes.Equal(have, want.Bytes()) {
			t.Errorf("%s does not match the keys of the reader (%v): run go test ./driver/objectfile -update", file, err)
		}
	}
}

// TestEveryKeyHasATitle: a form can be made of every schema.
func TestEveryKeyHasATitle(t *testing.T) {
	t.Parallel()
	count, described := 0, 0
	var walk func(path string, s scheme)
	walk = func(path string, s scheme) {
		count++
		if s["title"] == nil {
			t.Errorf("%s has no title", path)
		}
		if s["description"] != nil {
			described++
		}
		p, _ := s["properties"].(scheme)
		for key, v := range p {
			walk(path+"."+key, v.(scheme))
		}
		if items, ok := s["items"].(scheme); ok {
			walk(path+"[]", items)
		}
	}
	for _, row := range object.Kinds() {
		text, err := objectfile.Schema(row.Kind)
		if err != nil {
			t.Fatal(err)
		}
		var s scheme
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		walk(fmt.Sprint(row.Kind), s)
	}
	if count < 400 || described*10 < count*8 {
		t.Errorf("%d keys, %d of them described", count, described)
	}
}
