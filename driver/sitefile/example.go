package sitefile

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
)

//go:embed example/*.yaml
var examples embed.FS

//go:embed schema.json
var schemaJSON []byte

// Schema is the JSON Schema of a site file, for editors.
func Schema() []byte { return bytes.Clone(schemaJSON) }

// Examples lists the shipped site files by name, the first to try first.
func Examples() []string { return []string{"houston", "houston-gpu", "sweden-se1", "washington"} }

// Example is the text of a shipped site file. The error names those there are.
func Example(name string) ([]byte, error) {
	text, err := examples.ReadFile("example/" + strings.TrimSuffix(name, ".yaml") + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no example site %q: use %s, or the path of a file", name, strings.Join(Examples(), ", "))
	}
	return text, nil
}
