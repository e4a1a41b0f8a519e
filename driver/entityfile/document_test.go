package entityfile

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// keysOf are the keys of a part of the file and of all within.
func keysOf(t reflect.Type) (out []string) {
	switch t.Kind() { //nolint:exhaustive // the others hold no keys
	case reflect.Slice, reflect.Pointer:
		return keysOf(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			out = append(append(out, f.Tag.Get("yaml")), keysOf(f.Type)...)
		}
	}
	return out
}

// TestDocument: every key stands on the page of the file, and what the page shows
// can be read.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/entity-file.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(reflect.TypeFor[raw]()) {
		if !regexp.MustCompile("`([a-z]+\\.)?" + key + "`").Match(text) {
			t.Errorf("the key %s is not on the page", key)
		}
	}
	whole, err := Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	company, _, _ := strings.Cut(string(whole), "\ndebt:\n")
	parts := []string{company}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	for _, b := range blocks {
		parts = append(parts, b[1])
	}
	f, err := Read(strings.NewReader(strings.Join(parts, "\n")), "page")
	if err != nil || len(blocks) != 3 || len(f.Debt) != 1 || len(f.Foreign) != 1 || len(f.Revenue) != 1 {
		t.Errorf("%d blocks: %v", len(blocks), err)
	}
}
