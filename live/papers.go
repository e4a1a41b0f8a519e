package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/loop/cycle"
	"sluice/store/sqlite"
)

// Papers is where the papers of turns are found again.
type Papers interface {
	Read(ctx context.Context, r sqlite.Range) ([]sqlite.Stored, error)
}

// ErrNoTurn marks a turn of which no paper is kept.
var ErrNoTurn = errors.New("no such turn")

// shadowed is the subject of papers that the shadow made, while nothing was entrusted.
const shadowed = "shadow"

// FindTurn reads the papers of the interval that holds at. Where several runs of
// the program wrote some, the last ones count. Papers of the shadow stand in where
// nothing was entrusted; they have no orders.
func FindTurn(ctx context.Context, p Papers, site string, at time.Time) (*cycle.Turn, error) {
	const longest = time.Hour
	r := sqlite.Range{Site: site, From: at.Add(-longest), To: at.Add(longest + time.Nanosecond)}
	t := &cycle.Turn{}
	for {
		page, err := p.Read(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("find the turn at %s: %w", at.UTC().Format(time.RFC3339), err)
		}
		if len(page) == 0 {
			break
		}
		for _, x := range page {
			if err := take(t, x, at); err != nil {
				return nil, fmt.Errorf("find the turn at %s: %s: %w", at.UTC().Format(time.RFC3339), x.Key, err)
			}
		}
		r.After = page[len(page)-1].Seq
	}
	if t.Plan.At.IsZero() {
		return nil, fmt.Errorf("%w: no plan of %s is kept for %s: the program did not run, or it had nothing to plan", ErrNoTurn, site, at.UTC().Format(time.RFC3339))
	}
	return t, nil
}

// take fits a record into a turn when it belongs to the interval that holds at.
func take(t *cycle.Turn, r sqlite.Stored, at time.Time) error {
	switch r.Kind {
	case sqlite.Plan:
		var p cycle.Plan
		if err := json.Unmarshal(r.Body, &p); err != nil {
			return err
		}
		if len(p.Mesh.Lengths) == 0 || at.Before(p.At) || !at.Before(p.At.Add(p.Mesh.Lengths[0])) {
			return nil
		}
		t.Plan = p
	case sqlite.Snapshot:
		return fit(&t.Snapshot, r, func(x cycle.Snapshot) bool { return !x.At.After(at) && !x.At.Before(t.Snapshot.At) })
	case sqlite.Outlook:
		return fit(&t.Outlook, r, func(x cycle.Outlook) bool { return !x.At.After(at) && !x.At.Before(t.Outlook.At) })
	case sqlite.Delivery:
		return fit(&t.Delivery, r, func(x cycle.Delivery) bool { return !at.Before(x.At) && at.Before(x.At.Add(x.Length)) })
	case sqlite.Entry:
		return fit(&t.Entry, r, func(x cycle.Entry) bool { return !x.At.After(at) && !x.At.Before(t.Entry.At) })
	case sqlite.Order, sqlite.Receipt, sqlite.LockOut, sqlite.Mode, sqlite.EpochMark, sqlite.Machine, sqlite.Trouble, sqlite.Person, sqlite.Standing, sqlite.Credit:
	}
	return nil
}

// fit reads a paper and keeps it where it belongs.
func fit[T any](to *T, r sqlite.Stored, belongs func(T) bool) error {
	var x T
	if err := json.Unmarshal(r.Body, &x); err != nil {
		return err
	}
	if belongs(x) {
		*to = x
	}
	return nil
}
