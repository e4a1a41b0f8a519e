package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"sluice/capital"
	"sluice/driver/csvfile"
	"sluice/driver/yamlfile"
)

// Bounds on what is read, so that a hostile file costs little.
const (
	nestMax   = 32    // brackets and dashes on a line, and blanks before it, by two
	lineMax   = 8192  // bytes
	openMax   = 4096  // brackets of a file
	listMax   = 1000  // parts of a list
	textMax   = 1000  // bytes of a text
	faultsMax = 100   // that are told
	valuesMax = 50000 // of a file
)

// number is a number as a plan has one.
var number = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?$`)

// decoder collects all that is wrong instead of ending at the first.
type decoder struct {
	file   *File
	faults []error
	values int
}

func (d *decoder) fault(path, format string, a ...any) {
	if len(d.faults) < faultsMax {
		d.faults = append(d.faults, d.file.Fault(path, fmt.Errorf("%w: %w", fmt.Errorf(format, a...), ErrFile)))
	}
}

// parse is the text as a plan; nil where it is none at all.
func (d *decoder) parse(text []byte) *written {
	if err := readable(text); err != nil {
		d.fault("$", "%w", err)
		return nil
	}
	tree, err := grow(text)
	if err != nil {
		d.syntax(err)
		return nil
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		d.fault("$", "one plan is needed in the file, and there are %d documents; the shipped examples are a begin", len(tree.Docs))
		return nil
	}
	var out written
	root, ok := tree.Docs[0].Body.(ast.MapNode)
	if !ok {
		d.fault("$", "a plan is keys with values, such as plan: NAME")
		return nil
	}
	d.object(reflect.ValueOf(&out).Elem(), root, "$")
	return &out
}

// readable refuses what the parser would not survive.
func readable(text []byte) error {
	switch {
	case len(text) > sizeMax:
		return fmt.Errorf("more than %d bytes: is it a plan? power prices stand in files of their own", sizeMax)
	case !utf8.Valid(text):
		return errors.New("it is no UTF-8 text: save it as UTF-8")
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("the file is empty: sluice plan --example washington prints one to begin with")
	case bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > openMax:
		return fmt.Errorf("more than %d opening brackets: write lists with dashes", openMax)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		switch {
		case strings.Contains(line[:indent], "\t"):
			return fmt.Errorf("line %d: a tab indents the line: indent with blanks", n)
		case len(line) > lineMax:
			return fmt.Errorf("line %d: longer than %d bytes: break it", n, lineMax)
		case indent > 4*nestMax, strings.Count(line, "- ") > nestMax, strings.Count(line, "? ") > nestMax, strings.Count(line, "[")+strings.Count(line, "{") > nestMax:
			return fmt.Errorf("line %d: it nests too deeply: break it into several lines", n)
		}
	}
	return nil
}

// grow parses the text. The parser is another's and reads what strangers wrote, so a
// panic of it is a fault of the file and not the end of the program.
func grow(text []byte) (tree *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			tree, err = nil, fmt.Errorf("the text breaks the YAML parser: %v", p)
		}
	}()
	return parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
}

// syntax notes what the parser says, with its line.
func (d *decoder) syntax(err error) {
	what := err.Error()
	if said, ok := errors.AsType[yaml.Error](err); ok {
		what = said.GetMessage()
		if t := said.GetToken(); t != nil && t.Position != nil {
			d.file.lines["$"] = t.Position.Line
		}
	}
	what, _, _ = strings.Cut(strings.TrimSpace(what), "\n")
	d.fault("$", "this is no YAML: %s: look at indentation, colons, brackets and quotes there and on the line above", what)
}

// object fills a struct from keys.
func (d *decoder) object(into reflect.Value, n ast.MapNode, path string) {
	fields := fieldsOf(into)
	seen := map[string]bool{}
	for it := n.MapRange(); it.Next(); {
		key, value, ok := d.entry(it, path, seen)
		if !ok {
			continue
		}
		at := path + "." + key
		field, known := fields[key]
		if !known {
			d.unknown(at, key, into)
			continue
		}
		d.fill(field, value, at)
	}
}

// entry is the next key of an object and its value, with its line noted.
func (d *decoder) entry(it *ast.MapNodeIter, path string, seen map[string]bool) (key string, value ast.Node, ok bool) {
	token := it.Key().GetToken()
	if token == nil {
		return "", nil, false
	}
	key = token.Value
	at := path + "." + key
	if token.Position != nil {
		d.file.lines[at] = token.Position.Line
	}
	if seen[key] {
		d.fault(at, "it is said twice: keep one of them")
		return "", nil, false
	}
	seen[key] = true
	if d.values++; d.values > valuesMax {
		return "", nil, false
	}
	return key, it.Value(), true
}

// unknown refuses a key, with the one that may have been meant.
func (d *decoder) unknown(at, key string, into reflect.Value) {
	var names []string
	for _, k := range keysOf(into.Type()) {
		names = append(names, k.name)
	}
	if near := yamlfile.Nearest(key, names); near != "" {
		d.fault(at, "there is no key %.60q here: write %s?", key, near)
		return
	}
	d.fault(at, "there is no key %.60q here: there are %s", key, strings.Join(names, ", "))
}

// fill reads a value of any kind.
func (d *decoder) fill(into reflect.Value, n ast.Node, at string) {
	switch v := n.(type) {
	case nil, *ast.NullNode:
		return
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.fault(at, "anchors, aliases and tags are not read here: write the value out")
		return
	case ast.MapNode:
		d.branch(into, v, at)
		return
	case *ast.SequenceNode:
		d.list(into, v, at)
		return
	}
	text, ok := scalar(n)
	if !ok {
		d.fault(at, "%s is needed here", wanted(into))
		return
	}
	d.leaf(into, text, at)
}

// branch reads keys into a struct or a map.
func (d *decoder) branch(into reflect.Value, n ast.MapNode, at string) {
	switch into.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Struct:
		d.object(into, n, at)
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		seen := map[string]bool{}
		for it := n.MapRange(); it.Next(); {
			key, value, ok := d.entry(it, at, seen)
			if !ok {
				continue
			}
			if !csvfile.Plain(key, textMax) || key == "" {
				d.fault(at, "%.40q is no name", key)
				continue
			}
			one := reflect.New(into.Type().Elem()).Elem()
			d.fill(one, value, at+"."+key)
			into.SetMapIndex(reflect.ValueOf(key), one)
		}
		if into.Len() == 0 {
			into.SetZero()
		}
	default:
		d.fault(at, "keys stand here, and %s is needed", wanted(into))
	}
}

func (d *decoder) list(into reflect.Value, n *ast.SequenceNode, at string) {
	if into.Kind() != reflect.Slice {
		d.fault(at, "a list stands here, and %s is needed", wanted(into))
		return
	}
	if len(n.Values) > listMax {
		d.fault(at, "more than %d parts", listMax)
		return
	}
	for i, v := range n.Values {
		here := fmt.Sprintf("%s[%d]", at, i)
		if line := lineOf(v); line > 0 {
			d.file.lines[here] = line
		}
		one := reflect.New(into.Type().Elem()).Elem()
		d.fill(one, v, here)
		into.Set(reflect.Append(into, one))
	}
}

// lineOf is where a value begins.
func lineOf(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// scalar is the characters of a value that has no branches.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), true
	case *ast.StringNode:
		return v.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// leaf reads one value.
func (d *decoder) leaf(into reflect.Value, text, at string) {
	if month, ok := reflect.TypeAssert[*capital.Month](into.Addr()); ok {
		if err := month.UnmarshalText([]byte(text)); err != nil {
			d.fault(at, "%w", err)
		}
		return
	}
	switch into.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		x, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		if !number.MatchString(text) || err != nil || math.IsInf(x, 0) {
			d.fault(at, "%.60q is no number: write one such as 0.11 or 60_000_000, without commas, units or a percent sign", text)
			return
		}
		into.SetFloat(x)
	case reflect.Int, reflect.Int64:
		x, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
		if !number.MatchString(text) || err != nil || into.OverflowInt(x) {
			d.fault(at, "%.60q is no whole number: write one such as 120", text)
			return
		}
		into.SetInt(x)
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.fault(at, "%.60q: write true or false", text)
		}
		into.SetBool(text == "true")
	case reflect.String:
		if !csvfile.Plain(text, textMax) {
			d.fault(at, "%.40q: at most %d bytes without control characters", text, textMax)
			return
		}
		into.SetString(text)
	default:
		d.fault(at, "%.60q stands here, and %s is needed", text, wanted(into))
	}
}

// wanted is what a place holds.
func wanted(v reflect.Value) string {
	if _, ok := reflect.TypeAssert[capital.Month](v); ok {
		return "a month such as 2026-11"
	}
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list, such as [45, 46] or lines that begin with a dash,"
	}
	return "an object with keys"
}
