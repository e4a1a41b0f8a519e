package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// DepthMax is how deep a value may nest.
const DepthMax = 24

// MarshalJSON writes the canonical form: keys in order, numbers with all their digits.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.shape == Nothing {
		return nil, errors.New("write a value: it is nothing")
	}
	return v.json(nil), nil
}

// json appends the canonical form.
func (v Value) json(out []byte) []byte {
	switch v.shape {
	case Nothing:
		return append(out, "null"...)
	case Truth, Number:
		return append(out, v.word...)
	case Text:
		return append(out, Quoted(v.word)...)
	case List:
		out = append(out, '[')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.json(out)
		}
		return append(out, ']')
	case Map:
	}
	out = append(out, '{')
	for i, key := range v.Keys() {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, Quoted(key)...), ':')
		out = v.fields[key].json(out)
	}
	return append(out, '}')
}

// Quoted is a text in the quotes of JSON, which YAML reads too. What does not show
// is written by its number.
func Quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(fmt.Sprintf("object: a text cannot be written: %v", err)) // a text always can
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if unicode.IsPrint(r) || r > 0xffff {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	return out.String()
}

// UnmarshalJSON reads JSON without losing a digit. A key that stands twice, null,
// and nesting beyond DepthMax are errors.
func (v *Value) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	w, err := read(d, 0)
	if err != nil {
		return fmt.Errorf("read an object: %w", err)
	}
	*v = w
	return nil
}

// read reads the next value.
func read(d *json.Decoder, depth int) (Value, error) {
	if depth > DepthMax {
		return Value{}, fmt.Errorf("it nests deeper than %d levels", DepthMax)
	}
	t, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch x := t.(type) {
	case bool:
		return TruthOf(x), nil
	case json.Number:
		return NumberOf(x.String())
	case string:
		return TextOf(x)
	case json.Delim:
		if x == '[' {
			return readList(d, depth)
		}
		return readMap(d, depth)
	}
	return Value{}, errors.New("null stands for nothing: leave the key out")
}

func readList(d *json.Decoder, depth int) (Value, error) {
	v := Value{shape: List}
	for d.More() {
		item, err := read(d, depth+1)
		if err != nil {
			return Value{}, fmt.Errorf("[%d]: %w", len(v.items), err)
		}
		v.items = append(v.items, item)
	}
	_, err := d.Token()
	return v, err
}

func readMap(d *json.Decoder, depth int) (Value, error) {
	v := Value{shape: Map, fields: map[string]Value{}}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return Value{}, err
		}
		key := fmt.Sprint(t)
		if _, twice := v.fields[key]; twice {
			return Value{}, fmt.Errorf("%.60q stands twice", key)
		}
		if v.fields[key], err = read(d, depth+1); err != nil {
			return Value{}, fmt.Errorf("%.60q: %w", key, err)
		}
	}
	_, err := d.Token()
	return v, err
}
