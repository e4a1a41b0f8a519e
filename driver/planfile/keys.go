package planfile

import (
	"reflect"
	"strings"
)

// key is a key of an object and the field that it fills.
type key struct {
	name  string
	index []int
}

// keysOf are the keys of a struct, in its order; those of the plan stand in the file
// itself.
func keysOf(t reflect.Type) (out []key) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" {
			out = append(out, key{name, []int{i}})
			continue
		}
		for _, k := range keysOf(f.Type) {
			out = append(out, key{k.name, append([]int{i}, k.index...)})
		}
	}
	return out
}

// fieldsOf are the fields of a struct by their keys.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for _, k := range keysOf(v.Type()) {
		out[k.name] = v.FieldByIndex(k.index)
	}
	return out
}
