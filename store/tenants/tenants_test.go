package tenants

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// TestReservations: a wish is asked, decided and cancelled, each once, with its reason.
func TestReservations(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	had, err := d.Reservation(ctx, alpha.Tenant, alpha.wish)
	if err != nil || had.State != Asked || had.By != "alpha" {
		t.Fatalf("%+v %v", had, err)
	}
	if again, err := d.Ask(ctx, alpha.Tenant, had.Wish, at(9)); err != nil || again != had {
		t.Errorf("the same wish again: %+v %v", again, err)
	}
	more := had.Wish
	more.GPUs++
	if _, err := d.Ask(ctx, alpha.Tenant, more, at(9)); !errors.Is(err, ErrConflict) {
		t.Errorf("another wish under the same key: %v", err)
	}
	refuse := Reservation{State: Refused, At: at(10), By: "operator", Why: "no power in September"}
	for sentence, c := range map[string]struct {
		do   func() error
		want error
	}{
		"another tenant cancels it": {func() error { _, err := d.Cancel(ctx, beta.Tenant, alpha.wish, "", at(5)); return err }, ErrUnknown},
		"a refusal without a reason": {func() error {
			_, err := o.Decide(ctx, alpha.Tenant, alpha.wish, Reservation{State: Refused, At: at(5), By: "x"})
			return err
		}, ErrInvalid},
		"a decision that is none": {func() error {
			_, err := o.Decide(ctx, alpha.Tenant, alpha.wish, Reservation{State: "maybe"})
			return err
		}, ErrInvalid},
		"an end before it began": {func() error {
			_, err := o.Decide(ctx, alpha.Tenant, alpha.wish, Reservation{State: Cancelled, At: at(5), By: "x", Why: "y"})
			return err
		}, ErrState},
		"decided for another tenant": {func() error { _, err := o.Decide(ctx, beta.Tenant, alpha.wish, refuse); return err }, ErrUnknown},
		"a wish for less than no GPU": {func() error {
			w := more
			w.Key, w.GPUs = "k", 0
			_, err := d.Ask(ctx, alpha.Tenant, w, at(0))
			return err
		}, ErrInvalid},
		"a wish that ends first": {func() error {
			w := more
			w.Key, w.Until = "k", w.From
			_, err := d.Ask(ctx, alpha.Tenant, w, at(0))
			return err
		}, ErrInvalid},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	for range 2 {
		if got, err := o.Decide(ctx, alpha.Tenant, alpha.wish, refuse); err != nil || got.Why != refuse.Why || got.State != Refused {
			t.Errorf("%+v %v", got, err)
		}
	}
	if _, err := d.Cancel(ctx, alpha.Tenant, alpha.wish, "", at(11)); !errors.Is(err, ErrState) {
		t.Errorf("cancelled after it was refused: %v", err)
	}
	if got, err := o.Waiting(ctx, Asked); err != nil || len(got) != 1 || got[0].Tenant != "beta" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := d.Cancel(ctx, beta.Tenant, beta.wish, "not any more", at(12)); err != nil || got.State != Cancelled {
		t.Errorf("%+v %v", got, err)
	}
}

// TestTooManyWishes: a tenant cannot fill the store.
func TestTooManyWishes(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha := enrol(t, s, "alpha")
	ask := func(n int) error {
		_, err := s.Desk().Ask(t.Context(), alpha.Tenant, Wish{Key: strconv.Itoa(n), Kind: "spot", GPUs: 1, From: at(0)}, at(0))
		return err
	}
	for n := range mostAsked - 1 {
		if err := ask(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(-1); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
}

// TestUsage: corrections are revisions, the last one counts, and nothing is rewritten.
func TestUsage(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha := enrol(t, s, "alpha")
	one, two, later := used(alpha.contract, 0, 100, 1), used(alpha.contract, 0, 90, 2), used(alpha.contract, 300, 7, 1)
	for range 2 {
		if err := o.PutUsage(ctx, []meter.Usage{one, two, later}); err != nil {
			t.Fatal(err)
		}
	}
	other := one
	other.Quantity++
	if err := o.PutUsage(ctx, []meter.Usage{used(alpha.contract, 600, 1, 1), other}); !errors.Is(err, ErrConflict) {
		t.Errorf("another figure of the same revision: %v", err)
	}
	two.Tenant, later.Tenant = "alpha", "alpha"
	got, err := d.Usage(ctx, alpha.Tenant, Query{})
	if diff := cmp.Diff([]meter.Usage{two, later}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for sentence, c := range map[string]struct {
		q    Query
		want int
	}{
		"all revisions":         {Query{All: true}, 3},
		"a stretch":             {Query{From: at(300), To: at(301)}, 1},
		"its edge":              {Query{To: at(300)}, 1},
		"a page":                {Query{Limit: 1}, 1},
		"the page after":        {Query{After: 1}, 1},
		"another component":     {Query{Component: "facility"}, 0},
		"a contract of its own": {Query{Contract: alpha.contract}, 2},
	} {
		if got, err := d.Usage(ctx, alpha.Tenant, c.q); err != nil || len(got) != c.want {
			t.Errorf("%s: %d, want %d, %v", sentence, len(got), c.want, err)
		}
	}
	bad := one
	bad.Quantity = -1
	stranger := used("nobody", 0, 1, 1)
	if err := o.PutUsage(ctx, []meter.Usage{bad}); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
	if err := o.PutUsage(ctx, []meter.Usage{stranger}); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if paper, err := o.Paper(ctx, sha256.Sum256([]byte("alpha paper"))); err != nil || string(paper) != "alpha paper" {
		t.Errorf("%s %v", paper, err)
	}
	if paper, err := o.Paper(ctx, [32]byte{1}); !errors.Is(err, ErrUnknown) {
		t.Errorf("%s %v", paper, err)
	}
}

// TestWork: what a job used is summed over its intervals, an interval metered anew counts
// as it is now, and a job that it has no more used nothing.
func TestWork(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha := enrol(t, s, "alpha")
	of := func(from int64, rows ...meter.Row) meter.Attribution {
		return meter.Attribution{Boundary: "alpha-hall", Span: span(from, from+300), Rows: rows}
	}
	row := func(job string, e unit.Energy) meter.Row {
		return meter.Row{Contract: alpha.contract, Job: job, GPUSeconds: 300, GPU: e, Overhead: 1}
	}
	vague := row("b", 4)
	vague.Marks = []meter.Mark{meter.NoMeter}
	for range 2 {
		if err := errors.Join(o.PutWork(ctx, of(0, row("a", 10), row("lost", 3))), o.PutWork(ctx, of(300, row("a", 20), vague))); err != nil {
			t.Fatal(err)
		}
		if err := o.PutWork(ctx, of(0, row("a", 11))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Work(ctx, alpha.Tenant, at(0), at(600))
	want := []Work{{alpha.contract, "a", 600, 0, 31, 33, false}, {alpha.contract, "b", 300, 0, 4, 5, true}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, err = d.Work(ctx, alpha.Tenant, at(300), at(301)); err != nil || len(got) != 2 || got[0].IT != 20 {
		t.Errorf("%+v %v", got, err)
	}
	if err := o.PutWork(ctx, of(0, meter.Row{Contract: "nobody", GPUSeconds: 1})); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// TestHeld: what is held is shown with both figures until it is let go, which is told too.
func TestHeld(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	all := meter.Hold{Component: "facility", Span: span(0, 300), Why: "cooling was not read"}
	if err := o.Hold(ctx, []meter.Hold{all}, at(0), alpha.contract, beta.contract); err != nil {
		t.Fatal(err)
	}
	got, err := d.Held(ctx, alpha.Tenant)
	if err != nil || len(got) != 2 || got[0].Engine != 10 || got[0].Witness != 20 || got[1].Contract != alpha.contract {
		t.Fatalf("%+v %v", got, err)
	}
	release := Release{At: at(9), By: "operator", Why: "the exporter was down"}
	if err := o.Release(ctx, beta.Tenant, got[0].Number, release); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if err := o.Release(ctx, alpha.Tenant, got[0].Number, release); err != nil {
		t.Fatal(err)
	}
	if got, err = d.Held(ctx, alpha.Tenant); err != nil || got[0].Released == nil || *got[0].Released != release {
		t.Errorf("%+v %v", got, err)
	}
}

// TestService: the service of a period is kept whole; something else is a new revision.
func TestService(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha := enrol(t, s, "alpha")
	had, err := d.Service(ctx, alpha.Tenant, at(0), at(1))
	if err != nil || len(had) != 1 || had[0].Revision != 1 {
		t.Fatalf("%+v %v", had, err)
	}
	for range 2 {
		x := had[0].Stretches[0]
		x.Condition, x.Out = meter.Down, true
		if err := o.PutService(ctx, alpha.contract, span(0, 86_400), []meter.Stretch{x}, at(90_000)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Service(ctx, alpha.Tenant, at(0), at(1))
	if err != nil || len(got) != 1 || got[0].Revision != 2 || got[0].Stretches[0].Condition != meter.Down {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := d.Service(ctx, alpha.Tenant, at(86_400), at(90_000)); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if err := o.PutService(ctx, alpha.contract, span(0, 9), []meter.Stretch{{Contract: "other"}}, at(0)); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// TestNotices: the last revision counts, an older one comes too late, and what is over is
// not told any more.
func TestNotices(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	ctx, o, d := t.Context(), s.Office(), s.Desk()
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	had, err := d.Notices(ctx, alpha.Tenant, at(0))
	if err != nil || len(had) != 1 {
		t.Fatal(had, err)
	}
	next := had[0]
	next.Revision, next.Withdrawn = 3, true
	between := had[0]
	between.Revision = 2
	other := had[0]
	other.GPUs++
	for sentence, c := range map[string]struct {
		who  Tenant
		n    Notice
		want error
	}{
		"the same again":                  {alpha.Tenant, had[0], nil},
		"another one of the same number":  {alpha.Tenant, other, ErrConflict},
		"to a tenant of another contract": {beta.Tenant, had[0], ErrUnknown},
	} {
		if err := o.Notify(ctx, c.who, c.n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := o.Notify(ctx, alpha.Tenant, next); err != nil {
		t.Error(err)
	}
	if err := o.Notify(ctx, alpha.Tenant, between); !errors.Is(err, ErrState) {
		t.Errorf("a notice that comes too late: %v", err)
	}
	if got, err := d.Notices(ctx, alpha.Tenant, at(0)); err != nil || cmp.Diff([]Notice{next}, got) != "" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := d.Notices(ctx, alpha.Tenant, next.Until); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// TestCommands: a command is stored before it is sent, once, with all that came of it,
// and is there after a restart.
func TestCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	ctx, o := t.Context(), s.Office()
	e := Event{ID: "2025-09-01-a", Hall: "hall-1", At: at(0), Body: []byte(`{"price":"7.00"}`)}
	hold := engine.Command{Event: e.ID, Seq: 1, Verb: engine.Hold, Subject: "spot"}
	evict := engine.Command{Event: e.ID, Seq: 2, Verb: engine.Evict, Subject: "42", Why: "power"}
	if err := o.Command(ctx, at(0), hold); !errors.Is(err, ErrUnknown) {
		t.Errorf("a command of no event: %v", err)
	}
	for range 2 {
		if err := errors.Join(o.Plan(ctx, e), o.Command(ctx, at(1), hold, evict)); err != nil {
			t.Fatal(err)
		}
	}
	changed, bad := evict, hold
	changed.Subject, bad.Seq = "43", 0
	late := engine.Command{Event: e.ID, Seq: 3, Verb: engine.Release, Subject: "spot"}
	if err := o.Command(ctx, at(2), late, changed); !errors.Is(err, ErrConflict) {
		t.Errorf("another command of the same number: %v", err)
	}
	if err := o.Command(ctx, at(2), bad); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
	failed := engine.Answer{Event: e.ID, Seq: 2, Why: "unreachable", At: at(3)}
	done := engine.Answer{Event: e.ID, Seq: 2, Done: true, At: at(4)}
	if err := errors.Join(o.Answer(ctx, failed), o.Answer(ctx, failed), o.Answer(ctx, done), o.Mark(ctx, e.ID, EventState{State: "running", At: at(4)}), s.Close()); err != nil {
		t.Fatal(err)
	}
	o = openAt(t, dir).Office()
	got, err := o.Commands(ctx, e.ID)
	want := []Sent{{Command: hold, At: at(1)}, {Command: evict, At: at(1), Answers: []engine.Answer{failed, done}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if err := o.Answer(ctx, engine.Answer{Event: e.ID, Seq: 9}); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if events, err := o.Events(ctx, "over"); err != nil || cmp.Diff([]Event{e}, events) != "" {
		t.Errorf("%+v %v", events, err)
	}
	if err := o.Mark(ctx, e.ID, EventState{State: "over", At: at(9), Why: "the meter fell"}); err != nil {
		t.Fatal(err)
	}
	if events, err := o.Events(ctx, "over"); err != nil || len(events) != 0 {
		t.Errorf("%+v %v", events, err)
	}
	if states, err := o.States(ctx, e.ID); err != nil || len(states) != 2 || states[1].Why != "the meter fell" {
		t.Errorf("%+v %v", states, err)
	}
}
