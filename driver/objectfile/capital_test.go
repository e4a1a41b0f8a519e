package objectfile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/driver/planfile"
)

// planKeys is the schema of a plan, from the type that holds one: what a key means is
// the comment behind its field, and its unit what the reader of plans says.
func planKeys(t *testing.T) scheme {
	t.Helper()
	k := planReader{says: planRemarks(t)}
	s := k.object(reflect.TypeFor[capital.Plan](), "")
	s["properties"].(scheme)["histories"] = scheme{
		"type": "object", "additionalProperties": scheme{"type": "string", "enum": planfile.Shipped()},
		"description": "Power prices by the name that sites use: words of those inside the program.",
	}
	s["required"] = []string{"plan", "currency", "begin", "years", "sites"}
	return s
}

// planRemarks are the comments of the fields of a plan, by type and field.
func planRemarks(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../capital/plan.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		d, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if st, ok := d.Type.(*ast.StructType); ok {
			for _, field := range st.Fields.List {
				for _, name := range field.Names {
					out[d.Name.Name+"."+name.Name] = strings.TrimSpace(field.Comment.Text())
				}
			}
		}
		return false
	})
	return out
}

// planReader makes schemas of the types of a plan.
type planReader struct{ says map[string]string }

func (k planReader) object(of reflect.Type, place string) scheme {
	properties := scheme{}
	for f := range of.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		here := strings.TrimPrefix(place+"."+key, ".")
		one := k.of(f.Type, here)
		says := k.says[of.Name()+"."+f.Name]
		if c, ok := planfile.Unit(here, "USD"); ok && one["type"] != "object" && c.Unit != "" && key != "version" {
			unit := strings.ReplaceAll(c.Unit, "USD", "the plan's currency")
			one["x-unit"] = unit
			if says == "" {
				says = "counted in " + unit
			}
		}
		if says != "" {
			one["description"] = strings.ToUpper(says[:1]) + says[1:] + "."
		}
		properties[key] = one
	}
	return scheme{"type": "object", "additionalProperties": false, "properties": properties}
}

func (k planReader) of(t reflect.Type, place string) scheme {
	switch {
	case t == reflect.TypeFor[capital.Month]():
		return scheme{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
	case t.Kind() == reflect.Slice:
		return scheme{"type": "array", "items": k.of(t.Elem(), place+".0")}
	case t.Kind() == reflect.Map:
		return scheme{"type": "object", "additionalProperties": k.of(t.Elem(), place+".x")}
	case t.Kind() == reflect.Struct:
		return k.object(t, place)
	case t.Kind() == reflect.Float64:
		return scheme{"type": "number"}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return scheme{"type": "integer"}
	case t.Kind() == reflect.Bool:
		return scheme{"type": "boolean"}
	}
	return scheme{"type": []string{"string", "number"}} // a text may be written as a number
}
