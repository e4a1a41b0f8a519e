package snmp

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// sourceMax bounds a template file.
const sourceMax = 64 << 10

// ParseError is everything that is wrong with a template, a line each, as
// file, line, fault and remedy.
type ParseError []string

// Error lists all faults.
func (e ParseError) Error() string { return strings.Join(e, "\n") }

// parse collects faults while a template is read.
type parse struct {
	file   string
	faults map[int][]string // by line
}

func (p *parse) say(line int, what, remedy string) {
	p.faults[line] = append(p.faults[line], fmt.Sprintf("%s:%d: %s: %s", p.file, line, what, remedy))
}

func (p *parse) err() error {
	var all ParseError
	for _, line := range slices.Sorted(maps.Keys(p.faults)) {
		all = append(all, p.faults[line]...)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// Parse reads a template. file names it in faults; the error is a ParseError
// with every fault and its line.
func Parse(file string, src []byte) (Template, error) {
	p := &parse{file: file, faults: map[int][]string{}}
	root, ok := p.root(src)
	if !ok {
		return Template{}, p.err()
	}
	top := p.pairs(root, "the template", "template", "maker", "models", "standing", "source", "reads", "caveats")
	t := Template{
		Name: top.text("template", true), Maker: top.text("maker", true), Source: top.text("source", true),
		Models: top.list("models"), Caveats: top.list("caveats"), Standing: top.standing(true, Unverified),
	}
	if strings.ContainsAny(t.Name, " \t\n/\\") {
		p.say(top.at("template"), fmt.Sprintf("name %q holds spaces or slashes", t.Name), "write it like apc-rpdu2")
	}
	if reads, ok := top.nodes["reads"]; ok {
		p.objects(&t, reads)
	} else {
		p.say(top.line, "the template maps nothing", "state power or outlet_power under reads")
	}
	return t, p.err()
}

func (p *parse) root(src []byte) (ast.Node, bool) {
	if len(src) > sourceMax {
		p.say(0, fmt.Sprintf("the file has more than %d bytes", sourceMax), "a template is a page: split it")
		return nil, false
	}
	tree, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line := 0
		if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil && e.GetToken().Position != nil {
			line = e.GetToken().Position.Line
		}
		p.say(line, "not YAML", "mind the indentation and quote text that holds a colon or a brace")
		return nil, false
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		p.say(1, fmt.Sprintf("%d documents in the file", len(tree.Docs)), "a template file holds exactly one object")
		return nil, false
	}
	return tree.Docs[0].Body, true
}

// objects reads the map itself.
func (p *parse) objects(t *Template, reads ast.Node) {
	known := []string{string(Power), string(Energy), string(OutletPower), string(Serial)}
	rows := p.pairs(reads, "reads", known...)
	for _, q := range known {
		if n, ok := rows.nodes[q]; ok {
			t.Objects = append(t.Objects, p.object(n, Quantity(q), t.Standing))
		}
	}
	_, whole := t.Object(Power)
	if _, single := t.Object(OutletPower); !whole && !single {
		p.say(rows.line, "no power is mapped", "map power or outlet_power")
	}
	for _, s := range []Standing{Vendor, Secondary, Unverified} {
		if slices.ContainsFunc(t.Objects, func(o Object) bool { return o.Standing == s }) {
			t.Standing = s
		}
	}
}

// oidForm is what an object identifier looks like.
var oidForm = regexp.MustCompile(`^[012](\.(\d{1,10}|\{outlet\})){2,40}$`)

// object reads one line of the map.
func (p *parse) object(n ast.Node, q Quantity, standing Standing) Object {
	row := p.pairs(n, string(q), "oid", "scale", "unit", "least", "standing")
	o := Object{Quantity: q, OID: strings.TrimPrefix(row.text("oid", true), "."), Digits: 1, Standing: row.standing(false, standing)}
	if outlets := strings.Count(o.OID, "{outlet}"); row.has("oid") && (!oidForm.MatchString(o.OID) || outlets > 1 || (outlets == 1) != (q == OutletPower) || !small(o.OID)) {
		p.say(row.at("oid"), fmt.Sprintf("oid %q is not one for %s", o.OID, q), "write numbers and dots, with {outlet} once for outlet_power and nowhere else")
	}
	if q == Serial {
		return o
	}
	if s := row.text("scale", false); row.has("scale") {
		if o.Digits, o.Places = decimal(s); o.Digits <= 0 {
			p.say(row.at("scale"), fmt.Sprintf("scale %q is not a decimal number above zero", s), "write it as 0.01")
		}
	}
	if s := row.text("least", false); row.has("least") {
		v, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			p.say(row.at("least"), fmt.Sprintf("least %q is not a whole number", s), "write 0 where -1 means not available")
		}
		o.Least = &v
	}
	o.Unit = row.text("unit", true)
	if units(q)[o.Unit] == 0 && row.has("unit") {
		p.say(row.at("unit"), fmt.Sprintf("unit %q is none of %s", o.Unit, q), "write one of "+strings.Join(slices.Sorted(maps.Keys(units(q))), ", "))
	}
	return o
}

