package file_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/store/file"
)

// layout is a file of words in a directory.
func layout(dir string) file.Config {
	steps := fstest.MapFS{"migrations/1.sql": {Data: []byte("CREATE TABLE word (text TEXT PRIMARY KEY, at_us INTEGER) STRICT;")}}
	return file.Config{Directory: dir, Name: "word.db", Lock: "word.lock", Sign: sign, Steps: steps}
}

func opened(tb testing.TB, c file.Config) *file.File {
	tb.Helper()
	f, err := file.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// put writes words in one transaction.
func put(ctx context.Context, f *file.File, words ...string) error {
	return f.Write(ctx, func(ctx context.Context, p file.Pen) error {
		for _, w := range words {
			if _, err := p.Exec(ctx, "INSERT INTO word (text) VALUES (?)", w); err != nil {
				return err
			}
		}
		return nil
	})
}

func words(ctx context.Context, a file.Asker) ([]string, error) {
	return file.Gather(ctx, a, file.Word, "SELECT text FROM word ORDER BY text")
}

func wantWords(ctx context.Context, tb testing.TB, a file.Asker, want ...string) {
	tb.Helper()
	got, err := words(ctx, a)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		tb.Error(diff, err)
	}
}

// TestSettings asks SQLite itself what holds on the connections, and who may write.
func TestSettings(t *testing.T) {
	t.Parallel()
	c := layout(filepath.Join(t.TempDir(), "new folder"))
	c.Pragmas = []string{"secure_delete(1)"}
	f := opened(t, c)
	settings := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "fullfsync": "1", "checkpoint_fullfsync": "1", "busy_timeout": "5000", "secure_delete": "1"}
	settled := func(ctx context.Context, a file.Asker) error {
		for pragma, want := range settings {
			if got, err := file.One(ctx, a, file.Word, "PRAGMA "+pragma); err != nil || got != want {
				t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
			}
		}
		return nil
	}
	err := f.Write(t.Context(), func(ctx context.Context, p file.Pen) error { return settled(ctx, p) })
	if err = errors.Join(err, settled(t.Context(), f), put(t.Context(), f, "a")); err != nil {
		t.Error(err)
	}
	if _, err := file.Gather(t.Context(), f, file.Word, "DELETE FROM word RETURNING text"); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a reader may write: %v", err)
	}
	about, err := os.Stat(f.Path())
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file is for %v, %v", about.Mode(), err)
	}
	c.Pragmas = []string{"synchronous(OFF)"}
	c.Directory, settings = t.TempDir(), map[string]string{"synchronous": "0"}
	if err := settled(t.Context(), opened(t, c)); err != nil {
		t.Error(err)
	}
}

// TestWhoMayOpen: nobody beside who has it, and nothing of others or of later times.
func TestWhoMayOpen(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*file.Config)
		want   error
	}{
		"another program has it":    {func(*file.Config) {}, file.ErrLocked},
		"another kind of file":      {func(c *file.Config) { c.Lock, c.Sign = "other.lock", 7 }, file.ErrForeign},
		"a file of a newer program": {func(c *file.Config) { c.Lock, c.Steps = "other.lock", fstest.MapFS{} }, file.ErrNewer},
		"no directory":              {func(c *file.Config) { c.Directory = "" }, file.ErrInvalid},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			held := layout(t.TempDir())
			f := opened(t, held)
			other := held
			c.change(&other)
			if _, err := file.Open(t.Context(), other); !errors.Is(err, c.want) || !strings.Contains(err.Error(), "word.db") {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err := errors.Join(put(t.Context(), f, "a"), f.Close(), f.Close()); err != nil {
				t.Error(err)
			}
			wantWords(t.Context(), t, opened(t, held), "a")
		})
	}
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Open(t.Context(), layout(filepath.Join(taken, "x"))); err == nil || !strings.Contains(err.Error(), "create data directory") {
		t.Errorf("%v", err)
	}
}

// TestAllOrNothing: what fails is taken back, with what the pen saw already.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	f := opened(t, layout(t.TempDir()))
	if err := put(t.Context(), f, "a"); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	err := f.Write(t.Context(), func(ctx context.Context, p file.Pen) error {
		n, err := p.Exec(ctx, "INSERT INTO word (text) VALUES ('b'), ('c')")
		if err != nil || n != 2 {
			t.Error(n, err)
		}
		wantWords(ctx, t, p, "a", "b", "c")
		wantWords(ctx, t, f, "a")
		return no
	})
	if !errors.Is(err, no) {
		t.Error(err)
	}
	if err := put(t.Context(), f, "d", "a"); err == nil || !strings.Contains(err.Error(), "UNIQUE") {
		t.Error(err)
	}
	if err := put(t.Context(), f, "e"); err != nil {
		t.Error(err)
	}
	wantWords(t.Context(), t, f, "a", "e")
}

