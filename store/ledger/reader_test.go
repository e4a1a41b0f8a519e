package ledger_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/store/ledger"
)

// reads opens books to read until the test ends.
func reads(t *testing.T, p place) *ledger.Reader {
	t.Helper()
	r, err := ledger.OpenReader(t.Context(), p.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestReader: who reads sees what another program has written, while it writes on.
func TestReader(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		paper := note("the day")
		first := bill("a", 1, 5)
		first.Evidence = paper.Hash()
		if _, err := s.Book(t.Context(), ledger.Batch{Entity: us, Papers: []ledger.Paper{paper}, Transactions: []books.Transaction{first}}); err != nil {
			t.Fatal(err)
		}
		r := reads(t, p)
		if x, err := r.Extent(t.Context(), us); err != nil || x.Transactions != 1 || x.Last != 1 || !x.From.Equal(noon(1)) || !x.To.Equal(noon(1)) {
			t.Errorf("%+v %v", x, err)
		}
		more := post(t, s, coins("b", 2, "L1", 50, 3), bill("c", 5, 7))
		if x, err := r.Extent(t.Context(), us); err != nil || x.Transactions != 3 || x.Last != 3 || !x.To.Equal(noon(5)) || !x.Booked.Equal(noon(5).Add(time.Hour)) {
			t.Errorf("what was booked since is not seen: %+v %v", x, err)
		}
		if got, err := r.Find(t.Context(), us, "b"); err != nil || !cmp.Equal(got, more[0]) {
			t.Error(got, err)
		}
		same(t, s, r)
		kinds, err := r.Kinds(t.Context(), us)
		if err != nil || kinds[paper.Hash()] != "usage" {
			t.Error(kinds, err)
		}
	})
}

// same checks that reader and writer say the same.
func same(t *testing.T, s *ledger.Store, r *ledger.Reader) {
	t.Helper()
	want, err := s.Balances(t.Context(), all)
	got, also := r.Balances(t.Context(), all)
	if diff := cmp.Diff(want, got); err != nil || also != nil || diff != "" {
		t.Error(err, also, diff)
	}
	lots, err := s.OpenLots(t.Context(), us, noon(30))
	seen, also := r.OpenLots(t.Context(), us, noon(30))
	if diff := cmp.Diff(lots, seen); err != nil || also != nil || diff != "" || len(seen) != 1 {
		t.Error(err, also, diff)
	}
	n := 0
	for _, err := range r.Transactions(t.Context(), all) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d transactions", n)
	}
}

// TestReaderRefuses: where there are no books none are made, and those of a newer
// program are left alone.
func TestReaderRefuses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	if _, err := ledger.OpenReader(t.Context(), ledger.Config{Directory: dir}); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("no books: %v", err)
	}
	if found, _ := filepath.Glob(dir + "*"); len(found) > 0 {
		t.Errorf("reading made %v", found)
	}
	if _, err := ledger.OpenReader(t.Context(), ledger.Config{}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("no place: %v", err)
	}
	for version, want := range map[string]error{"999": ledger.ErrNewer, "1": ledger.ErrInvalid} {
		p := onSQLite(t)
		s := opened(t, p)
		closed(t, s)
		if _, err := p.raw(t).ExecContext(t.Context(), "PRAGMA user_version = "+version); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.OpenReader(t.Context(), p.config); !errors.Is(err, want) {
			t.Errorf("version %s: %v, want %v", version, err, want)
		}
	}
}
