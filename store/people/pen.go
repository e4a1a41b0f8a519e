package people

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"sluice/people"
	"sluice/store/file"
)

// most rows of an answer, and bytes of a text.
const (
	mostRows = 10_000
	mostText = 4_000
	mostLine = 200
)

// What a column may hold or not.
type (
	nullTime = sql.NullInt64
	nullText = sql.NullString
)

// pen writes, within one transaction.
type pen struct{ file.Pen }

// write runs do in one transaction, alone. Where nothing is written the audit log ends
// where it did.
func (s *Store) write(ctx context.Context, do func(context.Context, pen) error) error {
	return s.file.Write(ctx, func(ctx context.Context, p file.Pen) error {
		was := s.head
		err := do(ctx, pen{p})
		if err != nil {
			s.head = was
		}
		return err
	})
}

// each runs statements about one thing.
func (p pen) each(ctx context.Context, about any, statements ...string) error {
	for _, text := range statements {
		if _, err := p.Exec(ctx, text, about); err != nil {
			return err
		}
	}
	return nil
}

// faults gathers everything that is wrong with what is to be kept.
type faults struct{ file.Faults }

// line checks words on one line.
func (f *faults) line(what, text string) {
	f.When(!file.Plain(text, mostLine), "%s %.60q: it has at most %d bytes of UTF-8 without control characters", what, text, mostLine)
}

// reason checks why something is done.
func (f *faults) reason(text string) {
	f.When(strings.TrimSpace(text) == "", "say why: the reason stays in the audit log")
	f.When(len(text) > mostText || !utf8.ValidString(text), "the reason: it has at most %d bytes of UTF-8", mostText)
}

// moment checks an instant that has to be there.
func (f *faults) moment(t time.Time) {
	f.When(t.Year() < 1970 || t.Year() > 2999, "the clock says %v: it lies between 1970 and 2999", t)
}

// refuse is the error of a code.
func refuse(c people.Code, v people.Verb, at people.Place) error {
	return &people.Refusal{Code: c, Verb: v, At: at}
}
