package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parsed is a file of this repository.
func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%s: %v: name the file in which these codes stand now", path, err)
	}
	return f
}

// text is a literal text; empty for everything else.
func text(e ast.Expr) string {
	l, is := e.(*ast.BasicLit)
	if !is || l.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(l.Value) // the parser has read it
	return s
}

// constants are the values of the constants of a type in a file, without the empty one.
func constants(t *testing.T, path, kind string) []string {
	t.Helper()
	return slices.Concat(blocks(t, path, kind)...)
}

// blocks are the same, one list for each declaration.
func blocks(t *testing.T, path, kind string) (out [][]string) {
	t.Helper()
	for _, d := range parsed(t, path).Decls {
		g, is := d.(*ast.GenDecl)
		if !is || g.Tok != token.CONST {
			continue
		}
		var all []string
		for _, s := range g.Specs {
			v, is := s.(*ast.ValueSpec)
			if !is || len(v.Values) != 1 {
				continue
			}
			if id, is := v.Type.(*ast.Ident); is && id.Name == kind && text(v.Values[0]) != "" {
				all = append(all, text(v.Values[0]))
			}
		}
		if all != nil {
			out = append(out, all)
		}
	}
	return out
}

// listed are the values that the tag of a field of a struct allows.
func listed(t *testing.T, path, structure, field string) (out []string) {
	t.Helper()
	ast.Inspect(parsed(t, path), func(n ast.Node) bool {
		s, is := n.(*ast.TypeSpec)
		if !is || s.Name.Name != structure {
			return true
		}
		ast.Inspect(s, func(n ast.Node) bool {
			f, is := n.(*ast.Field)
			if is && f.Tag != nil && slices.ContainsFunc(f.Names, func(i *ast.Ident) bool { return i.Name == field }) {
				out = strings.Split(reflect.StructTag(text(f.Tag)).Get("enum"), ",")
			}
			return true
		})
		return false
	})
	return out
}

// firsts are the texts with which literals in a function begin: those of its rows.
func firsts(t *testing.T, path, function string) (out []string) {
	t.Helper()
	ast.Inspect(parsed(t, path), func(n ast.Node) bool {
		f, is := n.(*ast.FuncDecl)
		if !is || f.Name.Name != function {
			return true
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, is := n.(*ast.CompositeLit)
			if _, array := arrayOf(c, is); !is || array || len(c.Elts) == 0 {
				return true
			}
			e := c.Elts[0]
			if kv, is := e.(*ast.KeyValueExpr); is {
				e = kv.Value
			}
			if s := text(e); s != "" {
				out = append(out, s)
			}
			return true
		})
		return false
	})
	return out
}

func arrayOf(c *ast.CompositeLit, is bool) (*ast.ArrayType, bool) {
	if !is {
		return nil, false
	}
	a, is := c.Type.(*ast.ArrayType)
	return a, is
}

// called are the texts that a function is called with in a folder, at one place of its
// arguments. A name alone is a function, with a dot before it a method.
func called(t *testing.T, folder string, at int, names ...string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		path, _ = filepath.Rel(root, path) // it stands below
		ast.Inspect(parsed(t, path), func(n ast.Node) bool {
			c, is := n.(*ast.CallExpr)
			if !is || len(c.Args) <= at || !slices.Contains(names, nameOf(c.Fun)) {
				return true
			}
			if s := text(c.Args[at]); s != "" {
				out = append(out, s)
			}
			return true
		})
	}
	return out
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return "." + e.Sel.Name
	}
	return ""
}

// made are the first texts of the literals of a type in a file.
func made(t *testing.T, path, kind string) (out []string) {
	t.Helper()
	ast.Inspect(parsed(t, path), func(n ast.Node) bool {
		if c, is := n.(*ast.CompositeLit); is && len(c.Elts) > 0 {
			if id, is := c.Type.(*ast.Ident); is && id.Name == kind && text(c.Elts[0]) != "" {
				out = append(out, text(c.Elts[0]))
			}
		}
		return true
	})
	return out
}

// texts turns codes of any type into texts.
func texts[Code ~string](all []Code) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = string(c)
	}
	return out
}
