package template

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Root is the one object of the file; nil and a fault when there is none.
func (r *Reader) Root(src []byte) *Object {
	if len(src) > sourceMax {
		r.Say(0, fmt.Sprintf("the file has more than %d bytes", sourceMax), "a template is a page: split it")
		return nil
	}
	tree, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, what := 0, err.Error()
		if e, ok := errors.AsType[yaml.Error](err); ok {
			what = e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		r.Say(line, "not YAML: "+what, "mind the indentation and quote text that holds a colon")
		return nil
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		r.Say(1, fmt.Sprintf("%d documents in the file", len(tree.Docs)), "a template file holds exactly one object")
		return nil
	}
	return r.object(tree.Docs[0].Body, "the template")
}

// Object is one mapping of which the keys are taken one by one.
type Object struct {
	r      *Reader
	name   string
	line   int
	keys   []string
	values map[string]ast.Node
	lines  map[string]int
	known  []string
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// object opens n; nil and a fault when it is no mapping.
func (r *Reader) object(n ast.Node, name string) *Object {
	o := &Object{r: r, name: name, line: lineOf(n), values: map[string]ast.Node{}, lines: map[string]int{}}
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		r.Say(o.line, name+" is not a list of keys", "write key: value")
		return nil
	}
	if len(pairs) > 0 {
		o.line = lineOf(pairs[0].Key)
	}
	for _, p := range pairs {
		key, line := keyOf(p), lineOf(p.Key)
		if _, twice := o.values[key]; twice {
			r.Say(line, fmt.Sprintf("%s is stated twice, here and on line %d", key, o.lines[key]), "keep one of them")
			continue
		}
		o.keys = append(o.keys, key)
		o.values[key], o.lines[key] = p.Value, line
	}
	return o
}

func keyOf(p *ast.MappingValueNode) string {
	if t := p.Key.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

// Know marks keys as known, so that Close does not report them and names them in
// this order.
func (o *Object) Know(keys ...string) {
	for _, key := range keys {
		if !slices.Contains(o.known, key) {
			o.known = append(o.known, key)
		}
	}
}

// take returns the value of key and marks it as known.
func (o *Object) take(key string) (ast.Node, bool) {
	o.Know(key)
	n, ok := o.values[key]
	return n, ok
}

// Line is where the object begins.
func (o *Object) Line() int { return o.line }

// Say adds a fault at the line of key, or of the object when the key is missing.
func (o *Object) Say(key, what, remedy string) { o.r.Say(o.At(key), what, remedy) }

// At is the line of key, or of the object when the key is missing.
func (o *Object) At(key string) int {
	if line, ok := o.lines[key]; ok {
		return line
	}
	return o.line
}

// Has reports whether key is stated.
func (o *Object) Has(key string) bool { _, ok := o.values[key]; return ok }

// Text is a plain value as it is written; a fault when it must be there and is not.
func (o *Object) Text(key string, required bool) string {
	n, ok := o.take(key)
	if !ok {
		if required {
			o.r.Say(o.line, o.name+" lacks "+key, "state it")
		}
		return ""
	}
	s, ok := scalar(n)
	if !ok || required && strings.TrimSpace(s) == "" {
		o.r.Say(o.At(key), key+" is not a plain value", "write one text or number, without anchors and tags")
	}
	return strings.TrimSpace(s)
}

// scalar is the text of a plain value.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	}
	return "", false
}

// Choice is one of a closed list; the first is taken when the key is missing
// and not required.
func (o *Object) Choice(key string, required bool, among ...string) string {
	s := o.Text(key, required)
	if s == "" && (required || !o.Has(key)) {
		return among[0]
	}
	if !slices.Contains(among, s) {
		o.r.Say(o.At(key), fmt.Sprintf("%s %q is not known", key, s), "write one of "+strings.Join(among, ", "))
		return among[0]
	}
	return s
}

// Whole is a whole number between least and most, decimal or 0x hexadecimal.
func (o *Object) Whole(key string, otherwise, least, most int64) int64 {
	s := o.Text(key, false)
	if !o.Has(key) {
		return otherwise
	}
	v, err := strconv.ParseInt(s, 0, 64)
	if err != nil || v < least || v > most {
		o.r.Say(o.At(key), fmt.Sprintf("%s %q is not a whole number from %d to %d", key, s, least, most), "write it as 52 or 0x34")
		return otherwise
	}
	return v
}

// List is a list of texts.
func (o *Object) List(key string) []string {
	n, ok := o.take(key)
	if !ok {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		o.r.Say(o.At(key), key+" is not a list", "begin each line with a dash")
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		s, ok := scalar(v)
		if !ok {
			o.r.Say(lineOf(v), key+" holds something that is not text", "write one text a line")
		}
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

// Child opens the object under key; nil when it is missing or none.
func (o *Object) Child(key string) *Object {
	n, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.r.object(n, key)
}

// Close reports every key that nobody took.
func (o *Object) Close() {
	for _, key := range o.keys {
		if !slices.Contains(o.known, key) {
			o.r.Say(o.lines[key], fmt.Sprintf("%s has no key %q", o.name, key), "its keys are "+strings.Join(o.known, ", "))
		}
	}
}
