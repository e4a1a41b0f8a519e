package planfile

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/driver/csvfile"
)

// Write is a plan and the files of its histories as YAML that reads back to the same
// plan. What is nought, no or empty is left out; comments of a file that was read are
// not kept. The error says which value no file can hold.
func Write(p capital.Plan, histories map[string]string) ([]byte, error) {
	w := writer{}
	w.object(reflect.ValueOf(written{p, histories}), "")
	if err := errors.Join(w.faults...); err != nil {
		return nil, err
	}
	return []byte(w.b.String()), nil
}

type writer struct {
	b      strings.Builder
	faults []error
}

// object writes the keys of a struct, each on a line of its own, and says whether
// there was one.
func (w *writer) object(v reflect.Value, pad string) (some bool) {
	for _, k := range keysOf(v.Type()) {
		f := v.FieldByIndex(k.index)
		if f.IsZero() || (f.Kind() == reflect.Slice || f.Kind() == reflect.Map) && f.Len() == 0 {
			continue
		}
		some = true
		w.b.WriteString(pad + k.name + ":")
		w.value(f, pad)
	}
	return some
}

// value writes what stands behind a key.
func (w *writer) value(v reflect.Value, pad string) {
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Struct:
		w.b.WriteByte('\n')
		w.object(v, pad+"  ")
	case reflect.Map:
		w.b.WriteByte('\n')
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			w.b.WriteString(pad + "  " + word(k.String()) + ":")
			if one := v.MapIndex(k); one.IsZero() {
				w.b.WriteString(" " + zero(one) + "\n")
			} else {
				w.value(one, pad+"  ")
			}
		}
	case reflect.Slice:
		w.list(v, pad)
	default:
		w.b.WriteString(" " + w.leaf(v) + "\n")
	}
}

// zero is a value of nought inside a map or a list, where it cannot be left out.
func zero(v reflect.Value) string {
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Struct:
		return "{}"
	case reflect.String:
		return `""`
	}
	return "0"
}

func (w *writer) list(v reflect.Value, pad string) {
	if v.Type().Elem().Kind() != reflect.Struct {
		var all []string
		for i := range v.Len() {
			all = append(all, w.leaf(v.Index(i)))
		}
		w.b.WriteString(" [" + strings.Join(all, ", ") + "]\n")
		return
	}
	w.b.WriteByte('\n')
	for i := range v.Len() {
		one := writer{}
		if !one.object(v.Index(i), pad+"    ") {
			w.b.WriteString(pad + "  - {}\n")
			continue
		}
		w.faults = append(w.faults, one.faults...)
		w.b.WriteString(pad + "  - " + one.b.String()[len(pad)+4:])
	}
}

// leaf is a value without branches.
func (w *writer) leaf(v reflect.Value) string {
	if m, ok := reflect.TypeAssert[capital.Month](v); ok {
		text, err := m.MarshalText()
		if err != nil {
			w.faults = append(w.faults, err)
		}
		return string(text)
	}
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		return w.float(v.Float())
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	if !csvfile.Plain(v.String(), textMax) {
		w.faults = append(w.faults, fmt.Errorf("%.40q has more than %d bytes or control characters and cannot be written: %w", v.String(), textMax, ErrFile))
	}
	return word(v.String())
}

func (w *writer) float(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		w.faults = append(w.faults, fmt.Errorf("%v is no number and cannot be written: %w", x, ErrFile))
	}
	if a := math.Abs(x); x == 0 || a >= 1e-6 && a < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'e', -1, 64)
}

// bare is a text that YAML takes for nothing but a text.
var bare = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

// word is a text as YAML.
func word(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
	default:
		if bare.MatchString(s) {
			return s
		}
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
