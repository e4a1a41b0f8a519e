package objectfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/driver/objectfile"
	"sluice/object"
)

// example is a file that is shipped, or stands here, and the object made of it.
type example struct {
	kind object.Kind
	file string
	text string // of the whole object
}

// wrap puts the text of a file below spec.
func wrap(k object.Kind, name, spec string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: sluice/v1\nkind: %s\nmetadata:\n  name: %s\nspec:\n", k, name)
	for line := range strings.Lines(spec) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  " + line)
		} else {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// shipped are all examples of files that became kinds, and those of the other kinds.
func shipped(t *testing.T) []example {
	t.Helper()
	var out []example
	for kind, pattern := range map[object.Kind]string{
		object.Site: "../sitefile/example/*.yaml", object.Entity: "../entityfile/example/*.yaml", object.Quote: "../quotefile/example/*.yaml", object.CapitalPlan: "../planfile/example/*.yaml", object.MeterTemplate: "../modbus/template/*.yaml",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, example{kind, file, wrap(kind, strings.TrimSuffix(filepath.Base(file), ".yaml"), string(text))})
		}
	}
	rest, err := os.ReadFile("testdata/house.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range strings.Split(string(rest), "---\n") {
		_, after, _ := strings.Cut(text, "kind: ")
		kind, _, _ := strings.Cut(after, "\n")
		out = append(out, example{object.Kind(kind), fmt.Sprintf("testdata/house.yaml#%d", i), text})
	}
	return out
}

// plain reads without schemas' say, to make the schemas themselves.
func (e example) read(t *testing.T) object.Object {
	t.Helper()
	o, err := objectfile.Lax([]byte(e.text))
	if err != nil {
		t.Fatalf("%s: %v", e.file, err)
	}
	return o
}
