package modbus

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

// sourceMax bounds a template file, faultsMax the faults that are reported.
const (
	sourceMax = 64 << 10
	faultsMax = 50
)

// ParseFault is one thing that is wrong with a template.
type ParseFault struct {
	File   string
	Line   int // counted from one; zero: the file as a whole
	What   string
	Remedy string
}

// String says where, what and what to do.
func (f ParseFault) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.What, f.Remedy)
}

// ParseError is everything that is wrong with a template, in the order of its lines.
type ParseError []ParseFault

// Error lists all faults, one a line.
func (e ParseError) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// reader walks the tree of a template file and collects every fault.
type reader struct {
	file   string
	faults []ParseFault
}

func (r *reader) say(line int, what, remedy string) {
	if len(r.faults) < faultsMax {
		r.faults = append(r.faults, ParseFault{File: r.file, Line: line, What: what, Remedy: remedy})
	}
}

// err is all faults in the order of their lines, or nil.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b ParseFault) int { return a.Line - b.Line })
	return ParseError(r.faults)
}

// root is the one object of the file; nil and a fault when there is none.
func (r *reader) root(src []byte) *object {
	if len(src) > sourceMax {
		r.say(0, fmt.Sprintf("the file has more than %d bytes", sourceMax), "a template is a page: split it")
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
		r.say(line, "not YAML: "+what, "mind the indentation and quote text that holds a colon")
		return nil
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		r.say(1, fmt.Sprintf("%d documents in the file", len(tree.Docs)), "a template file holds exactly one object")
		return nil
	}
	return r.object(tree.Docs[0].Body, "the template")
}

// object is one mapping of which the keys are taken one by one.
type object struct {
	r      *reader
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
func (r *reader) object(n ast.Node, name string) *object {
	o := &object{r: r, name: name, line: lineOf(n), values: map[string]ast.Node{}, lines: map[string]int{}}
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		r.say(o.line, name+" is not a list of keys", "write key: value")
		return nil
	}
	if len(pairs) > 0 {
		o.line = lineOf(pairs[0].Key)
	}
	for _, p := range pairs {
		key, line := keyOf(p), lineOf(p.Key)
		if _, twice := o.values[key]; twice {
			r.say(line, fmt.Sprintf("%s is stated twice, here and on line %d", key, o.lines[key]), "keep one of them")
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

// take returns the value of key and marks it as known.
func (o *object) take(key string) (ast.Node, bool) {
	o.known = append(o.known, key)
	n, ok := o.values[key]
	return n, ok
}

// at is the line of key, or of the object when the key is missing.
func (o *object) at(key string) int {
	if line, ok := o.lines[key]; ok {
		return line
	}
	return o.line
}

// has reports whether key is stated.
func (o *object) has(key string) bool { _, ok := o.values[key]; return ok }

// text is a plain value as it is written; a fault when it must be there and is not.
func (o *object) text(key string, required bool) string {
	n, ok := o.take(key)
	if !ok {
		if required {
			o.r.say(o.line, o.name+" lacks "+key, "state it")
		}
		return ""
	}
	s, ok := scalar(n)
	if !ok || required && strings.TrimSpace(s) == "" {
		o.r.say(o.at(key), key+" is not a plain value", "write one text or number, without anchors and tags")
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

// choice is one of a closed list; the first is taken when the key is missing
// and not required.
func (o *object) choice(key string, required bool, among ...string) string {
	s := o.text(key, required)
	if s == "" && (required || !o.has(key)) {
		return among[0]
	}
	if !slices.Contains(among, s) {
		o.r.say(o.at(key), fmt.Sprintf("%s %q is not known", key, s), "write one of "+strings.Join(among, ", "))
		return among[0]
	}
	return s
}

// whole is a whole number between least and most, decimal or 0x hexadecimal.
func (o *object) whole(key string, otherwise, least, most int64) int64 {
	s := o.text(key, false)
	if !o.has(key) {
		return otherwise
	}
	v, err := strconv.ParseInt(s, 0, 64)
	if err != nil || v < least || v > most {
		o.r.say(o.at(key), fmt.Sprintf("%s %q is not a whole number from %d to %d", key, s, least, most), "write it as 52 or 0x34")
		return otherwise
	}
	return v
}

// decimal is an exact decimal number.
func (o *object) decimal(key string) (Decimal, bool) {
	s := o.text(key, false)
	if !o.has(key) {
		return Decimal{}, false
	}
	d, ok := parseDecimal(s)
	if !ok {
		o.r.say(o.at(key), fmt.Sprintf("%s %q is not a decimal number of at most 15 digits", key, s), "write it as 0.01 or -20")
	}
	return d, ok
}

func parseDecimal(s string) (Decimal, bool) {
	unsigned := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	digits := whole + fraction
	if digits == "" || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, false
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Decimal{}, false
	}
	if unsigned != s {
		v = -v
	}
	return Decimal{Digits: v, Places: len(fraction)}, true
}

// list is a list of texts.
func (o *object) list(key string) []string {
	n, ok := o.take(key)
	if !ok {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		o.r.say(o.at(key), key+" is not a list", "begin each line with a dash")
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		s, ok := scalar(v)
		if !ok {
			o.r.say(lineOf(v), key+" holds something that is not text", "write one text a line")
		}
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

// child opens the object under key; nil when it is missing or none.
func (o *object) child(key string) *object {
	n, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.r.object(n, key)
}

// close reports every key that nobody took.
func (o *object) close() {
	for _, key := range o.keys {
		if !slices.Contains(o.known, key) {
			o.r.say(o.lines[key], fmt.Sprintf("%s has no key %q", o.name, key), "its keys are "+strings.Join(o.known, ", "))
		}
	}
}
