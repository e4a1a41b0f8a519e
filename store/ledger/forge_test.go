package ledger_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"sluice/books"
)

// forged is a document that somebody adds past the ledger, filed as a real one.
type forged struct {
	series       string
	serial       int64
	draft, paper []byte
	transaction  string
}

func counted(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) } //nolint:gosec // no number is negative

func spelled(b []byte, s string) []byte { return append(counted(b, int64(len(s))), s...) }

// file writes the document as the fourth one, and its filing, whose hashes are right.
func (f forged) file(t *testing.T, tx *sql.Tx) {
	t.Helper()
	b := append(append(counted(spelled(nil, f.series), f.serial), f.draft...), f.paper...)
	content := sha256.Sum256(spelled(b, f.transaction))
	var number int64
	var last []byte
	if err := tx.QueryRowContext(t.Context(), "SELECT number, hash FROM filing ORDER BY number DESC LIMIT 1").Scan(&number, &last); err != nil {
		t.Fatal(err)
	}
	b = counted(spelled(counted(last, number+1), "document"), 4)
	hash := sha256.Sum256(append(b, content[:]...))
	for text, args := range map[string][]any{
		"INSERT INTO document VALUES (1, 4, $1, $2, $3, $4, $5)":   {f.series, f.serial, f.draft, f.paper, f.transaction},
		"INSERT INTO filing VALUES (1, $1, 'document', 4, $2, $3)": {number + 1, content[:], hash[:]},
	} {
		if _, err := tx.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(text, err)
		}
	}
}

// TestForgedDocuments: who files a document as the ledger does still needs a number
// without a hole, a paper that says the same, and a posting.
func TestForgedDocuments(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := filled(t, p)
		raw := p.untied(t)
		second := forged{series: "HOU", serial: 3, draft: make([]byte, 32)}
		if err := raw.QueryRowContext(t.Context(), "SELECT paper, txn FROM document WHERE number = 2").Scan(&second.paper, &second.transaction); err != nil {
			t.Fatal(err)
		}
		for sentence, c := range map[string]struct {
			change func(*forged)
			says   string
		}{
			"after a hole":                {func(f *forged) { f.serial = 5 }, "HOU-000005 does not follow on HOU-000002"},
			"a series that begins with 2": {func(f *forged) { f.series, f.serial = "NEW", 2 }, "NEW-000002 does not follow on NEW-000000"},
			"on the paper of another":     {func(*forged) {}, "it has the number HOU-000002"},
			"on no paper":                 {func(f *forged) { f.paper = make([]byte, 32) }, "has no paper"},
			"posted by another":           {func(f *forged) { f.transaction = "a" }, "is not in the books"},
		} {
			f := second
			c.change(&f)
			tx, err := raw.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			f.file(t, tx)
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Verify(t.Context(), us); !errors.Is(err, books.ErrChanged) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v, want %q", sentence, err, c.says)
			}
			force(t, raw, "DELETE FROM document WHERE number = 4")
			force(t, raw, "DELETE FROM filing WHERE what = 'document' AND subject = 4")
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}
