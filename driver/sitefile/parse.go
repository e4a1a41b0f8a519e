package sitefile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// What the parser gets to see. It calls itself for each bracket and dash on the
// way down, and its time grows with the square of a line's length.
const (
	nestMax = 64
	lineMax = 4 << 10
)

// parse turns the text into the declaration; nil when it is no site file at all.
func (d *decoder) parse(text []byte) *declaration {
	if !d.readable(text) {
		return nil
	}
	tree, err := grow(text)
	if err != nil {
		d.syntax(err)
		return nil
	}
	if len(tree.Docs) > 1 {
		d.say(placeOf(tree.Docs[1].Body), "the file holds several YAML documents", "keep one site in one file and remove the line ---")
		return nil
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		d.say(place{}, "the file declares nothing", "begin with name, time_zone and currency; sluice ships examples to start from")
		return nil
	}
	body := tree.Docs[0].Body
	d.anchors = map[string]ast.Node{}
	collect(body, d.anchors)
	raw := &declaration{}
	root := d.plain(body)
	if _, ok := root.(ast.MapNode); !ok {
		d.say(place{1, 1}, "a site is an object with keys, not "+kindOf(root), "begin with name, time_zone and currency; sluice ships examples to start from")
		return nil
	}
	d.object(reflect.ValueOf(raw).Elem(), root, place{1, 1}, 0)
	return raw
}

// readable checks what the parser would not survive or not explain.
func (d *decoder) readable(text []byte) bool {
	switch {
	case len(text) > sizeMax:
		d.say(place{}, fmt.Sprintf("the file is larger than %d KiB", sizeMax>>10), "is it a site file? keep price series in files of their own")
	case !utf8.Valid(text):
		d.say(place{}, "the file is not UTF-8 text", "save it as UTF-8")
	case len(bytes.TrimSpace(text)) == 0:
		d.say(place{}, "the file is empty", "begin with name, time_zone and currency; sluice ships examples to start from")
	}
	for i, line := range strings.Split(string(text), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if j := strings.IndexByte(indent, '\t'); j >= 0 && strings.TrimSpace(line) != "" {
			d.say(place{i + 1, j + 1}, "a tab indents the line", "indent with blanks: YAML does not allow tabs there")
		}
		if len(line) > lineMax {
			d.say(place{i + 1, 1}, fmt.Sprintf("the line is longer than %d bytes", lineMax), "break it into several lines")
			return false
		}
		if strings.Count(line, "- ") > nestMax || strings.Count(line, "? ") > nestMax || strings.Count(line, ": ") > nestMax {
			d.say(place{i + 1, 1}, "the line nests too deeply", "break it into several lines")
		}
	}
	if bytes.Count(text, []byte("[")) > 8*nestMax || bytes.Count(text, []byte("{")) > 8*nestMax {
		d.say(place{}, fmt.Sprintf("the file has more than %d opening brackets", 8*nestMax), "write lists with dashes and objects with indentation")
	}
	return len(d.faults) == 0
}

// grow parses the text. The parser is another's and reads what strangers
// wrote, so a panic of it is a fault of the file and not the end of the program.
func grow(text []byte) (tree *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			tree, err = nil, fmt.Errorf("the text breaks the YAML parser: %v", p)
		}
	}()
	return parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
}

// syntax notes what the parser says.
func (d *decoder) syntax(err error) {
	at, what := place{}, strings.TrimSpace(err.Error())
	if said, ok := errors.AsType[yaml.Error](err); ok {
		what = said.GetMessage()
		if t := said.GetToken(); t != nil && t.Position != nil {
			at = place{t.Position.Line, t.Position.Column}
		}
	}
	what, _, _ = strings.Cut(what, "\n")
	d.say(at, "this is not YAML: "+what, "check indentation, colons and quotes on this line and the one above")
}

// anchorage is a visitor that remembers anchors.
type anchorage map[string]ast.Node

// Visit notes an anchor and goes on.
func (a anchorage) Visit(n ast.Node) ast.Visitor {
	if v, ok := n.(*ast.AnchorNode); ok && v.Value != nil {
		if name := nameOf(v.Name); a[name] == nil {
			a[name] = v.Value
		}
	}
	return a
}

// collect finds every anchor before values are read, because an object with an
// unknown key skips what is below it.
func collect(n ast.Node, into map[string]ast.Node) { ast.Walk(anchorage(into), n) }
