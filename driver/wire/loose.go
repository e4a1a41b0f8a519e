package wire

import (
	"bytes"
	"encoding/json"
)

// Loosen repairs what machines are known to break in JSON: a byte order mark,
// NUL bytes, invalid UTF-8, commas before a closing bracket, missing commas
// between elements, unquoted keys, and bare words such as nan where a value
// should stand, which become null. Inside strings it only replaces raw control
// characters by a space; it never touches anything else there.
func Loosen(answer []byte) []byte {
	b := bytes.ToValidUTF8(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")), []byte("?"))
	l := loosener{in: b, out: make([]byte, 0, len(b)+16)}
	for l.at < len(b) {
		l.step()
	}
	return l.out
}

// loosener walks an answer from left to right and writes the repaired one.
type loosener struct {
	in, out []byte
	at      int
	depth   int
	last    byte // the last byte written outside strings that is not space
}

// step copies or repairs what stands at the cursor.
func (l *loosener) step() {
	switch c := l.in[l.at]; {
	case c == '"':
		l.value()
		l.quoted()
	case c <= ' ':
		l.at++
		l.out = append(l.out, ' ')
	case c == '{' || c == '[':
		l.value()
		l.depth++
		l.put(c)
	case c == '}' || c == ']':
		l.depth--
		l.dropComma()
		l.put(c)
	case c == ',' || c == ':':
		l.put(c)
	default:
		l.value()
		l.word()
	}
}

func (l *loosener) put(c byte) {
	l.out, l.last = append(l.out, c), c
	l.at++
}

// value writes the comma that is missing between two elements of a list.
func (l *loosener) value() {
	if l.depth > 0 && (l.last == '}' || l.last == ']') {
		l.out = append(l.out, ',')
	}
}

// dropComma removes the commas before a closing bracket.
func (l *loosener) dropComma() {
	if l.last == ',' {
		l.out = bytes.TrimRight(l.out, " ,")
	}
}

// quoted copies a string up to its closing quote.
func (l *loosener) quoted() {
	l.out, l.last = append(l.out, '"'), '"'
	for l.at++; l.at < len(l.in); l.at++ {
		c := max(l.in[l.at], ' ')
		l.out = append(l.out, c)
		if c == '\\' && l.at+1 < len(l.in) {
			l.at++
			l.out = append(l.out, l.in[l.at])
			continue
		}
		if c == '"' {
			l.at++
			return
		}
	}
}

// word copies a number, true, false or null; a bare key gets its quotes, and
// any other bare word becomes null.
func (l *loosener) word() {
	begin := l.at
	for l.at < len(l.in) && !bytes.ContainsRune([]byte(" \t\r\n{}[],:\"\x00"), rune(l.in[l.at])) {
		l.at++
	}
	w := l.in[begin:l.at]
	rest := bytes.TrimLeftFunc(l.in[l.at:], func(r rune) bool { return r <= ' ' }) // they become blanks
	switch {
	case len(w) == 0: // a control character that is none of the above
		l.at++
	case l.depth > 0 && len(rest) > 0 && rest[0] == ':':
		if bytes.IndexByte(w, '\\') >= 0 {
			w = []byte("?") // in quotes it would mean something else
		}
		w = bytes.Map(func(r rune) rune { return max(r, ' ') }, w) // as within quotes
		l.out = append(append(append(l.out, '"'), w...), '"')
	case json.Valid(w):
		l.out = append(l.out, w...)
	case l.depth == 0: // no JSON at all must stay no JSON
		l.out = append(l.out, '?')
	default:
		l.out = append(l.out, "null"...)
	}
	l.last = 'w'
}
