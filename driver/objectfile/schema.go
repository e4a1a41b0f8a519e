package objectfile

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"sluice/driver/yamlfile"
	"sluice/object"
)

//go:embed schema/*.json
var schemas embed.FS

// SchemaName is the name of the schema of a kind, such as site.json.
func SchemaName(k object.Kind) string { return strings.ToLower(string(k)) + ".json" }

// Schema is the JSON Schema (draft 2020-12) of an object of a kind. Beside the words of
// the standard a key may have x-unit, the unit of its number. The error names the kinds.
func Schema(k object.Kind) ([]byte, error) {
	if _, ok := k.Row(); ok {
		if text, err := schemas.ReadFile("schema/" + SchemaName(k)); err == nil {
			return text, nil
		}
	}
	return nil, fmt.Errorf("there is no kind of object %q: it is one of %s", k, strings.Join(kindNames(), ", "))
}

func kindNames() (out []string) {
	for _, r := range object.Kinds() {
		out = append(out, string(r.Kind))
	}
	return out
}

// form is the schema of a kind, compiled, and as it is written.
type form struct {
	compiled *jsonschema.Schema
	written  map[string]any
}

// compile reads all schemas.
func compile() (map[object.Kind]form, error) {
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // nothing is ever fetched
	out := map[object.Kind]form{}
	for _, r := range object.Kinds() {
		text, err := Schema(r.Kind)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read schema of %s: %w", r.Kind, err)
		}
		url := "sluice:///" + SchemaName(r.Kind)
		if err := c.AddResource(url, doc); err != nil {
			return nil, fmt.Errorf("read schema of %s: %w", r.Kind, err)
		}
		f := form{}
		if f.compiled, err = c.Compile(url); err != nil {
			return nil, fmt.Errorf("compile schema of %s: %w", r.Kind, err)
		}
		f.written, _ = doc.(map[string]any)
		out[r.Kind] = f
	}
	return out, nil
}

// complaint is one thing that a schema says, by pointer.
type complaint struct {
	pointer      string // of the value, or of an unknown key
	missing      string // of a key that is missing
	what, remedy string
}

// complaints are what the schema says of a value.
func (f form) complaints(v object.Value) []complaint {
	text, err := v.MarshalJSON()
	if err != nil {
		return []complaint{{what: err.Error()}}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return []complaint{{what: err.Error()}}
	}
	said, ok := errors.AsType[*jsonschema.ValidationError](f.compiled.Validate(doc))
	if !ok {
		return nil
	}
	out := f.leaves(said)
	out = out[:min(len(out), 2*faultsMax)]                               // more are not shown
	return slices.DeleteFunc(slices.Clone(out), func(c complaint) bool { // a key that is missing stands there misspelt
		return c.missing != "" && slices.ContainsFunc(out, func(o complaint) bool {
			_, key, _ := strings.Cut(o.remedy, "did you mean ")
			return c.missing == under(o.pointer[:max(0, strings.LastIndexByte(o.pointer, '/'))], strings.TrimSuffix(key, "?"))
		})
	})
}

// leaves are the complaints that have no further cause. Of several ways, none of which
// fits, the choice is what is said.
func (f form) leaves(e *jsonschema.ValidationError) (out []complaint) {
	if _, either := e.ErrorKind.(*kind.AnyOf); len(e.Causes) > 0 && !either {
		for _, c := range e.Causes {
			out = append(out, f.leaves(c)...)
		}
		return out
	}
	at := ""
	for _, s := range e.InstanceLocation {
		at = under(at, s)
	}
	here := f.below(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range k.Properties[:min(len(k.Properties), 2*faultsMax)] {
			out = append(out, complaint{pointer: under(at, name), what: "is not a known key", remedy: known(name, here)})
		}
	case *kind.Required:
		for _, name := range k.Missing {
			out = append(out, complaint{pointer: at, missing: under(at, name), what: name + " is missing", remedy: "add it: " + meaning(properties(here)[name])})
		}
	default:
		what, remedy := wording(e.ErrorKind)
		out = append(out, complaint{pointer: at, what: what, remedy: remedy})
	}
	return out
}

// below is the schema of what stands at a place.
func (f form) below(location []string) map[string]any {
	at := f.written
	for _, s := range location {
		next, ok := properties(at)[s].(map[string]any)
		if !ok {
			if next, ok = at["items"].(map[string]any); !ok {
				next, _ = at["additionalProperties"].(map[string]any)
			}
		}
		at = next
	}
	return at
}

func properties(schema map[string]any) map[string]any {
	p, _ := schema["properties"].(map[string]any)
	return p
}

func meaning(schema any) string {
	s, _ := schema.(map[string]any)
	text, _ := s["description"].(string)
	if text == "" {
		return "it is needed"
	}
	return text
}

// known names the key that was probably meant, or those that there are.
func known(name string, schema map[string]any) string {
	var names []string
	for n := range properties(schema) {
		names = append(names, n)
	}
	if n := yamlfile.Nearest(name, names); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	slices.Sort(names)
	return "the keys here are " + strings.Join(names, ", ")
}

// wording says what is wrong with a value and what to write.
func wording(k jsonschema.ErrorKind) (what, remedy string) {
	switch k := k.(type) {
	case *kind.Type:
		return "it is " + article(k.Got), "write " + articles(k.Want)
	case *kind.Enum:
		return fmt.Sprintf("%.60v is not one of those that are allowed", k.Got), "write " + listed(k.Want)
	case *kind.Const:
		return fmt.Sprintf("%.60v is not what stands here", k.Got), fmt.Sprintf("write %v", k.Want)
	case *kind.Minimum:
		return "it is below " + rational(k.Want), "write at least that"
	case *kind.Maximum:
		return "it is above " + rational(k.Want), "write at most that"
	case *kind.MinLength:
		return "it is empty", "write something, or remove the key"
	case *kind.MinItems:
		return "the list is too short", fmt.Sprintf("it has at least %d", k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("%.60q is not written as it should be", k.Got), "write it like " + k.Want
	case *kind.AnyOf:
		return "none of several keys is there of which one is needed", "a site mines, serves tenants, or both: state groups or hosting"
	}
	text, err := json.Marshal(fmt.Sprint(k))
	if err != nil {
		return "it does not fit", "see the schema"
	}
	return "it does not fit " + string(text), "see the schema of this kind"
}

func rational(r interface {
	FloatString(prec int) string
	IsInt() bool
},
) string {
	if r.IsInt() {
		return r.FloatString(0)
	}
	return strings.TrimRight(r.FloatString(6), "0")
}

func article(s string) string {
	switch s {
	case "object":
		return "an object with keys"
	case "array":
		return "a list"
	case "integer":
		return "a whole number"
	case "string":
		return "a text"
	case "boolean":
		return "true or false"
	}
	return "a " + s
}

func articles(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, article(s))
	}
	return strings.Join(out, " or ")
}

func listed(all []any) string {
	var out []string
	for _, v := range all {
		out = append(out, fmt.Sprint(v))
	}
	return "one of " + strings.Join(out, ", ")
}
