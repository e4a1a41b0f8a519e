package sitefile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"sluice/driver/yamlfile"
)

// Bounds on what is read, so that a hostile file costs little.
const (
	depthMax  = 24     // levels of nesting that are followed
	nodesMax  = 20_000 // values that are read, aliases counted each time
	faultsMax = 100    // faults that are reported
)

// decoder fills the declaration from the tree of a file and collects every fault.
type decoder struct {
	file    string
	faults  []*Fault
	anchors map[string]ast.Node
	nodes   int
	last    int // line of the last value read
}

// say notes a fault that leaves the declaration complete.
func (d *decoder) say(at place, what, remedy string) {
	d.faults = append(d.faults, &Fault{File: d.file, Line: at.line, Column: at.column, What: what, Remedy: remedy})
}

// miss notes a fault that leaves a hole in the declaration.
func (d *decoder) miss(at place, what, remedy string) {
	d.say(at, what, remedy)
	d.faults[len(d.faults)-1].hole = true
}

// placeOf is where a value begins.
func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{}
}

// plain follows anchors and aliases to the value itself; nil when it cannot.
func (d *decoder) plain(n ast.Node) ast.Node {
	for range depthMax {
		switch v := n.(type) {
		case *ast.AnchorNode:
			d.anchors[nameOf(v.Name)] = v.Value
			n = v.Value
		case *ast.AliasNode:
			target, ok := d.anchors[nameOf(v.Value)]
			if !ok {
				d.miss(placeOf(n), fmt.Sprintf("alias *%s has no anchor above it", nameOf(v.Value)), "write the value, or set &"+nameOf(v.Value)+" where it first stands")
				return nil
			}
			n = target
		case *ast.TagNode:
			d.miss(placeOf(n), "a YAML tag such as !!str is not used here", "leave the tag out")
			return nil
		default:
			return d.counted(n)
		}
	}
	d.miss(placeOf(n), "anchors refer to one another in a circle", "write the value")
	return nil
}

// counted returns n until too many values have been read.
func (d *decoder) counted(n ast.Node) ast.Node {
	if d.nodes++; d.nodes > nodesMax {
		if d.nodes == nodesMax+1 {
			d.miss(placeOf(n), fmt.Sprintf("the file holds more than %d values", nodesMax), "split it, or use fewer aliases")
		}
		return nil
	}
	return n
}

func nameOf(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

// entry is one key of an object with its value.
type entry struct {
	key   string
	at    place
	value ast.Node
}

// entries lists the keys of an object, merged ones last; a key stated twice is a fault.
func (d *decoder) entries(n ast.Node, depth int) []entry {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil
	}
	if depth > depthMax {
		d.miss(placeOf(n), fmt.Sprintf("objects nest deeper than %d levels", depthMax), "does a merge key refer to its own object? write the keys out")
		return nil
	}
	var own, merged []entry
	index := map[string]int{} // in own
	for it := m.MapRange(); it.Next() && d.counted(n) != nil; {
		if it.Key().IsMergeKey() {
			merged = append(merged, d.merge(it.Value(), depth+1)...)
			continue
		}
		e := entry{key: nameOf(it.Key()), at: placeOf(it.Key()), value: it.Value()}
		if i, twice := index[e.key]; twice {
			d.miss(e.at, fmt.Sprintf("%s is stated twice, here and on line %d", e.key, own[i].at.line), "keep one of them")
			continue
		}
		index[e.key], own = len(own), append(own, e)
	}
	for _, e := range merged {
		if _, stated := index[e.key]; !stated {
			index[e.key], own = len(own), append(own, e)
		}
	}
	return own
}

// merge is the keys that a merge key brings in, from one object or a list of them.
func (d *decoder) merge(n ast.Node, depth int) []entry {
	n = d.plain(n)
	if n == nil {
		return nil
	}
	if list, ok := n.(*ast.SequenceNode); ok {
		var all []entry
		for _, v := range list.Values {
			if v = d.plain(v); v != nil {
				all = append(all, d.entries(v, depth)...)
			}
		}
		return all
	}
	return d.entries(n, depth)
}

