package room

import (
	"context"
	"encoding/json"
	"time"

	"sluice/store/file"
)

// The bounds of single things, bytes where nothing else is said.
const (
	MostSpec     = 4 << 20  // a spec
	MostObjects  = 100_000  // objects that are not deleted
	MostInterval = 64 << 10 // the body of an interval
	MostValue    = 64 << 10 // a setting
	MostAnswer   = 4 << 20  // the body of an answer
	MostMessage  = 64 << 10 // the body of a message

	mostName   = 200
	mostText   = 4_000
	mostLabels = 33
	mostState  = 64 << 20
	mostRows   = 10_000  // of an answer
	mostSpans  = 110_000 // intervals of one call: a year of five minutes
)

// bounds are those of whole tables, and of what one call hands over or reads.
type bounds struct {
	objects, versions, versionBytes int64
	events                          int64
	answers, answerBytes, ofOne     int64 // ofOne: answers of one person
	messages, messageBytes          int64
	settings, settingsOfOne         int64
	page                            int // bytes of objects or versions that one call reads
	bodies                          int // bytes of intervals that one call hands over or reads
}

func usualBounds() bounds {
	return bounds{
		objects: MostObjects, versions: 1_000_000, versionBytes: 16 << 30,
		events:  1_000_000,
		answers: 100_000, answerBytes: 256 << 20, ofOne: 2_000,
		messages: 100_000, messageBytes: 256 << 20,
		settings: 100_000, settingsOfOne: 200,
		page: 64 << 20, bodies: 256 << 20,
	}
}

// pen writes, within one transaction.
type pen struct {
	file.Pen
	most bounds
}

// write runs do in one transaction, alone.
func (s *Store) write(ctx context.Context, do func(context.Context, pen) error) error {
	return s.file.Write(ctx, func(ctx context.Context, p file.Pen) error { return do(ctx, pen{p, s.most}) })
}

// tally is how much there is of something.
type tally struct{ number, bytes int64 }

func (p pen) tally(ctx context.Context, what string) (tally, error) {
	return file.One(ctx, p, func(scan file.Scanner) (t tally, err error) { return t, scan(&t.number, &t.bytes) }, "SELECT number, bytes FROM tally WHERE what = ?", what)
}

// count runs a question whose answer is one number.
func (p pen) count(ctx context.Context, text string, args ...any) (int64, error) {
	return file.One(ctx, p, file.Number, text, args...)
}

// faults gathers everything that is wrong with what is to be kept.
type faults struct{ file.Faults }

// name checks a name that has to be there.
func (f *faults) name(what, text string) {
	f.When(text == "" || !file.Plain(text, mostName), "%s %.60q: it has 1 to %d bytes of UTF-8 without control characters", what, text, mostName)
}

// line checks a name that may be missing.
func (f *faults) line(what, text string) {
	f.When(!file.Plain(text, mostName), "%s %.60q: it has at most %d bytes of UTF-8 without control characters", what, text, mostName)
}

// text checks words that may be missing.
func (f *faults) text(what, text string) {
	f.When(!file.Plain(text, mostText), "%s: it has at most %d bytes of UTF-8 without control characters", what, mostText)
}

// moment checks an instant that has to be there.
func (f *faults) moment(what string, t time.Time) {
	f.When(t.Year() < 1970 || t.Year() > 2999, "%s %v: it lies between 1970 and 2999", what, t)
}

// body checks JSON that has to be there.
func (f *faults) body(what string, text []byte, most int) {
	f.When(len(text) > most, "%s: it has %d bytes, at most %d are kept", what, len(text), most)
	f.When(len(text) <= most && !json.Valid(text), "%s: it is no JSON", what)
}

// limited is how many rows are answered: at most so many, also where nobody said.
func limited(asked, most int) int {
	if asked <= 0 || asked > most {
		return most
	}
	return asked
}
