package sitefile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"sluice/driver/yamlfile"
	"sluice/unit"
)

// scalar fills a plain value after checking what kind of value the file holds.
func (d *decoder) scalar(to reflect.Value, f field, e entry) {
	d.last = max(d.last, placeOf(e.value).line)
	text, kind := textOf(e.value), kindOf(e.value)
	if f.number() && bare(e.value) && plainNumber(text) {
		kind = "a number" // the parser takes 1e6 for text
	}
	at := entry{key: e.key, at: placeOf(e.value)}
	switch {
	case to.Kind() == reflect.Bool && kind != "a yes or no":
		d.miss(at.at, fmt.Sprintf("%s is %s%s", e.key, kind, quoted(text)), "write true or false")
	case f.number() && kind != "a number":
		d.miss(at.at, fmt.Sprintf("%s is %s%s", e.key, kind, quoted(text)), "write a plain decimal number in "+words(f.unit)+", without quotes, unit or thousands separators")
	case to.Kind() == reflect.String && kind == "a number":
		d.miss(at.at, fmt.Sprintf("%s is the number %s", e.key, text), "write it in quotes if it is a name")
	case to.Kind() == reflect.String && kind != "text":
		d.miss(at.at, fmt.Sprintf("%s is %s", e.key, kind), "write text, in quotes where it holds a colon")
	default:
		d.leaf(to, f, at, text)
	}
}

// leaf turns the text of a value into the field.
func (d *decoder) leaf(to reflect.Value, f field, e entry, text string) {
	switch to.Kind() { //nolint:exhaustive // the declaration has no other kinds
	case reflect.Bool:
		to.SetBool(text == "true")
	case reflect.String:
		d.word(to, f, e, text)
	default:
		d.number(to, f, e, text)
	}
}

// word fills a text, one of a closed list where there is one.
func (d *decoder) word(to reflect.Value, f field, e entry, text string) {
	if strings.TrimSpace(text) == "" {
		d.miss(e.at, f.key+" is empty", "write text, or leave the key out")
		return
	}
	if len(f.one) > 0 && !slices.Contains(f.one, text) {
		remedy := "use one of " + strings.Join(f.one, ", ")
		if best := yamlfile.Nearest(text, f.one); len(f.one) > 8 && best != "" {
			remedy = "did you mean " + best + "? docs/site-file.md lists those that are known"
		}
		d.miss(e.at, fmt.Sprintf("%s %q is not known", f.key, text), remedy)
		return
	}
	to.SetString(text)
}

// number fills an integer from the literal text.
func (d *decoder) number(to reflect.Value, f field, e entry, text string) {
	s := f.scale()
	v, err := s.read(text)
	if err != nil {
		d.miss(e.at, fmt.Sprintf("%s %q %s", f.key, text, err), s.remedy(err, f.unit))
		return
	}
	if low, err := s.read(f.low); err == nil && v < low {
		what := fmt.Sprintf("%s is %s", f.key, text)
		if v < 0 && low >= 0 {
			what += ", which is negative"
		}
		d.miss(e.at, what, "state at least "+f.low)
		return
	}
	if high, err := s.read(f.high); err == nil && v > high {
		d.miss(e.at, fmt.Sprintf("%s is %s", f.key, text), "state at most "+f.high)
		return
	}
	to.SetInt(v)
}

// scale is how the number of a field is read.
func (f field) scale() scale {
	t := f.typ
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t == reflect.TypeFor[time.Duration]() {
		return durationOf(f.unit)
	}
	return scaleOf(f.unit)
}

// textOf is the literal text of a plain value.
func textOf(n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		if v.Value != nil {
			return strings.TrimSpace(v.Value.Value)
		}
		return ""
	}
	return nameOf(n)
}

// bare reports whether a value is text without quotes.
func bare(n ast.Node) bool {
	s, ok := n.(*ast.StringNode)
	return ok && s.Token != nil && s.Token.Type == token.StringType
}

// plainNumber reports whether text is a decimal number.
func plainNumber(text string) bool {
	_, err := unit.ParseDecimal(text, 0)
	return err == nil
}

// kindOf names the kind of a value for people.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case nil:
		return "nothing"
	case *ast.NullNode:
		return "nothing"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	case *ast.BoolNode:
		return "a yes or no"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.SequenceNode:
		return "a list"
	case *ast.InfinityNode, *ast.NanNode:
		return "not a finite number"
	case ast.MapNode:
		return "an object with keys"
	}
	return "something else"
}

// words says a unit for people.
func words(name string) string {
	switch name {
	case "money/MWh":
		return "the site's currency per MWh"
	case "money/MW":
		return "the site's currency per MW"
	case "money":
		return "the site's currency"
	case "ratio", "number":
		return "plain figures"
	case "%":
		return "percent"
	case "°":
		return "degrees"
	case "s":
		return "seconds"
	case "min":
		return "minutes"
	case "h":
		return "hours"
	case "d":
		return "days"
	}
	return name
}

// quoted is text in quotes behind a blank, or nothing.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}

// stem is a key without its unit.
func stem(key string) string {
	if i := strings.LastIndexByte(key, '_'); i > 0 {
		return key[:i]
	}
	return key
}

// lower is a sentence as it stands after a colon.
func lower(sentence string) string {
	s := strings.TrimSuffix(sentence, ".")
	if len(s) > 1 && strings.ToUpper(s[1:2]) != s[1:2] {
		s = strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// firstKeys lists the first keys of an object for a remedy.
func firstKeys(fields []field) string {
	var names []string
	for _, f := range fields {
		if len(names) < 3 {
			names = append(names, f.key+":")
		}
	}
	return strings.Join(names, ", ") + " and so on, each on its own line"
}
