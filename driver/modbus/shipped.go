package modbus

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed template/*.yaml
var shipped embed.FS

// Names lists the templates inside the program, in order.
func Names() []string {
	entries, err := shipped.ReadDir("template")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// File returns the text of the template of that name inside the program, to
// show, to copy and to change.
func File(name string) ([]byte, error) {
	b, err := shipped.ReadFile(path.Join("template", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("find meter template %q: there is none inside the program: use one of %s, or write your own", name, strings.Join(Names(), ", "))
	}
	return b, nil
}

// Shipped returns the template of that name inside the program.
func Shipped(name string) (Template, error) {
	b, err := File(name)
	if err != nil {
		return Template{}, err
	}
	return Parse(name+".yaml", b)
}