// object fills a struct from n, which stands at at.
func (d *decoder) object(v reflect.Value, n ast.Node, at place, depth int) {
	fields := fieldsOf(v.Type())
	v.FieldByName("Where").Set(reflect.ValueOf(where{place: at, end: at.line}))
	_, isMap := n.(ast.MapNode)
	if n == nil || !isMap || depth > depthMax {
		d.miss(at, "an object with keys belongs here, not "+kindOf(n), "write "+firstKeys(fields))
		return
	}
	here := where{place: at, keys: map[string]place{}, meant: map[string]bool{}}
	for _, e := range d.entries(n, depth) {
		d.last = max(d.last, e.at.line)
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.key })
		if i < 0 && d.refused(v.Type(), e) {
			continue
		}
		if i < 0 {
			here.meant[d.unknown(e, fields)] = true
			continue
		}
		here.keys[e.key] = e.at
		d.value(v.FieldByIndex(fields[i].index), fields[i], e, depth+1)
	}
	here.end = max(d.last, at.line)
	v.FieldByName("Where").Set(reflect.ValueOf(here))
	d.absent(v, fields, here)
}

// refused reports a key that the object lists as one that nothing obeys yet:
// to read it in silence would promise what is not kept.
func (d *decoder) refused(object reflect.Type, e entry) bool {
	f, some := object.FieldByName("Refused")
	if !some || !slices.Contains(strings.Fields(f.Tag.Get("keys")), e.key) {
		return false
	}
	d.say(e.at, e.key+" is not supported yet", "leave it out")
	return true
}

// absent puts defaults where keys are missing and reports those that are
// needed, unless a misspelt key was probably meant.
func (d *decoder) absent(v reflect.Value, fields []field, here where) {
	for _, f := range fields {
		if here.has(f.key) {
			continue
		}
		to := v.FieldByIndex(f.index)
		switch {
		case f.need && here.meant[f.key]:
		case f.need:
			d.miss(here.place, f.key+" is missing", "state it: "+lower(f.doc))
		case f.fallback != "":
			d.leaf(to, f, entry{key: f.key, at: here.place}, f.fallback)
		case f.typ.Kind() == reflect.Struct:
			none := where{place: here.place, keys: map[string]place{}}
			to.FieldByName("Where").Set(reflect.ValueOf(none))
			d.absent(to, fieldsOf(f.typ), none)
		}
	}
}

// unknown reports a key that the object does not have and returns the key that
// was probably meant, or nothing. Where that key has a default, the default
// stands in and the rest of the object can still be checked.
func (d *decoder) unknown(e entry, fields []field) string {
	if len(d.faults) > faultsMax {
		return "" // enough is wrong already
	}
	what, remedy, meant := fmt.Sprintf("there is no key %q here", e.key), "", field{}
	var names []string
	for _, f := range fields {
		names = append(names, f.key)
		if f.number() && stem(e.key) == stem(f.key) {
			what, remedy, meant = fmt.Sprintf("%q does not carry the unit of this file", e.key), fmt.Sprintf("write %s, the value in %s", f.key, words(f.unit)), f
		}
	}
	if best := yamlfile.Nearest(e.key, names); remedy == "" && best != "" {
		remedy, meant = "did you mean "+best+"?", fields[slices.Index(names, best)]
	}
	if remedy == "" {
		remedy = "use one of " + strings.Join(names, ", ")
	}
	d.say(e.at, what, remedy)
	d.faults[len(d.faults)-1].hole = meant.fallback == "" && meant.key != ""
	return meant.key
}

// value fills one field.
func (d *decoder) value(to reflect.Value, f field, e entry, depth int) {
	n := d.plain(e.value)
	if n == nil {
		return
	}
	if _, null := n.(*ast.NullNode); null {
		d.miss(e.at, e.key+" has no value", "write the value behind the colon, or leave the key out")
		return
	}
	switch to.Kind() { //nolint:exhaustive // every other kind is a plain value
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.object(to.Elem(), n, e.at, depth)
	case reflect.Struct:
		d.object(to, n, e.at, depth)
	case reflect.Slice:
		d.list(to, f, entry{e.key, e.at, n}, depth)
	default:
		d.scalar(to, f, entry{e.key, e.at, n})
	}
}

// list fills a slice of objects or of plain values.
func (d *decoder) list(to reflect.Value, f field, e entry, depth int) {
	s, ok := e.value.(*ast.SequenceNode)
	if !ok {
		d.miss(e.at, e.key+" is a list, not "+kindOf(e.value), "begin each entry with a dash on its own line")
		return
	}
	for _, item := range s.Values {
		at := placeOf(item)
		one := reflect.New(to.Type().Elem()).Elem()
		if n := d.plain(item); n != nil {
			switch {
			case one.Type() == reflect.TypeFor[located]():
				one.FieldByName("At").Set(reflect.ValueOf(at))
				d.scalar(one.FieldByName("Text"), f, entry{e.key, at, n})
			case one.Kind() == reflect.Struct:
				d.object(one, n, at, depth+1)
			default:
				d.scalar(one, f, entry{e.key, at, n})
			}
		}
		to.Set(reflect.Append(to, one))
	}
}
