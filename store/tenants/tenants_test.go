package tenants

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

// TestDoors: a second program is kept out, a foreign or newer file left alone, and what
// is closed answers so.
func TestDoors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	alpha := enrol(t, s, "alpha")
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "fullfsync": "1"} {
		var got string
		if err := s.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
		}
	}
	if _, err := s.reader.ExecContext(t.Context(), "DELETE FROM account"); err == nil {
		t.Error("a reader may write")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Desk().Profile(t.Context(), alpha.Tenant); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := s.Office().Bind(t.Context(), alpha.Tenant, "x", at(0)); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := edit(t.Context(), dir, "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	theirs := t.TempDir()
	if err := edit(t.Context(), theirs, "CREATE TABLE theirs (x)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), theirs); !errors.Is(err, ErrForeign) {
		t.Errorf("%v", err)
	}
}

// TestNothingIsRewritten: even a statement of our own cannot change what was added, and
// what the disk changed is not answered.
func TestNothingIsRewritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	alpha := enrol(t, s, "alpha")
	if err := errors.Join(s.Office().Command(t.Context(), at(0), engine.Command{Event: alpha.event, Seq: 1, Verb: engine.GiveBack}), s.Close()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE usage SET quantity = 1", "DELETE FROM usage", "UPDATE wish_state SET state = 'accepted'", "UPDATE contract SET tenant = 'alpha'",
		"DELETE FROM command", "UPDATE command SET seq = 9", "UPDATE notice SET gpus = 0", "UPDATE service SET revision = 9", "DELETE FROM tenant",
	} {
		if err := edit(t.Context(), dir, statement); err == nil {
			t.Errorf("%s passed", statement)
		}
	}
	if err := edit(t.Context(), dir, "DROP TRIGGER service_stays", "UPDATE service SET body = CAST('[]' AS BLOB)", "DROP TRIGGER paper_stays", "UPDATE paper SET body = CAST('x' AS BLOB)"); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir)
	if _, err := s.Desk().Service(t.Context(), alpha.Tenant, at(0), at(9)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if _, err := s.Office().Paper(t.Context(), sha256.Sum256([]byte("alpha paper"))); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
}

// TestManyAtOnce: who writes waits for the other, nobody reads half of anything, and
// everything that was acknowledged is there.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	var all sync.WaitGroup
	for w := range 8 {
		who := []resident{alpha, beta}[w%2]
		all.Go(func() {
			for n := range 10 {
				from := int64(300 * (1 + w*10 + n))
				if err := s.Office().PutUsage(context.WithoutCancel(t.Context()), []meter.Usage{used(who.contract, from, 1, 1), used(who.contract, from, 2, 2)}); err != nil {
					t.Error(err)
				}
				got, err := s.Desk().Usage(t.Context(), who.Tenant, Query{From: at(from), To: at(from + 1), All: true})
				if err != nil || len(got) != 2 || got[0].Contract != who.contract {
					t.Errorf("%+v %v", got, err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := openAt(t, dir).Office().Usage(t.Context(), Query{})
	if err != nil || len(got) != 82 {
		t.Errorf("%d, %v", len(got), err)
	}
}

// TestBroken: after an error of the disk nothing is tried again.
func TestBroken(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha := enrol(t, s, "alpha")
	err := s.write(t.Context(), func(ctx context.Context, p pen) error {
		_, err := p.exec(ctx, "ROLLBACK") // the transaction is gone: the commit fails
		return err
	})
	if !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
	if _, err := s.Desk().Contracts(t.Context(), alpha.Tenant); !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
	if _, err := s.Desk().Authenticate(t.Context(), alpha.secret, at(1)); !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
}

// TestContractsStay: a contract is of one tenant for ever.
func TestContractsStay(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	if err := s.Office().Bind(t.Context(), beta.Tenant, alpha.contract, at(0)); !errors.Is(err, ErrConflict) {
		t.Errorf("%v", err)
	}
	if owner, err := s.Office().Owner(t.Context(), alpha.contract); err != nil || owner != alpha.Tenant {
		t.Errorf("%v %v", owner, err)
	}
	if _, err := s.Office().Tenant(t.Context(), "gamma"); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if _, err := s.Office().Enrol(t.Context(), Profile{Name: "Not Plain", Since: at(0)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// TestRevisionsMatchAModel: whatever usage is delivered in whatever order, what is
// answered is the highest revision of each interval.
func TestRevisionsMatchAModel(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		who, err := s.Office().Enrol(t.Context(), Profile{Name: fmt.Sprint("t", round), Since: at(0)})
		contract := fmt.Sprint("c", round)
		if err = errors.Join(err, s.Office().Bind(t.Context(), who, contract, at(0))); err != nil {
			r.Fatal(err)
		}
		type key struct{ from, revision int64 }
		model, best := map[key]int64{}, map[int64]int64{}
		for range rapid.IntRange(1, 12).Draw(r, "deliveries") {
			k := key{rapid.Int64Range(0, 3).Draw(r, "from"), rapid.Int64Range(1, 3).Draw(r, "revision")}
			q := rapid.Int64Range(0, 2).Draw(r, "quantity")
			had, there := model[k]
			err := s.Office().PutUsage(t.Context(), []meter.Usage{used(contract, 300*k.from, q, int(k.revision))})
			if bad := there && had != q; bad != errors.Is(err, ErrConflict) || !bad && err != nil {
				r.Fatalf("%v: %v, had %d, offered %d", k, err, had, q)
			}
			if !there {
				model[k] = q
				best[k.from] = max(best[k.from], k.revision)
			}
		}
		got, err := s.Desk().Usage(t.Context(), who, Query{})
		if err != nil || len(got) != len(best) {
			r.Fatalf("%d of %d, %v", len(got), len(best), err)
		}
		for _, u := range got {
			from := (u.Span.From - zero) / 300
			if int64(u.Revision) != best[from] || u.Quantity != model[key{from, best[from]}] {
				r.Fatalf("%+v", u)
			}
		}
	})
}
