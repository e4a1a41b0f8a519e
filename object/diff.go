package object

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Field is one difference between two objects.
type Field struct {
	Path   string `json:"path"`             // such as spec.feeders[main].limit_mw
	Before string `json:"before,omitempty"` // canonical text; "" when it was not there
	After  string `json:"after,omitempty"`  // canonical text; "" when it is gone
	Risk   Class  `json:"risk"`

	shape string // the path without what stands in brackets
	whole bool   // it belongs to an entry of a list that came or went with all it has
}

// Scalar is a value as one line: a text is in quotes where it could be taken for
// something else. It is "" for nothing alone.
func (v Value) Scalar() string {
	if v.shape == Text && !bare(v.word) {
		return Quoted(v.word)
	}
	return v.String()
}

// bare reports whether YAML reads a text without quotes as that text.
func bare(s string) bool {
	if s == "" || len(s) > 120 {
		return false
	}
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		inner := letter || r >= '0' && r <= '9' || strings.ContainsRune("_-./ ()+", r)
		if i == 0 && !letter || !inner {
			return false
		}
	}
	if s[len(s)-1] == ' ' || strings.Contains(s, "...") {
		return false
	}
	return !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}, strings.ToLower(s))
}

// Diff is how after differs from before, by field, in order. Both are of one kind;
// an object without a kind stands for none: all of the other was added, or goes. The
// version says which object was meant, and is no difference.
func Diff(before, after Object) []Field {
	kind := after.Kind
	if kind == "" {
		kind = before.Kind
	}
	what := Update
	if before.Kind == "" {
		what = Create
	} else if after.Kind == "" {
		what = Delete
	}
	d := differ{}
	d.compare(step{path: "metadata", shape: "metadata"}, before.Metadata.value(), after.Metadata.value())
	d.compare(step{path: "spec", shape: "spec"}, before.Spec, after.Spec)
	for i, f := range d.fields {
		d.fields[i].Risk = Risk(kind, what, []Field{f})
	}
	return d.fields
}

// value is what counts of the metadata.
func (m Metadata) value() Value {
	v := Value{shape: Map, fields: map[string]Value{}}
	if m.Site != "" {
		v.fields["site"] = Value{shape: Text, word: m.Site}
	}
	if len(m.Labels) > 0 {
		labels := Value{shape: Map, fields: map[string]Value{}}
		for k, s := range m.Labels {
			labels.fields[k] = Value{shape: Text, word: s}
		}
		v.fields["labels"] = labels
	}
	return v
}

// step is a place, for people and for the table of risks.
type step struct {
	path, shape string
	whole       bool
}

func (s step) key(k string) step { return step{s.path + "." + k, s.shape + "." + k, s.whole} }

// item is an entry of a list; one of both sides may lack it.
func (s step) item(name string, before, after Value) step {
	lone := before.shape == Nothing || after.shape == Nothing
	return step{s.path + "[" + name + "]", s.shape + "[]", s.whole || lone}
}

// differ collects differences.
type differ struct{ fields []Field }

func (d *differ) note(at step, before, after string) {
	d.fields = append(d.fields, Field{Path: at.path, Before: before, After: after, shape: at.shape, whole: at.whole})
}

// compare goes down as far as both sides have the same shape, or one side has none.
func (d *differ) compare(at step, before, after Value) {
	switch {
	case before.Equal(after):
	case is(Map, before, after) && before.branches()+after.branches() > 0:
		for _, key := range slices.Sorted(maps.Keys(union(before.fields, after.fields))) {
			d.compare(at.key(key), before.fields[key], after.fields[key])
		}
	case is(List, before, after) && before.branches()+after.branches() > 0:
		d.lists(at, before, after)
	default:
		d.note(at, before.Scalar(), after.Scalar())
	}
}

// is reports whether both are of a shape, or one of them is and the other is nothing.
func is(s Shape, a, b Value) bool {
	return a.shape == s && (b.shape == s || b.shape == Nothing) || b.shape == s && a.shape == Nothing
}

// branches is how many values stand directly below.
func (v Value) branches() int { return len(v.items) + len(v.fields) }

func union(a, b map[string]Value) map[string]Value {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]Value{}
	}
	maps.Copy(all, b)
	return all
}

// lists compares entries by their names where all have one, and by place where not.
func (d *differ) lists(at step, before, after Value) {
	old, was := names(before.items)
	fresh, is := names(after.items)
	if was == nil || is == nil {
		for i := range max(len(before.items), len(after.items)) {
			d.entry(at, strconv.Itoa(i), entry(before.items, i), entry(after.items, i))
		}
		return
	}
	for i, name := range old {
		var now Value
		if j, stays := is[name]; stays {
			now = after.items[j]
		}
		d.entry(at, name, before.items[i], now)
	}
	for i, name := range fresh {
		if _, stood := was[name]; !stood {
			d.entry(at, name, Value{}, after.items[i])
		}
	}
	d.order(at, kept(old, is), kept(fresh, was))
}

// entry compares two entries of a list, one of which may be nothing.
func (d *differ) entry(at step, name string, before, after Value) {
	d.compare(at.item(name, before, after), before, after)
}

// order notes that entries which stayed stand in another order: of some lists the
// first that fits counts.
func (d *differ) order(at step, before, after []string) {
	if !slices.Equal(before, after) {
		d.note(at.key("order"), strings.Join(before, ", "), strings.Join(after, ", "))
	}
}

func kept(of []string, in map[string]int) []string {
	return slices.DeleteFunc(slices.Clone(of), func(s string) bool { _, ok := in[s]; return !ok })
}

func entry(items []Value, i int) Value {
	if i < 0 || i >= len(items) {
		return Value{}
	}
	return items[i]
}

// names are those of the entries of a list, and where each stands; no places unless
// each has a name of its own.
func names(items []Value) ([]string, map[string]int) {
	out, at := make([]string, 0, len(items)), make(map[string]int, len(items))
	for i, v := range items {
		n := v.name()
		if _, twice := at[n]; twice || n == "" {
			return nil, nil
		}
		at[n] = i
		out = append(out, n)
	}
	return out, at
}

// name is what an entry of a list is called; "" when it has no name.
func (v Value) name() string {
	if v.shape == Text {
		return v.word
	}
	for _, key := range []string{"name", "group", "url", "contract", "node", "currency"} {
		if w, ok := v.fields[key]; ok && w.shape == Text {
			return w.word
		}
	}
	return ""
}
