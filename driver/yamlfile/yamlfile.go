// Package yamlfile decodes YAML that people write: strictly, with every digit kept,
// and without trusting the parser, which is another's and reads what strangers wrote.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// number is a number as YAML takes one without quotes.
var number = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?$`)

// Decode reads text into a value. A key that the value does not have is an error; a
// number that is read into a string is the very characters that stand there, where
// the parser alone would take 123456789.123456 for a float and write it as another.
// The error says the line.
func Decode(text []byte, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the text breaks the YAML parser: %v", p)
		}
	}()
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict(), yaml.CustomUnmarshaler(verbatim)).Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case err != nil:
		return errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return nil
}

// Lines knows on which line of a file each key stands.
type Lines struct{ tree *ast.File }

// Read is Decode, and where everything stands.
func Read(text []byte, into any) (l Lines, err error) {
	if err := Decode(text, into); err != nil {
		return l, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the text breaks the YAML parser: %v", p)
		}
	}()
	l.tree, err = parser.ParseBytes(text, 0)
	return l, err
}

// Of is where a key stands, such as $.terms[2].price, or where the closest one above
// it does; 0: nowhere.
func (l Lines) Of(path string) int {
	for ; path != "$"; path = path[:strings.LastIndexAny(path, ".[")] {
		p, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		if n, err := p.FilterFile(l.tree); err == nil && n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
			return n.GetToken().Position.Line
		}
	}
	return 0
}

// verbatim keeps a number as it is written; anything else is read as usual.
func verbatim(s *string, text []byte) error {
	if t := strings.TrimSpace(string(text)); number.MatchString(t) {
		*s = t
		return nil
	}
	if err := yaml.Unmarshal(text, s); err != nil {
		return fmt.Errorf("a number or a text is needed, and there stands %.60q", strings.TrimSpace(string(text)))
	}
	return nil
}
