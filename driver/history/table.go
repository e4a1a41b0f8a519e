package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// The limits of one file, uncompressed: bytes, rows (thirty years of
// five-minute prices are 3.2 million) and the bytes of one line.
const (
	largest  = 1 << 29
	mostRows = 5_000_000
	longest  = 1 << 20
)

var errLine = fmt.Errorf("a line is longer than %d KiB", longest>>10)

// lines passes a text through and stops at a line without an end, before it
// fills the memory.
type lines struct {
	text io.Reader
	run  int // bytes since the last end of a line
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.text.Read(p)
	if end := bytes.LastIndexByte(p[:n], '\n'); end >= 0 {
		l.run = n - end
	} else {
		l.run += n
	}
	if l.run > longest {
		return 0, errLine
	}
	return n, err
}

// table is a CSV file on its way in: it hashes what it is given, undoes gzip,
// finds the separator and hands out rows with their line numbers.
type table struct {
	name         string
	raw          io.Reader // what the caller gave, through sum
	sum          hash.Hash
	limit        *io.LimitedReader
	csv          *csv.Reader
	header       []string
	decimalComma bool
	rows         int
}

// openTable reads up to and including the header.
func openTable(r io.Reader, name string) (*table, error) {
	t := &table{name: name, sum: sha256.New()}
	t.raw = io.TeeReader(r, t.sum)
	text, err := t.inflate()
	if err != nil {
		return nil, err
	}
	t.limit = &io.LimitedReader{R: text, N: largest}
	plain := bufio.NewReaderSize(&lines{text: t.limit}, 1<<16)
	if mark, _ := plain.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = plain.Discard(3)
	}
	t.csv = csv.NewReader(plain)
	t.csv.Comment, t.csv.ReuseRecord = '#', true
	if semicolons(plain) {
		t.csv.Comma, t.decimalComma = ';', true
	}
	return t, t.readHeader()
}

// inflate undoes gzip where the content is gzip, whatever the file is called.
func (t *table) inflate() (io.Reader, error) {
	buffered := bufio.NewReaderSize(t.raw, 1<<16)
	magic, _ := buffered.Peek(2)
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if strings.HasSuffix(t.name, ".gz") && len(magic) > 0 {
			return nil, t.fault(0, "rename it or compress it with gzip", "the name ends in .gz but the content is not gzip")
		}
		return buffered, nil
	}
	z, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, t.wrap(0, err)
	}
	return z, nil
}

// semicolons reports whether the first line that is not a comment is separated by semicolons.
func semicolons(r *bufio.Reader) bool {
	peek, _ := r.Peek(1 << 16)
	for line := range bytes.Lines(peek) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(","))
		}
	}
	return false
}

func (t *table) readHeader() error {
	fields, err := t.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return t.fault(0, "give a file with a header line and one row per interval", "the file is empty")
	case err != nil:
		return t.wrap(0, err)
	}
	for _, f := range fields {
		t.header = append(t.header, strings.TrimSpace(f))
	}
	return nil
}

// next returns the fields of the next row and its line number. The fields are
// valid until the next call. The end of the file is io.EOF.
func (t *table) next() ([]string, int, error) {
	fields, err := t.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, t.ended()
	case errors.Is(err, csv.ErrFieldCount):
		line, _ := t.csv.FieldPos(0)
		return nil, 0, t.fault(line, "repair the line; a file with decimal commas must separate its columns by semicolons",
			"%s where the header has %d", plural(len(fields), "field"), len(t.header))
	case err != nil:
		return nil, 0, t.wrap(0, err)
	}
	if t.rows++; t.rows > mostRows {
		return nil, 0, t.fault(0, "split the file", "more than %d rows", mostRows)
	}
	line, _ := t.csv.FieldPos(0)
	return fields, line, nil
}

// ended tells the end of the file from the end of our patience.
func (t *table) ended() error {
	if t.limit.N <= 0 {
		return t.fault(0, "split the file", "more than %d MiB of text", largest>>20)
	}
	if t.rows == 0 {
		return t.fault(0, "give a file with one row per interval", "there is a header but no row")
	}
	return io.EOF
}

// digest is the SHA-256 of the file as it was given. It reads what is left.
func (t *table) digest() (string, error) {
	if _, err := io.Copy(io.Discard, t.raw); err != nil {
		return "", t.wrap(0, err)
	}
	return hex.EncodeToString(t.sum.Sum(nil)), nil
}

func (t *table) fault(line int, remedy, format string, args ...any) *Fault {
	return &Fault{File: t.name, Line: line, What: fmt.Sprintf(format, args...), Remedy: remedy}
}

// wrap turns a failure of reading, inflating or splitting into a Fault.
func (t *table) wrap(line int, err error) *Fault {
	remedy := "check that the file is whole and readable"
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		line, err, remedy = parse.Line, parse.Err, "repair the line"
	}
	return &Fault{File: t.name, Line: line, What: err.Error(), Remedy: remedy, Err: err}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