// TestBroken: after an error of the disk nothing is tried again, and the next program may
// have the directory.
func TestBroken(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	for sentence, says := range map[string]struct {
		ends error
		text string
	}{
		"the commit fails":   {nil, "commit: "},
		"the way back fails": {no, "no\nroll back: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c := layout(t.TempDir())
			f := opened(t, c)
			lost := func(ctx context.Context, p file.Pen) error {
				if _, err := p.Exec(ctx, "ROLLBACK"); err != nil { // the transaction is gone
					t.Error(err)
				}
				return says.ends
			}
			if err := f.Write(t.Context(), lost); !errors.Is(err, file.ErrBroken) || !errors.Is(err, says.ends) && says.ends != nil || !strings.Contains(err.Error(), says.text) {
				t.Errorf("%v", err)
			}
			if err := put(t.Context(), f, "a"); !errors.Is(err, file.ErrBroken) {
				t.Errorf("%v", err)
			}
			if _, err := words(t.Context(), f); !errors.Is(err, file.ErrBroken) || !errors.Is(f.Refusal(), file.ErrBroken) {
				t.Errorf("%v, %v", err, f.Refusal())
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			wantWords(t.Context(), t, opened(t, c))
		})
	}
}

// TestTurns: many write one after the other, who gives up while they wait has written
// nothing, and Close waits for who writes.
func TestTurns(t *testing.T) {
	t.Parallel()
	c := layout(t.TempDir())
	f := opened(t, c)
	var all sync.WaitGroup
	writing, goOn := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		ctx, cancel := context.WithCancel(t.Context())
		err := f.Write(ctx, func(ctx context.Context, p file.Pen) error {
			close(writing)
			<-goOn
			cancel() // what has begun is finished
			_, err := p.Exec(ctx, "INSERT INTO word (text) VALUES ('first')")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-writing
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := put(ctx, f, "given up"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for n := range 8 {
		all.Go(func() {
			if err := put(t.Context(), f, fmt.Sprint("n", n)); err != nil {
				t.Error(err)
			}
		})
	}
	close(goOn)
	all.Wait()
	last := make(chan struct{})
	come := sync.OnceFunc(func() { close(last) })
	all.Go(func() {
		defer come()
		err := f.Write(t.Context(), func(ctx context.Context, p file.Pen) error {
			come()
			_, err := p.Exec(ctx, "INSERT INTO word (text) VALUES ('last')")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-last
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	if err := put(t.Context(), f, "late"); !errors.Is(err, file.ErrClosed) {
		t.Error(err)
	}
	if _, err := words(t.Context(), f); !errors.Is(err, file.ErrClosed) {
		t.Error(err)
	}
	wantWords(t.Context(), t, opened(t, c), "first", "last", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7")
}

// TestRows: what is missing, what does not fit, and times.
func TestRows(t *testing.T) {
	t.Parallel()
	f := opened(t, layout(t.TempDir()))
	if _, err := file.One(t.Context(), f, file.Word, "SELECT text FROM word"); !errors.Is(err, file.ErrUnknown) {
		t.Error(err)
	}
	if got, err := file.Gather(t.Context(), f, file.Number, "SELECT 1 UNION ALL SELECT 'x'"); err == nil || got != nil {
		t.Error(got, err)
	}
	for _, at := range []time.Time{{}, time.UnixMicro(0).UTC(), time.Date(2026, 11, 21, 3, 0, 0, 123_000, time.UTC)} {
		err := f.Write(t.Context(), func(ctx context.Context, p file.Pen) error {
			_, err := p.Exec(ctx, "INSERT OR REPLACE INTO word VALUES ('x', ?)", file.Micros(at))
			return err
		})
		got, asked := file.One(t.Context(), f, instant, "SELECT at_us FROM word")
		if err = errors.Join(err, asked); err != nil || got != at {
			t.Errorf("%v became %v: %v", at, got, err)
		}
	}
}

func instant(scan file.Scanner) (time.Time, error) {
	var us sql.NullInt64
	err := scan(&us)
	return file.Instant(us), err
}

// TestFaults are told all at once, and none are none.
func TestFaults(t *testing.T) {
	t.Parallel()
	var f file.Faults
	f.Add(nil)
	f.When(false, "nothing is wrong")
	if err := f.Err(); err != nil {
		t.Error(err)
	}
	f.Add(os.ErrNotExist)
	f.When(!file.Plain("a\nb", 9), "a line of %d", 2)
	f.When(!file.Plain("a\xff", 9), "no UTF-8")
	f.When(!file.Plain("four", 3), "too long")
	f.When(!file.Plain("four", 4), "as long as may be")
	if err := f.Err(); !errors.Is(err, file.ErrInvalid) || !errors.Is(err, os.ErrNotExist) || !strings.HasSuffix(err.Error(), "exist\na line of 2\nno UTF-8\ntoo long") {
		t.Error(err)
	}
}
