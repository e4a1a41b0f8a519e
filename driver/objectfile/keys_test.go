package objectfile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// source is the declarations of a reader: which keys its files have stands in the tags
// of struct types that it does not export.
type source struct {
	t     *testing.T
	types map[string]*ast.StructType
	docs  map[string]string // what the page on the files says of a key, by section.key and by key
}

// keysOf is the schema of files that the reader in a folder reads into its type raw.
func keysOf(t *testing.T, folder, page string, need []string) scheme {
	t.Helper()
	s := source{t: t, types: map[string]*ast.StructType{}, docs: meanings(t, page)}
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", folder, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if d, ok := n.(*ast.TypeSpec); ok {
				if st, ok := d.Type.(*ast.StructType); ok {
					s.types[d.Name.Name] = st
				}
			}
			return true
		})
	}
	out := s.object(s.types["raw"], "")
	out["required"] = need
	return out
}

// object is the schema of a struct.
func (s source) object(st *ast.StructType, path string) scheme {
	s.t.Helper()
	properties := scheme{}
	s.into(properties, st, path)
	return scheme{"type": "object", "additionalProperties": false, "properties": properties}
}

func (s source) into(properties scheme, st *ast.StructType, path string) {
	s.t.Helper()
	if st == nil {
		s.t.Fatalf("no type for %q", path)
	}
	for _, f := range st.Fields.List {
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml")
		if key, inline := strings.CutSuffix(tag, ",inline"); inline && key == "" {
			s.into(properties, s.types[f.Type.(*ast.Ident).Name], path)
			continue
		}
		below := strings.TrimPrefix(path+"."+tag, ".")
		one := s.of(f.Type, below)
		if text := s.meaning(below); text != "" {
			one["description"] = text
		}
		properties[tag] = one
	}
}

// of is the schema of a type. A text may be written as a number: every digit is kept.
func (s source) of(e ast.Expr, path string) scheme {
	s.t.Helper()
	switch x := e.(type) {
	case *ast.StarExpr:
		return s.of(x.X, path)
	case *ast.ArrayType:
		return scheme{"type": "array", "items": s.of(x.Elt, path)}
	case *ast.MapType:
		return scheme{"type": "object", "additionalProperties": s.of(x.Value, path)}
	case *ast.StructType:
		return s.object(x, path)
	case *ast.Ident:
		switch x.Name {
		case "string":
			return scheme{"type": []string{"string", "number"}}
		case "int", "int64":
			return scheme{"type": "integer"}
		case "bool":
			return scheme{"type": "boolean"}
		}
		return s.object(s.types[x.Name], path)
	}
	s.t.Fatalf("%s: a type that the schema does not know: %T", path, e)
	return nil
}

// meaning is what the page says of a key: by its path, by its section, by itself.
func (s source) meaning(path string) string {
	for p := path; ; {
		if text := s.docs[p]; text != "" {
			return text
		}
		_, rest, deeper := strings.Cut(p, ".")
		if !deeper {
			break
		}
		p = rest
	}
	section, _, _ := strings.Cut(path, ".")
	return s.docs[section+".*"]
}

// meanings reads the tables of a page: rows of keys in backquotes and what they mean.
func meanings(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	section := ""
	keys := regexp.MustCompile("`([a-z_.]+)`")
	link := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
	for line := range strings.Lines(string(text)) {
		if head, ok := strings.CutPrefix(line, "## "); ok {
			section = ""
			if m := keys.FindStringSubmatch(head); m != nil {
				section = m[1] + "."
				_, says, _ := strings.Cut(strings.TrimSpace(head), ": ")
				out[m[1]] = sentence(says)
			}
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| `") || len(cells) < 2 {
			continue
		}
		says := link.ReplaceAllString(strings.TrimSpace(cells[1]), "$1")
		if len(cells) > 2 && strings.TrimSpace(cells[2]) != "" {
			says += " (" + strings.TrimSpace(cells[2]) + ")"
		}
		for _, m := range keys.FindAllStringSubmatch(cells[0], -1) {
			out[section+m[1]] = sentence(says)
			if section == "" {
				out[m[1]+".*"] = sentence(says)
			}
		}
	}
	return out
}

func sentence(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(s, "`", "")), ".")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
