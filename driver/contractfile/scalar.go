package contractfile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// scalar is a value as it is written: read as a text, the parser would take
// 123456789.123456 for a float and give it back as another.
type scalar string

// UnmarshalYAML takes the very characters.
func (s *scalar) UnmarshalYAML(n ast.Node) error {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.InfinityNode, *ast.NanNode, *ast.BoolNode:
		*s = scalar(n.GetToken().Value)
	case *ast.NullNode:
		*s = ""
	default:
		return fmt.Errorf("line %d: a number or a text is needed", n.GetToken().Position.Line)
	}
	return nil
}
