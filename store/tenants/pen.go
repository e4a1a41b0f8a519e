package tenants

import (
	"context"
	"time"

	"sluice/store/file"
)

// most rows of an answer, and bytes of a name and of a text.
const (
	mostRows = 10_000
	mostName = 200
	mostText = 4_000
)

// pen writes, within one transaction.
type pen struct{ file.Pen }

// write runs do in one transaction, alone.
func (s *Store) write(ctx context.Context, do func(context.Context, pen) error) error {
	return s.file.Write(ctx, func(ctx context.Context, p file.Pen) error { return do(ctx, pen{p}) })
}

// faults gathers everything that is wrong with what is to be kept.
type faults struct{ file.Faults }

// name checks a name that has to be there.
func (f *faults) name(what, text string) {
	f.When(text == "" || !file.Plain(text, mostName), "%s %.60q: it has 1 to %d bytes of UTF-8 without control characters", what, text, mostName)
}

// text checks words that may be missing.
func (f *faults) text(what, text string) {
	f.When(!file.Plain(text, mostText), "%s: it has at most %d bytes of UTF-8 without control characters", what, mostText)
}

// moment checks an instant that has to be there.
func (f *faults) moment(what string, t time.Time) {
	f.When(t.Year() < 1970 || t.Year() > 2999, "%s %v: it lies between 1970 and 2999", what, t)
}
