package file_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/store/file"
)

const sign = 0x54657374 // "Test"

// shelf is a database in a folder of its own.
type shelf struct {
	testing.TB
	file.Database
	conn *sql.Conn
}

func newShelf(tb testing.TB) shelf {
	tb.Helper()
	s := shelf{tb, file.Database{Path: filepath.Join(tb.TempDir(), "x.db"), Sign: sign}, nil}
	s.conn = s.open(s.Path)
	return s
}

func (s shelf) open(path string) *sql.Conn {
	s.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_journal_mode=WAL")
	if err != nil {
		s.Fatal(err)
	}
	conn, err := db.Conn(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = errors.Join(conn.Close(), db.Close()) })
	return conn
}

// must takes steps.
func (s shelf) must(steps ...string) {
	s.Helper()
	if err := s.Climb(s.Context(), s.conn, steps); err != nil {
		s.Fatal(err)
	}
}

// says is the version and the words of a database.
func (s shelf) says(path string) (version int, words string) {
	s.Helper()
	conn := s.conn
	if path != s.Path {
		conn = s.open(path)
	}
	var sound string
	err := conn.QueryRowContext(s.Context(), "SELECT v.user_version, group_concat(w.text, ' '), i.integrity_check FROM words w, pragma_user_version v, pragma_integrity_check i").Scan(&version, &words, &sound)
	if err != nil || sound != "ok" {
		s.Fatalf("%s is %q: %v", path, sound, err)
	}
	return version, words
}

// beside are the files beside the database, without those of its log.
func (s shelf) beside() (names []string) {
	s.Helper()
	all, err := os.ReadDir(filepath.Dir(s.Path))
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range all {
		if n := e.Name(); n != "x.db" && !strings.HasSuffix(n, "-wal") && !strings.HasSuffix(n, "-shm") {
			names = append(names, n)
		}
	}
	return names
}

func (s shelf) wantBeside(names ...string) {
	s.Helper()
	if diff := cmp.Diff(names, s.beside()); diff != "" {
		s.Error(diff)
	}
}

func (s shelf) put(name, text string) {
	s.Helper()
	if err := os.WriteFile(s.Path+name, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

const (
	one   = "CREATE TABLE bulk AS SELECT zeroblob(300000) AS x; CREATE TABLE words (text TEXT); INSERT INTO words VALUES ('one');"
	two   = "INSERT INTO words VALUES ('two'); -- the end"
	three = "INSERT INTO words VALUES ('three');"
	wrong = "INSERT INTO words VALUES ('wrong'); INSERT INTO nowhere VALUES (1);"
)

// TestTexts are in order of their names.
func TestTexts(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a/0002_b.sql": {Data: []byte("two")}, "a/0001_z.sql": {Data: []byte("one")}, "a/README": {}, "b/0003.sql": {}}
	got, err := file.Texts(files, "a/*.sql")
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := file.Texts(fstest.MapFS{"a/1.sql": {Mode: fs.ModeDir}}, "a/*.sql"); err == nil {
		t.Error("a folder was read")
	}
}

// TestClimb: each step is taken once, and what held data stands beside, as it was.
func TestClimb(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(one)
	s.wantBeside() // nothing was there to be kept
	s.must(one)
	s.wantBeside() // nothing is to be done
	s.must(one, two, three)
	if version, words := s.says(s.Path); version != 3 || words != "one two three" {
		t.Errorf("version %d: %s", version, words)
	}
	s.wantBeside("x.db.before-2")
	if version, words := s.says(s.Path + ".before-2"); version != 1 || words != "one" {
		t.Errorf("the copy has version %d: %s", version, words)
	}
	about, err := os.Stat(s.Path + ".before-2")
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the copy is for %v, %v", about.Mode(), err)
	}
}

// TestFailedStep leaves the version before it, nothing of its own, and one copy however
// often it is tried.
func TestFailedStep(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(one)
	for range 3 {
		if err := s.Climb(t.Context(), s.conn, []string{one, two, wrong}); err == nil || !strings.Contains(err.Error(), "to version 3") {
			t.Errorf("%v", err)
		}
		if version, words := s.says(s.Path); version != 2 || words != "one two" {
			t.Errorf("version %d: %s", version, words)
		}
	}
	s.wantBeside("x.db.before-2", "x.db.before-3")
	if _, err := s.conn.ExecContext(t.Context(), "INSERT INTO words VALUES ('more')"); err != nil {
		t.Fatal(err)
	}
	s.must(one, two, three) // what was added since is in a copy too
	s.wantBeside("x.db.before-2", "x.db.before-3", "x.db.before-3.2")
	if version, words := s.says(s.Path + ".before-3.2"); version != 2 || words != "one two more" {
		t.Errorf("the copy has version %d: %s", version, words)
	}
}

// TestGivenUp: a step whose context ends is not half taken, and holds nothing up.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(one)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) INSERT INTO words SELECT i FROM n;"
	if err := s.Climb(ctx, s.conn, []string{one, endless}); err == nil || ctx.Err() == nil {
		t.Error(err)
	}
	s.must(one, two)
	if version, words := s.says(s.Path); version != 2 || words != "one two" {
		t.Errorf("version %d: %s", version, words)
	}
}

