package capital

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Figure is one number of a plan with where it stands and where it comes from.
type Figure struct {
	Place  string // such as projects.washington.gross_mw
	Value  float64
	Source Source
}

// Figures are all numbers of a plan that are not nought, in its order, each with its
// source; what names none is assumed.
func (p Plan) Figures() []Figure {
	w := &walk{sources: p.Sources}
	w.into(reflect.ValueOf(p), "")
	return w.out
}

type walk struct {
	sources map[string]Source
	out     []Figure
}

func (w *walk) into(v reflect.Value, place string) {
	if m, ok := reflect.TypeAssert[Month](v); ok {
		if m != 0 {
			w.add(place, float64(m))
		}
		return
	}
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		if v.Float() != 0 {
			w.add(place, v.Float())
		}
	case reflect.Int, reflect.Int64:
		if v.Int() != 0 {
			w.add(place, float64(v.Int()))
		}
	case reflect.Struct:
		w.fields(v, place)
	case reflect.Slice:
		for i := range v.Len() {
			w.into(v.Index(i), place+"."+nameOf(v.Index(i), i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Float64 {
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
			for _, k := range keys {
				w.into(v.MapIndex(k), place+"."+k.String())
			}
		}
	}
}

func (w *walk) fields(v reflect.Value, place string) {
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if key == "published" || key == "version" || key == "actuals" {
			continue
		}
		w.into(v.Field(i), strings.TrimPrefix(place+"."+key, "."))
	}
}

// nameOf is what a part of a list is called: by its name, or by its number.
func nameOf(v reflect.Value, i int) string {
	if v.Kind() == reflect.Struct {
		if name := v.FieldByName("Name"); name.IsValid() && name.String() != "" {
			return name.String()
		}
	}
	return strconv.Itoa(i)
}

func (w *walk) add(place string, value float64) {
	s, ok := w.sources[place]
	if !ok {
		s = Source{Standing: Assumed}
		for at := place; strings.Contains(at, "."); {
			at = at[:strings.LastIndex(at, ".")]
			if near, ok := w.sources[at]; ok {
				s = near
				break
			}
		}
	}
	w.out = append(w.out, Figure{Place: place, Value: value, Source: s})
}
