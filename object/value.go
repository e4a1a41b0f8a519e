package object

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Shape says what a value is.
type Shape string

// The shapes. There is no null: what has no value is left out.
const (
	Nothing Shape = ""
	Truth   Shape = "true or false"
	Number  Shape = "a number"
	Text    Shape = "a text"
	List    Shape = "a list"
	Map     Shape = "an object with keys"
)

// Value is a tree of texts, numbers, truths, lists and maps. It is made by
// functions, so that every value is canonical: equal ones are written alike.
// The zero Value is nothing. What a Value holds is not changed after it was made.
type Value struct {
	shape  Shape
	word   string
	items  []Value
	fields map[string]Value
}

// textMax bounds a text, bytes.
const textMax = 2000

// TextOf is a text. It is an error when it is not UTF-8, or longer than 2000 bytes.
func TextOf(s string) (Value, error) {
	if len(s) > textMax {
		return Value{}, fmt.Errorf("the text is longer than %d bytes", textMax)
	}
	if !utf8.ValidString(s) {
		return Value{}, errors.New("the text is not UTF-8")
	}
	return Value{shape: Text, word: s}, nil
}

// TruthOf is true or false.
func TruthOf(b bool) Value {
	return Value{shape: Truth, word: strconv.FormatBool(b)}
}

// ListOf is a list.
func ListOf(items []Value) Value { return Value{shape: List, items: slices.Clone(items)} }

// MapOf is an object with keys.
func MapOf(fields map[string]Value) Value { return Value{shape: Map, fields: maps.Clone(fields)} }

// digitsMax bounds a number, digits of its plain form.
const digitsMax = 40

// NumberOf is a number as it is written in YAML or JSON. Every digit counts and
// zeros that say nothing do not: 60_000.50 is 60000.5 and 1e3 is 1000. The error
// says why a text is no number, or one that could be meant in two ways.
func NumberOf(s string) (Value, error) {
	m := regexp.MustCompile(`^([-+]?)([0-9][0-9_]*)(?:\.([0-9_]*))?(?:[eE]([-+]?[0-9]{1,3}))?$`).FindStringSubmatch(s)
	if m == nil {
		return Value{}, fmt.Errorf("%.60q is no plain decimal number", s)
	}
	whole, part := strings.ReplaceAll(m[2], "_", ""), strings.ReplaceAll(m[3], "_", "")
	if len(whole) > 1 && whole[0] == '0' {
		return Value{}, fmt.Errorf("%.60q begins with a zero: some read it to the base of eight", s)
	}
	shift := 0
	if m[4] != "" {
		if _, err := fmt.Sscanf(m[4], "%d", &shift); err != nil {
			return Value{}, fmt.Errorf("%.60q is no plain decimal number", s)
		}
	}
	if len(whole)+len(part) > digitsMax || max(shift, -shift) > digitsMax {
		return Value{}, fmt.Errorf("%.60q has more than %d digits", s, digitsMax)
	}
	return Value{shape: Number, word: plain(m[1] == "-", whole+part, len(whole)+shift)}, nil
}

// plain writes digits with the point behind so many of them, without exponent.
func plain(negative bool, digits string, point int) string {
	if point <= 0 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole := strings.TrimLeft(digits[:point], "0")
	if whole == "" {
		whole = "0"
	}
	out := whole
	if part := strings.TrimRight(digits[point:], "0"); part != "" {
		out += "." + part
	}
	if negative && out != "0" {
		out = "-" + out
	}
	return out
}

// Shape is what the value is.
func (v Value) Shape() Shape { return v.shape }

// Items are those of a list.
func (v Value) Items() []Value { return v.items }

// Keys are those of a map, in order.
func (v Value) Keys() []string { return slices.Sorted(maps.Keys(v.fields)) }

// Get is what stands under a key of a map.
func (v Value) Get(key string) (Value, bool) {
	w, ok := v.fields[key]
	return w, ok
}

// String is a text as it is, a number in its plain form, true or false; of lists
// and maps it is their JSON.
func (v Value) String() string {
	if v.shape == List || v.shape == Map {
		return string(v.json(nil))
	}
	return v.word
}

// Equal reports whether both are the same, to the last digit. The number 1 and the
// text "1" are not.
func (v Value) Equal(w Value) bool {
	return v.shape == w.shape && v.word == w.word &&
		slices.EqualFunc(v.items, w.items, Value.Equal) && maps.EqualFunc(v.fields, w.fields, Value.Equal)
}
