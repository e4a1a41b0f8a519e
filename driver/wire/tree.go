package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sluice/unit"
)

// ErrNotJSON says that an answer is no JSON, not even the loose kind that
// machines send.
var ErrNotJSON = errors.New("the answer is not JSON")

// Tree is a decoded answer of a machine, or a part of one. The zero Tree is a
// part that is absent; null counts as absent. It is read with questions that
// answer "not stated" instead of failing, because machines leave out, retype
// and misspell what they please.
type Tree struct{ v any }

// Parse decodes the first JSON value of an answer after Loosen repaired what
// machines are known to break. Of duplicated keys the last counts, and what
// follows the first value is not looked at.
func Parse(answer []byte) (Tree, error) {
	d := json.NewDecoder(bytes.NewReader(Loosen(answer)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return Tree{}, fmt.Errorf("%w: %.60q", ErrNotJSON, answer)
	}
	return Tree{v: v}, nil
}

// At follows keys downwards. A list on the way stands for its first element.
func (t Tree) At(keys ...string) Tree {
	for _, k := range keys {
		if l, ok := t.v.([]any); ok {
			t = Tree{}
			if len(l) > 0 {
				t.v = l[0]
			}
		}
		m, _ := t.v.(map[string]any)
		t = Tree{v: m[k]}
	}
	return t
}

// Each lists the elements of a list. What is no list is a list of itself, and
// what is absent an empty one.
func (t Tree) Each() []Tree {
	l, ok := t.v.([]any)
	if !ok {
		if t.v == nil {
			return nil
		}
		return []Tree{t}
	}
	out := make([]Tree, 0, len(l))
	for _, v := range l {
		out = append(out, Tree{v: v})
	}
	return out
}

// Present reports whether the part was stated.
func (t Tree) Present() bool { return t.v != nil }

// Object reports whether the part is an object with keys.
func (t Tree) Object() bool {
	_, ok := t.v.(map[string]any)
	return ok
}

// Value is the decoded value itself: nil, bool, string, json.Number, []any or
// map[string]any. It is for those who change one field and send the rest back.
func (t Tree) Value() any { return t.v }

// Text is a stated text without the space around it and with spaces for control
// characters; a number is text as well. The ways in which machines say that they have nothing to say ("N/A",
// "null", "-", nothing) are empty text.
func (t Tree) Text() string {
	var s string
	switch v := t.v.(type) {
	case string:
		s = strings.TrimSpace(printable(v))
	case json.Number:
		s = v.String()
	}
	switch strings.ToLower(s) {
	case "n/a", "na", "null", "none", "-", "unknown":
		return ""
	}
	return s
}

// Word is Text in lower case, but it keeps the words that mean nothing, since
// for a mode "none" is an answer.
func (t Tree) Word() string {
	s, _ := t.v.(string)
	return strings.ToLower(strings.TrimSpace(printable(s)))
}

// Scaled is a stated number in units of ten to the power of -decimals, written
// as a number or as text, rounded half to even. It is not stated when it is
// neither or too large.
func (t Tree) Scaled(decimals int) (int64, bool) {
	s := t.Text()
	if s == "" {
		return 0, false
	}
	v, err := unit.ParseDecimal(s, decimals)
	return v, err == nil
}

// Whole is Scaled without decimals.
func (t Tree) Whole() (int64, bool) { return t.Scaled(0) }

// Flag is a stated yes or no: a boolean, a number, or one of the words that
// machines use for them.
func (t Tree) Flag() (yes, stated bool) {
	switch v := t.v.(type) {
	case bool:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n != 0, err == nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "y", "on", "1", "enabled":
			return true, true
		case "false", "no", "n", "off", "0", "disabled":
			return false, true
		}
	}
	return false, false
}