// TestHalfCopy: what a cut left is no copy, and what may be whole is left alone.
func TestHalfCopy(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		cut  func(s shelf)
		want []string
	}{
		"cut while it was written":     {func(s shelf) { s.put(".copying", "SQLite for") }, []string{"x.db.before-2"}},
		"cut with its log beside it":   {func(s shelf) { s.put(".copying", ""); s.put(".copying-journal", "half") }, []string{"x.db.before-2"}},
		"a copy that somebody made":    {func(s shelf) { s.put(".before-2", "theirs") }, []string{"x.db.before-2", "x.db.before-2.2"}},
		"half a copy of older times":   {func(s shelf) { s.put(".before-2", ""); s.put(".before-2.2", "SQ") }, []string{"x.db.before-2", "x.db.before-2.2", "x.db.before-2.3"}},
		"cut before the first step":    {func(s shelf) { s.copied(2) }, []string{"x.db.before-2"}},
		"cut before its name was gone": {func(s shelf) { s.copied(2); s.link() }, []string{"x.db.before-2"}},
		"the first name leads nowhere": {func(s shelf) { s.dangle() }, []string{"x.db.before-2", "x.db.before-2.2"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.must(one)
			c.cut(s)
			was := s.copies()
			s.must(one, two)
			s.wantBeside(c.want...)
			now := s.copies()
			for name, text := range was {
				if now[name] != text {
					t.Errorf("%s was written over", name)
				}
			}
			last := slices.DeleteFunc(slices.Clone(c.want), func(n string) bool { return strings.Contains(n, "copying") })
			if version, words := s.says(filepath.Join(filepath.Dir(s.Path), last[len(last)-1])); version != 1 || words != "one" {
				t.Errorf("the copy has version %d: %s", version, words)
			}
		})
	}
}

// TestSecondName: a copy that still has the name of a half one is not written into.
func TestSecondName(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(one)
	s.copied(2)
	s.link()
	if _, err := s.conn.ExecContext(t.Context(), "INSERT INTO words VALUES ('more')"); err != nil {
		t.Fatal(err)
	}
	s.must(one, two)
	s.wantBeside("x.db.before-2", "x.db.before-2.2")
	for name, want := range map[string]string{".before-2": "one", ".before-2.2": "one more"} {
		if _, words := s.says(s.Path + name); words != want {
			t.Errorf("%s says %s", name, words)
		}
	}
}

// copied makes a copy, and goes no further.
func (s shelf) copied(version int) {
	s.Helper()
	if err := s.Copy(s.Context(), s.conn, version); err != nil {
		s.Fatal(err)
	}
}

// link leaves the copy its first name, as where the power went in between.
func (s shelf) link() {
	s.Helper()
	if err := os.Link(s.Path+".before-2", s.Path+".copying"); err != nil {
		s.Fatal(err)
	}
}

// dangle puts a link to nothing in the place of the copy.
func (s shelf) dangle() {
	s.Helper()
	if err := os.Symlink(s.Path+".nowhere", s.Path+".before-2"); err != nil {
		s.Fatal(err)
	}
}

// copies are the copies, by their names.
func (s shelf) copies() map[string]string {
	s.Helper()
	out := map[string]string{}
	for _, n := range s.beside() {
		if b, err := os.ReadFile(filepath.Join(filepath.Dir(s.Path), n)); err == nil && strings.Contains(n, ".before-") {
			out[n] = string(b)
		}
	}
	return out
}

// TestNoCopy: where no copy can be made no step is taken, and no half of one stays.
func TestNoCopy(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(s shelf)
		says  string
	}{
		"every name is taken": {func(s shelf) {
			s.put(".before-2", "")
			for n := range 99 {
				s.put(fmt.Sprintf(".before-2.%d", n+2), "")
			}
		}, "100 copies already"},
		"a folder is in its place": {func(s shelf) {
			if err := os.MkdirAll(s.Path+".copying/x", 0o700); err != nil {
				s.Fatal(err)
			}
		}, "copying"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.must(one)
			c.spoil(s)
			if err := s.Climb(t.Context(), s.conn, []string{one, two}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if version, words := s.says(s.Path); version != 1 || words != "one" {
				t.Errorf("version %d: %s", version, words)
			}
		})
	}
}

// TestLeftAlone: what another program or a newer one wrote is not touched.
func TestLeftAlone(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		sql  string
		want error
		says string
	}{
		"a table of others":   {"CREATE TABLE words (text)", file.ErrForeign, "another data directory"},
		"a sign of others":    {"PRAGMA application_id = 7; PRAGMA user_version = 1", file.ErrForeign, "another data directory"},
		"a version of others": {"PRAGMA user_version = 1", file.ErrForeign, "another data directory"},
		"a newer one":         {"PRAGMA application_id = 1415934836; PRAGMA user_version = 3", file.ErrNewer, "has version 3, this program knows 2"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			if _, err := s.conn.ExecContext(t.Context(), c.sql); err != nil {
				t.Fatal(err)
			}
			if err := s.Climb(t.Context(), s.conn, []string{one, two}); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			s.wantBeside()
		})
	}
}
