package tenants

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sluice/engine"
	"sluice/use/hosting/meter"
)

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
		_, err := p.Exec(ctx, "ROLLBACK") // the transaction is gone: the commit fails
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