// small reports whether every number of an object identifier fits 32 bits.
func small(oid string) bool {
	for s := range strings.SplitSeq(strings.ReplaceAll(oid, "{outlet}", "1"), ".") {
		if _, err := strconv.ParseUint(s, 10, 32); err != nil {
			return false
		}
	}
	return true
}

// decimal reads 0.01 as 1 and 2; zero digits mean that it is none above zero.
func decimal(s string) (digits int64, places int) {
	whole, fraction, _ := strings.Cut(s, ".")
	text := whole + fraction
	if text == "" || len(text) > 12 || strings.Trim(text, "0123456789") != "" {
		return 0, 0
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, 0
	}
	return v, len(fraction)
}

// pairs is one mapping of the file.
type pairs struct {
	p     *parse
	name  string
	line  int
	nodes map[string]ast.Node
	lines map[string]int
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// pairs opens a mapping whose keys are known and reports the others.
func (p *parse) pairs(n ast.Node, name string, known ...string) *pairs {
	out := &pairs{p: p, name: name, line: lineOf(n), nodes: map[string]ast.Node{}, lines: map[string]int{}}
	var all []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		all = m.Values
	case *ast.MappingValueNode:
		all = []*ast.MappingValueNode{m}
	default:
		p.say(out.line, name+" is not a list of keys", "write key: value")
	}
	for i, v := range all {
		key, line := "", lineOf(v.Key)
		if t := v.Key.GetToken(); t != nil {
			key = t.Value
		}
		if i == 0 {
			out.line = line
		}
		switch _, twice := out.nodes[key]; {
		case !slices.Contains(known, key):
			p.say(line, fmt.Sprintf("%s has no key %q", name, key), "its keys are "+strings.Join(known, ", "))
		case twice:
			p.say(line, fmt.Sprintf("%s is stated twice, here and on line %d", key, out.lines[key]), "keep one of them")
		default:
			out.nodes[key], out.lines[key] = v.Value, line
		}
	}
	return out
}

func (o *pairs) has(key string) bool { _, ok := o.nodes[key]; return ok }

func (o *pairs) at(key string) int {
	if line, ok := o.lines[key]; ok {
		return line
	}
	return o.line
}

// text is a plain value; a fault when it must be there and is not.
func (o *pairs) text(key string, required bool) string {
	n, ok := o.nodes[key]
	if !ok {
		if required {
			o.p.say(o.line, o.name+" lacks "+key, "state it")
		}
		return ""
	}
	s, plain := scalar(n)
	if !plain || required && s == "" {
		o.p.say(o.at(key), key+" is not a plain value", "write one text or number, without anchors and tags")
	}
	return s
}

func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return strings.TrimSpace(v.Value), true
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	}
	return "", false
}

func (o *pairs) standing(required bool, otherwise Standing) Standing {
	s := Standing(o.text("standing", required))
	if !o.has("standing") {
		return otherwise
	}
	if s != Vendor && s != Secondary && s != Unverified {
		o.p.say(o.at("standing"), fmt.Sprintf("standing %q is not known", s), "write one of V, S, U")
		return Unverified
	}
	return s
}

// list is a list of texts.
func (o *pairs) list(key string) []string {
	n, ok := o.nodes[key]
	if !ok {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		o.p.say(o.at(key), key+" is not a list", "begin each line with a dash")
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		s, plain := scalar(v)
		if !plain {
			o.p.say(lineOf(v), key+" holds something that is not text", "write one text a line")
		}
		out = append(out, s)
	}
	return out
}
