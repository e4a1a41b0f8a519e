package slurm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// tree is a decoded answer or a part of one; the zero tree is absent.
type tree struct{ v any }

var errJSON = errors.New("the answer is not whole JSON")

// parse reads one JSON value and nothing after it.
func parse(text []byte) (tree, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return tree{}, fmt.Errorf("%w: %w: %.60q", errJSON, err, text)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return tree{}, fmt.Errorf("%w: something follows it: %.60q", errJSON, text)
	}
	return tree{v}, nil
}

func (t tree) at(keys ...string) tree {
	for _, k := range keys {
		m, _ := t.v.(map[string]any)
		t = tree{m[k]}
	}
	return t
}

func (t tree) each() []tree {
	l, _ := t.v.([]any)
	out := make([]tree, len(l))
	for i, v := range l {
		out[i] = tree{v}
	}
	return out
}

func (t tree) keys() []string {
	m, _ := t.v.(map[string]any)
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// present reports that something is stated, be it null's opposite only.
func (t tree) present() bool { return t.v != nil }

// text is a string; a number is written out.
func (t tree) text() string {
	switch v := t.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// words is a list of strings, or one string alone, in upper case.
func (t tree) words() []string {
	var out []string
	if s, ok := t.v.(string); ok && s != "" {
		for w := range strings.SplitSeq(s, "+") {
			out = append(out, strings.ToUpper(w))
		}
		return out
	}
	for _, e := range t.each() {
		out = append(out, strings.ToUpper(e.text()))
	}
	return out
}

// names is a list of strings or one string with commas.
func (t tree) names() []string {
	var out []string
	if s, ok := t.v.(string); ok {
		for w := range strings.SplitSeq(s, ",") {
			if w != "" {
				out = append(out, w)
			}
		}
		return out
	}
	for _, e := range t.each() {
		if s := e.text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// number is a whole number. Newer parsers wrap it as {set, infinite, number},
// where unset is absent and infinite the largest number.
func (t tree) number() (int64, bool) {
	if m, ok := t.v.(map[string]any); ok {
		if b, _ := m["infinite"].(bool); b {
			return math.MaxInt64, true
		}
		if b, known := m["set"].(bool); known && !b {
			return 0, false
		}
		return tree{m["number"]}.number()
	}
	var s string
	switch v := t.v.(type) {
	case json.Number:
		s = v.String()
	case string:
		s = v
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > 1e15 || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

func (t tree) count() int64 {
	n, _ := t.number()
	return n
}

// time is a moment in seconds since 1970; zero and infinite are absent.
func (t tree) time() time.Time {
	n, ok := t.number()
	if !ok || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func (t tree) yes() bool {
	b, _ := t.v.(bool)
	return b
}
