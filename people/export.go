package people

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// The form of an exported log. Its first line says where it begins, then follows an
// entry on each line, and the last line says how many there are in all and with which
// hash they end.
type (
	// opening is the first line.
	opening struct {
		Audit        string `json:"audit"`
		Version      int    `json:"version"`
		Installation string `json:"installation"`
		After        Head   `json:"after"` // what goes before the first entry
	}
	// row is an entry. Its names are part of the form.
	row struct {
		Sequence int64  `json:"seq"`
		At       int64  `json:"at_us"` // microseconds since 1970 in UTC
		Who      string `json:"who"`
		How      string `json:"how"`
		And      string `json:"and"`
		Verb     string `json:"verb"`
		Site     string `json:"site"`
		Tenant   string `json:"tenant"`
		Subject  string `json:"subject"`
		Reason   string `json:"reason"`
		Before   string `json:"before"`
		After    string `json:"after"`
		Effects  string `json:"effects"`
		Hash     Hash   `json:"hash"`
	}
	// closing is the last line.
	closing struct {
		End Head `json:"end"`
	}
)

const (
	exportName    = "sluice"
	exportVersion = 1
	mostRow       = 16 * mostEntry // bytes of a line, with every letter escaped
)

// Export writes a log as lines of JSON. It checks each entry before it writes it.
type Export struct {
	to    *json.Encoder
	chain Chain
}

// NewExport begins an export after some head of the log of an installation; Begin(id).Head
// is that of all of it.
func NewExport(to io.Writer, installation string, after Head) (*Export, error) {
	x := &Export{to: json.NewEncoder(to), chain: Chain{Head: after}}
	x.to.SetEscapeHTML(false)
	return x, x.to.Encode(opening{exportName, exportVersion, installation, after})
}

// Write adds an entry.
func (x *Export) Write(s Sealed) error {
	if err := x.chain.Next(s); err != nil {
		return err
	}
	return x.to.Encode(row{s.Sequence, s.At.UnixMicro(), s.Who, s.How, s.And, s.Verb, s.Site, s.Tenant, s.Subject, s.Reason, s.Before, s.After, s.Effects, s.Hash})
}

// Close writes the last line and says how far the log reaches.
func (x *Export) Close() (Head, error) { return x.chain.Head, x.to.Encode(closing{x.chain.Head}) }

// CheckExport reads an exported log and says how far it reaches, and whose it is. An
// error wraps ErrChanged where it is not as it was written; one whose end is missing was
// cut off. Heads that were kept elsewhere have to be in it.
func CheckExport(from io.Reader, kept ...Head) (installation string, end Head, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), mostRow)
	var first opening
	if !lines.Scan() || strictly(lines.Bytes(), &first) != nil || first.Audit != exportName || first.Version != exportVersion {
		return "", Head{}, fmt.Errorf("this is no audit log of version %d that was exported: %w", exportVersion, ErrChanged)
	}
	c := Chain{Head: first.After}
	if c.Count == 0 && c.Hash != First(first.Installation) {
		return "", Head{}, fmt.Errorf("the log of another installation follows: %w", ErrChanged)
	}
	for _, k := range kept {
		if k.Count < c.Count {
			return "", Head{}, fmt.Errorf("it begins after entry %d, and the head to compare is of entry %d: export all of it", c.Count, k.Count)
		}
	}
	if err := Agrees(c.Head, kept); err != nil {
		return "", Head{}, err
	}
	for lines.Scan() {
		var last closing
		if strictly(lines.Bytes(), &last) == nil {
			if last.End != c.Head || lines.Scan() {
				return "", Head{}, fmt.Errorf("the end after entry %d: %w", c.Count, ErrChanged)
			}
			return first.Installation, c.Head, errors.Join(lines.Err(), Reaches(c.Head, kept))
		}
		if err := errors.Join(c.line(lines.Bytes()), Agrees(c.Head, kept)); err != nil {
			return "", Head{}, err
		}
	}
	if err := lines.Err(); err != nil {
		return "", Head{}, fmt.Errorf("read the entry after %d: %w", c.Count, err)
	}
	return "", Head{}, fmt.Errorf("the log ends after entry %d without its last line: %w", c.Count, ErrChanged)
}

// Agrees compares where a log has come to with heads that were kept elsewhere.
func Agrees(now Head, kept []Head) error {
	for _, k := range kept {
		if k.Count == now.Count && k.Hash != now.Hash {
			return fmt.Errorf("entry %d is another one than was kept elsewhere: %w", k.Count, ErrChanged)
		}
	}
	return nil
}

// Reaches says where a log ends before a head that was kept elsewhere.
func Reaches(end Head, kept []Head) error {
	for _, k := range kept {
		if k.Count > end.Count {
			return fmt.Errorf("it ends with entry %d and had %d: %w", end.Count, k.Count, ErrChanged)
		}
	}
	return nil
}

// line takes an entry as it was exported.
func (c *Chain) line(b []byte) error {
	var r row
	if err := strictly(b, &r); err != nil {
		return fmt.Errorf("the line after entry %d: %w: %w", c.Count, ErrChanged, err)
	}
	e := Entry{time.UnixMicro(r.At).UTC(), r.Who, r.How, r.And, r.Verb, r.Site, r.Tenant, r.Subject, r.Reason, r.Before, r.After, r.Effects}
	return c.Next(Sealed{e, r.Sequence, r.Hash})
}

// strictly reads one value, written as an export writes it: whoever changes a byte of a
// name or between two values changes the log too.
func strictly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	var again bytes.Buffer
	w := json.NewEncoder(&again)
	w.SetEscapeHTML(false)
	if err := w.Encode(into); err != nil {
		return err
	}
	if !bytes.Equal(bytes.TrimSuffix(again.Bytes(), []byte("\n")), b) {
		return errors.New("it is not written as an export writes it")
	}
	return nil
}
