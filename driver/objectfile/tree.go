package objectfile

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"sluice/object"
)

// nodesMax bounds the values of one document, aliases counted each time.
const nodesMax = 100_000

// place is a line and a column, counted from 1.
type place struct{ line, column int }

// tree turns the syntax tree of a document into a value, and remembers where
// everything stands by its JSON pointer.
type tree struct {
	file    string
	shift   int // lines before the document
	faults  []*Fault
	places  map[string]place // of values, and of keys as pointer with a # behind
	anchors map[string]ast.Node
	nodes   int

	broken, said int // faults of the YAML, and those with what the house says of every object
}

func (t *tree) say(at place, path, what, remedy string) {
	if len(t.faults) > 2*faultsMax { // more are not shown
		return
	}
	t.faults = append(t.faults, &Fault{File: t.file, Line: at.line, Column: at.column, Path: path, What: what, Remedy: remedy})
}

// at is where a node begins in the file.
func (t *tree) at(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	if k := n.GetToken(); k != nil && k.Position != nil {
		return place{k.Position.Line + t.shift, k.Position.Column}
	}
	return place{t.shift + 1, 1}
}

// spot is where the value of a pointer stands, or the closest above it that is known.
func (t *tree) spot(pointer string) place {
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if p, ok := t.places[pointer+"#"]; ok {
			return p
		}
		if p, ok := t.places[pointer]; ok {
			return p
		}
	}
	return place{t.shift + 1, 1}
}

// under is the pointer of a key below another.
func under(pointer, key string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// node reads a value; false when it is none, which has been noted.
func (t *tree) node(n ast.Node, pointer string, depth int) (object.Value, bool) {
	n, ok := t.plain(n, pointer, depth)
	if !ok {
		return object.Value{}, false
	}
	t.places[pointer] = t.at(n)
	switch v := n.(type) {
	case ast.MapNode:
		return t.fields(v, pointer, depth)
	case *ast.SequenceNode:
		var items []object.Value
		for i, item := range v.Values {
			w, ok := t.node(item, fmt.Sprintf("%s/%d", pointer, i), depth+1)
			if !ok && t.nodes > nodesMax {
				break
			}
			items = append(items, w)
		}
		return object.ListOf(items), true
	}
	return t.scalar(n, pointer)
}

// plain follows anchors and aliases to the value itself.
func (t *tree) plain(n ast.Node, pointer string, depth int) (ast.Node, bool) {
	if n == nil {
		t.say(t.spot(pointer), shown(pointer), "has no value", "write one, or remove the key")
		return nil, false
	}
	if t.nodes++; t.nodes > nodesMax {
		if t.nodes == nodesMax+1 {
			t.say(t.at(n), shown(pointer), fmt.Sprintf("the document holds more than %d values", nodesMax), "split it, or use fewer aliases")
		}
		return nil, false
	}
	if depth > object.DepthMax {
		t.say(t.at(n), shown(pointer), fmt.Sprintf("it nests deeper than %d levels", object.DepthMax), "does an alias refer to its own object? write the keys out")
		return nil, false
	}
	switch v := n.(type) {
	case *ast.AnchorNode:
		t.anchors[nameOf(v.Name)] = v.Value
		return t.plain(v.Value, pointer, depth+1)
	case *ast.AliasNode:
		target, ok := t.anchors[nameOf(v.Value)]
		if !ok {
			t.say(t.at(n), shown(pointer), fmt.Sprintf("alias *%.40s has no anchor above it in its document", nameOf(v.Value)), "write the value")
			return nil, false
		}
		return t.plain(target, pointer, depth+1)
	case *ast.TagNode:
		t.say(t.at(n), shown(pointer), "a YAML tag such as !!str is not used here", "leave the tag out")
		return nil, false
	}
	return n, true
}

func nameOf(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

// fields reads the keys of a map; those of a merge key give way to its own.
func (t *tree) fields(m ast.MapNode, pointer string, depth int) (object.Value, bool) {
	own, merged := map[string]object.Value{}, map[string]object.Value{}
	lines := map[string]int{}
	for it := m.MapRange(); it.Next(); {
		if it.Key().IsMergeKey() {
			t.merge(it.Value(), pointer, depth+1, merged)
			continue
		}
		key, below := nameOf(it.Key()), under(pointer, nameOf(it.Key()))
		at := t.at(it.Key())
		if line, twice := lines[key]; twice {
			t.say(at, shown(below), fmt.Sprintf("is stated twice, here and on line %d", line), "remove one of them")
			continue
		}
		lines[key] = at.line
		t.places[below+"#"] = at
		if v, ok := t.node(it.Value(), below, depth+1); ok {
			own[key] = v
		}
	}
	for key, v := range merged {
		if _, stated := own[key]; !stated && lines[key] == 0 {
			own[key] = v
		}
	}
	return object.MapOf(own), true
}

// merge reads what a merge key brings: a map, or several, of which the first counts.
func (t *tree) merge(n ast.Node, pointer string, depth int, into map[string]object.Value) {
	if seq, ok := n.(*ast.SequenceNode); ok {
		for _, one := range seq.Values {
			t.merge(one, pointer, depth+1, into)
		}
		return
	}
	v, ok := t.node(n, pointer, depth)
	if ok && v.Shape() != object.Map {
		t.say(t.at(n), shown(pointer), "a merge key needs an object with keys", "write <<: *NAME of an anchor before an object")
	}
	for _, key := range v.Keys() {
		if _, stated := into[key]; !stated {
			into[key], _ = v.Get(key)
		}
	}
}

// scalar reads a text, a number, or true or false.
func (t *tree) scalar(n ast.Node, pointer string) (v object.Value, ok bool) {
	var err error
	switch x := n.(type) {
	case *ast.NullNode:
		t.say(t.spot(pointer), shown(pointer), "has no value", "write one, or remove the key")
		return v, false
	case *ast.BoolNode:
		return object.TruthOf(x.Value), true
	case *ast.StringNode:
		v, err = object.TextOf(x.Value)
	case *ast.LiteralNode:
		v, err = object.TextOf(x.Value.Value)
	default:
		v, err = number(n.GetToken())
	}
	if err != nil {
		t.say(t.at(n), shown(pointer), err.Error(), "write a plain decimal number, or a text in quotes")
		return v, false
	}
	return v, true
}

// number reads a number from its very characters; one to another base becomes decimal.
func number(k *token.Token) (object.Value, error) {
	if k == nil {
		return object.Value{}, errors.New("it is nothing that can be read")
	}
	if s := strings.ToLower(k.Value); strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0o") || strings.HasPrefix(s, "0b") {
		if n, ok := new(big.Int).SetString(s, 0); ok && n.BitLen() <= 64 {
			return object.NumberOf(n.String())
		}
	}
	return object.NumberOf(k.Value)
}

// shown is a JSON pointer as people write a path.
func shown(pointer string) string {
	var b strings.Builder
	for s := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		s = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		switch {
		case s != "" && strings.Trim(s, "0123456789") == "":
			b.WriteString("[" + s + "]")
		case b.Len() > 0:
			b.WriteString("." + s)
		default:
			b.WriteString(s)
		}
	}
	return b.String()
}
