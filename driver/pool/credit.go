package pool

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/unit"
)

// Credit is what a pool credited for one window of time.
type Credit struct {
	Start      time.Time
	Length     time.Duration // whole minutes
	Difficulty int64         // of all accepted shares together; a share of difficulty 1 is 2^32 hashes
	Shares     int64         // accepted; zero: the pool says that there were none
	Group      string        // mining group; empty: the whole site
}

// End is when the window is over.
func (c Credit) End() time.Time { return c.Start.Add(c.Length) }

// The bounds of a file.
const (
	fileMost   = 4 << 20 // bytes
	creditMost = 50_000
	faultMost  = 20 // named at once
	longest    = 24 * 60
	difficulty = 1 << 56
)

// Load reads a file of credits. groups are the names that the column group may hold.
func Load(name string, groups []string) ([]Credit, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read what the pool credited: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, fileMost+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read what the pool credited: %w", err)
	}
	return Parse(name, text, groups)
}

// Parse reads credits, in the order of the file. Every fault is named by its
// line, the first twenty of them, and then there is no credit.
func Parse(name string, text []byte, groups []string) ([]Credit, error) {
	if len(text) > fileMost {
		return nil, fmt.Errorf("%s: more than %d bytes: leave the older windows out", name, fileMost)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.Comment, r.TrimLeadingSpace, r.ReuseRecord = -1, '#', true, true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: no header: begin with the line %s: %w", name, strings.Join(columns[:], ","), err)
	}
	at, err := layout(header)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", name, err)
	}
	return (&sheet{name: name, at: at, width: len(header), groups: groups}).rows(r)
}

// columns are the names of the header, in the order of cells.
var columns = [...]string{"time", "minutes", "accepted_difficulty", "shares", "group"} //nolint:gochecknoglobals // a table that nothing changes

// layout is where each column stands; -1: it is not there.
func layout(header []string) ([len(columns)]int, error) {
	at := [...]int{-1, -1, -1, -1, -1}
	var faults []error
	for i, cell := range header {
		k := slices.Index(columns[:], strings.TrimSpace(cell))
		switch {
		case k < 0:
			faults = append(faults, fmt.Errorf("column %q is not known: the columns are %s", short(cell), strings.Join(columns[:], ", ")))
		case at[k] >= 0:
			faults = append(faults, fmt.Errorf("column %s is there twice", columns[k]))
		default:
			at[k] = i
		}
	}
	for k, name := range columns[:4] {
		if at[k] < 0 {
			faults = append(faults, fmt.Errorf("column %s is missing", name))
		}
	}
	return at, errors.Join(faults[:min(len(faults), faultMost)]...)
}

// sheet is a file while it is read.
type sheet struct {
	name   string
	at     [len(columns)]int
	width  int
	groups []string
	faults []error
}

// rows reads everything below the header.
func (s *sheet) rows(r *csv.Reader) ([]Credit, error) {
	type window struct {
		group  string
		start  int64
		length time.Duration
	}
	var out []Credit
	seen := map[window]int{}
	for len(s.faults) < faultMost {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line := 0
		var c Credit
		switch p, is := errors.AsType[*csv.ParseError](err); {
		case is:
			line, err = p.StartLine, errors.New("a quote stands where none belongs")
		case err == nil:
			line, _ = r.FieldPos(0)
			c, err = s.credit(row)
		}
		if err == nil {
			w := window{c.Group, c.Start.Unix(), c.Length}
			if before, twice := seen[w]; twice {
				err = fmt.Errorf("the same window as line %d: remove one of them", before)
			}
			seen[w] = line
		}
		if err == nil && len(out) == creditMost {
			return nil, fmt.Errorf("%s:%d: more than %d windows: leave the older ones out", s.name, line, creditMost)
		}
		if err != nil {
			s.faults = append(s.faults, fmt.Errorf("%s:%d: %w", s.name, line, err))
			continue
		}
		out = append(out, c)
	}
	if err := errors.Join(s.faults...); err != nil {
		return nil, err
	}
	return out, nil
}

// credit reads one row, and names all that is wrong with it.
func (s *sheet) credit(row []string) (Credit, error) {
	if len(row) != s.width {
		return Credit{}, fmt.Errorf("%d values under %d columns", len(row), s.width)
	}
	cell := func(k int) string {
		if s.at[k] < 0 {
			return ""
		}
		return strings.TrimSpace(row[s.at[k]])
	}
	var c Credit
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	var err error
	if c.Start, err = time.Parse(time.RFC3339, cell(0)); err != nil || c.Start.Year() < 2009 || c.Start.Year() > 9999 {
		say("time %q: want the start of the window such as 2026-05-01T12:00:00Z", short(cell(0)))
	}
	minutes, err := strconv.Atoi(cell(1))
	if err != nil || minutes < 1 || minutes > longest {
		say("minutes %q: want 1 to %d", short(cell(1)), longest)
	}
	c.Start, c.Length = c.Start.UTC(), time.Duration(minutes)*time.Minute
	if c.Difficulty, err = unit.ParseDecimal(cell(2), 0); err != nil || c.Difficulty < 0 || c.Difficulty > difficulty {
		say("accepted_difficulty %q: want the sum of all accepted shares, 0 or above", short(cell(2)))
	}
	if c.Shares, err = strconv.ParseInt(cell(3), 10, 64); err != nil || c.Shares < 0 || c.Shares > difficulty {
		say("shares %q: want how many were accepted, 0 or above", short(cell(3)))
	}
	if c.Group = cell(4); c.Group != "" && !slices.Contains(s.groups, c.Group) {
		say("group %q is not a mining group of the site: name one of %s, or leave it empty for the whole site", short(c.Group), strings.Join(s.groups, ", "))
	}
	if faults == nil && (c.Shares == 0) != (c.Difficulty == 0) {
		say("%d shares of difficulty %d in all: either both are zero or none", c.Shares, c.Difficulty)
	}
	return c, errors.Join(faults...)
}

// short bounds what is repeated of a file.
func short(text string) string {
	const most = 60
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
