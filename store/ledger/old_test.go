package ledger_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/store/ledger"
)

// oldBooks puts books.db as the first version of this program wrote it, with seven
// transactions and a lock, into a folder of its own.
func oldBooks(t *testing.T) place {
	t.Helper()
	p := onSQLite(t)
	if err := os.MkdirAll(p.config.Directory, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join("testdata", "books-1.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err == nil {
		err = os.WriteFile(filepath.Join(p.config.Directory, "books.db"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lastOfOld is the hash of the last transaction in the old books.
const lastOfOld = "65de8946c95d3b34d36ecd3fa6110b04425c0e6a73426bc0108dc9184a6c7255"

// TestOldBooks: books of the first version open and verify, go on, and stand beside
// a whole copy of what they were.
func TestOldBooks(t *testing.T) {
	t.Parallel()
	p := oldBooks(t)
	copied := filepath.Join(p.config.Directory, "books.db.before-2")
	was := []byte("a copy that somebody made")
	if err := os.WriteFile(copied, was, 0o600); err != nil {
		t.Fatal(err)
	}
	s := p.open(t)
	oldAndWhole(t, s)
	if _, err := s.OpenEntity(t.Context(), chartOf(us)); err != nil { // a newer chart has more accounts
		t.Fatal(err)
	}
	issue(t, s, "HOU", draft(t, 12, 7), 12)
	if _, err := s.Verify(t.Context(), us); err != nil {
		t.Error(err)
	}
	closed(t, s)
	raw := p.untied(t)
	force(t, raw, "UPDATE period SET person = 'bob'")
	s = p.open(t)
	if _, err := s.Verify(t.Context(), us); !errors.Is(err, books.ErrChanged) {
		t.Errorf("another locked the old period: %v", err)
	}
	names, err := filepath.Glob(copied + "*")
	if diff := cmp.Diff([]string{copied, copied + ".2"}, names); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if got, err := os.ReadFile(copied); err != nil || !cmp.Equal(got, was) {
		t.Errorf("a copy was written over: %v", err)
	}
	rest, err := filepath.Glob(filepath.Join(p.config.Directory, "*copying*"))
	if err != nil || len(rest) > 0 {
		t.Error(rest, err)
	}
	// The copy is whole, and of the version before.
	other := onSQLite(t)
	if err := errors.Join(os.MkdirAll(other.config.Directory, 0o700), os.Rename(copied+".2", filepath.Join(other.config.Directory, "books.db"))); err != nil {
		t.Fatal(err)
	}
	var version int
	var sound string
	if err := other.raw(t).QueryRowContext(t.Context(), "SELECT v.user_version, i.integrity_check FROM pragma_user_version v, pragma_integrity_check i").Scan(&version, &sound); err != nil || version != 1 || sound != "ok" {
		t.Errorf("the copy has version %d and is %s: %v", version, sound, err)
	}
	oldAndWhole(t, other.open(t))
}

// oldAndWhole checks that books are those of the first version.
func oldAndWhole(t *testing.T, s *ledger.Store) {
	t.Helper()
	v, err := s.Verify(t.Context(), us)
	if err != nil || v.Transactions != 7 || v.Lines != 14 || fmt.Sprintf("%x", v.Last) != lastOfOld || v.Filed == (books.Hash{}) {
		t.Errorf("%+v, %v", v, err)
	}
	if locks, err := s.Locks(t.Context(), us); err != nil || len(locks) != 1 || locks[0].By != "ann" {
		t.Error(locks, err)
	}
	if again := post(t, s, bill("a", 2, 5)); again[0].Sequence != 1 {
		t.Error("what stands in old books is not returned")
	}
}

// TestOldServer: books of the first version on a server open, verify and go on.
func TestOldServer(t *testing.T) {
	t.Parallel()
	p := onPostgres(t)
	s := opened(t, p)
	want := post(t, s, bill("a", 2, 5), coins("b", 2, "L1", 100, 9))
	if _, err := s.Lock(t.Context(), ledger.Period{Entity: us, From: noon(1), To: noon(10), At: noon(11), By: "ann"}); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	raw := p.raw(t)
	for _, text := range []string{
		"DROP TABLE filing, paper, document, parked, released", "DROP FUNCTION filing_follows, document_follows", "DROP TRIGGER lot_whole ON lot",
		"DROP TRIGGER tags_whole ON tags", "DROP TRIGGER account_whole ON account", "DELETE FROM books_version WHERE version > 1",
	} {
		force(t, raw, text)
	}
	s = p.open(t)
	issue(t, s, "HOU", draft(t, 12, 7), 12)
	if diff := cmp.Diff(want, listed(t, s, ledger.Query{Entity: us, Limit: 2})); diff != "" {
		t.Error(diff)
	}
	if v, err := s.Verify(t.Context(), us); err != nil || v.Transactions != 3 || v.Documents != 1 {
		t.Error(v, err)
	}
}
