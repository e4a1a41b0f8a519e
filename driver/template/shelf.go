package template

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Shelf is the templates of one kind inside the program: YAML files in the folder
// "template" of Files. Kind is "meter" or "strip", for people.
type Shelf struct {
	Files fs.FS
	Kind  string
}

// Names lists the templates, in order.
func (s Shelf) Names() []string {
	entries, err := fs.ReadDir(s.Files, "template")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// File is the text of the template of that name, to show, to copy and to change.
func (s Shelf) File(name string) ([]byte, error) {
	b, err := fs.ReadFile(s.Files, path.Join("template", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("find %s template %q: there is none inside the program: use one of %s, or write your own", s.Kind, name, strings.Join(s.Names(), ", "))
	}
	return b, nil
}
