package kueue

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a Kubernetes object as it travels.
type object = map[string]any

// get follows keys down an object; nil where nothing is.
func get(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(object)
		v = m[k]
	}
	return v
}

func text(v any, keys ...string) string {
	s, _ := get(v, keys...).(string)
	return s
}

func list(v any, keys ...string) []any {
	l, _ := get(v, keys...).([]any)
	return l
}

// number reads an amount: a number, or digits in a string.
func number(v any) int64 {
	switch v := v.(type) {
	case float64:
		return int64(v)
	case int64:
		return v
	case int:
		return int64(v)
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	return 0
}

// put sets a value below an object and makes what is missing on the way.
func put(o object, v any, keys ...string) {
	for _, k := range keys[:len(keys)-1] {
		below, is := o[k].(object)
		if !is {
			below = object{}
			o[k] = below
		}
		o = below
	}
	last := keys[len(keys)-1]
	if v == nil {
		delete(o, last)
		return
	}
	o[last] = v
}

// clone is a deep copy, by way of JSON as everything travels.
func clone(o object) object {
	raw, err := json.Marshal(o)
	if err != nil {
		return object{}
	}
	var out object
	_ = json.Unmarshal(raw, &out) // it was written a line above
	return out
}

// merge is a merge patch of JSON (RFC 7396).
func merge(o, patch object) {
	for k, v := range patch {
		below, is := v.(object)
		was, had := o[k].(object)
		switch {
		case v == nil:
			delete(o, k)
		case is && had:
			merge(was, below)
		case is:
			fresh := object{}
			merge(fresh, below)
			o[k] = fresh
		default:
			o[k] = v
		}
	}
}

// condition is a condition of an object; nil where it has none of the kind.
func condition(o object, kind string) object {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return c.(object) //nolint:forcetypeassert // text found a field in it
		}
	}
	return nil
}

func holds(o object, kind string) bool { return text(condition(o, kind), "status") == "True" }

// since is when a condition last turned.
func since(o object, kind string) time.Time {
	t, _ := time.Parse(time.RFC3339, text(condition(o, kind), "lastTransitionTime"))
	return t
}

// fact is what a condition says.
type fact struct {
	kind            string
	yes             bool
	reason, message string
}

// turn sets a condition; its time moves only when its status does.
func turn(o object, f fact, now time.Time) {
	status := map[bool]string{true: "True", false: "False"}[f.yes]
	c := condition(o, f.kind)
	if c == nil {
		c = object{"type": f.kind}
		put(o, append(list(o, "status", "conditions"), c), "status", "conditions")
	}
	if c["status"] != status {
		c["status"], c["lastTransitionTime"] = status, stamp(now)
	}
	c["reason"], c["message"] = f.reason, f.message
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// asks is what all pods of a Workload, or one pod, ask for, by resource.
func asks(spec any) map[string]int64 {
	out := map[string]int64{}
	for _, c := range list(spec, "containers") {
		both := maps.Clone(limits(get(c, "resources", "limits")))
		maps.Copy(both, limits(get(c, "resources", "requests")))
		for r, n := range both {
			out[r] += n
		}
	}
	return out
}

func limits(v any) map[string]int64 {
	out := map[string]int64{}
	m, _ := v.(object)
	for r, n := range m {
		out[r] = number(n)
	}
	return out
}

// selected reports whether labels match a selector of equalities and names.
func selected(o object, selector string) bool {
	for part := range strings.SplitSeq(selector, ",") {
		if part == "" {
			continue
		}
		key, want, equal := strings.Cut(part, "=")
		labels, _ := get(o, "metadata", "labels").(object)
		is, has := labels[key].(string)
		if !has || equal && is != want {
			return false
		}
	}
	return true
}

// id is namespace/name, or the name alone.
func id(o object) string {
	if n := text(o, "metadata", "namespace"); n != "" {
		return n + "/" + text(o, "metadata", "name")
	}
	return text(o, "metadata", "name")
}

// ordered are the objects of a kind by name.
func ordered(all map[string]object) []object {
	var out []object
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[k])
	}
	return out
}
