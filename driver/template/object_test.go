package template_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sluice/driver/template"
)

// page is what the tests read: a name, a size, a kind, colours and a box.
type page struct {
	name, kind string
	size       int64
	colours    []string
	inside     string
}

func read(src string) (page, error) {
	r := template.New("p.yaml")
	o := r.Root([]byte(src))
	if o == nil {
		return page{}, r.Err()
	}
	p := page{name: o.Text("name", true), kind: o.Choice("kind", false, "plain", "odd"), size: o.Whole("size", 7, 1, 99), colours: o.List("colours")}
	if box := o.Child("box"); box != nil {
		p.inside = box.Text("inside", true)
		box.Close()
	}
	o.Close()
	return p, r.Err()
}

func TestObject(t *testing.T) {
	t.Parallel()
	got, err := read("name: n\nsize: 0x10\nkind: odd\ncolours:\n  - red\n  - blue\nbox: {inside: air}\n")
	if err != nil || got.name != "n" || got.size != 16 || got.kind != "odd" || !slices.Equal(got.colours, []string{"red", "blue"}) || got.inside != "air" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = read("name: n\n"); err != nil || got.size != 7 || got.kind != "plain" || got.colours != nil || got.inside != "" {
		t.Errorf("what is left out: %+v, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		src  string
		line int
		says string
	}{
		"nothing":                   {"", 1, "exactly one object"},
		"two documents":             {"name: n\n---\nname: m\n", 1, "2 documents"},
		"no YAML":                   {"name: [\n", 1, "not YAML"},
		"a book":                    {strings.Repeat("# line\n", 10_000), 0, "a page"},
		"no object":                 {"- a\n", 1, "not a list of keys"},
		"a key that is missing":     {"size: 3\n", 1, "lacks name"},
		"an empty text":             {"name: ''\n", 1, "not a plain value"},
		"an anchor":                 {"name: &a n\n", 1, "not a plain value"},
		"a key nobody asks for":     {"name: n\nsise: 3\n", 2, `no key "sise": its keys are name, kind, size, colours, box`},
		"a key stated twice":        {"name: n\nsize: 3\nsize: 4\n", 3, "stated twice, here and on line 2"},
		"a number out of bounds":    {"name: n\nsize: 100\n", 2, "whole number from 1 to 99"},
		"no number":                 {"name: n\nsize: large\n", 2, "whole number"},
		"a choice nobody knows":     {"name: n\nkind: even\n", 2, "one of plain, odd"},
		"a list that is none":       {"name: n\ncolours: red\n", 2, "begin each line with a dash"},
		"a list of objects":         {"name: n\ncolours:\n  - {a: 1}\n", 3, "not text"},
		"a box that is none":        {"name: n\nbox: 3\n", 2, "not a list of keys"},
		"a fault inside the box":    {"name: n\nbox:\n  inside: air\n  lid: 1\n", 4, `box has no key "lid"`},
		"the first of many by line": {"sise: 1\nsize: 0\nkind: x\n", 1, "lacks name"},
	} {
		_, err := read(c.src)
		faults, ok := errors.AsType[template.Error](err)
		if !ok || faults[0].Line != c.line || !strings.Contains(faults[0].String(), c.says) {
			t.Errorf("%s: %v; want %q on line %d", what, err, c.says, c.line)
		}
	}
}

// TestManyFaults: a file of faults does not make a book of them.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	for i := range 200 {
		src.WriteString("key" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + ": 1\n")
	}
	_, err := read(src.String())
	if faults, ok := errors.AsType[template.Error](err); !ok || len(faults) != 50 || strings.Count(err.Error(), "\n") != 49 {
		t.Errorf("%d faults", len(faults))
	}
}

func FuzzObject(f *testing.F) {
	f.Add("name: n\nsize: 3\ncolours: [a, b]\nbox: {inside: x}\n")
	f.Add("name: &a [*a]\n")
	f.Fuzz(func(t *testing.T, src string) {
		got, err := read(src)
		if faults, ok := errors.AsType[template.Error](err); err != nil && (!ok || len(faults) == 0) {
			t.Errorf("an error without faults: %v", err)
		}
		if err == nil && (got.name == "" || got.size < 1 || got.size > 99) {
			t.Errorf("accepted %+v", got)
		}
	})
}
