package objectfile

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds on what the parser gets to see: it calls itself for each bracket and dash on
// the way down, and its time grows with the square of some texts.
const (
	fileMax = 4 << 20   // bytes of a file
	textMax = 512 << 10 // bytes of one document
	lineMax = 16 << 10  // bytes of a line; a text of an object fits, however it is quoted
	nestMax = 64        // dashes, brackets and colons of a line that could each nest
	manyMax = 1000      // documents of a file
)

// page is one document of a file as it is written.
type page struct {
	text  string
	shift int // lines before it
}

// pages cuts a file at its document marks. A mark stands alone at the begin of a line;
// nothing else of YAML may stand there like that.
func pages(text string) (out []page) {
	var b strings.Builder
	line, from := 0, 0
	for each := range strings.Lines(text) {
		line++
		bare := strings.TrimRight(each, " \t\r\n")
		if bare == "---" || bare == "..." || strings.HasPrefix(bare, "--- #") {
			out = append(out, page{b.String(), from})
			b.Reset()
			from = line
			continue
		}
		b.WriteString(each)
	}
	return append(out, page{b.String(), from})
}

// blank reports whether nothing stands on the page but comments.
func (p page) blank() bool {
	for line := range strings.Lines(p.text) {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
			return false
		}
	}
	return true
}

// readable notes what the parser would not survive, or not explain.
func (p page) readable(file string) (out []*Fault) {
	say := func(line, column int, what, remedy string) {
		out = append(out, &Fault{File: file, Line: line, Column: column, What: what, Remedy: remedy})
	}
	if len(p.text) > textMax {
		say(p.shift+1, 1, fmt.Sprintf("the document is larger than %d KiB", textMax>>10), "is it an object? keep series of figures in files of their own")
		return out
	}
	line, quoted := p.shift, regexp.MustCompile(`"(\\.|[^"\\])*"`)
	for each := range strings.Lines(p.text) {
		line++
		indent := each[:len(each)-len(strings.TrimLeft(each, " \t"))]
		if i := strings.IndexByte(indent, '\t'); i >= 0 && strings.TrimSpace(each) != "" {
			say(line, i+1, "a tab indents the line", "indent with blanks: YAML does not allow tabs there")
		}
		if len(each) > lineMax {
			say(line, 1, fmt.Sprintf("the line is longer than %d bytes", lineMax), "break it into several lines")
		}
		open := quoted.ReplaceAllString(each, "")
		for _, mark := range []string{"- ", "? ", ": ", "[", "{"} {
			if strings.Count(open, mark) > nestMax {
				say(line, 1, "the line nests too deeply", "break it into several lines")
				break
			}
		}
	}
	if strings.Count(p.text, "[") > 4096 || strings.Count(p.text, "{") > 4096 {
		say(p.shift+1, 1, "the document has more than 4096 opening brackets", "write lists with dashes and objects with indentation")
	}
	return out
}

// sound checks a file as a whole.
func sound(file string, text []byte) *Fault {
	switch {
	case len(text) > fileMax:
		return &Fault{File: file, What: fmt.Sprintf("it is larger than %d MiB", fileMax>>20), Remedy: "split it, or keep series of figures in files of their own"}
	case !utf8.Valid(text):
		return &Fault{File: file, What: "it is not UTF-8 text", Remedy: "save it as UTF-8"}
	case len(bytes.TrimSpace(text)) == 0:
		return &Fault{File: file, What: "it is empty", Remedy: "begin an object with apiVersion, kind, metadata and spec"}
	}
	return nil
}

// grow parses a document. The parser is another's and reads what strangers wrote, so a
// panic of it is a fault of the file and not the end of the program.
func grow(text string) (body ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			body, err = nil, fmt.Errorf("the text breaks the YAML parser: %v", p)
		}
	}()
	f, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	if len(f.Docs) != 1 {
		return nil, fmt.Errorf("%d documents stand where one was expected: put --- on a line of its own", len(f.Docs))
	}
	return f.Docs[0].Body, nil
}

// syntax is what the parser says.
func syntax(file string, shift int, err error) *Fault {
	f := &Fault{File: file, Line: shift + 1, Column: 1, What: strings.TrimSpace(err.Error()), Remedy: "check indentation, colons and quotes on this line and the one above; is the file cut off?"}
	if said, ok := errors.AsType[yaml.Error](err); ok {
		f.What = said.GetMessage()
		if k := said.GetToken(); k != nil && k.Position != nil {
			f.Line, f.Column = k.Position.Line+shift, k.Position.Column
		}
	}
	f.What, _, _ = strings.Cut("this is not YAML: "+f.What, "\n")
	return f
}
