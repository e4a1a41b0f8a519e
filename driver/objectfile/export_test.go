package objectfile

import (
	"github.com/goccy/go-yaml/ast"

	"sluice/object"
)

// Lax reads one object without any schema, to make the schemas themselves.
func Lax(text []byte) (object.Object, error) {
	body, err := grow(string(text))
	if err != nil {
		return object.Object{}, err
	}
	t := &tree{file: "example", places: map[string]place{}, anchors: map[string]ast.Node{}}
	v, _ := t.node(body, "", 0)
	return envelope(v), join("example", t.faults)
}
