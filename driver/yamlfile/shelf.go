package yamlfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Shelf is the files of one kind: examples inside the program, and those of people.
type Shelf struct {
	Kind     string // for messages, such as "contract"
	Examples fs.FS  // with a folder example of files NAME.yaml
	Most     int64  // bytes of a file
}

// Example is the text of an example. The error names those that there are.
func (s Shelf) Example(name string) ([]byte, error) {
	b, err := fs.ReadFile(s.Examples, "example/"+name+".yaml")
	if err == nil {
		return b, nil
	}
	all, err := fs.Glob(s.Examples, "example/*.yaml")
	for i, file := range all {
		all[i] = strings.TrimSuffix(strings.TrimPrefix(file, "example/"), ".yaml")
	}
	return nil, errors.Join(fmt.Errorf("no example of this kind (%s) is named %q: there is %s", s.Kind, name, strings.Join(all, " and ")), err)
}

// Text is what stands in a file: one at a path, or the example of that name.
func (s Shelf) Text(name string) ([]byte, error) {
	if !strings.ContainsAny(name, "./\\") {
		return s.Example(name)
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("read %s file: %w", s.Kind, err)
	}
	text, err := s.Read(f, name)
	return text, errors.Join(err, f.Close())
}

// Read is all of a file. The error says where there is more than a file of this kind
// has.
func (s Shelf) Read(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, s.Most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s file %s: %w", s.Kind, name, err)
	}
	if int64(len(text)) > s.Most {
		return nil, fmt.Errorf("read %s file %s: more than %d bytes: is it one?", s.Kind, name, s.Most)
	}
	return text, nil
}
