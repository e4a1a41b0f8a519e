package sitefile

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite schema.json and the key tables of docs/site-file.md")

const (
	schemaFile = "schema.json"
	docFile    = "../../docs/site-file.md"
	beginKeys  = "<!-- keys: written by go test ./driver/sitefile -update, do not edit below -->\n"
)

// schemaOf is the JSON Schema of an object.
func schemaOf(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range fieldsOf(t) {
		properties[f.key] = propertyOf(f)
		if f.need {
			required = append(required, f.key)
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// propertyOf is the JSON Schema of one key.
func propertyOf(f field) map[string]any {
	one := map[string]any{"type": "string", "minLength": 1}
	switch inner := f.inner(); {
	case inner != nil:
		one = schemaOf(inner)
	case f.number():
		one = map[string]any{"type": "number"}
		if f.scale().decimals == 0 {
			one["type"] = "integer"
		}
		if f.low != "" {
			one["minimum"] = json.Number(f.low)
		}
		if f.high != "" {
			one["maximum"] = json.Number(f.high)
		}
		if f.fallback != "" {
			one["default"] = json.Number(f.fallback)
		}
	case f.typ.Kind() == reflect.Bool:
		one = map[string]any{"type": "boolean", "default": f.fallback == "true"}
	case len(f.one) > 0:
		one = map[string]any{"type": "string", "enum": f.one}
	}
	if f.fallback != "" && one["type"] == "string" {
		one["default"] = f.fallback
	}
	if f.typ.Kind() == reflect.Slice {
		one = map[string]any{"type": "array", "items": one}
	}
	one["description"] = f.meaning()
	return one
}

// meaning is the doc of a key with its unit and what it means when absent.
func (f field) meaning() string {
	text := f.doc
	if f.number() {
		text += " In " + words(f.unit) + "."
	}
	if f.absent != "" {
		text += " Absent: " + f.absent + "."
	}
	return text
}

func generatedSchema(t *testing.T) []byte {
	t.Helper()
	schema := schemaOf(reflect.TypeFor[declaration]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Sluice site file"
	schema["anyOf"] = []any{map[string]any{"required": []string{"groups"}}, map[string]any{"required": []string{"hosting"}}}
	schema["$comment"] = "Written by go test ./driver/sitefile -update from the struct tags."
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(schema); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tables writes one table for each object of the file, outer ones first.
func tables(path string, t reflect.Type, out *strings.Builder) {
	title := path
	if path == "" {
		title = "The file"
	}
	fmt.Fprintf(out, "\n### %s\n\n| key | unit | absent | meaning |\n|---|---|---|---|\n", title)
	for _, f := range fieldsOf(t) {
		absent := f.absent
		switch {
		case f.need:
			absent = "**needed**"
		case f.fallback != "":
			absent = f.fallback
		}
		meaning := f.doc
		if len(f.one) > 0 {
			meaning += " One of: " + strings.Join(f.one, ", ") + "."
		}
		if f.low != "" {
			meaning += " At least " + f.low + "."
		}
		if f.high != "" {
			meaning += " At most " + f.high + "."
		}
		name := ""
		if f.number() {
			name = words(f.unit)
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", f.key, name, absent, meaning)
	}
	for _, f := range fieldsOf(t) {
		if inner := f.inner(); inner != nil {
			below := strings.TrimPrefix(path+"."+f.key, ".")
			if f.typ.Kind() == reflect.Slice {
				below += "[]"
			}
			tables(below, inner, out)
		}
	}
}

// TestTheSchemaIsFresh holds schema.json to the struct tags.
func TestTheSchemaIsFresh(t *testing.T) {
	t.Parallel()
	want := generatedSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(Schema(), want) {
		t.Error("schema.json does not match the struct tags: run go test ./driver/sitefile -update")
	}
}

// TestTheReferenceIsFresh holds the tables of docs/site-file.md to the struct tags.
func TestTheReferenceIsFresh(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	head, have, found := strings.Cut(string(text), beginKeys)
	if !found {
		t.Fatalf("%s has no line %q", docFile, beginKeys)
	}
	var want strings.Builder
	tables("", reflect.TypeFor[declaration](), &want)
	if *update {
		if err := os.WriteFile(docFile, []byte(head+beginKeys+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want.String() {
		t.Error("docs/site-file.md does not match the struct tags: run go test ./driver/sitefile -update")
	}
}

// TestEveryKeyIsDeclaredInFull keeps the struct tags usable: each has a
// meaning, and what is needed has no default.
func TestEveryKeyIsDeclaredInFull(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for _, f := range fieldsOf(typ) {
			seen++
			if !strings.HasSuffix(f.doc, ".") || f.need && f.fallback+f.absent != "" {
				t.Errorf("%v, key %s: doc %q must be a sentence, and a needed key has no default", typ, f.key, f.doc)
			}
			for _, number := range []string{f.low, f.high, f.fallback} {
				if _, err := f.scale().read(number); f.number() && number != "" && err != nil {
					t.Errorf("%v, key %s: %q: %v", typ, f.key, number, err)
				}
			}
			if inner := f.inner(); inner != nil {
				walk(inner)
			}
		}
	}
	walk(reflect.TypeFor[declaration]())
	if seen < 150 {
		t.Errorf("only %d keys found", seen)
	}
}

// TestTheExamplesOfTheReferenceRead reads the sites of the reference.
func TestTheExamplesOfTheReferenceRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```yaml\n")
	site, rest, found := strings.Cut(after, "```")
	if n := strings.Count(site, "\n"); !found || n != 25 {
		t.Fatalf("the worked site has %d lines, want 25", n)
	}
	f, err := Read(strings.NewReader(site), "docs/site-file.md")
	if err != nil {
		t.Fatal(err)
	}
	if rigs, err := f.Rigs(); err != nil || len(rigs) == 0 {
		t.Errorf("%d rigs, %v", len(rigs), err)
	}
	_, after, _ = strings.Cut(rest, "```yaml\n")
	site, _, _ = strings.Cut(after, "```")
	if f, err = Read(strings.NewReader(site), "docs/site-file.md"); err != nil {
		t.Fatal(err)
	}
	if let, err := f.Tenancies(); err != nil || len(let) != 2 || len(f.Groups) != 0 {
		t.Errorf("%d contracts, %d groups, %v", len(let), len(f.Groups), err)
	}
}
