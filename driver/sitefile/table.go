package sitefile

import (
	"reflect"
	"strings"
)

// field is one key of an object, as its struct tag declares it.
type field struct {
	key, unit, fallback, absent, low, high, doc string

	one   []string // allowed words
	need  bool
	index []int // in the struct
	typ   reflect.Type
}

// fieldsOf lists the keys of an object, those of embedded structs too.
func fieldsOf(t reflect.Type) []field {
	var list []field
	for _, f := range reflect.VisibleFields(t) {
		key, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		list = append(list, field{
			key: key, unit: f.Tag.Get("unit"), fallback: f.Tag.Get("default"), absent: f.Tag.Get("absent"),
			low: f.Tag.Get("low"), high: f.Tag.Get("high"), doc: f.Tag.Get("doc"), one: strings.Fields(f.Tag.Get("one")),
			need: f.Tag.Get("need") == "yes", index: f.Index, typ: f.Type,
		})
	}
	return list
}

// inner is the struct that a field holds, directly, in a list or when present;
// nil for a plain value.
func (f field) inner() reflect.Type {
	t := f.typ
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[located]() {
		return nil
	}
	return t
}

// number reports whether the field holds numbers.
func (f field) number() bool { return f.unit != "" }
